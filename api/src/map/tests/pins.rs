//! What a map shows of a box, against a scan.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::grid::{self, at_level};
use super::model::{apply, edits, events, places, scan, searches};
use super::*;

/// Edges where something is special, and others.
fn boxes() -> impl Strategy<Value = BoundingBox> {
    let latitude = || {
        prop_oneof![
            prop::sample::select(vec![-90.0, 0.0, 40.7, 86.0, 90.0]),
            -90.0..=90.0
        ]
    };
    let longitude = || {
        prop_oneof![
            prop::sample::select(vec![-180.0, -74.0, 0.0, 180.0]),
            -180.0..=180.0
        ]
    };
    let any = (latitude(), latitude(), longitude(), longitude()).prop_map(|(a, b, east, west)| BoundingBox {
        north: f64::max(a, b),
        south: f64::min(a, b),
        east,
        west,
    });
    let small = (places(), 0.0..1.0, 0.0..1.0).prop_map(|(place, height, width)| {
        let (latitude, longitude) = place.unwrap_or_default();
        BoundingBox {
            north: f64::min(latitude + height, 90.0),
            south: f64::max(latitude - height, -90.0),
            east: if longitude + width > 180.0 {
                longitude + width - 360.0
            } else {
                longitude + width
            },
            west: if longitude - width < -180.0 {
                longitude - width + 360.0
            } else {
                longitude - width
            },
        }
    });
    prop_oneof![any, small]
}

fn view(within: BoundingBox, zoom: u8, limit: usize) -> View {
    View { within, zoom, limit }
}

/// Whether a place is in a box, by going east from its west.
fn is_in(within: &BoundingBox, (latitude, longitude): (f64, f64)) -> bool {
    let east = if within.west > within.east {
        within.east + 360.0
    } else {
        within.east
    };
    let turns = [longitude - 360.0, longitude, longitude + 360.0];
    (within.south..=within.north).contains(&latitude)
        && turns
            .iter()
            .any(|longitude| (within.west..=east).contains(longitude))
}

/// What a scan finds in a box: id and timeslot, soonest first.
fn expected<'a>(
    listings: impl Iterator<Item = &'a Listing> + Clone,
    search: &Search,
    within: &BoundingBox,
) -> Vec<(Uuid, Uuid)> {
    let inside = listings.filter(|listing| listing.coordinates().is_some_and(|place| is_in(within, place)));
    scan(inside, search)
}

/// Compares what is shown with what should be.
fn check<'a>(
    snapshot: &Snapshot,
    listings: impl Iterator<Item = &'a Listing> + Clone,
    search: &Search,
    view: &View,
) -> Result<(), TestCaseError> {
    let pins = snapshot.pins(search, view, now());
    let expected = expected(listings.clone(), search, &view.within);
    prop_assert_eq!(pins.count(), expected.len(), "{:?} {:?}", view, search);
    let most = view.limit.max(1);
    let (soonest, is_all) = snapshot.soonest(search, &view.within, most, now());
    let ids = soonest.iter().map(|pin| (pin.listing.id, pin.timeslot.id));
    prop_assert!(
        ids.eq(expected.iter().copied().take(most)),
        "{:?} {:?}",
        view,
        search
    );
    prop_assert_eq!(is_all, expected.len() <= most);
    let shown: Vec<_> = pins
        .events
        .iter()
        .map(|pin| (pin.listing.id, pin.timeslot.id))
        .collect();
    if expected.len() <= view.limit {
        prop_assert!(pins.clusters.is_empty());
        prop_assert_eq!(shown, expected);
        return Ok(());
    }
    prop_assert!(
        pins.events.len() + pins.clusters.len() <= view.limit.max(1),
        "{:?}",
        view
    );
    let level = grid::level(&view.within, view.zoom, view.limit);
    let places: BTreeMap<Uuid, (f64, f64)> = listings
        .filter_map(|listing| Some((listing.id, listing.coordinates()?)))
        .collect();
    let mut tiles: BTreeMap<u64, Vec<(Uuid, Uuid)>> = BTreeMap::new();
    for found in expected.iter().copied() {
        let place = places[&found.0];
        tiles
            .entry(at_level(grid::code(place.0, place.1), level))
            .or_default()
            .push(found);
    }
    let alone = expected
        .iter()
        .filter(|found| tiles.values().any(|tile| tile[..] == [**found]));
    prop_assert_eq!(shown, alone.copied().collect::<Vec<_>>());
    let crowded: Vec<_> = tiles.iter().filter(|(_, tile)| tile.len() > 1).collect();
    prop_assert_eq!(pins.clusters.len(), crowded.len());
    for (cluster, (code, tile)) in pins.clusters.iter().zip(crowded) {
        prop_assert_eq!(cluster.tile, grid::name(level, *code));
        prop_assert_eq!(cluster.count, tile.len());
        let of = tile
            .iter()
            .map(|(id, _)| (places[id].0, grid::meridian(places[id].1)));
        let (latitudes, longitudes): (Vec<f64>, Vec<f64>) = of.unzip();
        let mean = |degrees: &[f64]| degrees.iter().sum::<f64>() / degrees.len() as f64;
        prop_assert!((cluster.latitude - mean(&latitudes)).abs() < 2e-7);
        prop_assert!((cluster.longitude - mean(&longitudes)).abs() < 2e-7);
        let least = |degrees: &[f64]| degrees.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |degrees: &[f64]| degrees.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bounds = BoundingBox {
            north: most(&latitudes),
            south: least(&latitudes),
            east: most(&longitudes),
            west: least(&longitudes),
        };
        prop_assert_eq!(cluster.bounds, bounds);
    }
    Ok(())
}

