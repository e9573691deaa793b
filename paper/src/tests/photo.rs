//! Pages as people send them: laid on a table, photographed by hand or scanned askew, and kept as JPEG.

use std::f32::consts::{PI, TAU};

use image::{GrayImage, ImageFormat, ImageReader, Luma, codecs::jpeg::JpegEncoder};

use super::FINE;
use crate::gray;

/// Dice that fall the same way for the same seed (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * ((self.next() >> 40) as f32 / (1u64 << 24) as f32)
    }

    pub(super) fn chance(&mut self, of: f32) -> bool {
        self.between(0.0, 1.0) < of
    }

    /// About normal, by twelve dice.
    fn normal(&mut self) -> f32 {
        (0..2)
            .map(|_| {
                let bits = self.next();
                (0..6)
                    .map(|byte| ((bits >> (byte * 8)) & 255) as f32 / 255.0)
                    .sum::<f32>()
            })
            .sum::<f32>()
            - 6.0
    }
}

/// How a page is photographed or scanned.
#[derive(Debug)]
pub(super) struct Photo {
    is_scan: bool,
    longest: f32,
    /// In degrees.
    turned: f32,
    /// In degrees, towards which side.
    tilt: f32,
    towards: f32,
    /// How many of the page's heights the camera is away.
    distance: f32,
    /// In millimetres: the page is not flat.
    bend: f32,
    /// In pixels.
    blur: f32,
    noise: f32,
    paper: f32,
    ink: f32,
    table: f32,
    /// How much darker one side is.
    fall: f32,
    /// How much darker a shadow is, and how wide its edge, in millimetres.
    shadow: f32,
    edge: f32,
    quality: u8,
}

impl Photo {
    pub(super) fn random(dice: &mut Dice) -> Self {
        let is_scan = dice.chance(0.3);
        let quarter = match dice.between(0.0, 1.0) {
            at if at < 0.76 => 0.0,
            at if at < 0.84 => 90.0,
            at if at < 0.92 => 180.0,
            _ => 270.0,
        };
        let one = |dice: &mut Dice, scan: (f32, f32), photo: (f32, f32)| match is_scan {
            true => dice.between(scan.0, scan.1),
            false => dice.between(photo.0, photo.1),
        };
        Self {
            is_scan,
            // A scan of 150 to 215 dots per inch; a photo of 2 to 5 megapixels.
            longest: one(dice, (1_750.0, 2_500.0), (1_500.0, 2_500.0)),
            turned: quarter + dice.between(-10.0, 10.0),
            tilt: one(dice, (0.0, 0.0), (0.0, 15.0)),
            towards: dice.between(0.0, TAU),
            distance: dice.between(1.3, 2.2),
            bend: one(dice, (0.0, 0.0), (-0.8, 0.8)),
            blur: one(dice, (0.3, 0.8), (0.5, 1.4)),
            noise: one(dice, (0.5, 3.0), (1.0, 6.0)),
            paper: dice.between(185.0, 245.0),
            ink: dice.between(10.0, 50.0),
            table: one(dice, (235.0, 255.0), (20.0, 170.0)),
            fall: one(dice, (0.0, 0.05), (0.0, 0.45)),
            shadow: match !is_scan && dice.chance(0.5) {
                true => dice.between(0.15, 0.5),
                false => 0.0,
            },
            edge: dice.between(1.0, 40.0),
            quality: match is_scan {
                true => 60,
                false => 40,
            },
        }
    }

    /// The photo, after JPEG.
    pub(super) fn take(&self, page: &GrayImage, dice: &mut Dice) -> GrayImage {
        let (width, height) = (page.width() as f32 / FINE, page.height() as f32 / FINE);
        let there = self.matrix(width, height);
        let corners =
            [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(x, y)| apply(&there, x, y));
        let bound = |choose: fn(f32, f32) -> f32, axis: fn(&(f32, f32)) -> f32| {
            corners.iter().map(axis).reduce(choose).unwrap()
        };
        let (left, right) = (bound(f32::min, |point| point.0), bound(f32::max, |point| point.0));
        let (top, bottom) = (bound(f32::min, |point| point.1), bound(f32::max, |point| point.1));
        let margin = dice.between(0.01, 0.07) * (right - left).max(bottom - top);
        let scale = self.longest / ((right - left).max(bottom - top) + 2.0 * margin);
        let (wide, high) = (
            (right - left + 2.0 * margin) * scale,
            (bottom - top + 2.0 * margin) * scale,
        );
        let back = inverse(&there);
        let shadow_angle = dice.between(0.0, TAU);
        let (sx, sy) = (shadow_angle.cos(), shadow_angle.sin());
        let shadow_at = dice.between(-60.0, 60.0);
        let fall_angle = dice.between(0.0, TAU);
        let (fx, fy) = (fall_angle.cos(), fall_angle.sin());
        let half = width.hypot(height) / 2.0;
        let mut image = GrayImage::from_fn(wide as u32, high as u32, |u, v| {
            let (x, y) = (u as f32 / scale + left - margin, v as f32 / scale + top - margin);
            let (mut px, py) = apply(&back, x, y);
            px += self.bend * (py / height * PI).sin();
            let is_on = (0.0..width).contains(&px) && (0.0..height).contains(&py);
            let printed = match is_on {
                true => {
                    self.ink
                        + (self.paper - self.ink) * gray::at(page, px * FINE - 0.5, py * FINE - 0.5) / 255.0
                }
                // Boards of wood, or the lid of a scanner.
                false => {
                    self.table
                        + if self.is_scan {
                            0.0
                        } else {
                            12.0 * (y / 9.0).sin() + 6.0 * (x / 31.0 + y / 3.0).sin()
                        }
                }
            };
            let (dx, dy) = (px - width / 2.0, py - height / 2.0);
            let light = 1.0 - self.fall * (0.5 + 0.5 * (dx * fx + dy * fy) / half);
            let in_shadow = ((dx * sx + dy * sy - shadow_at) / self.edge + 0.5).clamp(0.0, 1.0);
            Luma([(printed * light * (1.0 - self.shadow * in_shadow)).clamp(0.0, 255.0) as u8])
        });
        image = blurred(&image, self.blur);
        let noise: Vec<i16> = (0..4096)
            .map(|_| (self.noise * dice.normal()).round() as i16)
            .collect();
        for pixels in image.as_mut().chunks_mut(5) {
            let bits = dice.next();
            for (at, pixel) in pixels.iter_mut().enumerate() {
                let noise = noise[(bits >> (at * 12)) as usize & 4095];
                *pixel = (i16::from(*pixel) + noise).clamp(0, 255) as u8;
            }
        }
        let mut kept = std::io::Cursor::new(vec![]);
        JpegEncoder::new_with_quality(&mut kept, self.quality)
            .encode_image(&image)
            .unwrap();
        let bytes = kept.into_inner();
        ImageReader::with_format(std::io::Cursor::new(bytes), ImageFormat::Jpeg)
            .decode()
            .unwrap()
            .into_luma8()
    }

