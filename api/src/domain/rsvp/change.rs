//! Changing an RSVP that exists: party size, confirming, cancelling. The timeslot's row is always taken first.

use chrono::TimeDelta;
use entity::{JoinPolicy, RsvpStatus, Visibility, contact_point, event, rsvp, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{check_party, lock, promote, seats};
use crate::{
    app::{App, Tx},
    domain::{Actor, invitation},
    outbox::RsvpMail,
    refusal::{Problems, Reason, Refusal},
};

/// A change of one's own RSVP; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// How many come, the person included: 1 to `limits.party`.
    pub party_size: Option<i32>,
    /// Whether others who come may read given name and initial.
    pub listed: Option<bool>,
}

/// Changes one's own RSVP. BAD_USER_INPUT when there are not so many seats; the RSVP then stays as it was. CONFLICT when it is no longer at `expected_version`.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: Option<i32>,
    change: Change,
) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    let mut problems = Problems::default();
    if let Some(party_size) = change.party_size {
        check_party(app, party_size, &mut problems);
    }
    let says_something = change.party_size.is_some() || change.listed.is_some();
    problems.check(says_something, "input", "must say what to change");
    problems.finish()?;
    app.write(async |tx| {
        let (slot, row) = locked(tx, id, Some(me)).await?;
        if expected_version.is_some_and(|version| version != row.version) {
            return Err(Refusal::Conflict(
                "The RSVP was changed meanwhile; read it again.",
            ));
        }
        not_over(tx, &slot).await?;
        let listed = change.listed.unwrap_or(row.listed);
        let is_said = listed != row.listed;
        let row = rsvp::Model { listed, ..row };
        match change.party_size {
            Some(party_size) if party_size != row.party_size => resize(app, tx, &slot, row, party_size).await,
            _ if is_said => seats::store(tx, row).await,
            _ => Ok(row),
        }
    })
    .await
}

/// Takes one's own RSVP back. Always possible until the timeslot is over; doing it again changes nothing.
pub async fn cancel(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| cancel_in(app, tx, id, Some(me)).await).await
}

/// Takes an RSVP back for whoever proved that it is theirs: a person, or the holder of its link (`None`).
pub(crate) async fn cancel_in(
    app: &App,
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
) -> Result<rsvp::Model, Refusal> {
    let (slot, row) = locked(tx, id, person_id).await?;
    if matches!(
        row.status,
        RsvpStatus::Cancelled | RsvpStatus::Declined | RsvpStatus::Refused | RsvpStatus::OfferExpired
    ) {
        return Ok(row);
    }
    if slot.ends_at <= tx.now() {
        return Err(Refusal::WrongState(Reason::EventEnded));
    }
    leave(app, tx, &slot, row, RsvpStatus::Cancelled).await
}

/// Confirms an RSVP given without an account, for the holder of its link and for as many as its mail said: registered, or on the waitlist when the
/// seats were given back meanwhile and others took them.
pub(crate) async fn confirm(
    app: &App,
    tx: &Tx,
    id: Uuid,
    party_size: Option<i32>,
) -> Result<rsvp::Model, Refusal> {
    let (slot, row) = locked(tx, id, None).await?;
    match row.status {
        RsvpStatus::Registered
        | RsvpStatus::Waitlisted
        | RsvpStatus::Offered
        | RsvpStatus::PendingApproval => return Ok(row),
        RsvpStatus::Refused => return Err(Refusal::WrongState(Reason::RsvpRefused)),
        RsvpStatus::PendingConfirmation
        | RsvpStatus::Cancelled
        | RsvpStatus::Declined
        | RsvpStatus::OfferExpired => {
            not_over(tx, &slot).await?;
            let (policy, visibility) = openness(tx, &slot).await?;
            if policy == JoinPolicy::External {
                return Err(Refusal::WrongState(Reason::JoinElsewhere));
            }
            // Who answered in earnest before knows of a private event; who never did has to be invited.
            let is_new = row.status == RsvpStatus::PendingConfirmation;
            let needs_invitation =
                policy == JoinPolicy::Invite || (visibility == Visibility::Private && is_new);
            match invitation::confirm(tx, row.event_id, row.person_id).await {
                Err(Refusal::WrongState(_)) if !needs_invitation => {}
                confirmed => confirmed?,
            }
        }
    }
    // Who has several addresses proved them by codes; the link went to the only one of all others.
    contact_point::Entity::update_many()
        .col_expr(contact_point::Column::VerifiedAt, Expr::value(tx.now()))
        .filter(contact_point::Column::PersonId.eq(row.person_id))
        .filter(contact_point::Column::VerifiedAt.is_null())
        .exec(tx.db())
        .await?;
    let row = rsvp::Model {
        confirmed_at: Some(tx.now()),
        party_size: party_size.unwrap_or(row.party_size),
        ..row
    };
    join(app, tx, &slot, row, true).await
}

