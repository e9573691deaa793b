//! RSVPs: one's own, and those to an event one hosts.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{rsvp, timeslot};

use super::{
    caller::{app_of, loaders_of},
    enums::RsvpStatus,
    event::Event,
    id::{Kind, global},
    message::{self, Delivery},
    question::QuestionAnswer,
    timeslot::Timeslot,
};
use crate::{
    domain::{event::Loaded, person::Name, rsvp as domain},
    refusal::Refusal,
};

/// The viewer's answer for one date of an event.
pub struct Rsvp(rsvp::Model);

/// The viewer's answer for one date of an event.
#[Object]
impl Rsvp {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Rsvp, self.0.id)
    }
    /// Counts the changes of the RSVP; goes into `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
    /// What it means.
    async fn status(&self) -> RsvpStatus {
        self.0.status.into()
    }
    /// Place in line: 1 is next. While WAITLISTED; null otherwise. By `Event.waitlistRule` somebody behind may still come
    /// first.
    #[graphql(complexity = "POSITION_COST")]
    async fn waitlist_position(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        position(ctx, &self.0).await
    }
    /// Until when the seats are kept: `acceptOffer` and `declineOffer` answer before. While OFFERED; null otherwise.
    async fn offer_expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.offer_expires_at
    }
    /// How many come, the viewer included.
    async fn party_size(&self) -> i32 {
        self.0.party_size
    }
    /// Names of those who come along, as far as they were told.
    async fn guests(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let details = domain::details_of(app_of(ctx), &self.0)?;
        Ok(details.guests.iter().map(Name::full).collect())
    }
    /// Answers to the event's questions.
    async fn answers(&self, ctx: &Context<'_>) -> Result<Vec<QuestionAnswer>> {
        let details = domain::details_of(app_of(ctx), &self.0)?;
        Ok(details.answers.into_iter().map(Into::into).collect())
    }
    /// Whether others who come may read the viewer's given name and initial, where the event has such a list.
    async fn listed(&self) -> bool {
        self.0.listed
    }
    /// The code of the viewer's own link, once `shareRsvp` made one.
    async fn share_code(&self) -> Option<&str> {
        self.0.share_code.as_deref()
    }
    /// How many RSVPs came by that link and stand.
    async fn brought_count(&self, ctx: &Context<'_>) -> Result<i64> {
        brought(ctx, self.0.id).await
    }
    /// When the viewer said once more that they will be there.
    async fn attendance_confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.0.attendance_confirmed_at
    }
    /// Messages about it, newest first, at most 50.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<Delivery>> {
        message::deliveries(ctx, self.0.id).await
    }
    /// When the viewer first answered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// For which event.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event> {
        Ok(Event::of_loaded(self.loaded(ctx).await?))
    }
    /// For which date.
    async fn timeslot(&self, ctx: &Context<'_>) -> Result<Timeslot> {
        let loaded = self.loaded(ctx).await?;
        let is_it = |slot: &&timeslot::Model| slot.id == self.0.timeslot_id;
        let slot = loaded
            .timeslots
            .iter()
            .find(is_it)
            .ok_or(Refusal::NotFound("timeslot"))?;
        Ok(Timeslot::of_row(slot, loaded.timezone()))
    }
}

impl Rsvp {
    async fn loaded(&self, ctx: &Context<'_>) -> Result<std::sync::Arc<Loaded>, Refusal> {
        let found = loaders_of(ctx).await?.events.load_one(self.0.event_id).await?;
        found.ok_or(Refusal::NotFound("event"))
    }
}

/// Whatever asks for one place in line has the whole line counted.
const POSITION_COST: usize = 5;

async fn position(ctx: &Context<'_>, row: &rsvp::Model) -> Option<Result<i64>> {
    if row.status != entity::RsvpStatus::Waitlisted {
        return None;
    }
    let found = match loaders_of(ctx).await {
        Ok(loaders) => loaders.positions.load_one(row.id).await,
        Err(refusal) => Err(refusal),
    };
    found.map_err(Into::into).transpose()
}

impl From<rsvp::Model> for Rsvp {
    fn from(row: rsvp::Model) -> Self {
        Self(row)
    }
}

async fn brought(ctx: &Context<'_>, id: uuid::Uuid) -> Result<i64> {
    let count = loaders_of(ctx).await?.brought.load_one(id).await?;
    Ok(count.unwrap_or_default())
}

/// What a host sees of somebody's RSVP to their own event. No address is part of it.
pub struct Attendee(domain::Attendee);

/// What a host sees of somebody's RSVP to their own event. No address is part of it.
#[Object]
impl Attendee {
    /// Global id of what the host sees.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Attendee, self.0.row.id)
    }
    /// Global id of the RSVP.
    async fn rsvp_id(&self) -> ID {
        global(Kind::Rsvp, self.0.row.id)
    }
    /// The name the RSVP was given under.
    async fn name(&self) -> String {
        self.0.name.full()
    }
    /// What the RSVP means.
    async fn status(&self) -> RsvpStatus {
        self.0.row.status.into()
    }
    /// Place in line: 1 is next. While WAITLISTED; null otherwise.
    #[graphql(complexity = "POSITION_COST")]
    async fn waitlist_position(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        position(ctx, &self.0.row).await
    }
    /// Until when offered seats are kept for them. While OFFERED; null otherwise.
    async fn offer_expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.offer_expires_at
    }
    /// How many come.
    async fn party_size(&self) -> i32 {
        self.0.row.party_size
    }
    /// Names of those who come along, as far as they were told.
    async fn guests(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let details = domain::details_of(app_of(ctx), &self.0.row)?;
        Ok(details.guests.iter().map(Name::full).collect())
    }
    /// Answers to the event's questions.
    async fn answers(&self, ctx: &Context<'_>) -> Result<Vec<QuestionAnswer>> {
        let details = domain::details_of(app_of(ctx), &self.0.row)?;
        Ok(details.answers.into_iter().map(Into::into).collect())
    }
    /// When a host approved it, or invited them by mail; null when nobody had to.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.approved_at
    }
    /// How many RSVPs came by the link they shared, and stand.
    async fn brought_count(&self, ctx: &Context<'_>) -> Result<i64> {
        brought(ctx, self.0.row.id).await
    }
    /// The RSVP by whose link they came: its `rsvpId`.
    async fn brought_by(&self) -> Option<ID> {
        self.0.row.shared_by.map(|id| global(Kind::Rsvp, id))
    }
    /// When they said once more that they will be there.
    async fn attendance_confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.attendance_confirmed_at
    }
    /// Messages about it, newest first, at most 50.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<Delivery>> {
        message::deliveries(ctx, self.0.row.id).await
    }
    /// For which date.
    async fn timeslot_id(&self) -> ID {
        global(Kind::Timeslot, self.0.row.timeslot_id)
    }
    /// When they first answered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
    /// When the RSVP changed last.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.row.changed_at
    }
}

impl From<domain::Attendee> for Attendee {
    fn from(attendee: domain::Attendee) -> Self {
        Self(attendee)
    }
}

/// How many RSVPs stand somewhere.
#[derive(SimpleObject)]
pub struct RsvpCount {
    /// Where they stand.
    status: RsvpStatus,
    /// How many there are.
    rsvps: i64,
    /// How many people they bring.
    people: i64,
}

impl From<domain::Count> for RsvpCount {
    fn from(count: domain::Count) -> Self {
        Self {
            status: count.status.into(),
            rsvps: count.rsvps,
            people: count.people,
        }
    }
}