    /// From millimetres of the page to those of a picture.
    fn matrix(&self, width: f32, height: f32) -> [f32; 9] {
        let (tilt, turned, far) = (
            self.tilt.to_radians(),
            self.turned.to_radians(),
            self.distance * height,
        );
        let (tx, ty) = (self.towards.cos(), self.towards.sin());
        let (ct, st) = (tilt.cos(), tilt.sin());
        // Points (x, y, 0) around the middle, turned by `tilt` about the axis (tx, ty), then seen from `far`.
        let (c, s) = (turned.cos(), turned.sin());
        let rotated = |x: f32, y: f32| {
            let along = x * tx + y * ty;
            let (rx, ry) = (x * ct + tx * along * (1.0 - ct), y * ct + ty * along * (1.0 - ct));
            let depth = (tx * y - ty * x) * st;
            (c * rx - s * ry, s * rx + c * ry, depth)
        };
        let (xx, xy, xz) = rotated(1.0, 0.0);
        let (yx, yy, yz) = rotated(0.0, 1.0);
        let (mx, my) = (width / 2.0, height / 2.0);
        let row = |x: f32, y: f32, constant: f32| [x, y, constant - x * mx - y * my];
        let [a, b, c] = [row(xx, yx, 0.0), row(xy, yy, 0.0), row(xz / far, yz / far, 1.0)];
        [a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2]]
    }
}

/// Out of focus: a bell curve, across and then down.
fn blurred(image: &GrayImage, sigma: f32) -> GrayImage {
    const REACH: usize = 4;
    let weight = |at: usize| (-(at.abs_diff(REACH).pow(2) as f32) / (2.0 * sigma * sigma)).exp();
    let total: f32 = (0..=2 * REACH).map(weight).sum();
    let weights: [u32; 2 * REACH + 1] = std::array::from_fn(|at| (weight(at) / total * 65_536.0) as u32);
    let width = image.width() as usize;
    let mut across = Vec::with_capacity(image.as_raw().len());
    for row in image.as_raw().chunks(width) {
        let mut padded = vec![row[0]; REACH];
        padded.extend(row);
        padded.extend([row[width - 1]; REACH]);
        across.extend(padded.windows(2 * REACH + 1).map(|near| {
            let sum: u32 = near
                .iter()
                .zip(weights)
                .map(|(pixel, weight)| u32::from(*pixel) * weight)
                .sum();
            (sum >> 16) as u8
        }));
    }
    let rows: Vec<&[u8]> = across.chunks(width).collect();
    let mut down = Vec::with_capacity(across.len());
    for y in 0..rows.len() {
        let mut sums = vec![0; width];
        for (at, weight) in weights.into_iter().enumerate() {
            let row = rows[(y + at).saturating_sub(REACH).min(rows.len() - 1)];
            for (sum, pixel) in sums.iter_mut().zip(row) {
                *sum += u32::from(*pixel) * weight;
            }
        }
        down.extend(sums.into_iter().map(|sum| (sum >> 16) as u8));
    }
    GrayImage::from_raw(image.width(), image.height(), down).unwrap()
}

fn apply(m: &[f32; 9], x: f32, y: f32) -> (f32, f32) {
    let far = m[6] * x + m[7] * y + m[8];
    (
        (m[0] * x + m[1] * y + m[2]) / far,
        (m[3] * x + m[4] * y + m[5]) / far,
    )
}

fn inverse(m: &[f32; 9]) -> [f32; 9] {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
    [
        minor(4, 5, 7, 8),
        -minor(1, 2, 7, 8),
        minor(1, 2, 4, 5),
        -minor(3, 5, 6, 8),
        minor(0, 2, 6, 8),
        -minor(0, 2, 3, 5),
        minor(3, 4, 6, 7),
        -minor(0, 1, 6, 7),
        minor(0, 1, 3, 4),
    ]
}
