//! A code of an RSVP, for the door: written when somebody may come to know its hash, and when it is replaced.

use sea_orm::entity::prelude::*;

/// A code of an RSVP, for the door: written when somebody may come to know its hash, and when it is replaced.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "check_in_code")]
pub struct Model {
    /// The RSVP.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rsvp_id: Uuid,
    /// Counts the codes of the RSVP, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issue: i32,
    /// SHA-256 of the code.
    pub hash: Vec<u8>,
    /// When it was replaced by the next.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
