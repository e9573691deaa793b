//! GeoJSON (RFC 7946): points for a map, as exact as the public may know them.

use serde_json::{Value, json};

use super::{ask, page_of};
use crate::{
    app::App,
    domain::search::{self, Within},
    graphql::id,
    map::Pin,
    refusal::Refusal,
};

/// `/events.geojson`: the soonest events in a box. `complete` is false when there are more.
pub(super) fn within(app: &App, query: &str) -> Result<String, Refusal> {
    let (bounds, filter) = ask::bounds(app, query)?;
    let found = search::within(app, &bounds, filter, app.config.limits.feed);
    let Within { pins, is_all } = found.map_err(ask::by_parameters)?;
    let features: Vec<Value> = pins.iter().map(|pin| feature(app, pin)).collect();
    let collection = json!({"type": "FeatureCollection", "complete": is_all, "features": features});
    Ok(collection.to_string())
}

fn feature(app: &App, pin: &Pin) -> Value {
    let listing = &pin.listing;
    let place = listing.place.clone().unwrap_or_default();
    let local = pin.timeslot.starts_at.with_timezone(&listing.timezone);
    json!({
        "type": "Feature",
        "id": id::of_event(listing.id),
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": {
            "title": listing.title,
            "summary": listing.summary,
            "eventType": search::name_of(&listing.event_type),
            "startsAt": pin.timeslot.starts_at,
            "localStart": local.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "timezone": listing.timezone.name(),
            "isVirtual": listing.is_virtual,
            "campaignId": listing.campaign_id.map(id::of_campaign),
            "venue": place.venue,
            "locality": place.locality,
            "region": place.region,
            "precision": place.precision.as_ref().map(search::name_of),
            "url": page_of(app, listing.id),
            "externalUrl": listing.external_url,
        }
    })
}
