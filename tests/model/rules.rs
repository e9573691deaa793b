//! What an RSVP does, written down a second time, in memory and as plainly as can be.
//!
//! **Seats.** What is taken never exceeds the capacity. Answers without an account hold seats only while all of them
//! together hold at most 2, or a tenth of the capacity, and for an hour.
//!
//! **Skip rule.** When seats come free, those who wait are asked in order of joining, and each party that fits is let
//! in. One that does not fit keeps its place, and smaller ones behind it may go first.

use entity::RsvpStatus::{
    self, Cancelled, Declined, PendingApproval, PendingConfirmation, Refused, Registered, Waitlisted,
};

/// What somebody does. Guests are numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Answer { who: usize, party: i32 },
    AnswerByMail { who: usize, party: i32 },
    Decline { who: usize },
    Confirm { who: usize },
    Update { who: usize, party: i32 },
    Cancel { who: usize },
    CancelByLink { who: usize },
    Wait { minutes: i64 },
    SetCapacity { seats: Option<i32> },
    CallOff,
}

/// One RSVP.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub(super) who: usize,
    pub(super) status: RsvpStatus,
    pub(super) party: i32,
    pub(super) seats: i32,
    /// Since when it waits, in seconds.
    since: i64,
    /// When an answer without an account was given last, in seconds.
    asked: i64,
}

/// One timeslot, its RSVPs in the order in which they were made.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) capacity: Option<i32>,
    pub(super) called_off: bool,
    pub(super) guests: Vec<Guest>,
    /// How many were let in from the waitlist.
    pub(super) promoted: usize,
}

const HOLD: i64 = 60 * 60;

impl Model {
    pub(super) fn new(capacity: Option<i32>) -> Self {
        Self {
            capacity,
            called_off: false,
            guests: vec![],
            promoted: 0,
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
                    Some(at) if !matches!(self.guests[at].status, Cancelled | Declined) => {
                        self.leave(at, Cancelled);
                    }
                    _ => {}
                }
                Ok(())
            }
            Step::Wait { .. } => {
                self.release(now);
                Ok(())
            }
            Step::SetCapacity { .. } if self.called_off => Err("TIMESLOT_CANCELLED"),
            Step::SetCapacity { seats } if seats.is_some_and(|seats| seats < self.taken()) => {
                Err("BAD_USER_INPUT")
            }
            Step::SetCapacity { seats } => {
                self.capacity = seats;
                self.let_in();
                Ok(())
            }
            Step::CallOff => {
                self.called_off = true;
                Ok(())
            }
        }
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
            };
            self.guests.push(guest);
            if let Some(party) = party {
                self.join(self.guests.len() - 1, party, signed_in, now);
            }
            return Ok(());
        };
        let guest = &self.guests[at];
        match (guest.status, party) {
            _ if !signed_in => {}
            (Registered | Waitlisted, Some(party)) if party == guest.party => {}
            (Registered, Some(party)) => return self.resize(at, party),
            (Declined, None) => {}
            (_, None) => self.leave(at, Declined),
            (_, Some(party)) => self.join(at, party, signed_in, now),
        }
        Ok(())
    }

    fn confirm(&mut self, who: usize, now: i64) -> Result<(), &'static str> {
        let Some(at) = self.find(who) else {
            return Ok(());
        };
        match self.guests[at].status {
            Registered | Waitlisted => Ok(()),
            PendingConfirmation | Cancelled | Declined => {
                self.open()?;
                self.join(at, self.guests[at].party, true, now);
                Ok(())
            }
            PendingApproval | Refused => unreachable!("this event is open"),
        }
    }

    fn update(&mut self, who: usize, party: i32, now: i64) -> Result<(), &'static str> {
        let Some(at) = self.find(who) else {
            return Ok(());
        };
        self.open()?;
        match self.guests[at].status {
            _ if self.guests[at].party == party => Ok(()),
            Registered => self.resize(at, party),
            Waitlisted => {
                self.guests[at].party = party;
                self.let_in();
                Ok(())
            }
            PendingConfirmation => {
                self.join(at, party, false, now);
                Ok(())
            }
            Cancelled | Declined => Err("RSVP_NOT_ACTIVE"),
            PendingApproval | Refused => unreachable!("this event is open"),
        }
    }

    fn open(&self) -> Result<(), &'static str> {
        if self.called_off {
            Err("TIMESLOT_CANCELLED")
        } else {
            Ok(())
        }
    }

    /// Seats if there are any; else the end of the queue, or one's place in it, or waiting for the link without seats.
    fn join(&mut self, at: usize, party: i32, confirmed: bool, now: i64) {
        self.guests[at].seats = 0;
        self.guests[at].party = party;
        let waited = self.guests[at].status == Waitlisted;
        let fits = party <= self.free() && (confirmed || self.may_hold(party));
        let guest = &mut self.guests[at];
        guest.status = match (confirmed, fits) {
            (false, _) => PendingConfirmation,
            (true, true) => Registered,
            (true, false) => Waitlisted,
        };
        guest.seats = if fits { party } else { 0 };
        guest.asked = now;
        if !waited {
            guest.since = now;
        }
        self.let_in();
    }

    fn resize(&mut self, at: usize, party: i32) -> Result<(), &'static str> {
        if party - self.guests[at].seats > self.free() {
            return Err("BAD_USER_INPUT");
        }
        self.guests[at].party = party;
        self.guests[at].seats = party;
        self.let_in();
        Ok(())
    }

    fn leave(&mut self, at: usize, status: RsvpStatus) {
        self.guests[at].status = status;
        self.guests[at].seats = 0;
        self.let_in();
    }

    /// Seats whose hour is over are given on, one answer after the other.
    fn release(&mut self, now: i64) {
        for at in 0..self.guests.len() {
            let guest = &mut self.guests[at];
            if guest.status == PendingConfirmation && now - guest.asked >= HOLD {
                guest.seats = 0;
                self.let_in();
            }
        }
    }

    /// The skip rule.
    fn let_in(&mut self) {
        if self.called_off {
            return;
        }
        for at in self.queue() {
            if self.guests[at].party <= self.free() {
                self.guests[at].status = Registered;
                self.guests[at].seats = self.guests[at].party;
                self.promoted += 1;
            }
        }
    }

    fn free(&self) -> i32 {
        self.capacity.map_or(i32::MAX, |capacity| capacity - self.taken())
    }

    fn may_hold(&self, party: i32) -> bool {
        let held = self.held() + party;
        held <= 2 || self.capacity.is_none_or(|capacity| held * 10 <= capacity)
    }
}
