//! What somebody writes to the hosts of an event, or they answer.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// What somebody writes to the hosts of an event, or they answer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "host_message")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// Who writes.
    pub person_id: Uuid,
    /// Of an answer: what it answers.
    pub answers: Option<Uuid>,
    /// The text, sealed.
    pub body: SealedBytes,
    /// Whether the writer wants their address to be known.
    pub shares_address: bool,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Who may read how a host is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ContactVisibility {
    /// Everybody.
    Public,
    /// People registered for it, and its hosts.
    AfterRsvp,
    /// Its hosts; others write through us.
    Relayed,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
