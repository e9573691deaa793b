//! An export of those who answered for an event. The token of its link is stored as a hash only.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// An export of those who answered for an event. The token of its link is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attendee_export")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who asked for it.
    pub person_id: Uuid,
    /// The session they asked in: when it ends, the link does.
    pub session_id: Uuid,
    /// Of which event.
    pub event_id: Uuid,
    /// Sealed JSON: which RSVPs, and in which form. See `api::domain::rsvp::export`.
    pub asked: SealedBytes,
    /// How many RSVPs it had when it was asked for.
    pub rows: i32,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// When the link stops working.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
    /// When the row was made: RSVPs made later are not in it.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
