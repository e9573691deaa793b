//! How long somebody worked in a role: what they say, and what a host says.

use sea_orm::entity::prelude::*;

/// How long somebody worked in a role: what they say, and what a host says.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "role_hours")]
pub struct Model {
    /// What they are to the role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub assignment_id: Uuid,
    /// Minutes that they say.
    pub proposed_minutes: Option<i32>,
    /// Minutes that a host says; these count.
    pub confirmed_minutes: Option<i32>,
    /// When somebody said so last.
    pub changed_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
