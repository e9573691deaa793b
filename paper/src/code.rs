//! Finding the code of a page, and reading it.
//!
//! The library that decodes codes finds them as well, but not those of a size as ours in one photo of ten: it guesses how many
//! squares they have. Here every number of squares is tried, and how well what all codes have in common is seen decides.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::GrayImage;
use rqrr::{BitGrid, Grid};

use crate::{
    align::View,
    gray::{self, enlarged, smaller},
};

#[path = "code/corners.rs"]
mod corners;
#[path = "code/pattern.rs"]
mod pattern;

use corners::Corner;
use pattern::Pattern;

/// The code of a page, as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// What it says. Anybody can print such a code: trust it only after its signature was checked.
    pub text: String,
    /// Its corners in the image, in pixels: upper left, upper right, lower right, lower left, as they are on paper.
    pub(crate) corners: [(f32, f32); 4],
}

/// Finds the code of a page on a photo or scan, however it is turned; nothing if it cannot be read.
///
/// Memory, of a photo of 12 megapixels (12 MB): 10 MB more, and 80 MB more where no code is found, which also takes ten times as
/// long.
pub fn find(image: &GrayImage) -> Option<Code> {
    // Small copies are quick and have less noise; large ones show the squares of a code that is far away.
    let quick = [
        (1_400, 0.88),
        (2_200, 0.88),
        (2_200, 0.8),
        (1_000, 0.88),
        (3_600, 0.88),
    ];
    let found = quick.into_iter().find_map(|(longest, threshold)| {
        let (copy, scale) = match smaller(image, longest) {
            Some(made) => made,
            None if longest == 2_200 => (image.clone(), 1.0),
            None => return None,
        };
        seek(&copy, threshold).map(|code| code.enlarged(scale))
    });
    found.or_else(|| {
        // Squares of two or three pixels: between pixels there is more to see.
        let (copy, scale) = smaller(image, 2_000).unwrap_or_else(|| (image.clone(), 1.0));
        let copy = gray::larger(&copy, 2);
        let code = [0.88, 0.8, 0.95]
            .into_iter()
            .find_map(|threshold| seek(&copy, threshold));
        code.map(|code| code.enlarged(scale / 2.0))
    })
}

/// A code whose corners are darker than `threshold` times what is around them.
fn seek(image: &GrayImage, threshold: f32) -> Option<Code> {
    let found = corners::all(image, threshold);
    corners::triples(&found)
        .into_iter()
        .find_map(|triple| read(image, triple))
}

impl Code {
    fn enlarged(mut self, scale: f32) -> Self {
        self.corners = self.corners.map(|corner| enlarged(corner, scale));
        self
    }
}

/// The code with these corners: upper left, upper right, lower left.
fn read(image: &GrayImage, [corner, right, below]: [Corner; 3]) -> Option<Code> {
    // A corner is seven squares wide; how many squares are between their middles follows.
    let square = (corner.side + right.side + below.side) / 21.0;
    let apart = (distance(corner, right) + distance(corner, below)) / 2.0 / square;
    let mut tries: Vec<(f32, Pattern, View)> = vec![];
    for version in 1..=12 {
        let pattern = Pattern::of(version);
        let between = (pattern.squares - 7) as f32;
        if !(0.8..1.25).contains(&(between / apart)) {
            continue;
        }
        tries.extend(
            best_view(image, &pattern, [corner, right, below]).map(|(score, view)| (score, pattern, view)),
        );
    }
    tries.sort_by(|one, other| other.0.total_cmp(&one.0));
    tries.into_iter().take(2).find_map(|(score, pattern, view)| {
        if score < 0.6 {
            return None;
        }
        let text = decoded(&Squares::seen(image, &pattern, &view))?;
        let side = pattern.squares as f32;
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|corner| view.at(corner));
        Some(Code { text, corners })
    })
}

fn distance(one: Corner, other: Corner) -> f32 {
    (one.x - other.x).hypot(one.y - other.y)
}

