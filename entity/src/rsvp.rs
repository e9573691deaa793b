//! A person's answer for a timeslot.

use sea_orm::entity::prelude::*;

use crate::{RsvpStatus, SealedBytes};

/// A person's answer for a timeslot.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rsvp")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For which date.
    pub timeslot_id: Uuid,
    /// Of which event.
    pub event_id: Uuid,
    /// Whose answer.
    pub person_id: Uuid,
    /// What it means.
    pub status: RsvpStatus,
    /// How many come, the person included.
    pub party_size: i32,
    /// How many of the timeslot's seats it holds: the party's, or none.
    pub seats: i32,
    /// The name as it was given, sealed JSON.
    pub name: SealedBytes,
    /// Guests' names and answers to the event's questions, sealed JSON; null when there are none.
    pub details: Option<SealedBytes>,
    /// Since when it waits: its place in the queue.
    pub waitlisted_at: Option<DateTimeUtc>,
    /// Until when the seats it was offered are kept for it; only while they are.
    pub offer_expires_at: Option<DateTimeUtc>,
    /// UTM fields and address the answer came from, JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub referrer: Option<String>,
    /// When a host approved it, or invited who gave it; null once it was taken back.
    pub approved_at: Option<DateTimeUtc>,
    /// Whether others who come may read given name and initial, where the event has such a list.
    pub listed: bool,
    /// What others bring who come by its owner's link; null until that is asked for.
    pub share_code: Option<String>,
    /// The RSVP whose link it came by.
    pub shared_by: Option<Uuid>,
    /// When the link in the mail was followed.
    pub confirmed_at: Option<DateTimeUtc>,
    /// When the person said once more that they will be there.
    pub attendance_confirmed_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i32,
    /// When the row changed last.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
