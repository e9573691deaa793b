//! Events as clients see them.

mod guests;
mod parts;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::AddressVisibility as Visible;

use self::guests::EventGuests;
use super::{
    attendees::{self, AttendeeFilterInput, AttendeeOrder},
    caller::{app_of, loaders_of},
    campaign::Campaign,
    enums::{
        AccessibilityFeature, AccessibilityStatus, AddressVisibility, EventStatus, EventType, HostKind,
        JoinPolicy, RsvpStatus, Visibility, WaitlistRule,
    },
    history::EventChange,
    host_contact::{ContactVisibility, HostContact},
    host_link::HostLink,
    hosting::{HostInvitation, TeamMember},
    id::{Kind, global},
    page::{self, Rows},
    place::{EventPlace, Gathering},
    question::Question,
    review::{EventReview, PendingChanges},
    rsvp::{Attendee, Rsvp, RsvpCount},
    timeslot::Timeslot,
};
use crate::{
    domain::{
        event::{self, Loaded, Private},
        text,
    },
    map::{Listing, Shared},
};

/// Something happening at a time and place, or online. Fields that the caller may not read are null.
#[derive(Clone)]
pub struct Event {
    listing: Arc<Listing>,
    /// Read already, or when a field first needs it.
    loaded: Option<Arc<Loaded>>,
}

/// Who runs an event, by the name they chose for it.
#[derive(SimpleObject)]
pub struct EventHost {
    /// A person, or an organisation.
    kind: HostKind,
    /// The only name the public sees.
    public_name: String,
}

