//! Reading and writing the rows of series and their dates.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use entity::{series, timeslot};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use uuid::Uuid;

use super::Definition;
use crate::{
    app::{App, Tx},
    domain::{event::timeslots, recurrence::Rule},
    refusal::Refusal,
};

impl Definition {
    pub(in crate::domain::event) fn of(row: &series::Model) -> Result<Self, Refusal> {
        Ok(Self {
            // It ends on a day, whatever the time.
            rule: Rule::parse(&row.rule, NaiveTime::MIN, Tz::UTC).map_err(Refusal::internal)?,
            local_start: row.local_start,
            duration: TimeDelta::minutes(row.duration_minutes.into()),
            capacity: row.capacity,
            zone: row.timezone.parse().unwrap_or(Tz::UTC), // it was checked when it was written
            except_on: serde_json::from_str(&row.except_on).map_err(Refusal::internal)?,
        })
    }

    fn columns(&self, tx: &Tx) -> Result<series::ActiveModel, Refusal> {
        let minutes = i32::try_from(self.duration.num_minutes()).map_err(Refusal::internal)?;
        Ok(series::ActiveModel {
            rule: Set(self.rule.to_string()),
            local_start: Set(self.local_start),
            duration_minutes: Set(minutes),
            capacity: Set(self.capacity),
            timezone: Set(self.zone.name().to_owned()),
            except_on: Set(serde_json::to_string(&self.except_on).map_err(Refusal::internal)?),
            changed_at: Set(tx.now()),
            ..Default::default()
        })
    }
}

pub(in crate::domain::event) async fn insert(
    tx: &Tx,
    event_id: Uuid,
    id: Uuid,
    definition: &Definition,
) -> Result<(), Refusal> {
    let row = series::ActiveModel {
        id: Set(id),
        event_id: Set(event_id),
        version: Set(1),
        created_at: Set(tx.now()),
        ..definition.columns(tx)?
    };
    series::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(super) async fn find_row(tx: &Tx, id: Uuid) -> Result<series::Model, Refusal> {
    let row = series::Entity::find_by_id(id).one(tx.db()).await?;
    row.ok_or(Refusal::NotFound("series"))
}

/// Writes what a series says now.
pub(super) async fn update(tx: &Tx, row: &series::Model, definition: &Definition) -> Result<(), Refusal> {
    let row = series::ActiveModel {
        id: Unchanged(row.id),
        version: Set(row.version + 1),
        ..definition.columns(tx)?
    };
    row.update(tx.db()).await?;
    Ok(())
}

/// Writes what became of a date, if anything did. Its seats are not touched.
pub(super) async fn write(tx: &Tx, before: &timeslot::Model, after: &timeslot::Model) -> Result<(), Refusal> {
    if before == after {
        return Ok(());
    }
    let row = timeslot::ActiveModel {
        id: Unchanged(before.id),
        starts_at: Set(after.starts_at),
        ends_at: Set(after.ends_at),
        capacity: Set(after.capacity),
        cancelled_at: Set(after.cancelled_at),
        series_id: Set(after.series_id),
        occurrence: Set(after.occurrence),
        excepted_at: Set(after.excepted_at),
        version: Set(before.version + 1),
        changed_at: Set(tx.now()),
        ..Default::default()
    };
    row.update(tx.db()).await?;
    Ok(())
}

/// Adds the dates of a series on these days, if the event has room for them.
pub(super) async fn add(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    (series_id, definition): (Uuid, &Definition),
    days: impl Iterator<Item = NaiveDate>,
    path: &str,
) -> Result<(), Refusal> {
    let time = definition.local_start.time();
    let row = |day: NaiveDate| timeslot::ActiveModel {
        series_id: Set(Some(series_id)),
        occurrence: Set(Some(day.and_time(time))),
        ..timeslots::row(tx, event_id, &definition.slot(day))
    };
    let rows: Vec<_> = days.map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    timeslots::check_room(app, tx, event_id, rows.len(), path).await?;
    timeslot::Entity::insert_many(rows)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// The dates of a series, locked, in the order of their ids.
pub(super) async fn lock(tx: &Tx, event_id: Uuid, series_id: Uuid) -> Result<Vec<timeslot::Model>, Refusal> {
    let slots = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.eq(event_id))
        .filter(timeslot::Column::SeriesId.eq(series_id))
        .order_by_asc(timeslot::Column::Id)
        .lock(LockType::NoKeyUpdate);
    Ok(slots.all(tx.db()).await?)
}
