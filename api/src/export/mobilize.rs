//! Events in the shape of version 1 of the Mobilize API: what our own `/v1` answers, and what `turnout import mobilize`
//! reads.

mod file;
mod location;

pub use file::{Report, write};

use entity::{AddressVisibility, HostKind, Visibility, timeslot};
use sea_orm::{ActiveEnum, Iterable};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        campaign,
        event::{Loaded, Private},
        number::{self, Numbers},
        text,
    },
    graphql::id,
    map::{Listing, seats_given},
    refusal::Refusal,
};

/// An event, and how much of it is written.
pub struct Source {
    /// The event.
    pub event: Loaded,
    /// What is sealed of it, for those who may read all of it; with it, and with nothing but it, homes are written.
    pub private: Option<Private>,
    /// Whether it is for a file that is imported again: with what Mobilize has no fields for, and its description as it was
    /// written. Otherwise that is for pages, and raw HTML in it is escaped.
    pub is_export: bool,
}

/// The events in that shape, with those of their dates that stand and that are `wanted`.
pub async fn events(
    app: &App,
    sources: &[Source],
    wanted: impl Fn(&timeslot::Model) -> bool,
) -> Result<Vec<Value>, Refusal> {
    let listings: Vec<Listing> = sources
        .iter()
        .map(|source| Listing::of(&source.event.row, &source.event.hosts, &[]))
        .collect();
    let rows = sources
        .iter()
        .map(|source| (&source.event.row, source.event.timeslots.as_slice()));
    let mut campaigns: Vec<Uuid> = listings
        .iter()
        .filter_map(|listing| listing.campaign_id)
        .collect();
    campaigns.sort_unstable();
    campaigns.dedup();
    let names = listings.iter().flat_map(|listing| {
        let tags = listing.tags.iter().map(|tag| number::of_name("tag", tag));
        tags.chain(sponsor_of(listing).map(|name| number::of_name("sponsor", name)))
    });
    let numbers = Numbers::of(app, rows, names.chain(campaigns.iter().copied())).await?;
    let campaigns = campaign::find_many(app, campaigns).await?;
    let events = sources.iter().zip(&listings).map(|(source, listing)| {
        let campaign = listing.campaign_id.and_then(|id| campaigns.get(&id));
        let campaign = campaign.map(|campaign| campaign_of(&numbers, campaign));
        let mut event = event(app, &numbers, source, listing, &wanted);
        if let Value::Object(fields) = &mut event {
            fields.insert("event_campaign".to_owned(), campaign.into());
        }
        event
    });
    Ok(events.collect())
}

fn event(
    app: &App,
    numbers: &Numbers,
    source: &Source,
    listing: &Listing,
    wanted: &impl Fn(&timeslot::Model) -> bool,
) -> Value {
    let row = &source.event.row;
    let private = source.private.as_ref();
    let tags = listing
        .tags
        .iter()
        .map(|tag| json!({"id": numbers.get(number::of_name("tag", tag)), "name": tag}));
    let standing = source
        .event
        .timeslots
        .iter()
        .filter(|slot| slot.cancelled_at.is_none());
    let timeslots = standing
        .filter(|slot| wanted(slot))
        .map(|slot| date(numbers, slot));
    let description = match source.is_export {
        true => row.description.clone(),
        false => text::safe_markdown(&row.description),
    };
    let place = location::of(listing, private, source.is_export);
    let mut event = json!({
        "id": numbers.get(row.id),
        "title": row.title,
        "summary": row.summary.as_deref().unwrap_or_default(),
        "description": description,
        "featured_image_url": row.image_url.as_deref().unwrap_or_default(),
        "high_priority": null,
        "sponsor": sponsor(app, sponsor_of(listing).map(|name| (name, numbers))),
        "timeslots": timeslots.collect::<Vec<_>>(),
        "location": place,
        "timezone": listing.timezone.name(),
        "event_type": row.event_type.to_value(),
        "browser_url": page_of(app, row.id),
        "created_date": row.created_at.timestamp(),
        "modified_date": row.changed_at.timestamp(),
        "visibility": if row.visibility == Visibility::Public { "PUBLIC" } else { "PRIVATE" },
        "address_visibility": if row.address_visibility == AddressVisibility::Public { "PUBLIC" } else { "PRIVATE" },
        "created_by_volunteer_host": sponsor_of(listing).is_none(),
        "is_virtual": row.is_virtual,
        "virtual_action_url": private.and_then(|private| private.virtual_url.as_deref()),
        "contact": null,
        "accessibility_status": row.accessibility_status.map(|status| status.to_value()),
        "accessibility_notes": row.accessibility_notes.as_deref().unwrap_or_default(),
        "tags": tags.collect::<Vec<_>>(),
        "approval_status": "APPROVED",
        "instructions": private.and_then(|private| private.instructions.as_deref()),
    });
    if let (true, Value::Object(fields)) = (source.is_export, &mut event) {
        fields.insert("turnout".to_owned(), file::own(numbers, source, listing));
    }
    event
}

