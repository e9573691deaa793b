//! What an RSVP says beside the size of its party: who the guests are, and answers to the event's questions.

use entity::rsvp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Answer;
use crate::{
    app::App,
    domain::{
        event::{Answered, Question, questions},
        person::Name,
    },
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// Guests and answers; sealed in `rsvp.details`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Those guests whose names were told.
    pub guests: Vec<Name>,
    /// What the host asked for.
    pub answers: Vec<Answered>,
}

impl Details {
    /// Takes them out of `answer`. `None` when nothing was said, which leaves what was said before as it is; what the host
    /// needs to know must have been said once.
    pub(super) fn check(
        app: &App,
        answer: &mut Answer,
        asked: &[Question],
        said_before: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let guests = std::mem::take(&mut answer.guests);
        let given = std::mem::take(&mut answer.answers);
        if !answer.coming || (said_before && guests.is_empty() && given.is_empty()) {
            return None;
        }
        let companions = usize::try_from(answer.party_size).unwrap_or_default();
        problems.check(
            guests.len() < companions.max(1),
            "input.guests",
            "are more than partySize, you included",
        );
        for (i, guest) in guests.iter().take(companions).enumerate() {
            guest.check(app, &format!("input.guests.{i}"), problems);
        }
        let answers = questions::answers(app, asked, given, problems);
        let said = Self { guests, answers };
        (said != Self::default()).then_some(said)
    }
}

/// What an RSVP says beside the size of its party.
pub(crate) fn details_of(app: &App, row: &rsvp::Model) -> Result<Details, Refusal> {
    let open = |sealed| app.keys.open(details_slot(&row.id), sealed);
    Ok(row.details.as_ref().map(open).transpose()?.unwrap_or_default())
}

pub(super) fn details_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "rsvp.details",
        row: id,
    }
}
