//! Runs jobs: the relay rings ids of rows that are due, workers claim the rows, run them and write down the end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use entity::Lane;
use sea_orm::{DbErr, Iterable};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    app::App,
    jobs::{self, JobError},
    outbox::{self, Claimed, Job},
    sealed,
};

/// Ids that a queue is filled up to. The rest waits in the database, so that a long drive neither fills the queue nor
/// is rung over and over.
const RING: usize = 1000;
/// A full round of the relay is followed by the next one after this time.
const RING_PAUSE: Duration = Duration::from_millis(50);
/// How long a worker listens before it looks whether it should stop.
const LISTEN: Duration = Duration::from_secs(1);
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(5);
const LAST_RETRY: TimeDelta = TimeDelta::hours(1);
/// Jobs that [`drain`] claims at a time.
const DRAIN: u64 = 16;

/// Relay and workers, until `stop`. Then nothing new is begun, and what was begun is finished.
pub async fn run(app: Arc<App>, stop: watch::Receiver<bool>) -> Result<()> {
    if let Err(error) = jobs::retain::schedule(&app, app.clock.now()).await {
        tracing::warn!(%error, "the daily deletion could not be scheduled; the next start will");
    }
    if let Err(error) = jobs::plan_reminders::schedule(&app, app.clock.now()).await {
        tracing::warn!(%error, "reminders could not be scheduled; the next start will");
    }
    let relay = tokio::spawn(relay(Arc::clone(&app), stop.clone()));
    let settings = &app.config.worker;
    tokio::join!(
        work(&app, Lane::Now, settings.now_slots, stop.clone()),
        work(&app, Lane::Soon, settings.soon_slots, stop.clone()),
        work(&app, Lane::Bulk, settings.bulk_slots, stop),
    );
    relay.await?;
    Ok(())
}

/// Puts ids of due rows into the queue: at the start, when a transaction left jobs, and every `worker.poll_seconds`.
pub async fn relay(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let poll = Duration::from_secs(app.config.worker.poll_seconds.max(1));
    // What a process that died had rung waits in nobody's memory: it need not wait for its minute to be over.
    if app.queue.is_in_memory()
        && let Err(error) = outbox::unring(&app.db).await
    {
        tracing::warn!(%error, "jobs that were rung before may wait a minute");
    }
    while !*stop.borrow() {
        let full = ring(&app).await;
        tokio::select! {
            () = app.bell.notified() => {}
            () = sleep(if full { RING_PAUSE } else { poll }) => {}
            _ = stop.wait_for(|&stop| stop) => {}
        }
    }
}

/// Runs everything that is due now, one job after the other, the lane `now` first, until nothing is due. Returns how
/// many were run. For tests, which move the clock for what is due later.
pub async fn drain(app: &Arc<App>) -> Result<usize> {
    let mut count = 0;
    'again: loop {
        for lane in Lane::iter() {
            let now = app.clock.now();
            let ids = outbox::waiting(&app.db, lane, now, DRAIN).await?;
            let claimed = outbox::claim(&app.db, &ids, now, lease(app)).await?;
            if !claimed.is_empty() {
                count += claimed.len();
                for job in claimed {
                    run_one(app, job).await;
                }
                continue 'again;
            }
        }
        return Ok(count);
    }
}

/// One round of the relay; true when there may be more to ring at once.
async fn ring(app: &App) -> bool {
    let mut full = false;
    for lane in Lane::iter() {
        match ring_lane(app, lane).await {
            Ok(more) => full |= more,
            // Workers that cannot reach the queue read the database; see `listen`.
            Err(error) => tracing::warn!(%error, "ids of jobs could not be rung; the next round will"),
        }
    }
    full
}

async fn ring_lane(app: &App, lane: Lane) -> Result<bool> {
    let room = RING.saturating_sub(app.queue.len(lane).await?);
    if room == 0 {
        return Ok(false);
    }
    let limit = u64::try_from(room)?;
    let ids = outbox::due(&app.db, lane, app.clock.now(), limit).await?;
    if !ids.is_empty() {
        app.queue.push(lane, &ids).await?;
    }
    Ok(ids.len() == room)
}

/// The workers of one lane.
async fn work(app: &Arc<App>, lane: Lane, slots: usize, stop: watch::Receiver<bool>) {
    let free = Arc::new(Semaphore::new(slots));
    while slots > 0 && !*stop.borrow() {
        let Ok(first) = Arc::clone(&free).acquire_owned().await else {
            return;
        };
        let mut permits = vec![first];
        while let Ok(next) = Arc::clone(&free).try_acquire_owned() {
            permits.push(next);
        }
        let ids = listen(app, lane, permits.len()).await;
        if ids.is_empty() {
            continue;
        }
        match outbox::claim(&app.db, &ids, app.clock.now(), lease(app)).await {
            Ok(claimed) => start(app, claimed, permits),
            Err(error) => {
                tracing::warn!(%error, "jobs could not be claimed; they will be rung again");
                sleep(LISTEN).await;
            }
        }
    }
    let all = u32::try_from(slots).unwrap_or(u32::MAX);
    drop(free.acquire_many(all).await); // until the last one has finished
}

