//! `turnout seed`: a large invented world, the same for the same numbers, for measuring and for trying things out.
//!
//! Rows are made here and written in batches, a transaction each; nobody is written to, and no job is left. What the
//! actions of `domain` would keep true of them is kept true here: seats are sums, parties that fit do not wait, hidden
//! places are hidden, names and addresses are sealed.
//!
//! Everything about a person or an event follows from the seed and its number, so hardly anything is remembered, and a
//! world may be larger than the memory.

mod answers;
mod batch;
mod dice;
mod events;
mod ground;
mod people;
mod words;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, SubsecRound, Utc};
use entity::{event, person};
use sea_orm::EntityTrait;
use tokio::sync::mpsc;

use crate::app::App;
use batch::Batch;
use events::Calendar;
use people::Crowd;

pub use people::email;

/// How large a world is made, and which.
#[derive(Clone, Debug)]
pub struct Plan {
    /// People, each with one mail address.
    pub people: u32,
    /// Events, whatever their status.
    pub events: u32,
    /// Those of `events` that begin within 30 days after `at`; the others began within 700 days before.
    pub upcoming: u32,
    /// Answers for dates of events, whatever their status.
    pub rsvps: u32,
    /// Another number makes another world.
    pub seed: u64,
    /// When it is in that world; not later than now.
    pub at: DateTime<Utc>,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the number of rows of that table")]
pub struct Report {
    pub people: usize,
    pub events: usize,
    pub timeslots: usize,
    pub rsvps: usize,
    pub messages: usize,
    pub suppressions: usize,
}

/// So few that no event would find guests are refused.
const FEWEST_PEOPLE: u32 = 10;
/// Batches that may wait for the database.
const AHEAD: usize = 2;

/// Makes the world of `plan` in an empty database. `progress` is told how many there are of what, of how many.
///
/// An error leaves what was written before it; the database is then to be emptied before the next attempt.
pub async fn run(
    app: &Arc<App>,
    plan: Plan,
    mut progress: impl FnMut(&'static str, usize, usize),
) -> Result<Report> {
    let plan = Plan {
        at: plan.at.trunc_subsecs(0),
        ..plan
    };
    check(app, &plan)?;
    require_empty(app).await?;
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let maker = tokio::spawn(make(Arc::clone(app), plan.clone(), sender));
    let mut report = Report::default();
    while let Some(batch) = batches.recv().await {
        let batch: Batch = batch;
        batch.count(&mut report);
        app.write(async |tx| batch.save(tx).await).await?;
        match report.events {
            0 => progress("people", report.people, plan.people as usize),
            events => progress("events", events, plan.events as usize),
        }
    }
    maker.await.context("making rows")??;
    app.db.analyze().await?;
    Ok(report)
}

/// Sends everything in an order in which it can be written.
async fn make(app: Arc<App>, plan: Plan, batches: mpsc::Sender<Batch>) -> Result<()> {
    let crowd = Crowd::new(&app, &plan);
    let calendar = Calendar::new(&app, &plan, &crowd)?;
    let mut next = 0;
    while next < plan.people {
        let batch = crowd.batch(&mut next)?;
        if batches.send(batch).await.is_err() {
            return Ok(()); // the writer failed and says why
        }
    }
    let mut next = 0;
    while next < plan.events {
        let batch = calendar.batch(&mut next).await?;
        if batches.send(batch).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn check(app: &App, plan: &Plan) -> Result<()> {
    ensure!(
        plan.people >= FEWEST_PEOPLE,
        "--people: must be at least {FEWEST_PEOPLE}"
    );
    ensure!(
        plan.upcoming <= plan.events,
        "--upcoming: must not be more than --events"
    );
    ensure!(plan.at <= app.clock.now(), "--at: must not be later than now");
    Ok(())
}

async fn require_empty(app: &App) -> Result<()> {
    let db = app.db.reader();
    let person = person::Entity::find().one(db).await?;
    let event = event::Entity::find().one(db).await?;
    ensure!(
        person.is_none() && event.is_none(),
        "the database holds people or events already; `turnout seed` only fills an empty one. If an earlier attempt was \
         interrupted, make the database anew and run it again"
    );
    Ok(())
}
