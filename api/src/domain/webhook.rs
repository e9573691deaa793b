//! Who is told of events and RSVPs by HTTP: what is left to be told, in the transaction in which it happens.
//!
//! Deliveries are signed as [Standard Webhooks](https://www.standardwebhooks.com) has it, and say by ids what happened:
//! whoever gets one asks for the rest, as themselves.

mod deliver;
mod manage;
mod secret;

pub use deliver::{Attempt, Begin, Sending, begin, give_up, settle};
pub use manage::{
    NewWebhook, WebhookChange, create, delete, deliveries, find, find_delivery, list, reach, replay, rotate,
    test, update,
};
pub use secret::Secret;

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::{WebhookKind, rsvp, timeslot, webhook, webhook_delivery};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    outbox::Job,
    refusal::Refusal,
};

/// For so long a process that found no webhook does not look again, so that answers cost no statement where there is none.
const NONE: TimeDelta = TimeDelta::seconds(5);
const CHUNK: usize = 500;

/// Something that webhooks are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// To an event.
    Event {
        /// What.
        kind: WebhookKind,
        /// The event.
        id: Uuid,
        /// Its version after that.
        version: i32,
    },
    /// To an RSVP.
    Rsvp {
        /// What.
        kind: WebhookKind,
        /// The RSVP.
        id: Uuid,
        /// Its event.
        event_id: Uuid,
        /// Its date.
        timeslot_id: Uuid,
    },
}

impl Happening {
    /// Of an RSVP, as it is now.
    pub(crate) fn rsvp(kind: WebhookKind, row: &rsvp::Model) -> Self {
        Self::Rsvp {
            kind,
            id: row.id,
            event_id: row.event_id,
            timeslot_id: row.timeslot_id,
        }
    }

    /// Of one of several RSVPs for a timeslot that were changed together.
    pub(crate) fn changed(id: Uuid, slot: &timeslot::Model) -> Self {
        Self::Rsvp {
            kind: WebhookKind::RsvpUpdated,
            id,
            event_id: slot.event_id,
            timeslot_id: slot.id,
        }
    }

    fn kind(&self) -> WebhookKind {
        match self {
            Self::Event { kind, .. } | Self::Rsvp { kind, .. } => *kind,
        }
    }

    /// What it is about, by the ids of the schema.
    fn data(&self) -> Value {
        match self {
            Self::Event { id, version, .. } => json!({"eventId": format!("event:{id}"), "version": version}),
            Self::Rsvp {
                id,
                event_id,
                timeslot_id,
                ..
            } => json!({
                "attendeeId": format!("attendee:{id}"), "eventId": format!("event:{event_id}"),
                "timeslotId": format!("timeslot:{timeslot_id}")
            }),
        }
    }
}

/// What a kind is called in a delivery.
pub fn name_of(kind: WebhookKind) -> &'static str {
    match kind {
        WebhookKind::EventPublished => "event.published",
        WebhookKind::EventUpdated => "event.updated",
        WebhookKind::EventCancelled => "event.cancelled",
        WebhookKind::RsvpCreated => "rsvp.created",
        WebhookKind::RsvpUpdated => "rsvp.updated",
        WebhookKind::Test => "webhook.test",
    }
}

/// Whether there is anybody to tell, as far as this process knows.
#[derive(Default)]
pub struct Listeners {
    /// Until when there is nobody; microseconds since 1970.
    none_until: AtomicI64,
}

impl Listeners {
    fn may_be(&self, now: DateTime<Utc>) -> bool {
        now.timestamp_micros() >= self.none_until.load(Ordering::Relaxed)
    }

    fn are_none(&self, now: DateTime<Utc>) {
        self.none_until
            .store((now + NONE).timestamp_micros(), Ordering::Relaxed);
    }

    /// There is somebody.
    pub(crate) fn changed(&self) {
        self.none_until.store(0, Ordering::Relaxed);
    }
}

/// Leaves a delivery of each of `happened` for each webhook that wants to know of it.
pub(crate) async fn leave(app: &App, tx: &Tx, mut happened: Vec<Happening>) -> Result<(), Refusal> {
    if !app.listeners.may_be(tx.now()) {
        return Ok(());
    }
    let hooks: Vec<(Uuid, String)> = webhook::Entity::find()
        .select_only()
        .columns([webhook::Column::Id, webhook::Column::Kinds])
        .filter(webhook::Column::DisabledAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await?;
    if hooks.is_empty() {
        app.listeners.are_none(tx.now());
        return Ok(());
    }
    merge(&mut happened);
    let mut rows = Vec::new();
    for (id, kinds) in &hooks {
        let kinds = kinds_of(kinds);
        let wanted = happened.iter().filter(|what| kinds.contains(&what.kind()));
        rows.extend(wanted.map(|what| row(*id, what.kind(), &what.data(), tx.now())));
    }
    leave_rows(tx, rows).await
}

/// One thing happened once in a transaction: an RSVP that is new and then changed is new.
fn merge(happened: &mut Vec<Happening>) {
    let mut seen = std::collections::HashSet::new();
    happened.retain(|what| match what {
        Happening::Event { id, .. } | Happening::Rsvp { id, .. } => seen.insert(*id),
    });
}

async fn leave_rows(tx: &Tx, rows: Vec<(Uuid, webhook_delivery::ActiveModel)>) -> Result<(), Refusal> {
    let (ids, rows): (Vec<Uuid>, Vec<_>) = rows.into_iter().unzip();
    let jobs = ids
        .into_iter()
        .map(|delivery_id| Job::DeliverWebhook { delivery_id });
    let jobs: Vec<Job> = jobs.collect();
    for (rows, jobs) in rows.chunks(CHUNK).zip(jobs.chunks(CHUNK)) {
        webhook_delivery::Entity::insert_many(rows.to_vec())
            .exec_without_returning(tx.db())
            .await?;
        tx.enqueue_all(jobs).await?;
    }
    Ok(())
}

/// A delivery and its id. Its text is made once: each attempt sends the same bytes.
fn row(
    webhook_id: Uuid,
    kind: WebhookKind,
    data: &Value,
    now: DateTime<Utc>,
) -> (Uuid, webhook_delivery::ActiveModel) {
    let id = Uuid::now_v7();
    let timestamp = now.to_rfc3339_opts(SecondsFormat::Micros, true);
    let body = json!({"type": name_of(kind), "timestamp": timestamp, "data": data});
    let row = webhook_delivery::ActiveModel {
        id: Set(id),
        webhook_id: Set(webhook_id),
        kind: Set(kind),
        body: Set(body.to_string()),
        attempts: Set(0),
        last_status: NotSet,
        last_error: NotSet,
        delivered_at: NotSet,
        failed_at: NotSet,
        created_at: Set(now),
    };
    (id, row)
}

/// The kinds that a webhook wants to be told of.
pub fn kinds_of(kinds: &str) -> Vec<WebhookKind> {
    use sea_orm::ActiveEnum;
    let names: Vec<String> = serde_json::from_str(kinds).unwrap_or_default();
    let known = names
        .iter()
        .filter_map(|name| WebhookKind::try_from_value(name).ok());
    known.collect()
}
