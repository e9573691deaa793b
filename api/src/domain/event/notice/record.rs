//! Noting changes for a notice: whether anybody is told, and what stood there before.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, event, notice, rsvp, timeslot};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Date, dates, message, message_slot, was_slot};
use crate::{
    app::{App, Tx},
    domain::{
        event::{Private, content},
        rsvp::ACTIVE,
    },
    outbox::Job,
    refusal::{Problems, Refusal},
};

/// A notice is put off by further changes until it has waited so many times `messages.notice_minutes`.
const LONGEST: i32 = 3;

/// What the hosts want to be told of an edit, beside what changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct News {
    /// Whether anybody is told at all.
    pub notify: bool,
    /// In the hosts' words. With it, people are told also when neither a date nor the place changes.
    pub message: Option<String>,
}

/// What an edit is about.
pub(in crate::domain::event) enum About<'a> {
    /// These dates, as they were before.
    Dates(Vec<&'a timeslot::Model>),
    /// The event as a whole; with its private part as it was before.
    Event(&'a Private),
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
    pub(in crate::domain::event) fn check(&self, app: &App, problems: &mut Problems) {
        let most = app.config.limits.text;
        content::text(problems, "input.message", self.message.as_ref(), most);
    }

    /// Whether there is something to tell beside what changed.
    pub(in crate::domain::event) fn has_words(&self) -> bool {
        self.words().is_some()
    }

    /// Of two changes that are published together: what is said last, and otherwise what was said before.
    pub(in crate::domain::event) fn then(&self, later: &Self) -> Self {
        Self {
            notify: later.notify,
            message: later.words().or(self.words()).map(str::to_owned),
        }
    }

    /// The message, if it says something.
    pub(in crate::domain::event) fn words(&self) -> Option<&str> {
        let words = self.message.as_deref().map(str::trim);
        words.filter(|words| !words.is_empty())
    }
}

/// Notes a change of an event, which stood like this `before`, for those who are to be told of it. The caller has the event's
/// row. RATE_LIMITED after `messages.notices_per_event_and_day`.
pub(in crate::domain::event) async fn changed(
    app: &App,
    tx: &Tx,
    before: &event::Model,
    about: About<'_>,
    news: &News,
) -> Result<(), Refusal> {
    let news = &of_down(before, news);
    if !is_told(tx, before, &about, news).await? {
        return Ok(());
    }
    let open = open(tx, before.id).await?;
    if open.is_none() {
        check_budget(app, tx, before.id).await?;
    }
    write(app, tx, before.id, open, about, news).await
}

/// Of what was taken down, changes are noted and words are not: no reviewer reads them.
fn of_down(before: &event::Model, news: &News) -> News {
    News {
        message: news
            .message
            .clone()
            .filter(|_| before.status != EventStatus::Suppressed),
        ..news.clone()
    }
}

/// The same without a budget, for dates that are called off.
pub(in crate::domain::event) async fn dates_off(
    app: &App,
    tx: &Tx,
    before: &event::Model,
    dates: Vec<&timeslot::Model>,
    news: &News,
) -> Result<(), Refusal> {
    in_any_case(app, tx, before, About::Dates(dates), &of_down(before, news)).await
}

/// The same without a budget: of what is called off, and what an organizer approves, people hear in any case.
pub(in crate::domain::event) async fn in_any_case(
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

/// Puts off what was noted of an event that was down: it is back, and its people are to hear what changed meanwhile. The
/// caller has the event's row.
pub(in crate::domain::event) async fn resume(app: &App, tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    let Some(open) = open(tx, event_id).await? else {
        return Ok(());
    };
    let (id, due_at) = (open.id, tx.now() + pause(app));
    let row = notice::Model { due_at, ..open };
    row.into_active_model().reset_all().update(tx.db()).await?;
    tx.enqueue(&Job::CloseNotice { notice_id: id }, due_at).await
}

fn pause(app: &App) -> TimeDelta {
    TimeDelta::minutes(app.config.messages.notice_minutes)
}

/// Whether anybody is to be told, and there is somebody. What is noted of an event that was taken down is told when it is back.
async fn is_told(tx: &Tx, before: &event::Model, about: &About<'_>, news: &News) -> Result<bool, Refusal> {
    let is_public = matches!(before.status, EventStatus::Approved | EventStatus::Suppressed);
    if !news.notify || !is_public {
        return Ok(false);
    }
    let rows = rsvp::Entity::find().filter(rsvp::Column::Status.is_in(ACTIVE));
    let rows = match about {
        About::Dates(slots) if slots.is_empty() => return Ok(false),
        About::Dates(slots) => rows.filter(rsvp::Column::TimeslotId.is_in(slots.iter().map(|slot| slot.id))),
        About::Event(_) => rows.filter(rsvp::Column::EventId.eq(before.id)),
    };
    let one = rows.select_only().column(rsvp::Column::Id).into_tuple::<Uuid>();
    Ok(one.one(tx.db()).await?.is_some())
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
        .select_only()
        .column(notice::Column::CreatedAt)
        .into_tuple::<DateTime<Utc>>()
        .all(tx.db())
        .await?;
    let Some(oldest) = recent.last().filter(|_| recent.len() as u64 >= most) else {
        return Ok(());
    };
    let wait = *oldest + day - tx.now();
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
    row.due_at = (tx.now() + pause(app)).min(row.created_at + pause(app) * LONGEST);
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
