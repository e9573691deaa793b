//! Batch loading: a list of twenty events asks for twenty rows in one statement. Made for one request, because what
//! is visible depends on who asks.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher, RandomState},
    sync::Arc,
};

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use chrono::{DateTime, Utc};
use entity::{campaign, guidelines_acceptance, rsvp};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        Actor, campaign as campaigns,
        event::{self, Access, Flag, Loaded, Occurrence},
        host::{self, Standing},
        message,
        page::Page,
        rsvp::{self as rsvps, Attendee, AttendeesAsked},
    },
    refusal::Refusal,
};

/// The loaders of one request.
pub struct Loaders {
    pub(super) events: DataLoader<Events, HashMapCache>,
    pub(super) access: DataLoader<Accesses, HashMapCache>,
    pub(super) rsvps: DataLoader<Rsvps, HashMapCache>,
    pub(super) counts: DataLoader<Counts, HashMapCache>,
    pub(super) positions: DataLoader<Positions, HashMapCache>,
    pub(super) messages: DataLoader<Messages, HashMapCache>,
    pub(super) brought: DataLoader<Brought, HashMapCache>,
    pub(super) occurrences: DataLoader<Occurrences, HashMapCache>,
    pub(super) campaigns: DataLoader<Campaigns, HashMapCache>,
    pub(super) acceptances: DataLoader<Acceptances, HashMapCache>,
    pub(super) verified: DataLoader<Verified, HashMapCache>,
    pub(super) attendees: DataLoader<Attendees>,
    pub(super) standings: DataLoader<Standings, HashMapCache>,
    pub(super) flags: DataLoader<Flags, HashMapCache>,
}

impl Loaders {
    pub(super) fn new(app: Arc<App>, actor: Actor) -> Self {
        let asking = Arc::new(Asking { app, actor });
        let cache = HashMapCache::<RandomState>::default;
        Self {
            events: DataLoader::with_cache(Events(Arc::clone(&asking)), tokio::spawn, cache()),
            access: DataLoader::with_cache(Accesses(Arc::clone(&asking)), tokio::spawn, cache()),
            rsvps: DataLoader::with_cache(Rsvps(Arc::clone(&asking)), tokio::spawn, cache()),
            counts: DataLoader::with_cache(Counts(Arc::clone(&asking)), tokio::spawn, cache()),
            positions: DataLoader::with_cache(Positions(Arc::clone(&asking)), tokio::spawn, cache()),
            messages: DataLoader::with_cache(Messages(Arc::clone(&asking)), tokio::spawn, cache()),
            brought: DataLoader::with_cache(Brought(Arc::clone(&asking)), tokio::spawn, cache()),
            occurrences: DataLoader::with_cache(Occurrences(Arc::clone(&asking)), tokio::spawn, cache()),
            campaigns: DataLoader::with_cache(Campaigns(Arc::clone(&asking)), tokio::spawn, cache()),
            acceptances: DataLoader::with_cache(Acceptances(Arc::clone(&asking)), tokio::spawn, cache()),
            verified: DataLoader::with_cache(Verified(Arc::clone(&asking)), tokio::spawn, cache()),
            attendees: DataLoader::new(Attendees(Arc::clone(&asking)), tokio::spawn),
            standings: DataLoader::with_cache(Standings(Arc::clone(&asking)), tokio::spawn, cache()),
            flags: DataLoader::with_cache(Flags(asking), tokio::spawn, cache()),
        }
    }
}

struct Asking {
    app: Arc<App>,
    actor: Actor,
}

/// Events by id, those the actor may know of.
pub struct Events(Arc<Asking>);

/// What the actor is to events.
pub struct Accesses(Arc<Asking>);

/// The actor's own RSVPs by event.
pub struct Rsvps(Arc<Asking>);

/// RSVPs by where they stand, of events that the actor runs.
pub struct Counts(Arc<Asking>);

/// Places of RSVPs in line. Whoever has the RSVP may know it.
pub struct Positions(Arc<Asking>);
/// Messages about RSVPs.
pub struct Messages(Arc<Asking>);

/// How many came by the links of RSVPs, which whoever asks has.
pub struct Brought(Arc<Asking>);

/// Places of timeslots in series.
pub struct Occurrences(Arc<Asking>);

