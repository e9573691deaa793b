//! What can be followed.
//!
//! A resolver here tells the operation's [`Watch`] what it follows and gives one answer, the present state. The socket
//! executes the whole operation again whenever the watch is told of a change, for a caller who is read anew: so each
//! answer is what a query would say at that moment, and permission is decided each time.

use std::{future::Ready, sync::Arc};

use async_graphql::{Context, ID, Result, Subscription as Subscribe};
use futures_util::stream::{self, Once};

use super::{
    caller::{actor_of, app_of},
    event::Event,
    id::{Kind, key_of},
};
use crate::{domain::event, watch::Watch};

/// What can be followed, over a WebSocket with `graphql-transport-ws`.
pub struct Subscription;

/// What can be followed, over a WebSocket with `graphql-transport-ws`.
#[Subscribe]
impl Subscription {
    /// An event: as it is now, and again whenever what is selected of it has changed, its seats included, at most five
    /// times a second. NOT_FOUND if the caller may not know of it; the subscription ends when they no longer may.
    async fn event_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the event.")] id: ID,
    ) -> Result<Once<Ready<Event>>> {
        let key = key_of(Kind::Event, &id, &["id"])?;
        ctx.data::<Arc<Watch>>()?.follow(key);
        let app = app_of(ctx);
        let event = match app.map.get(key) {
            // Anybody may know of it, and many may follow it: so it is not asked who does. A socket whose session has
            // ended is closed by itself.
            Some(listing) => Event::of_listing(listing),
            None => event::find(app, actor_of(ctx).await?, key).await?.into(),
        };
        Ok(stream::once(std::future::ready(event)))
    }
}
