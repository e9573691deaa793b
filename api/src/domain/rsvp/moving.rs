//! Moving to another date, and saying once more that one will be there.

use entity::{RsvpStatus, rsvp, timeslot};
use sea_orm::{ActiveModelTrait, EntityTrait};
use uuid::Uuid;

use super::{
    change, details_of, details_slot, find_of, lock, name_of, name_slot, promote, seats, unless_answered,
};
use crate::{
    app::{App, Tx, again},
    domain::{Actor, person},
    outbox::RsvpMail,
    refusal::{Reason, Refusal},
};

/// Moves one's own RSVP to another date of the same event: the RSVP for the old date is taken back, and its seats go to
/// those who wait; name, party and answers go along. Whoever has a seat gets one there, or nothing changes.
/// Sent again, it answers with the RSVP for the new date. NOT_FOUND, also for a date of another event; CONFLICT when the
/// RSVP is no longer at `expected_version`; WRONG_STATE (RSVP_NOT_ACTIVE, TIMESLOT_FULL, …).
pub async fn move_to(
    app: &App,
    actor: &Actor,
    id: Uuid,
    slot_id: Uuid,
    expected_version: Option<i32>,
) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    again(|| {
        app.write(async |tx| {
            person::keep(tx, me).await?;
            let mine = || async {
                let row = rsvp::Entity::find_by_id(id).one(tx.db()).await?;
                row.filter(|row| row.person_id == me)
                    .ok_or(Refusal::NotFound("RSVP"))
            };
            let row = mine().await?;
            let from = row.timeslot_id;
            if from == slot_id {
                return Ok(row);
            }
            let target = timeslot::Entity::find_by_id(slot_id).one(tx.db()).await?;
            if target.is_none_or(|target| target.event_id != row.event_id) {
                return Err(Refusal::NotFound("timeslot"));
            }
            // Both in one order, so that two who change places do not wait for each other.
            let (first, second) = (
                lock(tx, from.min(slot_id)).await?,
                lock(tx, from.max(slot_id)).await?,
            );
            let (old, new) = if first.id == from {
                (first, second)
            } else {
                (second, first)
            };
            let row = mine().await?;
            // Sent again: it has moved.
            if row.status == RsvpStatus::Cancelled
                && let Some(moved) = find_of(tx.db(), new.id, me).await?
                && is_active(&moved)
            {
                return Ok(moved);
            }
            if expected_version.is_some_and(|version| version != row.version) {
                return Err(Refusal::Conflict(
                    "The RSVP was changed meanwhile; read it again.",
                ));
            }
            if old.ends_at <= tx.now() {
                return Err(Refusal::WrongState(Reason::EventEnded));
            }
            change::not_over(tx, &new).await?;
            if new.starts_at <= tx.now() {
                return Err(Refusal::WrongState(Reason::EventStarted));
            }
            let arrived = arrive(app, tx, &row, &new).await?;
            change::leave(app, tx, &old, row, RsvpStatus::Cancelled).await?;
            if arrived.status == RsvpStatus::Waitlisted {
                promote(app, tx, new.id).await?; // seats may be kept for it
                return change::again(tx, arrived).await;
            }
            Ok(arrived)
        })
    })
    .await
}

fn is_active(row: &rsvp::Model) -> bool {
    !matches!(
        row.status,
        RsvpStatus::Declined | RsvpStatus::Cancelled | RsvpStatus::OfferExpired
    )
}

/// The RSVP for the new date.
async fn arrive(
    app: &App,
    tx: &Tx,
    row: &rsvp::Model,
    slot: &timeslot::Model,
) -> Result<rsvp::Model, Refusal> {
    let before = find_of(tx.db(), slot.id, row.person_id).await?;
    if before.as_ref().is_some_and(is_active) {
        return Err(Refusal::input(
            &["input", "timeslotId"],
            "is a date that you have answered for",
        ));
    }
    let id = before.as_ref().map_or_else(Uuid::now_v7, |before| before.id);
    let mut next = rsvp::Model {
        id,
        timeslot_id: slot.id,
        name: app.keys.seal(name_slot(&id), &name_of(app, row)?)?,
        details: match row.details {
            Some(_) => Some(app.keys.seal(details_slot(&id), &details_of(app, row)?)?),
            None => None,
        },
        share_code: before.as_ref().and_then(|before| before.share_code.clone()),
        seats: row.party_size,
        waitlisted_at: None,
        offer_expires_at: None,
        attendance_confirmed_at: None,
        version: before.as_ref().map_or(0, |before| before.version),
        changed_at: tx.now(),
        created_at: before.as_ref().map_or(tx.now(), |before| before.created_at),
        ..row.clone()
    };
    let mail = match row.status {
        RsvpStatus::PendingApproval => {
            next.seats = 0;
            RsvpMail::PendingApproval
        }
        RsvpStatus::Registered | RsvpStatus::Offered | RsvpStatus::Waitlisted => {
            next.status = RsvpStatus::Registered;
            if seats::take(app, tx, &next).await? {
                RsvpMail::Registered
            } else if row.status != RsvpStatus::Waitlisted {
                return Err(Refusal::WrongState(Reason::TimeslotFull));
            } else {
                next.status = RsvpStatus::Waitlisted;
                next.seats = 0;
                next.waitlisted_at = Some(tx.now());
                RsvpMail::Waitlisted
            }
        }
        RsvpStatus::PendingConfirmation
        | RsvpStatus::Declined
        | RsvpStatus::Cancelled
        | RsvpStatus::Refused
        | RsvpStatus::OfferExpired => return Err(Refusal::WrongState(Reason::RsvpNotActive)),
    };
    if before.is_none() {
        let insert = rsvp::ActiveModel::from(next.clone()).reset_all();
        let insert = rsvp::Entity::insert(insert).on_conflict(unless_answered());
        if insert.exec_without_returning(tx.db()).await? == 0 {
            return Err(Refusal::Conflict(
                "You answered for that date just now; read it again.",
            ));
        }
    }
    seats::mail(tx, next.id, mail).await?;
    seats::store(tx, next).await
}

/// Says once more that the person will be there. Doing it again changes nothing. NOT_FOUND; WRONG_STATE
/// (RSVP_NOT_ACTIVE unless registered, EVENT_ENDED, …).
pub async fn confirm_attendance(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| confirm_attendance_in(tx, id, Some(me)).await)
        .await
}

/// The same for whoever proved that the RSVP is theirs: a person, or the holder of its link (`None`).
pub(crate) async fn confirm_attendance_in(
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
) -> Result<rsvp::Model, Refusal> {
    let (slot, row) = change::locked(tx, id, person_id).await?;
    change::not_over(tx, &slot).await?;
    match (row.status, row.attendance_confirmed_at) {
        (RsvpStatus::Registered, Some(_)) => Ok(row),
        (RsvpStatus::Registered, None) => {
            let attendance_confirmed_at = Some(tx.now());
            let row = rsvp::Model {
                attendance_confirmed_at,
                ..row
            };
            seats::store(tx, row).await
        }
        _ => Err(Refusal::WrongState(Reason::RsvpNotActive)),
    }
}
