//! What a client may ask: types, inputs and thin resolvers. Nothing is decided here; see `domain`.
//!
//! GraphQL types are written by hand and never derived from rows, so that a new column is no new field.

mod caller;
mod enums;
mod error_codes;
pub mod errors;
mod event;
mod event_input;
mod event_mutations;
mod id;
mod loaders;
mod page;
mod place;
pub mod precheck;
mod rsvp;
mod rsvp_mutations;
mod search;
mod sign_in;
mod staff;
mod timeslot;
mod viewer;

pub use caller::Caller;

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription, ID, Interface, MergedObject, Object, Result, SchemaBuilder};

use crate::{app::App, domain};
use caller::{actor_of, app_of};
use id::Kind;

/// The whole API.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// What can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    search::SearchQuery,
    event::EventQuery,
    viewer::ViewerQuery,
    staff::StaffQuery,
    error_codes::ErrorCodeQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    sign_in::SignInMutation,
    viewer::ViewerMutation,
    event_mutations::EventMutation,
    event_mutations::ReviewMutation,
    timeslot::TimeslotMutation,
    rsvp_mutations::RsvpMutation,
    staff::StaffMutation,
);

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id: its type and its key, such as `event:0199…`."))]
pub enum Node {
    /// An event.
    Event(event::Event),
    /// One of the viewer's RSVPs.
    Rsvp(rsvp::Rsvp),
}

/// `node(id)`.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its global id, if the caller may know of it. NOT_FOUND otherwise.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Option<Result<Node>> {
        Some(node(ctx, &id).await)
    }
}

async fn node(ctx: &Context<'_>, id: &ID) -> Result<Node> {
    let (kind, key) = id::read(id, &["id"])?;
    let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
    match kind {
        Kind::Event => Ok(Node::Event(domain::event::find(app, actor, key).await?.into())),
        Kind::Rsvp => Ok(Node::Rsvp(domain::rsvp::find_mine(app, actor, key).await?.into())),
        Kind::Timeslot | Kind::Person | Kind::StaffRole => {
            Err(crate::refusal::Refusal::input(&["id"], "is of a type that is not a node").into())
        }
    }
}

/// The schema without an app: for printing it.
pub fn bare_schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}

/// The schema that answers for `app`.
pub fn schema(app: &Arc<App>) -> Schema {
    bare_schema()
        .data(Arc::clone(app))
        .finish()
}
