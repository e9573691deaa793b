//! A request that was carried out, by the key its client gave it.

use sea_orm::entity::prelude::*;

/// A request that was carried out, by the key its client gave it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// HMAC of caller, mutation and key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    /// HMAC of the input.
    pub input: Vec<u8>,
    /// The row that the request made, where it cannot be found from the input.
    pub result_id: Option<Uuid>,
    /// When it was carried out.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
