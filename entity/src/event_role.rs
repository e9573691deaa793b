//! Something that somebody does for an event.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// Something that somebody does for an event.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_role")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The date that it is for, and that its times follow.
    pub timeslot_id: Option<Uuid>,
    /// Of what kind it is.
    pub kind: RoleKind,
    /// The key of the template it was made of.
    pub template: Option<String>,
    /// One line.
    pub title: String,
    /// What to do.
    pub brief: String,
    /// JSON list of skills, in lower case.
    pub skills: String,
    /// With fewer people something is missing.
    pub min_people: i32,
    /// More do not hold it.
    pub max_people: i32,
    /// On site: from when.
    pub starts_at: Option<DateTimeUtc>,
    /// On site: until when.
    pub ends_at: Option<DateTimeUtc>,
    /// Whether these stay when the date is moved.
    pub own_times: bool,
    /// A task: until when it is to be done.
    pub due_at: Option<DateTimeUtc>,
    /// That many hours after the end of the date, or before its start if negative, if it follows the date.
    pub due_hours: Option<i32>,
    /// Whether people may volunteer.
    pub is_open: bool,
    /// Whether who volunteers holds it at once.
    pub open_to_all: bool,
    /// Sealed: what those who held it tell the next.
    pub notes: Option<SealedBytes>,
    /// Counts the changes of the row.
    pub version: i32,
    /// When the last change was.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Of what kind a role is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RoleKind {
    /// To be done at any time, perhaps until some time.
    Task,
    /// At the event, from some time until some time.
    OnSite,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
