//! A host of an event, with the only name the public sees.

use sea_orm::entity::prelude::*;

use crate::HostKind;

/// A host of an event, with the only name the public sees.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_host")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// Person or sponsor.
    pub kind: HostKind,
    /// Who; null for a sponsor.
    pub person_id: Option<Uuid>,
    /// As the host wants to be called at this event.
    pub public_name: String,
    /// As they want to be called instead, while that waits for a reviewer.
    #[sea_orm(column_type = "Text", nullable)]
    pub wanted_name: Option<String>,
    /// Was made the first host by the one before. Where nobody was, the oldest person is.
    pub leads: bool,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
