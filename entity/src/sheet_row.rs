//! A row of a page of a sheet: who is printed or written there, and what it means.

use sea_orm::entity::prelude::*;

use crate::{RowDecision, RowState, SealedBytes, SheetMark};

/// A row of a page of a sheet: who is printed or written there, and what it means.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sheet_row")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The page.
    pub page_id: Uuid,
    /// Its sheet.
    pub sheet_id: Uuid,
    /// Its event.
    pub event_id: Uuid,
    /// Which row of the page, from 1 on.
    pub number: i32,
    /// Who is printed there; null for a row that was empty.
    pub rsvp_id: Option<Uuid>,
    /// What is in its box, as a program saw it.
    pub mark: Option<SheetMark>,
    /// How sure it was of that, in thousandths.
    pub confidence: Option<i32>,
    /// How far its words are known.
    pub state: RowState,
    /// The words that people agree on, sealed JSON. See `api::domain::sheet::words`.
    pub words: Option<SealedBytes>,
    /// What it means; null until it is decided.
    pub decision: Option<RowDecision>,
    /// Who was there.
    pub person_id: Option<Uuid>,
    /// Whether that person was made when the sheet was applied.
    pub made: bool,
    /// The row that says the same.
    pub duplicate_of: Option<Uuid>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i32,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
