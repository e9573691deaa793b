//! What those who answered for an event are still to be told, or were.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// What those who answered for an event are still to be told, or were. An event has one at most that is not closed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// About which event.
    pub event_id: Uuid,
    /// JSON array of the dates it is about, each as it was before. See `api::domain::event::notice::Date`.
    #[sea_orm(column_type = "Text")]
    pub dates: String,
    /// Whether it is about the event as a whole, so about every date to come.
    pub is_whole: bool,
    /// The event's private part as it was before, sealed JSON; null when that did not change.
    pub was: Option<SealedBytes>,
    /// What the hosts say beside, sealed.
    pub message: Option<SealedBytes>,
    /// When it goes out, unless there are further changes.
    pub due_at: DateTimeUtc,
    /// When it was decided what it says.
    pub closed_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
