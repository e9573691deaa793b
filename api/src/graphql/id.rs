//! Global ids: a type and a key, legible, so that a wrong one says so.

use async_graphql::ID;
use uuid::Uuid;

use crate::refusal::Refusal;

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Event,
    Timeslot,
    Series,
    Rsvp,
    Attendee,
    Participant,
    Invitation,
    InvitationLink,
    Person,
    StaffRole,
    Question,
    Session,
    Campaign,
    Host,
    HostStanding,
    HostInvitation,
    HostLink,
    HostMessage,
    EventChange,
    Announcement,
    Webhook,
    WebhookDelivery,
}

impl Kind {
    const ALL: [Self; 22] = [
        Self::Event,
        Self::Timeslot,
        Self::Series,
        Self::Rsvp,
        Self::Attendee,
        Self::Participant,
        Self::Invitation,
        Self::InvitationLink,
        Self::Person,
        Self::StaffRole,
        Self::Question,
        Self::Session,
        Self::Campaign,
        Self::Host,
        Self::HostStanding,
        Self::HostInvitation,
        Self::HostLink,
        Self::HostMessage,
        Self::EventChange,
        Self::Announcement,
        Self::Webhook,
        Self::WebhookDelivery,
    ];

    fn prefix(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Timeslot => "timeslot",
            Self::Series => "series",
            Self::Rsvp => "rsvp",
            Self::Attendee => "attendee",
            Self::Participant => "participant",
            Self::Invitation => "invitation",
            Self::InvitationLink => "invitation-link",
            Self::Person => "person",
            Self::StaffRole => "staff-role",
            Self::Question => "question",
            Self::Session => "session",
            Self::Campaign => "campaign",
            Self::Host => "host",
            Self::HostStanding => "host-standing",
            Self::HostInvitation => "host-invitation",
            Self::HostLink => "host-link",
            Self::HostMessage => "host-message",
            Self::EventChange => "event-change",
            Self::Announcement => "announcement",
            Self::Webhook => "webhook",
            Self::WebhookDelivery => "webhook-delivery",
        }
    }
}

/// The global id of an event, for what is not GraphQL.
pub fn of_event(key: Uuid) -> String {
    global(Kind::Event, key).0
}

/// The global id of a campaign, for what is not GraphQL.
pub fn of_campaign(key: Uuid) -> String {
    global(Kind::Campaign, key).0
}

/// The event of a global id.
pub fn event_of(id: &str) -> Option<Uuid> {
    key_of(Kind::Event, &ID(id.to_owned()), &["id"]).ok()
}

/// The global id of a row.
pub(super) fn global(kind: Kind, key: Uuid) -> ID {
    ID(format!("{}:{key}", kind.prefix()))
}

/// Type and key of a global id; BAD_USER_INPUT at `path` when it is none.
pub(super) fn read(id: &ID, path: &[&str]) -> Result<(Kind, Uuid), Refusal> {
    let parts = id.split_once(':').and_then(|(prefix, key)| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
        Some((kind, key.parse().ok()?))
    });
    parts.ok_or_else(|| Refusal::input(path, "is not an id of this service"))
}

/// The key of an id that must be of `kind`.
pub(super) fn key_of(kind: Kind, id: &ID, path: &[&str]) -> Result<Uuid, Refusal> {
    match read(id, path)? {
        (found, key) if found == kind => Ok(key),
        (found, _) => {
            let problem = format!("is the id of a {}, not of a {}", found.prefix(), kind.prefix());
            Err(Refusal::input(path, problem))
        }
    }
}
