//! What an actor is to an event, and what they may know of it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    AddressVisibility, AttendeeVisibility, EventStatus, RsvpStatus, StaffRole, Visibility, event, event_host,
    rsvp, timeslot,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};
use uuid::Uuid;

use super::{Loaded, Private, Rights};
use crate::{
    app::App,
    domain::{Actor, invitation},
    refusal::Refusal,
};

/// What an actor is to an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Hosts it.
    pub host: bool,
    /// May review and edit any event.
    pub organizer: bool,
    /// Is registered for one of its timeslots.
    pub coming: bool,
    /// The first start of those timeslots, cancelled ones left out.
    pub first_start: Option<DateTime<Utc>>,
    /// The same of RSVPs that a host approved.
    pub first_approved: Option<DateTime<Utc>>,
    /// What their host link gives.
    pub link: Rights,
    /// Answered for it: may know of it even if it is private.
    pub answered: bool,
    /// So may who was invited.
    pub invited: bool,
}

/// Answers after which somebody may go on knowing of a private event. A host's no ends that, and an address that somebody
/// typed in begins nothing.
const KNOWING: [RsvpStatus; 7] = [
    RsvpStatus::Registered,
    RsvpStatus::Waitlisted,
    RsvpStatus::Offered,
    RsvpStatus::OfferExpired,
    RsvpStatus::PendingApproval,
    RsvpStatus::Declined,
    RsvpStatus::Cancelled,
];

impl Access {
    /// What somebody is to an event by some RSVPs: for a mail about it.
    pub fn of_rsvps(rows: &[(&rsvp::Model, &timeslot::Model)]) -> Self {
        let mut access = Self::default();
        for (row, slot) in rows {
            let is_approved = row.approved_at.is_some();
            access.add(row.status, is_approved, slot.starts_at, slot.cancelled_at);
        }
        access
    }

    fn add(
        &mut self,
        status: RsvpStatus,
        is_approved: bool,
        starts_at: DateTime<Utc>,
        cancelled_at: Option<DateTime<Utc>>,
    ) {
        self.answered |= KNOWING.contains(&status);
        if status != RsvpStatus::Registered {
            return;
        }
        self.coming = true;
        let start = cancelled_at.is_none().then_some(starts_at);
        let first = |known: Option<DateTime<Utc>>| known.into_iter().chain(start).min();
        self.first_start = first(self.first_start);
        if is_approved {
            self.first_approved = first(self.first_approved);
        }
    }

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

    /// May read the exact place now.
    pub fn may_read_place(self, row: &event::Model, now: DateTime<Utc>) -> bool {
        match row.address_visibility {
            AddressVisibility::Public => true,
            _ if self.may_change() => true,
            _ => self.place_from(row).is_some_and(|from| from <= now),
        }
    }

    /// From when somebody who comes may read the exact place; none for those who may not for another reason, or may at any
    /// time. Nobody waits for that moment: it is compared whenever the place is asked for.
    pub fn place_from(self, row: &event::Model) -> Option<DateTime<Utc>> {
        let start = match row.address_visibility {
            AddressVisibility::AfterRsvp => self.first_start?,
            AddressVisibility::AfterApproval => self.first_approved?,
            AddressVisibility::Public | AddressVisibility::HostsOnly => return None,
        };
        match row.address_hours {
            Some(hours) => Some(start - TimeDelta::hours(hours.into())),
            None => Some(DateTime::UNIX_EPOCH),
        }
    }

    /// May know that the event exists. One that was published stays visible when it is cancelled, unless it was taken down.
    pub(super) fn may_see(self, row: &event::Model) -> bool {
        let runs_it = self.may_change() || self.may_see_rsvps();
        let is_known = row.visibility != Visibility::Private || self.answered || self.invited || runs_it;
        match row.status {
            EventStatus::Approved => is_known,
            EventStatus::Cancelled => is_known && (super::is_published(row) || self.answered || runs_it),
            // Whoever answered learns that it is gone, and can take the answer back.
            EventStatus::Suppressed => self.answered || runs_it,
            EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected => runs_it,
        }
    }
}

/// Event, when it was taken down; status, when it was approved; start of its date, and when that was called off.
type Row = (
    Uuid,
    Option<DateTime<Utc>>,
    RsvpStatus,
    Option<DateTime<Utc>>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
);

/// What the actor is to each event, invitations left out. No statement for somebody who is not signed in.
pub async fn access(app: &App, actor: &Actor, ids: &[Uuid]) -> Result<HashMap<Uuid, Access>, Refusal> {
    access_in(app.db.reader(), actor, ids).await
}

