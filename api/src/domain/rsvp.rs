//! RSVPs: what a person answers for a timeslot, and whether there is a seat for it.
//!
//! Three things are kept apart: an RSVP (what somebody said), attendance (whether they came) and permission (hosting).
//!
//! **Seats.** `timeslot.taken` is the sum of `rsvp.seats`, and a CHECK keeps it within the capacity. A new RSVP takes
//! its seats by one conditional UPDATE, the last statement before the commit, so that a busy timeslot's row is locked
//! as briefly as can be. Whatever changes an RSVP that exists takes the timeslot's row first.
//!
//! **Waitlist.** First in, first out, by party: when seats come free, each waiting party in order of joining gets its
//! seats if it fits; a party that does not fit keeps its place and smaller ones behind it may go first. So no seat
//! stays empty while somebody who waits would fit. Promotion happens in the transaction that freed the seats.

mod change;
mod lists;
mod seats;

pub use change::{cancel, release_hold, update};
pub(crate) use change::{cancel_in, confirm};
pub use lists::{Attendee, attendees, find_mine, mine, viewer_rsvps};
pub(crate) use seats::{lock, promote};

use entity::{EventStatus, RsvpStatus, event, rsvp, timeslot};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Actor,
    email::Email,
    event as events,
    person::{self, Name},
};
use crate::{
    app::{App, Tx},
    outbox::RsvpMail,
    refusal::{Problems, Reason, Refusal},
    sealed::Slot,
};

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
    /// Where the link to confirm goes; for somebody without an account.
    pub email: Option<Email>,
    /// Where the answer came from.
    pub referrer: Option<Referrer>,
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
    /// For which event.
    pub event_id: Uuid,
}

/// Says whether somebody comes. Answering again replaces the answer; the same answer again changes nothing.
///
/// Without an account, the RSVP waits for the link in a mail; whether the address is known is not told.
/// NOT_FOUND; WRONG_STATE (EVENT_CANCELLED, TIMESLOT_CANCELLED, EVENT_STARTED); BAD_USER_INPUT.
pub async fn answer(app: &App, actor: &Actor, answer: Answer) -> Result<Outcome, Refusal> {
    let (event, slot) = open_timeslot(app, actor, answer.timeslot_id).await?;
    let profile = match actor {
        Actor::Anonymous => None,
        _ => Some(person::profile(app, actor).await?),
    };
    let name = answer
        .name
        .clone()
        .or_else(|| profile.as_ref().and_then(|profile| profile.name.clone()));
    let mut problems = Problems::default();
    check_party(app, answer.party_size, &mut problems);
    match &name {
        Some(name) => name.check(app, "input.name", &mut problems),
        None => problems.add("input.name", "is needed"),
    }
    if profile.is_none() {
        problems.check(
            answer.email.is_some(),
            "input.email",
            "is needed without an account",
        );
        problems.check(
            answer.coming,
            "input.response",
            "needs an account to be NO; use the link in the mail",
        );
    }
    check_referrer(answer.referrer.as_ref(), &mut problems);
    problems.finish()?;
    let Some(name) = name else {
        return Err(Refusal::internal("checked above"));
    };
    let asked = Asked {
        event,
        slot,
        name,
        answer,
        confirmed: profile.is_some(),
    };
    app.write(async |tx| {
        let person_id = match (&profile, &asked.answer.email) {
            (Some(profile), _) => profile.row.id,
            (None, Some(email)) => person::find_or_create(app, tx, email).await?.person_id,
            (None, None) => return Err(Refusal::Unauthenticated),
        };
        asked.record(app, tx, person_id).await
    })
    .await
}

/// An answer that passed the checks.
struct Asked {
    event: event::Model,
    slot: timeslot::Model,
    name: Name,
    answer: Answer,
    /// The person is signed in; otherwise the RSVP waits for the link in the mail.
    confirmed: bool,
}

