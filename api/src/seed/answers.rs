//! Who answered for an event, and who got a seat.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Channel, MessageState, Purpose, RsvpStatus, message, rsvp, timeslot};
use uuid::Uuid;

use super::{
    batch::Batch,
    dice::Dice,
    people::{Crowd, Person},
};
use crate::{
    app::App,
    domain::rsvp::{Referrer, name_slot},
    letter::Template,
    refusal::Refusal,
};

const LOCAL_PERCENT: u32 = 80;
const CANCELLED_PERCENT: u32 = 8;
/// Two more in a hundred.
const DECLINED_UNTIL: u32 = CANCELLED_PERCENT + 2;
const UNLIMITED_PERCENT: u32 = 30;
const FEWEST_SEATS: f64 = 5.0;
/// The ledger holds the mails of so many days.
const LEDGER: TimeDelta = TimeDelta::days(90);

/// An event that people answer for.
pub struct Answers<'a> {
    pub app: &'a App,
    pub crowd: &'a Crowd<'a>,
    pub people: u32,
    pub event_id: Uuid,
    pub area: u32,
    /// When the event was written.
    pub created_at: DateTime<Utc>,
    /// When it was published.
    pub opens: DateTime<Utc>,
    /// When it was called off, or the world's present.
    pub closes: DateTime<Utc>,
    pub at: DateTime<Utc>,
    /// Start and end of each timeslot.
    pub dates: &'a [(DateTime<Utc>, DateTime<Utc>)],
}

/// Somebody's answer, before it is known whether there are seats.
struct Wish {
    number: u32,
    slot: usize,
    party: i32,
    at: DateTime<Utc>,
}

