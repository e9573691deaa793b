//! That somebody accepted a version of a campaign's guidelines.

use sea_orm::entity::prelude::*;

/// That somebody accepted a version of a campaign's guidelines.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "guidelines_acceptance")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which campaign.
    pub campaign_id: Uuid,
    /// Who.
    pub person_id: Uuid,
    /// Which version.
    pub version: i32,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
