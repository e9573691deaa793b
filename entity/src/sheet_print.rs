//! An attendance sheet that was printed: whose name is where. The token of its link is stored as a hash only.

use sea_orm::entity::prelude::*;

use crate::PaperSize;

/// An attendance sheet that was printed: whose name is where. The token of its link is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sheet_print")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The date.
    pub timeslot_id: Uuid,
    /// Who asked for it; null when they are gone.
    pub person_id: Option<Uuid>,
    /// The session they asked in: when it ends, the link does.
    pub session_id: Uuid,
    /// Counts the sheets of an event; stands in the code of each page.
    pub version: i32,
    /// The size of the paper.
    pub paper: PaperSize,
    /// BCP 47 tag of the language of its words.
    pub language: String,
    /// JSON: for each page the RSVPs of its rows and how many empty rows follow. See `api::domain::sheet::print`.
    #[sea_orm(column_type = "Text")]
    pub pages: String,
    /// How many names are on it.
    pub names: i32,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// When the link stops working.
    pub expires_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
