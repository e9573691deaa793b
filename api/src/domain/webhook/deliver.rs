//! One attempt to tell a webhook something, and what is known after it.

use chrono::TimeDelta;
use entity::{WebhookEnd, WebhookKind, webhook, webhook_delivery};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::secret::signatures;
use crate::{app::App, refusal::Refusal};

/// After so many failures in a row, ...
const PATIENCE: i32 = 5;
/// ... only one attempt is made in this time, so that a receiver that is gone does not keep the worker from others.
const REST: TimeDelta = TimeDelta::seconds(60);

/// What is to be sent.
pub struct Sending {
    /// Where to.
    pub url: String,
    /// By which it is known who sends it.
    pub headers: Vec<(&'static str, String)>,
    /// What.
    pub body: Vec<u8>,
}

/// What to do about a delivery.
pub enum Begin {
    /// Send it.
    Send(Sending),
    /// Nothing: it is done, or its webhook is no more.
    Done,
    /// Nothing yet: the receiver fails, and others wait as well.
    Rest,
}

/// What is known after an attempt.
#[derive(Clone, Copy, Debug)]
pub enum Attempt {
    /// It was taken.
    Taken(u16),
    /// It was answered otherwise.
    Refused(u16),
    /// There was no answer, or nothing was sent.
    Failed(&'static str),
}

/// Looks at a delivery that is due.
pub async fn begin(app: &App, id: Uuid) -> Result<Begin, Refusal> {
    let db = app.db.writer();
    let Some(delivery) = webhook_delivery::Entity::find_by_id(id).one(db).await? else {
        return Ok(Begin::Done);
    };
    if delivery.delivered_at.is_some() || delivery.failed_at.is_some() {
        return Ok(Begin::Done);
    }
    let hook = webhook::Entity::find_by_id(delivery.webhook_id).one(db).await?;
    let Some(hook) = hook else {
        return Ok(Begin::Done);
    };
    let is_test = delivery.kind == WebhookKind::Test;
    if hook.disabled_at.is_some() && !is_test {
        let row = webhook_delivery::ActiveModel {
            failed_at: Set(Some(app.clock.now())),
            last_error: Set(Some("the webhook is disabled".to_owned())),
            ..Default::default()
        };
        write_delivery(app, id, row).await?;
        return Ok(Begin::Done);
    }
    let now = app.clock.now();
    let failed_lately = hook.failed_at.is_some_and(|at| at > now - REST);
    if hook.failures >= PATIENCE && failed_lately && !is_test {
        return Ok(Begin::Rest);
    }
    let timestamp = now.timestamp();
    let signature = signatures(app, &hook, (id, timestamp, &delivery.body))?;
    Ok(Begin::Send(Sending {
        url: hook.url,
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_string()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ],
        body: delivery.body.into_bytes(),
    }))
}

/// The attempts are used up, and the last was none.
pub async fn give_up(app: &App, id: Uuid) -> Result<(), Refusal> {
    let row = webhook_delivery::ActiveModel {
        failed_at: Set(Some(app.clock.now())),
        ..Default::default()
    };
    write_delivery(app, id, row).await
}

/// Writes down what came of an attempt, the last one or not. A receiver that is gone, or that has failed for
/// `webhooks.failing_hours`, is not told anything more.
pub async fn settle(app: &App, id: Uuid, attempt: Attempt, is_last: bool) -> Result<(), Refusal> {
    app.write(async |tx| {
        let delivery = webhook_delivery::Entity::find_by_id(id).one(tx.db()).await?;
        let Some(delivery) = delivery else { return Ok(()) };
        let now = tx.now();
        let (is_taken, status, error) = match attempt {
            Attempt::Taken(status) => (true, Some(i32::from(status)), None),
            Attempt::Refused(status) => (
                false,
                Some(i32::from(status)),
                Some(format!("it answered {status}")),
            ),
            Attempt::Failed(reason) => (false, None, Some(reason.to_owned())),
        };
        let is_gone = status == Some(410);
        let row = webhook_delivery::ActiveModel {
            attempts: Set(delivery.attempts + 1),
            last_status: Set(status),
            last_error: Set(error),
            delivered_at: Set(is_taken.then_some(now)),
            failed_at: Set((!is_taken && (is_last || is_gone)).then_some(now)),
            ..Default::default()
        };
        webhook_delivery::Entity::update_many()
            .set(row)
            .filter(webhook_delivery::Column::Id.eq(id))
            // What another worker was told that it was taken stays so.
            .filter(webhook_delivery::Column::DeliveredAt.is_null())
            .exec(tx.db())
            .await?;
        let hook = webhook::Entity::find_by_id(delivery.webhook_id)
            .one(tx.db())
            .await?;
        let Some(hook) = hook else { return Ok(()) };
        // Of a receiver that is well there is nothing to write.
        if is_taken && hook.failures == 0 {
            return Ok(());
        }
        let mut change = webhook::Entity::update_many().filter(webhook::Column::Id.eq(hook.id));
        if is_taken {
            change = change.set(webhook::ActiveModel {
                failures: Set(0),
                failing_since: Set(None),
                failed_at: Set(None),
                ..Default::default()
            });
        } else {
            let since = hook.failing_since.unwrap_or(now);
            let hours = TimeDelta::hours(app.config.webhooks.failing_hours);
            let end = match is_gone {
                true => Some(WebhookEnd::Gone),
                false => (now - since >= hours).then_some(WebhookEnd::Failing),
            };
            let end = end.filter(|_| hook.disabled_at.is_none());
            change = change
                .col_expr(
                    webhook::Column::Failures,
                    webhook::Column::Failures.into_expr().add(1),
                )
                .col_expr(webhook::Column::FailingSince, Expr::value(since))
                .col_expr(webhook::Column::FailedAt, Expr::value(now));
            if let Some(end) = end {
                tracing::warn!(webhook = %hook.id, ?end, "a webhook is disabled");
                change = change
                    .col_expr(webhook::Column::DisabledAt, Expr::value(now))
                    .col_expr(webhook::Column::DisabledReason, Expr::value(end));
            }
        }
        change.exec(tx.db()).await?;
        Ok(())
    })
    .await
}

async fn write_delivery(app: &App, id: Uuid, row: webhook_delivery::ActiveModel) -> Result<(), Refusal> {
    webhook_delivery::Entity::update_many()
        .set(row)
        .filter(webhook_delivery::Column::Id.eq(id))
        .filter(webhook_delivery::Column::DeliveredAt.is_null())
        .exec(app.db.writer())
        .await?;
    Ok(())
}
