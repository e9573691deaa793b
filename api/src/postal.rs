//! Where postal codes are: those of the USA are built in (census areas), others are imported into `postal_code`.

use std::sync::OnceLock;

use entity::postal_code;
use rstar::{PointDistance, RTree};
use sea_orm::EntityTrait;

use crate::{db::Db, refusal::Refusal};

/// `code,latitude,longitude`; `data/README.md` says where it comes from.
const UNITED_STATES: &str = include_str!("../../data/us-postal-codes.csv");

/// Mean radius of the Earth in metres, as `geo` has it.
pub(crate) const EARTH_RADIUS: f64 = 6_371_008.8;

/// Centres of postal codes.
#[derive(Default)]
pub struct PostalCodes {
    codes: OnceLock<Vec<(u32, Point)>>,
    tree: OnceLock<RTree<[f64; 3]>>,
}

impl PostalCodes {
    /// Those that ship with the product. They are read when somebody asks first, so that a start costs nothing.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// The centre of `code` in `country` (ISO 3166-1 alpha-2), however it is written; none when it is not known.
    pub async fn find(&self, db: &Db, country: &str, code: &str) -> Result<Option<Point>, Refusal> {
        let (country, code) = normalise(country, code);
        // Puerto Rico has codes of the US Postal Service.
        if matches!(country.as_str(), "US" | "PR")
            && let Some(point) = self.in_united_states(&code)
        {
            return Ok(Some(point));
        }
        // PostgreSQL has no NUL in texts and would call it an error.
        if country.contains(char::is_control) || code.contains(char::is_control) {
            return Ok(None);
        }
        let row = postal_code::Entity::find_by_id((country, code))
            .one(db.reader())
            .await?;
        Ok(row.and_then(|row| Point::new(row.latitude, row.longitude)))
    }

    /// Metres from `point` to the nearest built-in centre: how densely people live there, roughly. Outside the USA
    /// that is far, so a place there counts as rural.
    pub fn nearest_metres(&self, point: Point) -> Option<f64> {
        let tree = self.tree.get_or_init(|| {
            let vectors = self.codes().iter().map(|(_, point)| point.unit_vector());
            RTree::bulk_load(vectors.collect())
        });
        let vector = point.unit_vector();
        let nearest = tree.nearest_neighbor(&vector)?;
        let chord = nearest.distance_2(&vector).sqrt();
        Some(2.0 * EARTH_RADIUS * (chord / 2.0).min(1.0).asin())
    }

    fn in_united_states(&self, code: &str) -> Option<Point> {
        if code.len() != 5 {
            return None;
        }
        let number: u32 = code.parse().ok()?;
        let codes = self.codes();
        let at = codes.binary_search_by_key(&number, |(code, _)| *code).ok()?;
        codes.get(at).map(|(_, point)| *point)
    }

    /// Every built-in code with its centre, by number.
    pub(crate) fn codes(&self) -> &[(u32, Point)] {
        self.codes
            .get_or_init(|| UNITED_STATES.lines().skip(1).filter_map(read_line).collect())
    }
}

/// A place on Earth in degrees, WGS 84. Always finite and in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    latitude: f64,
    longitude: f64,
}

impl Point {
    /// None when a number is not finite, or not within ±90 and ±180.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let fits = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        fits.then_some(Self { latitude, longitude })
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// The same place on a sphere of radius 1, where neither poles nor the antimeridian are special.
    pub fn unit_vector(self) -> [f64; 3] {
        let (latitude, longitude) = (self.latitude.to_radians(), self.longitude.to_radians());
        [
            latitude.cos() * longitude.cos(),
            latitude.cos() * longitude.sin(),
            latitude.sin(),
        ]
    }
}

/// Country and code as they are stored: upper case without spaces and hyphens; of a ZIP+4 the first five digits.
pub fn normalise(country: &str, code: &str) -> (String, String) {
    let country = country.trim().to_uppercase();
    let mut code: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .flat_map(char::to_uppercase)
        .collect();
    let zip_plus_four = code.len() == 9 && code.bytes().all(|byte| byte.is_ascii_digit());
    if zip_plus_four && matches!(country.as_str(), "US" | "PR") {
        code.truncate(5);
    }
    (country, code)
}

fn read_line(line: &str) -> Option<(u32, Point)> {
    let mut cells = line.split(',');
    let code = cells.next()?.parse().ok()?;
    let point = Point::new(cells.next()?.parse().ok()?, cells.next()?.parse().ok()?)?;
    Some((code, point))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::TestApp;

    #[test]
    fn every_built_in_line_is_read_and_sorted() {
        let postal = PostalCodes::built_in();
        assert_eq!(postal.codes().len(), UNITED_STATES.lines().count() - 1);
        assert!(postal.codes().is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_point_is_finite_and_in_range() {
        assert!(Point::new(90.0, -180.0).is_some());
        for (latitude, longitude) in [(90.1, 0.0), (0.0, 180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(Point::new(latitude, longitude).is_none());
        }
    }

    #[tokio::test]
    async fn codes_are_found_however_they_are_written() {
        let test = TestApp::start("2026-03-01T12:00:00Z").await;
        let find = async |country, code| test.postal.find(&test.db, country, code).await.unwrap();
        let des_moines = find("us", " 50309-1234 ").await.unwrap();
        assert_eq!(find("US", "50309").await, Some(des_moines));
        assert!((des_moines.latitude() - 41.59).abs() < 0.05);
        assert!(find("PR", "00601").await.is_some());
        for (country, code) in [("US", "00000"), ("US", ""), ("US", "503"), ("DE", "10115")] {
            assert_eq!(find(country, code).await, None, "{country} {code}");
        }
    }

    #[test]
    fn distance_to_the_nearest_centre_crosses_the_antimeridian() {
        let postal = PostalCodes::built_in();
        let metres = |latitude, longitude| {
            postal
                .nearest_metres(Point::new(latitude, longitude).unwrap())
                .unwrap()
        };
        assert!(metres(40.75, -73.99) < 1_000.0);
        assert!(metres(37.5, -116.5) > 10_000.0);
        // Both are the same place.
        assert!((metres(51.9, 180.0) - metres(51.9, -180.0)).abs() < 1.0);
        // Scanned by another formula.
        let berlin = Point::new(52.52, 13.40).unwrap();
        let scanned = postal.codes().iter().map(|(_, point)| haversine(*point, berlin));
        let nearest = scanned.fold(f64::INFINITY, f64::min);
        assert!((metres(52.52, 13.40) - nearest).abs() < 1.0);
    }

    fn haversine(a: Point, b: Point) -> f64 {
        use geo::{Distance, Haversine};
        Haversine.distance(
            geo::Point::new(a.longitude, a.latitude),
            geo::Point::new(b.longitude, b.latitude),
        )
    }
}
