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
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, sea_query::LockType,
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

/// Notes a change of an event, which stood like this `before`, for those who are to be told of it. The caller has the event's
/// row. RATE_LIMITED after `messages.notices_per_event_and_day`.
pub(super) async fn changed(
    app: &App,
    tx: &Tx,
    before: &event::Model,
    about: About<'_>,
    news: &News,
) -> Result<(), Refusal> {
    if !is_told(tx, before, &about, news).await? {
        return Ok(());
    }
    let open = open(tx, before.id).await?;
    if open.is_none() {
        check_budget(app, tx, before.id).await?;
    }
    write(app, tx, before.id, open, about, news).await
}

/// The same for what is called off, of which people hear in any case.
pub(super) async fn called_off(
    app: &App,
    tx: &Tx,
    before: &event::Model,
    about: About<'_>,
    news: &News,
) -> Result<(), Refusal> {
    if !is_told(tx, before, &about, news).await? {
        return Ok(());
    }
    let open = open(tx, before.id).await?;
    write(app, tx, before.id, open, about, news).await
}

/// Whether anybody is to be told, and there is somebody.
async fn is_told(tx: &Tx, before: &event::Model, about: &About<'_>, news: &News) -> Result<bool, Refusal> {
    if !news.notify || before.status != EventStatus::Approved {
        return Ok(false);
    }
    let rows = rsvp::Entity::find().filter(rsvp::Column::Status.is_in(TOLD));
    let rows = match about {
        About::Dates(slots) if slots.is_empty() => return Ok(false),
        About::Dates(slots) => rows.filter(rsvp::Column::TimeslotId.is_in(slots.iter().map(|slot| slot.id))),
        About::Event(_) => rows.filter(rsvp::Column::EventId.eq(before.id)),
    };
    Ok(rows.one(tx.db()).await?.is_some())
}

/// The notice that further changes become part of.
async fn open(tx: &Tx, event_id: Uuid) -> Result<Option<notice::Model>, Refusal> {
    let open = notice::Entity::find()
        .filter(notice::Column::EventId.eq(event_id))
        .filter(notice::Column::ClosedAt.is_null());
    Ok(open.one(tx.db()).await?)
}

/// Whoever may change an event could else fill the mailboxes of all who come.
async fn check_budget(app: &App, tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    let (most, day) = (app.config.messages.notices_per_event_and_day, TimeDelta::days(1));
    let recent = notice::Entity::find()
        .filter(notice::Column::EventId.eq(event_id))
        .filter(notice::Column::CreatedAt.gt(tx.now() - day))
        .order_by_desc(notice::Column::CreatedAt)
        .limit(most)
        .all(tx.db())
        .await?;
    let Some(oldest) = recent.last().filter(|_| recent.len() as u64 >= most) else {
        return Ok(());
    };
    let wait = oldest.created_at + day - tx.now();
    let seconds = u64::try_from(wait.num_seconds()).unwrap_or_default() + 1;
    let limit = format!("At most {most} notices a day go out about one event (without: notify: false)");
    Err(Refusal::Budget(limit, seconds))
}

async fn write(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    open: Option<notice::Model>,
    about: About<'_>,
    news: &News,
) -> Result<(), Refusal> {
    let is_new = open.is_none();
    let mut row = open.unwrap_or_else(|| notice::Model {
        id: Uuid::now_v7(),
        event_id,
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
        let said = message(app, &row)?.filter(|said| said != words);
        let said = said.map_or_else(|| words.to_owned(), |said| format!("{said}\n\n{words}"));
        row.message = Some(app.keys.seal(message_slot(&row.id), &said)?);
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
        let dates = said(app, &row, &event, tx.now())?;
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
fn said(app: &App, row: &notice::Model, event: &Loaded, now: DateTime<Utc>) -> Result<Vec<Date>, Refusal> {
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
    Ok(Some(Told {
        dates: dates(&row)?,
        is_elsewhere: is_elsewhere(app, &row, event)?,
        message: message(app, &row)?,
    }))
}

/// A date that somebody is told of.
pub(crate) struct Mine {
    pub slot: timeslot::Model,
    pub rsvp: rsvp::Model,
    pub date: Date,
}

/// Those of `dates` that somebody answered for and is told of, soonest first.
pub(crate) async fn dates_of(app: &App, person_id: Uuid, dates: &[Date]) -> Result<Vec<Mine>, Refusal> {
    let ids = dates.iter().map(|date| date.timeslot_id);
    let slot_of: RelationDef = rsvp::Entity::belongs_to(timeslot::Entity)
        .from(rsvp::Column::TimeslotId)
        .to(timeslot::Column::Id)
        .into();
    let rows = rsvp::Entity::find()
        .join(JoinType::InnerJoin, slot_of)
        .select_also(timeslot::Entity)
        .filter(rsvp::Column::PersonId.eq(person_id))
        .filter(rsvp::Column::TimeslotId.is_in(ids))
        .filter(rsvp::Column::Status.is_in(TOLD))
        .all(app.db.writer())
        .await?;
    let with_date = |(rsvp, slot): (rsvp::Model, Option<timeslot::Model>)| {
        let date = dates.iter().find(|date| date.timeslot_id == rsvp.timeslot_id)?;
        Some(Mine {
            slot: slot?,
            rsvp,
            date: date.clone(),
        })
    };
    let mut mine: Vec<_> = rows.into_iter().filter_map(with_date).collect();
    mine.sort_by_key(|mine| (mine.slot.starts_at, mine.slot.id));
    Ok(mine)
}

/// What the hosts say beside.
fn message(app: &App, row: &notice::Model) -> Result<Option<String>, Refusal> {
    let sealed = row.message.as_ref();
    let opened = sealed.map(|sealed| app.keys.open(message_slot(&row.id), sealed));
    Ok(opened.transpose()?)
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
