//! Dates of an event that one rule made.

use sea_orm::entity::prelude::*;

/// Dates of an event that one rule made. The dates themselves are timeslots.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "series")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// RRULE of RFC 5545, which ends by UNTIL on the local day of its last date.
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    /// Local start of its first date.
    pub local_start: DateTime,
    /// How long a date takes.
    pub duration_minutes: i32,
    /// Seats of a date; null is unlimited.
    pub capacity: Option<i32>,
    /// IANA name of the zone its local times are in.
    pub timezone: String,
    /// JSON array of local days on which there is none.
    #[sea_orm(column_type = "Text")]
    pub except_on: String,
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
