//! RSVPs: what a person answers for a timeslot, and whether there is a seat for it.
//!
//! Three things are kept apart: an RSVP (what somebody said), attendance (whether they came) and permission (hosting).
//!
//! **Seats.** `timeslot.taken` is the sum of `rsvp.seats`, and a CHECK keeps it within the capacity. A new RSVP takes
//! its seats by one conditional UPDATE, the last statement before the commit, so that a busy timeslot's row is locked
//! as briefly as can be; those that arrive together are written together (`batch`). Whatever changes an RSVP that exists
//! takes the timeslot's row first.
//!
//! **Waitlist.** First in, first out, by party (`line`): when seats come free, each waiting party in order of joining gets
//! its seats if it fits. One that does not fit keeps its place; by the event's rule, smaller ones behind it may go first
//! (SKIP: no seat stays empty while somebody who waits would fit), or seats are kept until there are enough for it (STRICT:
//! nobody passes, new answers neither). Seats are passed on in the transaction that freed them, a hundred at a time; the
//! rest by jobs. Near the start they are offered instead (`offers`): taken for somebody until they accept, decline, or
//! the offer runs out. Who does not come by then is off the line, and is not asked again unless they answer anew.

mod answer;
mod approval;
mod asked;
mod attendees;
mod batch;
mod change;
mod columns;
mod details;
mod export;
mod filter;
mod line;
mod lists;
mod look;
mod moving;
mod offers;
mod participants;
mod people;
mod reading;
mod seats;
mod several;
mod sharing;

pub use answer::answer;
pub(crate) use approval::ask_for_those_who_wait;
pub use approval::decide;
pub(in crate::domain) use attendees::fitting_people;
pub use attendees::{Asked as AttendeesAsked, Sorting, attendees};
pub use batch::Batches;
pub use change::{Change, cancel, release_hold, update};
pub(crate) use change::{cancel_in, confirm};
pub use details::Details;
pub(crate) use details::details_of;
use details::details_slot;
pub use export::{Link as ExportLink, Wanted, export};
pub use filter::{AnswerFilter, Filter};
pub use line::{let_in_more, positions};
pub(crate) use line::{look_again, promote, promote_all};
pub use lists::{Attendee, Count, counts, find_attendee, find_mine, mine, viewer_rsvps};
pub(crate) use moving::confirm_attendance_in;
pub use moving::{confirm_attendance, move_to};
pub(crate) use offers::{accept_in, decline_in, renew_offers};
pub use offers::{accept_offer, decline_offer, expire_offers};
pub use participants::{Participant, find_participant, participants};
pub(crate) use people::{forget, hand_over};
pub use reading::{Reading, open as open_export};
pub(crate) use seats::{close, lock};
pub use several::{Each, answer_all};
pub use sharing::{brought, share};

use entity::{RsvpStatus, rsvp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{address::Address, event::questions::Value, person::Name};
use crate::{
    app::App,
    letter::Language,
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// Comes, waits, or wants to: not who only typed in an address, nor who does not come.
pub(crate) const ACTIVE: [RsvpStatus; 4] = [
    RsvpStatus::Registered,
    RsvpStatus::Offered,
    RsvpStatus::Waitlisted,
    RsvpStatus::PendingApproval,
];

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// For which date.
    pub timeslot_id: Uuid,
    /// Whether the person comes.
    pub coming: bool,
    /// How many come, the person included: 1 to `limits.party`.
    pub party_size: i32,
    /// The name for this RSVP; needed without an account and while the profile has none.
    pub name: Option<Name>,
    /// Names of those who come along, as far as they are told; at most one fewer than `party_size`. `None` leaves what
    /// was told before.
    pub guests: Option<Vec<Name>>,
    /// Answers to the event's questions, by their ids: all of them, or `None` for those that were given before.
    pub answers: Option<Vec<(Uuid, Value)>>,
    /// Where the link to confirm goes; for somebody without an account.
    pub address: Option<Address>,
    /// What the client speaks; somebody new is written in it.
    pub language: Option<Language>,
    /// Where the answer came from.
    pub referrer: Option<Referrer>,
    /// Whether others who come may read given name and initial, where the event has such a list. `None` leaves what was
    /// said before, which is no at first.
    pub listed: Option<bool>,
    /// Token of an invitation.
    pub invitation: Option<String>,
    /// What somebody who comes gave to whoever followed their link.
    pub share_code: Option<String>,
}

/// Where an answer came from: UTM fields and an address, each at most 200 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the UTM parameters")]
pub struct Referrer {
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    pub utm_term: Option<String>,
    pub utm_content: Option<String>,
    /// The page.
    pub url: Option<String>,
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where it stands. Somebody without an account always reads PENDING_CONFIRMATION here.
    pub status: RsvpStatus,
    /// The RSVP; `None` for somebody without an account, who proves nothing by typing an address.
    pub rsvp: Option<rsvp::Model>,
}

async fn find_of(
    db: &impl ConnectionTrait,
    timeslot_id: Uuid,
    person_id: Uuid,
) -> Result<Option<rsvp::Model>, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::TimeslotId.eq(timeslot_id))
        .filter(rsvp::Column::PersonId.eq(person_id));
    Ok(rows.one(db).await?)
}

/// Inserts nothing where the person has answered for the timeslot.
fn unless_answered() -> OnConflict {
    OnConflict::columns([rsvp::Column::TimeslotId, rsvp::Column::PersonId])
        .do_nothing()
        .to_owned()
}

fn check_party(app: &App, size: i32, problems: &mut Problems) {
    let most = app.config.limits.party;
    problems.check(
        (1..=most).contains(&size),
        "input.partySize",
        format!("must be between 1 and {most}"),
    );
}

fn check_referrer(referrer: Option<&Referrer>, problems: &mut Problems) {
    let Some(referrer) = referrer else { return };
    let Referrer {
        utm_source,
        utm_medium,
        utm_campaign,
        utm_term,
        utm_content,
        url,
    } = referrer;
    for (field, value) in [
        ("utmSource", utm_source),
        ("utmMedium", utm_medium),
        ("utmCampaign", utm_campaign),
        ("utmTerm", utm_term),
        ("utmContent", utm_content),
        ("url", url),
    ] {
        let good = value
            .as_ref()
            .is_none_or(|text| text.chars().count() <= 200 && !text.chars().any(char::is_control));
        problems.check(
            good,
            &format!("input.referrer.{field}"),
            "must have at most 200 characters and no control characters",
        );
    }
}

/// The name an RSVP was given under.
pub(crate) fn name_of(app: &App, row: &rsvp::Model) -> Result<Name, Refusal> {
    app.keys.open(name_slot(&row.id), &row.name)
}

pub(crate) fn name_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "rsvp.name",
        row: id,
    }
}
