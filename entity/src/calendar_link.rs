//! The address of a person's calendar feed. Its token is stored as a hash only.

use sea_orm::entity::prelude::*;

/// The address of a person's calendar feed. Its token is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_link")]
pub struct Model {
    /// Key: whose dates it shows. A person has one at most.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// When the link was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
