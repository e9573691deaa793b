//! Webhooks and their deliveries, for admins.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{webhook as rows, webhook_delivery};
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of},
    enums::{WebhookEnd, WebhookKind},
    id::{Kind, global},
    page::{self, Rows},
};
use crate::domain::webhook;

/// Where an admin wants to be told by HTTP of what happens. Deliveries are signed as Standard Webhooks has it, and say by
/// ids what happened.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Webhook {
    #[graphql(skip)]
    key: Uuid,
    /// Where to.
    url: String,
    /// What it is told of.
    kinds: Vec<WebhookKind>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Since when nothing is sent there; null while it is enabled.
    disabled_at: Option<DateTime<Utc>>,
    /// Why.
    disabled_reason: Option<WebhookEnd>,
    /// Since when every attempt has failed; null when the last one did not.
    failing_since: Option<DateTime<Utc>>,
    /// Until when deliveries are signed with the secret before this one as well; null when it was never changed.
    previous_secret_until: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl Webhook {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Webhook, self.key)
    }

    /// What it was told, or is about to be, newest first; kept for 30 days.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Result<Rows<WebhookDelivery>> {
        let app = app_of(ctx);
        let page = page::args(app, first, after, last, before)?;
        let rows = webhook::deliveries(app, actor_of(ctx).await?, self.key, &page).await?;
        Ok(page::rows(rows, WebhookDelivery::from))
    }
}

/// One thing that a webhook is told.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct WebhookDelivery {
    #[graphql(skip)]
    key: Uuid,
    /// What happened.
    kind: WebhookKind,
    /// What is sent: JSON, the same at each attempt.
    body: String,
    /// Where it stands.
    state: WebhookDeliveryState,
    /// How often it was sent.
    attempts: i32,
    /// The HTTP status of the last answer; null when there was none.
    last_status: Option<i32>,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// When it happened.
    created_at: DateTime<Utc>,
    /// When it was taken.
    delivered_at: Option<DateTime<Utc>>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum WebhookDeliveryState {
    /// It is sent soon, or once more.
    Pending,
    /// It was taken.
    Delivered,
    /// It was given up.
    Failed,
}

#[ComplexObject]
impl WebhookDelivery {
    /// Global id. Its key is the `webhook-id` of the delivery.
    pub(super) async fn id(&self) -> ID {
        global(Kind::WebhookDelivery, self.key)
    }
}

/// Queries of webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// All webhooks, the oldest first. For admins.
    async fn webhooks(&self, ctx: &Context<'_>) -> Option<Result<Vec<Webhook>>> {
        Some(all(ctx).await)
    }
}

async fn all(ctx: &Context<'_>) -> Result<Vec<Webhook>> {
    let rows = webhook::list(app_of(ctx), actor_of(ctx).await?).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

impl From<rows::Model> for Webhook {
    fn from(row: rows::Model) -> Self {
        Self {
            key: row.id,
            kinds: webhook::kinds_of(&row.kinds)
                .into_iter()
                .map(Into::into)
                .collect(),
            url: row.url,
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            disabled_reason: row.disabled_reason.map(Into::into),
            failing_since: row.failing_since,
            previous_secret_until: row.previous_until,
        }
    }
}

impl From<webhook_delivery::Model> for WebhookDelivery {
    fn from(row: webhook_delivery::Model) -> Self {
        let state = match (row.delivered_at, row.failed_at) {
            (Some(_), _) => WebhookDeliveryState::Delivered,
            (None, Some(_)) => WebhookDeliveryState::Failed,
            (None, None) => WebhookDeliveryState::Pending,
        };
        Self {
            key: row.id,
            kind: row.kind.into(),
            body: row.body,
            state,
            attempts: row.attempts,
            last_status: row.last_status,
            last_error: row.last_error,
            created_at: row.created_at,
            delivered_at: row.delivered_at,
        }
    }
}