async fn access_in(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Access>, Refusal> {
    let organizer = actor.is(StaffRole::Organizer);
    let nobody = Access {
        organizer,
        ..Access::default()
    };
    let mut all: HashMap<Uuid, Access> = ids.iter().map(|id| (*id, nobody)).collect();
    if let Actor::Visitor(visitor) = actor
        && let Some(access) = all.get_mut(&visitor.event_id)
    {
        access.link = visitor.rights;
    }
    let Some(me) = actor.person_id() else {
        return Ok(all);
    };
    let hosts = event_host::Entity::find()
        .filter(event_host::Column::EventId.is_in(ids.iter().copied()))
        .filter(event_host::Column::PersonId.eq(me));
    for host in hosts.all(db).await? {
        all.entry(host.event_id).or_insert(nobody).host = true;
    }
    let timeslot_of: RelationDef = rsvp::Entity::belongs_to(timeslot::Entity)
        .from(rsvp::Column::TimeslotId)
        .to(timeslot::Column::Id)
        .into();
    let event_of: RelationDef = rsvp::Entity::belongs_to(event::Entity)
        .from(rsvp::Column::EventId)
        .to(event::Column::Id)
        .into();
    let rows: Vec<Row> = rsvp::Entity::find()
        .join(JoinType::InnerJoin, timeslot_of)
        .join(JoinType::InnerJoin, event_of)
        .select_only()
        .column(rsvp::Column::EventId)
        .column(event::Column::SuppressedAt)
        .columns([rsvp::Column::Status, rsvp::Column::ApprovedAt])
        .columns([timeslot::Column::StartsAt, timeslot::Column::CancelledAt])
        .filter(rsvp::Column::PersonId.eq(me))
        .filter(rsvp::Column::EventId.is_in(ids.iter().copied()))
        .filter(rsvp::Column::Status.is_in(KNOWING))
        .into_tuple()
        .all(db)
        .await?;
    for (event_id, suppressed_at, status, approved_at, starts_at, cancelled_at) in rows {
        let access = all.entry(event_id).or_insert(nobody);
        if suppressed_at.is_none() {
            access.add(status, approved_at.is_some(), starts_at, cancelled_at);
        } else {
            access.answered = true; // what was taken down is nothing that one comes to
        }
    }
    Ok(all)
}

/// What the actor is to each of these events, invitations included: one statement more, and only if some event is private
/// and the actor nobody to it.
pub(super) async fn access_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    rows: &[&event::Model],
) -> Result<HashMap<Uuid, Access>, Refusal> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut all = access_in(db, actor, &ids).await?;
    let unknown = rows.iter().filter(|row| {
        row.visibility == Visibility::Private && all.get(&row.id).is_none_or(|access| !access.may_see(row))
    });
    let unknown: Vec<Uuid> = unknown.map(|row| row.id).collect();
    if let (Some(me), false) = (actor.person_id(), unknown.is_empty()) {
        let invited: HashSet<Uuid> = invitation::invited_to(db, me, &unknown).await?;
        for id in invited {
            all.entry(id).or_default().invited = true;
        }
    }
    Ok(all)
}

/// Which of these events the actor may know of.
pub(crate) async fn known(
    db: &impl ConnectionTrait,
    actor: &Actor,
    rows: &[event::Model],
) -> Result<HashSet<Uuid>, Refusal> {
    let rows: Vec<&event::Model> = rows.iter().collect();
    let access = access_of(db, actor, &rows).await?;
    let known = rows
        .iter()
        .filter(|row| access.get(&row.id).is_some_and(|access| access.may_see(row)));
    Ok(known.map(|row| row.id).collect())
}

/// Whether whoever may know of the event may know how many come.
pub fn shows_count(row: &event::Model) -> bool {
    row.attendee_visibility != AttendeeVisibility::Hosts
}

/// How many come to dates that are neither cancelled nor over. Seats that are held for unconfirmed RSVPs do not count;
/// those that are offered do.
pub fn coming(event: &Loaded, now: DateTime<Utc>) -> i32 {
    let standing = |slot: &&timeslot::Model| slot.cancelled_at.is_none() && slot.ends_at > now;
    let slots = event.timeslots.iter().filter(standing);
    slots.map(|slot| slot.taken - slot.held).sum()
}

/// The parts of [`Private`] that `access` allows now.
pub fn readable_private(app: &App, row: &event::Model, access: Access) -> Result<Private, Refusal> {
    let may_read_place = access.may_read_place(row, app.clock.now());
    if !access.may_read_private() && !may_read_place {
        return Ok(Private::default());
    }
    let all = super::open_private(app, row)?;
    let place = all.place.filter(|_| may_read_place);
    if access.may_read_private() {
        Ok(Private { place, ..all })
    } else {
        Ok(Private {
            place,
            ..Private::default()
        })
    }
}
