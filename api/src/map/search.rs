//! What can be asked of the map, and what comes back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{AccessibilityStatus, EventType};
use uuid::Uuid;

use super::{
    cursor::Cursor,
    listing::{Listing, Slot},
    text,
};

/// What to find. An event is found by the first of its timeslots that starts within the window, is not over and, if
/// asked for, has a free seat.
#[derive(Clone, Debug)]
pub struct Search {
    /// Around where; events without coordinates are found only without it.
    pub near: Option<Near>,
    /// The window begins here, inclusive.
    pub from: DateTime<Utc>,
    /// The window ends here, exclusive.
    pub until: Option<DateTime<Utc>>,
    /// Any of these types; empty is all.
    pub types: Vec<EventType>,
    /// Any of these campaigns; empty is all.
    pub campaigns: Vec<Uuid>,
    /// Words: each must begin a word of the event's public text, whatever the case and the accents.
    pub text: Option<String>,
    /// Only events one can (not) take part in online.
    pub virtual_: Option<bool>,
    /// Only with a free seat.
    pub has_seats: bool,
    /// Only where the host said that the place is accessible.
    pub accessible: bool,
    /// What comes first.
    pub order: Order,
    /// Where the page before ended: only what is strictly past it, as one walks. Of the same order, or nothing is found.
    pub past: Option<Cursor>,
    /// Walks from the end: finds the last ones, or those before `past`. They still come in order.
    pub backward: bool,
    /// How many at most.
    pub size: usize,
}

/// A circle on the earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Degrees north, WGS 84.
    pub latitude: f64,
    /// Degrees east, WGS 84.
    pub longitude: f64,
    /// Great-circle distance in metres, inclusive.
    pub radius_metres: f64,
}

/// What comes first; ties go by the event's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The nearest. Needs `near`: without it this is `Start`.
    Distance,
    /// The one whose matching timeslot starts soonest.
    Start,
}

/// An event that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The event.
    pub listing: Arc<Listing>,
    /// The timeslot it was found by.
    pub timeslot: Slot,
    /// Great-circle distance from the middle of `near`, in metres.
    pub distance_metres: Option<f64>,
    /// For going on from this one.
    pub cursor: Cursor,
}

/// Some of what was found.
#[derive(Clone, Debug)]
pub struct Page {
    /// In order.
    pub hits: Vec<Hit>,
    /// Whether more come before.
    pub has_previous: bool,
    /// Whether more follow.
    pub has_next: bool,
}

impl Search {
    /// The order that is in force: the one its cursors have.
    pub fn order(&self) -> Order {
        match self.near {
            Some(_) => self.order,
            None => Order::Start,
        }
    }
}

/// A search made ready for looking at many events.
pub(super) struct Query<'a> {
    pub(super) search: &'a Search,
    pub(super) now: DateTime<Utc>,
    /// How many to collect: one more than the page holds tells whether there are more.
    pub(super) wanted: usize,
    pub(super) words: Vec<String>,
}

impl<'a> Query<'a> {
    pub(super) fn new(search: &'a Search, now: DateTime<Utc>) -> Self {
        Self {
            search,
            now,
            wanted: search.size.saturating_add(1),
            words: search.text.as_deref().map(text::needles).unwrap_or_default(),
        }
    }

    /// Whether each of `words` is one word: of a script without spaces, it may be several that follow each other.
    pub(super) fn has_single_words(&self) -> bool {
        self.words.iter().all(|words| words.matches(' ').count() == 1)
    }

    /// The timeslot that `listing` is found by, wherever it is.
    pub(super) fn slot_of<'l>(&self, listing: &'l Listing) -> Option<&'l Slot> {
        let slots = &listing.timeslots;
        let skipped = slots.partition_point(|slot| slot.starts_at < self.search.from);
        let slot = slots
            .iter()
            .skip(skipped)
            .take_while(|slot| self.search.until.is_none_or(|until| slot.starts_at < until))
            .find(|slot| slot.ends_at > self.now && !(self.search.has_seats && slot.is_full()))?;
        self.wants(listing).then_some(slot)
    }

    fn wants(&self, listing: &Listing) -> bool {
        let search = self.search;
        (search.types.is_empty() || search.types.contains(&listing.event_type))
            && (search.campaigns.is_empty()
                || listing
                    .campaign_id
                    .is_some_and(|id| search.campaigns.contains(&id)))
            && search.virtual_.is_none_or(|wanted| listing.is_virtual == wanted)
            && (!search.accessible || listing.accessibility_status == Some(AccessibilityStatus::Accessible))
            && self.words.iter().all(|word| listing.text.contains(word))
    }
}
