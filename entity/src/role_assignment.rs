//! What somebody is to a role: one row for each person, however often they are asked.

use sea_orm::entity::prelude::*;

use crate::SealedBytes;

/// What somebody is to a role.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "role_assignment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The role.
    pub role_id: Uuid,
    /// Its event.
    pub event_id: Uuid,
    /// Who.
    pub person_id: Uuid,
    /// Where it stands.
    pub status: RoleStatus,
    /// OFFERED: until when it can be accepted.
    pub expires_at: Option<DateTimeUtc>,
    /// Sealed: why it was declined, withdrawn or released.
    pub reason: Option<SealedBytes>,
    /// Sealed: why a host lets somebody hold it beside another role at the same time.
    pub overlap_reason: Option<SealedBytes>,
    /// The assignment that ends when this one is accepted.
    pub replaces: Option<Uuid>,
    /// Counts the changes of the row.
    pub version: i32,
    /// When the last change was.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Where an assignment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RoleStatus {
    /// A host asks.
    Offered,
    /// Somebody would do it, and a host decides.
    Volunteered,
    /// Held.
    Accepted,
    /// The person said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// Taken back before it was held.
    Withdrawn,
    /// Was held, and is no more.
    Released,
    /// It was done.
    Fulfilled,
    /// It was not.
    Missed,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
