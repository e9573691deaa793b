//! The map: every event that can be found, in memory, as the public may know it.
//!
//! *Findable* is an event that is approved, public, and has a timeslot that is neither cancelled nor over. Each process
//! holds all of them. Readers take a snapshot without a lock and never wait. A changed event is read again and laid
//! over the snapshot ([`Map::refresh`]); what a process was not told of is found by versions ([`Map::repair`] every
//! second, [`Map::sweep`] every few minutes). Seats are counters beside the snapshot ([`Map::set_seats`]), so that an
//! RSVP copies nothing.
//!
//! What writers owe the map: a change of an event, its hosts or its timeslots raises the **event's** `version` and
//! `changed_at`. Only a change of seats raises the timeslot's alone.

mod agenda;
mod bits;
mod cursor;
mod facets;
mod grid;
mod index;
mod listing;
mod pins;
mod repair;
mod rows;
mod search;
mod shared;
mod sift;
mod snapshot;
mod sphere;
mod text;
mod tree;
mod walk;
mod words;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use crate::db::Db;
use shared::Texts;
use snapshot::Snapshot;

pub use cursor::Cursor;
pub use facets::Facets;
pub use grid::{BoundingBox, Tile};
pub use listing::{Listing, ListingPlace, Seats, Slot, seats_given};
pub use pins::{Cluster, Pin, Pins, View};
pub use repair::Repaired;
pub use search::{Hit, Near, Order, Page, Search};
pub use shared::Shared;

/// Refreshing takes at most one part in so many of the time ...
const REFRESH_SHARE: u32 = 10;
/// ... but nobody waits longer than this for the next one to begin.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// See the module. Empty until it is loaded.
#[derive(Default)]
pub struct Map {
    snapshot: ArcSwap<Snapshot>,
    /// Seats of every timeslot on the map. A listing that replaces another takes the counters over.
    counters: Mutex<HashMap<Uuid, listing::Counter>>,
    pending: Mutex<Pending>,
    /// Rows by id and version, as the map had them when followers were told; since the last repair.
    told: Mutex<HashSet<(Uuid, i32)>>,
    /// Held by whoever replaces the snapshot.
    folding: tokio::sync::Mutex<Folding>,
    /// Changes before this time were seen; microseconds since 1970.
    cursor: AtomicI64,
}

/// Events that changed and are not on the map yet, with the number of the last request for each.
#[derive(Default)]
struct Pending {
    requests: HashMap<Uuid, u64>,
    count: u64,
}

#[derive(Default)]
struct Folding {
    next_refresh: Option<Instant>,
    /// Rows that the last repair saw, by id and version.
    seen: HashSet<(Uuid, i32)>,
    /// When events are over. May name some that changed since; the snapshot decides.
    ends: BinaryHeap<Reverse<(DateTime<Utc>, Uuid)>>,
}

type Changes = HashMap<Uuid, Option<Arc<Listing>>>;

impl Map {
    /// Reads every findable event.
    pub async fn load(&self, db: &Db, now: DateTime<Utc>) -> Result<(), DbErr> {
        let mut folding = self.folding.lock().await;
        // One connection reads it all: on SQLite each has a thread, and each thread keeps memory of its own for what it reads.
        let tx = db.snapshot().await?;
        let ids = rows::findable_ids(&tx, now).await?;
        self.counters().clear();
        folding.ends.clear();
        let mut listings = Vec::with_capacity(ids.len());
        let mut texts = Texts::default();
        for ids in ids.chunks(rows::CHUNK) {
            for mut listing in rows::listings(&tx, ids, now).await? {
                self.adopt_counters(&mut listing);
                listing.share(&mut texts);
                folding.ends.extend(end_of(&listing));
                listings.push(Arc::new(listing));
            }
        }
        tx.commit().await?;
        let snapshot = spawn_blocking(move || Snapshot::build(listings, now)).await;
        self.snapshot.store(Arc::new(snapshot.map_err(gave_up)?));
        self.cursor.store(now.timestamp_micros(), Ordering::Release);
        Ok(())
    }

    /// Reads these events again; when it returns, readers see them as they were when it was called, or later.
    ///
    /// Calls at the same time are answered by one reading. A failed or abandoned call leaves its events to the next.
    pub async fn refresh(&self, db: &Db, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), DbErr> {
        self.pending().add(ids);
        let mut folding = self.folding.lock().await;
        if !self.pending().has_any(ids) {
            return Ok(()); // by whoever held the lock
        }
        if let Some(next) = folding.next_refresh {
            sleep_until(next).await;
        }
        let begun = Instant::now();
        let requests = self.pending().requests.clone();
        let ids: Vec<Uuid> = requests.keys().copied().collect();
        self.reread(&mut folding, db, &ids, now).await?;
        self.pending().remove(&requests);
        let pause = begun.elapsed() * (REFRESH_SHARE - 1);
        folding.next_refresh = Some(Instant::now() + pause.min(LONGEST_PAUSE));
        Ok(())
    }

    /// Takes the seats of a timeslot, unless newer ones are known. A timeslot that is not on the map is ignored.
    pub fn set_seats(&self, seats: Seats) {
        if let Some(counter) = self.counters().get(&seats.timeslot_id) {
            counter.raise(seats.version, seats.taken);
        }
    }