/// From squares to pixels, in the way that shows best what all codes have in common; and how much of it is seen, from 0 to 1.
///
/// Three corners say all but how much nearer the fourth is than a flat view has it: that is tried.
fn best_view(
    image: &GrayImage,
    pattern: &Pattern,
    [corner, right, below]: [Corner; 3],
) -> Option<(f32, View)> {
    let end = pattern.squares as f32 - 3.5;
    let fourth = (right.x + below.x - corner.x, right.y + below.y - corner.y);
    let across = (
        (right.x - corner.x) / (end - 3.5),
        (right.y - corner.y) / (end - 3.5),
    );
    let down = (
        (below.x - corner.x) / (end - 3.5),
        (below.y - corner.y) / (end - 3.5),
    );
    let view = |dx: f32, dy: f32| {
        let there = (
            fourth.0 + dx * across.0 + dy * down.0,
            fourth.1 + dx * across.1 + dy * down.1,
        );
        View::fitted(&[
            ((3.5, 3.5), (corner.x, corner.y), 1.0),
            ((end, 3.5), (right.x, right.y), 1.0),
            ((end, end), there, 1.0),
            ((3.5, end), (below.x, below.y), 1.0),
        ])
    };
    let mut best: Option<(f32, View, f32, f32)> = None;
    let mut attempt = |dx: f32, dy: f32| {
        if let Some(view) = view(dx, dy) {
            let score = pattern.score(image, &view);
            if best.as_ref().is_none_or(|(least, ..)| score > *least) {
                best = Some((score, view, dx, dy));
            }
        }
        best.as_ref().map_or((0.0, 0.0), |&(_, _, dx, dy)| (dx, dy))
    };
    let steps = |reach: f32, step: f32| {
        let count = (reach / step) as i32;
        (-count..=count).flat_map(move |x| (-count..=count).map(move |y| (x as f32 * step, y as f32 * step)))
    };
    let mut middle = (0.0, 0.0);
    for (dx, dy) in steps(5.0, 1.0) {
        middle = attempt(dx, dy);
    }
    for (dx, dy) in steps(0.75, 0.25) {
        attempt(middle.0 + dx, middle.1 + dy);
    }
    best.map(|(score, view, ..)| (score, view))
}

/// The squares of a code, dark or not.
struct Squares {
    side: usize,
    dark: Vec<bool>,
}

impl Squares {
    fn seen(image: &GrayImage, pattern: &Pattern, view: &View) -> Self {
        let side = pattern.squares;
        let light: Vec<f32> = (0..side * side)
            .map(|at| pattern::light(image, view, at % side, at / side))
            .collect();
        // Beside the darkest and the brightest around it: a shadow may end in the middle of a code.
        let dark = (0..side * side).map(|at| {
            let (x, y) = (at % side, at / side);
            let (mut least, mut most) = (f32::MAX, f32::MIN);
            for y in y.saturating_sub(5)..(y + 6).min(side) {
                for x in x.saturating_sub(5)..(x + 6).min(side) {
                    let light = light.get(y * side + x).copied().unwrap_or_default();
                    (least, most) = (least.min(light), most.max(light));
                }
            }
            light
                .get(at)
                .is_some_and(|&light| light < f32::midpoint(least, most))
        });
        Self {
            side,
            dark: dark.collect(),
        }
    }
}

impl BitGrid for Squares {
    fn size(&self) -> usize {
        self.side
    }

    fn bit(&self, y: usize, x: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).copied().unwrap_or_default()
    }
}

fn decoded(squares: &Squares) -> Option<String> {
    let copy = Squares {
        side: squares.side,
        dark: squares.dark.clone(),
    };
    // Anybody makes the image; should one make the library that decodes stumble, then there is no code in it.
    let decode = AssertUnwindSafe(|| Grid::new(copy).decode().ok());
    let (_, text) = catch_unwind(decode).ok().flatten()?;
    Some(text)
}
