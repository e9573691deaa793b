//! One date of an event, with its seats.

use sea_orm::entity::prelude::*;

/// One date of an event, with its seats.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "timeslot")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// Start.
    pub starts_at: DateTimeUtc,
    /// End, after the start.
    pub ends_at: DateTimeUtc,
    /// Seats; null is unlimited.
    pub capacity: Option<i32>,
    /// Seats given away, those of unconfirmed RSVPs included. Never above the capacity.
    pub taken: i32,
    /// Those of `taken` that belong to unconfirmed RSVPs.
    pub held: i32,
    /// Whether what is free is not for new answers: those who wait come first, or the event was called off.
    pub waitlist_first: bool,
    /// When it was called off.
    pub cancelled_at: Option<DateTimeUtc>,
    /// Its id where it was imported from.
    pub origin_id: Option<String>,
    /// The series it is of.
    pub series_id: Option<Uuid>,
    /// The local start that the rule of its series gave it; stays when it is moved by itself.
    pub occurrence: Option<DateTime>,
    /// When it was changed or called off by itself, so that edits of its series leave it alone.
    pub excepted_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i32,
    /// When the row changed last.
    pub changed_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
