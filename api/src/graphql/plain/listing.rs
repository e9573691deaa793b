//! What lists show of events, in the same words as the resolvers in `event.rs`, `timeslot.rs` and `place.rs`.

use entity::{AddressVisibility as Visible, HostKind as Kind};

use super::{Plain, Selected};
use crate::{
    graphql::{
        enums::{
            AccessibilityFeature, AccessibilityStatus, AddressVisibility, EventStatus, EventType, HostKind,
            PlacePrecision, Visibility,
        },
        id,
        json::Json,
    },
    map::{Listing, ListingPlace, Shared},
};

/// An event that anybody can find.
impl Plain for Listing {
    const NAME: &'static str = "Event";

    fn write(&self, field: &str, selected: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "id" => json.scalar(&id::global(id::Kind::Event, self.id)),
            "version" => json.value(self.version),
            "status" => json.scalar(&EventStatus::Approved),
            "visibility" => json.scalar(&Visibility::Public),
            "title" => json.value(&self.title),
            "summary" => json.value(&self.summary),
            "eventType" => json.scalar(&EventType::from(self.event_type)),
            "tags" => json.value(&self.tags),
            "imageUrl" => json.value(&self.image_url),
            "accessibilityStatus" => json.scalar(&self.accessibility_status.map(AccessibilityStatus::from)),
            "accessibilityFeatures" => {
                let features = self.accessibility_features.iter().copied();
                json.scalar(&features.map(AccessibilityFeature::from).collect::<Vec<_>>())
            }
            "addressVisibility" => json.scalar(&AddressVisibility::from(self.address_visibility)),
            "campaignId" => json.scalar(
                &self
                    .campaign_id
                    .map(|campaign| id::global(id::Kind::Campaign, campaign)),
            ),
            "timezone" => json.value(self.timezone.name()),
            "isVirtual" => json.value(self.is_virtual),
            // Of a hidden place, somebody who is signed in may know more.
            "place" if self.address_visibility == Visible::Public || !selected.signed_in => {
                match &self.place {
                    Some(place) => selected.object(place, json),
                    None => json.value(()),
                }
            }
            "hosts" => selected.list(&self.hosts, json),
            _ => None,
        }
    }
}

/// A host: kind and public name.
impl Plain for (Kind, Shared) {
    const NAME: &'static str = "EventHost";

    fn write(&self, field: &str, _: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "kind" => json.scalar(&HostKind::from(self.0)),
            "publicName" => json.value(&self.1),
            _ => None,
        }
    }
}

impl Plain for ListingPlace {
    const NAME: &'static str = "EventPlace";

    fn write(&self, field: &str, _: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "venue" => json.value(&self.venue),
            "addressLines" => json.value(&self.address_lines),
            "locality" => json.value(&self.locality),
            "region" => json.value(&self.region),
            "postalCode" => json.value(&self.postal_code),
            "country" => json.value(&self.country),
            "latitude" => json.value(self.latitude),
            "longitude" => json.value(self.longitude),
            "precision" => json.scalar(&self.precision.map(PlacePrecision::from)),
            _ => None,
        }
    }
}
