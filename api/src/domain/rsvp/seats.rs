//! Taking seats, and giving them back.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::{EventStatus, RsvpStatus, WaitlistRule, WebhookKind, event, rsvp, timeslot};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, UpdateMany,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;

use super::promote;
use crate::{
    app::{App, Tx},
    domain::webhook::Happening,
    map::{Seats, seats_given},
    outbox::{self, Job, RsvpMail},
    refusal::{Reason, Refusal},
};

/// Takes the timeslot's row for this transaction, and reads it as it is now. (On SQLite the whole transaction is the
/// only writer, and the lock is nothing.)
///
/// Not FOR UPDATE: an RSVP that was just inserted holds the row FOR KEY SHARE, by its foreign key. Two that find no seat
/// would each wait for the other's, which is a deadlock.
pub(crate) async fn lock(tx: &Tx, id: Uuid) -> Result<timeslot::Model, Refusal> {
    let slot = timeslot::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(tx.db())
        .await?;
    slot.ok_or(Refusal::NotFound("timeslot"))
}

/// Seats for a row that was inserted as if it had them. Last statement before the commit, unless there are none.
pub(super) async fn take_first(app: &App, tx: &Tx, row: rsvp::Model) -> Result<rsvp::Model, Refusal> {
    if take(app, tx, &row).await? {
        return Ok(row);
    }
    // Somebody may give seats back right now without seeing this row in the queue: decide under the lock.
    let slot = lock(tx, row.timeslot_id).await?;
    if take(app, tx, &row).await? {
        return Ok(row);
    }
    if slot.cancelled_at.is_some() {
        return Err(Refusal::WrongState(Reason::TimeslotCancelled));
    }
    let event = event::Entity::find_by_id(slot.event_id).one(tx.db()).await?;
    let event = event.ok_or(Refusal::NotFound("event"))?;
    if let Some(reason) = off(&event) {
        return Err(Refusal::WrongState(reason));
    }
    let row = without_seats(tx, row).await?;
    let kept = event.waitlist_rule == WaitlistRule::Strict && !slot.waitlist_first;
    if kept && row.status == RsvpStatus::Waitlisted && free(&slot) > 0 {
        promote(app, tx, slot.id).await?; // nobody else gets the seats that this one waits for
    }
    Ok(row)
}

/// The row goes on the waitlist; an unconfirmed one just waits for its link.
async fn without_seats(tx: &Tx, row: rsvp::Model) -> Result<rsvp::Model, Refusal> {
    let mut row = rsvp::Model { seats: 0, ..row };
    if row.status == RsvpStatus::Registered {
        row.status = RsvpStatus::Waitlisted;
        row.waitlisted_at = Some(tx.now());
        let coming = Job::SendRsvpMail {
            rsvp_id: row.id,
            mail: RsvpMail::Registered,
        };
        outbox::withdraw(tx.db(), &coming, tx.now()).await?; // or it is sent as well, once this one gets in
        mail(tx, row.id, RsvpMail::Waitlisted).await?;
    }
    store(tx, row).await
}

/// One conditional UPDATE: the row's seats are taken, or nothing happens. An unconfirmed RSVP also needs room among
/// those that may be held (`rsvp.unconfirmed_percent`, `rsvp.unconfirmed_minimum`).
pub(super) async fn take(app: &App, tx: &Tx, row: &rsvp::Model) -> Result<bool, Refusal> {
    let party = row.party_size;
    let mut update = taking(tx, &[row.timeslot_id], party);
    if row.status == RsvpStatus::PendingConfirmation {
        let minimum = app.config.rsvp.unconfirmed_minimum;
        let percent = app.config.rsvp.unconfirmed_percent;
        let held = || Expr::col(timeslot::Column::Held).add(party);
        let share = Condition::any()
            .add(timeslot::Column::Capacity.is_null())
            .add(held().lte(minimum))
            .add(
                held()
                    .mul(100)
                    .lte(Expr::col(timeslot::Column::Capacity).mul(percent)),
            );
        update = update.col_expr(timeslot::Column::Held, held()).filter(share);
    }
    Ok(run(tx, update).await? == 1)
}

