//! Offers: seats kept for somebody who waited, until they say whether they still want them.

use entity::{EventStatus, RsvpStatus, event, rsvp, timeslot};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    change::{leave, locked, not_over},
    line, lock, promote, seats,
};
use crate::{
    app::{App, Tx},
    domain::{Actor, webhook::Happening},
    outbox::{self, Job, RsvpMail},
    refusal::{Reason, Refusal},
};

/// Takes the seats that one's own RSVP was offered. Doing it again changes nothing. NOT_FOUND; WRONG_STATE (NO_OFFER,
/// OFFER_EXPIRED, EVENT_CANCELLED, TIMESLOT_CANCELLED).
pub async fn accept_offer(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| accept_in(tx, id, Some(me)).await).await
}

/// Does without the seats, which go to the next who waits; the RSVP is then declined. Doing it again changes nothing.
/// NOT_FOUND; WRONG_STATE (NO_OFFER, OFFER_EXPIRED).
pub async fn decline_offer(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| decline_in(app, tx, id, Some(me)).await)
        .await
}

/// Accepts for whoever proved that the offer is theirs: a person, or the holder of its link (`None`).
pub(crate) async fn accept_in(tx: &Tx, id: Uuid, person_id: Option<Uuid>) -> Result<rsvp::Model, Refusal> {
    let (slot, row) = locked(tx, id, person_id).await?;
    match row.status {
        RsvpStatus::Registered => Ok(row),
        RsvpStatus::Offered => {
            not_over(tx, &slot).await?;
            accept(tx, &slot, row).await
        }
        status => Err(no_offer(status)),
    }
}

/// Declines for whoever proved that the offer is theirs: a person, or the holder of its link (`None`).
pub(crate) async fn decline_in(
    app: &App,
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
) -> Result<rsvp::Model, Refusal> {
    let (slot, row) = locked(tx, id, person_id).await?;
    match row.status {
        RsvpStatus::Declined => Ok(row),
        RsvpStatus::Offered => leave(app, tx, &slot, row, RsvpStatus::Declined).await,
        status => Err(no_offer(status)),
    }
}

/// The offered seats are the row's for good. The caller has the lock.
pub(super) async fn accept(
    tx: &Tx,
    slot: &timeslot::Model,
    row: rsvp::Model,
) -> Result<rsvp::Model, Refusal> {
    if is_over(tx, slot, &row) {
        return Err(Refusal::WrongState(Reason::OfferExpired));
    }
    let row = rsvp::Model {
        status: RsvpStatus::Registered,
        offer_expires_at: None,
        ..row
    };
    seats::mail(tx, row.id, RsvpMail::Registered).await?;
    seats::store(tx, row).await
}

/// Whether it is too late to accept. A start that was moved forward ends an offer as well.
pub(super) fn is_over(tx: &Tx, slot: &timeslot::Model, row: &rsvp::Model) -> bool {
    let is_past = |until| until <= tx.now() || slot.starts_at <= tx.now();
    row.offer_expires_at.is_none_or(is_past)
}

fn no_offer(status: RsvpStatus) -> Refusal {
    Refusal::WrongState(match status {
        RsvpStatus::OfferExpired => Reason::OfferExpired,
        _ => Reason::NoOffer,
    })
}

