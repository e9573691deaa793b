//! The spots of a tree by their distance from a centre, outward or inward.

use std::collections::BinaryHeap;
use std::ops::RangeInclusive;

use rstar::{AABB, ParentNode, RTree, RTreeNode, RTreeObject, primitives::GeomWithData};

/// A spot as a unit vector.
pub(super) type Leaf = GeomWithData<[f64; 3], Sign>;

/// What a leaf says of its spot without a look elsewhere in memory, which would cost more than all the rest.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    pub(super) spot: u32,
    /// The first and the last start of a timeslot there, in microseconds since 1970.
    pub(super) first: i64,
    pub(super) last: i64,
}

/// See the module: squared straight distances and leaves. What rstar's own iterator can't do is leave out what a page
/// before has shown, and come from afar.
pub(super) struct Walk<'a> {
    centre: [f64; 3],
    least_2: f64,
    most_2: f64,
    inward: bool,
    heap: BinaryHeap<Step<'a>>,
}

struct Step<'a> {
    /// The squared distance that nothing in `node` comes before; the greatest is next, so outward it is negative.
    key: f64,
    node: &'a RTreeNode<Leaf>,
}

impl<'a> Walk<'a> {
    /// Those whose straight distance from `centre`, a unit vector, is `between`.
    pub(super) fn new(
        tree: &'a RTree<Leaf>,
        centre: [f64; 3],
        between: RangeInclusive<f64>,
        inward: bool,
    ) -> Self {
        let mut walk = Self {
            centre,
            least_2: between.start().powi(2),
            most_2: between.end().powi(2),
            inward,
            heap: BinaryHeap::new(),
        };
        walk.open(tree.root());
        walk
    }

    fn open(&mut self, parent: &'a ParentNode<Leaf>) {
        for node in parent.children() {
            let envelope = node.envelope();
            let nearest_2 = envelope.distance_2(&self.centre);
            if nearest_2 > self.most_2 {
                continue;
            }
            let farthest_2 = farthest_2(&envelope, &self.centre);
            if farthest_2 >= self.least_2 {
                let key = if self.inward { farthest_2 } else { -nearest_2 };
                self.heap.push(Step { key, node });
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = (f64, Sign);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let step = self.heap.pop()?;
            match step.node {
                RTreeNode::Leaf(leaf) => return Some((step.key.abs(), leaf.data)),
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
        self.key.total_cmp(&other.key)
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
