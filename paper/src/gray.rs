//! Looking at the pixels of a photo: between them, beyond its edges, and smaller.

use image::{GrayImage, Luma, imageops};

/// How bright it is at a point in pixels, whole numbers being their middles; beyond an edge as at the edge.
pub(crate) fn at(image: &GrayImage, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let upper = pixel(image, left, top) * (1.0 - across) + pixel(image, left + 1, top) * across;
    let lower = pixel(image, left, top + 1) * (1.0 - across) + pixel(image, left + 1, top + 1) * across;
    upper * (1.0 - down) + lower * down
}

fn pixel(image: &GrayImage, x: i64, y: i64) -> f32 {
    let (width, height) = (i64::from(image.width()), i64::from(image.height()));
    let (x, y) = (x.clamp(0, (width - 1).max(0)), y.clamp(0, (height - 1).max(0)));
    let at = usize::try_from(y * width + x).unwrap_or_default();
    f32::from(image.as_raw().get(at).copied().unwrap_or(255))
}

/// Where a point of a smaller copy is in the image it was made from, `scale` times as large.
pub(crate) fn enlarged((x, y): (f32, f32), scale: f32) -> (f32, f32) {
    ((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5)
}

/// A copy whose longer side has so many pixels, if the image has more; and how many times smaller it is.
pub(crate) fn smaller(image: &GrayImage, longest: u32) -> Option<(GrayImage, f32)> {
    let (width, height) = image.dimensions();
    let scale = width.max(height) as f32 / longest as f32;
    if scale <= 1.0 {
        return None;
    }
    let length = |side: u32| ((side as f32 / scale).round() as u32).max(1);
    Some((imageops::thumbnail(image, length(width), length(height)), scale))
}

/// A copy with so many times the pixels along each side.
pub(crate) fn larger(image: &GrayImage, times: u32) -> GrayImage {
    let part = 1.0 / times as f32;
    GrayImage::from_fn(image.width() * times, image.height() * times, |x, y| {
        let (x, y) = enlarged((x as f32, y as f32), part);
        Luma([at(image, x, y) as u8])
    })
}

/// A square of values, in which marks are looked for.
#[derive(Clone)]
pub(crate) struct Patch {
    pub(crate) side: usize,
    values: Vec<f32>,
}

impl Patch {
    pub(crate) fn of(side: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let values = places.map(|(x, y)| value(x, y)).collect();
        Self { side, values }
    }

    /// Zero outside of it.
    pub(crate) fn get(&self, x: usize, y: usize) -> f32 {
        match x < self.side {
            true => self.values.get(y * self.side + x).copied().unwrap_or_default(),
            false => 0.0,
        }
    }

    /// What is brighter around dark strokes no wider than twice `radius`: the paper, with its shadows.
    pub(crate) fn without_strokes(&self, radius: usize) -> Self {
        self.spread(radius, f32::max).spread(radius, f32::min)
    }

    /// The largest or smallest of the values within `radius`, along both axes.
    fn spread(&self, radius: usize, choose: impl Fn(f32, f32) -> f32 + Copy) -> Self {
        let best = |values: &mut dyn Iterator<Item = f32>| values.reduce(choose).unwrap_or_default();
        let range = |at: usize| at.saturating_sub(radius)..(at + radius + 1).min(self.side);
        let across = Self::of(self.side, |x, y| best(&mut range(x).map(|x| self.get(x, y))));
        Self::of(self.side, |x, y| best(&mut range(y).map(|y| across.get(x, y))))
    }
}

/// The middle one of some values.
pub(crate) fn median(values: impl IntoIterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.into_iter().collect();
    let middle = values.len() / 2;
    (middle < values.len()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}
