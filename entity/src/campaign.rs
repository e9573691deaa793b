//! What organizers call for, and what events may be part of.

use sea_orm::entity::prelude::*;

/// What organizers call for, and what events may be part of.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// One line.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Markdown.
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// Markdown: what its events keep to, in the present version. Empty when there is nothing to accept.
    #[sea_orm(column_type = "Text")]
    pub guidelines: String,
    /// Counts the texts of its guidelines, from 1.
    pub guidelines_version: i32,
    /// When it was closed for new events.
    pub archived_at: Option<DateTimeUtc>,
    /// Where it was imported from.
    pub origin_system: Option<String>,
    /// Its id there.
    pub origin_id: Option<String>,
    /// Counts the changes of this row.
    pub version: i32,
    /// When the row changed last.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
