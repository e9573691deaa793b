//! A read of contact details, an export or a role change: who, what, why, whom. Never their data.

use sea_orm::entity::prelude::*;

/// A read of contact details, an export or a role change: who, what, why, whom. Never their data.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// Who did it; null for the command line.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub kind: String,
    /// Why, in the actor's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// Ids of the people concerned, or of the events or campaigns where the kind begins with `event.` or `campaign.`; a
    /// JSON array.
    #[sea_orm(column_type = "Text")]
    pub subjects: String,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
