//! Coarse places: H3 cells instead of homes and hidden addresses.
//!
//! Whoever knows a cell knows that somebody lives, or something takes place, within some kilometres, and no more.

use h3o::{CellIndex, LatLng, Resolution};

use crate::{
    config::Events,
    postal::{Point, PostalCodes},
    refusal::Refusal,
};

/// About 36 square kilometres, 7 km across.
const HOME: Resolution = Resolution::Six;

/// Where the nearest centre of a postal code is farther away, a fine cell may hold a single house.
const RURAL_METRES: f64 = 10_000.0;

/// The cell somebody at `point` lives in: the only place of a person that is stored.
pub fn home_cell(point: Point) -> i64 {
    u64::from(cell(point, HOME)).cast_signed()
}

/// What the public learns instead of `point`: the centre of its cell. Equal for all places of a cell.
pub fn hidden_point(point: Point, resolution: Resolution) -> Point {
    centre(cell(point, resolution))
}

/// How coarse the cell must be that hides `point`. Decided for the centre of the fine cell, not for `point` itself,
/// so that the answer is the same for all places of a cell too.
pub fn hidden_resolution(
    postal: &PostalCodes,
    settings: &Events,
    point: Point,
) -> Result<Resolution, Refusal> {
    let resolution = |number: u8| Resolution::try_from(number).map_err(Refusal::internal);
    let fine = resolution(settings.hidden_resolution)?;
    let metres = postal.nearest_metres(hidden_point(point, fine));
    if metres.is_none_or(|metres| metres > RURAL_METRES) {
        resolution(settings.hidden_resolution_rural)
    } else {
        Ok(fine)
    }
}

#[expect(clippy::expect_used, reason = "the coordinates of a `Point` are finite")]
fn cell(point: Point, resolution: Resolution) -> CellIndex {
    LatLng::new(point.latitude(), point.longitude())
        .expect("finite coordinates")
        .to_cell(resolution)
}

#[expect(clippy::expect_used, reason = "the centre of a cell is on Earth")]
fn centre(cell: CellIndex) -> Point {
    let centre = LatLng::from(cell);
    Point::new(centre.lat(), centre.lng()).expect("a centre within the ranges")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    fn point(latitude: f64, longitude: f64) -> Point {
        Point::new(latitude, longitude).unwrap()
    }

    #[test]
    fn a_home_is_a_positive_cell_of_resolution_6() {
        let cell = home_cell(point(41.5868, -93.6250));
        assert!(cell > 0);
        let index = CellIndex::try_from(cell.cast_unsigned()).unwrap();
        assert_eq!(index.resolution(), Resolution::Six);
        assert_eq!(cell, home_cell(point(41.5869, -93.6251)));
    }

    #[test]
    fn lonely_places_are_hidden_in_larger_cells() {
        let postal = PostalCodes::built_in();
        let settings = Config::with(&[]).unwrap().events;
        let rule = |at| hidden_resolution(&postal, &settings, at).unwrap();
        assert_eq!(rule(point(40.75, -73.99)), Resolution::Seven);
        assert_eq!(rule(point(37.5, -116.5)), Resolution::Five);
        assert_eq!(rule(point(52.52, 13.40)), Resolution::Five);
    }

    proptest! {
        #[test]
        fn everything_in_a_cell_looks_the_same(latitude in -90.0..=90.0, longitude in -180.0..=180.0) {
            let hidden = hidden_point(point(latitude, longitude), Resolution::Seven);
            prop_assert_eq!(hidden_point(hidden, Resolution::Seven), hidden);
        }
    }
}
