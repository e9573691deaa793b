//! A sheet of paper, of one page or several, on which those who came are: the pages are [`crate::sheet_page`].

use sea_orm::entity::prelude::*;

/// A sheet of paper, of one page or several, on which those who came are.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance_sheet")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which event.
    pub event_id: Uuid,
    /// Of which of its dates; null while nobody said.
    pub timeslot_id: Option<Uuid>,
    /// Who uploaded its first page; null once they are gone.
    pub person_id: Option<Uuid>,
    /// Where it stands.
    pub state: SheetState,
    /// Counts its changes.
    pub version: i32,
    /// When what it says was written into the attendance, first.
    pub applied_at: Option<DateTimeUtc>,
    /// When the pictures of its pages were deleted, because their time was over.
    pub images_deleted_at: Option<DateTimeUtc>,
    /// When anything of it changed last.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Where a sheet stands, from its first page to the attendance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum SheetState {
    /// Its pages can be looked at.
    Paged,
    /// People key what is on it.
    Transcribing,
    /// Everything is keyed; a host decides.
    Review,
    /// What it says is in the attendance.
    Applied,
    /// It was, and was taken back.
    Reverted,
    /// It is of no use.
    Rejected,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
