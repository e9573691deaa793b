//! Where people live and events take place.
//!
//! No table of inhabitants ships with Turnout. What does is where postal codes are, and where many people live they
//! stand close together: so a code is the likelier, the more codes there are around it.

mod states;

use std::f64::consts::TAU;

use chrono_tz::Tz;
use rstar::{RTree, primitives::GeomWithData};

use super::dice::Dice;
use crate::postal::{EARTH_RADIUS, Point, PostalCodes};

/// Codes within this distance count as being around.
const AROUND_METRES: f64 = 15_000.0;
/// How many in a hundred live far out.
const RURAL_PERCENT: u32 = 12;
const RURAL_METRES: f64 = 28_000.0;

/// All postal codes of the USA, with how likely each is.
pub struct Ground {
    spots: Vec<Spot>,
    /// Sums of the likelihoods up to and with each spot.
    sums: Vec<f64>,
    areas: u32,
}

/// A postal code.
#[derive(Clone, Copy)]
pub struct Spot {
    pub code: u32,
    pub point: Point,
    /// Two letters.
    pub region: &'static str,
    pub zone: Tz,
    /// Number of the area: codes with the same first three digits, which is a large town or some counties.
    pub area: u32,
    /// Deviation of places from the point, in metres.
    spread: f64,
}

impl Ground {
    #[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
    pub fn new(postal: &PostalCodes) -> Self {
        let vectors = postal
            .codes()
            .iter()
            .map(|(code, point)| GeomWithData::new(point.unit_vector(), *code));
        let tree = RTree::bulk_load(vectors.collect());
        let chord = 2.0 * (AROUND_METRES / EARTH_RADIUS / 2.0).sin();
        let (mut spots, mut sums) = (Vec::new(), Vec::new());
        let (mut sum, mut areas, mut last) = (0.0, 0, None);
        for &(code, point) in postal.codes() {
            let Some((region, zone)) = states::of(code) else {
                continue;
            };
            if last != Some(code / 100) {
                (areas, last) = (areas + 1, Some(code / 100));
            }
            let around = tree
                .locate_within_distance(point.unit_vector(), chord * chord)
                .count() as f64;
            sum += around.sqrt();
            sums.push(sum);
            spots.push(Spot {
                code,
                point,
                region,
                zone,
                area: areas - 1,
                // About half the way to the next point.
                spread: (AROUND_METRES / around.sqrt()).clamp(500.0, 6_000.0),
            });
        }
        Self { spots, sums, areas }
    }

    /// How many areas there are.
    pub fn areas(&self) -> usize {
        self.areas as usize
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "there are postal codes, and the index is held within them"
    )]
    pub fn spot(&self, dice: &mut Dice) -> Spot {
        let most = self.sums.last().copied().unwrap_or_default();
        let wanted = dice.unit() * most;
        let at = self.sums.partition_point(|sum| *sum <= wanted);
        self.spots[at.min(self.spots.len() - 1)]
    }
}

impl Spot {
    /// A place around it.
    pub fn scatter(&self, dice: &mut Dice) -> Point {
        let spread = if dice.percent(RURAL_PERCENT) {
            RURAL_METRES
        } else {
            self.spread
        };
        let metres = TAU * EARTH_RADIUS / 360.0; // of a degree
        let latitude = self.point.latitude() + dice.normal() * spread / metres;
        let shrink = self.point.latitude().to_radians().cos();
        let longitude = self.point.longitude() + dice.normal() * spread / metres / shrink;
        let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Point::new(rounded(latitude), rounded(longitude)).unwrap_or(self.point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::dice::For;

    #[test]
    fn towns_are_fuller_than_the_country() {
        let ground = Ground::new(&PostalCodes::built_in());
        assert!(ground.areas() > 800);
        let mut dice = Dice::new(1, For::Home, 0);
        let homes: Vec<Spot> = (0..20_000).map(|_| ground.spot(&mut dice)).collect();
        let of = |region: &str| homes.iter().filter(|home| home.region == region).count();
        assert!(
            of("NY") > 20 * of("WY") && of("CA") > 10 * of("MT"),
            "{} {}",
            of("NY"),
            of("WY")
        );
        let metres = |spot: &Spot, point: Point| {
            let (a, b) = (spot.point.unit_vector(), point.unit_vector());
            let chord = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
            chord * EARTH_RADIUS
        };
        let far = homes
            .iter()
            .filter(|home| metres(home, home.scatter(&mut dice)) > 20_000.0)
            .count();
        assert!((1_400..2_400).contains(&far), "{far}");
    }
}
