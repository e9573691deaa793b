//! A secret link that gives whoever has it some rights at one event. Its token is stored as a hash only.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// A secret link that gives whoever has it some rights at one event. Its token is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "host_link")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Whom the hosts gave it to, in their words; sealed.
    pub label: SealedBytes,
    /// Whether it may change what the event says, and its dates.
    pub may_change: bool,
    /// Whether it may read who answered.
    pub may_see_rsvps: bool,
    /// Who made it; null when they are gone.
    pub created_by: Option<Uuid>,
    /// When it stops working.
    pub expires_at: DateTimeUtc,
    /// When it was taken back.
    pub revoked_at: Option<DateTimeUtc>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTimeUtc>,
    /// When it was recorded last that it read who answered.
    pub read_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