    /// What `search` finds at `now`.
    pub fn search(&self, search: &Search, now: DateTime<Utc>) -> Page {
        self.snapshot.load().search(search, now)
    }

    /// What `search`, wherever it is and whatever page it asks for, finds at `now` in `view`.
    pub fn pins(&self, search: &Search, view: &View, now: DateTime<Utc>) -> Pins {
        self.snapshot.load().pins(search, view, now)
    }

    /// The soonest of what `search`, wherever it is and whatever page it asks for, finds at `now` in a box: at most so many,
    /// and whether that is all.
    pub fn soonest(
        &self,
        search: &Search,
        within: &BoundingBox,
        most: usize,
        now: DateTime<Utc>,
    ) -> (Vec<Pin>, bool) {
        self.snapshot.load().soonest(search, within, most, now)
    }

    /// Counts all that `search` finds at `now`, whatever page it asks for: in a box, or without one where it says.
    pub fn facets(&self, search: &Search, within: Option<&BoundingBox>, now: DateTime<Utc>) -> Facets {
        self.snapshot.load().facets(search, within, now)
    }

    /// The event, if it is findable. One that is over may still be there for a second.
    pub fn get(&self, id: Uuid) -> Option<Arc<Listing>> {
        self.snapshot.load().get(id).cloned()
    }

    /// Shows every event that can be found to `look`, in no order.
    pub fn each(&self, look: impl FnMut(&Arc<Listing>)) {
        self.snapshot.load().iter().for_each(look);
    }

    /// How many events can be found.
    pub fn len(&self) -> usize {
        self.snapshot.load().len()
    }

    /// Whether no event can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads events again and returns those that turned out to be different.
    async fn reread(
        &self,
        folding: &mut Folding,
        db: &Db,
        ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Vec<Uuid>, DbErr> {
        let mut rows: HashMap<Uuid, Option<Listing>> = ids.iter().map(|id| (*id, None)).collect();
        let listings = rows::listings(db.reader(), ids, now).await?;
        rows.extend(listings.into_iter().map(|listing| (listing.id, Some(listing))));
        let snapshot = self.snapshot.load_full();
        let mut changes = Changes::new();
        let mut different = Vec::new();
        for (id, row) in rows {
            match (snapshot.get(id), row) {
                (None, None) => {}
                (Some(_), None) => {
                    different.push(id);
                    changes.insert(id, None);
                }
                (old, Some(mut listing)) => {
                    let rose = self.adopt_counters(&mut listing);
                    let is_same = old.is_some_and(|old| **old == listing);
                    if rose || !is_same {
                        different.push(id);
                    }
                    if !is_same {
                        folding.ends.extend(end_of(&listing));
                        changes.insert(id, Some(Arc::new(listing)));
                    }
                }
            }
        }
        self.fold(folding, changes, now).await?;
        Ok(different)
    }

    /// Replaces the snapshot by one with `changes`. `_folding` shows that nobody else is doing so.
    async fn fold(&self, _folding: &mut Folding, changes: Changes, now: DateTime<Utc>) -> Result<(), DbErr> {
        if changes.is_empty() {
            return Ok(());
        }
        let old = self.snapshot.load_full();
        let made = spawn_blocking(move || {
            let new = old.with(&changes, now);
            (old, new, changes)
        });
        let (old, new, changes) = made.await.map_err(gave_up)?;
        self.snapshot.store(Arc::new(new));
        let mut counters = self.counters();
        for (id, new) in &changes {
            let kept = |id| {
                new.iter()
                    .flat_map(|new| &new.timeslots)
                    .any(|slot| slot.id == id)
            };
            for slot in old.get(*id).iter().flat_map(|old| &old.timeslots) {
                if !kept(slot.id) {
                    counters.remove(&slot.id);
                }
            }
        }
        Ok(())
    }

    /// Makes `listing` share the counters that are there; tells whether it knew newer seats than they did.
    fn adopt_counters(&self, listing: &mut Listing) -> bool {
        let mut counters = self.counters();
        let mut rose = false;
        for slot in &mut listing.timeslots {
            let counter = counters.entry(slot.id).or_insert_with(|| slot.seats.clone());
            let (version, taken) = slot.seats.get();
            rose |= counter.raise(version, taken);
            slot.seats = counter.clone();
        }
        rose
    }

    fn counters(&self) -> MutexGuard<'_, HashMap<Uuid, listing::Counter>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, HashSet<(Uuid, i32)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn add(&mut self, ids: &[Uuid]) {
        self.count += 1;
        self.requests.extend(ids.iter().map(|id| (*id, self.count)));
    }

    fn has_any(&self, ids: &[Uuid]) -> bool {
        ids.iter().any(|id| self.requests.contains_key(id))
    }

    /// Keeps what was requested once more meanwhile.
    fn remove(&mut self, done: &HashMap<Uuid, u64>) {
        self.requests.retain(|id, request| done.get(id) != Some(request));
    }
}

fn end_of(listing: &Listing) -> Option<Reverse<(DateTime<Utc>, Uuid)>> {
    Some(Reverse((listing.ends_at()?, listing.id)))
}

fn gave_up(error: tokio::task::JoinError) -> DbErr {
    DbErr::Custom(format!("the map could not be built: {error}"))
}
