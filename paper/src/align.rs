//! From places on paper to places in a photo.

use image::GrayImage;

use crate::{Area, Layout, code::Code, gray, layout::MARK};

/// Takes points in millimetres on paper to pixels of an image: how a flat page looks from anywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View([f64; 8]);

/// A place on paper, where it is in the image, and how much that counts.
pub(crate) type Known = ((f32, f32), (f32, f32), f64);

impl View {
    /// The view that fits best what is known, at least four points of which no three are in line.
    pub(crate) fn fitted(known: &[Known]) -> Option<Self> {
        if known.len() < 4 {
            return None;
        }
        // Two equations for each point, summed to the normal ones. In decimetres and thousands of pixels all
        // coefficients are of a size, which keeps them exact enough.
        let mut sums = [[0.0f64; 9]; 8];
        for &((x, y), (u, v), weight) in known {
            let [x, y] = [x, y].map(|mm| f64::from(mm) / 100.0);
            let [u, v] = [u, v].map(|pixel| f64::from(pixel) / 1_000.0);
            let equations = [
                [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u],
                [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v],
            ];
            for equation in equations {
                for (row, one) in sums.iter_mut().zip(equation) {
                    for (sum, other) in row.iter_mut().zip(equation) {
                        *sum += weight * one * other;
                    }
                }
            }
        }
        // A little against strong perspective, which a code alone says next to nothing of.
        for coefficient in [6, 7] {
            if let Some(sum) = sums.get_mut(coefficient).and_then(|row| row.get_mut(coefficient)) {
                *sum += 2e-5;
            }
        }
        solved(sums).map(Self)
    }

    /// Where a point is.
    pub(crate) fn at(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h] = self.0;
        let (x, y) = (f64::from(x) / 100.0, f64::from(y) / 100.0);
        let far = g * x + h * y + 1.0;
        let far = if far.abs() < 1e-6 { 1e-6 } else { far };
        (
            ((a * x + b * y + c) / far * 1_000.0) as f32,
            ((d * x + e * y + f) / far * 1_000.0) as f32,
        )
    }

    /// How a millimetre to the right and one downwards look near a point, in pixels.
    pub(crate) fn near(&self, (x, y): (f32, f32)) -> [(f32, f32); 2] {
        let here = self.at((x, y));
        [(x + 1.0, y), (x, y + 1.0)]
            .map(|point| self.at(point))
            .map(|there| (there.0 - here.0, there.1 - here.1))
    }

    /// Square pixels in a square millimetre.
    fn density(&self, point: (f32, f32)) -> f32 {
        let [right, down] = self.near(point);
        (right.0 * down.1 - right.1 * down.0).abs()
    }
}

/// Eight equations, by elimination; nothing if they say too little.
fn solved(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|&a, &b| {
            let size = |row: usize| {
                rows.get(row)
                    .and_then(|row| row.get(column))
                    .map_or(0.0, |v| v.abs())
            };
            size(a).total_cmp(&size(b))
        })?;
        rows.swap(column, pivot);
        let row = *rows.get(column)?;
        let divisor = *row.get(column)?;
        if divisor.abs() < 1e-12 {
            return None;
        }
        let row = row.map(|value| value / divisor);
        for (other, values) in rows.iter_mut().enumerate() {
            let factor = match other == column {
                true => continue,
                false => values.get(column).copied()?,
            };
            for (value, one) in values.iter_mut().zip(row) {
                *value -= factor * one;
            }
        }
        *rows.get_mut(column)? = row;
    }
    let mut solution = [0.0; 8];
    for (value, row) in solution.iter_mut().zip(rows) {
        *value = row[8];
    }
    solution
        .iter()
        .all(|value: &f64| value.is_finite())
        .then_some(solution)
}

