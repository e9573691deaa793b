//! A whole number for something, for programs that know no other ids.

use sea_orm::entity::prelude::*;

/// A whole number for something.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "number")]
pub struct Model {
    /// Key: the number, counted up by the database.
    #[sea_orm(primary_key)]
    pub value: i64,
    /// What it is of: the key of a row, or a hash of a name.
    pub id: Uuid,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
