//! Anything by its global id.

use async_graphql::{Context, ID, Interface, Object, Result};

use super::{
    after::PastAttendance,
    announcement::Announcement,
    caller::{actor_of, app_of},
    campaign::Campaign,
    door_pack::WalkIn,
    event::Event,
    history::EventChange,
    host::HostStanding,
    id::{self, Kind},
    invitation::{Invitation, InvitationLink},
    participant::Participant,
    role::RoleAssignment,
    rsvp::{Attendee, Rsvp},
    series::Series,
    session::Session,
    sheet::{AttendanceSheet, SheetPage},
    staff::StaffMember,
    timeslot::Timeslot,
    transcript::SheetTask,
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
    /// That the viewer was at a date of an event.
    PastAttendance(PastAttendance),
    /// A sheet of those who came, for those who run the event.
    AttendanceSheet(AttendanceSheet),
    /// One page of such a sheet.
    SheetPage(SheetPage),
    /// Where an admin wants to be told of what happens.
    Webhook(Webhook),
    /// One thing that a webhook is told, for admins.
    WebhookDelivery(WebhookDelivery),
    /// Somebody who came without an RSVP, for those who run the event.
    WalkIn(WalkIn),
    /// A person who hosts, for organizers.
    HostStanding(HostStanding),
    /// What somebody is to a role, for themselves and for those who run the event.
    RoleAssignment(RoleAssignment),
    /// A page of an attendance sheet to read, for whoever may.
    SheetTask(SheetTask),
}

/// `node(id)`.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its global id, if the caller may know of it; NOT_FOUND otherwise. RSVPs, attendees, participants,
    /// invitations, walk-ins, announcements, changes, sheets, their pages, attendances, sessions, roles, webhooks and hosts are
    /// UNAUTHENTICATED for who is not signed in; staff roles and webhooks are FORBIDDEN for all but admins, and hosts for all but
    /// organizers.
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
        | Kind::Role
        | Kind::SheetRow
        | Kind::HostMessage
        | Kind::Upload => Err(Refusal::input(&["id"], "is of a type that is not a node").into()),
        Kind::Announcement => Ok(Node::Announcement(
            domain::announcement::find(app, actor, key).await?.into(),
        )),
        Kind::RoleAssignment => Ok(Node::RoleAssignment(
            domain::role::find(app, actor, key).await?.into(),
        )),
        Kind::PastAttendance => Ok(Node::PastAttendance(
            domain::after::find_mine(app, actor, key).await?.into(),
        )),
        Kind::AttendanceSheet => Ok(Node::AttendanceSheet(
            domain::sheet::find(app, actor, key).await?.into(),
        )),
        Kind::SheetPage => Ok(Node::SheetPage(
            domain::sheet::find_page(app, actor, key).await?.into(),
        )),
        Kind::SheetTask => Ok(Node::SheetTask(
            domain::transcript::find_task(app, actor, key).await?.into(),
        )),
        Kind::Session => Ok(Node::Session(
            domain::session::find_mine(app, actor, key).await?.into(),
        )),
        Kind::WalkIn => Ok(Node::WalkIn(
            domain::door::find_walk_in(app, actor, key).await?.into(),
        )),
        Kind::Webhook => Ok(Node::Webhook(
            domain::webhook::find(app, actor, key).await?.into(),
        )),
        Kind::WebhookDelivery => Ok(Node::WebhookDelivery(
            domain::webhook::find_delivery(app, actor, key).await?.into(),
        )),
    }
}
