//! What everything else is handed: the parts of one running process.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use tokio::{sync::Notify, time::timeout};
use uuid::Uuid;

use crate::{
    auth::Signer,
    bus::Bus,
    channel::{Channels, http::Http},
    clock::Clock,
    config::Config,
    db::{Db, TRANSACTION_TIMEOUT},
    domain::{
        publication, rsvp,
        webhook::{self, Happening, Listeners},
    },
    letter::Letters,
    limits::Limits,
    map::{Map, Seats},
    outbox::{self, Job},
    postal::PostalCodes,
    queue::Queue,
    refusal::Refusal,
    sealed::Keys,
    watch::Watchers,
};

/// So often a transaction is begun that the database gives up for another.
const TRIES: usize = 4;

/// The parts of one running process. Shared by reference; nothing in it is per request.
pub struct App {
    /// Settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// Seals personal data.
    pub keys: Keys,
    /// Rows.
    pub db: Db,
    /// Events that can be found.
    pub map: Map,
    /// Who follows which event in this process.
    pub watchers: Arc<Watchers>,
    /// Tells other processes what changed.
    pub bus: Bus,
    /// How often one caller may do something.
    pub limits: Limits,
    /// Carries ids of jobs.
    pub queue: Queue,
    /// RSVPs that are written together.
    pub rsvps: rsvp::Batches,
    /// The words of messages.
    pub letters: Letters,
    /// Mail and text.
    pub channels: Channels,
    /// Requests to services of others.
    pub http: Http,
    /// Whether webhooks are to be told of anything.
    pub listeners: Listeners,
    /// Centres of postal codes.
    pub postal: PostalCodes,
    /// Signs and checks access tokens.
    pub signer: Signer,
    /// Rung after a commit that left jobs.
    pub bell: Notify,
}

impl App {
    /// Connects everything that `config` names, and reads the map.
    pub async fn start(config: Config, clock: Clock) -> Result<Arc<Self>> {
        let keys = Keys::load(&config)?;
        let db = Db::connect(&config).await?;
        let (rsvps, arrivals) = rsvp::Batches::new();
        let app = Self {
            signer: Signer::load(&config, &db, &keys, clock.now()).await?,
            bus: Bus::connect(&config).await?,
            limits: Limits::connect(&config, &keys, &clock)?,
            queue: Queue::connect(&config).await?,
            letters: Letters::load(&config.messages.templates).context("messages.templates")?,
            channels: Channels::new(&config)?,
            http: Http::new()?,
            listeners: Listeners::default(),
            postal: PostalCodes::built_in(),
            map: Map::default(),
            rsvps,
            watchers: Arc::default(),
            bell: Notify::new(),
            config,
            clock,
            keys,
            db,
        };
        app.map.load(&app.db, app.clock.now()).await?;
        let app = Arc::new(app);
        tokio::spawn(arrivals.write(Arc::downgrade(&app)));
        Ok(app)
    }

    /// Runs `action` in one write transaction, commits, and lets the map, followers, the other processes and the worker know.
    /// An error rolls everything back.
    pub async fn write<T>(&self, action: impl AsyncFnOnce(&Tx) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let tx = Tx {
            db: self.db.begin().await?,
            now: self.clock.now(),
            effects: Mutex::default(),
        };
        let whole = async {
            let value = action(&tx).await?;
            self.complete(&tx).await?;
            Ok::<T, Refusal>(value)
        };
        let value = match timeout(TRANSACTION_TIMEOUT, whole).await {
            Ok(Ok(value)) => value,
            Ok(Err(refusal)) => {
                tx.db.rollback().await?;
                return Err(refusal);
            }
            Err(_) => {
                tracing::warn!("a transaction was cut off");
                tx.db.rollback().await?;
                return Err(Refusal::Unavailable);
            }
        };
        tx.db.commit().await?;
        let effects = tx.effects.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.announce(effects).await;
        Ok(value)
    }

    /// Writes what follows from what a transaction has changed.
    async fn complete(&self, tx: &Tx) -> Result<(), Refusal> {
        let (events, mut happened) = {
            let effects = tx.effects();
            (effects.events.clone(), effects.happened.clone())
        };
        if !events.is_empty() {
            happened.extend(publication::note(tx, events).await?);
        }
        if !happened.is_empty() {
            webhook::leave(self, tx, happened).await?;
        }
        Ok(())
    }

