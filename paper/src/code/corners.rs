//! The three corners of a code: a dark square in a white one in a dark one, however they are turned.

use image::GrayImage;

/// One that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Corner {
    /// Its middle, in pixels.
    pub(crate) x: f32,
    /// Downwards.
    pub(crate) y: f32,
    /// How wide it is: seven squares.
    pub(crate) side: f32,
}

/// All of an image that are darker than `threshold` times what is around them, those that were crossed most often first.
pub(crate) fn all(image: &GrayImage, threshold: f32) -> Vec<Corner> {
    let dark = Dark::of(image, threshold);
    let mut found: Vec<(Corner, usize)> = vec![];
    for y in 0..dark.height {
        for (x, width) in dark.crossings(|at| dark.get(at, y), dark.width) {
            let Some(corner) = dark.confirmed(x, y as f32, width) else {
                continue;
            };
            let known = found
                .iter_mut()
                .find(|(known, _)| (known.x - corner.x).hypot(known.y - corner.y) < known.side / 3.0);
            match known {
                Some((known, count)) => {
                    let part = 1.0 / (*count + 1) as f32;
                    known.x += (corner.x - known.x) * part;
                    known.y += (corner.y - known.y) * part;
                    known.side += (corner.side - known.side) * part;
                    *count += 1;
                }
                None => found.push((corner, 1)),
            }
        }
    }
    found.retain(|(_, count)| *count > 1);
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    // Of those on a page nobody would make more.
    found.truncate(16);
    found.into_iter().map(|(corner, _)| corner).collect()
}

/// Three that may be the corners of one code, in the order upper left, upper right, lower left; the likeliest first.
pub(crate) fn triples(corners: &[Corner]) -> Vec<[Corner; 3]> {
    let mut found: Vec<(f32, [Corner; 3])> = vec![];
    for corner in corners {
        for right in corners {
            for below in corners {
                let to = |other: &Corner| (other.x - corner.x, other.y - corner.y);
                let ((rx, ry), (bx, by)) = (to(right), to(below));
                let (across, down) = (rx.hypot(ry), bx.hypot(by));
                // Clockwise, as on paper and not in a mirror.
                let sin = (rx * by - ry * bx) / (across * down).max(1.0);
                let cos = (rx * bx + ry * by) / (across * down).max(1.0);
                let sides = [corner.side, right.side, below.side];
                let (least, most) = sides.iter().fold((f32::MAX, 0.0f32), |(least, most), side| {
                    (least.min(*side), most.max(*side))
                });
                let length = f32::midpoint(across, down);
                let is_likely = sin > 0.7
                    && cos.abs() < 0.5
                    && most < 1.5 * least
                    && (0.7..1.43).contains(&(across / down.max(1.0)))
                    && (1.7..9.0).contains(&(length / least.max(1.0)));
                if is_likely {
                    let odd = cos.abs() + (across / down).ln().abs() + (most / least).ln();
                    found.push((odd, [*corner, *right, *below]));
                }
            }
        }
    }
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    found.truncate(12);
    found.into_iter().map(|(_, triple)| triple).collect()
}

/// Which pixels are darker than `threshold` times the mean of what is around them.
struct Dark {
    width: usize,
    height: usize,
    dark: Vec<bool>,
}

