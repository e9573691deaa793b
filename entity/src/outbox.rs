//! A job. The row is the job; the queue only carries its id.

use sea_orm::entity::prelude::*;

use crate::Lane;

/// A job. The row is the job; the queue only carries its id.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which queue.
    pub lane: Lane,
    /// Which job.
    pub kind: String,
    /// Its JSON.
    #[sea_orm(column_type = "Text")]
    pub payload: String,
    /// How often it was claimed.
    pub attempts: i32,
    /// When it may run; while it runs, when its lease ends.
    pub due_at: DateTimeUtc,
    /// When its id was last put into the queue.
    pub rung_at: Option<DateTimeUtc>,
    /// When it was finished.
    pub done_at: Option<DateTimeUtc>,
    /// When it was given up.
    pub failed_at: Option<DateTimeUtc>,
    /// Why, without personal data.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
    /// At most one job with this key is waiting or done.
    pub unique_key: Option<String>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