    async fn announce(&self, effects: Effects) {
        if effects.jobs {
            self.bell.notify_one();
        }
        for (_, seats) in &effects.seats {
            self.map.set_seats(*seats);
        }
        if !effects.events.is_empty()
            && let Err(error) = self
                .map
                .refresh(&self.db, &effects.events, self.clock.now())
                .await
        {
            tracing::warn!(%error, "the map could not re-read a changed event; its repair will");
        }
        let seats = effects.seats.into_iter().map(|(event_id, _)| event_id);
        let changed = effects.events.into_iter().chain(seats).chain(effects.rsvps);
        let changed: HashSet<Uuid> = changed.collect();
        self.tell(changed.iter().copied());
        self.bus.publish(changed.into_iter()).await;
    }

    /// Tells those who follow these events, which the map has read again, so that its repair need not.
    pub fn tell(&self, events: impl Iterator<Item = Uuid> + Clone) {
        if !self.watchers.is_empty() {
            self.map.note_told(events.clone());
            self.watchers.tell(events);
        }
    }
}

/// Runs `action`, a transaction, once more from the start when the database gave it up for another: each waited for the
/// other, which happens when one person does two things at once. For actions that take rows in the order of what is asked.
pub async fn again<T, F>(action: impl Fn() -> F) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>>,
{
    for _ in 1..TRIES {
        match action().await {
            Err(Refusal::Deadlock) => {}
            done => return done,
        }
    }
    action().await
}

/// A write transaction, the time it runs at, and what to tell others once it is committed.
pub struct Tx {
    db: DatabaseTransaction,
    now: DateTime<Utc>,
    effects: Mutex<Effects>,
}

#[derive(Default)]
struct Effects {
    events: Vec<Uuid>,
    seats: Vec<(Uuid, Seats)>,
    rsvps: Vec<Uuid>,
    happened: Vec<Happening>,
    jobs: bool,
}

impl Tx {
    /// For statements inside the transaction.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.db
    }

    /// The time of the whole transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// An event's row, hosts or timeslots changed in a way that lists show.
    pub fn event_changed(&self, id: Uuid) {
        self.effects().events.push(id);
    }

    /// Seats of a timeslot were taken or given back.
    pub fn seats_changed(&self, event_id: Uuid, seats: Seats) {
        self.effects().seats.push((event_id, seats));
    }

    /// An RSVP to an event is new or changed, which only those notice who follow the event.
    pub fn rsvp_changed(&self, event_id: Uuid) {
        self.effects().rsvps.push(event_id);
    }

    /// Webhooks are told of it, if there are any.
    pub fn happened(&self, what: Happening) {
        self.effects().happened.push(what);
    }

    /// Leaves `job` to run at `due_at`, once this is committed.
    pub async fn enqueue(&self, job: &Job, due_at: DateTime<Utc>) -> Result<(), Refusal> {
        self.effects().jobs = true;
        outbox::enqueue(&self.db, job, self.now, due_at, None).await
    }

    /// Leaves `jobs` to run at once.
    pub async fn enqueue_all(&self, jobs: &[Job]) -> Result<(), Refusal> {
        self.effects().jobs = true;
        outbox::enqueue_all(&self.db, jobs, self.now).await
    }

    /// Leaves jobs, each to run at its time, unless one with its key was left before.
    pub async fn enqueue_each(&self, jobs: &[(Job, DateTime<Utc>, String)]) -> Result<(), Refusal> {
        self.effects().jobs = true;
        outbox::enqueue_each(&self.db, jobs, self.now).await
    }

    /// Leaves `job` to run at once, unless one with this key was left before.
    pub async fn enqueue_once(&self, job: &Job, key: String) -> Result<(), Refusal> {
        self.effects().jobs = true;
        outbox::enqueue(&self.db, job, self.now, self.now, Some(key)).await
    }

    fn effects(&self) -> std::sync::MutexGuard<'_, Effects> {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
