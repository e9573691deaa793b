//! Whether somebody was there on one date of an event: what follows from the facts about it.

use sea_orm::entity::prelude::*;

use crate::{AttendanceSource, SealedBytes};

/// Whether somebody was there on one date of an event: what follows from the facts about it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The date.
    pub timeslot_id: Uuid,
    /// Who; null once that is forgotten.
    pub person_id: Option<Uuid>,
    /// What they had answered; null for a walk-in, and once it is forgotten who it was.
    pub rsvp_id: Option<Uuid>,
    /// The name that was told at the door or stands on a sheet, sealed JSON; null where the RSVP has it.
    pub name: Option<SealedBytes>,
    /// Whether they came; null where nothing is known.
    pub came: Option<bool>,
    /// How many came, the person included.
    pub party_size: i32,
    /// When they first came in.
    pub first_in_at: Option<DateTimeUtc>,
    /// When they went out, if they are not in again.
    pub out_at: Option<DateTimeUtc>,
    /// Where it is known from; null where nothing is known.
    pub source: Option<AttendanceSource>,
    /// Whether they were registered: written when who they were is forgotten, and null until then.
    pub was_expected: Option<bool>,
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
