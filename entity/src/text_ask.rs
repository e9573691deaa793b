//! A text that somebody asked for: counted, so that nobody asks for thousands. Says nothing of who, or to which number.

use sea_orm::entity::prelude::*;

/// A text that somebody asked for: counted, so that nobody asks for thousands. Says nothing of who, or to which number.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "text_ask")]
pub struct Model {
    /// Key: that of the code it brings, if it brings one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Id of the key of `prefix_index`.
    pub index_key: String,
    /// Blind index of the number's first digits.
    pub prefix_index: Vec<u8>,
    /// Whether it brings a code; otherwise a link.
    pub is_code: bool,
    /// When the code was used.
    pub used_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