/// The tiles that are wholly in a box, a little away from its edges.
fn is_whole(within: &BoundingBox, tile: Tile) -> bool {
    let side = f64::from(1u32 << tile.level);
    let longitude = |x: u32| f64::from(x) / side * 360.0 - 180.0;
    let latitude = |y: u32| {
        let north = (1.0 - 2.0 * f64::from(y) / side) * std::f64::consts::PI;
        north.sinh().atan().to_degrees()
    };
    within.west < longitude(tile.x) - 1e-6
        && longitude(tile.x + 1) + 1e-6 < within.east
        && latitude(tile.y) + 1e-6 < within.north
        && within.south < latitude(tile.y + 1) - 1e-6
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_event_is_shown_once(
        listings in events(150), search in searches(), within in boxes(), zoom in 0u8..=22, limit in 1usize..60
    ) {
        let search = Search { near: None, ..search };
        let snapshot = snapshot(listings.clone());
        check(&snapshot, listings.iter(), &search, &view(within, zoom, limit))?;
        // Nothing but a window.
        let search = Search { from: search.from, until: search.until, ..everything(None, Order::Start) };
        check(&snapshot, listings.iter(), &search, &view(within, zoom, limit))?;
    }

    #[test]
    fn changes_are_shown(
        listings in events(100), edits in edits(), search in searches(), within in boxes(), zoom in 0u8..=22
    ) {
        let mut overlaid = snapshot(listings.clone());
        let mut plain = listings.into_iter().map(|listing| (listing.id, listing)).collect();
        apply(&mut overlaid, &mut plain, &edits);
        let search = Search { near: None, ..search };
        check(&overlaid, plain.values(), &search, &view(within, zoom, 10))?;
        check(&overlaid, plain.values(), &everything(None, Order::Start), &view(within, zoom, 10))?;
    }

    #[test]
    fn a_cluster_stays_when_the_map_is_moved(
        spread in prop::collection::vec((40.0..41.5, -75.0..-73.0), 300), west in -74.8..-74.2, south in 40.1..40.4, by in -0.2..0.2
    ) {
        let listings = (1..).zip(spread).map(|(id, place)| listing(id, Some(place), &[(1, None)]));
        let snapshot = snapshot(listings.collect());
        let search = everything(None, Order::Start);
        let first = BoundingBox { north: south + 0.9, south, east: west + 1.0, west };
        let moved = BoundingBox { east: first.east + by, west: first.west + by, ..first };
        let shown = [first, moved].map(|within| snapshot.pins(&search, &view(within, 12, 40), now()));
        prop_assume!(shown.iter().all(|pins| pins.count() > 40));
        let level = grid::level(&first, 12, 40);
        let stays = |pins: &Pins| {
            let clusters = pins.clusters.iter().map(|cluster| (cluster.tile, Ok(cluster.clone())));
            let events = pins.events.iter().map(|pin| {
                let (latitude, longitude) = pin.listing.coordinates().unwrap();
                let tile = grid::name(level, at_level(grid::code(latitude, longitude), level));
                (tile, Err(pin.listing.id))
            });
            let mut all: Vec<_> = clusters.chain(events).collect();
            all.retain(|(tile, _)| is_whole(&first, *tile) && is_whole(&moved, *tile));
            all.sort_by_key(|(tile, _)| (tile.x, tile.y));
            all
        };
        prop_assert!(!stays(&shown[0]).is_empty());
        prop_assert_eq!(stays(&shown[0]), stays(&shown[1]));
    }
}

