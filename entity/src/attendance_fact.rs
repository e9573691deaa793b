//! One thing that was seen of somebody's being there. Never changed: a mistake is taken back by another fact.

use sea_orm::entity::prelude::*;

use crate::{AttendanceSource, CheckInReason, FactKind};

/// One thing that was seen of somebody's being there. Never changed: a mistake is taken back by another fact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance_fact")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is about; null for an UNDO whose fact has not come yet.
    pub attendance_id: Option<Uuid>,
    /// The event.
    pub event_id: Uuid,
    /// The date; null like `attendance_id`.
    pub timeslot_id: Option<Uuid>,
    /// What it says.
    pub kind: FactKind,
    /// When it happened, as far as that can be.
    pub at: DateTimeUtc,
    /// When we heard of it.
    pub received_at: DateTimeUtc,
    /// Where it is from.
    pub source: AttendanceSource,
    /// What made it: with `nonce` unique in the event, so that what is sent twice is one fact.
    pub client_id: String,
    /// Which one of its client.
    pub nonce: String,
    /// Of an UNDO: the client of the fact that it takes back.
    pub undoes_client: Option<String>,
    /// Of an UNDO: the nonce of the fact that it takes back.
    pub undoes_nonce: Option<String>,
    /// Of an IN: how many came in.
    pub party_size: Option<i32>,
    /// What was not as it should be when it was kept.
    pub remark: Option<CheckInReason>,
    /// Which host or organizer it is from.
    pub by_person: Option<Uuid>,
    /// Which host link it is from.
    pub by_link: Option<Uuid>,
    /// The row of a sheet that it is from.
    pub sheet_row_id: Option<Uuid>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
