//! A signed-in device: one family of refresh tokens.

use sea_orm::entity::prelude::*;

/// A signed-in device: one family of refresh tokens.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Key; the `sid` of access tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who signed in.
    pub person_id: Uuid,
    /// What the device calls itself, such as `Firefox, Android`: out of a short list, null if it is none of that.
    pub device: Option<String>,
    /// When a token of the family was last refreshed.
    pub last_used_at: DateTimeUtc,
    /// The absolute end, whatever is refreshed.
    pub expires_at: DateTimeUtc,
    /// When it was ended.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
