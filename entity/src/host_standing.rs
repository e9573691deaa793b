//! What an organizer's decisions say of a host.

use sea_orm::entity::prelude::*;

/// What an organizer's decisions say of a host.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "host_standing")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    /// How many of their events organizers approved.
    pub approved: i32,
    /// How many of those since one was sent back or taken down, or trust was taken back.
    pub streak: i32,
    /// Since when they are trusted; null when they are not.
    pub trusted_at: Option<DateTimeUtc>,
    /// The organizer who said so; null when it came of approvals.
    pub trusted_by: Option<Uuid>,
    /// When the row changed last.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
