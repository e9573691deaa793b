//! A one-time code that was asked for.

use sea_orm::entity::prelude::*;

use crate::{Channel, CodePurpose, SealedBytes};

/// A one-time code that was asked for.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_code")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is for.
    pub purpose: CodePurpose,
    /// Who asked for it and alone may use it; null for signing in.
    pub person_id: Option<Uuid>,
    /// How it is sent.
    pub channel: Channel,
    /// The address, sealed.
    pub value: SealedBytes,
    /// Id of the key of `value_index`.
    pub index_key: String,
    /// Blind index of the address.
    pub value_index: Vec<u8>,
    /// HMAC of the code; null until it is sent, because only the sending job knows it.
    pub code_hash: Option<Vec<u8>>,
    /// How often somebody guessed.
    pub tries: i32,
    /// When it stops working.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
