//! Which dates are near, and a job for each person who comes to one.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{EventStatus, RsvpStatus, event, person, rsvp, timeslot};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};
use uuid::Uuid;

use super::{awake, last};
use crate::{
    app::App,
    outbox::{self, Job, Reminder},
    refusal::Refusal,
};

/// How far ahead dates are looked at: the day before begins at most two days before the start.
const AHEAD: TimeDelta = TimeDelta::hours(48);
/// How long after its end a date is still looked at.
const BEHIND: TimeDelta = TimeDelta::hours(24);
/// Dates that are looked at together.
const DATES: u64 = 100;
/// People for whom a job is left in one transaction.
const CHUNK: u64 = 500;

/// Leaves the jobs of all dates that are near, unless they are there.
pub(crate) async fn plan(app: &App) -> Result<(), Refusal> {
    let now = app.clock.now();
    let (starts, ends) = (timeslot::Column::StartsAt, timeslot::Column::EndsAt);
    let soon = Condition::all().add(starts.gt(now)).add(starts.lte(now + AHEAD));
    let over = Condition::all().add(ends.gt(now - BEHIND)).add(ends.lte(now));
    plan_those(app, soon, starts, &[Reminder::DayBefore, Reminder::DayOf]).await?;
    plan_those(app, over, ends, &[Reminder::Thanks]).await
}

async fn plan_those(
    app: &App,
    near: Condition,
    time: timeslot::Column,
    reminders: &[Reminder],
) -> Result<(), Refusal> {
    let now = app.clock.now();
    let slots = timeslot::Entity::find()
        .filter(near)
        .filter(timeslot::Column::CancelledAt.is_null())
        .filter(timeslot::Column::Taken.gt(0))
        .order_by_asc(time)
        .order_by_asc(timeslot::Column::Id)
        .limit(DATES);
    let mut past = None;
    loop {
        let page = slots.clone().filter(Condition::all().add_option(past));
        let page = page.all(app.db.reader()).await?;
        let zones = zones(app, page.iter().map(|slot| slot.event_id)).await?;
        let mut jobs = vec![];
        for slot in &page {
            let Some(zone) = zones.get(&slot.event_id) else {
                continue;
            };
            for reminder in reminders {
                let Some(due) = reminder.due(&app.config.messages, slot, *zone, now) else {
                    continue;
                };
                let (timeslot_id, at) = (slot.id, reminder.about(slot));
                let job = Job::Remind {
                    timeslot_id,
                    reminder: *reminder,
                    at,
                    after: None,
                };
                jobs.push((job, due, reminder.key(timeslot_id, at)));
            }
        }
        app.write(async |tx| tx.enqueue_each(&jobs).await).await?;
        let Some(last) = page.last().filter(|_| page.len() as u64 == DATES) else {
            return Ok(());
        };
        let reached = last.get(time);
        let same_time = Condition::all()
            .add(time.eq(reached.clone()))
            .add(timeslot::Column::Id.gt(last.id));
        past = Some(Condition::any().add(time.gt(reached)).add(same_time));
    }
}

/// Where those of some events are that people come to.
async fn zones(app: &App, events: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Tz>, Refusal> {
    let rows: Vec<(Uuid, String)> = event::Entity::find()
        .select_only()
        .columns([event::Column::Id, event::Column::Timezone])
        .filter(event::Column::Id.is_in(events))
        .filter(event::Column::Status.eq(EventStatus::Approved))
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let zone = |(id, name): (Uuid, String)| (id, name.parse().unwrap_or(Tz::UTC));
    Ok(rows.into_iter().map(zone).collect())
}

/// Somebody who comes.
#[derive(FromQueryResult)]
struct Coming {
    id: Uuid,
    person_id: Uuid,
    timezone: Option<String>,
}

/// Leaves a job for each of the next people who come to a date, and one for those after them. Nothing when the date is no
/// longer at this time. Who answered since the reminder was due has just had a mail.
pub(crate) async fn spread(
    app: &App,
    reminder: Reminder,
    timeslot_id: Uuid,
    at: DateTime<Utc>,
    after: Option<Uuid>,
) -> Result<(), Refusal> {
    let settings = &app.config.messages;
    app.write(async |tx| {
        let slot = timeslot::Entity::find_by_id(timeslot_id).one(tx.db()).await?;
        let Some(slot) = slot.filter(|slot| slot.cancelled_at.is_none() && reminder.about(slot) == at) else {
            // It may be moved back.
            return outbox::forget_key(tx.db(), &reminder.key(timeslot_id, at)).await;
        };
        let timezone = event::Entity::find_by_id(slot.event_id)
            .filter(event::Column::Status.eq(EventStatus::Approved))
            .select_only()
            .column(event::Column::Timezone)
            .into_tuple::<String>();
        let Some(timezone) = timezone.one(tx.db()).await? else {
            return Ok(());
        };
        let zone: Tz = timezone.parse().unwrap_or(Tz::UTC);
        let Some(due) = reminder.due(settings, &slot, zone, tx.now()) else {
            return Ok(());
        };
        let person_of: RelationDef = rsvp::Entity::belongs_to(person::Entity)
            .from(rsvp::Column::PersonId)
            .to(person::Column::Id)
            .into();
        let mut coming = rsvp::Entity::find()
            .select_only()
            .columns([rsvp::Column::Id, rsvp::Column::PersonId])
            .column(person::Column::Timezone)
            .join(JoinType::InnerJoin, person_of)
            .filter(rsvp::Column::TimeslotId.eq(timeslot_id))
            .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
            .filter(rsvp::Column::CreatedAt.lte(due));
        if let Some(after) = after {
            coming = coming.filter(rsvp::Column::PersonId.gt(after));
        }
        // By the index that keeps a person from answering twice for one date.
        let people: Vec<Coming> = coming
            .order_by_asc(rsvp::Column::PersonId)
            .limit(CHUNK)
            .into_model()
            .all(tx.db())
            .await?;
        let mut jobs = vec![];
        for one in &people {
            let own = one.timezone.as_deref().and_then(|name| name.parse().ok());
            let when = awake(settings, due.max(tx.now()), own.unwrap_or(zone));
            if reminder == Reminder::Thanks || when <= last(settings, &slot) {
                let job = Job::SendReminder {
                    rsvp_id: one.id,
                    reminder,
                    at,
                };
                jobs.push((job, when, reminder.key(one.id, at)));
            }
        }
        if let Some(last) = people.last()
            && people.len() as u64 == CHUNK
        {
            let after = Some(last.person_id);
            let next = Job::Remind {
                timeslot_id,
                reminder,
                at,
                after,
            };
            jobs.push((
                next,
                tx.now(),
                format!("{}:{}", reminder.key(timeslot_id, at), last.person_id),
            ));
        }
        tx.enqueue_each(&jobs).await
    })
    .await
}
