//! Listings arranged for searching: never changed, only replaced.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rstar::{AABB, ParentNode, RTree, RTreeNode, RTreeObject, primitives::GeomWithData};
use uuid::Uuid;

use super::{
    agenda::{Agenda, Start},
    cursor::Cursor,
    listing::Listing,
    search::{Hit, Near, Order, Query},
    sphere,
};

/// No coordinates.
const NOWHERE: u32 = u32::MAX;

type Leaf = GeomWithData<[f64; 3], Sign>;

/// What a leaf says of its spot without a look elsewhere in memory, which would cost more than all the rest.
#[derive(Clone, Copy)]
struct Sign {
    spot: u32,
    /// The first and the last start of a timeslot there, in microseconds since 1970.
    first: i64,
    last: i64,
}

/// See the module. Positions follow the ids, so that whatever is sorted by position is sorted by id.
#[derive(Default)]
pub(super) struct Index {
    listings: Vec<Arc<Listing>>,
    /// Each place once: many events share one, such as the centre of a postal code.
    spots: Vec<Spot>,
    /// Positions of the events of each spot.
    members: Vec<u32>,
    /// The spot of each position.
    spot_of: Vec<u32>,
    tree: RTree<Leaf>,
    agenda: Agenda,
}

struct Spot {
    place: (f64, f64),
    unit: [f64; 3],
    members: Range<usize>,
}

impl Index {
    /// `listings` sorted by id. Timeslots that are over at `now` are left out of the agenda.
    pub(super) fn build(listings: Vec<Arc<Listing>>, now: DateTime<Utc>) -> Self {
        let mut placed: Vec<((u64, u64), u32)> = (0u32..)
            .zip(&listings)
            .filter_map(|(position, listing)| {
                let (latitude, longitude) = listing.coordinates()?;
                Some(((latitude.to_bits(), longitude.to_bits()), position))
            })
            .collect();
        placed.sort_unstable();
        let mut spots = Vec::new();
        let mut spot_of = vec![NOWHERE; listings.len()];
        let mut begin = 0;
        for (number, run) in (0u32..).zip(placed.chunk_by(|a, b| a.0 == b.0)) {
            for (bits, position) in run {
                if let Some(spot) = spot_of.get_mut(*position as usize) {
                    *spot = number;
                }
                if spots.len() == number as usize {
                    let place = (f64::from_bits(bits.0), f64::from_bits(bits.1));
                    spots.push(Spot {
                        place,
                        unit: sphere::unit(place.0, place.1),
                        members: begin..begin + run.len(),
                    });
                }
            }
            begin += run.len();
        }
        let starts = (0u32..).zip(&listings).flat_map(|(position, listing)| {
            let slots = listing.timeslots.iter().filter(|slot| slot.ends_at > now);
            slots.map(move |slot| Start {
                micros: slot.starts_at.timestamp_micros(),
                position,
            })
        });
        let starts: Vec<Start> = starts.collect();
        let mut spans = vec![(i64::MAX, i64::MIN); spots.len()];
        for start in &starts {
            let spot = spot_of.get(start.position as usize);
            if let Some((first, last)) = spot.and_then(|spot| spans.get_mut(*spot as usize)) {
                *first = start.micros.min(*first);
                *last = start.micros.max(*last);
            }
        }
        let leaf = |((spot, at), (first, last)): ((u32, &Spot), (i64, i64))| {
            Leaf::new(at.unit, Sign { spot, first, last })
        };
        let leaves = (0u32..).zip(&spots).zip(spans).map(leaf).collect();
        let agenda = Agenda::build(starts, |position| {
            let spot = *spot_of.get(position as usize)?;
            Some(spots.get(spot as usize)?.unit)
        });
        Self {
            members: placed.into_iter().map(|(_, position)| position).collect(),
            tree: RTree::bulk_load(leaves),
            listings,
            spots,
            spot_of,
            agenda,
        }
    }

    /// All, by id.
    pub(super) fn listings(&self) -> &[Arc<Listing>] {
        &self.listings
    }

    pub(super) fn position(&self, id: Uuid) -> Option<u32> {
        let found = self.listings.binary_search_by_key(&id, |listing| listing.id);
        u32::try_from(found.ok()?).ok()
    }

    pub(super) fn at(&self, position: u32) -> Option<&Arc<Listing>> {
        self.listings.get(position as usize)
    }

    /// Adds at least the first `wanted` of what is found and not `hidden`, and in no particular order.
    pub(super) fn search(&self, query: &Query<'_>, hidden: &HashSet<u32>, hits: &mut Vec<Hit>) {
        match (query.search.near, query.search.order()) {
            (Some(near), Order::Distance) => self.nearest(query, &near, hidden, hits),
            (near, _) => self.soonest(query, near.as_ref(), hidden, hits),
        }
    }

