//! Events: what is kept of them, who may see what, and finding them by id.

mod access;
mod bulk;
pub mod contact;
pub(in crate::domain) mod content;
mod duplicate;
mod flags;
pub(crate) mod history;
mod hosts;
pub(crate) mod invitations;
pub mod links;
mod lists;
pub(crate) mod notice;
mod proposal;
pub(crate) mod questions;
mod review;
mod series;
mod state;
mod team;
mod timeslots;
mod write;

pub(crate) use access::known;
pub use access::{Access, access, coming, readable_private, shows_count};
pub use bulk::{BulkChange, Results as BulkResults, bulk_cancel, bulk_update};
pub use contact::{HostContact, readable_contact};
pub use content::Content;
pub(crate) use content::text;
pub use duplicate::{Duplicate, duplicate};
pub use flags::{Flag, flags};
pub use history::{Change, FieldChange, find_change, history};
pub(crate) use hosts::{hand_over, leave_all};
pub use invitations::{HostInvitation, Whom};
pub use links::{HostLink, Rights};
pub use lists::{When, hosting, review_queue};
pub use notice::News;
pub use proposal::{Changes, Difference, Field, Refused, changes};
pub use questions::{Answered, Ask, Question, QuestionKind, Value, revise};
pub use review::{Why, approve, reinstate, reject, suppress};
pub use series::{
    Counts, NewSeries, Occurrence, Outcome, Scope, SeriesChange, add_series, cancel_timeslots, find_series,
    occurrences, update_timeslots,
};
pub use state::{Submission, cancel, publish, verified_since};
pub use team::{first_host, leave, pass_on, remove_host};
pub(crate) use timeslots::lock_event;
pub use timeslots::{NewTimeslot, TimeslotChange, add_timeslots, cancel_timeslot, update_timeslot};
pub use write::{create, update};

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::{EventStatus, StaffRole, event, event_host, timeslot};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::access::access_of;
use super::{Actor, place::Place};
use crate::{
    app::App,
    refusal::{Reason, Refusal},
    sealed::Slot,
};

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

impl Loaded {
    /// The zone its local times are in.
    pub fn timezone(&self) -> Tz {
        self.row.timezone.parse().unwrap_or(Tz::UTC) // it was checked when it was written
    }
}

/// Whether everybody could once know of it.
fn was_published(row: &event::Model) -> bool {
    row.reviewed_at.is_some() && row.rejection_reason.is_none()
}

/// Whether it is published, or was until it was cancelled.
pub(crate) fn is_published(row: &event::Model) -> bool {
    match row.status {
        EventStatus::Approved => true,
        EventStatus::Cancelled => was_published(row) && row.suppressed_at.is_none(),
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected | EventStatus::Suppressed => {
            false
        }
    }
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
    let rows: Vec<&event::Model> = found.values().map(|loaded| &loaded.row).collect();
    let access = access_of(app.db.reader(), actor, &rows).await?;
    found.retain(|id, loaded| access.get(id).copied().unwrap_or_default().may_see(&loaded.row));
    Ok(found)
}

/// UNAUTHENTICATED, NOT_FOUND or FORBIDDEN unless the actor may change the event.
pub(crate) async fn require_edit(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    require(app, actor, id, Access::may_edit).await
}

/// The same for what reaches people by it, or takes a list of them away. WRONG_STATE for hosts of one that was taken down.
pub(crate) async fn require_reach(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    let event = require_edit(app, actor, id).await?;
    match event.row.suppressed_at {
        Some(_) if !actor.is(StaffRole::Organizer) => Err(Refusal::WrongState(Reason::EventNotPublished)),
        _ => Ok(event),
    }
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
    let loaded = load(app.db.reader(), &[id]).await?.remove(&id);
    let loaded = loaded.ok_or(Refusal::NotFound("event"))?;
    let mut access = access_of(app.db.reader(), actor, &[&loaded.row]).await?;
    let access = access.remove(&id).unwrap_or_default();
    if !access.may_see(&loaded.row) {
        return Err(Refusal::NotFound("event"));
    }
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

pub(crate) fn private_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "event.private",
        row: id,
    }
}
