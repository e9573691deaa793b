//! What a client may ask: types, inputs and thin resolvers. Nothing is decided here; see `domain`.
//!
//! GraphQL types are written by hand and never derived from rows, so that a new column is no new field.

mod account;
mod announcement;
mod attendees;
mod bounds;
mod bulk;
mod calendar;
mod caller;
mod campaign;
mod campaign_mutations;
mod changes;
mod consent;
mod date;
mod duplicate;
mod enums;
mod error_codes;
pub mod errors;
mod event;
mod event_input;
mod event_mutations;
mod event_queries;
mod facets;
mod history;
mod host;
mod host_contact;
mod host_link;
mod hosting;
pub mod id;
mod invitation;
mod invitation_mutations;
pub mod json;
mod loaders;
mod message;
mod node;
mod offer_mutations;
mod page;
mod participant;
mod place;
mod plain;
pub mod precheck;
mod question;
mod review;
mod rsvp;
mod rsvp_changes;
mod rsvp_mutations;
mod search;
mod series;
mod session;
mod sign_in;
mod staff;
mod subscription;
mod timeslot;
mod viewer;
mod webhook;
mod webhook_mutations;

pub use caller::Caller;
pub use subscription::Subscription;

use std::sync::Arc;

use async_graphql::{MergedObject, SDLExportOptions, SchemaBuilder};

use crate::app::App;

/// The whole API.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// What can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    search::SearchQuery,
    bounds::BoundsQuery,
    changes::ChangesQuery,
    event_queries::EventQuery,
    campaign::CampaignQuery,
    viewer::ViewerQuery,
    staff::StaffQuery,
    message::MessageQuery,
    host_link::HostLinkQuery,
    announcement::AnnouncementQuery,
    webhook::WebhookQuery,
    invitation::InvitationQuery,
    host::HostQuery,
    error_codes::ErrorCodeQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    sign_in::SignInMutation,
    viewer::ViewerMutation,
    account::AccountMutation,
    event_mutations::EventMutation,
    event_mutations::ReviewMutation,
    hosting::HostingMutation,
    host_link::HostLinkMutation,
    host_contact::HostContactMutation,
    timeslot::TimeslotMutation,
    series::SeriesMutation,
    duplicate::DuplicateMutation,
    bulk::BulkMutation,
    campaign_mutations::CampaignMutation,
    rsvp_mutations::RsvpMutation,
    offer_mutations::OfferMutation,
    rsvp_changes::RsvpChangeMutation,
    attendees::ExportMutation,
    announcement::AnnouncementMutation,
    invitation_mutations::InvitationMutation,
    staff::StaffMutation,
    host::HostMutation,
    calendar::CalendarMutation,
    webhook_mutations::WebhookMutation,
);

/// The schema without an app: for printing it.
pub fn bare_schema() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
}

/// The contract: what `schema.graphql` is.
pub fn printed() -> String {
    let options = SDLExportOptions::new().include_specified_by();
    bare_schema().finish().sdl_with_options(options)
}

/// The schema that answers for `app`.
pub fn schema(app: &Arc<App>) -> Schema {
    bare_schema()
        .limit_complexity(app.config.graphql.complexity)
        .data(Arc::clone(app))
        .finish()
}
