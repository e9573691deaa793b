//! Where an event is, in that shape: a hidden address is a sentence in the place of its lines, and has no coordinates.

use entity::{AddressVisibility, PlacePrecision};
use serde_json::{Value, json};

use crate::{
    domain::event::Private,
    map::{Listing, ListingPlace, Shared},
};

/// What stands in place of an address that is not told.
const HIDDEN: &str = "This event\u{2019}s address is private. Sign up for more details";

/// The place of `listing`; all of it with what is sealed, otherwise what everybody may know.
pub(super) fn of(listing: &Listing, private: Option<&Private>, is_export: bool) -> Option<Value> {
    let place = match private {
        Some(private) => ListingPlace::from(private.place.as_ref()?),
        None => listing.place.clone()?,
    };
    if private.is_none() && listing.address_visibility != AddressVisibility::Public {
        let hidden = ListingPlace {
            venue: Some(HIDDEN.to_owned().into()),
            postal_code: None,
            latitude: None,
            longitude: None,
            ..place
        };
        return Some(written(&hidden, &[HIDDEN, ""]));
    }
    if !is_export {
        let lines = two(&place.address_lines);
        return Some(written(&place, &lines.each_ref().map(String::as_str)));
    }
    // What was taken from a postal code is found again by it, and would be taken for exact.
    let is_told = place.precision == Some(PlacePrecision::Exact);
    let told = ListingPlace {
        latitude: place.latitude.filter(|_| is_told),
        ..place
    };
    let lines: Vec<&str> = told.address_lines.iter().map(|line| &**line).collect();
    Some(written(&told, &lines))
}

fn written(place: &ListingPlace, lines: &[&str]) -> Value {
    let point = place
        .latitude
        .zip(place.longitude)
        .map(|(latitude, longitude)| json!({"latitude": latitude, "longitude": longitude}));
    json!({
        "venue": place.venue.as_deref().unwrap_or_default(),
        "address_lines": lines,
        "locality": place.locality.as_deref().unwrap_or_default(),
        "region": place.region.as_deref().unwrap_or_default(),
        "country": place.country.as_deref().unwrap_or_default(),
        "postal_code": place.postal_code.as_deref().unwrap_or_default(),
        "location": point,
        "congressional_district": null,
        "state_leg_district": null,
        "state_senate_district": null,
    })
}

/// Always two lines: programs count on that.
fn two(lines: &[Shared]) -> [String; 2] {
    match lines.split_first() {
        Some((first, rest)) => [first.to_string(), rest.join(", ")],
        None => [String::new(), String::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_always_two_lines() {
        let lines =
            |count: usize| ["a", "b", "c"].map(|line| Shared::from(line.to_owned()))[..count].to_vec();
        assert_eq!(two(&lines(0)), ["", ""]);
        assert_eq!(two(&lines(1)), ["a", ""]);
        assert_eq!(two(&lines(3)), ["a", "b, c"]);
    }
}
