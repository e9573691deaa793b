//! What changed since a client looked last.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::app_of,
    event::Event,
    id::{Kind, global},
    page,
};
use crate::domain::publication::{self, Change, Changes};

/// What changed, and where to go on.
#[derive(SimpleObject)]
pub struct ChangedEvents {
    /// In the order of their times. One that was told before may come again within a minute: its `version` tells.
    changes: Vec<ChangedEvent>,
    /// Where to go on: for `after`.
    cursor: String,
    /// Whether there is more by now.
    has_more: bool,
    /// True when `after` is too old to say what has gone since: forget everything, read lists again, and go on from this
    /// `cursor`.
    resync: bool,
}

/// An event that changed.
#[derive(SimpleObject)]
pub struct ChangedEvent {
    /// Global id of the event, which may be gone.
    event_id: ID,
    /// What became of it.
    kind: ChangedEventKind,
    /// When.
    changed_at: DateTime<Utc>,
    /// The event as everybody sees it: always with CHANGED, and with REMOVED when it was called off.
    event: Option<Event>,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ChangedEventKind {
    /// It is new, or other than it was, dates and hosts included. Seats are no change.
    Changed,
    /// It is on no list any more: called off, taken back, or no longer for everybody. One that is only over is not removed.
    Removed,
}

/// Queries of changes.
#[derive(Default)]
pub struct ChangesQuery;

#[Object]
impl ChangesQuery {
    /// Events that changed or went since a cursor, for clients that keep some: PUBLIC ones only, whoever asks, and none is
    /// missed that is committed late. Without `after` nothing but a cursor: take that first, then read lists, then ask
    /// with it from time to time. BAD_USER_INPUT.
    #[graphql(complexity = "page::cost(Some(first), None, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `cursor` of the last answer.")] after: Option<String>,
        #[graphql(desc = "At most so many, at most 100.", default = 50)] first: i32,
    ) -> Result<ChangedEvents> {
        let app = app_of(ctx);
        let size = page::asked(app, Some(first), None, None, None)?.size;
        Ok(publication::changes(app, after.as_deref(), size).await?.into())
    }
}

impl From<Changes> for ChangedEvents {
    fn from(changes: Changes) -> Self {
        Self {
            changes: changes.changes.into_iter().map(Into::into).collect(),
            cursor: changes.cursor,
            has_more: changes.has_more,
            resync: changes.resync,
        }
    }
}

impl From<Change> for ChangedEvent {
    fn from(change: Change) -> Self {
        Self {
            event_id: global(Kind::Event, change.event_id),
            kind: match change.removed_at {
                None => ChangedEventKind::Changed,
                Some(_) => ChangedEventKind::Removed,
            },
            changed_at: change.changed_at,
            event: change.event.map(Into::into),
        }
    }
}