#[test]
fn a_box_crosses_the_antimeridian_and_reaches_the_poles() {
    let snapshot = snapshot(vec![
        listing(1, Some((-17.0, 179.99)), &[(1, None)]),
        listing(2, Some((-17.0, -179.98)), &[(2, None)]),
        listing(3, Some((-17.0, 180.0)), &[(3, None)]),
        listing(4, Some((-17.0, -180.0)), &[(4, None)]),
        listing(5, Some((90.0, 77.0)), &[(5, None)]),
        listing(6, Some((-90.0, -5.0)), &[(6, None)]),
        listing(7, None, &[(7, None)]),
    ]);
    let find = |north, south, west, east| -> Vec<u128> {
        let within = BoundingBox {
            north,
            south,
            east,
            west,
        };
        let pins = snapshot.pins(&everything(None, Order::Start), &view(within, 3, 50), now());
        pins.events.iter().map(|pin| pin.listing.id.as_u128()).collect()
    };
    assert_eq!(find(-16.0, -18.0, 179.0, -179.0), [1, 2, 3, 4]);
    assert_eq!(find(-16.0, -18.0, 180.0, -180.0), [3, 4]);
    assert_eq!(find(-16.0, -18.0, 179.0, 180.0), [1, 3, 4]);
    assert_eq!(find(-16.0, -18.0, -180.0, -179.0), [2, 3, 4]);
    assert_eq!(find(-16.0, -18.0, -170.0, 170.0), []);
    assert_eq!(find(90.0, 89.0, -180.0, 180.0), [5]);
    assert_eq!(find(-90.0, -90.0, -10.0, 0.0), [6]);
    assert_eq!(find(90.0, -90.0, -180.0, 180.0), [1, 2, 3, 4, 5, 6]);
    assert_eq!(find(90.0, -90.0, 10.0, 9.0), [1, 2, 3, 4, 5, 6]);
}

/// Two homes in one tile of the hidden grid are at one place, so they are one cluster however far one zooms in, and its
/// box is a point that tells nothing more.
#[test]
fn equal_places_stay_together() {
    let events: Vec<Listing> = (1..=40)
        .map(|id| listing(id, Some((41.59, -93.62)), &[(1, None)]))
        .collect();
    let snapshot = snapshot(events);
    let search = everything(None, Order::Start);
    let around = BoundingBox {
        north: 41.6,
        south: 41.5,
        east: -93.6,
        west: -93.7,
    };
    let pins = snapshot.pins(&search, &view(around, 22, 20), now());
    let [cluster] = pins.clusters.as_slice() else {
        panic!("{pins:?}")
    };
    assert_eq!(
        (cluster.count, cluster.latitude, cluster.longitude),
        (40, 41.59, -93.62)
    );
    let again = snapshot.pins(&search, &view(cluster.bounds, 22, 40), now());
    assert_eq!(again.events.len(), 40);
}

/// So many that sums cannot be mended, and are not used.
#[test]
fn most_being_outside_of_the_window_changes_nothing() {
    let place = |id: u128| {
        Some((
            40.0 + (id % 100) as f64 / 100.0,
            -75.0 + (id / 100) as f64 / 100.0,
        ))
    };
    let listings: Vec<Listing> = (0..3000)
        .map(|id| listing(id + 1, place(id), &[(i64::try_from(id).unwrap() % 200, None)]))
        .collect();
    let snapshot = snapshot(listings.clone());
    let within = BoundingBox {
        north: 90.0,
        south: -90.0,
        east: 180.0,
        west: -180.0,
    };
    for hours in [1, 50, 100, 190, 300] {
        let until = Some(now() + TimeDelta::hours(hours));
        for from in [-1, 0, 90] {
            let from = now() + TimeDelta::hours(from);
            let search = Search {
                from,
                until,
                ..everything(None, Order::Start)
            };
            check(&snapshot, listings.iter(), &search, &view(within, 9, 100)).unwrap();
        }
    }
}
