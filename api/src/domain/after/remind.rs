//! Reminding hosts of what is left to do after a date, until it is done or they say that they want no more of it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{EventStatus, event as events, event_host, person, timeslot};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef,
};
use uuid::Uuid;

use super::list::{Closing, of_event};
use crate::{
    app::App,
    domain::{event, reminder},
    outbox::Job,
    refusal::Refusal,
};

/// How long after a reminder was due it is still left.
const LATE: TimeDelta = TimeDelta::hours(24);
/// Hosts of dates that are looked at together.
const HOSTS: u64 = 500;

/// A host of a date: event_host, date, its end, zone of the event, zone of the person.
type Row = (Uuid, Uuid, DateTime<Utc>, String, Option<String>);

/// Leaves the reminders of hosts that are due, unless they are there: for each day of `messages.closing_days`.
pub(crate) async fn plan(app: &App) -> Result<(), Refusal> {
    let now = app.clock.now();
    for &days in &app.config.messages.closing_days {
        let due = now - TimeDelta::days(days);
        let mut after = None;
        loop {
            let rows = hosts(app, due - LATE, due, after).await?;
            let job = |row: &Row| {
                let (host_id, timeslot_id, ended_at, zone, own) = row;
                let zone = own.as_ref().unwrap_or(zone).parse().unwrap_or(Tz::UTC);
                let due = Ord::max(*ended_at + TimeDelta::days(days), now);
                let due = reminder::awake(&app.config.messages, due, zone);
                let job = Job::RemindHost {
                    host_id: *host_id,
                    timeslot_id: *timeslot_id,
                    ended_at: *ended_at,
                };
                let key = format!("closing:{host_id}:{timeslot_id}:{}:{days}", ended_at.timestamp());
                (job, due, key)
            };
            let jobs: Vec<_> = rows.iter().map(job).collect();
            app.write(async |tx| tx.enqueue_each(&jobs).await).await?;
            let Some(last) = rows.last().filter(|_| rows.len() as u64 == HOSTS) else {
                break;
            };
            after = Some((last.0, last.1));
        }
    }
    Ok(())
}

/// People who host something of which a date ended between two times, that somebody had answered for.
async fn hosts(
    app: &App,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    after: Option<(Uuid, Uuid)>,
) -> Result<Vec<Row>, Refusal> {
    let date: RelationDef = event_host::Entity::belongs_to(timeslot::Entity)
        .from(event_host::Column::EventId)
        .to(timeslot::Column::EventId)
        .into();
    let of: RelationDef = event_host::Entity::belongs_to(events::Entity)
        .from(event_host::Column::EventId)
        .to(events::Column::Id)
        .into();
    let who: RelationDef = event_host::Entity::belongs_to(person::Entity)
        .from(event_host::Column::PersonId)
        .to(person::Column::Id)
        .into();
    let mut rows = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::Id)
        .column_as(timeslot::Column::Id, "timeslot_id")
        .column(timeslot::Column::EndsAt)
        .column(events::Column::Timezone)
        .column_as(person::Column::Timezone, "own")
        .join(JoinType::InnerJoin, date)
        .join(JoinType::InnerJoin, of)
        .join(JoinType::InnerJoin, who)
        .filter(timeslot::Column::EndsAt.gt(from))
        .filter(timeslot::Column::EndsAt.lte(until))
        .filter(timeslot::Column::CancelledAt.is_null())
        .filter(timeslot::Column::Taken.gt(0))
        .filter(events::Column::Status.eq(EventStatus::Approved));
    if let Some((host, date)) = after {
        let same = event_host::Column::Id.eq(host).and(timeslot::Column::Id.gt(date));
        rows = rows.filter(event_host::Column::Id.gt(host).or(same));
    }
    let rows = rows
        .order_by_asc(event_host::Column::Id)
        .order_by_asc(timeslot::Column::Id)
        .limit(HOSTS);
    Ok(rows.into_tuple().all(app.db.reader()).await?)
}

/// What a reminder says, and to whom.
pub(crate) struct Left {
    /// The event.
    pub event: event::Loaded,
    /// Who hosts it.
    pub person_id: Uuid,
    /// The date that is over.
    pub slot: timeslot::Model,
    /// What is left to do.
    pub closing: Closing,
}

/// What is left to do for a host after a date that ended then. None when nothing is, when they want to hear no more of it,
/// when they host it no more, and when a later date of the event is over, of which they hear instead.
pub(crate) async fn left(
    app: &App,
    db: &impl ConnectionTrait,
    host_id: Uuid,
    timeslot_id: Uuid,
    ended_at: DateTime<Utc>,
) -> Result<Option<Left>, Refusal> {
    let Some(host) = event_host::Entity::find_by_id(host_id).one(db).await? else {
        return Ok(None);
    };
    let Some(event) = event::load(db, &[host.event_id]).await?.remove(&host.event_id) else {
        return Ok(None);
    };
    let closing = of_event(app, db, &event).await?;
    let (Some(person_id), Some(closing)) = (host.person_id, closing) else {
        return Ok(None);
    };
    let is_last = |slot: &timeslot::Model| (slot.id, slot.ends_at) == (timeslot_id, ended_at);
    let last = closing.dates.first().map(|date| date.slot.clone());
    let last = last.filter(is_last);
    let fits =
        event.row.status == EventStatus::Approved && !closing.is_done() && closing.dismissed_at.is_none();
    Ok(last.filter(|_| fits).map(|slot| Left {
        event,
        person_id,
        slot,
        closing,
    }))
}
