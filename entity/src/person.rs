//! A person: an activist, a host, a member of staff. May never have signed in.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// A person: an activist, a host, a member of staff. May never have signed in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Given and family name, sealed JSON; null until they are told.
    pub name: Option<SealedBytes>,
    /// How they want to be spoken of, sealed; null until it is told.
    pub pronouns: Option<SealedBytes>,
    /// BCP 47 tag of the language messages are written in.
    pub language: String,
    /// BCP 47 tags of the languages they speak, a JSON array.
    #[sea_orm(column_type = "Text")]
    pub languages: String,
    /// IANA name of the time zone they live in; null until it is told.
    pub timezone: Option<String>,
    /// H3 cell of resolution 6 the person lives in: the only place that is stored.
    pub cell: Option<i64>,
    /// Random; puts the people of a cell into an order nobody chose.
    pub shuffle: i32,
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