/// Offers anew, and says so, what was kept while the event of some dates was down: links of the first mails may have run out. The
/// dates in the order of their ids.
pub(crate) async fn renew_offers(app: &App, tx: &Tx, slots: &[Uuid]) -> Result<(), Refusal> {
    for id in slots {
        let slot = lock(tx, *id).await?;
        let offered: Vec<Uuid> = rsvp::Entity::find()
            .select_only()
            .column(rsvp::Column::Id)
            .filter(rsvp::Column::TimeslotId.eq(slot.id))
            .filter(rsvp::Column::OfferExpiresAt.is_not_null())
            .into_tuple()
            .all(tx.db())
            .await?;
        let event = event::Entity::find_by_id(slot.event_id).one(tx.db()).await?;
        let Some(event) = event.filter(|_| !offered.is_empty()) else {
            continue;
        };
        line::offer_again(app, tx, &slot, &event, &offered).await?;
        let mail = RsvpMail::Offered;
        let mails = offered
            .into_iter()
            .map(|rsvp_id| Job::SendRsvpMail { rsvp_id, mail });
        tx.enqueue_all(&mails.collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Ends the offers of a timeslot that were not answered in time, and passes their seats on. Who did not answer is off the
/// waitlist, so that nobody is asked twice, and may answer anew. An offer whose mail has not gone out yet is made for as long
/// again, until the start: an outage must not use up the line.
pub async fn expire_offers(app: &App, slot_id: Uuid) -> Result<(), Refusal> {
    let done = app.write(async |tx| {
        let slot = lock(tx, slot_id).await?;
        let over: Vec<(Uuid, i32)> = rsvp::Entity::find()
            .select_only()
            .columns([rsvp::Column::Id, rsvp::Column::Seats])
            .filter(rsvp::Column::TimeslotId.eq(slot.id))
            .filter(rsvp::Column::OfferExpiresAt.lte(tx.now()))
            .order_by_asc(rsvp::Column::OfferExpiresAt)
            .limit(line::AT_ONCE as u64)
            .into_tuple()
            .all(tx.db())
            .await?;
        let is_full = over.len() == line::AT_ONCE;
        let event = event::Entity::find_by_id(slot.event_id).one(tx.db()).await?;
        let over = match &event {
            Some(event) if line::takes_place(event, &slot, tx.now()) => {
                let (untold, told) = untold(tx, over).await?;
                line::offer_again(app, tx, &slot, event, &untold).await?;
                told
            }
            // Nobody can accept while it is down: they have their seats until it is back, or would have begun.
            Some(event) if event.status == EventStatus::Suppressed && slot.starts_at > tx.now() => {
                let all: Vec<Uuid> = over.iter().map(|(id, _)| *id).collect();
                line::offer_again(app, tx, &slot, event, &all).await?;
                vec![]
            }
            _ => over,
        };
        if is_full {
            tx.enqueue(&Job::ExpireOffers { timeslot_id: slot.id }, tx.now())
                .await?;
        }
        if over.is_empty() {
            return Ok(());
        }
        let change = rsvp::ActiveModel {
            status: Set(RsvpStatus::OfferExpired),
            seats: Set(0),
            offer_expires_at: Set(None),
            approved_at: Set(None),
            changed_at: Set(tx.now()),
            ..Default::default()
        };
        rsvp::Entity::update_many()
            .set(change)
            .col_expr(rsvp::Column::Version, Expr::col(rsvp::Column::Version).add(1))
            .filter(rsvp::Column::Id.is_in(over.iter().map(|(id, _)| *id)))
            .exec(tx.db())
            .await?;
        tx.rsvp_changed(slot.event_id);
        for (id, _) in &over {
            tx.happened(Happening::changed(*id, &slot));
        }
        let mail = RsvpMail::OfferExpired;
        let mails = over.iter().map(|(rsvp_id, _)| Job::SendRsvpMail {
            rsvp_id: *rsvp_id,
            mail,
        });
        tx.enqueue_all(&mails.collect::<Vec<_>>()).await?;
        let freed: i32 = over.iter().map(|(_, seats)| seats).sum();
        seats::adjust(tx, slot.id, -freed, 0).await?;
        promote(app, tx, slot.id).await
    });
    match done.await {
        Err(Refusal::NotFound(_)) => Ok(()), // the timeslot is gone, and its offers with it
        done => done,
    }
}

/// Splits RSVPs with their seats into those whose mail still waits to be sent, and the others.
async fn untold(tx: &Tx, over: Vec<(Uuid, i32)>) -> Result<(Vec<Uuid>, Vec<(Uuid, i32)>), Refusal> {
    let mail = |rsvp_id| Job::SendRsvpMail {
        rsvp_id,
        mail: RsvpMail::Offered,
    };
    let jobs: Vec<Job> = over.iter().map(|(id, _)| mail(*id)).collect();
    let waiting = outbox::waiting_of(tx.db(), &jobs).await?;
    let (untold, told): (Vec<_>, Vec<_>) = over.into_iter().partition(|(id, _)| waiting.contains(&mail(*id)));
    Ok((untold.into_iter().map(|(id, _)| id).collect(), told))
}
