//! At the door: checking people in, by hosts and by whoever has a link for it, with or without a network.
//!
//! Whoever is at the door reads the pack, which is who is expected and the event's public key, and tells what they see: a
//! batch of items, each of which is answered by itself. What is accepted is a fact ([`crate::domain::attendance`]).

mod check_in;
mod code;
mod counts;
mod decide;
mod guest;
mod pack;
mod search;

pub use check_in::{Item, Outcome, Subject, check_in, undo_all};
pub use code::{codes, renew};
pub use counts::{Turnout, WalkIn, find_walk_in, of_rsvps, turnouts, walk_ins};
pub use guest::{Consent, Guest};
pub use pack::{Entry, Pack, Roster, pack};
pub use search::Choice;

use chrono::{DateTime, TimeDelta, Utc};
use entity::timeslot;
use uuid::Uuid;

use super::{
    Actor,
    event::{self, Loaded, links},
};
use crate::{
    app::App,
    refusal::{Reason, Refusal},
};

/// The event at whose door the actor is: its hosts, organizers, and whoever has a link for it, until 12 hours after its last
/// date; their reading is recorded. UNAUTHENTICATED, NOT_FOUND, FORBIDDEN; WRONG_STATE before it is published, and once it was
/// taken down.
pub(super) async fn require(app: &App, actor: &Actor, event_id: Uuid) -> Result<Loaded, Refusal> {
    let event = event::require_check_in(app, actor, event_id).await?;
    if matches!(actor, Actor::Visitor(_))
        && links::door_closes_at(&event).is_none_or(|at| at <= app.clock.now())
    {
        return Err(Refusal::Forbidden);
    }
    if !event::is_published(&event.row) {
        return Err(Refusal::WrongState(Reason::EventNotPublished));
    }
    links::note_reading(app, actor).await?;
    Ok(event)
}

/// UNAUTHENTICATED, NOT_FOUND or FORBIDDEN unless the actor may know how many are there.
pub async fn require_turnout(app: &App, actor: &Actor, event_id: Uuid) -> Result<(), Refusal> {
    event::require_check_in(app, actor, event_id).await.map(|_| ())
}

/// Whether the actor reads names and answers in full, as hosts do.
pub(super) fn reads_all(actor: &Actor) -> bool {
    !matches!(actor, Actor::Visitor(_))
}

/// The date that is meant when none is named: of those that were not called off, the first that was not over an hour ago; else
/// the last one. NOT_FOUND for one of another event; WRONG_STATE when there is none.
pub(super) fn date(
    event: &Loaded,
    named: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<&timeslot::Model, Refusal> {
    if let Some(id) = named {
        let found = event.timeslots.iter().find(|slot| slot.id == id);
        return found.ok_or(Refusal::NotFound("timeslot"));
    }
    let standing = || event.timeslots.iter().filter(|slot| slot.cancelled_at.is_none());
    let next = standing().find(|slot| slot.ends_at + TimeDelta::hours(1) > at);
    let any = next.or_else(|| standing().next_back()).or(event.timeslots.last());
    any.ok_or(Refusal::WrongState(Reason::EventHasNoTimeslot))
}

/// From when on people are let in.
pub(super) fn opens_at(app: &App, slot: &timeslot::Model) -> DateTime<Utc> {
    slot.starts_at - TimeDelta::minutes(app.config.door.early_minutes)
}
