//! What became of events on the map: which were ever there, what changed since somebody looked last, and what is gone.
//!
//! A row for each event that was published is written in the transaction that changes the event, so that nobody learns of an
//! event by hearing that it is gone who could not have known it before: only those that were on the map at some time are
//! told of.

mod feed;

pub use feed::{Change, Changes, changes, removed};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{EventStatus, Visibility, WebhookKind, event, publication};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use super::webhook::Happening;
use crate::{app::Tx, refusal::Refusal};

/// What of an event decides whether it is on the map, its dates apart: also its version, when it was called off and when it
/// was taken down.
type State = (
    Uuid,
    EventStatus,
    Visibility,
    i32,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
);

/// Notes in the transaction that changed them what became of `events`, and says which of that webhooks are told.
pub(crate) async fn note(tx: &Tx, mut events: Vec<Uuid>) -> Result<Vec<Happening>, Refusal> {
    events.sort_unstable();
    events.dedup();
    let states: Vec<State> = event::Entity::find()
        .select_only()
        .columns([
            event::Column::Id,
            event::Column::Status,
            event::Column::Visibility,
        ])
        .columns([
            event::Column::Version,
            event::Column::CancelledAt,
            event::Column::SuppressedAt,
        ])
        .filter(event::Column::Id.is_in(events.iter().copied()))
        .into_tuple()
        .all(tx.db())
        .await?;
    let known = publication::Entity::find()
        .filter(publication::Column::EventId.is_in(events.iter().copied()))
        .all(tx.db())
        .await?;
    let states: HashMap<Uuid, State> = states.into_iter().map(|state| (state.0, state)).collect();
    let known: HashMap<Uuid, publication::Model> = known.into_iter().map(|row| (row.event_id, row)).collect();
    let (mut rows, mut happened) = (Vec::new(), Vec::new());
    for id in events {
        let (state, known) = (states.get(&id), known.get(&id));
        happened.extend(state.and_then(|state| happening(state, known.is_some(), tx.now())));
        let (is_published, is_listed) = match state {
            Some((_, EventStatus::Approved, visibility, ..)) => (true, *visibility == Visibility::Public),
            _ => (false, false),
        };
        rows.extend(next(id, known, is_published, is_listed, tx.now()));
    }
    if !rows.is_empty() {
        use publication::Column::{ChangedAt, EventId, ListedAt, RemovedAt};
        let replace = OnConflict::column(EventId)
            .update_columns([ChangedAt, ListedAt, RemovedAt])
            .to_owned();
        publication::Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(happened)
}

/// The row of an event after a change, if it is another one.
fn next(
    id: Uuid,
    known: Option<&publication::Model>,
    is_published: bool,
    is_listed: bool,
    now: DateTime<Utc>,
) -> Option<publication::ActiveModel> {
    let listed_at = known.and_then(|known| known.listed_at);
    let was_listed = known.is_some_and(|known| known.listed_at.is_some() && known.removed_at.is_none());
    let (listed_at, removed_at) = match (is_listed, was_listed) {
        (true, _) => (listed_at.or(Some(now)), None),
        (false, true) => (listed_at, Some(now)),
        // On no list before, and on none now: of what is gone already there is nothing more to say.
        (false, false) if is_published && known.is_none() => (None, None),
        (false, false) => return None,
    };
    Some(publication::ActiveModel {
        event_id: Set(id),
        changed_at: Set(now),
        listed_at: Set(listed_at),
        removed_at: Set(removed_at),
    })
}

/// What a change of an event is to those who are told of it. `was_published` is whether it ever was before.
fn happening(state: &State, was_published: bool, now: DateTime<Utc>) -> Option<Happening> {
    let (id, status, _, version, cancelled_at, suppressed_at) = *state;
    let kind = match status {
        EventStatus::Approved if was_published => WebhookKind::EventUpdated,
        EventStatus::Approved => WebhookKind::EventPublished,
        // That nothing is found of it any more is the change; what becomes of it after that is nobody's business.
        EventStatus::Suppressed if was_published && suppressed_at == Some(now) => WebhookKind::EventUpdated,
        _ if suppressed_at.is_some() => return None,
        EventStatus::Cancelled if was_published && cancelled_at == Some(now) => WebhookKind::EventCancelled,
        _ => return None,
    };
    Some(Happening::Event { kind, id, version })
}
