//! What a host wrote to those who answered for an event.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// What a host wrote to those who answered for an event.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "announcement")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// About which event.
    pub event_id: Uuid,
    /// Who wrote it; null once they are gone.
    pub person_id: Option<Uuid>,
    /// Sealed JSON: the words, and to whom. See `api::domain::announcement::Content`.
    pub content: SealedBytes,
    /// People for whom it was left to send so far.
    pub recipients: i32,
    /// In how many parts.
    pub part: i32,
    /// The last of these people by id, while there are more.
    pub reached: Option<Uuid>,
    /// When the row was made: who answers later does not get it.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
