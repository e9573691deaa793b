//! Who gets seats that come free, and how long they may keep them.

use entity::RsvpStatus::{OfferExpired, Offered, PendingConfirmation, Registered};

use super::rules::Model;

const HOLD: i64 = 60 * 60;
const OFFER: i64 = 2 * 60 * 60;

impl Model {
    /// Seats whose hour is over are given on, one answer after the other.
    pub(super) fn release(&mut self, now: i64) {
        for at in 0..self.guests.len() {
            let guest = &mut self.guests[at];
            if guest.status == PendingConfirmation && now - guest.asked >= HOLD {
                guest.seats = 0;
                self.let_in(now);
            }
        }
    }

    /// Offers whose time is over end together.
    pub(super) fn expire(&mut self, now: i64) {
        for guest in &mut self.guests {
            if guest.status == Offered && guest.until <= now {
                guest.status = OfferExpired;
                guest.seats = 0;
                self.told[2] += 1;
            }
        }
        self.let_in(now);
    }

    /// Whose turn it is.
    pub(super) fn let_in(&mut self, now: i64) {
        if self.called_off {
            return;
        }
        for at in self.queue() {
            let party = self.guests[at].party;
            if party <= self.seats_left() {
                let offers = self.rules.offers;
                let guest = &mut self.guests[at];
                guest.status = if offers { Offered } else { Registered };
                guest.seats = party;
                guest.until = now + OFFER;
                self.told[usize::from(offers)] += 1;
            } else if self.rules.strict && self.has_room_for(party) {
                return;
            }
        }
    }

    pub(super) fn has_room_for(&self, party: i32) -> bool {
        self.capacity.is_none_or(|capacity| party <= capacity)
    }

    pub(super) fn seats_left(&self) -> i32 {
        self.capacity.map_or(i32::MAX, |capacity| capacity - self.taken())
    }

    /// Seats for who does not wait.
    pub(super) fn free(&self) -> i32 {
        let mut queue = self.queue().into_iter();
        if self.rules.strict && queue.any(|at| self.has_room_for(self.guests[at].party)) {
            return 0;
        }
        self.seats_left()
    }

    pub(super) fn may_hold(&self, party: i32) -> bool {
        let held = self.held() + party;
        held <= 2 || self.capacity.is_none_or(|capacity| held * 10 <= capacity)
    }
}
