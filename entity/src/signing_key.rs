//! A key that signs access tokens.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// A key that signs access tokens.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Key; the `kid` of tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Ed25519 seed, sealed.
    pub seed: SealedBytes,
    /// From when it signs; published before.
    pub active_at: DateTimeUtc,
    /// From when its tokens are refused.
    pub retired_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
