//! The map against a scan of everything, and against a database.

mod database;
mod facets;
mod model;
mod pins;
mod words;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{AccessibilityStatus, AddressVisibility, EventType, PlacePrecision};
use uuid::Uuid;

use super::*;

/// The time of every test.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// An event with timeslots of an hour, given by hours from now and capacity.
fn listing(id: u128, place: Option<(f64, f64)>, slots: &[(i64, Option<i32>)]) -> Listing {
    let mut timeslots: Vec<Slot> = (1u128..)
        .zip(slots)
        .map(|(number, (hours, capacity))| Slot {
            id: Uuid::from_u128(id * 1000 + number),
            starts_at: now() + TimeDelta::hours(*hours),
            ends_at: now() + TimeDelta::hours(hours + 1),
            capacity: *capacity,
            seats: listing::Counter::new(1, 0),
        })
        .collect();
    timeslots.sort_by_key(|slot| (slot.starts_at, slot.id));
    Listing {
        id: Uuid::from_u128(id),
        version: 1,
        changed_at: now(),
        title: "Canvass".to_owned(),
        summary: None,
        event_type: EventType::Canvass,
        tags: Vec::new(),
        image_url: None,
        accessibility_status: id.is_multiple_of(3).then_some(AccessibilityStatus::Accessible),
        accessibility_features: Vec::new(),
        is_virtual: id.is_multiple_of(2),
        external_url: None,
        campaign_id: (id % 7 < 3).then(|| Uuid::from_u128(id % 7)),
        timezone: Tz::UTC,
        hosts: Vec::new(),
        place: place.map(|(latitude, longitude)| ListingPlace {
            latitude: Some(latitude),
            longitude: Some(longitude),
            precision: Some(PlacePrecision::Exact),
            ..ListingPlace::default()
        }),
        address_visibility: AddressVisibility::Public,
        timeslots,
        text: text::haystack(["Canvass in Łódź", if id.is_multiple_of(5) { "Grün" } else { "" }].into_iter()),
    }
}

/// Everything, everywhere, in the order given.
fn everything(near: Option<Near>, order: Order) -> Search {
    Search {
        near,
        from: now(),
        until: None,
        types: Vec::new(),
        campaigns: Vec::new(),
        text: None,
        virtual_: None,
        has_seats: false,
        accessible: false,
        order,
        past: None,
        backward: false,
        size: 20,
    }
}

fn near(latitude: f64, longitude: f64, radius_metres: f64) -> Option<Near> {
    Some(Near {
        latitude,
        longitude,
        radius_metres,
    })
}

fn snapshot(listings: Vec<Listing>) -> Snapshot {
    Snapshot::build(listings.into_iter().map(Arc::new).collect(), now())
}

fn ids(page: &Page) -> Vec<u128> {
    page.hits.iter().map(|hit| hit.listing.id.as_u128()).collect()
}

#[test]
fn words_match_as_prefixes_without_accents_and_seats_matter_when_asked() {
    let full = listing(5, None, &[(1, Some(2)), (3, None)]);
    full.timeslots[0].seats.raise(2, 2);
    assert!(full.timeslots[0].is_full() && full.timeslots[1].seats_left().is_none());
    let snapshot = snapshot(vec![full, listing(6, None, &[(2, None)])]);
    let mut search = everything(None, Order::Start);
    assert_eq!(ids(&snapshot.search(&search, now())), [5, 6]);
    search.has_seats = true;
    let page = snapshot.search(&search, now());
    assert_eq!(ids(&page), [6, 5]);
    assert_eq!(page.hits[1].timeslot.starts_at, now() + TimeDelta::hours(3));
    for (text, found) in [("LOD can", 2), ("grun", 1), ("rün", 0), (" - ", 2)] {
        search.text = Some(text.to_owned());
        assert_eq!(snapshot.search(&search, now()).hits.len(), found, "{text}");
    }
}

#[test]
fn a_search_crosses_the_antimeridian_and_the_pole() {
    let snapshot = snapshot(vec![
        listing(1, Some((-17.0, 179.99)), &[(3, None)]),
        listing(2, Some((-17.0, -179.98)), &[(2, None)]),
        listing(3, Some((89.9, 10.0)), &[(1, None)]),
        listing(4, Some((89.95, -170.0)), &[(1, None)]),
        listing(5, None, &[(1, None)]),
    ]);
    let find = |near, order| ids(&snapshot.search(&everything(near, order), now()));
    assert_eq!(find(near(-17.0, 180.0, 5e3), Order::Distance), [1, 2]);
    assert_eq!(find(near(-17.0, -180.0, 5e3), Order::Start), [2, 1]);
    assert_eq!(find(near(90.0, 0.0, 12e3), Order::Distance), [4, 3]);
    assert_eq!(find(near(90.0, 0.0, 6e3), Order::Start), [4]);
    assert_eq!(find(near(17.0, 0.0, 2.01e7), Order::Distance).len(), 4);
}

#[test]
fn a_cursor_of_another_order_finds_nothing() {
    let snapshot = snapshot(vec![listing(1, Some((1.0, 1.0)), &[(1, None)])]);
    let mut search = everything(near(1.0, 1.0, 1e3), Order::Distance);
    search.past = Some(Cursor::of_start(0, Uuid::nil()));
    assert!(snapshot.search(&search, now()).hits.is_empty());
}

#[tokio::test]
async fn seats_are_shared_by_a_listing_and_the_one_that_replaces_it() {
    let map = Map::default();
    let mut first = listing(1, None, &[(1, Some(5))]);
    map.adopt_counters(&mut first);
    let slot = first.timeslots[0].clone();
    let seats = |version, taken| Seats {
        timeslot_id: slot.id,
        version,
        taken,
    };
    map.set_seats(seats(4, 5));
    map.set_seats(seats(3, 1));
    assert!(slot.is_full());
    let mut second = listing(1, None, &[(1, Some(5))]);
    assert!(
        !map.adopt_counters(&mut second),
        "the row was read before the seats were taken"
    );
    assert_eq!(second.timeslots[0].taken(), 5);
    map.set_seats(seats(5, 2));
    assert_eq!(
        (slot.seats_left(), second.timeslots[0].seats_left()),
        (Some(3), Some(3))
    );
}
