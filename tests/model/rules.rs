//! What an RSVP does, written down a second time, in memory and as plainly as can be.
//!
//! **Seats.** What is taken never exceeds the capacity. Answers without an account hold seats only while all of them
//! together hold at most 2, or a tenth of the capacity, and for an hour.
//!
//! **Line.** When seats come free, those who wait are asked in order of joining, and each party that fits is let in. With
//! SKIP one that does not fit keeps its place, and smaller ones behind it may go first. With STRICT nobody passes it, new
//! answers neither; but nobody waits for a party that is larger than the room.
//!
//! **Offers.** Near the start those whose turn it is are offered their seats, for two hours. Who declines, or does not
//! answer, is out of the line.

use entity::RsvpStatus::{
    self, Cancelled, Declined, OfferExpired, Offered, PendingApproval, PendingConfirmation, Refused,
    Registered, Waitlisted,
};

use super::steps::{Rules, Step};

/// One RSVP.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub(super) who: usize,
    pub(super) status: RsvpStatus,
    pub(super) party: i32,
    pub(super) seats: i32,
    /// Since when it waits, in seconds.
    pub(super) since: i64,
    /// When an answer without an account was given last, in seconds.
    pub(super) asked: i64,
    /// When its offer ends, in seconds.
    pub(super) until: i64,
}

/// One timeslot, its RSVPs in the order in which they were made.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) rules: Rules,
    pub(super) capacity: Option<i32>,
    pub(super) called_off: bool,
    pub(super) guests: Vec<Guest>,
    /// How many were let in from the waitlist, were offered seats, and let an offer pass.
    pub(super) told: [usize; 3],
}

impl Model {
    pub(super) fn new(rules: Rules, capacity: Option<i32>) -> Self {
        Self {
            rules,
            capacity,
            called_off: false,
            guests: vec![],
            told: [0; 3],
        }
    }

    pub(super) fn taken(&self) -> i32 {
        self.guests.iter().map(|guest| guest.seats).sum()
    }

    pub(super) fn held(&self) -> i32 {
        let held = |guest: &&Guest| guest.status == PendingConfirmation;
        self.guests.iter().filter(held).map(|guest| guest.seats).sum()
    }

    /// Positions of those who wait, first come first. Who joined in the same instant stands by the order of the rows.
    pub(super) fn queue(&self) -> Vec<usize> {
        let mut queue: Vec<usize> = (0..self.guests.len())
            .filter(|at| self.guests[*at].status == Waitlisted)
            .collect();
        queue.sort_by_key(|at| self.guests[*at].since);
        queue
    }

    pub(super) fn find(&self, who: usize) -> Option<usize> {
        self.guests.iter().position(|guest| guest.who == who)
    }

