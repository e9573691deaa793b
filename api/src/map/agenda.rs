//! Timeslots by start: of everywhere, and of cubes of several sizes, so that the soonest near a place are found by
//! merging a few dozen sorted lists, however many events there are elsewhere or nearby.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

/// Edges of the cubes on the unit sphere: about 1,590, 400, 100, 25 and 6 km.
const EDGES: [f64; 5] = [1.0 / 4.0, 1.0 / 16.0, 1.0 / 64.0, 1.0 / 256.0, 1.0 / 1024.0];

/// Finer cubes than this share of the reach are too many to look up.
const FINEST: f64 = 0.4;

/// So many starts are passed over at once.
const BLOCK: usize = 64;

type Cube = [i16; 3];

/// A start of an event: microseconds since 1970, and the event's position in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Start {
    pub(super) micros: i64,
    pub(super) position: u32,
}

/// See the module.
#[derive(Default)]
pub(super) struct Agenda {
    everywhere: Vec<Start>,
    /// Of each block of `everywhere`: each of its events has a start before the one there; this is the least of those,
    /// and `i64::MIN` when one has none.
    before: Vec<i64>,
    grids: Vec<Grid>,
}

struct Grid {
    edge: f64,
    starts: Vec<Start>,
    cubes: HashMap<Cube, Range<usize>>,
}

impl Agenda {
    /// `starts` in any order; `place` is the unit vector of an event's position.
    pub(super) fn build(mut starts: Vec<Start>, place: impl Fn(u32) -> Option<[f64; 3]>) -> Self {
        starts.sort_unstable();
        starts.dedup();
        let placed: Vec<([f64; 3], Start)> = starts
            .iter()
            .filter_map(|start| Some((place(start.position)?, *start)))
            .collect();
        let grids = EDGES.iter().map(|edge| Grid::build(*edge, &placed)).collect();
        Self {
            before: before(&starts),
            everywhere: starts,
            grids,
        }
    }

    /// All starts from the first that `is_before` denies on, in order; backward, those that it does not deny, from the
    /// last.
    pub(super) fn all<'a>(&'a self, backward: bool, is_before: impl Fn(&Start) -> bool) -> Merge<'a> {
        Merge::new([self.everywhere.as_slice()].into_iter(), backward, is_before)
    }

    /// Those that `is_before` does not deny, from the last, without most of those whose event starts after `from` once
    /// more before them: from the end, all the dates of long series would come before the first of any.
    pub(super) fn last_firsts(
        &self,
        from: i64,
        is_before: impl Fn(&Start) -> bool,
    ) -> impl Iterator<Item = Start> {
        let (starts, _) = self
            .everywhere
            .split_at(self.everywhere.partition_point(is_before));
        let blocks = starts.chunks(BLOCK).zip(&self.before).rev();
        let blocks = blocks.filter(move |(_, before)| **before <= from);
        blocks.flat_map(|(block, _)| block.iter().rev().copied())
    }

    /// The same as `all` for places not farther than `reach` from `centre`, and some that are farther.
    pub(super) fn near<'a>(
        &'a self,
        centre: &[f64; 3],
        reach: f64,
        backward: bool,
        is_before: impl Fn(&Start) -> bool,
    ) -> Merge<'a> {
        let fine_enough = |grid: &&Grid| grid.edge >= reach * FINEST;
        match self.grids.iter().rev().find(fine_enough) {
            Some(grid) => Merge::new(grid.around(centre, reach), backward, is_before),
            None => self.all(backward, is_before),
        }
    }
}

fn before(starts: &[Start]) -> Vec<i64> {
    let mut last = HashMap::new();
    let mut before = |start: &Start| last.insert(start.position, start.micros).unwrap_or(i64::MIN);
    let blocks = starts.chunks(BLOCK);
    blocks
        .map(|block| block.iter().map(&mut before).min().unwrap_or(i64::MIN))
        .collect()
}

impl Grid {
    fn build(edge: f64, placed: &[([f64; 3], Start)]) -> Self {
        let mut starts: Vec<(Cube, Start)> = placed
            .iter()
            .map(|(place, start)| (place.map(|axis| cell(axis, edge)), *start))
            .collect();
        // Stable: within a cube the starts keep their order.
        starts.sort_by_key(|(cube, _)| *cube);
        let mut cubes = HashMap::new();
        let mut begin = 0;
        for run in starts.chunk_by(|a, b| a.0 == b.0) {
            if let Some((cube, _)) = run.first() {
                cubes.insert(*cube, begin..begin + run.len());
            }
            begin += run.len();
        }
        Self {
            edge,
            starts: starts.into_iter().map(|(_, start)| start).collect(),
            cubes,
        }
    }

