//! Which dates are near, and a job for each person who comes to one.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{EventStatus, RsvpStatus, event, person, rsvp, timeslot};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef,
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
/// Dates that are read at a time, and people for whom a job is left in one transaction.
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

/// A date, and where its event is.
#[derive(FromQueryResult)]
struct Near {
    #[sea_orm(nested)]
    slot: timeslot::Model,
    timezone: String,
}

async fn plan_those(
    app: &App,
    near: Condition,
    time: timeslot::Column,
    reminders: &[Reminder],
) -> Result<(), Refusal> {
    let now = app.clock.now();
    let event_of: RelationDef = timeslot::Entity::belongs_to(event::Entity)
        .from(timeslot::Column::EventId)
        .to(event::Column::Id)
        .into();
    let slots = timeslot::Entity::find()
        .join(JoinType::InnerJoin, event_of)
        .column(event::Column::Timezone)
        .filter(near)
        .filter(timeslot::Column::CancelledAt.is_null())
        .filter(timeslot::Column::Taken.gt(0))
        .filter(event::Column::Status.eq(EventStatus::Approved))
        .order_by_asc(time)
        .order_by_asc(timeslot::Column::Id);
    let mut done = 0;
    loop {
        let page: Vec<Near> = slots
            .clone()
            .offset(done)
            .limit(CHUNK)
            .into_model()
            .all(app.db.reader())
            .await?;
        let mut jobs = vec![];
        for Near { slot, timezone } in &page {
            let zone: Tz = timezone.parse().unwrap_or(Tz::UTC);
            for reminder in reminders {
                let Some(due) = reminder.due(&app.config.messages, slot, zone, now) else {
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
        done += CHUNK;
        if (page.len() as u64) < CHUNK {
            return Ok(());
        }
    }
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
