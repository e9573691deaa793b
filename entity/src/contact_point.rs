//! An address a person is reached at: sealed, found by blind index.

use sea_orm::entity::prelude::*;

use crate::{Channel, SealedBytes};

/// An address a person is reached at: sealed, found by blind index.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_point")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub person_id: Uuid,
    /// Mail or text.
    pub channel: Channel,
    /// The normalised address, sealed.
    pub value: SealedBytes,
    /// Id of the key that `value_index` was made with.
    pub index_key: String,
    /// HMAC-SHA-256 of the normalised address.
    pub value_index: Vec<u8>,
    /// When the person proved that they read it.
    pub verified_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
