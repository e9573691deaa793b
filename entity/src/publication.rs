//! An event that was published. Outlives the event, so that it can be told that one is gone.

use sea_orm::entity::prelude::*;

/// An event that was published.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// Key: the event, which may be gone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// When what the public may know of it changed last, or it went off the map.
    pub changed_at: DateTimeUtc,
    /// Since when everybody may find it, or could; null for one that never was PUBLIC.
    pub listed_at: Option<DateTimeUtc>,
    /// Since when nobody finds it any more. One that is over stays.
    pub removed_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