/// Takes so many seats of each timeslot; an error unless all have them. Last statements before the commit.
pub(super) async fn take_together(tx: &Tx, seats: &BTreeMap<Uuid, i32>) -> Result<(), Refusal> {
    if seats.len() > 1 {
        // An UPDATE takes its rows in any order, so two of them could each wait for the other.
        timeslot::Entity::find()
            .select_only()
            .column(timeslot::Column::Id)
            .filter(timeslot::Column::Id.is_in(seats.keys().copied()))
            .order_by_asc(timeslot::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple::<Uuid>()
            .all(tx.db())
            .await?;
    }
    let mut by_number: BTreeMap<i32, Vec<Uuid>> = BTreeMap::new();
    for (id, number) in seats {
        by_number.entry(*number).or_default().push(*id);
    }
    for (number, ids) in by_number {
        if run(tx, taking(tx, &ids, number)).await? != ids.len() {
            return Err(Refusal::Conflict("Not so many seats are free."));
        }
    }
    Ok(())
}

/// Events that stand so give no seats.
const OFF: [EventStatus; 2] = [EventStatus::Cancelled, EventStatus::Suppressed];

/// Takes so many seats of each of these timeslots that is not cancelled, nor its event off, and has them for a new answer.
fn taking(tx: &Tx, ids: &[Uuid], seats: i32) -> UpdateMany<timeslot::Entity> {
    let taken = || Expr::col(timeslot::Column::Taken).add(seats);
    let free = Condition::any()
        .add(timeslot::Column::Capacity.is_null())
        .add(taken().lte(Expr::col(timeslot::Column::Capacity)));
    let standing = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(
            Expr::col((event::Entity, event::Column::Id))
                .eq(Expr::col((timeslot::Entity, timeslot::Column::EventId))),
        )
        .filter(event::Column::Status.is_not_in(OFF))
        .into_query();
    changing(tx)
        .col_expr(timeslot::Column::Taken, taken())
        .filter(timeslot::Column::Id.is_in(ids.iter().copied()))
        .filter(timeslot::Column::CancelledAt.is_null())
        .filter(timeslot::Column::WaitlistFirst.eq(false))
        .filter(timeslot::Column::EventId.in_subquery(standing))
        .filter(free)
}

/// A change of timeslots' seats.
fn changing(tx: &Tx) -> UpdateMany<timeslot::Entity> {
    timeslot::Entity::update_many()
        .col_expr(
            timeslot::Column::Version,
            Expr::col(timeslot::Column::Version).add(1),
        )
        .col_expr(timeslot::Column::ChangedAt, Expr::value(tx.now()))
}

/// How many timeslots `update` changed; those who watch their seats will be told.
async fn run(tx: &Tx, update: UpdateMany<timeslot::Entity>) -> Result<usize, Refusal> {
    let changed = update.exec_with_returning(tx.db()).await?;
    for slot in &changed {
        tx.seats_changed(slot.event_id, seats_of(slot));
    }
    Ok(changed.len())
}

/// Changes what is taken and held by so many. The caller has the lock.
pub(super) async fn adjust(tx: &Tx, id: Uuid, taken: i32, held: i32) -> Result<(), Refusal> {
    let update = changing(tx)
        .col_expr(
            timeslot::Column::Taken,
            Expr::col(timeslot::Column::Taken).add(taken),
        )
        .col_expr(
            timeslot::Column::Held,
            Expr::col(timeslot::Column::Held).add(held),
        )
        .filter(timeslot::Column::Id.eq(id));
    run(tx, update).await?;
    Ok(())
}

/// Takes so many seats for those who waited, and says whether what is left is kept for those who still do. The caller has
/// the lock.
pub(super) async fn keep(tx: &Tx, id: Uuid, given: i32, waitlist_first: bool) -> Result<(), Refusal> {
    let update = changing(tx)
        .col_expr(
            timeslot::Column::Taken,
            Expr::col(timeslot::Column::Taken).add(given),
        )
        .col_expr(timeslot::Column::WaitlistFirst, Expr::value(waitlist_first))
        .filter(timeslot::Column::Id.eq(id));
    run(tx, update).await?;
    Ok(())
}

/// Gives no seats of an event any more. A change of the event's row alone is not seen by who waits for a timeslot's row with a
/// statement that began before; a change of that row is. In the order in which timeslots are locked.
pub(crate) async fn close(tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    let slots: Vec<Uuid> = timeslot::Entity::find()
        .select_only()
        .column(timeslot::Column::Id)
        .filter(timeslot::Column::EventId.eq(event_id))
        .order_by_asc(timeslot::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(tx.db())
        .await?;
    let update = changing(tx)
        .col_expr(timeslot::Column::WaitlistFirst, Expr::value(true))
        .filter(timeslot::Column::Id.is_in(slots));
    run(tx, update).await?;
    Ok(())
}

/// Seats that may be had by whoever does not wait.
pub(super) fn free(slot: &timeslot::Model) -> i32 {
    match slot.capacity {
        _ if slot.waitlist_first => 0,
        Some(capacity) => capacity - slot.taken,
        None => i32::MAX,
    }
}

/// Why an event gives no seats, if it gives none.
pub(super) fn off(event: &event::Model) -> Option<Reason> {
    match event.status {
        EventStatus::Cancelled => Some(Reason::EventCancelled),
        EventStatus::Suppressed => Some(Reason::EventNotPublished),
        _ => None,
    }
}

/// WRONG_STATE if an event gives no seats.
pub(super) async fn not_off(tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    let event = event::Entity::find_by_id(event_id).one(tx.db()).await?;
    off(&event.ok_or(Refusal::NotFound("event"))?).map_or(Ok(()), |reason| Err(Refusal::WrongState(reason)))
}

/// Writes a changed row, one version on.
pub(super) async fn store(tx: &Tx, row: rsvp::Model) -> Result<rsvp::Model, Refusal> {
    let row = rsvp::Model {
        version: row.version + 1,
        changed_at: tx.now(),
        ..row
    };
    tx.rsvp_changed(row.event_id);
    tx.happened(Happening::rsvp(WebhookKind::RsvpUpdated, &row));
    Ok(rsvp::ActiveModel::from(row).reset_all().update(tx.db()).await?)
}

pub(super) async fn mail(tx: &Tx, rsvp_id: Uuid, mail: RsvpMail) -> Result<(), Refusal> {
    tx.enqueue(&Job::SendRsvpMail { rsvp_id, mail }, tx.now()).await
}

/// Tells the owner of an address again, because somebody asked with it who did not sign in: at most once an hour.
pub(super) async fn remind(tx: &Tx, rsvp_id: Uuid, mail: RsvpMail) -> Result<(), Refusal> {
    let hour = tx.now().timestamp().div_euclid(3600);
    let key = format!("remind:{rsvp_id}:{hour}");
    tx.enqueue_once(&Job::SendRsvpMail { rsvp_id, mail }, key).await
}

/// Leaves the job that gives the seats of an unconfirmed RSVP back.
pub(super) async fn expire_hold(app: &App, tx: &Tx, row: &rsvp::Model) -> Result<(), Refusal> {
    if row.status != RsvpStatus::PendingConfirmation {
        return Ok(());
    }
    let due_at = tx.now() + TimeDelta::minutes(app.config.rsvp.hold_minutes);
    tx.enqueue(&Job::ReleaseHold { rsvp_id: row.id }, due_at).await
}

fn seats_of(slot: &timeslot::Model) -> Seats {
    Seats {
        timeslot_id: slot.id,
        version: slot.version,
        taken: seats_given(slot.capacity, slot.taken, slot.held, slot.waitlist_first),
    }
}
