//! An address that said stop. Outlives the person.

use sea_orm::entity::prelude::*;

use crate::Channel;

/// An address that said stop. Outlives the person.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suppression")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which channel.
    pub channel: Channel,
    /// Id of the key of `value_index`.
    pub index_key: String,
    /// Blind index of the address.
    pub value_index: Vec<u8>,
    /// How it was said.
    pub reason: String,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
