//! Who came to an event, for those who run it.

use async_graphql::{Context, ID, Object, Result};

use super::Event;
use crate::{
    domain::{door, page::PageArgs},
    graphql::{
        caller::{actor_of, app_of, loaders_of},
        door_pack::{Turnout, WalkIn},
        id::{Kind, key_of},
        page::{self, Rows},
    },
    refusal::Refusal,
};

/// Fields of an event that are written here, because the others are many.
pub struct EventDoor(pub(super) Event);

/// Fields of an event that are written here, because the others are many.
#[Object]
impl EventDoor {
    /// How many people are expected and here, of one date or of all: for its hosts, for organizers, and by a host link with CHECK_IN;
    /// null for others, and for a date of another event.
    async fn turnout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of a date; all of them when absent.")] timeslot_id: Option<ID>,
    ) -> Option<Result<Turnout>> {
        turnout(ctx, self.0.listing.id, timeslot_id).await.transpose()
    }
    /// Who came without an RSVP, in the order in which they were seen: for hosts and organizers. FORBIDDEN for others.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn walk_ins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<WalkIn>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        Some(self.walk_ins_page(ctx, page).await)
    }
}

/// That of an event, or of one of its dates.
pub(in crate::graphql) async fn turnout(
    ctx: &Context<'_>,
    event_id: uuid::Uuid,
    timeslot_id: Option<ID>,
) -> Result<Option<Turnout>> {
    let slot = timeslot_id
        .map(|id| key_of(Kind::Timeslot, &id, &["timeslotId"]))
        .transpose()?;
    let Some(dates) = loaders_of(ctx).await?.turnouts.load_one(event_id).await? else {
        return Ok(None);
    };
    let counted = match slot {
        Some(slot) => dates.get(&slot).copied(),
        None => Some(
            dates
                .into_values()
                .fold(door::Turnout::default(), door::Turnout::and),
        ),
    };
    Ok(counted.map(Into::into))
}

impl EventDoor {
    async fn walk_ins_page(
        &self,
        ctx: &Context<'_>,
        page: Result<PageArgs, Refusal>,
    ) -> Result<Rows<WalkIn>> {
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let rows = door::walk_ins(app, actor, self.0.listing.id, &page?).await?;
        Ok(page::rows(rows, WalkIn::from))
    }
}
