//! Anything by its global id.

use async_graphql::{Context, ID, Interface, Object, Result};

use super::{
    announcement::Announcement,
    caller::{actor_of, app_of},
    campaign::Campaign,
    event::Event,
    history::EventChange,
    host::HostStanding,
    id::{self, Kind},
    invitation::{Invitation, InvitationLink},
    participant::Participant,
    rsvp::{Attendee, Rsvp},
    series::Series,
    session::Session,
    staff::StaffMember,
    timeslot::Timeslot,
    webhook::{Webhook, WebhookDelivery},
};
use crate::{domain, refusal::Refusal};

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Global id: its type and its key, such as `event:0199…`."
))]
pub enum Node {
    /// An event.
    Event(Event),
    /// One date of an event.
    Timeslot(Timeslot),
    /// Dates of an event that one rule made.
    Series(Series),
    /// One of the viewer's RSVPs.
    Rsvp(Rsvp),
    /// Somebody's RSVP, for those who run the event.
    Attendee(Attendee),
    /// Somebody who comes, for others who come.
    Participant(Participant),
    /// Somebody invited by mail, for those who run the event.
    Invitation(Invitation),
    /// A link by which people are invited, for those who run the event.
    InvitationLink(InvitationLink),
    /// A role somebody holds, for admins.
    StaffMember(StaffMember),
    /// A device the viewer is signed in on.
    Session(Session),
    /// What organizers call for.
    Campaign(Campaign),
    /// What was changed of an event, for those who run it.
    EventChange(EventChange),
    /// What a host wrote to those who answered, for those who run the event.
    Announcement(Announcement),
    /// Where an admin wants to be told of what happens.
    Webhook(Webhook),
    /// One thing that a webhook is told, for admins.
    WebhookDelivery(WebhookDelivery),
    /// A person who hosts, for organizers.
    HostStanding(HostStanding),
}

/// `node(id)`.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its global id, if the caller may know of it; NOT_FOUND otherwise. RSVPs, attendees, participants,
    /// invitations, announcements, changes, sessions, roles, webhooks and hosts are UNAUTHENTICATED for who is not signed in;
    /// roles and webhooks are FORBIDDEN for all but admins, and hosts for all but organizers.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Result<Node>> {
        Some(node(ctx, &id).await)
    }
}

async fn node(ctx: &Context<'_>, id: &ID) -> Result<Node> {
    let (kind, key) = id::read(id, &["id"])?;
    let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
    match kind {
        Kind::Event => Ok(Node::Event(domain::event::find(app, actor, key).await?.into())),
        Kind::Rsvp => Ok(Node::Rsvp(domain::rsvp::find_mine(app, actor, key).await?.into())),
        Kind::Timeslot => {
            let (slot, timezone) = domain::event::find_timeslot(app, actor, key).await?;
            Ok(Node::Timeslot(Timeslot::of_row(&slot, timezone)))
        }
        Kind::Series => {
            let row = domain::event::find_series(app, actor, key).await?;
            Ok(Node::Series(row.into()))
        }
        Kind::Attendee => Ok(Node::Attendee(
            domain::rsvp::find_attendee(app, actor, key).await?.into(),
        )),
        Kind::Participant => Ok(Node::Participant(
            domain::rsvp::find_participant(app, actor, key).await?.into(),
        )),
        Kind::Invitation => Ok(Node::Invitation(
            domain::invitation::find_invitation(app, actor, key).await?.into(),
        )),
        Kind::InvitationLink => Ok(Node::InvitationLink(
            domain::invitation::find_link(app, actor, key).await?.into(),
        )),
        Kind::StaffRole => Ok(Node::StaffMember(
            domain::staff::find(app, actor, key).await?.into(),
        )),
        Kind::HostStanding => Ok(Node::HostStanding(
            domain::host::find(app, actor, key).await?.into(),
        )),
        Kind::Campaign => Ok(Node::Campaign(domain::campaign::find(app, key).await?.into())),
        Kind::EventChange => Ok(Node::EventChange(
            domain::event::find_change(app, actor, key).await?.into(),
        )),
        Kind::Person
        | Kind::Question
        | Kind::Host
        | Kind::HostInvitation
        | Kind::HostLink
        | Kind::HostMessage => Err(Refusal::input(&["id"], "is of a type that is not a node").into()),
        Kind::Announcement => Ok(Node::Announcement(
            domain::announcement::find(app, actor, key).await?.into(),
        )),
        Kind::Session => Ok(Node::Session(
            domain::session::find_mine(app, actor, key).await?.into(),
        )),
        Kind::Webhook => Ok(Node::Webhook(
            domain::webhook::find(app, actor, key).await?.into(),
        )),
        Kind::WebhookDelivery => Ok(Node::WebhookDelivery(
            domain::webhook::find_delivery(app, actor, key).await?.into(),
        )),
    }
}
