//! Giving up what an RSVP holds.

use entity::{RsvpStatus, rsvp, timeslot};

use super::{promote, seats};
use crate::{
    app::{App, Tx},
    domain::role,
    refusal::Refusal,
};

/// Gives up whatever the row holds, and lets others have it; roles that somebody may not hold without it go with it.
pub(super) async fn leave(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    row: rsvp::Model,
    status: RsvpStatus,
) -> Result<rsvp::Model, Refusal> {
    let row = give_up(app, tx, slot, row, status).await?;
    role::follow::left(tx, row.event_id, row.person_id).await?;
    Ok(row)
}

/// The same for an RSVP beside which its person has another one for the date: roles stay.
pub(super) async fn give_up(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    row: rsvp::Model,
    status: RsvpStatus,
) -> Result<rsvp::Model, Refusal> {
    let freed = row.seats > 0;
    if freed {
        give_back(tx, slot, &row).await?;
    }
    let row = seats::store(
        tx,
        rsvp::Model {
            status,
            seats: 0,
            waitlisted_at: None,
            offer_expires_at: None,
            approved_at: None,
            attendance_confirmed_at: None,
            ..row
        },
    )
    .await?;
    if freed || slot.waitlist_first {
        promote(app, tx, slot.id).await?; // in place of the first whom all waited for, there is another
    }
    Ok(row)
}

pub(super) async fn give_back(tx: &Tx, slot: &timeslot::Model, row: &rsvp::Model) -> Result<(), Refusal> {
    let held = if row.status == RsvpStatus::PendingConfirmation {
        row.seats
    } else {
        0
    };
    seats::adjust(tx, slot.id, -row.seats, -held).await
}
