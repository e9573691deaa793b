//! An event as an import wants it, before it is a row.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::HostKind;
use uuid::Uuid;

use crate::domain::event::Content;

/// An event as an import wants it.
#[derive(Clone)]
pub struct Draft {
    /// Its id where it comes from.
    pub origin_id: String,
    /// What the source says of it.
    pub content: Content,
    /// Whether the source knows what is Turnout's own: how one joins, questions, the waitlist's rule, gathering, accessibility
    /// features, when the address and who sees the attendees. Otherwise those that are there stay.
    pub has_own: bool,
    /// The zone that `content` names.
    pub zone: Tz,
    /// Whether one can take part online, even if the source does not tell where.
    pub is_virtual: bool,
    /// The campaign it is part of, if the source says so; otherwise it stays in the one it is in.
    pub campaign: Option<CampaignDraft>,
    /// Who invites.
    pub host: HostDraft,
    /// Its dates.
    pub timeslots: Vec<TimeslotDraft>,
    /// Ids of dates that could not be read: rows they have already stay as they are.
    pub unreadable_timeslots: Vec<String>,
}

/// A campaign of the source.
#[derive(Clone, Debug)]
pub struct CampaignDraft {
    /// Its id where it comes from.
    pub origin_id: String,
    /// What it is called when it is new here.
    pub name: String,
}

/// Who invites to an event.
#[derive(Clone, Debug)]
pub struct HostDraft {
    /// Person or sponsor.
    pub kind: HostKind,
    /// Who; none for a sponsor.
    pub person_id: Option<Uuid>,
    /// As the public sees it.
    pub public_name: String,
}

/// One date of an event.
#[derive(Clone, Debug)]
pub struct TimeslotDraft {
    /// Its id where it comes from; unique within the event.
    pub origin_id: String,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// End, after the start.
    pub ends_at: DateTime<Utc>,
    /// Seats; none is unlimited.
    pub capacity: Option<i32>,
    /// When it was called off.
    pub cancelled_at: Option<DateTime<Utc>>,
}
