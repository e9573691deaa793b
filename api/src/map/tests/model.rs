//! Against a scan of everything.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::super::{search::Query, sphere};
use super::*;

/// Few places, so that many events share one; poles, the antimeridian and both zeros among them.
pub(super) fn places() -> impl Strategy<Value = Option<(f64, f64)>> {
    prop_oneof![
        1 => Just(None),
        3 => prop::sample::select(vec![
            Some((40.7, -74.0)), Some((40.71, -74.01)), Some((90.0, 0.0)), Some((90.0, 77.0)),
            Some((-90.0, 5.0)), Some((0.0, 180.0)), Some((-0.0, -180.0)), Some((0.0, 0.0)), Some((0.0, -0.0)),
        ]),
        2 => (40.0..41.5, -75.0..-73.0).prop_map(Some),
        1 => (-90.0..=90.0, -180.0..=180.0).prop_map(Some),
        1 => (-1.0..1.0, 179.0..181.0).prop_map(|(lat, lon): (f64, f64)| {
            Some((lat, if lon > 180.0 { lon - 360.0 } else { lon }))
        }),
    ]
}

pub(super) fn events(count: usize) -> impl Strategy<Value = Vec<Listing>> {
    let slots = prop::collection::vec((-3i64..60, prop::option::of(1i32..3), 0i32..3), 1..5);
    prop::collection::vec((places(), slots), 0..count).prop_map(|events| {
        (1u128..)
            .zip(events)
            .map(|(id, (place, slots))| {
                let times: Vec<_> = slots
                    .iter()
                    .map(|(hours, capacity, _)| (*hours, *capacity))
                    .collect();
                let listing = listing(id, place, &times);
                for (slot, (.., taken)) in listing.timeslots.iter().zip(&slots) {
                    slot.seats.raise(2, *taken);
                }
                listing
            })
            .collect()
    })
}

pub(super) fn searches() -> impl Strategy<Value = Search> {
    let radius = prop_oneof![Just(0.0), 1.0..2e3, 1e3..6e5, 1e5..2.1e7];
    let near = (places(), radius).prop_map(|(place, radius)| {
        let (latitude, longitude) = place?;
        near(latitude, longitude, radius)
    });
    let order = prop::sample::select(vec![Order::Distance, Order::Start]);
    let window = (-3i64..20, prop::option::of(0i64..30));
    let flags = (
        any::<bool>(),
        any::<bool>(),
        prop::option::of(any::<bool>()),
        prop::option::of(Just("gru")),
        any::<bool>(),
        prop::sample::subsequence((0..4).map(Uuid::from_u128).collect::<Vec<_>>(), 0..3),
    );
    (near, order, window, flags, 1usize..12).prop_map(|(near, order, (from, length), flags, first)| {
        let (has_seats, accessible, virtual_, text, backward, campaigns) = flags;
        let from = now() + TimeDelta::hours(from);
        Search {
            from,
            until: length.map(|hours| from + TimeDelta::hours(hours)),
            has_seats,
            accessible: accessible && first % 4 == 0,
            virtual_: virtual_.filter(|_| first % 3 == 0),
            text: text.filter(|_| first % 5 == 0).map(str::to_owned),
            campaigns: if first % 2 == 0 { campaigns } else { vec![] },
            backward,
            size: first,
            ..everything(near, order)
        }
    })
}

