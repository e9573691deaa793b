//! Looks, every few minutes, whose dates are near; see `domain/reminder.rs`.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::App,
    domain::reminder,
    jobs::JobError,
    outbox::{self, Job},
    refusal::Refusal,
};

const EVERY: TimeDelta = TimeDelta::minutes(10);

/// Leaves the job for the ten minutes of `due_at`, unless it is there.
pub async fn schedule(app: &App, due_at: DateTime<Utc>) -> Result<(), Refusal> {
    let key = format!("plan_reminders:{}", due_at.timestamp() / EVERY.num_seconds());
    let job = Job::PlanReminders;
    outbox::enqueue(app.db.writer(), &job, app.clock.now(), due_at, Some(key)).await
}

pub(super) async fn run(app: &App) -> Result<(), JobError> {
    // First of all, so that a round that fails is not the last one.
    schedule(app, app.clock.now() + EVERY).await?;
    Ok(reminder::plan(app).await?)
}
