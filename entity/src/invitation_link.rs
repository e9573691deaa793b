//! A link by which whoever has it is invited to an event. Its token is stored as a hash only.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// A link by which whoever has it is invited to an event. Its token is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation_link")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To which event.
    pub event_id: Uuid,
    /// Who made it.
    pub made_by: Option<Uuid>,
    /// Sealed: what its hosts call it.
    pub label: Option<SealedBytes>,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// When it stops working.
    pub expires_at: Option<DateTimeUtc>,
    /// How many people may answer with it; null is unlimited.
    pub most_uses: Option<i32>,
    /// How many people answered with it.
    pub uses: i32,
    /// When it was taken back.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