/// How a page lies in an image, by its code and corner marks; nothing if two of these are not where they must be.
pub(crate) fn align(image: &GrayImage, code: &Code, layout: &Layout) -> Option<View> {
    let area = layout.code;
    let (right, bottom) = (area.x + area.width, area.y + area.height);
    let corners = [
        (area.x, area.y),
        (right, area.y),
        (right, bottom),
        (area.x, bottom),
    ];
    let known: Vec<Known> = corners
        .into_iter()
        .zip(code.corners)
        .map(|(place, seen)| (place, seen, 0.05))
        .collect();
    let mut search = Search {
        image,
        layout,
        best: None,
    };
    search.on(known, &SEQUENCE);
    let (view, _) = search.best?;
    // In millimetres. The corners of a code are known to a pixel or two; a wrong mark moves them by a lot more.
    let mut off = corners.into_iter().zip(code.corners).map(|(place, seen)| {
        let there = view.at(place);
        (there.0 - seen.0).hypot(there.1 - seen.1) / view.density(place).sqrt()
    });
    off.all(|off| off < 2.0).then_some(view)
}

/// The marks from the nearest to the code to the farthest, and how many millimetres each may be from where those before it
/// say: each makes it surer where the next one is.
const SEQUENCE: [(usize, f32); 4] = [(1, 8.0), (0, 22.0), (2, 45.0), (3, 30.0)];

/// The view in which most boxes are where they must be, among all that the spots which may be marks allow.
struct Search<'a> {
    image: &'a GrayImage,
    layout: &'a Layout,
    best: Option<(View, f32)>,
}

impl Search<'_> {
    /// Enough boxes, and well seen: nothing better is to be found.
    const CLEAR: f32 = 0.3;

    fn on(&mut self, known: Vec<Known>, left: &[(usize, f32)]) {
        if self.best.is_some_and(|(_, score)| score > Self::CLEAR) {
            return;
        }
        let Some(view) = View::fitted(&known) else {
            return;
        };
        let Some((&(mark, reach), left)) = left.split_first() else {
            let score = self.score(&view);
            if self.best.is_none_or(|(_, best)| score > best) {
                self.best = Some((view, score));
            }
            return;
        };
        let Some(mark) = self.layout.marks.get(mark).map(Area::center) else {
            return;
        };
        for seen in seek(self.image, &view, mark, reach) {
            let mut known = known.clone();
            known.push((mark, seen, 1.0));
            self.on(known, left);
        }
        // Without it: one mark may be missing, not two. What a code says of the page's far end is worth little.
        if known.len() + left.len() >= 4 + SEQUENCE.len() - 1 {
            self.on(known, left);
        }
    }

    /// How much darker the outlines of the boxes are than what is around them, in the mean.
    fn score(&self, view: &View) -> f32 {
        let light = |x: f32, y: f32| {
            let (u, v) = view.at((x, y));
            gray::at(self.image, u, v)
        };
        let around = |x: f32, y: f32, half: f32| -> f32 {
            let steps = (-8..=8).map(|step| step as f32 / 9.0 * half);
            let side = |along| {
                light(x + along, y - half)
                    + light(x + along, y + half)
                    + light(x - half, y + along)
                    + light(x + half, y + along)
            };
            steps.map(side).sum()
        };
        let dark = self.layout.rows.iter().map(|row| {
            let ((x, y), half) = (row.tick.center(), row.tick.width / 2.0);
            1.0 - around(x, y, half) / around(x, y, half + 0.9).max(1.0)
        });
        dark.sum::<f32>() / self.layout.rows.len().max(1) as f32
    }
}

/// What may be a mark within `reach` millimetres of where it should be, the nearest first: dark squares of its size.
fn seek(image: &GrayImage, view: &View, mark: (f32, f32), reach: f32) -> Vec<(f32, f32)> {
    /// Samples in a millimetre.
    const FINE: f32 = 3.0;
    let half = reach + MARK;
    let side = (2.0 * half * FINE) as usize;
    // Looked at as if the view were right, so that a mark is a square of a known size.
    let place = |x: f32, y: f32| (mark.0 + x / FINE - half, mark.1 + y / FINE - half);
    let (width, height) = (image.width() as f32, image.height() as f32);
    let patch = gray::Patch::of(side, |x, y| {
        let (u, v) = view.at(place(x as f32, y as f32));
        // Beyond the photo there are no marks.
        match u >= 0.0 && v >= 0.0 && u < width && v < height {
            true => gray::at(image, u, v),
            false => 255.0,
        }
    });
    let mut found: Vec<(f32, (f32, f32))> = blobs(&patch, (MARK * 2.5 * FINE) as usize)
        .iter()
        .filter_map(|blob| {
            let center = blob.square(MARK * FINE)?;
            let (x, y) = place(center.0, center.1);
            let away = (x - mark.0).hypot(y - mark.1);
            (away <= reach).then(|| (away, view.at((x, y))))
        })
        .collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    found.into_iter().take(4).map(|(_, seen)| seen).collect()
}

