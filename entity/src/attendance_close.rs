//! That the hosts have said who came to a date: whoever was registered and was not seen did not come.

use sea_orm::entity::prelude::*;

/// That the hosts have said who came to a date: whoever was registered and was not seen did not come.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance_close")]
pub struct Model {
    /// The date.
    #[sea_orm(primary_key, auto_increment = false)]
    pub timeslot_id: Uuid,
    /// Its event.
    pub event_id: Uuid,
    /// When they said so.
    pub closed_at: DateTimeUtc,
    /// When it was forgotten who came, so that nothing follows for anybody any more.
    pub forgotten_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