/// All that `search` should find, in order: id and timeslot.
pub(super) fn scan<'a>(listings: impl Iterator<Item = &'a Listing>, search: &Search) -> Vec<(Uuid, Uuid)> {
    let query = Query::new(search, now());
    let mut found: Vec<(f64, Uuid, Uuid)> = listings
        .filter_map(|listing| {
            let slot = listing.timeslots.iter().find(|slot| {
                slot.starts_at >= search.from
                    && search.until.is_none_or(|until| slot.starts_at < until)
                    && slot.ends_at > now()
                    && !(search.has_seats && slot.is_full())
            })?;
            assert!(query.slot_of(listing).is_none_or(|same| same.id == slot.id));
            let wanted = search.virtual_.is_none_or(|wanted| wanted == listing.is_virtual)
                && (!search.accessible || listing.accessibility_status.is_some())
                && search.text.as_ref().is_none_or(|_| listing.id.as_u128() % 5 == 0)
                && (search.campaigns.is_empty()
                    || (search.campaigns.iter())
                        .any(|id| id.as_u128() == listing.id.as_u128() % 7 && id.as_u128() < 3));
            let start = slot.starts_at.timestamp_micros() as f64;
            let key = match search.near {
                None => start,
                Some(near) => {
                    let place = listing.coordinates()?;
                    let metres = sphere::distance((near.latitude, near.longitude), place);
                    if metres > near.radius_metres {
                        return None;
                    }
                    if search.order == Order::Distance {
                        metres
                    } else {
                        start
                    }
                }
            };
            wanted.then_some((key, listing.id, slot.id))
        })
        .collect();
    found.sort_by(|a, b| {
        a.0.partial_cmp(&b.0)
            .unwrap_or(Ordering::Equal)
            .then(a.1.cmp(&b.1))
    });
    found.into_iter().map(|(_, id, slot)| (id, slot)).collect()
}

/// Every page, one after the other, in the direction of `search`; in the order of the whole.
fn walk(snapshot: &Snapshot, search: &Search) -> Vec<(Uuid, Uuid)> {
    let mut search = search.clone();
    let mut walked = Vec::new();
    loop {
        let page = snapshot.search(&search, now());
        let mut shown: Vec<_> = page
            .hits
            .iter()
            .map(|hit| (hit.listing.id, hit.timeslot.id))
            .collect();
        let (on, came, end) = match search.backward {
            false => (page.has_next, page.has_previous, page.hits.last()),
            true => (page.has_previous, page.has_next, page.hits.first()),
        };
        assert!(!on || shown.len() == search.size);
        assert_eq!(came, search.past.is_some());
        if search.backward {
            shown.append(&mut walked);
            walked = shown;
        } else {
            walked.append(&mut shown);
        }
        match end.filter(|_| on) {
            Some(end) => {
                let text = end.cursor.to_string();
                search.past = Some(Cursor::parse(&text, search.order(), "after").unwrap());
            }
            None => return walked,
        }
    }
}

pub(super) type Edits = Vec<(prop::sample::Index, Option<(Option<(f64, f64)>, i64)>)>;

pub(super) fn edits() -> impl Strategy<Value = Edits> {
    let edit = (
        any::<prop::sample::Index>(),
        prop::option::of((places(), 0i64..50)),
    );
    prop::collection::vec(edit, 1..12)
}

/// Applies `edits` to a snapshot and to a plain list, and returns what was touched.
pub(super) fn apply(
    snapshot: &mut Snapshot,
    plain: &mut BTreeMap<Uuid, Listing>,
    edits: &Edits,
) -> HashSet<Uuid> {
    let mut touched = HashSet::new();
    for (which, edit) in edits {
        let id = which.index(plain.len() + 3) as u128 + 1;
        let new = edit.map(|(place, hours)| listing(id, place, &[(hours, None), (hours + 5, Some(1))]));
        let id = Uuid::from_u128(id);
        touched.insert(id);
        *snapshot = snapshot.with(&Changes::from([(id, new.clone().map(Arc::new))]), now());
        match new {
            Some(new) => plain.insert(id, new),
            None => plain.remove(&id),
        };
    }
    touched
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn finds_what_a_scan_finds(listings in events(120), searches in prop::collection::vec(searches(), 8)) {
        let snapshot = snapshot(listings.clone());
        for search in searches {
            prop_assert_eq!(walk(&snapshot, &search), scan(listings.iter(), &search), "{:?}", search);
        }
    }

    #[test]
    fn an_overlay_equals_a_rebuild(
        listings in events(60), edits in edits(), searches in prop::collection::vec(searches(), 4)
    ) {
        let mut overlaid = snapshot(listings.clone());
        let mut plain = listings.into_iter().map(|listing| (listing.id, listing)).collect();
        apply(&mut overlaid, &mut plain, &edits);
        prop_assert_eq!(overlaid.len(), plain.len());
        prop_assert_eq!(overlaid.iter().count(), plain.len());
        for search in searches {
            prop_assert_eq!(walk(&overlaid, &search), scan(plain.values(), &search), "{:?}", search);
        }
        for (id, listing) in &plain {
            prop_assert_eq!(overlaid.get(*id).map(|found| &**found), Some(listing));
        }
    }

    #[test]
    fn walking_while_events_change_repeats_and_loses_nothing_that_stood(
        listings in events(80), rounds in prop::collection::vec(edits(), 1..8), search in searches()
    ) {
        let mut snapshot = snapshot(listings.clone());
        let mut plain: BTreeMap<_, _> =
            listings.into_iter().map(|listing| (listing.id, listing)).collect();
        let mut expected = scan(plain.values(), &search);
        let mut search = Search { size: 3, ..search };
        let mut walked = Vec::new();
        let mut rounds = rounds.iter();
        let mut touched = HashSet::new();
        loop {
            let mut hits = snapshot.search(&search, now()).hits;
            if search.backward {
                hits.reverse();
            }
            walked.extend(hits.iter().map(|hit| (hit.listing.id, hit.timeslot.id)));
            let Some(end) = hits.last() else { break };
            search.past = Some(end.cursor);
            if let Some(edits) = rounds.next() {
                touched.extend(apply(&mut snapshot, &mut plain, edits));
            }
        }
        if search.backward {
            walked.reverse();
        }
        expected.retain(|(id, _)| !touched.contains(id));
        walked.retain(|(id, _)| !touched.contains(id));
        prop_assert_eq!(walked, expected);
    }
}

