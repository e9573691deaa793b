//! Finds by versions what this process was not told of.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, Visibility, event, timeslot};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Changes, Folding, Map, Slot, rows, rows::SlotRow, snapshot::Snapshot};
use crate::db::Db;

/// A transaction may commit this much later than it says: twice what it is cut off at.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);

/// What a repair found.
#[derive(Debug)]
pub struct Repaired {
    /// How many events on the map were different from what was known.
    pub mended: usize,
    /// Events, on the map or not, of which a row is new since the last repair, and not as it was when followers were
    /// told ([`Map::note_told`]).
    pub changed: HashSet<Uuid>,
}

impl Map {
    /// Reads again what changed since the last time, and takes off the map what is over. For every second.
    pub async fn repair(&self, db: &Db, now: DateTime<Utc>) -> Result<Repaired, DbErr> {
        let told = std::mem::take(&mut *self.told()); // what is noted from here on may not be read below
        let cursor = self.cursor.load(Ordering::Acquire);
        let since = DateTime::from_timestamp_micros(cursor).unwrap_or_default() - OVERLAP;
        let events: Vec<(Uuid, i32, EventStatus, Visibility)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::Version])
            .columns([event::Column::Status, event::Column::Visibility])
            .filter(event::Column::ChangedAt.gt(since))
            .into_tuple()
            .all(db.reader())
            .await?;
        let slots = timeslot::Entity::find()
            .filter(timeslot::Column::ChangedAt.gt(since))
            .into_partial_model::<SlotRow>()
            .all(db.reader())
            .await?;
        let of_events = events.iter().map(|(id, version, ..)| (*id, (*id, *version)));
        let of_slots = slots.iter().map(|row| (row.event_id, (row.id, row.version)));
        let rows: Vec<(Uuid, (Uuid, i32))> = of_events.chain(of_slots).collect();
        let snapshot = self.snapshot.load_full();
        let requests = self.pending().requests.clone();
        let mut suspects: HashSet<Uuid> = requests.keys().copied().collect();
        for (id, version, status, visibility) in events {
            let is_published = (status, visibility) == (EventStatus::Approved, Visibility::Public);
            let known = snapshot.get(id).map(|listing| listing.version);
            if (known.is_some() || is_published) && known != is_published.then_some(version) {
                suspects.insert(id);
            }
        }
        suspects.extend(
            slots
                .iter()
                .filter(|row| differs(&snapshot, row))
                .map(|row| row.event_id),
        );
        let mut folding = self.folding.lock().await;
        self.drop_over(&mut folding, now).await?;
        let suspects: Vec<Uuid> = suspects.into_iter().collect();
        let mended = self.reread(&mut folding, db, &suspects, now).await?.len();
        self.pending().remove(&requests);
        self.cursor.fetch_max(now.timestamp_micros(), Ordering::AcqRel);
        let is_new = |(_, row): &&(Uuid, (Uuid, i32))| !folding.seen.contains(row) && !told.contains(row);
        let changed = rows.iter().filter(is_new).map(|(event, _)| *event).collect();
        folding.seen = rows.into_iter().map(|(_, row)| row).collect();
        Ok(Repaired { mended, changed })
    }

    /// Notes that whoever follows these events is about to be told, so that the next repair does not do so again. Only
    /// what the map has by now counts: of anything newer, the repair will tell.
    pub fn note_told(&self, events: impl Iterator<Item = Uuid>) {
        let snapshot = self.snapshot.load();
        let mut told = self.told();
        for listing in events.filter_map(|id| snapshot.get(id)) {
            told.insert((listing.id, listing.version));
            told.extend(listing.timeslots.iter().map(|slot| (slot.id, slot.seats.get().0)));
        }
    }

    /// Compares the versions of everything, reads again what differs and returns the events that were mended. What
    /// changed within the overlap is left to [`Map::repair`], so anything but none is worth a look.
    pub async fn sweep(&self, db: &Db, now: DateTime<Utc>) -> Result<Vec<Uuid>, DbErr> {
        let horizon = now - OVERLAP;
        let events: Vec<(Uuid, i32)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::Version])
            .filter(rows::findable(now))
            .into_tuple()
            .all(db.reader())
            .await?;
        let slots = timeslot::Entity::find()
            .join(
                JoinType::InnerJoin,
                timeslot::Entity::belongs_to(event::Entity)
                    .from(timeslot::Column::EventId)
                    .to(event::Column::Id)
                    .into(),
            )
            .filter(rows::published())
            .filter(timeslot::Column::CancelledAt.is_null())
            .filter(timeslot::Column::EndsAt.gt(now))
            .into_partial_model::<SlotRow>()
            .all(db.reader())
            .await?;
        let snapshot = self.snapshot.load_full();
        let compared = tokio::task::spawn_blocking(move || suspects(&snapshot, events, &slots, now, horizon));
        let mut suspects = compared.await.map_err(super::gave_up)?;
        let all: Vec<Uuid> = suspects.iter().copied().collect();
        for ids in all.chunks(rows::CHUNK) {
            let recent: Vec<Uuid> = event::Entity::find()
                .select_only()
                .column(event::Column::Id)
                .filter(event::Column::Id.is_in(ids.iter().copied()))
                .filter(event::Column::ChangedAt.gt(horizon))
                .into_tuple()
                .all(db.reader())
                .await?;
            for id in &recent {
                suspects.remove(id);
            }
        }
        let suspects: Vec<Uuid> = suspects.into_iter().collect();
        let mut folding = self.folding.lock().await;
        self.reread(&mut folding, db, &suspects, now).await
    }

    async fn drop_over(&self, folding: &mut Folding, now: DateTime<Utc>) -> Result<(), DbErr> {
        let snapshot = self.snapshot.load_full();
        let mut over = Changes::new();
        while folding.ends.peek().is_some_and(|Reverse((end, _))| *end <= now)
            && let Some(Reverse((_, id))) = folding.ends.pop()
        {
            let listing = snapshot.get(id);
            if listing.is_some_and(|listing| listing.ends_at().is_none_or(|end| end <= now)) {
                over.insert(id, None);
            }
        }
        self.fold(folding, over, now).await
    }
}