impl Asked {
    async fn record(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<Outcome, Refusal> {
        let inserted = match find_of(tx.db(), self.slot.id, person_id).await? {
            None => self.insert(app, tx, person_id).await?,
            Some(_) => None,
        };
        let row = match inserted {
            Some(row) => row,
            None => self.answer_again(app, tx, person_id).await?,
        };
        if !self.confirmed {
            let status = RsvpStatus::PendingConfirmation;
            return Ok(Outcome {
                status,
                rsvp: None,
                event_id: self.event.id,
            });
        }
        Ok(Outcome {
            status: row.status,
            event_id: self.event.id,
            rsvp: Some(row),
        })
    }

    /// A first answer. `None` when the person answered at the same moment somewhere else.
    async fn insert(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<Option<rsvp::Model>, Refusal> {
        let coming = self.answer.coming;
        let seats = if coming { self.answer.party_size } else { 0 };
        let mut row = rsvp::Model {
            id: Uuid::now_v7(),
            timeslot_id: self.slot.id,
            event_id: self.event.id,
            person_id,
            status: self.wished(),
            party_size: self.answer.party_size,
            seats,
            name: entity::SealedBytes(vec![]),
            waitlisted_at: None,
            referrer: self.referrer()?,
            confirmed_at: None,
            version: 1,
            changed_at: tx.now(),
            created_at: tx.now(),
        };
        row.name = app.keys.seal(name_slot(&row.id), &self.name)?;
        let columns = [rsvp::Column::TimeslotId, rsvp::Column::PersonId];
        let on_conflict = OnConflict::columns(columns).do_nothing().to_owned();
        let insert = rsvp::Entity::insert(rsvp::ActiveModel::from(row.clone()).reset_all());
        if insert
            .on_conflict(on_conflict)
            .exec_without_returning(tx.db())
            .await?
            == 0
        {
            return Ok(None);
        }
        if coming {
            seats::mail(
                tx,
                row.id,
                if self.confirmed {
                    RsvpMail::Registered
                } else {
                    RsvpMail::PleaseConfirm
                },
            )
            .await?;
            seats::expire_hold(app, tx, &row).await?;
            row = seats::take_first(app, tx, row).await?;
        }
        Ok(Some(row))
    }

    /// A further answer: the timeslot's row first, then the RSVP's.
    async fn answer_again(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<rsvp::Model, Refusal> {
        let slot = lock(tx, self.slot.id).await?;
        if slot.cancelled_at.is_some() && self.answer.coming {
            return Err(Refusal::WrongState(Reason::TimeslotCancelled));
        }
        let before = find_of(tx.db(), slot.id, person_id).await?;
        let before = before.ok_or_else(|| Refusal::internal("an RSVP vanished"))?;
        let same = before.party_size == self.answer.party_size;
        match (before.status, self.confirmed, self.answer.coming) {
            (status, false, _) => {
                // Somebody who only knows the address changes nothing of what its owner said; the mail asks or tells
                // the owner, and the answer tells nobody.
                let mail = match status {
                    RsvpStatus::Registered => RsvpMail::Registered,
                    RsvpStatus::Waitlisted => RsvpMail::Waitlisted,
                    _ => RsvpMail::PleaseConfirm,
                };
                seats::remind(tx, before.id, mail).await?;
                Ok(before)
            }
            (RsvpStatus::Registered | RsvpStatus::Waitlisted, true, true) if same => Ok(before),
            (RsvpStatus::Declined, true, false) => Ok(before),
            (RsvpStatus::Registered, true, true) => {
                change::resize(app, tx, &slot, before, self.answer.party_size).await
            }
            (_, true, false) => change::leave(tx, &slot, before, RsvpStatus::Declined).await,
            (_, true, true) => {
                let name = app.keys.seal(name_slot(&before.id), &self.name)?;
                let before = rsvp::Model {
                    name,
                    party_size: self.answer.party_size,
                    ..before
                };
                change::join(app, tx, &slot, before, true).await
            }
        }
    }

    fn wished(&self) -> RsvpStatus {
        match (self.answer.coming, self.confirmed) {
            (false, _) => RsvpStatus::Declined,
            (true, true) => RsvpStatus::Registered,
            (true, false) => RsvpStatus::PendingConfirmation,
        }
    }

    fn referrer(&self) -> Result<Option<String>, Refusal> {
        let text = self.answer.referrer.as_ref().map(serde_json::to_string);
        text.transpose().map_err(Refusal::internal)
    }
}

/// The timeslot and its event, if one can still answer for it.
async fn open_timeslot(
    app: &App,
    actor: &Actor,
    id: Uuid,
) -> Result<(event::Model, timeslot::Model), Refusal> {
    let slot = timeslot::Entity::find_by_id(id).one(app.db.reader()).await?;
    let slot = slot.ok_or(Refusal::NotFound("timeslot"))?;
    let loaded = events::find(app, actor, slot.event_id)
        .await
        .map_err(|refusal| match refusal {
            Refusal::NotFound(_) => Refusal::NotFound("timeslot"),
            other => other,
        })?;
    let reason = match loaded.row.status {
        EventStatus::Cancelled => Some(Reason::EventCancelled),
        EventStatus::Approved if slot.cancelled_at.is_some() => Some(Reason::TimeslotCancelled),
        EventStatus::Approved if slot.starts_at <= app.clock.now() => Some(Reason::EventStarted),
        EventStatus::Approved => None,
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected => {
            Some(Reason::EventNotPublished)
        }
    };
    match reason {
        Some(reason) => Err(Refusal::WrongState(reason)),
        None => Ok((loaded.row, slot)),
    }
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
