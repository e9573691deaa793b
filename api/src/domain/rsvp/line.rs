//! The waitlist: who gets seats that come free, and whether they are given or offered.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{RsvpStatus, WaitlistRule, event, rsvp, timeslot};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, Func, Order, Query, WindowStatement},
};
use uuid::Uuid;

use super::{lock, seats};
use crate::{
    app::{App, Tx},
    domain::webhook::Happening,
    outbox::{Job, RsvpMail},
    refusal::Refusal,
};

/// So many get seats in one transaction; those behind them by a job, so that nobody's request waits for thousands.
pub(super) const AT_ONCE: usize = 100;
/// Of so many timeslots.
const SLOTS_AT_ONCE: usize = 5;

/// Gives free seats to those who wait, in order of joining and by the event's rule, or offers them when the start is near.
/// To be called whenever seats came free, or the line changed while seats were kept for it.
pub(crate) async fn promote(app: &App, tx: &Tx, slot_id: Uuid) -> Result<(), Refusal> {
    let slot = lock(tx, slot_id).await?;
    let event = event::Entity::find_by_id(slot.event_id).one(tx.db()).await?;
    let Some(event) = event.filter(|event| takes_place(event, &slot, tx.now())) else {
        return Ok(());
    };
    let turn = whose_turn(tx, &slot, event.waitlist_rule).await?;
    if !turn.next.is_empty() {
        let until = offered_until(app, &event, &slot, tx.now());
        let_in(tx, &slot, &turn.next, until).await?;
    }
    if turn.more {
        tx.enqueue(&Job::LetIn { timeslot_id: slot.id }, tx.now()).await?;
    }
    let given: i32 = turn.next.iter().map(|one| one.party_size).sum();
    if given > 0 || turn.keeps != slot.waitlist_first {
        seats::keep(tx, slot.id, given, turn.keeps).await?;
    }
    Ok(())
}

/// The same for several timeslots. Beyond the first few by jobs; until these come, what is free is kept for those who wait.
pub(crate) async fn promote_all(app: &App, tx: &Tx, slot_ids: &[Uuid]) -> Result<(), Refusal> {
    let (now, later) = slot_ids.split_at(slot_ids.len().min(SLOTS_AT_ONCE));
    for id in now {
        promote(app, tx, *id).await?;
    }
    if later.is_empty() {
        return Ok(());
    }
    let lines: Vec<Uuid> = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::TimeslotId)
        .distinct()
        .filter(rsvp::Column::TimeslotId.is_in(later.iter().copied()))
        .filter(rsvp::Column::WaitlistedAt.is_not_null())
        .order_by_asc(rsvp::Column::TimeslotId)
        .into_tuple()
        .all(tx.db())
        .await?;
    let mut jobs = vec![];
    for timeslot_id in lines {
        seats::keep(tx, timeslot_id, 0, true).await?;
        jobs.push(Job::LetIn { timeslot_id });
    }
    match jobs.as_slice() {
        [] => Ok(()),
        jobs => tx.enqueue_all(jobs).await,
    }
}

/// Whether somebody can still get in.
pub(super) fn takes_place(event: &event::Model, slot: &timeslot::Model, now: DateTime<Utc>) -> bool {
    slot.cancelled_at.is_none() && slot.starts_at > now && seats::off(event).is_none()
}

/// Somebody who waits.
#[derive(FromQueryResult)]
struct Waiting {
    id: Uuid,
    party_size: i32,
    waitlisted_at: DateTime<Utc>,
}

/// Whose turn it is.
struct Turn {
    /// They get seats.
    next: Vec<Waiting>,
    /// Whether further seats are kept for those who still wait.
    keeps: bool,
    /// Whether there may be more of them than were looked at.
    more: bool,
}

