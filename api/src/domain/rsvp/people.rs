//! The RSVPs of somebody who goes away: erased, or found to be somebody else as well.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entity::{RsvpStatus, link, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{cancel_in, change::leave, find_of, lock, name_slot};
use crate::{
    app::{App, Tx},
    domain::{
        person::{self, Name},
        webhook::Happening,
    },
    letter::Language,
    refusal::Refusal,
    sealed,
};

/// Takes everything back that somebody said of dates to come, and deletes what they said at all. Only the seats they had on
/// dates that are over stay, as those of a person each of whom nothing is known, so that what hosts counted stays right and
/// no two can be told to be of one. Says how many these are. The caller has the person's row.
pub(crate) async fn forget(app: &App, tx: &Tx, person_id: Uuid) -> Result<usize, Refusal> {
    let mut kept = 0;
    for row in of(tx, person_id).await? {
        let slot = lock(tx, row.timeslot_id).await?;
        let row = if slot.ends_at > tx.now() {
            cancel_in(app, tx, row.id, Some(person_id)).await?
        } else {
            row
        };
        unshare(tx, row.id).await?;
        if row.seats == 0 {
            rsvp::Entity::delete_by_id(row.id).exec(tx.db()).await?;
            tx.happened(Happening::changed(row.id, &slot));
        } else {
            // Nobody is told of these: what is told at one time would be known to be of one person.
            kept += 1;
            make_nobodys(app, tx, &row).await?;
        }
        tx.rsvp_changed(row.event_id);
    }
    Ok(kept)
}

/// Nobody is known any more to have come by the link of an RSVP.
async fn unshare(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    rsvp::Entity::update_many()
        .col_expr(rsvp::Column::SharedBy, Expr::value(None::<Uuid>))
        .filter(rsvp::Column::SharedBy.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn make_nobodys(app: &App, tx: &Tx, row: &rsvp::Model) -> Result<(), Refusal> {
    // Neither the id nor a time may tell which of these were made together.
    let nobody = uuid::Builder::from_random_bytes(sealed::random()?).into_uuid();
    person::make(tx, nobody, Language::default(), row.created_at).await?;
    let name = Name {
        given: String::new(),
        family: String::new(),
    };
    rsvp::Entity::update_many()
        .col_expr(rsvp::Column::PersonId, Expr::value(nobody))
        .col_expr(
            rsvp::Column::Name,
            Expr::value(app.keys.seal(name_slot(&row.id), &name)?.0),
        )
        .col_expr(rsvp::Column::Details, Expr::value(None::<Vec<u8>>))
        .col_expr(rsvp::Column::Referrer, Expr::value(None::<String>))
        .col_expr(
            rsvp::Column::AttendanceConfirmedAt,
            Expr::value(None::<DateTime<Utc>>),
        )
        .col_expr(rsvp::Column::Listed, Expr::value(false))
        .col_expr(rsvp::Column::ShareCode, Expr::value(None::<String>))
        .col_expr(rsvp::Column::SharedBy, Expr::value(None::<Uuid>))
        .filter(rsvp::Column::Id.eq(row.id))
        .exec(tx.db())
        .await?;
    link::Entity::delete_many()
        .filter(link::Column::RsvpId.eq(row.id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Makes the RSVPs of `from` those of `to`. Where both answered for the same date the stronger answer stays, and the seats
/// of the other go to whoever waits. The caller has both people's rows.
pub(crate) async fn hand_over(app: &App, tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    for row in of(tx, from).await? {
        let slot = lock(tx, row.timeslot_id).await?;
        let mut rows: Vec<rsvp::Model> = Vec::new();
        for person_id in [to, from] {
            rows.extend(find_of(tx.db(), slot.id, person_id).await?);
        }
        rows.sort_by_key(strength);
        let strongest = rows.pop();
        for weaker in rows {
            let weaker = leave(app, tx, &slot, weaker, RsvpStatus::Cancelled).await?;
            unshare(tx, weaker.id).await?;
            rsvp::Entity::delete_by_id(weaker.id).exec(tx.db()).await?;
        }
        if let Some(row) = strongest {
            rsvp::Entity::update_many()
                .col_expr(rsvp::Column::PersonId, Expr::value(to))
                .filter(rsvp::Column::Id.eq(row.id))
                .exec(tx.db())
                .await?;
            tx.rsvp_changed(row.event_id);
        }
    }
    Ok(())
}

/// Registered before offered before waiting before refused before asked; the one who waits longer, the larger party, the older answer.
fn strength(row: &rsvp::Model) -> impl Ord + use<> {
    let rank = match row.status {
        RsvpStatus::Registered => 7,
        RsvpStatus::Offered => 6,
        RsvpStatus::Waitlisted => 5,
        RsvpStatus::Refused => 4, // asking again with another account is no way around it
        RsvpStatus::PendingApproval => 3,
        RsvpStatus::PendingConfirmation => 2,
        RsvpStatus::Declined => 1,
        RsvpStatus::Cancelled | RsvpStatus::OfferExpired => 0,
    };
    let since: Option<Reverse<DateTime<Utc>>> = row.waitlisted_at.map(Reverse);
    (rank, since, row.party_size, Reverse((row.created_at, row.id)))
}

/// In the order in which timeslots are locked.
async fn of(tx: &Tx, person_id: Uuid) -> Result<Vec<rsvp::Model>, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::PersonId.eq(person_id))
        .order_by_asc(rsvp::Column::TimeslotId);
    Ok(rows.all(tx.db()).await?)
}
