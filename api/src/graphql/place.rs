//! Places of events.

use async_graphql::{InputObject, SimpleObject};

use super::enums::PlacePrecision;
use crate::{domain::place::Place, map::ListingPlace};

/// Where an event is, as precisely as the caller may know. What is hidden is null.
#[derive(SimpleObject)]
pub struct EventPlace {
    /// Name of the place.
    venue: Option<String>,
    /// Street and number; empty when hidden.
    address_lines: Vec<String>,
    /// Town.
    locality: Option<String>,
    /// State or province.
    region: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country.
    country: Option<String>,
    /// Degrees north, WGS 84.
    latitude: Option<f64>,
    /// Degrees east, WGS 84.
    longitude: Option<f64>,
    /// How exact the coordinates are; null without any.
    precision: Option<PlacePrecision>,
}

/// Where people meet before an event begins.
#[derive(SimpleObject)]
pub struct Gathering {
    /// Where.
    pub(super) place: String,
    /// How many minutes before the start.
    pub(super) minutes_before: i32,
}

/// Where an event is.
#[derive(InputObject)]
pub struct EventPlaceInput {
    /// Name of the place.
    venue: Option<String>,
    /// Street and number, at most 5 lines.
    #[graphql(default)]
    address_lines: Vec<String>,
    /// Town.
    locality: Option<String>,
    /// State or province.
    region: Option<String>,
    /// Postal code; gives coordinates where none are given and the code is known.
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country.
    #[graphql(default_with = "\"US\".to_owned()")]
    country: String,
    /// Degrees north, WGS 84, -90 to 90. With `longitude`.
    latitude: Option<f64>,
    /// Degrees east, WGS 84, -180 to 180. With `latitude`.
    longitude: Option<f64>,
}

impl From<&ListingPlace> for EventPlace {
    fn from(place: &ListingPlace) -> Self {
        Self {
            venue: place.venue.as_deref().map(str::to_owned),
            address_lines: place.address_lines.iter().map(|line| line.to_string()).collect(),
            locality: place.locality.as_deref().map(str::to_owned),
            region: place.region.as_deref().map(str::to_owned),
            postal_code: place.postal_code.as_deref().map(str::to_owned),
            country: place.country.as_deref().map(str::to_owned),
            latitude: place.latitude,
            longitude: place.longitude,
            precision: place.precision.map(Into::into),
        }
    }
}

impl EventPlace {
    /// The complete place; where its coordinates are not known, those the public sees.
    pub(super) fn exact(place: Place, public: Option<&ListingPlace>) -> Self {
        let given = place.latitude.zip(place.longitude);
        let shown = public.and_then(|public| public.latitude.zip(public.longitude));
        let precision = match given {
            Some(_) => Some(PlacePrecision::Exact),
            None => public.and_then(|public| public.precision).map(Into::into),
        };
        let (latitude, longitude) = given.or(shown).unzip();
        Self {
            venue: place.venue,
            address_lines: place.address_lines,
            locality: place.locality,
            region: place.region,
            postal_code: place.postal_code,
            country: Some(place.country),
            latitude,
            longitude,
            precision,
        }
    }
}

impl From<EventPlaceInput> for Place {
    fn from(input: EventPlaceInput) -> Self {
        Self {
            venue: input.venue,
            address_lines: input.address_lines,
            locality: input.locality,
            region: input.region,
            postal_code: input.postal_code,
            country: input.country,
            latitude: input.latitude,
            longitude: input.longitude,
        }
    }
}
