//! Answers that arrive while others are being written wait for these, and are then written as a batch: in one transaction
//! (group commit), with one statement for all rows of a table.
//!
//! Only answers that should go through take part: first ones, by somebody signed in, for a timeslot that has seats. A
//! batch is written as a whole or not at all. If anything is in its way (the last seat was just taken, a key was used
//! before, a row stays locked), nothing of it is written, and each of its answers is carried out alone, as all others
//! are. That is always right, also when it is not known what became of the batch: a repeated answer changes nothing.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Weak,
    time::{Duration, Instant},
};

use entity::{WebhookKind, rsvp};
use sea_orm::{ActiveModelTrait, EntityTrait};
use tokio::{
    sync::{mpsc, oneshot},
    time::{error::Elapsed, timeout},
};
use uuid::Uuid;

use super::{seats, unless_answered};
use crate::{
    app::{App, Tx},
    domain::{
        idempotency::{self, IdempotencyKey},
        webhook::Happening,
    },
    outbox::{Job, RsvpMail},
    refusal::Refusal,
};

/// Answers of one batch, at most.
const LARGEST: usize = 64;
/// A batch that takes longer waits for somebody's lock, and must not keep everybody else waiting.
const PATIENCE: Duration = Duration::from_secs(2);
/// So long its timeslots are kept out of batches.
const AVOIDED: Duration = Duration::from_secs(30);

/// Where answers wait; one for a process.
pub struct Batches(mpsc::Sender<Waiting>);

/// A first answer of somebody who comes, as its row will be.
pub(super) struct First {
    pub row: rsvp::Model,
    pub key: Option<IdempotencyKey>,
}

struct Waiting {
    first: First,
    written: oneshot::Sender<rsvp::Model>,
}

/// The other end, from which batches are taken.
pub struct Arrivals(mpsc::Receiver<Waiting>);

impl Batches {
    /// Both ends. Nothing is written together until the second's `write` is called.
    pub fn new() -> (Self, Arrivals) {
        let (sender, receiver) = mpsc::channel(LARGEST);
        (Self(sender), Arrivals(receiver))
    }

    /// Writes an answer in a batch. `None` when that did not go through, and it is to be carried out alone.
    pub(super) async fn write(&self, first: First) -> Option<rsvp::Model> {
        let (written, row) = oneshot::channel();
        self.0.send(Waiting { first, written }).await.ok()?;
        row.await.ok()
    }
}

impl Arrivals {
    /// Writes batches until the process lets `app` go.
    pub async fn write(mut self, app: Weak<App>) {
        let mut waiting = Vec::with_capacity(LARGEST);
        let mut held_up: HashMap<Uuid, Instant> = HashMap::new();
        while self.fill(&mut waiting).await {
            let now = Instant::now();
            held_up.retain(|_, until| *until > now);
            let mut answers = HashSet::new();
            // Whoever leaves goes on alone: one that is there twice, and one for a timeslot that somebody keeps locked.
            waiting.retain(|waiting: &Waiting| {
                let row = &waiting.first.row;
                !held_up.contains_key(&row.timeslot_id) && answers.insert((row.timeslot_id, row.person_id))
            });
            let Some(size) = waiting.len().checked_ilog2() else {
                continue;
            };
            // Sizes are powers of two, so that there are few different statements to prepare.
            let batch: Vec<Waiting> = waiting.drain(..1 << size).collect();
            let slots: Vec<Uuid> = batch.iter().map(|one| one.first.row.timeslot_id).collect();
            let Some(app) = app.upgrade() else { return };
            if write(&app, batch).await.is_err() {
                tracing::warn!("answers were not written together: it took too long");
                held_up.extend(slots.into_iter().map(|id| (id, now + AVOIDED)));
            }
        }
    }

    /// Takes what has arrived; if nobody waits, waits for somebody. False when nobody will come any more.
    async fn fill(&mut self, waiting: &mut Vec<Waiting>) -> bool {
        if waiting.is_empty() {
            return self.0.recv_many(waiting, LARGEST).await > 0;
        }
        while waiting.len() < LARGEST
            && let Ok(next) = self.0.try_recv()
        {
            waiting.push(next);
        }
        true
    }
}

/// An error when it took too long.
async fn write(app: &App, batch: Vec<Waiting>) -> Result<(), Elapsed> {
    let (mut firsts, waiting): (Vec<First>, Vec<_>) = batch
        .into_iter()
        .map(|Waiting { first, written }| (first, written))
        .unzip();
    // Whoever still waits learns from the dropped sender that the answer is to be carried out alone.
    let rows: Vec<rsvp::Model> = firsts.iter().map(|first| first.row.clone()).collect();
    firsts.sort_by_key(|first| (first.row.timeslot_id, first.row.person_id));
    let written = timeout(PATIENCE, app.write(async |tx| record(tx, &firsts).await)).await;
    match written? {
        Ok(()) => {
            for (waiting, row) in waiting.into_iter().zip(rows) {
                let _ = waiting.send(row); // who does not wait any more has given up
            }
        }
        Err(refusal) => tracing::debug!(?refusal, "answers were not written together"),
    }
    Ok(())
}

/// All of it, or an error. Every batch takes rows in the same order, so that no two batches wait for each other: keys, RSVPs,
/// timeslots, and among these by what identifies them.
async fn record(tx: &Tx, firsts: &[First]) -> Result<(), Refusal> {
    let keys = firsts.iter().filter_map(|first| first.key.as_ref());
    idempotency::claim(tx, keys, None).await?;
    let rows = firsts
        .iter()
        .map(|first| rsvp::ActiveModel::from(first.row.clone()).reset_all());
    let inserted = rsvp::Entity::insert_many(rows)
        .on_conflict(unless_answered())
        .exec_without_returning(tx.db())
        .await?;
    if inserted != firsts.len() as u64 {
        return Err(Refusal::Conflict("Somebody answered before."));
    }
    let jobs: Vec<Job> = firsts
        .iter()
        .map(|first| Job::SendRsvpMail {
            rsvp_id: first.row.id,
            mail: RsvpMail::Registered,
        })
        .collect();
    tx.enqueue_all(&jobs).await?;
    let mut seats: BTreeMap<Uuid, i32> = BTreeMap::new();
    for First { row, .. } in firsts {
        tx.rsvp_changed(row.event_id);
        tx.happened(Happening::rsvp(WebhookKind::RsvpCreated, row));
        *seats.entry(row.timeslot_id).or_default() += row.seats;
    }
    seats::take_together(tx, &seats).await
}
