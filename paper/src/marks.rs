//! Whether a box is ticked.

use image::GrayImage;

use crate::{
    RowLayout,
    align::View,
    gray::{self, Patch, median},
    layout::{CLEAR, TICK},
};

/// Samples in a millimetre.
const FINE: f32 = 8.0;
/// How far the outline of a box may be from where the corners of the page say: paper is seldom flat.
const REACH: f32 = 2.0;
/// From the middle of a box to the end of what belongs to it alone.
const HALF: f32 = TICK / 2.0 + CLEAR;

/// What is around one box, straightened.
pub(crate) struct Spot {
    patch: Patch,
}

/// Where the outline of a box is, beside where it should be, in samples; and how sure that is, from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Offset {
    pub(crate) right: i32,
    pub(crate) down: i32,
    pub(crate) strength: f32,
}

impl Spot {
    pub(crate) fn of(image: &GrayImage, view: &View, row: &RowLayout) -> Self {
        let (x, y) = row.tick.center();
        let half = HALF + REACH;
        let patch = Patch::of((2.0 * half * FINE) as usize, |across, down| {
            // The mean of four, between which nothing of a large photo is lost.
            let sample = |dx: f32, dy: f32| {
                let place = |at: usize, part: f32| (at as f32 + part) / FINE - half;
                let (u, v) = view.at((x + place(across, dx), y + place(down, dy)));
                gray::at(image, u, v)
            };
            (sample(0.25, 0.25) + sample(0.75, 0.25) + sample(0.25, 0.75) + sample(0.75, 0.75)) / 4.0
        });
        Self { patch }
    }

    /// Where the printed outline is darkest beside the paper around it.
    pub(crate) fn offset(&self) -> Offset {
        let middle = (self.patch.side / 2) as i32;
        let value = |x: i32, y: i32| match (usize::try_from(x), usize::try_from(y)) {
            (Ok(x), Ok(y)) => self.patch.get(x, y),
            _ => 0.0,
        };
        let side = |right: i32, down: i32, away: f32| {
            let away = (away * FINE) as i32;
            let steps = (-9..=9).map(|step| step * away / 10);
            let sum: f32 = steps
                .map(|along| {
                    let (x, y) = (middle + right, middle + down);
                    value(x + along, y - away)
                        + value(x + along, y + away - 1)
                        + value(x - away, y + along)
                        + value(x + away - 1, y + along)
                })
                .sum();
            sum / (19.0 * 4.0)
        };
        let reach = (REACH * FINE) as i32;
        let mut best = Offset {
            right: 0,
            down: 0,
            strength: f32::MIN,
        };
        for down in -reach..=reach {
            for right in -reach..=reach {
                let (line, outside) = (side(right, down, TICK / 2.0), side(right, down, TICK / 2.0 + 0.9));
                let strength = 1.0 - line / outside.max(1.0);
                if strength > best.strength {
                    best = Offset {
                        right,
                        down,
                        strength,
                    };
                }
            }
        }
        best
    }

    /// How likely it is that the box is ticked, from 0 to 1, when its outline is there.
    pub(crate) fn likelihood(&self, offset: Offset) -> f32 {
        Ink::of(&self.patch, offset).likelihood()
    }
}

/// What is written in and around a box.
struct Ink {
    /// The part of the inside that has strokes on it.
    inside: f32,
    /// The part of the free space around it that has.
    outside: f32,
    /// How much darker all of the inside is than the paper on its darkest side.
    filled: f32,
    /// Whether the strokes are one straight line that comes from far outside and goes on on the other side.
    passes: bool,
}

/// Distances from the middle of a box, in samples: the inside ends before its outline, the free space begins after it.
const INSIDE: i32 = ((TICK / 2.0 - 0.75) * FINE) as i32;
const OUTSIDE: i32 = ((TICK / 2.0 + 0.8) * FINE) as i32;

