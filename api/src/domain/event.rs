//! Events: what is kept of them, who may see what, and finding them by id.

mod bulk;
pub mod contact;
pub(in crate::domain) mod content;
mod duplicate;
pub(crate) mod history;
mod hosts;
pub(crate) mod invitations;
pub mod links;
mod lists;
pub(crate) mod notice;
pub(crate) mod questions;
mod series;
mod state;
mod team;
mod timeslots;
mod write;

pub use bulk::{BulkChange, Results as BulkResults, bulk_cancel, bulk_update};
pub use contact::{HostContact, readable_contact};
pub use content::Content;
pub(crate) use content::text;
pub use duplicate::{Duplicate, duplicate};
pub use history::{Change, FieldChange, find_change, history};
pub(crate) use hosts::{hand_over, leave_all};
pub use invitations::{HostInvitation, Whom};
pub use links::{HostLink, Rights};
pub use lists::{When, hosting, review_queue};
pub use notice::News;
pub use questions::{Answered, Ask, Question, QuestionKind, Value, revise};
pub use series::{
    Counts, NewSeries, Occurrence, Outcome, Scope, SeriesChange, add_series, cancel_timeslots, find_series,
    occurrences, update_timeslots,
};
pub use state::{approve, cancel, publish, reject, verified_since};
pub use team::{first_host, leave, pass_on, remove_host};
pub use timeslots::{NewTimeslot, TimeslotChange, add_timeslots, cancel_timeslot, update_timeslot};
pub use write::{create, update};

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;
use entity::{AddressVisibility, EventStatus, RsvpStatus, StaffRole, event, event_host, rsvp, timeslot};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, place::Place};
use crate::{app::App, refusal::Refusal, sealed::Slot};

/// What only those coming and the hosts may know; sealed in `event.private`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Private {
    /// The complete place.
    pub place: Option<Place>,
    /// Where to take part online.
    pub virtual_url: Option<String>,
    /// What those coming should know.
    pub instructions: Option<String>,
    /// Where and when to gather before the start.
    pub gathering: Option<Gathering>,
}

/// Where people meet before an event begins.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathering {
    /// Where.
    pub place: String,
    /// How many minutes before the start.
    pub minutes_before: i32,
}

/// An event with its hosts, the first host first, then oldest first, and its timeslots by start.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The event.
    pub row: event::Model,
    /// Its hosts.
    pub hosts: Vec<event_host::Model>,
    /// Its timeslots, cancelled ones included.
    pub timeslots: Vec<timeslot::Model>,
}

/// What an actor is to an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Hosts it.
    pub host: bool,
    /// May review and edit any event.
    pub organizer: bool,
    /// Is registered for one of its timeslots.
    pub coming: bool,
    /// What their host link gives.
    pub link: Rights,
}

impl Loaded {
    /// The zone its local times are in.
    pub fn timezone(&self) -> Tz {
        self.row.timezone.parse().unwrap_or(Tz::UTC) // it was checked when it was written
    }
}

impl Access {
    /// May change it and see who is coming.
    pub fn may_edit(self) -> bool {
        self.host || self.organizer
    }

    /// May change what it says, and its dates.
    pub fn may_change(self) -> bool {
        self.may_edit() || self.link.may_change
    }

    /// May see who is coming.
    pub fn may_see_rsvps(self) -> bool {
        self.may_edit() || self.link.may_see_rsvps
    }

    /// May read instructions, gathering and the virtual link.
    pub fn may_read_private(self) -> bool {
        self.may_change() || self.coming
    }

    /// May read the exact place of an event with this address visibility.
    pub fn may_read_place(self, visibility: AddressVisibility) -> bool {
        match visibility {
            AddressVisibility::Public => true,
            AddressVisibility::AfterRsvp => self.may_read_private(),
            AddressVisibility::HostsOnly => self.may_change(),
        }
    }

    /// May know that the event exists. One that was published stays visible when it is cancelled.
    fn may_see(self, row: &event::Model) -> bool {
        match row.status {
            EventStatus::Approved => true,
            EventStatus::Cancelled => was_published(row) || self.may_read_private() || self.may_see_rsvps(),
            EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected => {
                self.may_change() || self.may_see_rsvps()
            }
        }
    }
}

/// Whether everybody could once know of it.
fn was_published(row: &event::Model) -> bool {
    row.reviewed_at.is_some() && row.rejection_reason.is_none()
}

/// An event, if the actor may know of it; NOT_FOUND otherwise.
pub async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    let mut found = find_many(app, actor, &[id]).await?;
    found.remove(&id).ok_or(Refusal::NotFound("event"))
}

/// A date and the zone of its event, if the actor may know of that; NOT_FOUND otherwise.
pub async fn find_timeslot(app: &App, actor: &Actor, id: Uuid) -> Result<(timeslot::Model, Tz), Refusal> {
    let slot = timeslot::Entity::find_by_id(id).one(app.db.reader()).await?;
    let slot = slot.ok_or(Refusal::NotFound("timeslot"))?;
    let mut found = find_many(app, actor, &[slot.event_id]).await?;
    let event = found
        .remove(&slot.event_id)
        .ok_or(Refusal::NotFound("timeslot"))?;
    Ok((slot, event.timezone()))
}

