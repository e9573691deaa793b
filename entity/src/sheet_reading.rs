//! What one person, or a program, read in a row.

use sea_orm::entity::prelude::*;

use crate::{ReadingSource, SealedBytes};

/// What one person, or a program, read in a row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sheet_reading")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The row.
    pub row_id: Uuid,
    /// Who read it, or whose program did; null when they are gone.
    pub reader: Option<Uuid>,
    /// Who or what read it.
    pub source: ReadingSource,
    /// What it says, sealed JSON. See `api::domain::sheet::words`.
    pub words: SealedBytes,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
