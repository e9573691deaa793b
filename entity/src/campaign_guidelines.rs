//! Guidelines of a campaign in one version, so that it stays known what somebody accepted.

use sea_orm::entity::prelude::*;

/// Guidelines of a campaign in one version, so that it stays known what somebody accepted.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_guidelines")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which campaign.
    pub campaign_id: Uuid,
    /// Which version.
    pub version: i32,
    /// Markdown.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
