//! The look before an answer.

use chrono::{DateTime, Utc};
use entity::{
    AddressVisibility, EventStatus, JoinPolicy, RsvpStatus, SealedBytes, Visibility, event, person, rsvp,
    timeslot,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QuerySelect, QueryTrait, RelationDef,
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{Actor, event as events, invitation::Pass},
    refusal::{Reason, Refusal},
};

/// What there is to know before somebody answers.
pub(super) struct Found {
    pub event_id: Uuid,
    /// Seats that a new answer may have; none when there is no limit.
    free: Option<i32>,
    /// What the person answered before: the RSVP, where it stands, and what it says beside.
    pub before: Option<(Uuid, RsvpStatus, Option<SealedBytes>)>,
    pub policy: JoinPolicy,
    /// Who may read the exact place.
    pub address_visibility: AddressVisibility,
    /// Of the event, as they are stored.
    pub questions: Option<String>,
    /// Of the person's profile.
    pub name: Option<SealedBytes>,
}

impl Found {
    /// Whether there seem to be seats for so many.
    pub fn has_seats(&self, party_size: i32) -> bool {
        self.free.is_none_or(|free| party_size <= free)
    }
}

/// Reads, in one statement, a timeslot that one can still answer for, and who answers. Of a private event, one more for
/// whoever brings no invitation.
pub(super) async fn look(
    app: &App,
    actor: &Actor,
    me: Option<Uuid>,
    id: Uuid,
    pass: Option<&Pass>,
) -> Result<Found, Refusal> {
    let event_of: RelationDef = timeslot::Entity::belongs_to(event::Entity)
        .from(timeslot::Column::EventId)
        .to(event::Column::Id)
        .into();
    let mut find = timeslot::Entity::find_by_id(id)
        .join(JoinType::InnerJoin, event_of)
        .select_only()
        .columns([
            event::Column::Status,
            event::Column::Visibility,
            event::Column::JoinPolicy,
            event::Column::AddressVisibility,
            event::Column::Questions,
        ])
        .columns([
            timeslot::Column::EventId,
            timeslot::Column::CancelledAt,
            timeslot::Column::StartsAt,
            timeslot::Column::Capacity,
            timeslot::Column::Taken,
            timeslot::Column::WaitlistFirst,
        ])
        .column_as(rsvp::Column::Id, "rsvp_id")
        .column_as(rsvp::Column::Status, "rsvp_status")
        .column(rsvp::Column::Details)
        .column_as(person::Column::Id, "person_id")
        .column(person::Column::Name);
    let mine = Condition::all()
        .add(rsvp::Column::TimeslotId.eq(id))
        .add(rsvp::Column::PersonId.eq(me));
    QueryTrait::query(&mut find)
        .left_join(rsvp::Entity, mine)
        .left_join(person::Entity, Condition::all().add(person::Column::Id.eq(me)));
    let found: Option<Row> = find.into_model().one(app.db.reader()).await?;
    let row = found.ok_or(Refusal::NotFound("timeslot"))?;
    if me.is_some() && row.person_id.is_none() {
        return Err(Refusal::Unauthenticated); // erased since the token was looked at
    }
    if pass.is_some_and(|pass| pass.event_id() != row.event_id) {
        return Err(Refusal::NotFound("timeslot"));
    }
    // Everybody may know of an event that is published and not private, so nothing more need be read.
    let is_known = match row.status {
        EventStatus::Approved => row.visibility != Visibility::Private || pass.is_some(),
        EventStatus::Cancelled => pass.is_some() && was_published(app, row.event_id).await?,
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected | EventStatus::Suppressed => {
            false
        }
    };
    if !is_known && let Err(refusal) = events::find(app, actor, row.event_id).await {
        return Err(refusal.hiding("timeslot"));
    }
    let reason = match row.status {
        EventStatus::Cancelled => Some(Reason::EventCancelled),
        EventStatus::Approved if row.cancelled_at.is_some() => Some(Reason::TimeslotCancelled),
        EventStatus::Approved if row.starts_at <= app.clock.now() => Some(Reason::EventStarted),
        EventStatus::Approved => None,
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected | EventStatus::Suppressed => {
            Some(Reason::EventNotPublished)
        }
    };
    match reason {
        Some(reason) => Err(Refusal::WrongState(reason)),
        None => Ok(Found {
            event_id: row.event_id,
            free: match row.capacity {
                _ if row.waitlist_first => Some(0),
                capacity => capacity.map(|capacity| capacity - row.taken),
            },
            before: row
                .rsvp_id
                .zip(row.rsvp_status)
                .map(|(id, status)| (id, status, row.details)),
            policy: row.join_policy,
            address_visibility: row.address_visibility,
            questions: row.questions,
            name: row.name,
        }),
    }
}

async fn was_published(app: &App, event_id: Uuid) -> Result<bool, Refusal> {
    let found = event::Entity::find_by_id(event_id).one(app.db.reader()).await?;
    Ok(found.as_ref().is_some_and(events::is_published))
}

#[derive(FromQueryResult)]
struct Row {
    event_id: Uuid,
    status: EventStatus,
    visibility: Visibility,
    cancelled_at: Option<DateTime<Utc>>,
    starts_at: DateTime<Utc>,
    capacity: Option<i32>,
    taken: i32,
    waitlist_first: bool,
    rsvp_id: Option<Uuid>,
    rsvp_status: Option<RsvpStatus>,
    details: Option<SealedBytes>,
    join_policy: JoinPolicy,
    address_visibility: AddressVisibility,
    questions: Option<String>,
    person_id: Option<Uuid>,
    name: Option<SealedBytes>,
}
