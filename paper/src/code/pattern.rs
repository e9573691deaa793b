//! What all codes of a size have in common.

use image::GrayImage;

use crate::{align::View, gray};

/// The squares whose color is known: of the three corners with the white beside them, of the dotted lines between them, and of
/// the small squares in between.
pub(crate) struct Pattern {
    /// How many squares a side has.
    pub(crate) squares: usize,
    known: Vec<(usize, usize, bool)>,
}

impl Pattern {
    /// That of a version, from 1 to 40.
    pub(crate) fn of(version: usize) -> Self {
        let squares = 17 + 4 * version;
        let mut known = vec![];
        for (left, top) in [(0, 0), (squares - 7, 0), (0, squares - 7)] {
            for at in 0..49 {
                let (x, y) = (at % 7, at / 7);
                let ring = usize::abs_diff(x, 3).max(usize::abs_diff(y, 3));
                known.push((left + x, top + y, ring != 2));
            }
        }
        for at in 0..8 {
            for (x, y) in [
                (at, 7),
                (7, at),
                (squares - 8, at),
                (squares - 8 + at, 7),
                (at, squares - 8),
                (7, squares - 8 + at),
            ] {
                known.push((x, y, false));
            }
        }
        for at in 8..squares - 8 {
            known.push((at, 6, at % 2 == 0));
            known.push((6, at, at % 2 == 0));
        }
        if version > 1 {
            // The last is the one that says most of the fourth corner, and where it is is simple.
            let middle = squares - 7;
            for at in 0..25 {
                let (x, y) = (at % 5, at / 5);
                let ring = usize::abs_diff(x, 2).max(usize::abs_diff(y, 2));
                let square = (middle + x - 2, middle + y - 2, ring != 1);
                // As often as a corner counts.
                known.extend([square, square]);
            }
        }
        Self { squares, known }
    }

    /// How much darker the dark ones are than the light ones, from 0 to 1: 1 is all there is between black and white here.
    pub(crate) fn score(&self, image: &GrayImage, view: &View) -> f32 {
        let (mut dark, mut white, mut least, mut most) = ((0.0, 0.0), (0.0, 0.0), f32::MAX, f32::MIN);
        let mut wrong = 0usize;
        let seen: Vec<(f32, bool)> = self
            .known
            .iter()
            .map(|&(x, y, is_dark)| (light(image, view, x, y), is_dark))
            .collect();
        for &(light, is_dark) in &seen {
            let sum = if is_dark { &mut dark } else { &mut white };
            *sum = (sum.0 + light, sum.1 + 1.0);
            (least, most) = (least.min(light), most.max(light));
        }
        let middle = f32::midpoint(dark.0 / f32::max(dark.1, 1.0), white.0 / f32::max(white.1, 1.0));
        for (light, is_dark) in seen {
            wrong += usize::from((light < middle) != is_dark);
        }
        let right = 1.0 - wrong as f32 / self.known.len() as f32;
        // Of two views with as many squares right, the one with the sharper ones.
        let contrast =
            (white.0 / f32::max(white.1, 1.0) - dark.0 / f32::max(dark.1, 1.0)) / (most - least).max(1.0);
        right + 0.05 * contrast
    }
}

/// How bright a square is, by nine points around its middle.
pub(crate) fn light(image: &GrayImage, view: &View, x: usize, y: usize) -> f32 {
    let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
    let points = [-0.22, 0.0, 0.22];
    let sum: f32 = points
        .into_iter()
        .flat_map(|dx| points.map(|dy| (dx, dy)))
        .map(|(dx, dy)| {
            let (u, v) = view.at((x + dx, y + dy));
            gray::at(image, u, v)
        })
        .sum();
    sum / 9.0
}