/// Sums over the samples of one dark spot.
#[derive(Default)]
struct Blob {
    count: f64,
    sum: [f64; 2],
    squares: [f64; 3],
}

impl Blob {
    fn add(&mut self, x: usize, y: usize) {
        let (x, y) = (x as f64, y as f64);
        self.count += 1.0;
        self.sum = [self.sum[0] + x, self.sum[1] + y];
        self.squares = [
            self.squares[0] + x * x,
            self.squares[1] + x * y,
            self.squares[2] + y * y,
        ];
    }

    /// Its middle, if it is a filled square of about this side, turned and slanted a little.
    fn square(&self, side: f32) -> Option<(f32, f32)> {
        let (x, y) = (self.sum[0] / self.count, self.sum[1] / self.count);
        let xx = self.squares[0] / self.count - x * x;
        let xy = self.squares[1] / self.count - x * y;
        let yy = self.squares[2] / self.count - y * y;
        let side = f64::from(side);
        let size = self.count / (side * side);
        // The same for every parallelogram that is filled: 1. Less is hollow or ragged.
        let solid = self.count / (12.0 * (xx * yy - xy * xy).max(1e-9).sqrt());
        let spread = side * side / 12.0;
        let is_square = (0.45..2.0).contains(&size)
            && (0.88..1.12).contains(&solid)
            && [xx, yy].iter().all(|one| (0.4..2.2).contains(&(one / spread)))
            && (0.45..2.2).contains(&(xx / yy));
        is_square.then_some((x as f32, y as f32))
    }
}

/// The dark spots of a patch, darker than the mean within `around` samples.
fn blobs(patch: &gray::Patch, around: usize) -> Vec<Blob> {
    let side = patch.side;
    // Sums of everything above and left of a place give the sum of any rectangle.
    let mut sums = vec![0.0f64; (side + 1) * (side + 1)];
    let sum = |sums: &[f64], x: usize, y: usize| sums.get(y * (side + 1) + x).copied().unwrap_or_default();
    for y in 0..side {
        let mut row = 0.0;
        for x in 0..side {
            row += f64::from(patch.get(x, y));
            let total = row + sum(&sums, x + 1, y);
            if let Some(place) = sums.get_mut((y + 1) * (side + 1) + x + 1) {
                *place = total;
            }
        }
    }
    let half = around / 2;
    let is_dark = |x: usize, y: usize| {
        let (left, right) = (x.saturating_sub(half), (x + half).min(side));
        let (top, bottom) = (y.saturating_sub(half), (y + half).min(side));
        let total = sum(&sums, right, bottom) - sum(&sums, left, bottom) - sum(&sums, right, top)
            + sum(&sums, left, top);
        let mean = total / ((right - left) * (bottom - top)).max(1) as f64;
        f64::from(patch.get(x, y)) < 0.7 * mean
    };
    let mut is_left: Vec<bool> = (0..side * side).map(|at| is_dark(at % side, at / side)).collect();
    let mut found = vec![];
    for start in 0..side * side {
        let (mut blob, mut waiting) = (Blob::default(), vec![start]);
        while let Some(at) = waiting.pop() {
            if !is_left.get_mut(at).is_some_and(std::mem::take) {
                continue;
            }
            let (x, y) = (at % side, at / side);
            blob.add(x, y);
            if x > 0 {
                waiting.push(at - 1);
            }
            if x + 1 < side {
                waiting.push(at + 1);
            }
            if y > 0 {
                waiting.push(at - side);
            }
            if y + 1 < side {
                waiting.push(at + side);
            }
        }
        if blob.count > 8.0 {
            found.push(blob);
        }
    }
    found
}
