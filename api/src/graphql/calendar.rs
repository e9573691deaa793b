//! The link of one's personal calendar feed.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::caller::{actor_of, app_of};
use crate::domain::calendar;

/// The secret link of a person's calendar feed. Its address is told once, when it is made.
#[derive(SimpleObject)]
pub struct CalendarLink {
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// A new link.
#[derive(SimpleObject)]
pub struct CreateCalendarLinkPayload {
    /// Its address, for a calendar to subscribe to. Whoever has it reads the feed; it is told only now.
    url: String,
    /// The link.
    calendar_link: CalendarLink,
}

/// There is no link any more.
#[derive(SimpleObject)]
pub struct RevokeCalendarLinkPayload {
    /// Whether there was one.
    revoked: bool,
}

/// The signed-in person's link.
pub(super) async fn link(ctx: &Context<'_>) -> Result<Option<CalendarLink>> {
    let since = calendar::link_since(app_of(ctx), actor_of(ctx).await?).await?;
    Ok(since.map(|created_at| CalendarLink { created_at }))
}

/// Mutations of calendar links.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Makes the secret link of your calendar feed: the dates that you answered for, with their places as you may know
    /// them. One that was there before works no more. UNAUTHENTICATED.
    async fn create_calendar_link(&self, ctx: &Context<'_>) -> Result<CreateCalendarLinkPayload> {
        let link = calendar::make_link(app_of(ctx), actor_of(ctx).await?).await?;
        Ok(CreateCalendarLinkPayload {
            url: link.url,
            calendar_link: CalendarLink {
                created_at: link.created_at,
            },
        })
    }

    /// Takes the link of your calendar feed back: calendars that subscribed to it get nothing any more.
    /// UNAUTHENTICATED.
    async fn revoke_calendar_link(&self, ctx: &Context<'_>) -> Result<RevokeCalendarLinkPayload> {
        Ok(RevokeCalendarLinkPayload {
            revoked: calendar::revoke_link(app_of(ctx), actor_of(ctx).await?).await?,
        })
    }
}
