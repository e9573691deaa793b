//! Somebody who was invited to an event: by an address a host typed in, or by a link they answered with.

use sea_orm::entity::prelude::*;

use crate::{InvitationStatus, SealedBytes};

/// Somebody who was invited to an event: by an address a host typed in, or by a link they answered with.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To which event.
    pub event_id: Uuid,
    /// Who was invited; null until somebody answers the mail.
    pub person_id: Option<Uuid>,
    /// The link they came by; null for an invitation by mail.
    pub link_id: Option<Uuid>,
    /// Sealed: the address it was mailed to.
    pub contact: Option<SealedBytes>,
    /// Id of the key of `value_index`.
    pub index_key: Option<String>,
    /// Blind index of the address.
    pub value_index: Option<Vec<u8>>,
    /// Sealed: what the host wrote.
    pub note: Option<SealedBytes>,
    /// SHA-256 of the token in the mail.
    pub token_hash: Option<Vec<u8>>,
    /// Where it stands.
    pub status: InvitationStatus,
    /// Who invited by mail.
    pub invited_by: Option<Uuid>,
    /// How many mails it was worth, in the 24 hours after the first: an invitation may be taken back and made again.
    pub mails: i32,
    /// When the mail's link stops working; of a link that was not confirmed, when somebody answered with it.
    pub expires_at: Option<DateTimeUtc>,
    /// When it was answered.
    pub answered_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
