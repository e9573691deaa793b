//! Counting in this process: a table of fixed size, so that no number of addresses takes more memory, and none needs any.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, PoisonError},
};

use super::rate::{Rate, Standing};

/// A lock each; 1.1 MB in all, for 65,536 callers at a time.
const SETS: usize = 8_192;
/// Callers of one set. One more takes the place of who runs ahead least: almost always somebody who has paid back all,
/// and never somebody at their limit while others are there, so that many addresses free nobody who was stopped.
const WAYS: usize = 8;

/// What callers did, by a hash of who and what with a random key.
pub struct Table {
    hasher: RandomState,
    sets: Box<[Mutex<[Slot; WAYS]>]>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// Until when the caller runs ahead, in microseconds since 1970.
    until: u64,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
        }
    }
}

impl Table {
    /// Counts one of `key` at `now`, in microseconds since 1970.
    pub fn take(&self, key: impl Hash, rate: Rate, now: u64) -> Standing {
        let hash = self.hasher.hash_one(key);
        let set = usize::try_from(hash % SETS as u64)
            .ok()
            .and_then(|at| self.sets.get(at));
        let Some(set) = set else {
            return rate.standing(0);
        };
        let mut slots = set.lock().unwrap_or_else(PoisonError::into_inner);
        // Who is known is preferred to whoever runs ahead least.
        let slot = slots
            .iter_mut()
            .min_by_key(|slot| if slot.hash == hash { 0 } else { slot.until + 1 });
        let Some(slot) = slot else {
            return rate.standing(0);
        };
        if slot.hash != hash {
            *slot = Slot { hash, until: 0 };
        }
        // A clock that was set back must not stop anybody for longer than a window.
        let ahead = slot.until.saturating_sub(now).min(rate.window());
        if rate.allows(ahead) {
            slot.until = now + ahead + rate.step;
        }
        rate.standing(ahead)
    }
}
