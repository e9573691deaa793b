//! Listings arranged for searching: never changed, only replaced.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rstar::RTree;
use uuid::Uuid;

use super::{
    agenda::{Agenda, Start},
    bits::Bits,
    cursor::Cursor,
    grid::Area,
    listing::Listing,
    search::{Hit, Near, Order, Query},
    sift::Briefs,
    sphere,
    tree::{Met, Tree},
    walk::{Leaf, Sign, Walk},
    words::Words,
};

/// No coordinates.
const NOWHERE: u32 = u32::MAX;

/// Looking at each of so many costs less than a walk that comes by them.
const FEW: usize = 500;

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
    pub(super) grid: Tree,
    pub(super) briefs: Briefs,
    /// Not of an index that is soon replaced: then texts are read one by one.
    words: Option<Words>,
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
        let place = |(position, spot): (u32, &u32)| Some((position, spots.get(*spot as usize)?.place));
        Self {
            grid: Tree::build((0u32..).zip(&spot_of).filter_map(place), listings.len()),
            briefs: Briefs::build(listings.iter().map(|listing| &**listing), now),
            words: None,
            members: placed.into_iter().map(|(_, position)| position).collect(),
            tree: RTree::bulk_load(leaves),
            listings,
            spots,
            spot_of,
            agenda,
        }
    }

    /// The same, with its words sorted: for one that stands for long.
    pub(super) fn sort_words(mut self) -> Self {
        let texts = self.listings.iter().map(|listing| listing.text.as_str());
        self.words = Some(Words::build(texts));
        self
    }

    /// Those that may have the words that are looked for, if there are words, and they are sorted.
    pub(super) fn with_words(&self, query: &Query<'_>) -> Option<Bits> {
        let words = self.words.as_ref().filter(|_| !query.words.is_empty());
        words.map(|words| words.find(&query.words))
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
        let with_words = self.with_words(query);
        if let Some(few) = with_words.as_ref().filter(|found| found.count() <= FEW) {
            return self.among(
                query,
                few.iter().filter(|position| !hidden.contains(position)),
                hits,
            );
        }
        if let Some(few) = self.briefs.few_of(&query.search.campaigns, FEW) {
            let few = few.into_iter().filter(|position| !hidden.contains(position));
            return self.among(query, few, hits);
        }
        let is_open = |position: &u32| {
            !hidden.contains(position) && with_words.as_ref().is_none_or(|found| found.has(*position))
        };
        match (query.search.near, query.search.order()) {
            (Some(near), Order::Distance) => self.nearest(query, &near, is_open, hits),
            (near, _) => self.soonest(query, near.as_ref(), is_open, hits),
        }
    }

    /// Shows `visit` the position of each event in `area`.
    pub(super) fn each_within(&self, area: &Area, visit: &mut dyn FnMut(u32)) {
        self.grid.walk(area, &mut |met| {
            match met {
                Met::All(_, members, _) => members.iter().for_each(|member| visit(member.position)),
                Met::One(_, member) => visit(member.position),
            }
            true
        });
    }

    /// Shows `visit` the position of each event in the circle.
    pub(super) fn each_near(&self, near: &Near, visit: &mut dyn FnMut(u32)) {
        let centre = sphere::unit(near.latitude, near.longitude);
        let reach = sphere::reach(near.radius_metres);
        for leaf in self.tree.locate_within_distance(centre, reach * reach) {
            let spot = self.spots.get(leaf.data.spot as usize);
            let is_inside = |spot: &&Spot| {
                sphere::distance((near.latitude, near.longitude), spot.place) <= near.radius_metres
            };
            let members = spot.filter(is_inside).map(|spot| spot.members.clone());
            let members = members.and_then(|members| self.members.get(members));
            members
                .unwrap_or_default()
                .iter()
                .for_each(|position| visit(*position));
        }
    }

    /// Those of `positions` that are found, in no order.
    fn among(&self, query: &Query<'_>, positions: impl Iterator<Item = u32>, hits: &mut Vec<Hit>) {
        let search = query.search;
        let centre = search
            .near
            .map(|near| (near, sphere::unit(near.latitude, near.longitude)));
        let hit = |position: u32| {
            let distance_metres = match &centre {
                Some((near, unit)) => Some(self.distance_within(near, unit, position)?),
                None => None,
            };
            let listing = self.at(position)?;
            let slot = query.slot_of(listing)?;
            let cursor = match distance_metres.filter(|_| search.order() == Order::Distance) {
                Some(metres) => Cursor::of_distance(metres, listing.id),
                None => Cursor::of_start(slot.starts_at.timestamp_micros(), listing.id),
            };
            let further = |past: Cursor| match search.backward {
                false => (cursor.key, cursor.id) > (past.key, past.id),
                true => (cursor.key, cursor.id) < (past.key, past.id),
            };
            search.past.is_none_or(further).then(|| Hit {
                timeslot: slot.clone(),
                listing: Arc::clone(listing),
                distance_metres,
                cursor,
            })
        };
        hits.extend(positions.filter_map(hit));
    }

    fn nearest(&self, query: &Query<'_>, near: &Near, is_open: impl Fn(&u32) -> bool, hits: &mut Vec<Hit>) {
        let (past, backward) = (query.search.past, query.search.backward);
        let passed = past.map(|cursor| cursor.metres());
        let reach = sphere::reach(near.radius_metres);
        let between = match passed {
            Some(metres) if backward => 0.0..=reach.min(sphere::reach(metres)),
            Some(metres) => sphere::beyond(metres)..=reach,
            None => 0.0..=reach,
        };
        let centre = sphere::unit(near.latitude, near.longitude);
        let mut found = 0;
        let mut edge: Option<f64> = None;
        let mut limit = None;
        let from = query.search.from.timestamp_micros();
        let until = micros_or_never(query.search.until);
        for (distance_2, sign) in Walk::new(&self.tree, centre, between, backward) {
            // The page is full, and nothing from here on can belong before its end.
            if limit.is_some_and(|limit| {
                if backward {
                    distance_2 < limit
                } else {
                    distance_2 > limit
                }
            }) {
                break;
            }
            if sign.last < from || sign.first >= until {
                continue;
            }
            let Some(spot) = self.spots.get(sign.spot as usize) else {
                continue;
            };
            let metres = sphere::distance((near.latitude, near.longitude), spot.place);
            let is_passed = |passed: f64| {
                if backward {
                    metres > passed
                } else {
                    metres < passed
                }
            };
            if metres > near.radius_metres || passed.is_some_and(is_passed) {
                continue;
            }
            let members = self.members.get(spot.members.clone()).unwrap_or_default();
            let members = match past.filter(|cursor| metres == cursor.metres()) {
                Some(cursor) => self.past(members, cursor.id, backward),
                None => members,
            };
            let before = hits.len();
            let hit = |position: &u32| {
                let listing = self.at(*position).filter(|_| is_open(position))?;
                Some(Hit {
                    timeslot: query.slot_of(listing)?.clone(),
                    listing: Arc::clone(listing),
                    distance_metres: Some(metres),
                    cursor: Cursor::of_distance(metres, listing.id),
                })
            };
            if backward {
                hits.extend(members.iter().rev().filter_map(hit).take(query.wanted));
            } else {
                hits.extend(members.iter().filter_map(hit).take(query.wanted));
            }
            if hits.len() > before {
                found += hits.len() - before;
                let further = if backward { f64::min } else { f64::max };
                let edge = edge.insert(edge.map_or(metres, |edge| further(edge, metres)));
                if found >= query.wanted && limit.is_none() {
                    let length = if backward {
                        sphere::beyond(*edge)
                    } else {
                        sphere::reach(*edge)
                    };
                    limit = Some(length * length);
                }
            }
        }
    }

    /// Those of `members` after an event, or before it.
    fn past<'m>(&self, members: &'m [u32], id: Uuid, backward: bool) -> &'m [u32] {
        let id_of = |position: &u32| self.at(*position).map(|listing| listing.id);
        let range = match backward {
            false => members.partition_point(|position| id_of(position) <= Some(id))..members.len(),
            true => 0..members.partition_point(|position| id_of(position) < Some(id)),
        };
        members.get(range).unwrap_or_default()
    }

    fn soonest(
        &self,
        query: &Query<'_>,
        near: Option<&Near>,
        is_open: impl Fn(&u32) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        let (search, backward) = (query.search, query.search.backward);
        let from = search.from.timestamp_micros();
        let until = micros_or_never(search.until);
        let compare = |start: &Start, cursor: Cursor| {
            let id = || self.at(start.position).map(|listing| listing.id);
            let times = start.micros.cmp(&cursor.key);
            times.then_with(|| id().cmp(&Some(cursor.id)))
        };
        let is_before = |start: &Start| match backward {
            false => start.micros < from || search.past.is_some_and(|past| compare(start, past).is_le()),
            true => start.micros < until && search.past.is_none_or(|past| compare(start, past).is_lt()),
        };
        let centre = near.map(|near| (near, sphere::unit(near.latitude, near.longitude)));
        let starts: Box<dyn Iterator<Item = Start>> = match &centre {
            Some((near, unit)) => {
                let reach = sphere::reach(near.radius_metres);
                Box::new(self.agenda.near(unit, reach, backward, is_before))
            }
            // Unless it is full, an event is found by the first timeslot that is not over.
            None if backward && !search.has_seats => {
                let from = from.max(query.now.timestamp_micros());
                Box::new(self.agenda.last_firsts(from, is_before))
            }
            None => Box::new(self.agenda.all(backward, is_before)),
        };
        let hit = |start: Start| {
            if !is_open(&start.position) {
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
        let in_window = starts.take_while(|start| from <= start.micros && start.micros < until);
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
