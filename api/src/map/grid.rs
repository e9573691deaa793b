//! The grid that events are clustered on: the square tiles of web maps. It is fixed to the world, so that moving a map
//! changes no tile.

use std::f64::consts::TAU;
use std::fmt;

/// The finest level; level 0 is one tile, and each next one has four for one.
pub(super) const DEEPEST: u8 = 23;

/// At the level of the zoom a tile is drawn 256 pixels wide; clusters are of those so many levels deeper, of 128 pixels.
/// Narrower, the counts would cover each other.
const DEEPER: u8 = 1;

/// A box holds what is so many degrees outside of it, a tenth of a millimetre: a number may lose its last digit on its way
/// through JSON, and the box of a cluster has its events on its edges.
const EDGE: f64 = 1e-9;

/// A part of the world between two parallels and two meridians, edges included. `west` is greater than `east` when the
/// antimeridian lies between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundingBox {
    /// Degrees north, WGS 84, at the top.
    pub north: f64,
    /// Degrees north at the bottom.
    pub south: f64,
    /// Degrees east, on the right.
    pub east: f64,
    /// Degrees east, on the left.
    pub west: f64,
}

/// A tile, by the name that web maps give it: `level/x/y`, from the north-west.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// How often the world was halved.
    pub level: u8,
    /// Tiles west of it.
    pub x: u32,
    /// Tiles north of it.
    pub y: u32,
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.level, self.x, self.y)
    }
}

/// The code of the tile of the deepest level that a place is in. Those of a tile of any level are a range of codes. What
/// is nearer to a pole than the square map reaches is in its outermost row.
pub(super) fn code(latitude: f64, longitude: f64) -> u64 {
    spread(tile(from_west(longitude))) | spread(tile(from_north(latitude))) << 1
}

/// The tile of `level` that a tile of the deepest level lies in.
pub(super) fn at_level(code: u64, level: u8) -> u64 {
    code >> (2 * u32::from(DEEPEST - level.min(DEEPEST)))
}

/// The name of a tile of `level`.
pub(super) fn name(level: u8, code: u64) -> Tile {
    Tile {
        level,
        x: gather(code),
        y: gather(code >> 1),
    }
}

/// The level for a map at `zoom`, or the next one on which a box of this size touches at most `limit` tiles, wherever
/// it lies: so that a map that is moved keeps its level.
pub(super) fn level(within: &BoundingBox, zoom: u8, limit: usize) -> u8 {
    let width = within.width() / 360.0;
    let height = from_north(within.south) - from_north(within.north);
    let touched = |level: u8| {
        let side = f64::from(1u32 << level);
        // The edges of the box may cut a tile on either side. What rounding adds to its length makes no more of them.
        let along = |length: f64| ((length * side - 1e-6).ceil() + 1.0).min(side);
        along(width) * along(height)
    };
    let mut level = zoom.saturating_add(DEEPER).min(DEEPEST);
    while level > 0 && touched(level) > limit as f64 {
        level -= 1;
    }
    level
}

/// The same meridian from -180 to below 180.
pub(super) fn meridian(longitude: f64) -> f64 {
    if longitude >= 180.0 {
        longitude - 360.0
    } else {
        longitude
    }
}

/// Share of the map's width that lies west of a meridian.
fn from_west(longitude: f64) -> f64 {
    (meridian(longitude) + 180.0) / 360.0
}

/// Share of the map's height that lies north of a parallel, in the projection of web maps (Mercator's).
fn from_north(latitude: f64) -> f64 {
    let sine = latitude.to_radians().sin();
    (0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (2.0 * TAU)).clamp(0.0, 1.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number from 0 to the tiles of a side"
)]
fn tile(share: f64) -> u32 {
    let side = f64::from(1u32 << DEEPEST);
    (share * side).floor().clamp(0.0, side - 1.0) as u32
}

/// The bits of a number, with one free before each.
fn spread(number: u32) -> u64 {
    let mut bits = u64::from(number);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

/// The number whose bits were spread.
#[expect(clippy::cast_possible_truncation, reason = "every other bit of 64 is 32 bits")]
fn gather(bits: u64) -> u32 {
    let mut bits = bits & 0x5555_5555_5555_5555;
    for (shift, mask) in [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff),
    ] {
        bits = (bits | bits >> shift) & mask;
    }
    bits as u32
}

