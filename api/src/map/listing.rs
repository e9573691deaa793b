//! What the map holds of an event: what anybody may read, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    AccessibilityFeature, AccessibilityStatus, AddressVisibility, EventType, HostKind, PlacePrecision,
};
use uuid::Uuid;

use super::{
    shared::{Shared, Texts},
    sphere,
};

/// A findable event as lists show it. Never changes, but for the seats of its timeslots.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The event.
    pub id: Uuid,
    /// Version of the event's row.
    pub version: i32,
    /// When the event's row changed last.
    pub changed_at: DateTime<Utc>,
    /// One line.
    pub title: String,
    /// A few sentences.
    pub summary: Option<Shared>,
    /// What kind of event.
    pub event_type: EventType,
    /// As its hosts wrote them.
    pub tags: Vec<Shared>,
    /// https address of a picture.
    pub image_url: Option<String>,
    /// None when nobody said.
    pub accessibility_status: Option<AccessibilityStatus>,
    /// What makes it accessible.
    pub accessibility_features: Vec<AccessibilityFeature>,
    /// Whether one can take part online.
    pub is_virtual: bool,
    /// Where one joins, if that is elsewhere.
    pub external_url: Option<String>,
    /// The campaign it is part of.
    pub campaign_id: Option<Uuid>,
    /// Where its local times are.
    pub timezone: Tz,
    /// Kinds and public names, the first host first.
    pub hosts: Vec<(HostKind, Shared)>,
    /// As the public may know it.
    pub place: Option<ListingPlace>,
    /// Who may read the exact place.
    pub address_visibility: AddressVisibility,
    /// All that are not cancelled, by start; those that are over too.
    pub timeslots: Vec<Slot>,
    /// Folded words of everything public, each after a space.
    pub text: String,
}

/// A place as the public may know it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingPlace {
    /// Its name.
    pub venue: Option<Shared>,
    /// Street and number; empty when hidden.
    pub address_lines: Vec<Shared>,
    /// Town.
    pub locality: Option<Shared>,
    /// State or province.
    pub region: Option<Shared>,
    /// Postal code.
    pub postal_code: Option<Shared>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<Shared>,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
    /// How exact the coordinates are.
    pub precision: Option<PlacePrecision>,
}

impl Listing {
    /// Makes what it has in common with others the same memory.
    pub(super) fn share(&mut self, texts: &mut Texts) {
        texts.share(self.summary.iter_mut());
        texts.share(self.tags.iter_mut());
        texts.share(self.hosts.iter_mut().map(|(_, name)| name));
        if let Some(place) = &mut self.place {
            texts.share(place.address_lines.iter_mut());
            let others = [
                &mut place.venue,
                &mut place.locality,
                &mut place.region,
                &mut place.postal_code,
                &mut place.country,
            ];
            texts.share(others.into_iter().flatten());
        }
    }

    /// Whether it is not over at `now`.
    pub fn ends_after(&self, now: DateTime<Utc>) -> bool {
        self.ends_at().is_some_and(|end| end > now)
    }

    /// When its last timeslot ends.
    pub(super) fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.timeslots.iter().map(|slot| slot.ends_at).max()
    }

    /// Great-circle distance in metres from a place (latitude and longitude in degrees) to where the public may know it to be.
    pub fn distance_from(&self, place: (f64, f64)) -> Option<f64> {
        Some(sphere::distance(place, self.coordinates()?))
    }

    /// Latitude and longitude in degrees, of events that can be found near a place.
    pub(super) fn coordinates(&self) -> Option<(f64, f64)> {
        let place = self.place.as_ref()?;
        let (latitude, longitude) = (place.latitude?, place.longitude?);
        // Adding zero turns -0.0 into 0.0, so that equal places have equal bits.
        (latitude.is_finite() && longitude.is_finite()).then_some((latitude + 0.0, longitude + 0.0))
    }
}

/// A timeslot that is not cancelled. Clones share the count of seats.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The timeslot.
    pub id: Uuid,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// End.
    pub ends_at: DateTime<Utc>,
    /// Seats; None is unlimited.
    pub capacity: Option<i32>,
    pub(super) seats: Counter,
}

impl Slot {
    /// Seats that are free; None is unlimited.
    pub fn seats_left(&self) -> Option<i32> {
        let capacity = self.capacity?;
        Some(capacity.saturating_sub(self.taken()).max(0))
    }

    /// Whether no seat is free.
    pub fn is_full(&self) -> bool {
        self.seats_left() == Some(0)
    }

    /// Seats that were given away.
    pub fn taken(&self) -> i32 {
        self.seats.get().1
    }
}

/// Seats that a new answer cannot have for good: those that were given away, and all while what is free is kept for those
/// who wait. Seats that are held for unconfirmed RSVPs may yet be had.
pub fn seats_given(capacity: Option<i32>, taken: i32, held: i32, waitlist_first: bool) -> i32 {
    match capacity {
        Some(capacity) if waitlist_first => capacity,
        _ => taken - held,
    }
}

/// Equal but for the seats, which are beside the snapshot.
impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.starts_at, self.ends_at, self.capacity)
            == (other.id, other.starts_at, other.ends_at, other.capacity)
    }
}

/// The seats of a timeslot at one version of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// The timeslot.
    pub timeslot_id: Uuid,
    /// Version of its row.
    pub version: i32,
    /// Seats given away for good. Those held for an unconfirmed RSVP count as free here: if they showed, anybody could
    /// ask with an address and see whether its owner is coming.
    pub taken: i32,
}

/// Seats taken, with the version of the row that said so; the newest wins, whatever the order they arrive in. The
/// version is in the upper half, so that the larger number is the newer one.
#[derive(Clone, Debug)]
pub(super) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(super) fn new(version: i32, taken: i32) -> Self {
        Self(Arc::new(AtomicU64::new(pack(version, taken))))
    }

    /// Takes the newer of what is there and this; tells whether that is this.
    pub(super) fn raise(&self, version: i32, taken: i32) -> bool {
        let packed = pack(version, taken);
        self.0.fetch_max(packed, Ordering::AcqRel) < packed
    }

    /// Version and seats taken.
    pub(super) fn get(&self) -> (i32, i32) {
        let packed = self.0.load(Ordering::Acquire);
        let half = |bits: u64| i32::try_from(bits & 0xffff_ffff).unwrap_or(i32::MAX);
        (half(packed >> 32), half(packed))
    }
}

fn pack(version: i32, taken: i32) -> u64 {
    let half = |number: i32| u64::from(number.max(0).unsigned_abs());
    half(version) << 32 | half(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_newest_seats_win_in_any_order(order in Just((1..20).collect::<Vec<i32>>()).prop_shuffle()) {
            let counter = Counter::new(0, 0);
            for version in order {
                counter.raise(version, 100 - version);
            }
            prop_assert_eq!(counter.get(), (19, 81));
        }
    }
}
