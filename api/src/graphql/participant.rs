//! Who comes, as others who come see them.

use async_graphql::{ID, Object};

use super::id::{Kind, global};
use crate::domain::rsvp;

/// Somebody who comes and agreed to be listed, as others who come see them.
pub struct Participant(rsvp::Participant);

/// Somebody who comes and agreed to be listed, as others who come see them.
#[Object]
impl Participant {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Participant, self.0.id)
    }
    /// Given name and initial.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// For which date.
    async fn timeslot_id(&self) -> ID {
        global(Kind::Timeslot, self.0.timeslot_id)
    }
}

impl From<rsvp::Participant> for Participant {
    fn from(participant: rsvp::Participant) -> Self {
        Self(participant)
    }
}
