//! Notices: what those who come or wait are told when a date or the place changes, when something is called off, or when the
//! hosts have something to say.
//!
//! Edits within some minutes are one notice. Its row keeps how things were before the first of them; what is said is how they
//! are when it is closed. Nothing is said when they are as they were. Of an event that was taken down nobody is told: its notice
//! stays open until it is back, and is never told if it is called off before.

mod record;
mod spread;

pub use record::News;
pub(super) use record::{About, changed, dates_off, in_any_case, resume};
pub(crate) use spread::spread;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{EventStatus, event, notice, rsvp, timeslot};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QuerySelect,
    RelationDef, sea_query::LockType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Loaded, Private, load, open_private};
use crate::{app::App, domain::rsvp::ACTIVE, outbox::Job, refusal::Refusal, sealed::Slot};

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
        if event.row.status == EventStatus::Suppressed {
            return Ok(()); // see `resume`
        }
        let dates = said(app, &row, &event, tx.now())?;
        if dates.is_empty() || event.row.suppressed_at.is_some() {
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
        .filter(rsvp::Column::Status.is_in(ACTIVE))
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
    opened.transpose()
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
