//! Where somebody wants to be told by HTTP of what happens.

use sea_orm::entity::prelude::*;

use crate::{SealedBytes, WebhookEnd};

/// Where somebody wants to be told by HTTP of what happens.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Where to.
    #[sea_orm(column_type = "Text")]
    pub url: String,
    /// JSON array of the kinds it wants to be told of.
    #[sea_orm(column_type = "Text")]
    pub kinds: String,
    /// What deliveries are signed with, sealed JSON.
    pub secret: SealedBytes,
    /// The secret before it.
    pub previous_secret: Option<SealedBytes>,
    /// Until when deliveries are signed with that one too.
    pub previous_until: Option<DateTimeUtc>,
    /// Attempts that failed since the last that did not.
    pub failures: i32,
    /// Since when all of them do.
    pub failing_since: Option<DateTimeUtc>,
    /// When the last of them did.
    pub failed_at: Option<DateTimeUtc>,
    /// Since when nothing is sent there.
    pub disabled_at: Option<DateTimeUtc>,
    /// Why.
    pub disabled_reason: Option<WebhookEnd>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
