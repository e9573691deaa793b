//! Finding events in a box of the map, as GeoJSON asks for it.

use geo::{Distance, Haversine, Point};

use super::{Filter, paged};
use crate::{
    app::App,
    domain::page::PageArgs,
    map::{BoundingBox, Hit, Listing, Near, Order},
    refusal::{Problems, Refusal},
};

/// How many events are looked at together.
const PAGE: usize = 500;
/// How many are looked at before the search is given up, so that a thin box around the world costs no more than others.
const MOST: usize = 20_000;

/// What was found in a box.
pub struct Within {
    /// Soonest first.
    pub hits: Vec<Hit>,
    /// Whether that is all.
    pub is_all: bool,
}

/// Events in a box, soonest first, at most so many. BAD_USER_INPUT.
pub fn within(app: &App, bounds: BoundingBox, filter: &Filter, most: usize) -> Result<Within, Refusal> {
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
    let near = is_good.then(|| circle(&bounds)).flatten();
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
            if !holds(&bounds, &hit.listing) {
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

fn holds(bounds: &BoundingBox, listing: &Listing) -> bool {
    let place = listing.place.as_ref();
    let point = place.and_then(|place| place.latitude.zip(place.longitude));
    point.is_some_and(|(latitude, longitude)| bounds.holds(latitude, longitude))
}

/// A circle around the box, unless that goes half around the earth.
fn circle(bounds: &BoundingBox) -> Option<Near> {
    let width = bounds.width();
    if width > 180.0 {
        return None;
    }
    let (latitude, longitude) = (
        f64::midpoint(bounds.south, bounds.north),
        bounds.west + width / 2.0,
    );
    let centre = Point::new(longitude, latitude);
    // Of a box no wider than half the earth, a corner is farthest from the middle.
    let corners = [(bounds.west, bounds.south), (bounds.west, bounds.north)];
    let corners = corners.map(|(x, y)| Haversine.distance(centre, Point::new(x, y)));
    let radius = corners.into_iter().fold(0.0, f64::max);
    Some(Near {
        latitude,
        longitude,
        radius_metres: radius * 1.000_001 + 1.0, // roundings are smaller
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bounds() -> impl Strategy<Value = BoundingBox> {
        let longitude = -180.0..=180.0f64;
        (longitude.clone(), longitude, -90.0..=90.0f64, -90.0..=90.0f64).prop_map(
            |(west, east, one, other)| BoundingBox {
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
            if let Some(near) = circle(&bounds) {
                let width = (bounds.east - bounds.west).rem_euclid(360.0);
                let point = Point::new(bounds.west + right * width, bounds.south + up * (bounds.north - bounds.south));
                let metres = Haversine.distance(Point::new(near.longitude, near.latitude), point);
                prop_assert!(metres <= near.radius_metres, "{metres} is more than {}", near.radius_metres);
            }
        }
    }
}
