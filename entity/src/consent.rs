//! What a person granted or withdrew: a ledger, whose newest row counts.

use sea_orm::entity::prelude::*;

use crate::{Channel, ConsentSource, Purpose};

/// What a person granted or withdrew: a ledger, whose newest row counts.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who said so.
    pub person_id: Uuid,
    /// For which channel.
    pub channel: Channel,
    /// For which messages.
    pub purpose: Purpose,
    /// Granted; or withdrawn.
    pub granted: bool,
    /// Names the text that was shown.
    pub text_version: String,
    /// Where it was said.
    pub source: ConsentSource,
    /// When it was said.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