impl Dark {
    fn of(image: &GrayImage, threshold: f32) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        // Sums of everything above and left of a place give the sum of any rectangle.
        let mut sums = vec![0u32; (width + 1) * (height + 1)];
        let mut row_sums = vec![0u32; width + 1];
        for (y, row) in image.as_raw().chunks(width.max(1)).enumerate() {
            let mut sum = 0;
            for (x, pixel) in row.iter().enumerate() {
                sum += u32::from(*pixel);
                if let Some(above) = row_sums.get_mut(x + 1) {
                    *above = above.wrapping_add(sum);
                    if let Some(place) = sums.get_mut((y + 1) * (width + 1) + x + 1) {
                        *place = *above;
                    }
                }
            }
        }
        let half = (width.max(height) / 50).max(8);
        let dark = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| {
                let (left, right) = (x.saturating_sub(half), (x + half).min(width));
                let (top, bottom) = (y.saturating_sub(half), (y + half).min(height));
                let sum = |x: usize, y: usize| sums.get(y * (width + 1) + x).copied().unwrap_or_default();
                let total = sum(right, bottom)
                    .wrapping_sub(sum(left, bottom))
                    .wrapping_sub(sum(right, top))
                    .wrapping_add(sum(left, top));
                let mean = total as f32 / ((right - left) * (bottom - top)).max(1) as f32;
                let pixel = image.as_raw().get(y * width + x).copied().unwrap_or(255);
                f32::from(pixel) < threshold * mean
            });
        let dark = dark.collect();
        Self { width, height, dark }
    }

    fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dark.get(y * self.width + x).copied().unwrap_or_default()
    }

    /// Where a line goes dark, light, dark, light, dark for 1, 1, 3, 1, 1 squares: the middles, and how wide it all is.
    fn crossings(&self, is_dark: impl Fn(usize) -> bool, length: usize) -> Vec<(f32, f32)> {
        let mut found = vec![];
        let mut runs = [0usize; 5];
        let mut before = false;
        for at in 0..=length {
            let now = at < length && is_dark(at);
            if now == before && at < length {
                runs[4] += 1;
                continue;
            }
            // What ends here is dark: perhaps the last of five.
            if before && let Some(width) = seven(&runs) {
                found.push((at as f32 - width / 2.0 - 0.5, width));
            }
            runs.rotate_left(1);
            runs[4] = 1;
            before = now;
        }
        found
    }

    /// A corner whose middle was crossed from left to right: it must be crossed downwards as well, and then again from left to
    /// right through its middle.
    fn confirmed(&self, x: f32, y: f32, width: f32) -> Option<Corner> {
        let (y, height) = self.through(y, width, |at| self.get((x + 0.5) as usize, at), self.height)?;
        let (x, width) = self.through(x, width, |at| self.get(at, (y + 0.5) as usize), self.width)?;
        let (_, slanted) = self.slanted(x, y, width)?;
        // Turned by an angle, it is crossed for longer along both axes, and for less along its diagonals.
        let longest = width.max(height);
        (longest < 1.6 * width.min(height) && slanted > 0.5 * longest).then(|| Corner {
            x,
            y,
            side: side(width, height, slanted),
        })
    }

    /// The crossing of a line that is nearest to a place.
    fn through(
        &self,
        near: f32,
        width: f32,
        is_dark: impl Fn(usize) -> bool,
        length: usize,
    ) -> Option<(f32, f32)> {
        let from = (near - 1.2 * width).max(0.0) as usize;
        let to = ((near + 1.2 * width) as usize).min(length);
        let crossings = self.crossings(|at| is_dark(from + at), to.saturating_sub(from));
        let places = crossings.into_iter().map(|(at, width)| (at + from as f32, width));
        places
            .filter(|(at, _)| (at - near).abs() < width / 4.0)
            .min_by(|one, other| (one.0 - near).abs().total_cmp(&(other.0 - near).abs()))
    }

    /// How wide it is from the upper left to the lower right.
    fn slanted(&self, x: f32, y: f32, width: f32) -> Option<(f32, f32)> {
        let reach = (1.5 * width) as usize;
        let is_dark = |at: usize| {
            let away = at as f32 - reach as f32;
            let (x, y) = (x + away + 0.5, y + away + 0.5);
            x >= 0.0 && y >= 0.0 && self.get(x as usize, y as usize)
        };
        let (at, width) = self.through(reach as f32, width, is_dark, 2 * reach + 1)?;
        Some((at, width * std::f32::consts::SQRT_2))
    }
}

/// The side of a square that is crossed through its middle for so long along both axes, and along their diagonal.
fn side(width: f32, height: f32, slanted: f32) -> f32 {
    // A line at an angle to a square's sides is longer by one over the cosine; so of three lines the shortest is the nearest
    // to a side, and no more than 22.5 degrees away from it or from a diagonal.
    let straight = width.min(height);
    straight.min(slanted).min(f32::midpoint(width, height)) * 0.97
}

/// How long five runs are in all, if they are those of a corner.
fn seven(runs: &[usize; 5]) -> Option<f32> {
    let total: usize = runs.iter().sum();
    if runs.contains(&0) || total < 7 {
        return None;
    }
    let square = total as f32 / 7.0;
    let fits = runs.iter().zip([1.0, 1.0, 3.0, 1.0, 1.0]).all(|(&run, squares)| {
        (run as f32 - squares * square).abs() <= (0.55 * square * f32::max(squares * 0.6, 1.0)).max(0.9)
    });
    fits.then_some(total as f32)
}
