//! What people do with pens.

use std::f32::consts::TAU;

use image::GrayImage;

use super::{FINE, photo::Dice};
use crate::{Layout, RowLayout};

/// What somebody did to a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    Nothing,
    /// A line through the row, or a slip of the pen.
    Line,
    /// A ring around the box.
    Around,
    /// Where a pen rested.
    Dot,
    Tick,
    /// A tick that leaves the box.
    LargeTick,
    Cross,
    LargeCross,
    Slash,
    Circle,
    Fill,
    Scribble,
}

impl Drawn {
    pub(super) fn is_tick(self) -> bool {
        !matches!(self, Self::Nothing | Self::Line | Self::Around | Self::Dot)
    }
}

struct Pen {
    radius: f32,
    darkness: f32,
}

impl Pen {
    fn random(dice: &mut Dice) -> Self {
        match dice.between(0.0, 1.0) {
            // A pencil; one that can hardly be seen is in no test.
            kind if kind < 0.2 => Self {
                radius: dice.between(0.22, 0.4),
                darkness: dice.between(0.4, 0.65),
            },
            kind if kind < 0.35 => Self {
                radius: dice.between(0.5, 0.9),
                darkness: dice.between(0.8, 0.95),
            },
            _ => Self {
                radius: dice.between(0.18, 0.36),
                darkness: dice.between(0.65, 0.95),
            },
        }
    }

    /// Lines through points in millimetres.
    fn draw(&self, page: &mut GrayImage, points: &[(f32, f32)]) {
        for pair in points.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|(x, y)| (x * FINE, y * FINE));
            let reach = self.radius * FINE + 1.0;
            let pixels = |a: f32, b: f32, end: u32| {
                ((a.min(b) - reach).max(0.0) as u32)..((a.max(b) + reach).max(0.0) as u32).min(end)
            };
            for y in pixels(from.1, to.1, page.height()) {
                for x in pixels(from.0, to.0, page.width()) {
                    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
                    let (px, py) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
                    let along = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
                    let away = (px - along * dx).hypot(py - along * dy);
                    let cover = (self.radius * FINE + 0.5 - away).clamp(0.0, 1.0);
                    let pixel = page.get_pixel_mut(x, y);
                    let ink = 255.0 * (1.0 - self.darkness * cover);
                    pixel.0[0] = pixel.0[0].min(ink as u8);
                }
            }
        }
    }
}

/// Marks the box of a row, or does not, and writes something beside it.
pub(super) fn mark(page: &mut GrayImage, layout: &Layout, row: &RowLayout, dice: &mut Dice) -> Drawn {
    let kind = match dice.between(0.0, 100.0) {
        at if at < 46.0 => Drawn::Nothing,
        at if at < 47.5 => Drawn::Line,
        at if at < 48.5 => Drawn::Around,
        at if at < 50.0 => Drawn::Dot,
        at if at < 60.0 => Drawn::Tick,
        at if at < 67.0 => Drawn::LargeTick,
        at if at < 76.0 => Drawn::Cross,
        at if at < 82.0 => Drawn::LargeCross,
        at if at < 86.0 => Drawn::Slash,
        at if at < 89.0 => Drawn::Circle,
        at if at < 94.0 => Drawn::Fill,
        _ => Drawn::Scribble,
    };
    let pen = Pen::random(dice);
    let (cx, cy) = row.tick.center();
    let (cx, cy) = (cx + dice.between(-0.4, 0.4), cy + dice.between(-0.4, 0.4));
    let mut near = |x: f32, y: f32| {
        (
            cx + x + dice.between(-0.35, 0.35),
            cy + y + dice.between(-0.35, 0.35),
        )
    };
    match kind {
        Drawn::Nothing => {}
        Drawn::Line => {
            let points = match cx as u32 % 2 {
                0 => [near(-7.0, -0.4), near(9.0, 0.4)],
                _ => [near(-1.0, -7.0), near(1.0, 7.0)],
            };
            pen.draw(page, &points);
        }
        Drawn::Around => {
            let points: Vec<_> = (0..=24)
                .map(|at| {
                    let angle = at as f32 / 24.0 * TAU;
                    (cx + 3.9 * angle.cos(), cy + 3.7 * angle.sin())
                })
                .collect();
            pen.draw(page, &points);
        }
        Drawn::Dot => {
            let dot = near(0.5, 0.5);
            Pen { radius: 0.2, ..pen }.draw(page, &[dot, (dot.0 + 0.1, dot.1)]);
        }
        Drawn::Tick => pen.draw(page, &[near(-1.6, -0.1), near(-0.5, 1.4), near(1.7, -1.5)]),
        Drawn::LargeTick => pen.draw(page, &[near(-1.5, -0.6), near(-0.4, 1.5), near(3.2, -3.6)]),
        Drawn::Cross => {
            pen.draw(page, &[near(-1.6, -1.6), near(1.6, 1.6)]);
            pen.draw(page, &[near(1.6, -1.6), near(-1.6, 1.6)]);
        }
        Drawn::LargeCross => {
            pen.draw(page, &[near(-3.1, -3.1), near(3.1, 3.1)]);
            pen.draw(page, &[near(3.1, -3.1), near(-3.1, 3.1)]);
        }
        Drawn::Slash => pen.draw(page, &[near(-1.8, 1.8), near(1.8, -1.8)]),
        Drawn::Circle => {
            let points: Vec<_> = (0..=18)
                .map(|at| {
                    let angle = at as f32 / 18.0 * TAU;
                    (cx + 1.5 * angle.cos(), cy + 1.6 * angle.sin())
                })
                .collect();
            pen.draw(page, &points);
        }
        Drawn::Fill => {
            let broad = Pen { radius: 0.5, ..pen };
            for line in 0..9 {
                let y = -2.0 + line as f32 * 0.5;
                broad.draw(page, &[(cx - 2.0, cy + y), (cx + 2.0, cy + y)]);
            }
        }
        Drawn::Scribble => {
            let points: Vec<_> = (0..12)
                .map(|at| match at % 2 {
                    0 => near(-1.9, -2.0 + at as f32 * 0.35),
                    _ => near(1.9, -2.0 + at as f32 * 0.35),
                })
                .collect();
            pen.draw(page, &points);
        }
    }
    if dice.chance(0.3) {
        let from = layout.size.0 * dice.between(0.62, 0.7);
        let y = row.tick.y + 3.0;
        let letters: Vec<_> = (0..30)
            .map(|at| (from + at as f32 * 0.7, y + dice.between(-2.2, 2.2)))
            .collect();
        Pen::random(dice).draw(page, &letters);
    }
    kind
}
