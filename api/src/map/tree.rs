//! Places in the order of the grid's tiles, and over them a tree of sums: how many events a part of the world has is known
//! without looking at each.

use std::ops::Range;

use super::grid::{self, Area, BoundingBox, DEEPEST, Overlap};

/// A part of so few events is not divided further.
const LEAF: usize = 16;

/// Degrees are summed as whole numbers of this share, about a centimetre, so that a sum does not depend on its order.
const SHARE: f64 = 1e7;

/// See the module.
#[derive(Default)]
pub(super) struct Tree {
    members: Vec<Member>,
    /// The root first, and each node before those below it.
    nodes: Vec<Node>,
    /// Where each position stands among the members.
    ranks: Vec<u32>,
}

/// An event and its place.
pub(super) struct Member {
    pub(super) code: u64,
    pub(super) position: u32,
    /// Latitude, and longitude from -180 to below 180.
    pub(super) place: (f64, f64),
}

struct Node {
    sum: Sum,
    members: Range<usize>,
    below: Range<usize>,
}

/// What is known of several events together.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    pub(super) count: usize,
    latitude: i64,
    longitude: i64,
    /// The smallest box with all of them.
    pub(super) bounds: BoundingBox,
}

/// What a walk meets.
pub(super) enum Met<'a> {
    /// All of these are in the area; their ranks. Whoever does not want them as one meets them one by one.
    All(Range<usize>, &'a [Member], &'a Sum),
    /// This is in the area.
    One(usize, &'a Member),
}

impl Tree {
    /// Of the positions and places of `count` events, some of which have none.
    pub(super) fn build(placed: impl Iterator<Item = (u32, (f64, f64))>, count: usize) -> Self {
        let member = |(position, (latitude, longitude)): (u32, (f64, f64))| Member {
            code: grid::code(latitude, longitude),
            position,
            place: (latitude, grid::meridian(longitude)),
        };
        let mut members: Vec<Member> = placed.map(member).collect();
        members.shrink_to_fit();
        members.sort_unstable_by_key(|member| (member.code, member.position));
        let mut ranks = vec![u32::MAX; count];
        for (rank, member) in (0u32..).zip(&members) {
            if let Some(place) = ranks.get_mut(member.position as usize) {
                *place = rank;
            }
        }
        let mut nodes = Vec::new();
        let mut levels = vec![0];
        nodes.extend(Node::of(&members, 0..members.len()));
        let mut number = 0;
        while let (Some(node), Some(level)) = (nodes.get(number), levels.get(number)) {
            let (range, level): (Range<usize>, u8) = (node.members.clone(), level + 1);
            let parts = parts(&members, &range, level);
            let begin = nodes.len();
            nodes.extend(parts.into_iter().filter_map(|part| Node::of(&members, part)));
            levels.resize(nodes.len(), level);
            let end = nodes.len();
            if let Some(node) = nodes.get_mut(number) {
                node.below = begin..end;
            }
            number += 1;
        }
        Self {
            members,
            nodes,
            ranks,
        }
    }

    /// Where an event stands in the order of the tree, if it has a place.
    pub(super) fn rank(&self, position: u32) -> Option<u32> {
        let rank = self.ranks.get(position as usize);
        rank.copied().filter(|rank| *rank != u32::MAX)
    }

    /// Shows `meet` all that is in `area`, in the order of the tiles; it tells whether it took several as one.
    pub(super) fn walk<'a>(&'a self, area: &Area, meet: &mut dyn FnMut(Met<'a>) -> bool) {
        if let Some(root) = self.nodes.first() {
            self.visit(root, area, meet);
        }
    }

    fn visit<'a>(&'a self, node: &'a Node, area: &Area, meet: &mut dyn FnMut(Met<'a>) -> bool) {
        let members = self.members.get(node.members.clone()).unwrap_or_default();
        match area.overlap(&node.sum.bounds) {
            Overlap::None => return,
            Overlap::Whole if meet(Met::All(node.members.clone(), members, &node.sum)) => return,
            Overlap::Whole | Overlap::Part => {}
        }
        if node.below.is_empty() {
            for (rank, member) in (node.members.start..).zip(members) {
                if area.holds(member.place) {
                    meet(Met::One(rank, member));
                }
            }
        }
        for node in self.nodes.get(node.below.clone()).unwrap_or_default() {
            self.visit(node, area, meet);
        }
    }
}

/// The parts of some members by their tiles of `level`; none when they are few, or all in one place.
fn parts(members: &[Member], range: &Range<usize>, level: u8) -> Vec<Range<usize>> {
    let within = members.get(range.clone()).unwrap_or_default();
    let code = |member: Option<&Member>| member.map(|member| member.code);
    if within.len() <= LEAF || level > DEEPEST || code(within.first()) == code(within.last()) {
        return vec![];
    }
    let mut begin = range.start;
    let tile = |member: &Member| grid::at_level(member.code, level);
    let runs = within.chunk_by(|a, b| tile(a) == tile(b));
    runs.map(|run| {
        let part = begin..begin + run.len();
        begin = part.end;
        part
    })
    .collect()
}

impl Node {
    fn of(members: &[Member], range: Range<usize>) -> Option<Self> {
        let mut places = members
            .get(range.clone())?
            .iter()
            .map(|member| Sum::of(member.place));
        let mut sum = places.next()?;
        places.for_each(|place| sum.add(&place));
        Some(Self {
            sum,
            members: range,
            below: 0..0,
        })
    }
}

impl Sum {
    /// Of one event.
    #[expect(clippy::cast_possible_truncation, reason = "degrees")]
    pub(super) fn of(place: (f64, f64)) -> Self {
        let whole = |degrees: f64| (degrees * SHARE).round() as i64;
        Self {
            count: 1,
            latitude: whole(place.0),
            longitude: whole(place.1),
            bounds: BoundingBox::of(place),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.latitude += other.latitude;
        self.longitude += other.longitude;
        self.bounds.extend(&other.bounds);
    }

    /// The mean of the places: latitude and longitude.
    pub(super) fn centre(&self) -> (f64, f64) {
        let mean = |sum: i64| sum as f64 / self.count as f64 / SHARE;
        let bounds = &self.bounds;
        (
            mean(self.latitude).clamp(bounds.south, bounds.north),
            mean(self.longitude).clamp(bounds.west, bounds.east),
        )
    }
}