    fn nearest(&self, query: &Query<'_>, near: &Near, hidden: &HashSet<u32>, hits: &mut Vec<Hit>) {
        let after = query.search.after;
        let passed = after.map_or(0.0, |cursor| sphere::beyond(cursor.metres()));
        let centre = sphere::unit(near.latitude, near.longitude);
        let mut found = 0;
        let mut farthest = 0.0_f64;
        let mut limit = f64::INFINITY;
        let from = query.search.from.timestamp_micros();
        let until = micros_or_never(query.search.until);
        for (distance_2, sign) in Outward::new(&self.tree, centre, passed, sphere::reach(near.radius_metres))
        {
            // The page is full, and nothing from here on can belong before its end.
            if distance_2 > limit {
                break;
            }
            if sign.last < from || sign.first >= until {
                continue;
            }
            let Some(spot) = self.spots.get(sign.spot as usize) else {
                continue;
            };
            let metres = sphere::distance((near.latitude, near.longitude), spot.place);
            if metres > near.radius_metres || after.is_some_and(|cursor| metres < cursor.metres()) {
                continue;
            }
            let members = self.members.get(spot.members.clone()).unwrap_or_default();
            let skipped = members.partition_point(|position| {
                let is_passed = |cursor: Cursor| self.at(*position).is_some_and(|l| l.id <= cursor.id);
                after.is_some_and(|cursor| metres == cursor.metres() && is_passed(cursor))
            });
            let fresh = members
                .iter()
                .skip(skipped)
                .filter(|&position| !hidden.contains(position));
            let before = hits.len();
            hits.extend(
                fresh
                    .filter_map(|position| self.at(*position))
                    .filter_map(|listing| {
                        Some(Hit {
                            timeslot: query.slot_of(listing)?.clone(),
                            listing: Arc::clone(listing),
                            distance_metres: Some(metres),
                            cursor: Cursor::of_distance(metres, listing.id),
                        })
                    })
                    .take(query.wanted),
            );
            if hits.len() > before {
                found += hits.len() - before;
                farthest = farthest.max(metres);
                if found >= query.wanted && limit.is_infinite() {
                    limit = sphere::reach(farthest).powi(2);
                }
            }
        }
    }

    fn soonest(&self, query: &Query<'_>, near: Option<&Near>, hidden: &HashSet<u32>, hits: &mut Vec<Hit>) {
        let search = query.search;
        let from = search.from.timestamp_micros();
        let is_before = |start: &Start| {
            start.micros < from
                || search.after.is_some_and(|cursor| {
                    let id = || self.at(start.position).map(|listing| listing.id);
                    start.micros < cursor.key || (start.micros == cursor.key && id() <= Some(cursor.id))
                })
        };
        let centre = near.map(|near| (near, sphere::unit(near.latitude, near.longitude)));
        let starts = match &centre {
            Some((near, unit)) => self
                .agenda
                .near(unit, sphere::reach(near.radius_metres), is_before),
            None => self.agenda.all(is_before),
        };
        let until = micros_or_never(search.until);
        let hit = |start: Start| {
            if hidden.contains(&start.position) {
                return None;
            }
            let distance_metres = match &centre {
                Some((near, unit)) => Some(self.distance_within(near, unit, start.position)?),
                None => None,
            };
            let listing = self.at(start.position)?;
            let slot = query.slot_of(listing)?;
            // An event is found by one timeslot, not by each.
            (slot.starts_at.timestamp_micros() == start.micros).then(|| Hit {
                timeslot: slot.clone(),
                listing: Arc::clone(listing),
                distance_metres,
                cursor: Cursor::of_start(start.micros, listing.id),
            })
        };
        let in_window = starts.take_while(|start| start.micros < until);
        hits.extend(in_window.filter_map(hit).take(query.wanted));
    }

    /// Metres from the middle of `near`, unless that is too far.
    fn distance_within(&self, near: &Near, centre: &[f64; 3], position: u32) -> Option<f64> {
        let spot = self.spots.get(*self.spot_of.get(position as usize)? as usize)?;
        if sphere::chord_2(&spot.unit, centre) > sphere::reach(near.radius_metres).powi(2) {
            return None;
        }
        let metres = sphere::distance((near.latitude, near.longitude), spot.place);
        (metres <= near.radius_metres).then_some(metres)
    }
}

fn micros_or_never(time: Option<DateTime<Utc>>) -> i64 {
    time.map_or(i64::MAX, |time| time.timestamp_micros())
}

/// The spots of a tree from a centre outward, by squared straight distance: those that are not passed yet and not
/// out of reach. What rstar's own iterator can't do is leave out what a page before has shown.
struct Outward<'a> {
    centre: [f64; 3],
    passed_2: f64,
    reach_2: f64,
    heap: BinaryHeap<Reverse<Step<'a>>>,
}

struct Step<'a> {
    distance_2: f64,
    node: &'a RTreeNode<Leaf>,
}

impl<'a> Outward<'a> {
    fn new(tree: &'a RTree<Leaf>, centre: [f64; 3], passed: f64, reach: f64) -> Self {
        let mut outward = Self {
            centre,
            passed_2: passed * passed,
            reach_2: reach * reach,
            heap: BinaryHeap::new(),
        };
        outward.open(tree.root());
        outward
    }

    fn open(&mut self, parent: &'a ParentNode<Leaf>) {
        for node in parent.children() {
            let envelope = node.envelope();
            let distance_2 = envelope.distance_2(&self.centre);
            if distance_2 <= self.reach_2 && farthest_2(&envelope, &self.centre) >= self.passed_2 {
                self.heap.push(Reverse(Step { distance_2, node }));
            }
        }
    }
}

impl Iterator for Outward<'_> {
    type Item = (f64, Sign);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Reverse(step) = self.heap.pop()?;
            match step.node {
                RTreeNode::Leaf(leaf) => return Some((step.distance_2, leaf.data)),
                RTreeNode::Parent(parent) => self.open(parent),
            }
        }
    }
}

/// Squared distance from `point` to the corner of `envelope` that is farthest from it.
fn farthest_2(envelope: &AABB<[f64; 3]>, point: &[f64; 3]) -> f64 {
    let corners = envelope.lower().into_iter().zip(envelope.upper());
    corners
        .zip(point)
        .map(|((low, high), at)| (at - low).abs().max((high - at).abs()).powi(2))
        .sum()
}

impl Ord for Step<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.distance_2.total_cmp(&other.distance_2)
    }
}

impl PartialOrd for Step<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Step<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Step<'_> {}