    /// Does `step` at the second `now`, or says why not.
    pub(super) fn apply(&mut self, step: Step, now: i64) -> Result<(), &'static str> {
        match step {
            Step::Answer { who, party } => self.answer(who, Some(party), true, now),
            Step::AnswerByMail { who, party } => self.answer(who, Some(party), false, now),
            Step::Decline { who } => self.answer(who, None, true, now),
            Step::Confirm { who } => self.confirm(who, now),
            Step::Update { who, party } => self.update(who, party, now),
            Step::Cancel { who } | Step::CancelByLink { who } => {
                match self.find(who) {
                    Some(at) if !self.is_out(at) => self.leave(at, Cancelled, now),
                    _ => {}
                }
                Ok(())
            }
            Step::Decide { who, approve } => self.decide(who, approve, now),
            Step::AcceptOffer { who } => match self.find(who) {
                Some(at) if self.guests[at].status == Registered => Ok(()),
                Some(at) if self.guests[at].status == Offered => {
                    self.open()?;
                    self.accept(at, now)
                }
                Some(at) => Err(self.no_offer(at)),
                None => Ok(()),
            },
            Step::DeclineOffer { who } => match self.find(who) {
                Some(at) if self.guests[at].status == Declined => Ok(()),
                Some(at) if self.guests[at].status == Offered => {
                    self.leave(at, Declined, now);
                    Ok(())
                }
                Some(at) => Err(self.no_offer(at)),
                None => Ok(()),
            },
            Step::Move { .. } => unreachable!("concerns two dates"),
            Step::Wait { .. } => {
                self.release(now);
                self.expire(now);
                Ok(())
            }
            Step::SetCapacity { .. } if self.called_off => Err("TIMESLOT_CANCELLED"),
            Step::SetCapacity { seats } if seats.is_some_and(|seats| seats < self.taken()) => {
                Err("BAD_USER_INPUT")
            }
            Step::SetCapacity { seats } => {
                self.capacity = seats;
                self.let_in(now);
                Ok(())
            }
            Step::CallOff => {
                self.called_off = true;
                Ok(())
            }
        }
    }

    /// From this date to another: whoever has seats, offered ones too, gets some there, or nothing changes.
    pub(super) fn move_to(&mut self, to: &mut Self, who: usize, now: i64) -> Result<(), &'static str> {
        let Some(at) = self.find(who) else {
            return Ok(());
        };
        let there = to.find(who);
        let is_there = there.is_some_and(|at| {
            let status = to.guests[at].status;
            !matches!(status, Declined | Cancelled | OfferExpired)
        });
        let Guest { status, party, .. } = self.guests[at];
        if status == Cancelled && is_there {
            return Ok(()); // sent again
        }
        to.open()?;
        if is_there {
            return Err("BAD_USER_INPUT");
        }
        let fits = party <= to.free();
        let status = match status {
            PendingApproval => PendingApproval,
            Registered | Offered | Waitlisted if fits => Registered,
            Waitlisted => Waitlisted,
            Registered | Offered => return Err("TIMESLOT_FULL"),
            _ => return Err("RSVP_NOT_ACTIVE"),
        };
        let guest = Guest {
            who,
            status,
            party,
            seats: if status == Registered { party } else { 0 },
            since: now,
            asked: now,
            until: 0,
        };
        match there {
            Some(at) => to.guests[at] = guest,
            None => to.guests.push(guest),
        }
        self.leave(at, Cancelled, now);
        to.let_in(now);
        Ok(())
    }

    /// `party` is `None` for a no.
    fn answer(
        &mut self,
        who: usize,
        party: Option<i32>,
        signed_in: bool,
        now: i64,
    ) -> Result<(), &'static str> {
        self.open()?;
        let Some(at) = self.find(who) else {
            let guest = Guest {
                who,
                status: Declined,
                party: party.unwrap_or(1),
                seats: 0,
                since: now,
                asked: now,
                until: 0,
            };
            self.guests.push(guest);
            if let Some(party) = party {
                self.join(self.guests.len() - 1, party, signed_in, now);
            }
            return Ok(());
        };
        let guest = &self.guests[at];
        match (guest.status, party) {
            (PendingConfirmation, Some(party)) if !signed_in && party != guest.party => {
                self.join(at, party, false, now);
            }
            _ if !signed_in => {}
            (Refused, Some(_)) => return Err("RSVP_REFUSED"),
            (Declined | Refused, None) => {}
            (Registered | Waitlisted | PendingApproval, Some(party)) if party == guest.party => {}
            (Registered | Waitlisted | PendingApproval, Some(party)) => return self.resize(at, party, now),
            (Offered, Some(party)) if self.guests[at].until <= now => {
                self.leave(at, OfferExpired, now);
                self.join(at, party, signed_in, now);
            }
            (Offered, Some(party)) => {
                // All or nothing.
                let before = self.clone();
                let done = self.accept(at, now).and_then(|()| self.resize(at, party, now));
                if done.is_err() {
                    *self = before;
                }
                return done;
            }
            (_, None) => self.leave(at, Declined, now),
            (_, Some(party)) => self.join(at, party, signed_in, now),
        }
        Ok(())
    }

    fn confirm(&mut self, who: usize, now: i64) -> Result<(), &'static str> {
        let Some(at) = self.find(who) else {
            return Ok(());
        };
        match self.guests[at].status {
            Registered | Waitlisted | Offered | PendingApproval => Ok(()),
            Refused => Err("RSVP_REFUSED"),
            PendingConfirmation | Cancelled | Declined | OfferExpired => {
                self.open()?;
                self.join(at, self.guests[at].party, true, now);
                Ok(())
            }
        }
    }

    fn update(&mut self, who: usize, party: i32, now: i64) -> Result<(), &'static str> {
        let Some(at) = self.find(who) else {
            return Ok(());
        };
        self.open()?;
        if self.guests[at].party == party {
            return Ok(());
        }
        self.resize(at, party, now)
    }

    fn decide(&mut self, who: usize, approve: bool, now: i64) -> Result<(), &'static str> {
        let Some(at) = self.find(who) else {
            return Ok(());
        };
        if approve {
            self.open()?;
        }
        if self.guests[at].status != PendingApproval {
            return Ok(());
        }
        let fits = self.guests[at].party <= self.free();
        let guest = &mut self.guests[at];
        match (approve, fits) {
            (false, _) => guest.status = Refused,
            (true, true) => {
                guest.status = Registered;
                guest.seats = guest.party;
            }
            (true, false) => {
                guest.status = Waitlisted;
                guest.since = now;
            }
        }
        self.let_in(now);
        Ok(())
    }

    fn accept(&mut self, at: usize, now: i64) -> Result<(), &'static str> {
        if self.guests[at].until <= now {
            return Err("OFFER_EXPIRED");
        }
        self.guests[at].status = Registered;
        Ok(())
    }

    fn no_offer(&self, at: usize) -> &'static str {
        match self.guests[at].status {
            OfferExpired => "OFFER_EXPIRED",
            _ => "NO_OFFER",
        }
    }

    fn open(&self) -> Result<(), &'static str> {
        if self.called_off {
            Err("TIMESLOT_CANCELLED")
        } else {
            Ok(())
        }
    }

    fn is_out(&self, at: usize) -> bool {
        matches!(
            self.guests[at].status,
            Cancelled | Declined | Refused | OfferExpired
        )
    }

    /// Seats if there are any; else the end of the queue, or waiting for the link without seats. Seats that it holds are
    /// its own.
    fn join(&mut self, at: usize, party: i32, confirmed: bool, now: i64) {
        let own = self.guests[at].seats;
        self.guests[at].seats = 0;
        self.guests[at].party = party;
        let fits = own >= party || party <= self.free() && (confirmed || self.may_hold(party));
        let asks = self.rules.approval;
        let guest = &mut self.guests[at];
        guest.status = match (confirmed, fits) {
            (false, _) => PendingConfirmation,
            (true, _) if asks => PendingApproval,
            (true, true) => Registered,
            (true, false) => Waitlisted,
        };
        guest.seats = if fits && !asks { party } else { 0 };
        guest.asked = now;
        guest.since = now;
        self.let_in(now);
    }

    /// Another party; with the hosts' consent it may only become smaller.
    fn resize(&mut self, at: usize, party: i32, now: i64) -> Result<(), &'static str> {
        let status = self.guests[at].status;
        let grows = party > self.guests[at].party;
        if grows && self.rules.approval && matches!(status, Registered | Waitlisted | Offered) {
            return Err("BAD_USER_INPUT");
        }
        match status {
            Registered | Offered => {
                if party - self.guests[at].seats > self.free() {
                    return Err("BAD_USER_INPUT");
                }
                self.guests[at].party = party;
                self.guests[at].seats = party;
            }
            Waitlisted | PendingApproval => self.guests[at].party = party,
            PendingConfirmation => self.join(at, party, false, now),
            Declined | Cancelled | Refused | OfferExpired => return Err("RSVP_NOT_ACTIVE"),
        }
        self.let_in(now);
        Ok(())
    }

    fn leave(&mut self, at: usize, status: RsvpStatus, now: i64) {
        self.guests[at].status = status;
        self.guests[at].seats = 0;
        self.let_in(now);
    }
}
