//! Places as unit vectors: straight lines through the ball order places as great circles over it do, so neither the
//! antimeridian nor the poles are special. Distances themselves are great-circle distances.

use std::f64::consts::FRAC_PI_2;

use geo::{Distance, Haversine, HaversineMeasure, Point};

/// Radius of the earth in metres, the one that distances are computed with.
const EARTH: f64 = HaversineMeasure::GRS80_MEAN_RADIUS.radius();

/// One millimetre on the unit sphere: far above rounding errors, far below what matters.
const MARGIN: f64 = 1e-3 / EARTH;

/// The unit vector of a place in degrees.
pub(super) fn unit(latitude: f64, longitude: f64) -> [f64; 3] {
    let (sin_lat, cos_lat) = latitude.to_radians().sin_cos();
    let (sin_lon, cos_lon) = longitude.to_radians().sin_cos();
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

/// Metres between two places `(latitude, longitude)` in degrees.
pub(super) fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let metres = Haversine.distance(Point::new(from.1, from.0), Point::new(to.1, to.0));
    // At the other end of the world rounding may leave the domain of the arc sine.
    if metres.is_nan() {
        2.0 * FRAC_PI_2 * EARTH
    } else {
        metres
    }
}

/// Length of the straight line between unit vectors that no place within `metres` exceeds.
pub(super) fn reach(metres: f64) -> f64 {
    let half_angle = metres / EARTH / 2.0;
    if half_angle >= FRAC_PI_2 {
        f64::INFINITY
    } else {
        2.0 * half_angle.max(0.0).sin() + MARGIN
    }
}

/// Length of the straight line between unit vectors that every place at `metres` or more reaches.
pub(super) fn beyond(metres: f64) -> f64 {
    let half_angle = (metres / EARTH / 2.0).clamp(0.0, FRAC_PI_2);
    (2.0 * half_angle.sin() - MARGIN).max(0.0)
}

/// Squared length of the straight line between unit vectors.
pub(super) fn chord_2(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
