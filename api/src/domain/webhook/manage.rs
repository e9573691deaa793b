//! What admins do with webhooks.

use chrono::TimeDelta;
use entity::{StaffRole, WebhookEnd, WebhookKind, webhook, webhook_delivery};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::{Secret, leave_rows, row};
use crate::{
    app::{App, Tx},
    channel::http::{self, Reach},
    domain::{
        Actor, audit,
        idempotency::{self, IdempotencyKey},
        page::{Page, PageArgs},
    },
    outbox::Job,
    refusal::{Problems, Refusal},
};

/// A longer address is refused.
const LONGEST: usize = 2_000;

/// A webhook that an admin wants.
pub struct NewWebhook {
    /// Where to.
    pub url: String,
    /// What it is told of.
    pub kinds: Vec<WebhookKind>,
}

/// What shall be otherwise; what is absent stays.
#[derive(Default)]
pub struct WebhookChange {
    /// Where to.
    pub url: Option<String>,
    /// What it is told of.
    pub kinds: Option<Vec<WebhookKind>>,
    /// Whether anything is sent there.
    pub enabled: Option<bool>,
}

/// All of them, the oldest first. For admins.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<webhook::Model>, Refusal> {
    actor.require(StaffRole::Admin)?;
    let all = webhook::Entity::find().order_by_asc(webhook::Column::Id);
    Ok(all.all(app.db.reader()).await?)
}

/// One of them. For admins; NOT_FOUND.
pub async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<webhook::Model, Refusal> {
    actor.require(StaffRole::Admin)?;
    let found = webhook::Entity::find_by_id(id).one(app.db.reader()).await?;
    found.ok_or(Refusal::NotFound("webhook"))
}

/// What a webhook was told, or is about to be, newest first. For admins; NOT_FOUND.
pub async fn deliveries(
    app: &App,
    actor: &Actor,
    webhook_id: Uuid,
    page: &PageArgs,
) -> Result<Page<webhook_delivery::Model>, Refusal> {
    find(app, actor, webhook_id).await?;
    let query = webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(webhook_id));
    let query = page.by_id(query, webhook_delivery::Column::Id, Order::Desc);
    let rows = query.all(app.db.reader()).await?;
    Ok(page.cut_by_id(rows, |row| row.id))
}

/// One delivery. For admins; NOT_FOUND.
pub async fn find_delivery(app: &App, actor: &Actor, id: Uuid) -> Result<webhook_delivery::Model, Refusal> {
    actor.require(StaffRole::Admin)?;
    let found = webhook_delivery::Entity::find_by_id(id)
        .one(app.db.reader())
        .await?;
    found.ok_or(Refusal::NotFound("webhook delivery"))
}

/// Makes a webhook; its secret is told only now. For admins; BAD_USER_INPUT.
pub async fn create(
    app: &App,
    actor: &Actor,
    new: NewWebhook,
    key: Option<&IdempotencyKey>,
) -> Result<(webhook::Model, Option<Secret>), Refusal> {
    actor.require(StaffRole::Admin)?;
    let again = async |id: Option<Uuid>| Ok((find(app, actor, id.unwrap_or_default()).await?, None));
    let action = async || create_once(app, actor, &new, key).await;
    idempotency::run(app, key, action, again).await
}

async fn create_once(
    app: &App,
    actor: &Actor,
    new: &NewWebhook,
    key: Option<&IdempotencyKey>,
) -> Result<(webhook::Model, Option<Secret>), Refusal> {
    let mut problems = Problems::default();
    check(app, Some(&new.url), Some(&new.kinds), &mut problems);
    problems.finish()?;
    let (id, secret) = (Uuid::now_v7(), Secret::make()?);
    let made = app
        .write(async |tx| {
            idempotency::claim(tx, key, Some(id)).await?;
            let most = app.config.webhooks.most;
            if webhook::Entity::find().count(tx.db()).await? >= most {
                let problem = format!("would be one more than {most}");
                return Err(Refusal::input(&["input", "url"], problem));
            }
            let row = webhook::ActiveModel {
                id: Set(id),
                url: Set(new.url.clone()),
                kinds: Set(names(&new.kinds)),
                secret: Set(secret.seal(app, id)?),
                previous_secret: Set(None),
                previous_until: Set(None),
                failures: Set(0),
                failing_since: Set(None),
                failed_at: Set(None),
                disabled_at: Set(None),
                disabled_reason: Set(None),
                created_at: Set(tx.now()),
            };
            audit::record(tx, actor, "webhook.create", &[]).await?;
            Ok(webhook::Entity::insert(row).exec_with_returning(tx.db()).await?)
        })
        .await?;
    app.listeners.changed();
    Ok((made, Some(secret)))
}

/// Changes a webhook. One that is enabled again begins anew. For admins; NOT_FOUND, BAD_USER_INPUT.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: Uuid,
    change: WebhookChange,
) -> Result<webhook::Model, Refusal> {
    find(app, actor, id).await?;
    let mut problems = Problems::default();
    check(app, change.url.as_ref(), change.kinds.as_deref(), &mut problems);
    problems.finish()?;
    let changed = app
        .write(async |tx| {
            let old = locked(tx, id).await?;
            let mut row = webhook::ActiveModel {
                id: Unchanged(id),
                ..Default::default()
            };
            if let Some(url) = &change.url {
                row.url = Set(url.clone());
            }
            if let Some(kinds) = &change.kinds {
                row.kinds = Set(names(kinds));
            }
            match change.enabled {
                Some(true) => {
                    row.disabled_at = Set(None);
                    row.disabled_reason = Set(None);
                    row.failures = Set(0);
                    row.failing_since = Set(None);
                    row.failed_at = Set(None);
                }
                Some(false) if old.disabled_at.is_none() => {
                    row.disabled_at = Set(Some(tx.now()));
                    row.disabled_reason = Set(Some(WebhookEnd::Disabled));
                }
                _ => {}
            }
            if !row.is_changed() {
                return Ok(old);
            }
            audit::record(tx, actor, "webhook.update", &[]).await?;
            Ok(row.update(tx.db()).await?)
        })
        .await?;
    app.listeners.changed();
    Ok(changed)
}

