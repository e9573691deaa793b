//! That somebody wants no more announcements about an event.

use sea_orm::entity::prelude::*;

/// That somebody wants no more announcements about an event.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_mute")]
pub struct Model {
    /// About which event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    /// When they said so.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
