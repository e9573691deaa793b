//! What an event says of those who come: who may read its place and when, who may know of them, and who is invited.

use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use futures_util::future::try_join;

use super::Event;
use crate::{
    domain::{event, invitation, page::PageArgs, rsvp},
    graphql::{
        caller::{actor_of, app_of},
        enums::AttendeeVisibility,
        invitation::{Invitation, InvitationLink},
        page::{self, Rows},
        participant::Participant,
    },
    refusal::Refusal,
};

/// Fields of an event that are written here, because the others are many.
pub struct EventGuests(pub(super) Event);

/// Fields of an event that are written here, because the others are many.
#[Object]
impl EventGuests {
    /// With AFTER_RSVP or AFTER_APPROVAL: how many hours before the start of their date those who come begin to read the exact
    /// place; null when at once.
    async fn address_hours(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        match self.0.loaded(ctx).await {
            Ok(loaded) => loaded.row.address_hours.map(Ok),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
    /// With `addressHours`: when the exact place begins to be shown to the viewer, who comes. Nothing tells of that moment:
    /// ask again then. Null for who comes to know it otherwise, or not at all.
    async fn place_from(&self, ctx: &Context<'_>) -> Option<Result<DateTime<Utc>>> {
        self.place_from_time(ctx).await.transpose()
    }
    /// Who may know who comes, beside its hosts.
    async fn attendee_visibility(&self, ctx: &Context<'_>) -> Result<AttendeeVisibility> {
        Ok(self.0.loaded(ctx).await?.row.attendee_visibility.into())
    }
    /// How many come, seats that are offered included, to dates that are neither cancelled nor over: for its hosts, and for others as `attendeeVisibility` says;
    /// null for those who may not know.
    async fn coming_count(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        self.coming(ctx).await.transpose()
    }
    /// Those who come and agreed to be listed, for those who come too, with `attendeeVisibility` ATTENDEES; null for
    /// others.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn participants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<Participant>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        self.participants_page(ctx, page).await.transpose()
    }
    /// Whom its hosts invited by mail, newest first: for hosts and organizers. FORBIDDEN for others.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<Invitation>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        Some(self.invitations_page(ctx, page).await)
    }
    /// Links by which people are invited, newest first: for hosts and organizers. FORBIDDEN for others.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn invitation_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<InvitationLink>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        Some(self.invitation_links_page(ctx, page).await)
    }
}

impl EventGuests {
    /// When the exact place begins to be shown to the caller, if that is a matter of time.
    async fn place_from_time(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        if actor_of(ctx).await?.person_id().is_none() {
            return Ok(None);
        }
        let (loaded, access) = try_join(self.0.loaded(ctx), self.0.access(ctx)).await?;
        let is_timed = loaded.row.address_hours.is_some() && !access.may_edit();
        Ok(access.place_from(&loaded.row).filter(|_| is_timed))
    }

    async fn coming(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let loaded = self.0.loaded(ctx).await?;
        if !event::shows_count(&loaded.row) && !self.0.access(ctx).await?.may_see_rsvps() {
            return Ok(None);
        }
        Ok(Some(event::coming(&loaded, app_of(ctx).clock.now())))
    }

    async fn participants_page(
        &self,
        ctx: &Context<'_>,
        page: Result<PageArgs, Refusal>,
    ) -> Result<Option<Rows<Participant>>> {
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let rows = rsvp::participants(app, actor, self.0.listing.id, &page?).await?;
        Ok(rows.map(|rows| page::rows(rows, Participant::from)))
    }

    async fn invitations_page(
        &self,
        ctx: &Context<'_>,
        page: Result<PageArgs, Refusal>,
    ) -> Result<Rows<Invitation>> {
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let rows = invitation::invitations(app, actor, self.0.listing.id, &page?).await?;
        Ok(page::rows(rows, Invitation::from))
    }

    async fn invitation_links_page(
        &self,
        ctx: &Context<'_>,
        page: Result<PageArgs, Refusal>,
    ) -> Result<Rows<InvitationLink>> {
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let rows = invitation::links(app, actor, self.0.listing.id, &page?).await?;
        Ok(page::rows(rows, InvitationLink::from))
    }
}
