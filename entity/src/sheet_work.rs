//! What is done about a page of a sheet: how it was read, who has it now, how often people read it.

use sea_orm::entity::prelude::*;

use crate::PageReading;

/// What is done about a page of a sheet: how it was read, who has it now, how often people read it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sheet_work")]
pub struct Model {
    /// The page.
    #[sea_orm(primary_key, auto_increment = false)]
    pub page_id: Uuid,
    /// Its sheet.
    pub sheet_id: Uuid,
    /// Its event.
    pub event_id: Uuid,
    /// What became of reading it.
    pub reading: PageReading,
    /// The printed sheet that it is a page of.
    pub print_id: Option<Uuid>,
    /// Which page of that, from 1 on.
    pub print_page: Option<i32>,
    /// How many people shall read it: 1 or 2.
    pub wanted: i32,
    /// How many have read it to its end.
    pub finished: i32,
    /// Who was the first of them.
    pub first_reader: Option<Uuid>,
    /// Who has it.
    pub holder: Option<Uuid>,
    /// Until when, if they are not heard of.
    pub held_until: Option<DateTimeUtc>,
    /// Rises whenever somebody takes it.
    pub fence: i32,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