impl BoundingBox {
    /// Of one place.
    pub(super) fn of(place: (f64, f64)) -> Self {
        Self {
            north: place.0,
            south: place.0,
            east: place.1,
            west: place.1,
        }
    }

    /// Widens it to hold `other`, neither of them across the antimeridian.
    pub(super) fn extend(&mut self, other: &Self) {
        self.north = self.north.max(other.north);
        self.south = self.south.min(other.south);
        self.east = self.east.max(other.east);
        self.west = self.west.min(other.west);
    }

    /// Degrees from west to east, 0 to 360.
    fn width(&self) -> f64 {
        let width = self.east - self.west;
        if width < 0.0 { width + 360.0 } else { width }
    }
}

/// A box as it is compared with places whose meridians are from -180 to below 180.
pub(super) struct Area {
    south: f64,
    north: f64,
    /// From west to east, both included; the second of a box across the antimeridian, otherwise the same again.
    spans: [(f64, f64); 2],
}

/// How much of something lies in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    None,
    Part,
    Whole,
}

impl Area {
    pub(super) fn of(within: &BoundingBox) -> Self {
        let (west, east) = (within.west - EDGE, within.east + EDGE);
        let spans = if within.west > within.east {
            [(west, 180.0), (-180.0, east)]
        } else if east >= 180.0 {
            [(west, 180.0), (-180.0, -180.0)]
        } else {
            [(west, east); 2]
        };
        Self {
            south: within.south - EDGE,
            north: within.north + EDGE,
            spans,
        }
    }

    pub(super) fn holds(&self, (latitude, longitude): (f64, f64)) -> bool {
        let is_between = |(west, east): &(f64, f64)| *west <= longitude && longitude <= *east;
        self.south <= latitude && latitude <= self.north && self.spans.iter().any(is_between)
    }

    /// Of a box that is not across the antimeridian.
    pub(super) fn overlap(&self, other: &BoundingBox) -> Overlap {
        let meets = |(west, east): &(f64, f64)| other.west <= *east && *west <= other.east;
        let holds = |(west, east): &(f64, f64)| *west <= other.west && other.east <= *east;
        if other.south > self.north || self.south > other.north || !self.spans.iter().any(meets) {
            Overlap::None
        } else if self.south <= other.south && other.north <= self.north && self.spans.iter().any(holds) {
            Overlap::Whole
        } else {
            Overlap::Part
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_those_of_web_maps() {
        // Des Moines and Sydney, by the formula that OpenStreetMap's wiki gives.
        for (latitude, longitude, level, named) in [
            (41.5868, -93.625, 10, "10/245/381"),
            (-33.8688, 151.2093, 12, "12/3768/2457"),
            (0.0, 0.0, 1, "1/1/1"),
            (90.0, -180.0, 3, "3/0/0"),
            (-90.0, 179.999, 3, "3/7/7"),
            (12.0, 180.0, 2, "2/0/1"),
        ] {
            let code = code(latitude, longitude);
            assert_eq!(name(level, at_level(code, level)).to_string(), named);
        }
    }

    #[test]
    fn the_level_follows_the_zoom_until_there_are_too_many_tiles() {
        // A window of so many pixels with the equator through its middle.
        let window = |zoom: i32, width: f64, height: f64| {
            let degrees = 360.0 / 256.0 / f64::from(zoom).exp2();
            let half = (height / 2.0 * degrees).to_radians().sinh().atan().to_degrees();
            BoundingBox {
                north: half,
                south: -half,
                east: width / 2.0 * degrees,
                west: -width / 2.0 * degrees,
            }
        };
        for (width, height, zoom, limit, expected) in [
            (390.0, 844.0, 10, 200, 11),
            (1920.0, 1080.0, 10, 200, 11),
            (3840.0, 2160.0, 10, 200, 10),
            (1920.0, 1080.0, 22, 200, 23),
            (1920.0, 1080.0, 10, 20, 9),
        ] {
            assert_eq!(
                level(&window(zoom, width, height), u8::try_from(zoom).unwrap(), limit),
                expected,
                "{width}"
            );
        }
        let world = BoundingBox {
            north: 90.0,
            south: -90.0,
            east: 180.0,
            west: -180.0,
        };
        assert_eq!(
            [1, 4, 63, 64, 200].map(|limit| level(&world, 22, limit)),
            [0, 1, 2, 3, 3]
        );
    }
}
