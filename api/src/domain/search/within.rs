//! Finding events in a box of the map, as GeoJSON asks for it.

use super::{Filter, search};
use crate::{
    app::App,
    map::{BoundingBox, Order, Pin},
    refusal::{Problems, Refusal},
};

/// What was found in a box.
pub struct Within {
    /// Soonest first.
    pub pins: Vec<Pin>,
    /// Whether that is all.
    pub is_all: bool,
}

/// Events in a box, edges included, soonest first, at most so many. It goes over the antimeridian when its west is greater
/// than its east. BAD_USER_INPUT.
pub fn within(app: &App, bounds: &BoundingBox, filter: Filter, most: usize) -> Result<Within, Refusal> {
    let mut problems = Problems::default();
    let is_good = [bounds.west, bounds.east]
        .iter()
        .all(|degrees| (-180.0..=180.0).contains(degrees))
        && [bounds.south, bounds.north]
            .iter()
            .all(|degrees| (-90.0..=90.0).contains(degrees))
        && bounds.south <= bounds.north;
    let rule = "must be west,south,east,north in degrees, with south not above north";
    problems.check(is_good, "bbox", rule);
    let now = app.clock.now();
    let search = search(app, None, filter, Order::Start, now, problems)?;
    let (pins, is_all) = app.map.soonest(&search, bounds, most, now);
    Ok(Within { pins, is_all })
}
