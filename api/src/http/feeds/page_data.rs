//! Data for a page about an event, in the words of schema.org (JSON-LD), from which search engines list it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{EventStatus, HostKind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Keeping, ics::exact_point, page_of};
use crate::{
    app::App,
    domain::{
        Actor,
        event::{self, Loaded},
    },
    map::{Listing, ListingPlace},
    refusal::Refusal,
};

/// `/events/{id}.jsonld`: an event, and each of its dates as an event below it when there are several.
pub(super) async fn of_event(app: &App, id: Uuid) -> Result<(Keeping, String), Refusal> {
    let event = event::find(app, &Actor::Anonymous, id).await?;
    let listing = Listing::of(&event.row, &event.hosts, &event.timeslots);
    let is_off = event.row.status == EventStatus::Cancelled;
    let mut data = described(app, &listing);
    let all_off = event.timeslots.iter().all(|slot| slot.cancelled_at.is_some());
    // When it is, the dates say that stand; if none does, those that did.
    let meant = event
        .timeslots
        .iter()
        .filter(|slot| all_off || slot.cancelled_at.is_none());
    let first = meant.clone().next();
    let last = meant.max_by_key(|slot| slot.ends_at);
    if let Some((first, last)) = first.zip(last) {
        dated(
            &mut data,
            &listing,
            (first.starts_at, last.ends_at),
            is_off || all_off,
        );
    }
    if event.timeslots.len() > 1 {
        set(&mut data, "subEvent", dates(app, &event, &listing, is_off));
    }
    if let Some(url) = &listing.external_url {
        set(&mut data, "offers", json!({"@type": "Offer", "url": url}));
    }
    set(&mut data, "@context", "https://schema.org");
    // Pages carry it inside of a script element, which nothing in it may end.
    let text = data.to_string().replace('<', "\\u003c");
    Ok((Keeping::of(event.row.visibility), text))
}

fn dates(app: &App, event: &Loaded, listing: &Listing, is_off: bool) -> Vec<Value> {
    let date = |slot: &entity::timeslot::Model| {
        let mut data = described(app, listing);
        let is_off = is_off || slot.cancelled_at.is_some();
        dated(&mut data, listing, (slot.starts_at, slot.ends_at), is_off);
        data
    };
    event.timeslots.iter().map(date).collect()
}

fn described(app: &App, listing: &Listing) -> Value {
    let mode = match (listing.is_virtual, &listing.place) {
        (true, Some(_)) => "MixedEventAttendanceMode",
        (true, None) => "OnlineEventAttendanceMode",
        (false, _) => "OfflineEventAttendanceMode",
    };
    let mut locations: Vec<Value> = listing.place.iter().map(place).collect();
    if listing.is_virtual {
        // Where exactly is for those who come.
        locations.push(known(
            json!({"@type": "VirtualLocation", "url": page_of(app, listing.id)}),
        ));
    }
    let hosts = listing.hosts.iter().map(|(kind, name)| {
        let kind = match kind {
            HostKind::Person => "Person",
            HostKind::Sponsor => "Organization",
        };
        json!({"@type": kind, "name": name})
    });
    let mut data = json!({
        "@type": "Event",
        "name": listing.title,
        "eventAttendanceMode": format!("https://schema.org/{mode}"),
        "organizer": hosts.collect::<Vec<_>>(),
        "description": listing.summary,
        "image": listing.image_url,
        "url": page_of(app, listing.id),
    });
    if !locations.is_empty() {
        set(&mut data, "location", locations);
    }
    known(data)
}

fn dated(data: &mut Value, listing: &Listing, (from, until): (DateTime<Utc>, DateTime<Utc>), is_off: bool) {
    let status = if is_off {
        "EventCancelled"
    } else {
        "EventScheduled"
    };
    set(data, "startDate", local(from, listing.timezone));
    set(data, "endDate", local(until, listing.timezone));
    set(data, "eventStatus", format!("https://schema.org/{status}"));
}

fn place(place: &ListingPlace) -> Value {
    let street = place.address_lines.join(", ");
    let address = known(json!({
        "@type": "PostalAddress",
        "streetAddress": Some(street).filter(|street| !street.is_empty()),
        "addressLocality": place.locality,
        "addressRegion": place.region,
        "postalCode": place.postal_code,
        "addressCountry": place.country,
    }));
    let geo = exact_point(place).map(|(latitude, longitude)| {
        json!({"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude})
    });
    let name = place.venue.as_deref().or(place.locality.as_deref());
    known(json!({"@type": "Place", "name": name, "address": address, "geo": geo}))
}

/// Without the fields of which nothing is known.
fn known(mut data: Value) -> Value {
    if let Value::Object(fields) = &mut data {
        fields.retain(|_, value| !value.is_null());
    }
    data
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn set(data: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = data {
        fields.insert(name.to_owned(), value.into());
    }
}