    /// The lists of the cubes that a ball around `centre` touches.
    fn around<'a>(&'a self, centre: &[f64; 3], reach: f64) -> impl Iterator<Item = &'a [Start]> {
        let centre = *centre;
        let [xs, ys, zs] = centre.map(|axis| cell(axis - reach, self.edge)..=cell(axis + reach, self.edge));
        xs.flat_map(move |x| {
            let zs = zs.clone();
            ys.clone().flat_map(move |y| zs.clone().map(move |z| [x, y, z]))
        })
        .filter(move |cube| self.touches(cube, &centre, reach))
        .filter_map(|cube| self.starts.get(self.cubes.get(&cube)?.clone()))
    }

    /// Whether `cube` has a part of the sphere's surface and a part of the ball.
    fn touches(&self, cube: &Cube, centre: &[f64; 3], reach: f64) -> bool {
        let (mut inner, mut outer, mut apart) = (0.0, 0.0, 0.0);
        for (cell, centre) in cube.iter().zip(centre) {
            let low = f64::from(*cell) * self.edge;
            let high = low + self.edge;
            let nearest = |point: f64| point.clamp(low, high);
            inner += nearest(0.0).powi(2);
            outer += low.abs().max(high.abs()).powi(2);
            apart += (nearest(*centre) - centre).powi(2);
        }
        // Rounding moves a vector by far less than this.
        const SLACK: f64 = 1e-9;
        inner <= 1.0 + SLACK && outer >= 1.0 - SLACK && apart <= reach * reach + SLACK * SLACK
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 1,024 times a number near one"
)]
fn cell(axis: f64, edge: f64) -> i16 {
    (axis / edge).floor() as i16
}

/// Several sorted lists as one, from their beginning or from their end.
pub(super) struct Merge<'a> {
    backward: bool,
    lists: Vec<&'a [Start]>,
    /// What comes next of each list. Backward they are mirrored, so that the least is always the next.
    heads: BinaryHeap<Reverse<(Start, usize)>>,
}

impl<'a> Merge<'a> {
    fn new(
        lists: impl Iterator<Item = &'a [Start]>,
        backward: bool,
        is_before: impl Fn(&Start) -> bool,
    ) -> Self {
        let mut merge = Self {
            backward,
            lists: Vec::new(),
            heads: BinaryHeap::new(),
        };
        for list in lists {
            let (before, rest) = list.split_at(list.partition_point(&is_before));
            let mut rest = if backward { before } else { rest };
            if let Some(head) = next_of(&mut rest, backward) {
                merge.heads.push(Reverse((head, merge.lists.len())));
                merge.lists.push(rest);
            }
        }
        merge
    }
}

/// Takes the next of a list off it, mirrored when that is its last.
fn next_of(list: &mut &[Start], backward: bool) -> Option<Start> {
    let (next, rest) = if backward {
        list.split_last().map(|(last, rest)| (last.mirrored(), rest))?
    } else {
        list.split_first().map(|(first, rest)| (*first, rest))?
    };
    *list = rest;
    Some(next)
}

impl Start {
    /// Sorts the other way round; mirrored twice it is itself.
    fn mirrored(&self) -> Self {
        Self {
            micros: !self.micros,
            position: !self.position,
        }
    }
}

impl Iterator for Merge<'_> {
    type Item = Start;

    fn next(&mut self) -> Option<Start> {
        let mut top = self.heads.peek_mut()?;
        let Reverse((start, number)) = *top;
        match self
            .lists
            .get_mut(number)
            .and_then(|list| next_of(list, self.backward))
        {
            Some(head) => *top = Reverse((head, number)),
            None => {
                std::collections::binary_heap::PeekMut::pop(top);
            }
        }
        Some(if self.backward { start.mirrored() } else { start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_dates_of_long_series_are_passed_over() {
        let series = 0..1000u32;
        let starts = series.flat_map(|position| {
            let date = move |week| week * 1000 + i64::from(position);
            (0..50i64).map(move |week| Start {
                micros: date(week),
                position,
            })
        });
        let agenda = Agenda::build(starts.collect(), |_| None);
        assert_eq!(agenda.all(true, |_| true).count(), 50_000);
        for from in [0, 500, 3_700] {
            let until_then = |start: &Start| start.micros >= from;
            let looked_at: Vec<Start> = agenda
                .last_firsts(from, |_| true)
                .take_while(until_then)
                .collect();
            assert!(looked_at.len() <= 1000 + 2 * BLOCK, "{}", looked_at.len());
            let firsts = (from..from + 1000).rev();
            assert!(
                firsts.eq(looked_at
                    .iter()
                    .map(|start| start.micros)
                    .filter(|at| *at < from + 1000))
            );
        }
    }
}
