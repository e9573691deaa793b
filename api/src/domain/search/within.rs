//! Finding events in a box of the map, as GeoJSON asks for it.

use geo::{Distance, Haversine, Point};

use super::{Filter, paged};
use crate::{
    app::App,
    domain::page::PageArgs,
    map::{Hit, Listing, Near, Order},
    refusal::{Problems, Refusal},
};

/// How many events are looked at together.
const PAGE: usize = 500;
/// How many are looked at before the search is given up, so that a thin box around the world costs no more than others.
const MOST: usize = 20_000;

/// A box in degrees, WGS 84, edges included. It goes over the antimeridian when `west` is greater than `east`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Its western edge.
    pub west: f64,
    /// Its southern edge.
    pub south: f64,
    /// Its eastern edge.
    pub east: f64,
    /// Its northern edge.
    pub north: f64,
}

/// What was found in a box.
pub struct Within {
    /// Soonest first.
    pub hits: Vec<Hit>,
    /// Whether that is all.
    pub is_all: bool,
}

/// Events in a box, soonest first, at most so many. BAD_USER_INPUT.
pub fn within(app: &App, bounds: Bounds, filter: &Filter, most: usize) -> Result<Within, Refusal> {
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
    let near = is_good.then(|| bounds.circle()).flatten();
    let mut hits = Vec::new();
    let (mut looked_at, mut past) = (0, None);
    loop {
        let page = PageArgs {
            size: PAGE,
            past,
            backward: false,
        };
        let (page, _) = paged(
            app,
            near,
            filter.clone(),
            Order::Start,
            page,
            std::mem::take(&mut problems),
        )?;
        past = page.hits.last().map(|hit| hit.cursor.to_string());
        looked_at += page.hits.len();
        for hit in page.hits {
            if !bounds.holds(&hit.listing) {
                continue;
            }
            if hits.len() == most {
                return Ok(Within { hits, is_all: false });
            }
            hits.push(hit);
        }
        if !page.has_next || looked_at >= MOST {
            let is_all = !page.has_next;
            return Ok(Within { hits, is_all });
        }
    }
}

impl Bounds {
    fn holds(&self, listing: &Listing) -> bool {
        let place = listing.place.as_ref();
        let Some((latitude, longitude)) = place.and_then(|place| place.latitude.zip(place.longitude)) else {
            return false;
        };
        let between = |degrees: f64| match self.west <= self.east {
            true => (self.west..=self.east).contains(&degrees),
            false => degrees >= self.west || degrees <= self.east,
        };
        // 180 degrees east are 180 degrees west.
        let is_seam = longitude.abs() == 180.0;
        (self.south..=self.north).contains(&latitude)
            && (between(longitude) || (is_seam && between(-longitude)))
    }

    /// A circle around the box, unless that goes half around the earth.
    fn circle(&self) -> Option<Near> {
        let width = self.east - self.west;
        let width = if width < 0.0 { width + 360.0 } else { width };
        if width > 180.0 {
            return None;
        }
        let (latitude, longitude) = (f64::midpoint(self.south, self.north), self.west + width / 2.0);
        let centre = Point::new(longitude, latitude);
        // Of a box no wider than half the earth, a corner is farthest from the middle.
        let corners = [(self.west, self.south), (self.west, self.north)];
        let corners = corners.map(|(x, y)| Haversine.distance(centre, Point::new(x, y)));
        let radius = corners.into_iter().fold(0.0, f64::max);
        Some(Near {
            latitude,
            longitude,
            radius_metres: radius * 1.000_001 + 1.0, // roundings are smaller
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bounds() -> impl Strategy<Value = Bounds> {
        let longitude = -180.0..=180.0f64;
        (longitude.clone(), longitude, -90.0..=90.0f64, -90.0..=90.0f64).prop_map(
            |(west, east, one, other)| Bounds {
                west,
                south: one.min(other),
                east,
                north: one.max(other),
            },
        )
    }

    proptest! {
        #[test]
        fn the_circle_holds_the_whole_box(bounds in bounds(), right in 0.0..=1.0f64, up in 0.0..=1.0f64) {
            if let Some(near) = bounds.circle() {
                let width = (bounds.east - bounds.west).rem_euclid(360.0);
                let point = Point::new(bounds.west + right * width, bounds.south + up * (bounds.north - bounds.south));
                let metres = Haversine.distance(Point::new(near.longitude, near.latitude), point);
                prop_assert!(metres <= near.radius_metres, "{metres} is more than {}", near.radius_metres);
            }
        }
    }
}
