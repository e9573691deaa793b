//! Somebody is asked to host an event as well.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// Somebody is asked to host an event as well.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "host_invitation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// Who asks; null when they are gone.
    pub invited_by: Option<Uuid>,
    /// Who is asked, if they were named by their account; who accepted, once somebody did.
    pub person_id: Option<Uuid>,
    /// Sealed JSON: address and public name. See `api::domain::event::invitations`.
    pub details: SealedBytes,
    /// For an address: id of the key of `value_index`.
    pub index_key: Option<String>,
    /// Blind index of the address.
    pub value_index: Option<Vec<u8>>,
    /// Where it stands.
    pub status: HostInvitationStatus,
    /// When it can no longer be accepted.
    pub expires_at: DateTimeUtc,
    /// When it was accepted, declined or taken back.
    pub closed_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum HostInvitationStatus {
    /// Nobody answered it yet.
    Open,
    /// Whoever was asked hosts the event.
    Accepted,
    /// Whoever was asked said no.
    Declined,
    /// The hosts took it back.
    Revoked,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