/// Events that are not on the map as the database has them.
fn suspects(
    snapshot: &Arc<Snapshot>,
    events: Vec<(Uuid, i32)>,
    slots: &[SlotRow],
    now: DateTime<Utc>,
    horizon: DateTime<Utc>,
) -> HashSet<Uuid> {
    let versions: HashMap<Uuid, i32> = events.into_iter().collect();
    let known = |id| snapshot.get(id).map(|listing| listing.version);
    let mut suspects: HashSet<Uuid> = versions
        .iter()
        .filter(|(id, version)| known(**id) != Some(**version))
        .map(|(id, _)| *id)
        .collect();
    let mut to_come: HashMap<Uuid, usize> = HashMap::new();
    for row in slots {
        *to_come.entry(row.event_id).or_default() += 1;
        if row.changed_at <= horizon && differs(snapshot, row) {
            suspects.insert(row.event_id);
        }
    }
    for listing in snapshot.iter() {
        let expected = listing.timeslots.iter().filter(|slot| slot.ends_at > now).count();
        if expected != to_come.get(&listing.id).copied().unwrap_or_default() {
            suspects.insert(listing.id);
        }
    }
    suspects
}

/// Whether the row of a timeslot of an event on the map says something new.
fn differs(snapshot: &Snapshot, row: &SlotRow) -> bool {
    let Some(listing) = snapshot.get(row.event_id) else {
        return false;
    };
    let same = |slot: &&Slot| slot.id == row.id;
    match listing.timeslots.iter().find(same) {
        None => row.cancelled_at.is_none(),
        Some(slot) => {
            row.cancelled_at.is_some()
                || (slot.starts_at, slot.ends_at, slot.capacity) != (row.starts_at, row.ends_at, row.capacity)
                || slot.seats.get().0 < row.version
        }
    }
}