/// Gives back the seats of an RSVP that is still not confirmed after `rsvp.hold_minutes`. It may be confirmed later,
/// if there are seats then.
pub async fn release_hold(app: &App, id: Uuid) -> Result<(), Refusal> {
    app.write(async |tx| {
        let Some(row) = rsvp::Entity::find_by_id(id).one(tx.db()).await? else {
            return Ok(());
        };
        let (slot, row) = locked(tx, row.id, None).await?;
        let held_for = TimeDelta::minutes(app.config.rsvp.hold_minutes);
        let given_up = row.status == RsvpStatus::PendingConfirmation && tx.now() - row.changed_at >= held_for;
        if given_up && row.seats > 0 {
            give_back(tx, &slot, &row).await?;
            seats::store(tx, rsvp::Model { seats: 0, ..row }).await?;
            promote(app, tx, slot.id).await?;
        }
        Ok(())
    })
    .await
}

/// Somebody who holds no firm place comes (again), with `row.party_size` people: registered if there are seats,
/// otherwise last on the waitlist.
pub(super) async fn join(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    row: rsvp::Model,
    confirmed: bool,
) -> Result<rsvp::Model, Refusal> {
    if needs_approval(tx, slot, &row).await? {
        if row.seats > 0 {
            give_back(tx, slot, &row).await?;
        }
        return ask(app, tx, slot, row, confirmed).await;
    }
    let status = if confirmed {
        RsvpStatus::Registered
    } else {
        RsvpStatus::PendingConfirmation
    };
    let mut next = rsvp::Model {
        status,
        seats: row.party_size,
        waitlisted_at: None,
        ..row.clone()
    };
    let took = if row.seats >= row.party_size {
        // What it holds is its own, whoever waits.
        let held = if confirmed { 0 } else { row.party_size };
        seats::adjust(tx, slot.id, row.party_size - row.seats, held - row.seats).await?;
        true
    } else {
        if row.seats > 0 {
            give_back(tx, slot, &row).await?;
        }
        seats::take(app, tx, &next).await?
    };
    let mail = match (took, confirmed) {
        (true, true) => RsvpMail::Registered,
        (false, true) => {
            next.status = RsvpStatus::Waitlisted;
            next.seats = 0;
            next.waitlisted_at = Some(tx.now());
            RsvpMail::Waitlisted
        }
        (took, false) => {
            next.seats = if took { row.party_size } else { 0 };
            RsvpMail::PleaseConfirm
        }
    };
    let next = seats::store(tx, next).await?;
    seats::expire_hold(app, tx, &next).await?;
    promote(app, tx, slot.id).await?;
    let next = again(tx, next).await?;
    if mail != RsvpMail::Waitlisted || next.status == RsvpStatus::Waitlisted {
        seats::mail(tx, next.id, mail).await?;
    }
    Ok(next)
}

/// The row as it is, now that those who wait were asked.
pub(super) async fn again(tx: &Tx, row: rsvp::Model) -> Result<rsvp::Model, Refusal> {
    if row.status != RsvpStatus::Waitlisted {
        return Ok(row);
    }
    let now = rsvp::Entity::find_by_id(row.id).one(tx.db()).await?;
    Ok(now.unwrap_or(row))
}

/// Whether a host decides first. Not about somebody who was approved.
async fn needs_approval(tx: &Tx, slot: &timeslot::Model, row: &rsvp::Model) -> Result<bool, Refusal> {
    Ok(row.approved_at.is_none() && is_by_approval(tx, slot).await?)
}

pub(super) async fn is_by_approval(tx: &Tx, slot: &timeslot::Model) -> Result<bool, Refusal> {
    Ok(openness(tx, slot).await?.0 == JoinPolicy::Approval)
}

/// How people join the event of a date, and who may know of it.
async fn openness(tx: &Tx, slot: &timeslot::Model) -> Result<(JoinPolicy, Visibility), Refusal> {
    let event = event::Entity::find_by_id(slot.event_id)
        .select_only()
        .columns([event::Column::JoinPolicy, event::Column::Visibility])
        .into_tuple();
    event.one(tx.db()).await?.ok_or(Refusal::NotFound("event"))
}

