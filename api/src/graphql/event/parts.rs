//! What the fields of an event are read from.

use std::sync::Arc;

use async_graphql::{Context, Result};
use chrono::{DateTime, Utc};
use futures_util::future::try_join;

use super::Event;
use crate::{
    domain::{
        Actor,
        event::{self, Access, Loaded, Private, invitations, links},
        page::{Page, PageArgs, RowCursor},
    },
    graphql::{
        caller::{actor_of, app_of, loaders_of},
        history::EventChange,
        host_contact::HostContact,
        host_link::HostLink,
        hosting::{self, HostInvitation, TeamMember},
        page::{self, Rows},
        review::{self, EventReview, PendingChanges},
    },
    map::{Listing, Slot},
    refusal::Refusal,
};

impl Event {
    pub(in crate::graphql) fn of_listing(listing: Arc<Listing>) -> Self {
        Self {
            listing,
            loaded: None,
        }
    }

    /// All of it, as long as nothing was read beside the map.
    pub(in crate::graphql) fn listed(&self) -> Option<&Listing> {
        self.loaded.is_none().then_some(&*self.listing)
    }

    pub(in crate::graphql) fn of_loaded(loaded: Arc<Loaded>) -> Self {
        Self {
            listing: Arc::new(Listing::of(&loaded.row, &loaded.hosts, &loaded.timeslots)),
            loaded: Some(loaded),
        }
    }

    /// A page of the dates, by start.
    pub(super) fn slots(&self, page: &PageArgs, over_too: bool, now: DateTime<Utc>) -> Page<&Slot> {
        let cursor = |slot: &&Slot| RowCursor {
            key: slot.starts_at.timestamp_micros(),
            id: slot.id,
        };
        let further = |slot: &&Slot| {
            let at = (slot.starts_at.timestamp_micros(), slot.id);
            let is_past = |past: RowCursor| match page.backward {
                false => at > (past.key, past.id),
                true => at < (past.key, past.id),
            };
            (over_too || slot.ends_at > now) && page.past.is_none_or(is_past)
        };
        let further = self.listing.timeslots.iter().filter(further);
        let enough = page.size + 1;
        let slots = match page.backward {
            false => further.take(enough).collect(),
            true => further.rev().take(enough).collect(),
        };
        page.cut(slots, cursor)
    }

    pub(super) async fn loaded(&self, ctx: &Context<'_>) -> Result<Arc<Loaded>, Refusal> {
        if let Some(loaded) = &self.loaded {
            return Ok(Arc::clone(loaded));
        }
        let found = loaders_of(ctx).await?.events.load_one(self.listing.id).await?;
        found.ok_or(Refusal::NotFound("event"))
    }

    pub(super) async fn access(&self, ctx: &Context<'_>) -> Result<Access, Refusal> {
        Ok(loaders_of(ctx)
            .await?
            .access
            .load_one(self.listing.id)
            .await?
            .unwrap_or_default())
    }

    pub(super) async fn private(&self, ctx: &Context<'_>) -> Result<Private> {
        if matches!(actor_of(ctx).await?, Actor::Anonymous) {
            return Ok(Private::default());
        }
        // Asked for together, so that a page of events takes one batch of each.
        let (loaded, access) = try_join(self.loaded(ctx), self.access(ctx)).await?;
        Ok(event::readable_private(app_of(ctx), &loaded.row, access)?)
    }

    pub(super) async fn reviewed(&self, ctx: &Context<'_>) -> Result<Option<EventReview>> {
        if !self.access(ctx).await?.may_edit() {
            return Ok(None);
        }
        let event = self.loaded(ctx).await?;
        let verified = &loaders_of(ctx).await?.verified;
        let host_verified_at = verified.load_one(event.row.id).await?;
        Ok(Some(EventReview::of(event, host_verified_at)))
    }

    pub(super) async fn waiting(&self, ctx: &Context<'_>) -> Result<Option<PendingChanges>, Refusal> {
        if !self.access(ctx).await?.may_change() {
            return Ok(None);
        }
        let event = self.loaded(ctx).await?;
        review::pending(ctx, &event)
    }

    pub(super) async fn team_of(&self, ctx: &Context<'_>) -> Result<Option<Vec<TeamMember>>> {
        if !self.access(ctx).await?.may_edit() {
            return Ok(None);
        }
        Ok(Some(hosting::team(
            &*self.loaded(ctx).await?,
            actor_of(ctx).await?,
        )))
    }

    pub(super) async fn invited(&self, ctx: &Context<'_>) -> Result<Option<Vec<HostInvitation>>> {
        if !self.access(ctx).await?.may_edit() {
            return Ok(None);
        }
        let sent = invitations::of_event(app_of(ctx), actor_of(ctx).await?, self.listing.id).await?;
        Ok(Some(sent.into_iter().map(Into::into).collect()))
    }

    pub(super) async fn contact_of(&self, ctx: &Context<'_>) -> Result<Option<HostContact>> {
        let (loaded, access) = try_join(self.loaded(ctx), self.access(ctx)).await?;
        let contact = event::readable_contact(app_of(ctx), &loaded.row, access)?;
        Ok(contact.map(Into::into))
    }

    pub(super) async fn links(&self, ctx: &Context<'_>) -> Result<Option<Vec<HostLink>>> {
        if !self.access(ctx).await?.may_edit() {
            return Ok(None);
        }
        let links = links::of_event(app_of(ctx), actor_of(ctx).await?, self.listing.id).await?;
        Ok(Some(links.into_iter().map(Into::into).collect()))
    }

    pub(super) async fn history_page(
        &self,
        ctx: &Context<'_>,
        page: Result<PageArgs, Refusal>,
    ) -> Result<Rows<EventChange>> {
        let actor = actor_of(ctx).await?;
        let rows = event::history(app_of(ctx), actor, self.listing.id, &page?).await?;
        Ok(page::rows(rows, EventChange::from))
    }
}
