//! What a client may ask: types, inputs and thin resolvers. Nothing is decided here; see `domain`.
//!
//! GraphQL types are written by hand and never derived from rows, so that a new column is no new field.

mod account;
mod after;
mod announcement;
mod attendees;
mod bounds;
mod bulk;
mod calendar;
mod caller;
mod campaign;
mod campaign_mutations;
mod changes;
mod check_in;
mod consent;
mod date;
mod door;
mod door_pack;
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
mod role;
mod role_input;
mod role_mutations;
mod role_steps;
mod rsvp;
mod rsvp_changes;
mod rsvp_mutations;
mod search;
mod series;
mod session;
mod sheet;
mod sheet_print;
mod sign_in;
mod staff;
mod subscription;
mod timeslot;
mod transcript;
mod transcript_enums;
mod transcript_input;
mod transcript_mutations;
mod upload;
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

// A field is looked for in one part after the other, each within the one before, and each takes of the stack what the largest
// of them does: so parts are grouped, and no chain is longer than a dozen.

/// What can be read.
#[derive(MergedObject, Default)]
pub struct Query(Finding, Running, Knowing);

#[derive(MergedObject, Default)]
struct Finding(
    node::NodeQuery,
    search::SearchQuery,
    bounds::BoundsQuery,
    changes::ChangesQuery,
    event_queries::EventQuery,
    campaign::CampaignQuery,
);

#[derive(MergedObject, Default)]
struct Running(
    viewer::ViewerQuery,
    staff::StaffQuery,
    message::MessageQuery,
    host_link::HostLinkQuery,
    door_pack::DoorQuery,
    announcement::AnnouncementQuery,
);

#[derive(MergedObject, Default)]
struct Knowing(
    webhook::WebhookQuery,
    invitation::InvitationQuery,
    host::HostQuery,
    role::RoleQuery,
    transcript::TranscriptQuery,
    error_codes::ErrorCodeQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(OfPeople, OfDates, OfAnswers, OfStaff, OfSheets);

#[derive(MergedObject, Default)]
struct OfPeople(
    sign_in::SignInMutation,
    viewer::ViewerMutation,
    account::AccountMutation,
    event_mutations::EventMutation,
    event_mutations::ReviewMutation,
    hosting::HostingMutation,
    host_link::HostLinkMutation,
);

#[derive(MergedObject, Default)]
struct OfDates(
    host_contact::HostContactMutation,
    timeslot::TimeslotMutation,
    series::SeriesMutation,
    duplicate::DuplicateMutation,
    bulk::BulkMutation,
    campaign_mutations::CampaignMutation,
    rsvp_mutations::RsvpMutation,
);

#[derive(MergedObject, Default)]
struct OfAnswers(
    offer_mutations::OfferMutation,
    rsvp_changes::RsvpChangeMutation,
    attendees::ExportMutation,
    check_in::DoorMutation,
    announcement::AnnouncementMutation,
    upload::UploadMutation,
    sheet::SheetMutation,
);

#[derive(MergedObject, Default)]
struct OfStaff(
    invitation_mutations::InvitationMutation,
    staff::StaffMutation,
    host::HostMutation,
    after::AfterMutation,
    calendar::CalendarMutation,
    webhook_mutations::WebhookMutation,
    role_mutations::RoleMutation,
);

#[derive(MergedObject, Default)]
struct OfSheets(
    role_steps::RoleStepMutation,
    transcript_mutations::TranscriptMutation,
    sheet_print::SheetPrintMutation,
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
