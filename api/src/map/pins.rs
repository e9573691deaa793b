//! What a map shows of a part of the world: its events, or where there are too many, how many there are where.

use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

use uuid::Uuid;

use super::{
    grid::{self, Area, BoundingBox, Tile},
    listing::{Listing, Slot},
    search::Query,
    sift::Sift,
    tree::{Met, Sum},
};

/// What to show.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Which part of the world.
    pub within: BoundingBox,
    /// How large it is drawn: at 0 the world is 256 pixels wide, and twice as wide with each more.
    pub zoom: u8,
    /// At most so many events and clusters.
    pub limit: usize,
}

/// Each event that was found, once: as itself, or in a cluster.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// All, if they are at most as many as the view may show; otherwise those alone in their tile. Soonest first; ties go
    /// by id.
    pub events: Vec<Pin>,
    /// Two or more each, of one tile each, in the order of the tiles.
    pub clusters: Vec<Cluster>,
}

/// An event on the map.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The event.
    pub listing: Arc<Listing>,
    /// The timeslot it was found by.
    pub timeslot: Slot,
}

/// Several events in one tile of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The tile, the same wherever the map is moved.
    pub tile: Tile,
    /// How many.
    pub count: usize,
    /// Mean of their latitudes.
    pub latitude: f64,
    /// Mean of their longitudes.
    pub longitude: f64,
    /// The smallest box with all of them.
    pub bounds: BoundingBox,
}

impl Pins {
    /// How many events there are.
    pub fn count(&self) -> usize {
        let clustered: usize = self.clusters.iter().map(|cluster| cluster.count).sum();
        self.events.len() + clustered
    }
}

/// The events of one tile.
struct Group<'a> {
    code: u64,
    sum: Sum,
    /// One of them.
    listing: &'a Arc<Listing>,
}

/// What `query` finds in `view`, whatever page it asks for. `sifts` are the parts of the map.
pub(super) fn find(query: &Query<'_>, view: &View, sifts: &[Sift<'_>]) -> Pins {
    let area = Area::of(&view.within);
    let level = grid::level(&view.within, view.zoom, view.limit);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for sift in sifts {
        gather(sift, &area, level, &mut groups);
    }
    groups.sort_by_key(|group| group.code);
    groups.dedup_by(|next, kept| {
        let is_same = kept.code == next.code;
        if is_same {
            kept.sum.add(&next.sum);
        }
        is_same
    });
    let count: usize = groups.iter().map(|group| group.sum.count).sum();
    let pin = |listing: &Arc<Listing>| {
        Some(Pin {
            timeslot: query.slot_of(listing)?.clone(),
            listing: Arc::clone(listing),
        })
    };
    let mut pins = Pins::default();
    if count <= view.limit {
        for sift in sifts {
            sift.index.each_within(&area, &mut |position| {
                let listing = sift.index.at(position).filter(|_| sift.finds(position));
                pins.events.extend(listing.and_then(pin));
            });
        }
    } else {
        let alone = groups.iter().filter(|group| group.sum.count == 1);
        pins.events = alone.filter_map(|group| pin(group.listing)).collect();
        let crowded = groups.iter().filter(|group| group.sum.count > 1);
        pins.clusters = crowded.map(|group| group.cluster(level)).collect();
    }
    pins.events
        .sort_unstable_by_key(|pin| (pin.timeslot.starts_at, pin.listing.id));
    pins
}

/// The soonest of what `query` finds in `within`, at most so many, and whether that is all.
pub(super) fn soonest(
    query: &Query<'_>,
    within: &BoundingBox,
    most: usize,
    sifts: &[Sift<'_>],
) -> (Vec<Pin>, bool) {
    let area = Area::of(within);
    // Start, id, and where it stands; the last of those that are kept is next to go.
    let mut kept: BinaryHeap<(i64, Uuid, usize, u32)> = BinaryHeap::new();
    let mut is_all = true;
    for (number, sift) in sifts.iter().enumerate() {
        sift.index.each_within(&area, &mut |position| {
            let Some(start) = sift.start(position) else { return };
            let is_full = kept.len() >= most;
            is_all &= !is_full;
            if is_full && kept.peek().is_none_or(|(last, ..)| *last < start) {
                return;
            }
            let listing = sift.index.at(position);
            kept.extend(listing.map(|listing| (start, listing.id, number, position)));
            if kept.len() > most {
                kept.pop();
            }
        });
    }
    let pin = |(_, _, number, position): (i64, Uuid, usize, u32)| {
        let listing = sifts.get(number)?.index.at(position)?;
        Some(Pin {
            timeslot: query.slot_of(listing)?.clone(),
            listing: Arc::clone(listing),
        })
    };
    (
        kept.into_sorted_vec().into_iter().filter_map(pin).collect(),
        is_all,
    )
}

/// Adds what is found in `area`, by tile of `level`, in the order of the tiles.
fn gather<'a>(sift: &Sift<'a>, area: &Area, level: u8, groups: &mut Vec<Group<'a>>) {
    let exceptions = sift.exceptions();
    let first = groups.len();
    let mut add =
        |code: u64, sum: &Sum, position: u32| match groups.get_mut(first..).and_then(<[_]>::last_mut) {
            Some(group) if group.code == code => group.sum.add(sum),
            _ => groups.extend(sift.index.at(position).map(|listing| Group {
                code,
                sum: *sum,
                listing,
            })),
        };
    let is_whole = |ranks: &Range<usize>| exceptions.as_ref().is_some_and(|out| !has_between(out, ranks));
    let is_found = |rank: usize, position: u32| match &exceptions {
        Some(out) => !has_between(out, &(rank..rank + 1)),
        None => sift.finds(position),
    };
    sift.index.grid.walk(area, &mut |met| match met {
        Met::All(ranks, members, sum) => {
            let (Some(one), Some(last)) = (members.first(), members.last()) else {
                return true;
            };
            let tile = grid::at_level(one.code, level);
            let is_taken = tile == grid::at_level(last.code, level) && is_whole(&ranks);
            if is_taken {
                add(tile, sum, one.position);
            }
            is_taken
        }
        Met::One(rank, one) => {
            if is_found(rank, one.position) {
                add(grid::at_level(one.code, level), &Sum::of(one.place), one.position);
            }
            true
        }
    });
}

/// Whether one of `sorted` is in `range`.
fn has_between(sorted: &[u32], range: &Range<usize>) -> bool {
    let first = sorted.partition_point(|rank| (*rank as usize) < range.start);
    sorted.get(first).is_some_and(|rank| (*rank as usize) < range.end)
}

impl Group<'_> {
    fn cluster(&self, level: u8) -> Cluster {
        let (latitude, longitude) = self.sum.centre();
        Cluster {
            tile: grid::name(level, self.code),
            count: self.sum.count,
            latitude,
            longitude,
            bounds: self.sum.bounds,
        }
    }
}
