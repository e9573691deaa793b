//! The roles that a campaign suggests to its events.

use sea_orm::entity::prelude::*;

/// The roles that a campaign suggests to its events.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_roles")]
pub struct Model {
    /// Key: the campaign.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// JSON: see `api::domain::role::Template`.
    pub templates: String,
    /// Whether they take the place of the usual ones.
    pub replaces: bool,
    /// Counts the changes.
    pub version: i32,
    /// When the last one was.
    pub changed_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
