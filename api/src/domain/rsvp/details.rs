//! What an RSVP says beside the size of its party: who the guests are, and answers to the event's questions.

use entity::{SealedBytes, rsvp};
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
    /// What stands after `answer`, whose guests and answers are taken out of it, where `before` stood: what is absent stays.
    /// `None` when nothing changes. Questions that need an answer have one, unless somebody who comes already says nothing
    /// of them.
    pub(super) fn check(
        app: &App,
        answer: &mut Answer,
        asked: &[Question],
        before: Self,
        comes_already: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let (guests, given) = (answer.guests.take(), answer.answers.take());
        if !answer.coming {
            return None;
        }
        let party = usize::try_from(answer.party_size).unwrap_or_default();
        if let Some(guests) = &guests {
            problems.check(
                guests.len() < party.max(1),
                "input.guests",
                "are more than partySize, you included",
            );
            for (i, guest) in guests.iter().take(party).enumerate() {
                guest.check(app, &format!("input.guests.{i}"), problems);
            }
        }
        let answers = match given {
            Some(given) => questions::answers(app, asked, given, problems),
            None => before.answers.clone(),
        };
        if !comes_already || answers != before.answers {
            questions::check_required(asked, &answers, problems);
        }
        let said = Self {
            guests: guests.unwrap_or_else(|| before.guests.clone()),
            answers,
        };
        (said != before).then_some(said)
    }
}

/// What an RSVP says beside the size of its party.
pub(crate) fn details_of(app: &App, row: &rsvp::Model) -> Result<Details, Refusal> {
    let mut details = open_details(app, &row.id, row.details.as_ref())?;
    // A party that became smaller does not say who stays at home.
    let companions = usize::try_from(row.party_size - 1).unwrap_or_default();
    details.guests.truncate(companions);
    Ok(details)
}

pub(super) fn open_details(app: &App, id: &Uuid, sealed: Option<&SealedBytes>) -> Result<Details, Refusal> {
    let open = |sealed| app.keys.open(details_slot(id), sealed);
    Ok(sealed.map(open).transpose()?.unwrap_or_default())
}

pub(super) fn details_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "rsvp.details",
        row: id,
    }
}