/// Not all who wait are read: a long line is none of the business of two seats.
async fn whose_turn(tx: &Tx, slot: &timeslot::Model, rule: WaitlistRule) -> Result<Turn, Refusal> {
    let capacity = slot.capacity.unwrap_or(i32::MAX);
    let mut left = capacity - slot.taken;
    let mut next: Vec<Waiting> = vec![];
    let mut after: Option<(DateTime<Utc>, Uuid)> = None;
    while left > 0 {
        // Nobody waits for a party that is larger than the room.
        let largest = match rule {
            WaitlistRule::Skip => left,
            WaitlistRule::Strict => capacity,
        };
        let rows: Vec<Waiting> = behind(slot.id, after)
            .filter(rsvp::Column::PartySize.lte(largest))
            .limit(AT_ONCE as u64)
            .into_model()
            .all(tx.db())
            .await?;
        let is_last = rows.len() < AT_ONCE;
        for one in rows {
            let fits = one.party_size <= left;
            if fits && next.len() == AT_ONCE {
                return Ok(Turn {
                    next,
                    keeps: true,
                    more: true,
                });
            }
            if !fits && rule == WaitlistRule::Strict {
                return Ok(Turn {
                    next,
                    keeps: true,
                    more: false,
                });
            }
            after = Some((one.waitlisted_at, one.id));
            if fits {
                left -= one.party_size;
                next.push(one);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(Turn {
        next,
        keeps: false,
        more: false,
    })
}

/// Who waits for a timeslot, first come first: all, or those behind somebody.
fn behind(slot_id: Uuid, after: Option<(DateTime<Utc>, Uuid)>) -> Select<rsvp::Entity> {
    let (since, id) = (rsvp::Column::WaitlistedAt, rsvp::Column::Id);
    let behind = after.map(|(at, row)| {
        let same = since.eq(at).and(id.gt(row));
        Condition::any().add(since.gt(at)).add(same)
    });
    rsvp::Entity::find()
        .select_only()
        .columns([id, rsvp::Column::PartySize, since])
        .filter(rsvp::Column::TimeslotId.eq(slot_id))
        .filter(since.is_not_null())
        .filter(Condition::all().add_option(behind))
        .order_by_asc(since)
        .order_by_asc(id)
}

/// Seats for each of `next`: for good, or until they are to say whether they want them.
async fn let_in(
    tx: &Tx,
    slot: &timeslot::Model,
    next: &[Waiting],
    until: Option<DateTime<Utc>>,
) -> Result<(), Refusal> {
    let (status, mail) = match until {
        None => (RsvpStatus::Registered, RsvpMail::Promoted),
        Some(_) => (RsvpStatus::Offered, RsvpMail::Offered),
    };
    let change = rsvp::ActiveModel {
        status: Set(status),
        waitlisted_at: Set(None),
        offer_expires_at: Set(until),
        changed_at: Set(tx.now()),
        ..Default::default()
    };
    rsvp::Entity::update_many()
        .set(change)
        .col_expr(rsvp::Column::Seats, Expr::col(rsvp::Column::PartySize))
        .col_expr(rsvp::Column::Version, Expr::col(rsvp::Column::Version).add(1))
        .filter(rsvp::Column::Id.is_in(next.iter().map(|one| one.id)))
        .exec(tx.db())
        .await?;
    tx.rsvp_changed(slot.event_id);
    for one in next {
        tx.happened(Happening::changed(one.id, slot));
    }
    let mails = next.iter().map(|one| Job::SendRsvpMail {
        rsvp_id: one.id,
        mail,
    });
    tx.enqueue_all(&mails.collect::<Vec<_>>()).await?;
    if let Some(until) = until {
        let timeslot_id = slot.id;
        tx.enqueue(&Job::ExpireOffers { timeslot_id }, until).await?;
    }
    Ok(())
}

/// Makes offers of a timeslot anew, for RSVPs that have their seats and were not told.
pub(super) async fn offer_again(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    event: &event::Model,
    ids: &[Uuid],
) -> Result<(), Refusal> {
    if ids.is_empty() {
        return Ok(());
    }
    let until = offered_until(app, event, slot, tx.now()).unwrap_or(slot.starts_at);
    rsvp::Entity::update_many()
        .set(rsvp::ActiveModel {
            offer_expires_at: Set(Some(until)),
            changed_at: Set(tx.now()),
            ..Default::default()
        })
        .col_expr(rsvp::Column::Version, Expr::col(rsvp::Column::Version).add(1))
        .filter(rsvp::Column::Id.is_in(ids.iter().copied()))
        .exec(tx.db())
        .await?;
    tx.rsvp_changed(slot.event_id);
    tx.enqueue(&Job::ExpireOffers { timeslot_id: slot.id }, until)
        .await
}

/// Until when seats that are offered now are kept; `None` while seats are given without asking, because the start is
/// farther away than the event's hours. The nearer the start, the shorter, so that there is time for the next.
fn offered_until(
    app: &App,
    event: &event::Model,
    slot: &timeslot::Model,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let settings = &app.config.rsvp;
    let hours = event.waitlist_offer_hours.unwrap_or(settings.offer_hours);
    let left = slot.starts_at - now;
    if left > TimeDelta::hours(hours.into()) {
        return None;
    }
    let share = TimeDelta::seconds(left.num_seconds() / 4);
    let lasts = TimeDelta::minutes(settings.offer_minutes)
        .min(share)
        .max(TimeDelta::minutes(settings.offer_minimum_minutes))
        .min(left);
    Some(now + lasts)
}

/// Goes on where a transaction stopped because there were too many.
pub async fn let_in_more(app: &App, slot_id: Uuid) -> Result<(), Refusal> {
    let found = app.write(async |tx| promote(app, tx, slot_id).await).await;
    match found {
        Err(Refusal::NotFound(_)) => Ok(()), // it is gone, and with it who waited
        done => done,
    }
}

/// Looks again at everybody who waits for dates of an event to come, by jobs: its rule has changed.
pub(crate) async fn look_again(tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    let slots: Vec<Uuid> = timeslot::Entity::find()
        .select_only()
        .column(timeslot::Column::Id)
        .filter(timeslot::Column::EventId.eq(event_id))
        .filter(timeslot::Column::StartsAt.gt(tx.now()))
        .filter(timeslot::Column::CancelledAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await?;
    let jobs: Vec<Job> = slots
        .into_iter()
        .map(|timeslot_id| Job::LetIn { timeslot_id })
        .collect();
    match jobs.as_slice() {
        [] => Ok(()),
        jobs => tx.enqueue_all(jobs).await,
    }
}

/// Where RSVPs stand in the lines of their timeslots: 1 is next. None of an RSVP that does not wait.
///
/// One statement, for which the lines are counted once, in their index: for 5,000 who wait about as much as reading as many
/// small numbers, however many of them are asked for.
pub async fn positions(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, Refusal> {
    let (line, position) = ("line", "position");
    let slots = Query::select()
        .column(rsvp::Column::TimeslotId)
        .from(rsvp::Entity)
        .and_where(rsvp::Column::Id.is_in(ids.iter().copied()))
        .to_owned();
    let in_order = WindowStatement::partition_by(rsvp::Column::TimeslotId)
        .order_by(rsvp::Column::WaitlistedAt, Order::Asc)
        .order_by(rsvp::Column::Id, Order::Asc)
        .to_owned();
    let counted = Query::select()
        .column(rsvp::Column::Id)
        .expr_window_as(Func::cust("ROW_NUMBER"), in_order, position)
        .from(rsvp::Entity)
        .and_where(rsvp::Column::TimeslotId.in_subquery(slots))
        .and_where(rsvp::Column::WaitlistedAt.is_not_null())
        .to_owned();
    let mut find = rsvp::Entity::find();
    *QueryTrait::query(&mut find) = Query::select()
        .column((line, rsvp::Column::Id))
        .column((line, position))
        .from_subquery(counted, line)
        .and_where(Expr::col((line, rsvp::Column::Id)).is_in(ids.iter().copied()))
        .to_owned();
    let rows: Vec<(Uuid, i64)> = find.into_tuple().all(app.db.reader()).await?;
    Ok(rows.into_iter().collect())
}