impl Ink {
    fn of(patch: &Patch, offset: Offset) -> Self {
        let half = (HALF * FINE) as i32;
        let middle = (patch.side / 2) as i32;
        let shifted =
            |at: usize, by: i32| usize::try_from(at as i32 - half + middle + by).unwrap_or(usize::MAX);
        let seen = Patch::of(2 * half as usize, |x, y| {
            patch.get(shifted(x, offset.right), shifted(y, offset.down))
        });
        let paper = seen.without_strokes(FINE as usize);
        let places: Vec<(usize, usize, i32, i32)> = (0..seen.side)
            .flat_map(|y| (0..seen.side).map(move |x| (x, y, x as i32 - half, y as i32 - half)))
            .collect();
        let distance = |x: i32, y: i32| x.abs().max(y.abs());
        let around = |choose: &dyn Fn(i32, i32) -> bool| {
            let chosen = places
                .iter()
                .filter(|(_, _, x, y)| distance(*x, *y) >= OUTSIDE && choose(*x, *y));
            median(chosen.map(|&(x, y, _, _)| paper.get(x, y))).unwrap_or(255.0)
        };
        let sides = [
            around(&|x, y| -x > y.abs()),
            around(&|x, y| x > y.abs()),
            around(&|x, y| -y > x.abs()),
            around(&|x, y| y > x.abs()),
        ];
        let within = places.iter().filter(|(_, _, x, y)| distance(*x, *y) <= INSIDE);
        let inner = median(within.map(|&(x, y, _, _)| seen.get(x, y))).unwrap_or(255.0);
        let filled = 1.0 - inner / sides.into_iter().fold(255.0, f32::min).max(1.0);

        // How dark a place is beside the paper there. Noise makes all of it a little dark: that is taken off.
        let dark = Patch::of(seen.side, |x, y| 1.0 - seen.get(x, y) / paper.get(x, y).max(1.0));
        let free = || places.iter().filter(|(_, _, x, y)| distance(*x, *y) >= OUTSIDE);
        let usual = median(free().map(|&(x, y, _, _)| dark.get(x, y))).unwrap_or_default();
        let noise =
            1.5 * median(free().map(|&(x, y, _, _)| (dark.get(x, y) - usual).abs())).unwrap_or_default();
        let least = usual + (4.0 * noise).max(0.09);
        let is_dark = |x: usize, y: usize| dark.get(x, y) > least;
        // A speck alone is dust, or what JPEG makes of an edge.
        let is_ink = |x: usize, y: usize| {
            let around = (x.saturating_sub(1)..=x + 1)
                .flat_map(|x| (y.saturating_sub(1)..=y + 1).map(move |y| (x, y)));
            is_dark(x, y) && around.filter(|&(x, y)| is_dark(x, y)).count() >= 5
        };
        let inked: Vec<(i32, i32)> = places
            .iter()
            .filter(|&&(x, y, _, _)| is_ink(x, y))
            .map(|&(_, _, x, y)| (x, y))
            .collect();
        let share = |choose: &dyn Fn(i32) -> bool| {
            let all = places
                .iter()
                .filter(|(_, _, x, y)| choose(distance(*x, *y)))
                .count();
            let inked = inked.iter().filter(|(x, y)| choose(distance(*x, *y))).count();
            inked as f32 / all.max(1) as f32
        };
        Self {
            inside: share(&|distance| distance <= INSIDE),
            outside: share(&|distance| distance >= OUTSIDE),
            filled,
            passes: passes(&inked),
        }
    }

    fn likelihood(&self) -> f32 {
        /// Of the inside: less is dust, more is meant.
        const LITTLE: f32 = 0.012;
        const MUCH: f32 = 0.055;
        let written = (self.inside - LITTLE) / (MUCH - LITTLE);
        let filled = (self.filled - 0.10) / 0.15;
        let likelihood = 0.1 + 0.8 * written.max(filled);
        let beside = self.outside > 0.02;
        match likelihood {
            // A line through the box, perhaps through the row, says nothing.
            _ if self.passes => 0.5,
            // Written over, inside and out: made undone, as like as not.
            ticked if ticked >= 0.5 && self.outside > 0.35 => 0.5,
            // Nothing inside, but around it or beside it.
            empty if empty < 0.5 && beside => empty.clamp(0.3, 0.5),
            // Surer, the more there is; and the less.
            sure if sure >= 0.9 => (0.9 + (sure - 0.9) / 40.0).min(1.0),
            sure if sure <= 0.1 => (0.1 * self.inside / LITTLE).max(0.0),
            unsure => unsure,
        }
    }
}

/// Whether strokes are one straight line through the box, with both ends beyond it.
fn passes(inked: &[(i32, i32)]) -> bool {
    let apart = |&&(x, y): &&(i32, i32)| {
        let distance = x.abs().max(y.abs());
        distance <= INSIDE || distance >= OUTSIDE
    };
    let points: Vec<(f32, f32)> = inked
        .iter()
        .filter(apart)
        .map(|&(x, y)| (x as f32 / FINE, y as f32 / FINE))
        .collect();
    let count = points.len() as f32;
    if count < 8.0 {
        return false;
    }
    let (mut x, mut y) = (0.0, 0.0);
    for point in &points {
        x += point.0 / count;
        y += point.1 / count;
    }
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for point in &points {
        let (dx, dy) = (point.0 - x, point.1 - y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let angle = 0.5 * f32::atan2(2.0 * xy, xx - yy);
    let (right, down) = (angle.cos(), angle.sin());
    let beside = |point: &(f32, f32)| ((point.0 - x) * down - (point.1 - y) * right).abs();
    let straight = points.iter().filter(|point| beside(point) < 1.1).count() as f32 > 0.93 * count;
    // Beyond the box by a millimetre and more.
    let beyond = TICK / 2.0 + 1.2;
    let ends = |sign: f32| {
        points.iter().any(|point| {
            point.0.abs().max(point.1.abs()) > beyond && (point.0 * right + point.1 * down) * sign > 0.0
        })
    };
    let inside = points
        .iter()
        .any(|point| point.0.abs().max(point.1.abs()) * FINE <= INSIDE as f32);
    straight && inside && ends(1.0) && ends(-1.0)
}
