//! A change of an event: what, by whom, from where.

use sea_orm::entity::prelude::*;

/// A change of an event: what, by whom, from where.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_change")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// What was done.
    pub kind: ChangeKind,
    /// By which way.
    pub source: ChangeSource,
    /// As what.
    pub role: ChangeRole,
    /// Who did it; null for whoever is no person, or is gone.
    pub person_id: Option<Uuid>,
    /// By which host link.
    pub host_link_id: Option<Uuid>,
    /// The device it was done on, in words such as `Firefox, Android`.
    pub device: Option<String>,
    /// JSON array of the fields. See `api::domain::event::FieldChange`.
    #[sea_orm(column_type = "Text")]
    pub fields: String,
}

/// What was done to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChangeKind {
    /// It was made.
    Created,
    /// What it says was changed.
    Edited,
    /// It was handed in for review.
    Submitted,
    /// It was published.
    Published,
    /// It was sent back.
    Rejected,
    /// It was called off.
    Cancelled,
    /// It was taken down.
    Suppressed,
    /// It was put back.
    Reinstated,
    /// Dates were added.
    DatesAdded,
    /// Dates were changed.
    DatesChanged,
    /// Dates were called off.
    DatesCancelled,
    /// Somebody was asked to host it as well.
    HostInvited,
    /// Somebody hosts it as well.
    HostJoined,
    /// A host left.
    HostLeft,
    /// A host was removed.
    HostRemoved,
    /// Another host is the first one.
    HandedOver,
    /// A host link was made.
    LinkMade,
    /// A host link was taken back.
    LinkRevoked,
}

/// By which way something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChangeSource {
    /// A request about this event.
    Api,
    /// A request about dates of a series.
    Series,
    /// A request about many events.
    Bulk,
    /// An import.
    Import,
}

/// As what somebody did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChangeRole {
    /// A host of the event.
    Host,
    /// Somebody of the staff.
    Organizer,
    /// Whoever has a host link.
    Link,
    /// A job, or a command of the operator.
    System,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
