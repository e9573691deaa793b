//! One refresh token of a session. Rotated on every use.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// One refresh token of a session. Rotated on every use.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// Key: SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// The family.
    pub session_id: Uuid,
    /// The idle end.
    pub expires_at: DateTimeUtc,
    /// When it was used up.
    pub replaced_at: Option<DateTimeUtc>,
    /// The token that replaced it, so that a repeated call within the grace time gets the same one.
    pub successor: Option<SealedBytes>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
