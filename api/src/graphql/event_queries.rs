//! Single events, and the review queue.

use async_graphql::{Context, ID, Object, Result};

use super::{
    caller::{actor_of, app_of},
    event::Event,
    id::{Kind, key_of},
    page::{self, Rows},
};
use crate::{
    domain::{event, page::PageArgs},
    refusal::Refusal,
};

/// Queries of single events and of the review queue.
#[derive(Default)]
pub struct EventQuery;

#[Object]
impl EventQuery {
    /// One event, if the caller may know of it. NOT_FOUND otherwise.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the event.")] id: ID,
    ) -> Option<Result<Event>> {
        Some(one(ctx, &id).await)
    }

    /// Events that wait for review, longest waiting first. For organizers.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn review_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<Event>>> {
        Some(queue(ctx, page::args(app_of(ctx), first, after, last, before)).await)
    }
}

async fn one(ctx: &Context<'_>, id: &ID) -> Result<Event> {
    let key = key_of(Kind::Event, id, &["id"])?;
    Ok(event::find(app_of(ctx), actor_of(ctx).await?, key).await?.into())
}

async fn queue(ctx: &Context<'_>, page: Result<PageArgs, Refusal>) -> Result<Rows<Event>> {
    let events = event::review_queue(app_of(ctx), actor_of(ctx).await?, &page?).await?;
    Ok(page::rows(events, Event::from))
}
