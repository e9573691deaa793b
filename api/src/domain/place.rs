//! Where an event takes place: all of it, and what of it anyone may know.

use std::fmt;

use entity::{AddressVisibility, PlacePrecision};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    cells,
    map::{ListingPlace, Shared},
    postal::Point,
    refusal::Refusal,
};

/// The complete place, as the host gave it. Kept sealed; only hosts, and attendees where they may, see it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the place.
    pub venue: Option<String>,
    /// Street and number, and what else stands above the town.
    pub address_lines: Vec<String>,
    /// Town.
    pub locality: Option<String>,
    /// State or province.
    pub region: Option<String>,
    /// As the host wrote it.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2; empty when nobody said.
    pub country: String,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
}

impl Place {
    /// The coordinates the host gave, if both are there and in range.
    pub fn point(&self) -> Option<Point> {
        Point::new(self.latitude?, self.longitude?)
    }
}

/// All of a place, in the form in which the public knows another.
impl From<&Place> for ListingPlace {
    fn from(place: &Place) -> Self {
        let point = place.point();
        Self {
            venue: place.venue.clone().map(Shared::from),
            address_lines: place.address_lines.iter().cloned().map(Shared::from).collect(),
            locality: place.locality.clone().map(Shared::from),
            region: place.region.clone().map(Shared::from),
            postal_code: place.postal_code.clone().map(Shared::from),
            country: country_of(place),
            latitude: point.map(Point::latitude),
            longitude: point.map(Point::longitude),
            precision: point.map(|_| PlacePrecision::Exact),
        }
    }
}

fn country_of(place: &Place) -> Option<Shared> {
    (!place.country.is_empty()).then(|| place.country.clone().into())
}

/// A place line by line, as it is written on a letter.
pub fn lines(place: &ListingPlace) -> Vec<String> {
    let town = [&place.locality, &place.region].into_iter().flatten();
    let town = town.map(|part| &**part).collect::<Vec<_>>().join(", ");
    let town = [town.as_str(), place.postal_code.as_deref().unwrap_or_default()].join(" ");
    let lines = place.venue.iter().chain(&place.address_lines);
    let lines = lines.map(|line| line.to_string());
    lines
        .chain([town.trim().to_owned()])
        .filter(|line| !line.is_empty())
        .collect()
}

/// Shows nothing of the address.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(…)")
    }
}

/// What anyone may know of `place`. A hidden place keeps town, region and country, and the centre of a cell of some
/// kilometres: the same for every address in that cell, so that no sequence of questions finds the house.
pub async fn public_place(
    app: &App,
    place: &Place,
    visibility: AddressVisibility,
) -> Result<ListingPlace, Refusal> {
    let open = visibility == AddressVisibility::Public;
    let mut point = place.point();
    let mut precision = PlacePrecision::Exact;
    if let (None, Some(code)) = (point, &place.postal_code) {
        point = app.postal.find(&app.db, &place.country, code).await?;
        precision = PlacePrecision::PostalCode;
    }
    if let (false, Some(exact)) = (open, point) {
        let resolution = cells::hidden_resolution(&app.postal, &app.config.events, exact)?;
        point = Some(cells::hidden_point(exact, resolution));
        precision = PlacePrecision::Approximate;
    }
    let coarse = ListingPlace {
        locality: place.locality.clone().map(Shared::from),
        region: place.region.clone().map(Shared::from),
        country: country_of(place),
        latitude: point.map(Point::latitude),
        longitude: point.map(Point::longitude),
        precision: point.map(|_| precision),
        ..ListingPlace::default()
    };
    Ok(if open {
        ListingPlace {
            venue: place.venue.clone().map(Shared::from),
            address_lines: place.address_lines.iter().cloned().map(Shared::from).collect(),
            postal_code: place.postal_code.clone().map(Shared::from),
            ..coarse
        }
    } else {
        coarse
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::TestApp;

    const HIDDEN: [AddressVisibility; 3] = [
        AddressVisibility::AfterRsvp,
        AddressVisibility::AfterApproval,
        AddressVisibility::HostsOnly,
    ];

    fn house(number: u32, latitude: f64, longitude: f64) -> Place {
        Place {
            venue: Some(format!("Wren's house, {number}")),
            address_lines: vec![format!("{number} Example Street")],
            locality: Some("Des Moines".to_owned()),
            region: Some("IA".to_owned()),
            postal_code: Some(format!("5031{number}")),
            country: "US".to_owned(),
            latitude: Some(latitude),
            longitude: Some(longitude),
        }
    }

    async fn app() -> TestApp {
        TestApp::start("2026-03-01T12:00:00Z").await
    }

    #[tokio::test]
    async fn a_public_place_is_shown_as_given() {
        let app = app().await;
        let place = house(1, 41.5868, -93.6250);
        let shown = public_place(&app, &place, AddressVisibility::Public)
            .await
            .unwrap();
        assert_eq!(shown.venue.as_deref(), place.venue.as_deref());
        let lines: Vec<&str> = shown.address_lines.iter().map(|line| &**line).collect();
        assert_eq!(lines, place.address_lines);
        assert_eq!(shown.postal_code.as_deref(), place.postal_code.as_deref());
        assert_eq!(
            (shown.latitude, shown.longitude),
            (place.latitude, place.longitude)
        );
        assert_eq!(shown.precision, Some(PlacePrecision::Exact));
    }

    #[tokio::test]
    async fn without_coordinates_the_postal_code_places_it() {
        let app = app().await;
        let mut place = Place {
            latitude: None,
            ..house(0, 0.0, 0.0)
        };
        let shown = public_place(&app, &place, AddressVisibility::Public)
            .await
            .unwrap();
        assert_eq!(shown.precision, Some(PlacePrecision::PostalCode));
        let centre = app.postal.find(&app.db, "US", "50310").await.unwrap().unwrap();
        assert_eq!(shown.latitude, Some(centre.latitude()));
        for visibility in HIDDEN {
            let hidden = public_place(&app, &place, visibility).await.unwrap();
            assert_eq!(hidden.precision, Some(PlacePrecision::Approximate));
            assert_ne!(hidden.latitude, shown.latitude);
        }
        place.postal_code = Some("00000".to_owned());
        let shown = public_place(&app, &place, AddressVisibility::AfterRsvp)
            .await
            .unwrap();
        let nowhere = ListingPlace {
            country: country_of(&place),
            locality: place.locality.map(Shared::from),
            region: place.region.map(Shared::from),
            ..ListingPlace::default()
        };
        assert_eq!(shown, nowhere);
    }

    #[tokio::test]
    async fn two_hidden_houses_of_a_cell_cannot_be_told_apart() {
        let app = app().await;
        let (one, other) = (house(1, 41.5868, -93.6250), house(2, 41.5880, -93.6235));
        for visibility in HIDDEN {
            let shown = public_place(&app, &one, visibility).await.unwrap();
            assert_eq!(shown, public_place(&app, &other, visibility).await.unwrap());
            assert_eq!(shown.precision, Some(PlacePrecision::Approximate));
            let text = format!("{shown:?}");
            for secret in ["Wren", "Example", "5031", "41.5868", "93.6250", "93.625,"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }

    #[test]
    fn a_logged_place_says_nothing() {
        assert_eq!(format!("{:?}", house(1, 1.0, 1.0)), "Place(…)");
    }
}
