//! Notices: what those who come or wait are told when a date or the place changes, when something is called off, or when the
//! hosts have something to say.
//!
//! Edits within some minutes are one notice. Its row keeps how things were before the first of them; what is said is how they
//! are when it is closed. Nothing is said when they are as they were.

mod spread;

pub(crate) use spread::spread;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, RsvpStatus, event, notice, rsvp, timeslot};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::LockType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Loaded, Private, content, load, open_private};
use crate::{
    app::{App, Tx},
    outbox::Job,
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// Those who are told: who comes, waits, or wants to.
pub(super) const TOLD: [RsvpStatus; 4] = [
    RsvpStatus::Registered,
    RsvpStatus::Offered,
    RsvpStatus::Waitlisted,
    RsvpStatus::PendingApproval,
];
/// A notice is put off by further changes until it has waited so many times `messages.notice_minutes`.
const LONGEST: i32 = 3;

/// What the hosts want to be told of an edit, beside what changed.
#[derive(Clone, Debug)]
pub struct News {
    /// Whether anybody is told at all.
    pub notify: bool,
    /// In the hosts' words. With it, people are told also when neither a date nor the place changes.
    pub message: Option<String>,
}

/// What an edit is about.
pub(super) enum About<'a> {
    /// These dates, as they were before.
    Dates(Vec<&'a timeslot::Model>),
    /// The event as a whole; with its private part as it was before.
    Event(&'a Private),
}

/// A date that a notice is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Date {
    /// Which.
    pub timeslot_id: Uuid,
    /// From when to when it was; none where that is not what changed.
    pub was: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What a notice says.
pub(crate) struct Told {
    /// The dates it is about.
    pub dates: Vec<Date>,
    /// Whether the place is another one.
    pub is_elsewhere: bool,
    /// What the hosts say beside.
    pub message: Option<String>,
}

impl Default for News {
    fn default() -> Self {
        Self {
            notify: true,
            message: None,
        }
    }
}

impl News {
    /// Notes everything that breaks a rule.
    pub(super) fn check(&self, app: &App, problems: &mut Problems) {
        let most = app.config.limits.text;
        content::text(problems, "input.message", self.message.as_ref(), most);
    }

    /// Whether there is something to tell beside what changed.
    pub(super) fn has_words(&self) -> bool {
        self.words().is_some()
    }

    /// The message, if it says something.
    fn words(&self) -> Option<&str> {
        let words = self.message.as_deref().map(str::trim);
        words.filter(|words| !words.is_empty())
    }
}

/// Notes an edit of an event, which stood like this `before`, for those who are to be told of it. The caller has the event's
/// row.
pub(super) async fn record(
    app: &App,
    tx: &Tx,
    before: &event::Model,
    about: About<'_>,
    news: &News,
) -> Result<(), Refusal> {
    if let About::Dates(slots) = &about
        && slots.is_empty()
    {
        return Ok(());
    }
    if !news.notify || before.status != EventStatus::Approved || !is_answered(tx, before.id, &about).await? {
        return Ok(());
    }
    let open = notice::Entity::find()
        .filter(notice::Column::EventId.eq(before.id))
        .filter(notice::Column::ClosedAt.is_null());
    let open = open.one(tx.db()).await?;
    let is_new = open.is_none();
    let mut row = open.unwrap_or_else(|| notice::Model {
        id: Uuid::now_v7(),
        event_id: before.id,
        dates: "[]".to_owned(),
        is_whole: false,
        was: None,
        message: None,
        due_at: tx.now(),
        closed_at: None,
        created_at: tx.now(),
    });
    match about {
        About::Dates(slots) => {
            let mut dates = dates(&row)?;
            for slot in slots.into_iter().filter(|slot| slot.ends_at > tx.now()) {
                if dates.iter().all(|date| date.timeslot_id != slot.id) {
                    dates.push(Date {
                        timeslot_id: slot.id,
                        was: Some((slot.starts_at, slot.ends_at)),
                    });
                }
            }
            row.dates = serde_json::to_string(&dates).map_err(Refusal::internal)?;
        }
        About::Event(private) => {
            row.is_whole = true;
            if row.was.is_none() {
                row.was = Some(app.keys.seal(was_slot(&row.id), private)?);
            }
        }
    }
    if let Some(words) = news.words() {
        row.message = Some(app.keys.seal(message_slot(&row.id), &words)?);
    }
    let pause = TimeDelta::minutes(app.config.messages.notice_minutes);
    row.due_at = (tx.now() + pause).min(row.created_at + pause * LONGEST);
    let (id, due_at) = (row.id, row.due_at);
    let row = row.into_active_model().reset_all();
    if is_new {
        notice::Entity::insert(row)
            .exec_without_returning(tx.db())
            .await?;
    } else {
        row.update(tx.db()).await?;
    }
    tx.enqueue(&Job::CloseNotice { notice_id: id }, due_at).await
}

/// Whether there is anybody to tell.
async fn is_answered(tx: &Tx, event_id: Uuid, about: &About<'_>) -> Result<bool, Refusal> {
    let rows = rsvp::Entity::find().filter(rsvp::Column::Status.is_in(TOLD));
    let rows = match about {
        About::Dates(slots) => rows.filter(rsvp::Column::TimeslotId.is_in(slots.iter().map(|slot| slot.id))),
        About::Event(_) => rows.filter(rsvp::Column::EventId.eq(event_id)),
    };
    Ok(rows.one(tx.db()).await?.is_some())
}

/// Decides what a notice says, unless further changes put it off, and leaves the job that tells it.
pub(crate) async fn close(app: &App, id: Uuid) -> Result<(), Refusal> {
    app.write(async |tx| {
        let Some(row) = notice::Entity::find_by_id(id).one(tx.db()).await? else {
            return Ok(());
        };
        // An edit at this moment is part of it, or of the next one.
        event::Entity::find_by_id(row.event_id)
            .lock(LockType::NoKeyUpdate)
            .one(tx.db())
            .await?;
        let row = notice::Entity::find_by_id(id).one(tx.db()).await?;
        let row = row.filter(|row| row.closed_at.is_none() && row.due_at <= tx.now());
        let Some(row) = row else { return Ok(()) };
        let Some(event) = load(tx.db(), &[row.event_id]).await?.remove(&row.event_id) else {
            return Ok(());
        };
        let dates = changed(app, &row, &event, tx.now())?;
        if dates.is_empty() {
            notice::Entity::delete_by_id(id).exec(tx.db()).await?;
            return Ok(());
        }
        let row = notice::Model {
            dates: serde_json::to_string(&dates).map_err(Refusal::internal)?,
            closed_at: Some(tx.now()),
            ..row
        };
        row.into_active_model().reset_all().update(tx.db()).await?;
        let first = Job::SpreadNotice {
            notice_id: id,
            date: 0,
            after: None,
        };
        tx.enqueue(&first, tx.now()).await
    })
    .await
}

/// The dates of which there is something to say.
fn changed(app: &App, row: &notice::Model, event: &Loaded, now: DateTime<Utc>) -> Result<Vec<Date>, Refusal> {
    let noted = dates(row)?.into_iter();
    let noted: HashMap<Uuid, Date> = noted.map(|date| (date.timeslot_id, date)).collect();
    let has_words = row.message.is_some();
    let is_off = event.row.status == EventStatus::Cancelled;
    let of_all = row.is_whole && (has_words || is_off || is_elsewhere(app, row, &event.row)?);
    let mut said = vec![];
    for slot in event.timeslots.iter().filter(|slot| slot.ends_at > now) {
        let was = noted.get(&slot.id).and_then(|date| date.was);
        let is_changed = was.is_some_and(|was| {
            has_words || slot.cancelled_at.is_some() || was != (slot.starts_at, slot.ends_at)
        });
        if is_changed || of_all && slot.cancelled_at.is_none() {
            said.push(Date {
                timeslot_id: slot.id,
                was,
            });
        }
    }
    Ok(said)
}

/// Whether people have to go elsewhere than before.
fn is_elsewhere(app: &App, row: &notice::Model, event: &event::Model) -> Result<bool, Refusal> {
    let Some(was) = &row.was else { return Ok(false) };
    let was: Private = app.keys.open(was_slot(&row.id), was)?;
    let now = open_private(app, event)?;
    Ok((was.place, was.virtual_url, was.gathering) != (now.place, now.virtual_url, now.gathering))
}

/// What a closed notice about `event` says.
pub(crate) async fn told(app: &App, id: Uuid, event: &event::Model) -> Result<Option<Told>, Refusal> {
    let Some(row) = notice::Entity::find_by_id(id).one(app.db.writer()).await? else {
        return Ok(None);
    };
    let message = row.message.as_ref();
    Ok(Some(Told {
        dates: dates(&row)?,
        is_elsewhere: is_elsewhere(app, &row, event)?,
        message: message
            .map(|sealed| app.keys.open(message_slot(&id), sealed))
            .transpose()?,
    }))
}

/// Those of `dates` that somebody answered for and is told of, soonest first.
pub(crate) async fn dates_of(
    app: &App,
    person_id: Uuid,
    dates: &[Date],
) -> Result<Vec<(timeslot::Model, Date)>, Refusal> {
    let ids = dates.iter().map(|date| date.timeslot_id);
    let mine = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::TimeslotId)
        .filter(rsvp::Column::PersonId.eq(person_id))
        .filter(rsvp::Column::TimeslotId.is_in(ids))
        .filter(rsvp::Column::Status.is_in(TOLD))
        .into_tuple::<Uuid>()
        .all(app.db.writer())
        .await?;
    let slots = timeslot::Entity::find()
        .filter(timeslot::Column::Id.is_in(mine))
        .all(app.db.writer())
        .await?;
    let with_date = |slot: timeslot::Model| {
        let date = dates.iter().find(|date| date.timeslot_id == slot.id)?;
        Some((slot, date.clone()))
    };
    let mut found: Vec<_> = slots.into_iter().filter_map(with_date).collect();
    found.sort_by_key(|(slot, _)| (slot.starts_at, slot.id));
    Ok(found)
}

fn dates(row: &notice::Model) -> Result<Vec<Date>, Refusal> {
    serde_json::from_str(&row.dates).map_err(Refusal::internal)
}

fn was_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "notice.was",
        row: id,
    }
}

fn message_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "notice.message",
        row: id,
    }
}
