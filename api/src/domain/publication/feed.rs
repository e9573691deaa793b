//! Reading what changed, without missing what is committed late.
//!
//! Changes stand in the order of the times of their transactions, and a transaction may be committed up to 30 s after its
//! time. So whoever has read to the end begins the next time a minute before the time at which they began the last: what is
//! told twice, a client knows by the event's version. Within one walk, pages follow each other strictly.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, Visibility, publication};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    app::App,
    db::TRANSACTION_TIMEOUT,
    domain::{
        Actor,
        event::{self, Loaded},
    },
    refusal::Refusal,
};

/// An event that changed, or is gone.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub event_id: Uuid,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Since when it is on no list any more, if it is so.
    pub removed_at: Option<DateTime<Utc>>,
    /// As everybody may read it: always there for one that is on lists, and for one that was called off.
    pub event: Option<Loaded>,
}

/// A part of all changes.
#[derive(Clone, Debug)]
pub struct Changes {
    /// In the order of their times.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub cursor: String,
    /// Whether there are more by now.
    pub has_more: bool,
    /// Whether it is not known any more what has gone since the cursor.
    pub resync: bool,
}

/// What changed after the cursor, at most `size`; without one, nothing but the cursor to begin with. What everybody may
/// know, whoever asks. BAD_USER_INPUT for a cursor that is none.
pub async fn changes(app: &App, after: Option<&str>, size: usize) -> Result<Changes, Refusal> {
    let now = app.clock.now();
    let begin = now - overlap();
    let nothing = |resync| Changes {
        changes: vec![],
        cursor: Cursor::resting(begin).encode(),
        has_more: false,
        resync,
    };
    let Some(after) = after else {
        return Ok(nothing(false));
    };
    let cursor = Cursor::decode(after)?;
    if cursor.floor < now - TimeDelta::days(app.config.retention.removed_events) {
        return Ok(nothing(true));
    }
    // One that rests begins a new walk; one on its way keeps where that began.
    let floor = if cursor.is_resting() {
        cursor.floor.max(begin)
    } else {
        cursor.floor
    };
    let mut rows = page(app, cursor, size as u64 + 1).await?;
    let has_more = rows.len() > size;
    rows.truncate(size);
    let cursor = match rows.last() {
        Some(last) if has_more => Cursor {
            floor,
            at: last.changed_at,
            id: last.event_id,
        },
        _ => Cursor::resting(floor),
    };
    Ok(Changes {
        changes: told(app, rows).await?,
        cursor: cursor.encode(),
        has_more,
        resync: false,
    })
}

/// Events that are gone since `since`, or at all as far as that is known, the longest gone first: ids and times, past
/// so many of them and at most so many; and how many there are.
pub async fn removed(
    app: &App,
    since: Option<DateTime<Utc>>,
    skip: u64,
    size: u64,
) -> Result<(Vec<(Uuid, DateTime<Utc>)>, u64), Refusal> {
    let mut query = publication::Entity::find().filter(publication::Column::RemovedAt.is_not_null());
    if let Some(since) = since {
        query = query.filter(publication::Column::RemovedAt.gte(since));
    }
    let count = query.clone().count(app.db.reader()).await?;
    let rows = query
        .order_by_asc(publication::Column::RemovedAt)
        .order_by_asc(publication::Column::EventId)
        .offset(skip)
        .limit(size)
        .all(app.db.reader())
        .await?;
    let gone = rows
        .into_iter()
        .filter_map(|row| Some((row.event_id, row.removed_at?)));
    Ok((gone.collect(), count))
}

async fn page(app: &App, cursor: Cursor, size: u64) -> Result<Vec<publication::Model>, Refusal> {
    use publication::Column::{ChangedAt, EventId, ListedAt};
    let past = Condition::any().add(ChangedAt.gt(cursor.at)).add(
        Condition::all()
            .add(ChangedAt.eq(cursor.at))
            .add(EventId.gt(cursor.id)),
    );
    let rows = publication::Entity::find()
        .filter(ListedAt.is_not_null())
        // Implied by what follows; an index can begin there.
        .filter(ChangedAt.gte(cursor.at))
        .filter(past)
        .order_by_asc(ChangedAt)
        .order_by_asc(EventId)
        .limit(size)
        .all(app.db.reader())
        .await?;
    Ok(rows)
}

/// The events of these rows, as nobody in particular may read them.
async fn told(app: &App, rows: Vec<publication::Model>) -> Result<Vec<Change>, Refusal> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.event_id).collect();
    let mut found: HashMap<Uuid, Loaded> = event::find_many(app, &Actor::Anonymous, &ids).await?;
    let change = |row: publication::Model| {
        let event = found.remove(&row.event_id);
        let event = event.filter(|event| event.row.visibility == Visibility::Public);
        let event = match row.removed_at {
            // What changed since the row was read comes again, where it stands then.
            None => Some(event.filter(|event| event.row.status == EventStatus::Approved)?),
            Some(_) => event.filter(|event| event.row.status == EventStatus::Cancelled),
        };
        Some(Change {
            event_id: row.event_id,
            changed_at: row.changed_at,
            removed_at: row.removed_at,
            event,
        })
    };
    Ok(rows.into_iter().filter_map(change).collect())
}

/// Twice as long as a transaction may take.
fn overlap() -> TimeDelta {
    TimeDelta::from_std(2 * TRANSACTION_TIMEOUT).unwrap_or(TimeDelta::MAX)
}

/// Where somebody is in the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    /// Where the next walk begins.
    floor: DateTime<Utc>,
    /// What was read last on this one.
    at: DateTime<Utc>,
    id: Uuid,
}

impl Cursor {
    /// Between two walks.
    fn resting(floor: DateTime<Utc>) -> Self {
        Self {
            floor,
            at: floor,
            id: Uuid::nil(),
        }
    }

    fn is_resting(self) -> bool {
        self == Self::resting(self.floor)
    }

    fn encode(self) -> String {
        let times = [self.floor, self.at].map(|time| time.timestamp_micros().to_be_bytes());
        let bytes = [times.concat().as_slice(), self.id.as_bytes()].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
            let (floor, rest) = bytes.split_first_chunk::<8>()?;
            let (at, id) = rest.split_first_chunk::<8>()?;
            let time = |bytes: &[u8; 8]| DateTime::from_timestamp_micros(i64::from_be_bytes(*bytes));
            let id = Uuid::from_slice(id).ok()?;
            let (floor, at) = (time(floor)?, time(at)?);
            // Years that neither database writes otherwise than it sorts them.
            let years = DateTime::UNIX_EPOCH..DateTime::from_timestamp(7_258_118_400, 0)?;
            (years.contains(&floor) && years.contains(&at)).then_some(Self { floor, at, id })
        };
        read().ok_or_else(|| Refusal::input(&["after"], "is not a cursor of changes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_it_was() {
        let time: DateTime<Utc> = "2030-01-15T12:00:00.000001Z".parse().unwrap();
        let walking = Cursor {
            floor: time,
            at: time + TimeDelta::seconds(1),
            id: Uuid::now_v7(),
        };
        for cursor in [walking, Cursor::resting(time)] {
            assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }
        assert!(!walking.is_resting() && Cursor::resting(time).is_resting());
        let far = BASE64_URL_SAFE_NO_PAD.encode([0x7f; 32]);
        for text in ["", "a", "AAAA", far.as_str(), &"A".repeat(50_000), "\u{202e}\0"] {
            assert!(Cursor::decode(text).is_err(), "{:.20}", text);
        }
    }
}
