//! What lists show of events, in the same words as the resolvers in `event.rs`, `timeslot.rs` and `place.rs`.

use async_graphql::{ScalarType, Value};
use entity::{AddressVisibility as Visible, HostKind as Kind};

use super::{Plain, Selected};
use crate::{
    graphql::{
        enums::{
            AccessibilityFeature, AccessibilityStatus, AddressVisibility, EventStatus, EventType, HostKind,
            PlacePrecision, Visibility,
        },
        id,
    },
    map::{Listing, ListingPlace},
};

/// An event that anybody can find.
impl Plain for Listing {
    const NAME: &'static str = "Event";

    fn value(&self, field: &str, selected: &Selected<'_>) -> Option<Value> {
        Some(match field {
            "id" => id::global(id::Kind::Event, self.id).to_value(),
            "version" => Value::from(self.version),
            "status" => EventStatus::Approved.into(),
            "visibility" => Visibility::Public.into(),
            "title" => Value::from(self.title.as_str()),
            "summary" => text(self.summary.as_deref()),
            "eventType" => EventType::from(self.event_type).into(),
            "tags" => texts(&self.tags),
            "imageUrl" => text(self.image_url.as_deref()),
            "accessibilityStatus" => self
                .accessibility_status
                .map_or(Value::Null, |status| AccessibilityStatus::from(status).into()),
            "accessibilityFeatures" => {
                let features = self.accessibility_features.iter();
                let value = |feature| Value::from(AccessibilityFeature::from(feature));
                Value::List(features.copied().map(value).collect())
            }
            "addressVisibility" => AddressVisibility::from(self.address_visibility).into(),
            "timezone" => Value::from(self.timezone.name()),
            "isVirtual" => Value::from(self.is_virtual),
            // Of a hidden place, somebody who is signed in may know more.
            "place" if self.address_visibility == Visible::Public || !selected.signed_in => {
                let place = self.place.as_ref();
                return place.map_or(Some(Value::Null), |place| selected.object(place));
            }
            "hosts" => return selected.list(&self.hosts),
            _ => return None,
        })
    }
}

/// A host: kind and public name.
impl Plain for (Kind, String) {
    const NAME: &'static str = "EventHost";

    fn value(&self, field: &str, _: &Selected<'_>) -> Option<Value> {
        match field {
            "kind" => Some(HostKind::from(self.0).into()),
            "publicName" => Some(Value::from(self.1.as_str())),
            _ => None,
        }
    }
}

impl Plain for ListingPlace {
    const NAME: &'static str = "EventPlace";

    fn value(&self, field: &str, _: &Selected<'_>) -> Option<Value> {
        Some(match field {
            "venue" => text(self.venue.as_deref()),
            "addressLines" => texts(&self.address_lines),
            "locality" => text(self.locality.as_deref()),
            "region" => text(self.region.as_deref()),
            "postalCode" => text(self.postal_code.as_deref()),
            "country" => text(self.country.as_deref()),
            "latitude" => self.latitude.map_or(Value::Null, Value::from),
            "longitude" => self.longitude.map_or(Value::Null, Value::from),
            "precision" => self
                .precision
                .map_or(Value::Null, |precision| PlacePrecision::from(precision).into()),
            _ => return None,
        })
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

fn texts(texts: &[String]) -> Value {
    Value::List(texts.iter().map(|text| Value::from(text.as_str())).collect())
}