/// Ids out of the queue; without the queue, out of the database.
async fn listen(app: &App, lane: Lane, max: usize) -> Vec<Uuid> {
    match app.queue.pop(lane, max, LISTEN).await {
        Ok(ids) => ids,
        Err(error) => {
            tracing::warn!(%error, "the queue does not answer; jobs are looked for in the database");
            sleep(LISTEN).await;
            let limit = u64::try_from(max).unwrap_or(1);
            let ids = outbox::waiting(&app.db, lane, app.clock.now(), limit).await;
            ids.inspect_err(|error| tracing::warn!(%error, "jobs could not be read"))
                .unwrap_or_default()
        }
    }
}

fn start(app: &Arc<App>, claimed: Vec<Claimed>, permits: Vec<OwnedSemaphorePermit>) {
    for (job, permit) in claimed.into_iter().zip(permits) {
        let app = Arc::clone(app);
        tokio::spawn(async move {
            run_one(&app, job).await;
            drop(permit);
        });
    }
}

/// Runs a claimed job and writes down the end. When that fails, the lease runs out and the job comes again.
async fn run_one(app: &Arc<App>, claimed: Claimed) {
    let outcome = attempt(app, &claimed).await;
    let now = app.clock.now();
    let written: Result<bool, DbErr> = match outcome {
        Ok(()) => outbox::finish(&app.db, &claimed, now).await,
        Err(JobError::Retry(error)) if claimed.attempt < app.config.worker.attempts => {
            tracing::info!(job = %claimed.id, kind = claimed.kind, attempt = claimed.attempt, error, "a job will be tried again");
            outbox::retry_at(&app.db, &claimed, now + back_off(claimed.attempt), &error).await
        }
        Err(JobError::Retry(error) | JobError::Fail(error)) => {
            tracing::error!(job = %claimed.id, kind = claimed.kind, attempt = claimed.attempt, error, "a job was given up");
            outbox::fail(&app.db, &claimed, now, &error).await
        }
    };
    match written {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!(job = %claimed.id, "a job took longer than its lease and was claimed again")
        }
        Err(error) => tracing::warn!(job = %claimed.id, %error, "the end of a job could not be written down"),
    }
}

async fn attempt(app: &Arc<App>, claimed: &Claimed) -> Result<(), JobError> {
    if claimed.attempt > app.config.worker.attempts {
        return Err(JobError::Fail("its worker died at every attempt".to_owned()));
    }
    // A newer version of this program may know what this one cannot read.
    let job: Job = serde_json::from_str(&claimed.payload)
        .map_err(|_| JobError::Retry("this version cannot read the job".to_owned()))?;
    let (app, id, attempt) = (Arc::clone(app), claimed.id, claimed.attempt);
    let limit = lease(&app).to_std().unwrap_or(Duration::MAX);
    isolated(limit, async move { jobs::run(&app, id, attempt, job).await }).await
}

/// Runs `work` so that neither a panic nor an endless wait takes the worker along.
async fn isolated(
    limit: Duration,
    work: impl Future<Output = Result<(), JobError>> + Send + 'static,
) -> Result<(), JobError> {
    let mut task = tokio::spawn(work);
    match tokio::time::timeout(limit, &mut task).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(JobError::Retry("the job panicked; see the log".to_owned())),
        Err(_) => {
            task.abort();
            Err(JobError::Retry("the job took longer than its lease".to_owned()))
        }
    }
}

fn lease(app: &App) -> TimeDelta {
    TimeDelta::seconds(app.config.worker.lease_seconds)
}

/// How long to wait after the `attempt`th failure: 5 s, doubled each time, at most an hour, of which a random half
/// is taken off so that what failed together does not come back together.
fn back_off(attempt: i32) -> TimeDelta {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let whole = (FIRST_RETRY * 2_i32.pow(doublings)).min(LAST_RETRY);
    let half = whole.num_milliseconds() / 2;
    let random = sealed::random().map_or(0, u32::from_le_bytes);
    TimeDelta::milliseconds(half + half * i64::from(random) / i64::from(u32::MAX))
}

#[cfg(test)]
#[path = "worker/tests.rs"]
mod tests;