#[test]
fn many_events_at_one_point_are_walked_in_order_of_their_ids() {
    let mut listings: Vec<Listing> = (1..=3000)
        .map(|id| listing(id, Some((41.6, -93.6)), &[(1, None)]))
        .collect();
    listings.push(listing(3001, Some((41.6, -93.600_000_001)), &[(1, None)]));
    let ways = [Order::Distance, Order::Start].map(|order| [(order, false), (order, true)]);
    for (order, backward) in ways.concat() {
        let search = Search {
            backward,
            size: 100,
            ..everything(near(41.6, -93.6, 5e4), order)
        };
        let walked = walk(&snapshot(listings.clone()), &search);
        assert_eq!(walked, scan(listings.iter(), &search));
        assert_eq!(walked.len(), 3001);
    }
}

#[test]
fn series_are_walked_from_the_end_by_their_first_dates() {
    let dates = |id: i64| -> Vec<_> { (0..20).map(|week| (id % 97 - 5 + 168 * week, None)).collect() };
    let listings: Vec<Listing> = (1..=300)
        .map(|id| listing(id as u128, None, &dates(id)))
        .collect();
    for (from, until) in [
        (0, None),
        (-20, None),
        (400, Some(450)),
        (400, None),
        (-20, Some(30)),
    ] {
        let search = Search {
            from: now() + TimeDelta::hours(from),
            until: until.map(|hours| now() + TimeDelta::hours(hours)),
            backward: true,
            size: 7,
            ..everything(None, Order::Start)
        };
        let walked = walk(&snapshot(listings.clone()), &search);
        assert_eq!(walked, scan(listings.iter(), &search), "{from} {until:?}");
        assert!(!walked.is_empty());
    }
}

#[test]
fn a_grown_overlay_becomes_the_base() {
    let mut grown = snapshot(Vec::new());
    for chunk in (1..=2500u128).collect::<Vec<_>>().chunks(100) {
        let change = |id: &u128| {
            (
                Uuid::from_u128(*id),
                Some(Arc::new(listing(*id, Some((1.0, 2.0)), &[(1, None)]))),
            )
        };
        grown = grown.with(&chunk.iter().map(change).collect(), now());
    }
    assert_eq!(grown.len(), 2500);
    let search = Search {
        size: 3000,
        ..everything(near(1.0, 2.0, 1.0), Order::Distance)
    };
    assert_eq!(ids(&grown.search(&search, now())), (1..=2500).collect::<Vec<_>>());
    let gone: Changes = (1..=2400).map(|id| (Uuid::from_u128(id), None)).collect();
    assert_eq!(ids(&grown.with(&gone, now()).search(&search, now())).len(), 100);
}
