//! A role somebody was granted.

use sea_orm::entity::prelude::*;

use crate::StaffRole;

/// A role somebody was granted.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_role")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who holds it.
    pub person_id: Uuid,
    /// What they may do.
    pub role: StaffRole,
    /// Who granted it; null for the command line.
    pub granted_by: Option<Uuid>,
    /// When it was taken back.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
