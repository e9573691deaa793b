//! Calendars.

use chrono::{DateTime, Utc};
use entity::{EventStatus, PlacePrecision, RsvpStatus};
use uuid::Uuid;

use super::{Campaigns, Keeping, ask, calendar_of, campaigns, page_of};
use crate::{
    app::App,
    calendar::{self, Entry, Status},
    domain::{Actor, calendar as personal, event, place, search},
    map::{Listing, ListingPlace},
    refusal::Refusal,
};

/// A date, wherever it comes from.
struct Date {
    id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    status: Status,
}

/// `/events.ics`: the soonest dates around a place.
pub(super) async fn near(app: &App, query: &str) -> Result<String, Refusal> {
    let (hits, filter) = ask::near(app, query).await?;
    let dates = search::dates(app, &hits, &filter, app.config.limits.feed);
    let campaigns = campaigns(app, dates.iter().map(|(listing, _)| listing.campaign_id)).await?;
    let entries = dates.iter().map(|(listing, slot)| {
        let date = Date {
            id: slot.id,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            status: Status::Confirmed,
        };
        entry(app, listing, &date, &campaigns)
    });
    let entries: Vec<Entry> = entries.collect();
    Ok(calendar::write(Some(&app.config.organisation), &entries))
}

/// `/events/{id}.ics`: every date of an event, cancelled ones too, so that calendars take them off.
pub(super) async fn of_event(app: &App, id: Uuid) -> Result<(Keeping, String), Refusal> {
    let event = event::find(app, &Actor::Anonymous, id).await?;
    let listing = Listing::of(&event.row, &event.hosts, &event.timeslots);
    let campaigns = campaigns(app, [listing.campaign_id]).await?;
    let is_off = event.row.status == EventStatus::Cancelled;
    let entries = event.timeslots.iter().map(|slot| {
        let date = Date {
            id: slot.id,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            status: match is_off || slot.cancelled_at.is_some() {
                true => Status::Cancelled,
                false => Status::Confirmed,
            },
        };
        entry(app, &listing, &date, &campaigns)
    });
    let entries: Vec<Entry> = entries.collect();
    Ok((Keeping::of(event.row.visibility), calendar::write(None, &entries)))
}

/// `/calendar/{token}.ics`: the dates that somebody answered for.
pub(super) async fn personal(app: &App, token: &str) -> Result<String, Refusal> {
    let personal::Dates { rsvps, events } = personal::dates(app, token).await?;
    let campaigns = campaigns(app, events.values().map(|(event, _)| event.row.campaign_id)).await?;
    let entries = rsvps.iter().filter_map(|(rsvp, slot)| {
        let (event, private) = events.get(&rsvp.event_id)?;
        let mut listing = Listing::of(&event.row, &event.hosts, &[]);
        if let Some(place) = &private.place {
            listing.place = Some(place.into());
        }
        let is_off = event.row.status == EventStatus::Cancelled || slot.cancelled_at.is_some();
        let date = Date {
            id: slot.id,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            status: match rsvp.status {
                _ if is_off => Status::Cancelled,
                // It may be back within the hour.
                _ if event.row.status == EventStatus::Suppressed => Status::Tentative,
                RsvpStatus::Registered => Status::Confirmed,
                _ => Status::Tentative,
            },
        };
        let mut entry = entry(app, &listing, &date, &campaigns);
        entry.changed_at = entry.changed_at.max(rsvp.changed_at);
        if let Some(url) = &private.virtual_url {
            add_line(&mut entry, url);
            entry.url = Some(url.clone());
        }
        Some(entry)
    });
    let entries: Vec<Entry> = entries.collect();
    Ok(calendar::write(Some(&app.config.organisation), &entries))
}

fn add_line(entry: &mut Entry, line: &str) {
    entry.description = [entry.description.as_str(), line].join("\n\n").trim().to_owned();
}

fn entry(app: &App, listing: &Listing, date: &Date, campaigns: &Campaigns) -> Entry {
    let lines = listing.place.as_ref().map(place::lines).unwrap_or_default();
    let mut entry = Entry {
        uid: calendar::uid(&app.config, date.id),
        sequence: listing.version,
        changed_at: listing.changed_at,
        starts_at: date.starts_at,
        ends_at: date.ends_at,
        timezone: listing.timezone,
        status: date.status,
        title: listing.title.clone(),
        description: listing.summary.as_deref().unwrap_or_default().to_owned(),
        category: listing.campaign_id.and_then(|id| campaigns.get(&id).cloned()),
        location: (!lines.is_empty()).then(|| lines.join(", ")),
        point: listing.place.as_ref().and_then(exact_point),
        url: Some(page_of(app, listing.id).unwrap_or_else(|| calendar_of(app, listing.id))),
    };
    if let Some(url) = &listing.external_url {
        add_line(&mut entry, url); // where one joins
    }
    entry
}

/// Calendars and search engines put a pin where a point is, and say nothing of how exact it is: that of a hidden address
/// would be at somebody else's door.
pub(super) fn exact_point(place: &ListingPlace) -> Option<(f64, f64)> {
    let is_exact = place.precision == Some(PlacePrecision::Exact);
    place.latitude.zip(place.longitude).filter(|_| is_exact)
}