/// Something happening at a time and place, or online. Fields that the caller may not read are null.
#[Object]
impl Event {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Event, self.listing.id)
    }
    /// Counts the changes of the event; goes into `expectedVersion`.
    async fn version(&self) -> i32 {
        self.listing.version
    }
    /// Where it stands.
    async fn status(&self) -> EventStatus {
        self.loaded
            .as_ref()
            .map_or(EventStatus::Approved, |loaded| loaded.row.status.into())
    }
    /// One line.
    async fn title(&self) -> &str {
        &self.listing.title
    }
    /// A few sentences.
    async fn summary(&self) -> Option<&str> {
        self.listing.summary.as_deref()
    }
    /// Markdown whose raw HTML is escaped.
    async fn description(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(text::safe_markdown(&self.loaded(ctx).await?.row.description))
    }
    /// The description as sanitised HTML.
    async fn description_html(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(text::safe_html(&self.loaded(ctx).await?.row.description))
    }
    /// What kind of event.
    async fn event_type(&self) -> EventType {
        self.listing.event_type.into()
    }
    /// Tags, as its hosts wrote them.
    async fn tags(&self) -> Vec<&str> {
        self.listing.tags.iter().map(|tag| &**tag).collect()
    }
    /// https address of a picture.
    async fn image_url(&self) -> Option<&str> {
        self.listing.image_url.as_deref()
    }
    /// Whether the place is accessible; null when nobody said.
    async fn accessibility_status(&self) -> Option<AccessibilityStatus> {
        self.listing.accessibility_status.map(Into::into)
    }
    /// In the host's words.
    async fn accessibility_notes(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        match self.loaded(ctx).await {
            Ok(loaded) => loaded.row.accessibility_notes.clone().map(Ok),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
    /// What makes it accessible.
    async fn accessibility_features(&self) -> Vec<AccessibilityFeature> {
        self.listing
            .accessibility_features
            .iter()
            .map(|feature| (*feature).into())
            .collect()
    }
    /// Who may find it.
    async fn visibility(&self) -> Visibility {
        self.loaded
            .as_ref()
            .map_or(Visibility::Public, |loaded| loaded.row.visibility.into())
    }
    /// Who may read the exact place.
    async fn address_visibility(&self) -> AddressVisibility {
        self.listing.address_visibility.into()
    }
    #[graphql(flatten)]
    async fn guests(&self) -> EventGuests {
        EventGuests(self.clone())
    }
    /// How people join it.
    async fn join_policy(&self, ctx: &Context<'_>) -> Result<JoinPolicy> {
        Ok(self.loaded(ctx).await?.row.join_policy.into())
    }
    /// Who gets seats that come free when the first who waits is too large a party for them.
    async fn waitlist_rule(&self, ctx: &Context<'_>) -> Result<WaitlistRule> {
        Ok(self.loaded(ctx).await?.row.waitlist_rule.into())
    }
    /// From so many hours before a start on, seats that come free are offered to those who wait, instead of being given; 0
    /// for never.
    async fn waitlist_offer_hours(&self, ctx: &Context<'_>) -> Result<i32> {
        let usual = app_of(ctx).config.rsvp.offer_hours;
        Ok(self.loaded(ctx).await?.row.waitlist_offer_hours.unwrap_or(usual))
    }
    /// With EXTERNAL: where one joins.
    async fn external_url(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        match self.loaded(ctx).await {
            Ok(loaded) => loaded.row.external_url.clone().map(Ok),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
    /// What the hosts ask of those who answer.
    async fn questions(&self, ctx: &Context<'_>) -> Result<Vec<Question>> {
        let questions = event::questions::of(&self.loaded(ctx).await?.row);
        Ok(questions.into_iter().map(Into::into).collect())
    }
    /// Global id of the campaign it is part of.
    async fn campaign_id(&self) -> Option<ID> {
        self.listing.campaign_id.map(|id| global(Kind::Campaign, id))
    }
    /// The campaign it is part of: one look into the database for a whole list. `campaignId` takes none.
    async fn campaign(&self, ctx: &Context<'_>) -> Option<Result<Campaign>> {
        let id = self.listing.campaign_id?;
        let found = async || loaders_of(ctx).await?.campaigns.load_one(id).await;
        match found().await {
            Ok(campaign) => campaign.map(|campaign| Ok(campaign.into())),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
    /// IANA name of the zone its local times are in.
    async fn timezone(&self) -> &str {
        self.listing.timezone.name()
    }
    /// Whether one can take part online.
    async fn is_virtual(&self) -> bool {
        self.listing.is_virtual
    }
    /// Where to take part online: for those registered, hosts and organizers.
    async fn virtual_url(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.private(ctx)
            .await
            .map(|private| private.virtual_url)
            .transpose()
    }
    /// Where it is, as precisely as the caller may know; null for an event without a place.
    async fn place(&self, ctx: &Context<'_>) -> Option<Result<EventPlace>> {
        let public = self.listing.place.as_ref();
        if self.listing.address_visibility == Visible::Public {
            return public.map(|place| Ok(place.into()));
        }
        match self.private(ctx).await {
            Ok(Private {
                place: Some(exact), ..
            }) => Some(Ok(EventPlace::exact(exact, public))),
            Ok(_) => public.map(|place| Ok(place.into())),
            Err(error) => Some(Err(error)),
        }
    }
    /// Who runs it, the first host first.
    async fn hosts(&self) -> Vec<EventHost> {
        let show = |(kind, name): &(entity::HostKind, Shared)| EventHost {
            kind: (*kind).into(),
            public_name: name.to_string(),
        };
        self.listing.hosts.iter().map(show).collect()
    }
    /// Dates that are not cancelled, by start; those that are over only with `includePast`.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn timeslots(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
        #[graphql(desc = "Also those that are over.", default = false)] include_past: bool,
    ) -> Result<Rows<Timeslot>> {
        let app = app_of(ctx);
        let page = page::args(app, first, after, last, before)?;
        let slots = self.slots(&page, include_past, app.clock.now());
        Ok(page::rows(slots, |slot| {
            Timeslot::of_slot(slot, self.listing.timezone)
        }))
    }
    /// What those coming should know: for those registered, hosts and organizers.
    async fn instructions(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.private(ctx)
            .await
            .map(|private| private.instructions)
            .transpose()
    }
    /// Where to gather before the start: for those registered, hosts and organizers.
    async fn gathering(&self, ctx: &Context<'_>) -> Option<Result<Gathering>> {
        let gathering = self
            .private(ctx)
            .await
            .map(|private| private.gathering)
            .transpose()?;
        Some(gathering.map(|at| Gathering {
            place: at.place,
            minutes_before: at.minutes_before,
        }))
    }
    /// When it was called off.
    async fn cancelled_at(&self) -> Option<DateTime<Utc>> {
        self.loaded.as_ref().and_then(|loaded| loaded.row.cancelled_at)
    }
    /// What the hosts say about calling it off.
    async fn cancellation_note(&self) -> Option<&str> {
        self.loaded
            .as_ref()
            .and_then(|loaded| loaded.row.cancellation_note.as_deref())
    }
    /// Whether the caller may change it.
    async fn viewer_can_edit(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.access(ctx).await?.may_change())
    }
    /// The caller's own RSVPs to it.
    async fn viewer_rsvps(&self, ctx: &Context<'_>) -> Result<Vec<Rsvp>> {
        let rows = loaders_of(ctx).await?.rsvps.load_one(self.listing.id).await?;
        Ok(rows.unwrap_or_default().into_iter().map(Rsvp::from).collect())
    }
    /// What became of its review: for hosts and organizers.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<EventReview>> {
        match self.reviewed(ctx).await {
            Ok(review) => review.map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
    /// What its hosts changed since it was published and no organizer has approved: for hosts and organizers.
    async fn pending_changes(&self, ctx: &Context<'_>) -> Option<Result<PendingChanges>> {
        self.waiting(ctx).await.map_err(Into::into).transpose()
    }
    /// Who answered: for hosts and organizers. FORBIDDEN for others.
    #[expect(clippy::too_many_arguments, reason = "they are the page and the filters")]
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn attendees(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
        #[graphql(desc = "Only those where they stand so.")] status: Option<RsvpStatus>,
        #[graphql(desc = "Only those for this date.")] timeslot_id: Option<ID>,
        #[graphql(desc = "Only these; instead of the two before.")] filter: Option<AttendeeFilterInput>,
        #[graphql(desc = "What comes first.", default_with = "AttendeeOrder::Oldest")]
        order_by: AttendeeOrder,
    ) -> Option<Result<Rows<Attendee>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        let only = (status, timeslot_id);
        Some(attendees::of_event(ctx, self.listing.id, page, only, filter, order_by).await)
    }
    /// Its hosts as they see each other, the first host first: for them and for organizers, null for others.
    async fn team(&self, ctx: &Context<'_>) -> Option<Result<Vec<TeamMember>>> {
        self.team_of(ctx).await.transpose()
    }
    /// Invitations to host it that nobody answered, oldest first: for its hosts and for organizers, null for others.
    async fn host_invitations(&self, ctx: &Context<'_>) -> Option<Result<Vec<HostInvitation>>> {
        self.invited(ctx).await.transpose()
    }
    /// Who may read how its hosts are reached.
    async fn contact_visibility(&self, ctx: &Context<'_>) -> Result<ContactVisibility> {
        Ok(self.loaded(ctx).await?.row.contact_visibility.into())
    }
    /// How its hosts are reached, for whom they show it to; null for others, who may write by `messageHost`.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<HostContact>> {
        self.contact_of(ctx).await.transpose()
    }
    /// Its host links that work, oldest first: for its hosts and for organizers, null for others.
    async fn host_links(&self, ctx: &Context<'_>) -> Option<Result<Vec<HostLink>>> {
        self.links(ctx).await.transpose()
    }
    /// What was done to it, newest first: for its hosts and for organizers. FORBIDDEN for others.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<EventChange>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        Some(self.history_page(ctx, page).await)
    }
    /// How many answered, by where they stand: for hosts and organizers, null for others.
    async fn rsvp_counts(&self, ctx: &Context<'_>) -> Option<Result<Vec<RsvpCount>>> {
        let counts = async || Ok(loaders_of(ctx).await?.counts.load_one(self.listing.id).await?);
        match counts().await {
            Ok(counts) => counts.map(|counts| Ok(counts.into_iter().map(Into::into).collect())),
            Err(error) => Some(Err(error)),
        }
    }
}

impl From<Loaded> for Event {
    fn from(loaded: Loaded) -> Self {
        Self::of_loaded(Arc::new(loaded))
    }
}
