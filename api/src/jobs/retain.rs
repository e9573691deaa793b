//! Deletes rows whose time is over, once a day.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    attendee_export, event_change, host_invitation, host_link, host_message, idempotency_key, link, notice,
    outbox as rows, publication, refresh_token, session, sign_in_code, text_ask, webhook_delivery,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::{
    app::App,
    domain::{idempotency, invitation},
    jobs::JobError,
    outbox::{self, Job},
    refusal::Refusal,
};

const DAY: TimeDelta = TimeDelta::days(1);
/// A link that no longer works says so for this long; after that, nobody knows it.
const LINKS: TimeDelta = TimeDelta::days(7);

/// Leaves the job for the day of `due_at`, unless it is there.
pub async fn schedule(app: &App, due_at: DateTime<Utc>) -> Result<(), Refusal> {
    let key = format!("retain:{}", due_at.date_naive());
    outbox::enqueue(app.db.writer(), &Job::Retain, app.clock.now(), due_at, Some(key)).await
}

pub(super) async fn run(app: &App) -> Result<(), JobError> {
    let now = app.clock.now();
    // First of all, so that a day that fails is not the last one.
    schedule(app, now + DAY).await?;
    let (db, days) = (app.db.writer(), &app.config.retention);
    let codes = sign_in_code::Entity::delete_many()
        .filter(sign_in_code::Column::CreatedAt.lt(now - TimeDelta::days(days.sign_in_codes)));
    let jobs =
        rows::Entity::delete_many().filter(rows::Column::DoneAt.lt(now - TimeDelta::days(days.done_jobs)));
    let links = link::Entity::delete_many().filter(
        Condition::any()
            .add(link::Column::ExpiresAt.lt(now - LINKS))
            .add(link::Column::UsedAt.lt(now - LINKS)),
    );
    let asks = text_ask::Entity::delete_many()
        .filter(text_ask::Column::CreatedAt.lt(now - TimeDelta::days(days.sign_in_codes)));
    let keys = idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CreatedAt.lte(now - idempotency::KEPT));
    let tokens = refresh_token::Entity::delete_many().filter(refresh_token::Column::ExpiresAt.lt(now));
    let changes = event_change::Entity::delete_many()
        .filter(event_change::Column::At.lt(now - TimeDelta::days(days.event_history)));
    let invitations = host_invitation::Entity::delete_many()
        .filter(host_invitation::Column::ExpiresAt.lt(now - TimeDelta::days(days.host_invitations)));
    let host_links = host_link::Entity::delete_many()
        .filter(host_link::Column::ExpiresAt.lt(now - TimeDelta::days(days.host_links)));
    let messages = host_message::Entity::delete_many()
        .filter(host_message::Column::CreatedAt.lt(now - TimeDelta::days(days.host_messages)));
    let sessions = session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(now));
    // A day of them is what the budget counts.
    let exports = attendee_export::Entity::delete_many()
        .filter(attendee_export::Column::CreatedAt.lt(now - DAY))
        .filter(attendee_export::Column::ExpiresAt.lt(now - LINKS));
    let notices = notice::Entity::delete_many()
        .filter(notice::Column::CreatedAt.lt(now - TimeDelta::days(days.notices)));
    let told = webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::CreatedAt.lt(now - TimeDelta::days(days.webhook_deliveries)));
    let removed = publication::Entity::delete_many()
        .filter(publication::Column::RemovedAt.lt(now - TimeDelta::days(days.removed_events)));
    let guests = invitation::retain(db, now - TimeDelta::days(days.invitations)).await?;
    let deleted = guests
        + codes.exec(db).await?.rows_affected
        + jobs.exec(db).await?.rows_affected
        + notices.exec(db).await?.rows_affected
        + links.exec(db).await?.rows_affected
        + asks.exec(db).await?.rows_affected
        + keys.exec(db).await?.rows_affected
        + tokens.exec(db).await?.rows_affected
        + changes.exec(db).await?.rows_affected
        + invitations.exec(db).await?.rows_affected
        + host_links.exec(db).await?.rows_affected
        + messages.exec(db).await?.rows_affected
        + sessions.exec(db).await?.rows_affected
        + exports.exec(db).await?.rows_affected
        + told.exec(db).await?.rows_affected
        + removed.exec(db).await?.rows_affected;
    tracing::info!(deleted, "rows whose time was over are deleted");
    Ok(())
}
