//! Deciding about those who ask to come, where a host approves them.

use std::collections::BTreeSet;

use entity::{RsvpStatus, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Attendee, change, lists::named, lock, promote, seats};
use crate::{
    app::{App, Tx},
    domain::{Actor, event},
    outbox::RsvpMail,
    refusal::Refusal,
};

/// So many are decided about at once.
const MOST: usize = 100;

/// Approves RSVPs to an event (they get seats, or a place on the waitlist, in the order of
/// their first answers), or refuses them, for
/// good. Those that wait for no decision any more stay as they are. For the event's hosts and for organizers; all or
/// none. NOT_FOUND when one is to no such event; WRONG_STATE when the event or date is cancelled or over.
pub async fn decide(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    ids: &[Uuid],
    approve: bool,
) -> Result<Vec<Attendee>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Refusal::input(
            &["input", "rsvpIds"],
            format!("must be 1 to {MOST}"),
        ));
    }
    let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
    let rows = app
        .write(async |tx| {
            let slots: BTreeSet<Uuid> = find(tx, event_id, &ids)
                .await?
                .iter()
                .map(|row| row.timeslot_id)
                .collect();
            for id in &slots {
                let slot = lock(tx, *id).await?;
                if approve {
                    change::not_over(tx, &slot).await?;
                }
            }
            let mut decided = vec![];
            for row in find(tx, event_id, &ids).await? {
                decided.push(match row.status {
                    RsvpStatus::PendingApproval => decide_one(app, tx, row, approve).await?,
                    _ => row,
                });
            }
            for id in slots {
                let waits = |row: &rsvp::Model| row.timeslot_id == id && row.status == RsvpStatus::Waitlisted;
                if approve && decided.iter().any(waits) {
                    promote(app, tx, id).await?; // seats may be kept for the first of them
                }
            }
            Ok(decided)
        })
        .await?;
    rows.into_iter().map(|row| named(app, row)).collect()
}

/// All of `ids`, in the order of their first answers.
async fn find(tx: &Tx, event_id: Uuid, ids: &BTreeSet<Uuid>) -> Result<Vec<rsvp::Model>, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(ids.iter().copied()))
        .filter(rsvp::Column::EventId.eq(event_id))
        .order_by_asc(rsvp::Column::Id)
        .all(tx.db())
        .await?;
    match rows.len() == ids.len() {
        true => Ok(rows),
        false => Err(Refusal::NotFound("RSVP")),
    }
}

async fn decide_one(app: &App, tx: &Tx, row: rsvp::Model, approve: bool) -> Result<rsvp::Model, Refusal> {
    let (row, mail) = if approve {
        let registered = rsvp::Model {
            status: RsvpStatus::Registered,
            seats: row.party_size,
            ..row
        };
        if seats::take(app, tx, &registered).await? {
            (registered, RsvpMail::Registered)
        } else {
            let waits = rsvp::Model {
                status: RsvpStatus::Waitlisted,
                seats: 0,
                waitlisted_at: Some(tx.now()),
                ..registered
            };
            (waits, RsvpMail::Waitlisted)
        }
    } else {
        let refused = rsvp::Model {
            status: RsvpStatus::Refused,
            ..row
        };
        (refused, RsvpMail::Refused)
    };
    seats::mail(tx, row.id, mail).await?;
    seats::store(tx, row).await
}