/// Campaigns by id.
pub struct Campaigns(Arc<Asking>);

/// What the actor accepted last of each campaign.
pub struct Acceptances(Arc<Asking>);

/// How people stand as hosts.
pub struct Standings(Arc<Asking>);

/// What a reviewer should look at twice of an event.
pub struct Flags(Arc<Asking>);

impl Loader<Uuid> for Standings {
    type Value = Standing;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Standing>, Refusal> {
        host::standings(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Flags {
    type Value = Vec<Flag>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Vec<Flag>>, Refusal> {
        event::flags(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Campaigns {
    type Value = campaign::Model;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        campaigns::find_many(&self.0.app, keys.iter().copied()).await
    }
}

impl Loader<Uuid> for Acceptances {
    type Value = guidelines_acceptance::Model;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        campaigns::acceptances(&self.0.app, &self.0.actor, keys).await
    }
}
/// Since when hosts of events are known to read mail.
pub struct Verified(Arc<Asking>);

/// Pages of RSVPs to events that the actor runs.
pub struct Attendees(Arc<Asking>);

/// A page of RSVPs to an event. Those that are asked for in the same way are read together.
#[derive(Clone)]
pub struct AttendeesOf {
    event_id: Uuid,
    asked: Arc<AttendeesAsked>,
    /// What is asked, as text to compare.
    form: Arc<str>,
}

impl AttendeesOf {
    pub(super) fn new(event_id: Uuid, asked: AttendeesAsked) -> Self {
        Self {
            event_id,
            form: format!("{asked:?}").into(),
            asked: Arc::new(asked),
        }
    }
}

impl PartialEq for AttendeesOf {
    fn eq(&self, other: &Self) -> bool {
        (self.event_id, &self.form) == (other.event_id, &other.form)
    }
}

impl Eq for AttendeesOf {}

impl Hash for AttendeesOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.event_id, &self.form).hash(state);
    }
}

impl Loader<Uuid> for Events {
    type Value = Arc<Loaded>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        let found = event::find_many(&self.0.app, &self.0.actor, keys).await?;
        Ok(found
            .into_iter()
            .map(|(id, loaded)| (id, Arc::new(loaded)))
            .collect())
    }
}

impl Loader<Uuid> for Accesses {
    type Value = Access;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Access>, Refusal> {
        event::access(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Rsvps {
    type Value = Vec<rsvp::Model>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        rsvps::viewer_rsvps(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Counts {
    type Value = Vec<rsvps::Count>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        rsvps::counts(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Positions {
    type Value = i64;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, i64>, Refusal> {
        rsvps::positions(&self.0.app, keys).await
    }
}

impl Loader<AttendeesOf> for Attendees {
    type Value = Page<Attendee>;
    type Error = Refusal;

    async fn load(&self, keys: &[AttendeesOf]) -> Result<HashMap<AttendeesOf, Self::Value>, Refusal> {
        let mut forms: HashMap<&str, Vec<&AttendeesOf>> = HashMap::new();
        for key in keys {
            forms.entry(&key.form).or_default().push(key);
        }
        let mut loaded = HashMap::new();
        for alike in forms.into_values() {
            let Some(one) = alike.first() else { continue };
            let events: Vec<Uuid> = alike.iter().map(|key| key.event_id).collect();
            let mut pages = rsvps::attendees(&self.0.app, &self.0.actor, &events, &one.asked).await?;
            for key in alike {
                loaded.extend(pages.remove(&key.event_id).map(|page| (key.clone(), page)));
            }
        }
        Ok(loaded)
    }
}

impl Loader<Uuid> for Brought {
    type Value = i64;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, i64>, Refusal> {
        rsvps::brought(&self.0.app, keys).await
    }
}

impl Loader<Uuid> for Occurrences {
    type Value = Occurrence;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Occurrence>, Refusal> {
        event::occurrences(&self.0.app, keys).await
    }
}

impl Loader<Uuid> for Verified {
    type Value = DateTime<Utc>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, DateTime<Utc>>, Refusal> {
        event::verified_since(&self.0.app, keys).await
    }
}

impl Loader<Uuid> for Messages {
    type Value = Vec<entity::message::Model>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        message::about(&self.0.app, keys).await
    }
}