/// Removes a webhook and what is known of its deliveries. For admins; NOT_FOUND.
pub async fn delete(app: &App, actor: &Actor, id: Uuid) -> Result<(), Refusal> {
    find(app, actor, id).await?;
    app.write(async |tx| {
        let gone = webhook::Entity::delete_by_id(id).exec(tx.db()).await?;
        if gone.rows_affected == 0 {
            return Err(Refusal::NotFound("webhook"));
        }
        audit::record(tx, actor, "webhook.delete", &[]).await
    })
    .await
}

/// Gives a webhook a new secret, told only now; the one before it is good for `webhooks.rotation_hours` more. For admins;
/// NOT_FOUND.
pub async fn rotate(app: &App, actor: &Actor, id: Uuid) -> Result<(webhook::Model, Secret), Refusal> {
    find(app, actor, id).await?;
    let secret = Secret::make()?;
    let hours = TimeDelta::hours(app.config.webhooks.rotation_hours);
    let row = app
        .write(async |tx| {
            let old = locked(tx, id).await?;
            let row = webhook::ActiveModel {
                id: Unchanged(id),
                secret: Set(secret.seal(app, id)?),
                previous_secret: Set(Some(old.secret)),
                previous_until: Set(Some(tx.now() + hours)),
                ..Default::default()
            };
            audit::record(tx, actor, "webhook.rotate", &[]).await?;
            Ok(row.update(tx.db()).await?)
        })
        .await?;
    Ok((row, secret))
}

/// Sends something that says nothing, even to one that is disabled. For admins; NOT_FOUND.
pub async fn test(app: &App, actor: &Actor, id: Uuid) -> Result<webhook_delivery::Model, Refusal> {
    find(app, actor, id).await?;
    let delivery = app
        .write(async |tx| {
            let webhook = json!({"webhookId": format!("webhook:{id}")});
            let made = row(id, WebhookKind::Test, &webhook, tx.now());
            let delivery = made.0;
            leave_rows(tx, vec![made]).await?;
            Ok(delivery)
        })
        .await?;
    find_delivery(app, actor, delivery).await
}

/// Sends a delivery once more, under the same id: a receiver that had it knows it. For admins; NOT_FOUND, and CONFLICT for
/// one that is still under way.
pub async fn replay(app: &App, actor: &Actor, id: Uuid) -> Result<webhook_delivery::Model, Refusal> {
    find_delivery(app, actor, id).await?;
    app.write(async |tx| {
        let found = webhook_delivery::Entity::find_by_id(id)
            .lock_exclusive()
            .one(tx.db())
            .await?;
        let found = found.ok_or(Refusal::NotFound("webhook delivery"))?;
        if found.delivered_at.is_none() && found.failed_at.is_none() {
            return Err(Refusal::Conflict("It is under way already."));
        }
        let row = webhook_delivery::ActiveModel {
            id: Unchanged(id),
            delivered_at: Set(None),
            failed_at: Set(None),
            ..Default::default()
        };
        tx.enqueue(&Job::DeliverWebhook { delivery_id: id }, tx.now())
            .await?;
        Ok(row.update(tx.db()).await?)
    })
    .await
}

async fn locked(tx: &Tx, id: Uuid) -> Result<webhook::Model, Refusal> {
    let found = webhook::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx.db())
        .await?;
    found.ok_or(Refusal::NotFound("webhook"))
}

fn check(app: &App, url: Option<&String>, kinds: Option<&[WebhookKind]>, problems: &mut Problems) {
    if let Some(url) = url {
        let reach = reach(app);
        match http::read(url, reach) {
            Ok(url) if url.scheme() == "https" || reach == Reach::Anywhere => {}
            Ok(_) => problems.add("input.url", "must begin with https://"),
            Err(failure) => problems.add("input.url", format!("cannot be sent to: {}", failure.reason())),
        }
        let plain = !url.contains(|c: char| c.is_control() || c.is_whitespace());
        problems.check(plain, "input.url", "has blanks or control characters");
        problems.check(
            url.len() <= LONGEST,
            "input.url",
            format!("has more than {LONGEST} characters"),
        );
    }
    if let Some(kinds) = kinds {
        problems.check(!kinds.is_empty(), "input.kinds", "must not be empty");
        let is_given = kinds.contains(&WebhookKind::Test);
        problems.check(
            !is_given,
            "input.kinds",
            "cannot have TEST, which is asked for by itself",
        );
    }
}

/// Where webhooks may be.
pub fn reach(app: &App) -> Reach {
    match app.config.webhooks.anywhere {
        true => Reach::Anywhere,
        false => Reach::Public,
    }
}

fn names(kinds: &[WebhookKind]) -> String {
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let names: Vec<String> = kinds.iter().map(ActiveEnum::to_value).collect();
    json!(names).to_string()
}
