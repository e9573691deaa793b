//! A file that somebody may send, and has sent once it is used. The token of its address is stored as a hash only.

use sea_orm::entity::prelude::*;

/// A file that somebody may send, and has sent once it is used. The token of its address is stored as a hash only.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "upload")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who may send it; null once they are gone.
    pub person_id: Option<Uuid>,
    /// The session they asked in: when it ends, nothing more is taken.
    pub session_id: Uuid,
    /// What it is for.
    pub purpose: UploadPurpose,
    /// Of which event.
    pub event_id: Uuid,
    /// Of which of its dates, if somebody said.
    pub timeslot_id: Option<Uuid>,
    /// The sheet it belongs to: given, or made when the file came.
    pub sheet_id: Option<Uuid>,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// How many bytes it has, as was said.
    pub bytes: i32,
    /// How often somebody began to send it.
    pub tries: i32,
    /// Until when it may be sent.
    pub expires_at: DateTimeUtc,
    /// When it had come.
    pub used_at: Option<DateTimeUtc>,
    /// SHA-256 of what came, while its pages are kept: the same file is not kept twice for one event.
    pub hash: Option<Vec<u8>>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum UploadPurpose {
    /// Pages of an attendance sheet.
    AttendanceSheet,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
