//! That a sheet was applied, and maybe undone.

use sea_orm::entity::prelude::*;

/// That a sheet was applied, and maybe undone.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sheet_application")]
pub struct Model {
    /// Key; names what it wrote.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The sheet.
    pub sheet_id: Uuid,
    /// Its event.
    pub event_id: Uuid,
    /// How many rows say that somebody was there or was not.
    pub rows: i32,
    /// Who applied it.
    pub applied_by: Option<Uuid>,
    /// When.
    pub applied_at: DateTimeUtc,
    /// Who undid it.
    pub reverted_by: Option<Uuid>,
    /// When it was undone.
    pub reverted_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
