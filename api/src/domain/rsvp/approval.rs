//! Deciding about those who ask to come, where a host approves them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{AddressVisibility, RsvpStatus, WebhookKind, event as events, rsvp, timeslot};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType},
};
use uuid::Uuid;

use super::{Attendee, change, lists::named, lock, promote, seats};
use crate::{
    app::{App, Tx, again},
    domain::{Actor, event, invitation, webhook::Happening},
    outbox::{Job, RsvpMail},
    refusal::Refusal,
};

/// So many are decided about at once.
const MOST: usize = 100;
/// So many are written with one statement.
const CHUNK: usize = 500;

/// Approves RSVPs to an event (they get seats, or a place on the waitlist, in the order of their first answers), or refuses
/// them, for good. Those that wait for no decision any more stay as they are; but whoever came without one is known to be
/// approved now, and is told the place that this opens to them. For the event's hosts and for organizers; all or none.
/// NOT_FOUND when one is to no such event; WRONG_STATE when the event or date is cancelled or over.
pub async fn decide(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    ids: &[Uuid],
    approve: bool,
) -> Result<Vec<Attendee>, Refusal> {
    let event = event::require_edit(app, actor, event_id).await?.row;
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Refusal::input(
            &["input", "rsvpIds"],
            format!("must be 1 to {MOST}"),
        ));
    }
    let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
    let decide = || {
        app.write(async |tx| {
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
                    RsvpStatus::Registered | RsvpStatus::Waitlisted if approve => {
                        vouch(tx, &event, row).await?
                    }
                    _ => row,
                });
            }
            let mut is_old = false;
            for id in slots {
                let waits = |row: &rsvp::Model| row.timeslot_id == id && row.status == RsvpStatus::Waitlisted;
                if approve && decided.iter().any(waits) {
                    promote(app, tx, id).await?; // seats may be kept for the first of them
                    is_old = true;
                }
            }
            match is_old {
                true => find(tx, event_id, &ids).await,
                false => Ok(decided),
            }
        })
    };
    let rows = again(decide).await?;
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
            approved_at: Some(tx.now()),
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
        invitation::take_back(tx, row.event_id, row.person_id).await?;
        let refused = rsvp::Model {
            status: RsvpStatus::Refused,
            ..row
        };
        (refused, RsvpMail::Refused)
    };
    seats::mail(tx, row.id, mail).await?;
    seats::store(tx, row).await
}

/// Approves somebody who has a place already, or waits for one.
async fn vouch(tx: &Tx, event: &events::Model, row: rsvp::Model) -> Result<rsvp::Model, Refusal> {
    if row.approved_at.is_some() {
        return Ok(row);
    }
    let opens_place = event.address_visibility == AddressVisibility::AfterApproval;
    if opens_place && row.status == RsvpStatus::Registered {
        seats::mail(tx, row.id, RsvpMail::Registered).await?;
    }
    let approved_at = Some(tx.now());
    seats::store(tx, rsvp::Model { approved_at, ..row }).await
}

/// When hosts begin to approve who comes: those who wait for a seat and were not approved before ask them, in the order in
/// which they joined. Whoever has a seat keeps it. (Left on the waitlist, they would come without having been approved as
/// soon as a seat came free.) The caller has the event's row.
pub(crate) async fn ask_for_those_who_wait(tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    // Their rows first, in the order of everybody, so that nobody is promoted meanwhile.
    timeslot::Entity::find()
        .select_only()
        .column(timeslot::Column::Id)
        .filter(timeslot::Column::EventId.eq(event_id))
        .order_by_asc(timeslot::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .all(tx.db())
        .await?;
    let waiting: Vec<(Uuid, Uuid)> = rsvp::Entity::find()
        .select_only()
        .columns([rsvp::Column::Id, rsvp::Column::TimeslotId])
        .filter(rsvp::Column::EventId.eq(event_id))
        .filter(rsvp::Column::Status.eq(RsvpStatus::Waitlisted))
        .filter(rsvp::Column::ApprovedAt.is_null())
        .order_by_asc(rsvp::Column::Id)
        .into_tuple()
        .all(tx.db())
        .await?;
    for (id, timeslot_id) in &waiting {
        tx.happened(Happening::Rsvp {
            kind: WebhookKind::RsvpUpdated,
            id: *id,
            event_id,
            timeslot_id: *timeslot_id,
        });
    }
    let waiting: Vec<Uuid> = waiting.into_iter().map(|(id, _)| id).collect();
    for ids in waiting.chunks(CHUNK) {
        rsvp::Entity::update_many()
            .col_expr(rsvp::Column::Status, Expr::value(RsvpStatus::PendingApproval))
            .col_expr(rsvp::Column::WaitlistedAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(rsvp::Column::Version, Expr::col(rsvp::Column::Version).add(1))
            .col_expr(rsvp::Column::ChangedAt, Expr::value(tx.now()))
            .filter(rsvp::Column::Id.is_in(ids.iter().copied()))
            .exec(tx.db())
            .await?;
        let job = |id: &Uuid| Job::SendRsvpMail {
            rsvp_id: *id,
            mail: RsvpMail::PendingApproval,
        };
        tx.enqueue_all(&ids.iter().map(job).collect::<Vec<_>>()).await?;
        tx.rsvp_changed(event_id);
    }
    Ok(())
}
