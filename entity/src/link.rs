//! A link that was mailed. Its token is stored as a hash only.

use sea_orm::entity::prelude::*;

use crate::LinkPurpose;

/// A link that was mailed. Its token is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    /// Key: SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// What following it does.
    pub purpose: LinkPurpose,
    /// The RSVP it is about.
    pub rsvp_id: Option<Uuid>,
    /// The invitation to host it is about.
    pub host_invitation_id: Option<Uuid>,
    /// For how many it confirms the RSVP.
    pub party_size: Option<i32>,
    /// For an address it is about: id of the key of `value_index`.
    pub index_key: Option<String>,
    /// Blind index of that address.
    pub value_index: Option<Vec<u8>>,
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
