//! The key that signs what is shown at the door of an event: codes of those who come, and pages of sheets.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// The key that signs what is shown at the door of an event: codes of those who come, and pages of sheets.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_key")]
pub struct Model {
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// Ed25519 seed, sealed.
    pub seed: SealedBytes,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
