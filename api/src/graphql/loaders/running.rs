//! What hosts load of how an event is run: roles, the door, who came.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use entity::attendance;
use uuid::Uuid;

use super::Asking;
use crate::{
    domain::{
        after::{self, Attended, Turnout},
        door,
        person::skills,
        role,
    },
    refusal::Refusal,
};

/// Roles of events, of which the actor may know.
pub struct Roles(pub(super) Arc<Asking>);

/// Who is what to roles of events that the actor runs.
pub struct Assignments(pub(super) Arc<Asking>);

/// What those of RSVPs are to the roles of their event, which the actor runs.
pub struct AttendeeRoles(pub(super) Arc<Asking>);

/// What those of RSVPs can do and show, at events that the actor runs.
pub struct Skills(pub(super) Arc<Asking>);

impl Loader<Uuid> for Roles {
    type Value = Vec<role::Shown>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        role::of_events(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Assignments {
    type Value = Vec<role::Held>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        role::assignments(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for AttendeeRoles {
    type Value = Vec<role::Held>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        role::of_attendees(&self.0.app, &self.0.actor, keys).await
    }
}

impl Loader<Uuid> for Skills {
    type Value = Vec<String>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        skills::of_attendees(&self.0.app, &self.0.actor, keys).await
    }
}

/// What is known of whether those came who gave RSVPs, which whoever asks has.
pub struct Attendances(pub(super) Arc<Asking>);

/// Codes for the door of the actor's own RSVPs, which come with their events.
pub struct Codes(pub(super) Arc<Asking>);

impl Loader<Uuid> for Attendances {
    type Value = attendance::Model;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, attendance::Model>, Refusal> {
        door::of_rsvps(&self.0.app, keys).await
    }
}

impl Loader<(Uuid, Uuid)> for Codes {
    type Value = String;
    type Error = Refusal;

    async fn load(&self, keys: &[(Uuid, Uuid)]) -> Result<HashMap<(Uuid, Uuid), String>, Refusal> {
        let mut codes = door::codes(&self.0.app, keys).await?;
        let with = |key: &(Uuid, Uuid)| Some((*key, codes.remove(&key.0)?));
        Ok(keys.iter().filter_map(with).collect())
    }
}

/// How many of those who said yes came to hosts.
pub struct HostTurnouts(pub(super) Arc<Asking>);

impl Loader<Uuid> for HostTurnouts {
    type Value = Turnout;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Turnout>, Refusal> {
        after::turnouts(&self.0.app, &self.0.actor, keys).await
    }
}

/// Whether those of RSVPs came, which whoever asks has.
pub struct AttendedBy(pub(super) Arc<Asking>);

impl Loader<Uuid> for AttendedBy {
    type Value = Attended;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Attended>, Refusal> {
        after::attended(&self.0.app, keys).await
    }
}

/// How many are expected and here, by date, at events at whose door the actor is.
pub struct Turnouts(pub(super) Arc<Asking>);

impl Loader<Uuid> for Turnouts {
    type Value = HashMap<Uuid, door::Turnout>;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        door::turnouts(&self.0.app, &self.0.actor, keys).await
    }
}

/// How long people worked in roles, by assignment, which whoever asks has.
pub struct Hours(pub(super) Arc<Asking>);

impl Loader<Uuid> for Hours {
    type Value = entity::role_hours::Model;
    type Error = Refusal;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, Refusal> {
        after::hours(&self.0.app, keys).await
    }
}