/// Asks the hosts, for somebody who holds no seats (any more).
async fn ask(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    row: rsvp::Model,
    confirmed: bool,
) -> Result<rsvp::Model, Refusal> {
    let (status, mail) = if confirmed {
        (RsvpStatus::PendingApproval, RsvpMail::PendingApproval)
    } else {
        (RsvpStatus::PendingConfirmation, RsvpMail::PleaseConfirm)
    };
    let freed = row.seats > 0;
    let row = seats::store(
        tx,
        rsvp::Model {
            status,
            seats: 0,
            ..row
        },
    )
    .await?;
    seats::mail(tx, row.id, mail).await?;
    if freed {
        promote(app, tx, slot.id).await?;
    }
    Ok(row)
}

/// BAD_USER_INPUT for a party that is larger than the hosts approved.
pub(super) async fn approved_size(
    tx: &Tx,
    slot: &timeslot::Model,
    row: &rsvp::Model,
    party_size: i32,
) -> Result<(), Refusal> {
    let decided = matches!(
        row.status,
        RsvpStatus::Registered | RsvpStatus::Waitlisted | RsvpStatus::Offered
    );
    if decided && party_size > row.party_size && is_by_approval(tx, slot).await? {
        let problem = "is larger than the hosts approved: cancel, and ask again";
        return Err(Refusal::input(&["input", "partySize"], problem));
    }
    Ok(())
}

/// Another party size, for somebody registered, waiting, offered seats or not yet confirmed.
pub(super) async fn resize(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    row: rsvp::Model,
    party_size: i32,
) -> Result<rsvp::Model, Refusal> {
    approved_size(tx, slot, &row, party_size).await?;
    match row.status {
        RsvpStatus::Registered | RsvpStatus::Offered => {
            let more = party_size - row.seats;
            let free = seats::free(slot);
            if more > free {
                let problem = format!("is too large: {} more seats are free", free.max(0));
                return Err(Refusal::input(&["input", "partySize"], problem));
            }
            seats::adjust(tx, slot.id, more, 0).await?;
            let row = seats::store(
                tx,
                rsvp::Model {
                    party_size,
                    seats: party_size,
                    ..row
                },
            )
            .await?;
            promote(app, tx, slot.id).await?;
            Ok(row)
        }
        RsvpStatus::Waitlisted => {
            let row = seats::store(tx, rsvp::Model { party_size, ..row }).await?;
            promote(app, tx, slot.id).await?;
            again(tx, row).await
        }
        RsvpStatus::PendingConfirmation => {
            join(app, tx, slot, rsvp::Model { party_size, ..row }, false).await
        }
        RsvpStatus::PendingApproval => seats::store(tx, rsvp::Model { party_size, ..row }).await,
        RsvpStatus::Declined | RsvpStatus::Cancelled | RsvpStatus::Refused | RsvpStatus::OfferExpired => {
            Err(Refusal::WrongState(Reason::RsvpNotActive))
        }
    }
}

/// Gives up whatever the row holds, and lets others have it.
pub(super) async fn leave(
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

async fn give_back(tx: &Tx, slot: &timeslot::Model, row: &rsvp::Model) -> Result<(), Refusal> {
    let held = if row.status == RsvpStatus::PendingConfirmation {
        row.seats
    } else {
        0
    };
    seats::adjust(tx, slot.id, -row.seats, -held).await
}

/// The RSVP with its timeslot locked; NOT_FOUND unless it is that person's.
pub(super) async fn locked(
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
) -> Result<(timeslot::Model, rsvp::Model), Refusal> {
    let find = || async {
        let row = rsvp::Entity::find_by_id(id).one(tx.db()).await?;
        let row = row.filter(|row| person_id.is_none_or(|person| person == row.person_id));
        row.ok_or(Refusal::NotFound("RSVP"))
    };
    let slot = lock(tx, find().await?.timeslot_id).await?;
    Ok((slot, find().await?)) // again: it may have changed until the lock was ours
}

pub(super) async fn not_over(tx: &Tx, slot: &timeslot::Model) -> Result<(), Refusal> {
    match slot {
        slot if slot.cancelled_at.is_some() => Err(Refusal::WrongState(Reason::TimeslotCancelled)),
        slot if slot.ends_at <= tx.now() => Err(Refusal::WrongState(Reason::EventEnded)),
        slot => seats::not_off(tx, slot.event_id).await,
    }
}