impl Answers<'_> {
    /// Adds the timeslots, `size` answers, and the mails of the last months.
    pub fn add(&self, size: u32, dice: &mut Dice, batch: &mut Batch) -> Result<(), Refusal> {
        let mut slots = self.timeslots(size, dice);
        let mut wishes = self.wishes(size, dice);
        wishes.sort_by_key(|wish| wish.at);
        for wish in wishes {
            if let Some(slot) = slots.get_mut(wish.slot) {
                self.answer(&wish, slot, dice, batch)?;
            }
        }
        batch.timeslots.extend(slots);
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "held within the largest capacity")]
    fn timeslots(&self, size: u32, dice: &mut Dice) -> Vec<timeslot::Model> {
        let count = u32::try_from(self.dates.len()).unwrap_or(1);
        let most = f64::from(self.app.config.limits.capacity);
        let mut slot = |(starts_at, ends_at): &(DateTime<Utc>, DateTime<Utc>)| {
            // Mostly more seats than answers, sometimes fewer.
            let seats = f64::from(size) / f64::from(count) * (0.35 + 0.4 * dice.normal()).exp();
            let seats = seats.clamp(FEWEST_SEATS, most).round() as i32;
            timeslot::Model {
                id: dice.id(self.created_at),
                event_id: self.event_id,
                starts_at: *starts_at,
                ends_at: *ends_at,
                capacity: (!dice.percent(UNLIMITED_PERCENT)).then_some(seats),
                taken: 0,
                held: 0,
                waitlist_first: false,
                cancelled_at: None,
                origin_id: None,
                series_id: None,
                occurrence: None,
                excepted_at: None,
                version: 1,
                changed_at: self.created_at,
            }
        };
        self.dates.iter().map(&mut slot).collect()
    }

    /// Different people, most of them from the area as long as there are some.
    fn wishes(&self, size: u32, dice: &mut Dice) -> Vec<Wish> {
        let locals = self.crowd.locals(self.area);
        let (mut seen, mut misses) = (HashSet::new(), 0);
        let mut wishes = Vec::with_capacity(size as usize);
        while wishes.len() < size as usize {
            let local = dice.percent(LOCAL_PERCENT) && !locals.is_empty() && misses <= size;
            let number = if local {
                dice.pick(locals)
            } else {
                dice.below(self.people)
            };
            if !seen.insert(number) {
                misses += 1;
                continue;
            }
            let slot = dice.below(u32::try_from(self.dates.len()).unwrap_or(1)) as usize;
            let starts_at = self.dates.get(slot).map_or(self.closes, |(start, _)| *start);
            wishes.push(Wish {
                number,
                slot,
                party: dice.pick(&[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4]),
                at: dice.time(self.opens, self.closes.min(starts_at)),
            });
        }
        wishes
    }

    /// Who comes gets seats if the party fits, and waits otherwise. As later answers only leave fewer seats, nobody
    /// waits who would fit.
    fn answer(
        &self,
        wish: &Wish,
        slot: &mut timeslot::Model,
        dice: &mut Dice,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        let person = self.crowd.person(wish.number);
        let until = self.closes.min(slot.starts_at);
        let later = dice.time(wish.at, until);
        let fits = slot.capacity.is_none_or(|seats| slot.taken + wish.party <= seats);
        let account = dice.percent(50);
        let roll = dice.below(100);
        let (status, changed_at) = match roll {
            // The link in the mail was not followed; the seats went back after an hour.
            _ if !person.verified => {
                let released = wish.at + TimeDelta::minutes(self.app.config.rsvp.hold_minutes);
                (RsvpStatus::PendingConfirmation, released.min(self.at))
            }
            ..CANCELLED_PERCENT => (RsvpStatus::Cancelled, later),
            CANCELLED_PERCENT..DECLINED_UNTIL => (RsvpStatus::Declined, wish.at),
            _ if fits => (RsvpStatus::Registered, wish.at),
            _ => (RsvpStatus::Waitlisted, wish.at),
        };
        let seats = if status == RsvpStatus::Registered {
            wish.party
        } else {
            0
        };
        if seats > 0 {
            slot.taken += seats;
            slot.version += 1;
            slot.changed_at = slot.changed_at.max(wish.at);
        }
        // Somebody with an account needs no link; only they say no.
        let followed = !account && person.verified && status != RsvpStatus::Declined;
        let id = dice.id(wish.at);
        batch.rsvps.push(rsvp::Model {
            id,
            timeslot_id: slot.id,
            event_id: slot.event_id,
            person_id: person.id,
            status,
            party_size: wish.party,
            seats,
            name: self.app.keys.seal(name_slot(&id), &person.name)?,
            details: None,
            offer_expires_at: None,
            waitlisted_at: (status == RsvpStatus::Waitlisted).then_some(wish.at),
            referrer: referrer(dice)?,
            approved_at: None,
            listed: false,
            share_code: None,
            shared_by: None,
            confirmed_at: followed.then_some(wish.at),
            attendance_confirmed_at: None,
            version: if changed_at > wish.at { 2 } else { 1 },
            changed_at,
            created_at: wish.at,
        });
        if wish.at > self.at - LEDGER {
            batch.messages.extend(self.mail(wish, &person, status, dice)?);
        }
        Ok(())
    }

    /// The mail that told them.
    fn mail(
        &self,
        wish: &Wish,
        person: &Person,
        status: RsvpStatus,
        dice: &mut Dice,
    ) -> Result<Option<message::Model>, Refusal> {
        let template = match status {
            RsvpStatus::PendingConfirmation => Template::RsvpPleaseConfirm,
            RsvpStatus::Registered | RsvpStatus::Cancelled => Template::RsvpRegistered,
            RsvpStatus::Waitlisted => Template::RsvpWaitlisted,
            RsvpStatus::PendingApproval
            | RsvpStatus::Refused
            | RsvpStatus::Offered
            | RsvpStatus::OfferExpired
            | RsvpStatus::Declined => return Ok(None),
        };
        let index = self.crowd.index(wish.number)?;
        Ok(Some(message::Model {
            id: dice.id(wish.at),
            channel: Channel::Email,
            purpose: Purpose::Transactional,
            template: template.name().to_owned(),
            index_key: index.key,
            value_index: index.value,
            person_id: Some(person.id),
            rsvp_id: None,
            occasion: None,
            announcement_id: None,
            state: MessageState::Sent,
            sending_at: wish.at,
            settled_at: Some(wish.at),
            detail: Some("accepted".to_owned()),
        }))
    }
}

/// Some came by a link that says where it stood.
fn referrer(dice: &mut Dice) -> Result<Option<String>, Refusal> {
    if !dice.percent(30) {
        return Ok(None);
    }
    let referrer = Referrer {
        utm_source: Some(dice.pick(&["newsletter", "poster", "friend"]).to_owned()),
        utm_medium: Some(dice.pick(&["email", "print", "social"]).to_owned()),
        ..Referrer::default()
    };
    let text = serde_json::to_string(&referrer).map_err(Refusal::internal)?;
    Ok(Some(text))
}