fn date(numbers: &Numbers, slot: &timeslot::Model) -> Value {
    let given = seats_given(slot.capacity, slot.taken, slot.held, slot.waitlist_first);
    let is_full = slot.capacity.is_some_and(|capacity| capacity <= given);
    json!({
        "id": numbers.get(slot.id),
        "start_date": slot.starts_at.timestamp(),
        "end_date": slot.ends_at.timestamp(),
        "max_attendees": slot.capacity,
        "is_full": is_full,
        "instructions": null,
    })
}

fn campaign_of(numbers: &Numbers, campaign: &entity::campaign::Model) -> Value {
    let is_imported = campaign.origin_system.as_deref() == Some(number::MOBILIZE);
    let origin = campaign.origin_id.as_deref().filter(|_| is_imported);
    let number = origin.and_then(number::foreign);
    let slug = campaign.name.to_lowercase();
    let words: Vec<&str> = slug
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    json!({
        "id": number.unwrap_or_else(|| numbers.get(campaign.id)), "slug": words.join("-"), "name": campaign.name
    })
}

/// The organisation that invites, where it is another than the one whose events these are.
pub fn sponsor_of(listing: &Listing) -> Option<&str> {
    let sponsor = listing.hosts.iter().find(|(kind, _)| *kind == HostKind::Sponsor);
    sponsor.map(|(_, name)| &**name)
}

/// An organisation: a sponsor by its name, or our own.
pub fn sponsor(app: &App, other: Option<(&str, &Numbers)>) -> Value {
    let settings = &app.config.mobilize;
    let own = app.config.organisation.as_str();
    let (id, name) = match other {
        Some((name, numbers)) if name != own => (numbers.get(number::of_name("sponsor", name)), name),
        _ => (settings.organization, own),
    };
    let slug = match (name == own, settings.slug.as_str()) {
        (true, slug) if !slug.is_empty() => slug.to_owned(),
        _ => slug_of(name),
    };
    json!({
        "id": id,
        "name": name,
        "slug": slug,
        "state": "",
        "district": "",
        "candidate_name": "",
        "is_coordinated": false,
        "is_independent": true,
        "is_primary_campaign": false,
        "race_type": null,
        "event_feed_url": format!("{}/events.atom", app.config.base_url()),
        "logo_url": null,
        "created_date": null,
        "modified_date": null,
    })
}

/// The names of closed sets, by the field that has them.
pub fn enums() -> Value {
    fn names<E: ActiveEnum<Value = String> + Iterable>() -> Vec<String> {
        E::iter().map(|value| value.to_value()).collect()
    }
    json!({
        "event_type": names::<entity::EventType>(),
        "accessibility_status": names::<entity::AccessibilityStatus>(),
        "visibility": ["PUBLIC", "PRIVATE"],
        "address_visibility": ["PUBLIC", "PRIVATE"],
        "approval_status": ["APPROVED"],
    })
}

/// Where people read more about an event, if a client has a page for it.
fn page_of(app: &App, id: Uuid) -> Option<String> {
    let page = &app.config.links.event;
    (!page.is_empty()).then(|| page.replace("{id}", &id::of_event(id)))
}

/// A name for addresses: small letters and digits.
fn slug_of(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric());
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests;
