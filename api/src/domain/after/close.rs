//! Closing dates, which says that nobody who was not seen came, and opening them again.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{ChangeKind, EventStatus, attendance_close, timeslot};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        Actor,
        event::{
            self, Loaded,
            history::{self, By},
        },
    },
    refusal::{Reason, Refusal},
};

/// Says that the hosts know no more of who came: to one date, or to all that are over. Doing it again changes nothing. For
/// hosts and organizers. NOT_FOUND, FORBIDDEN; WRONG_STATE (EVENT_NOT_OVER, TIMESLOT_CANCELLED, EVENT_CANCELLED).
pub async fn close(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    timeslot_id: Option<Uuid>,
) -> Result<Loaded, Refusal> {
    let event = event::require_edit(app, actor, event_id).await?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    let now = app.clock.now();
    let dates: Vec<Uuid> = match timeslot_id {
        Some(id) => {
            let slot = date_of(&event, id)?;
            if slot.cancelled_at.is_some() {
                return Err(Refusal::WrongState(Reason::TimeslotCancelled));
            }
            over(slot, now).then_some(slot.id).into_iter().collect()
        }
        None => {
            let slots = event.timeslots.iter();
            let slots = slots.filter(|slot| slot.cancelled_at.is_none() && over(slot, now));
            slots.map(|slot| slot.id).collect()
        }
    };
    if dates.is_empty() {
        return Err(Refusal::WrongState(Reason::EventNotOver));
    }
    let rows = dates.iter().map(|id| attendance_close::ActiveModel {
        timeslot_id: Set(*id),
        event_id: Set(event_id),
        closed_at: Set(now),
        forgotten_at: Set(None),
    });
    let rows: Vec<_> = rows.collect();
    app.write(async |tx| {
        event::lock_event(tx, event_id).await?;
        let unless_closed = OnConflict::column(attendance_close::Column::TimeslotId)
            .do_nothing()
            .to_owned();
        let closed = attendance_close::Entity::insert_many(rows.clone())
            .on_conflict(unless_closed)
            .exec_without_returning(tx.db())
            .await?;
        if closed == 0 {
            return Ok(());
        }
        tx.rsvp_changed(event_id);
        let by = By::of(actor, &event.hosts);
        history::note(tx, event_id, &by, ChangeKind::AttendanceClosed, vec![]).await
    })
    .await?;
    Ok(event)
}

/// Takes that back for one date, or for all: whoever was not seen may have come. Where it is forgotten who came, nothing is
/// opened. For hosts and organizers. NOT_FOUND, FORBIDDEN.
pub async fn reopen(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    timeslot_id: Option<Uuid>,
) -> Result<Loaded, Refusal> {
    let event = event::require_edit(app, actor, event_id).await?;
    if let Some(id) = timeslot_id {
        date_of(&event, id)?;
    }
    app.write(async |tx| {
        event::lock_event(tx, event_id).await?;
        let mut open = attendance_close::Entity::delete_many()
            .filter(attendance_close::Column::EventId.eq(event_id))
            .filter(attendance_close::Column::ForgottenAt.is_null());
        if let Some(id) = timeslot_id {
            open = open.filter(attendance_close::Column::TimeslotId.eq(id));
        }
        if open.exec(tx.db()).await?.rows_affected == 0 {
            return Ok(());
        }
        tx.rsvp_changed(event_id);
        let by = By::of(actor, &event.hosts);
        history::note(tx, event_id, &by, ChangeKind::AttendanceReopened, vec![]).await
    })
    .await?;
    Ok(event)
}

fn date_of(event: &Loaded, id: Uuid) -> Result<&timeslot::Model, Refusal> {
    let mut slots = event.timeslots.iter();
    slots
        .find(|slot| slot.id == id)
        .ok_or(Refusal::NotFound("timeslot"))
}

fn over(slot: &timeslot::Model, now: DateTime<Utc>) -> bool {
    slot.ends_at <= now
}

/// Those of some dates that are closed, and of which it is known who came.
pub(crate) async fn closed(
    db: &impl ConnectionTrait,
    dates: impl Iterator<Item = Uuid>,
) -> Result<HashSet<Uuid>, Refusal> {
    let dates: HashSet<Uuid> = dates.collect();
    let rows: Vec<Uuid> = attendance_close::Entity::find()
        .select_only()
        .column(attendance_close::Column::TimeslotId)
        .filter(attendance_close::Column::TimeslotId.is_in(dates))
        .filter(attendance_close::Column::ForgottenAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What was closed of dates that were over before a time says nothing of anybody any more: it is forgotten who came.
pub(crate) async fn retain(
    db: &DatabaseConnection,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<(), Refusal> {
    let over = timeslot::Entity::find()
        .select_only()
        .column(timeslot::Column::Id)
        .filter(timeslot::Column::EndsAt.lt(before))
        .into_query();
    attendance_close::Entity::update_many()
        .col_expr(attendance_close::Column::ForgottenAt, Expr::value(now))
        .filter(attendance_close::Column::ForgottenAt.is_null())
        .filter(attendance_close::Column::TimeslotId.in_subquery(over))
        .exec(db)
        .await?;
    Ok(())
}