/// Those of `ids` that the actor may know of.
pub async fn find_many(app: &App, actor: &Actor, ids: &[Uuid]) -> Result<HashMap<Uuid, Loaded>, Refusal> {
    let mut found = load(app.db.reader(), ids).await?;
    let access = access(app, actor, ids).await?;
    found.retain(|id, loaded| access.get(id).copied().unwrap_or_default().may_see(&loaded.row));
    Ok(found)
}

/// What the actor is to each event. No statement for somebody who is not signed in.
pub async fn access(app: &App, actor: &Actor, ids: &[Uuid]) -> Result<HashMap<Uuid, Access>, Refusal> {
    let organizer = actor.is(StaffRole::Organizer);
    let (mut hosted, mut coming) = (HashSet::new(), HashSet::new());
    if let Some(me) = actor.person_id() {
        let hosts = event_host::Entity::find()
            .filter(event_host::Column::EventId.is_in(ids.iter().copied()))
            .filter(event_host::Column::PersonId.eq(me));
        hosted.extend(
            hosts
                .all(app.db.reader())
                .await?
                .into_iter()
                .map(|host| host.event_id),
        );
        let rsvps = rsvp::Entity::find()
            .filter(rsvp::Column::PersonId.eq(me))
            .filter(rsvp::Column::EventId.is_in(ids.iter().copied()))
            .filter(rsvp::Column::Status.eq(RsvpStatus::Registered));
        coming.extend(
            rsvps
                .all(app.db.reader())
                .await?
                .into_iter()
                .map(|rsvp| rsvp.event_id),
        );
    }
    let link = |id: &Uuid| match actor {
        Actor::Visitor(visitor) if visitor.event_id == *id => visitor.rights,
        _ => Rights::default(),
    };
    let of = |id: &Uuid| Access {
        link: link(id),
        host: hosted.contains(id),
        organizer,
        coming: coming.contains(id),
    };
    Ok(ids.iter().map(|id| (*id, of(id))).collect())
}

/// UNAUTHENTICATED, NOT_FOUND or FORBIDDEN unless the actor may change the event.
pub(crate) async fn require_edit(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    require(app, actor, id, Access::may_edit).await
}

/// The same for whoever may change what it says and its dates, by a host link as well.
pub(crate) async fn require_change(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    require(app, actor, id, Access::may_change).await
}

/// The same for whoever may see who is coming, by a host link as well, whose reading is recorded.
pub(crate) async fn require_rsvps(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    let event = require(app, actor, id, Access::may_see_rsvps).await?;
    links::note_reading(app, actor).await?;
    Ok(event)
}

async fn require(
    app: &App,
    actor: &Actor,
    id: Uuid,
    may: impl FnOnce(Access) -> bool,
) -> Result<Loaded, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let access = access(app, actor, &[id]).await?.remove(&id).unwrap_or_default();
    let loaded = load(app.db.reader(), &[id]).await?.remove(&id);
    let loaded = loaded
        .filter(|loaded| access.may_see(&loaded.row))
        .ok_or(Refusal::NotFound("event"))?;
    if may(access) {
        Ok(loaded)
    } else {
        Err(Refusal::Forbidden)
    }
}

/// Events with hosts and timeslots, whoever asks: three statements.
pub(crate) async fn load(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Loaded>, Refusal> {
    let rows = event::Entity::find()
        .filter(event::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    let hosts = event_host::Entity::find()
        .filter(event_host::Column::EventId.is_in(ids.iter().copied()))
        .order_by_desc(event_host::Column::Leads)
        .order_by_asc(event_host::Column::CreatedAt)
        .order_by_asc(event_host::Column::Id)
        .all(db)
        .await?;
    let timeslots = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.is_in(ids.iter().copied()))
        .order_by_asc(timeslot::Column::StartsAt)
        .order_by_asc(timeslot::Column::Id)
        .all(db)
        .await?;
    let bare = |row: event::Model| {
        (
            row.id,
            Loaded {
                row,
                hosts: vec![],
                timeslots: vec![],
            },
        )
    };
    let mut loaded: HashMap<Uuid, Loaded> = rows.into_iter().map(bare).collect();
    for host in hosts {
        if let Some(event) = loaded.get_mut(&host.event_id) {
            event.hosts.push(host);
        }
    }
    for slot in timeslots {
        if let Some(event) = loaded.get_mut(&slot.event_id) {
            event.timeslots.push(slot);
        }
    }
    Ok(loaded)
}

/// What is sealed of an event. For those who may read it: ask [`Access`] first.
pub(crate) fn open_private(app: &App, row: &event::Model) -> Result<Private, Refusal> {
    app.keys.open(private_slot(&row.id), &row.private)
}

/// The parts of [`Private`] that `access` allows.
pub fn readable_private(app: &App, row: &event::Model, access: Access) -> Result<Private, Refusal> {
    if !access.may_read_private() && !access.may_read_place(row.address_visibility) {
        return Ok(Private::default());
    }
    let all = open_private(app, row)?;
    let place = all
        .place
        .filter(|_| access.may_read_place(row.address_visibility));
    if access.may_read_private() {
        Ok(Private { place, ..all })
    } else {
        Ok(Private {
            place,
            ..Private::default()
        })
    }
}

pub(crate) fn private_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "event.private",
        row: id,
    }
}
