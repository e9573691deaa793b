//! One thing that a webhook is told.

use sea_orm::entity::prelude::*;

use crate::WebhookKind;

/// One thing that a webhook is told.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// Key, and the id by which the receiver knows a repeat.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whom it is for.
    pub webhook_id: Uuid,
    /// What happened.
    pub kind: WebhookKind,
    /// What is sent, byte for byte the same at each attempt. Ids only.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// How often it was sent.
    pub attempts: i32,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
    /// When it was taken.
    pub delivered_at: Option<DateTimeUtc>,
    /// When it was given up.
    pub failed_at: Option<DateTimeUtc>,
    /// When it happened.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
