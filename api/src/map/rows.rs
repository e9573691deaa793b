//! Reads listings from rows. Columns that are not public are not even selected.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    AccessibilityFeature, AccessibilityStatus, AddressVisibility, EventStatus, EventType, HostKind,
    PlacePrecision, Visibility, event, event_host, timeslot,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbErr, DerivePartialModel, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::from_str;
use uuid::Uuid;

use super::{
    listing::{Counter, Listing, ListingPlace, Slot, seats_given},
    shared::Shared,
    text,
};

/// How many ids one statement names. What is read at once is most of what a start needs beyond the map itself.
pub(super) const CHUNK: usize = 100;

/// Kind and public name.
type Host = (HostKind, Shared);

#[derive(DerivePartialModel)]
#[sea_orm(entity = "event::Entity")]
struct EventRow {
    id: Uuid,
    status: EventStatus,
    title: String,
    summary: Option<String>,
    event_type: EventType,
    tags: String,
    image_url: Option<String>,
    accessibility_status: Option<AccessibilityStatus>,
    accessibility_features: String,
    address_visibility: AddressVisibility,
    external_url: Option<String>,
    campaign_id: Option<Uuid>,
    timezone: String,
    is_virtual: bool,
    venue: Option<String>,
    address_lines: String,
    locality: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    place_precision: Option<PlacePrecision>,
    version: i32,
    changed_at: DateTime<Utc>,
}

impl From<&event::Model> for EventRow {
    fn from(row: &event::Model) -> Self {
        Self {
            id: row.id,
            status: row.status,
            title: row.title.clone(),
            summary: row.summary.clone(),
            event_type: row.event_type,
            tags: row.tags.clone(),
            image_url: row.image_url.clone(),
            accessibility_status: row.accessibility_status,
            accessibility_features: row.accessibility_features.clone(),
            address_visibility: row.address_visibility,
            external_url: row.external_url.clone(),
            campaign_id: row.campaign_id,
            timezone: row.timezone.clone(),
            is_virtual: row.is_virtual,
            venue: row.venue.clone(),
            address_lines: row.address_lines.clone(),
            locality: row.locality.clone(),
            region: row.region.clone(),
            postal_code: row.postal_code.clone(),
            country: row.country.clone(),
            latitude: row.latitude,
            longitude: row.longitude,
            place_precision: row.place_precision,
            version: row.version,
            changed_at: row.changed_at,
        }
    }
}

/// What the map compares of a timeslot.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "timeslot::Entity")]
pub(super) struct SlotRow {
    pub(super) id: Uuid,
    pub(super) event_id: Uuid,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) ends_at: DateTime<Utc>,
    pub(super) capacity: Option<i32>,
    pub(super) taken: i32,
    pub(super) held: i32,
    pub(super) waitlist_first: bool,
    pub(super) cancelled_at: Option<DateTime<Utc>>,
    pub(super) version: i32,
    pub(super) changed_at: DateTime<Utc>,
}

/// Approved, public, with a timeslot that is neither cancelled nor over.
pub(super) fn findable(now: DateTime<Utc>) -> Condition {
    published().add(to_come(now))
}

/// With a timeslot that is neither cancelled nor over.
fn to_come(now: DateTime<Utc>) -> Expr {
    let slots = Query::select()
        .expr(Expr::val(1))
        .from(timeslot::Entity)
        .and_where(
            Expr::col((timeslot::Entity, timeslot::Column::EventId))
                .equals((event::Entity, event::Column::Id)),
        )
        .and_where(timeslot::Column::CancelledAt.is_null())
        .and_where(timeslot::Column::EndsAt.gt(now))
        .to_owned();
    Expr::exists(slots)
}

/// Approved and public.
pub(super) fn published() -> Condition {
    Condition::all()
        .add(event::Column::Status.eq(EventStatus::Approved))
        .add(event::Column::Visibility.eq(Visibility::Public))
}

/// Ids of all findable events.
pub(super) async fn findable_ids(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Uuid>, DbErr> {
    let select = event::Entity::find().select_only().column(event::Column::Id);
    select.filter(findable(now)).into_tuple().all(db).await
}

/// Those of these events that are findable, in three statements for every [`CHUNK`] of them.
pub(super) async fn listings(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Listing>, DbErr> {
    let mut listings = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let wanted = event::Column::Id.is_in(ids.iter().copied());
        let mut rows = event::Entity::find()
            .filter(wanted)
            .filter(event::Column::Visibility.eq(Visibility::Public))
            .filter(to_come(now))
            .into_partial_model::<EventRow>()
            .all(db)
            .await?;
        // Not in the statement: SQLite would walk all approved events by the index, for each chunk, instead of
        // looking up the ids.
        rows.retain(|row| row.status == EventStatus::Approved);
        let found: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        if found.is_empty() {
            continue;
        }
        let mut hosts = hosts(db, &found).await?;
        let mut slots = slots(db, &found).await?;
        listings.extend(rows.into_iter().map(|row| {
            let hosts = hosts.remove(&row.id).unwrap_or_default();
            let slots = slots.remove(&row.id).unwrap_or_default();
            listing(row, hosts, slots)
        }));
    }
    Ok(listings)
}

async fn hosts(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Host>>, DbErr> {
    let rows: Vec<(Uuid, HostKind, String)> = event_host::Entity::find()
        .select_only()
        .columns([
            event_host::Column::EventId,
            event_host::Column::Kind,
            event_host::Column::PublicName,
        ])
        .filter(event_host::Column::EventId.is_in(ids.iter().copied()))
        .order_by_desc(event_host::Column::Leads)
        .order_by_asc(event_host::Column::CreatedAt)
        .order_by_asc(event_host::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut hosts: HashMap<Uuid, Vec<Host>> = HashMap::new();
    for (event_id, kind, name) in rows {
        hosts.entry(event_id).or_default().push((kind, name.into()));
    }
    hosts.values_mut().for_each(Vec::shrink_to_fit);
    Ok(hosts)
}

async fn slots(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Slot>>, DbErr> {
    let rows = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.is_in(ids.iter().copied()))
        .filter(timeslot::Column::CancelledAt.is_null())
        .into_partial_model::<SlotRow>()
        .all(db)
        .await?;
    let mut slots: HashMap<Uuid, Vec<Slot>> = HashMap::new();
    for row in rows {
        slots.entry(row.event_id).or_default().push(Slot {
            id: row.id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            capacity: row.capacity,
            seats: Counter::new(
                row.version,
                seats_given(row.capacity, row.taken, row.held, row.waitlist_first),
            ),
        });
    }
    for slots in slots.values_mut() {
        slots.shrink_to_fit(); // they stay for long, and most events have one
        slots.sort_unstable_by_key(|slot| (slot.starts_at, slot.id));
    }
    Ok(slots)
}

impl Listing {
    /// The public side of any event, findable or not, out of its rows; timeslots by start.
    pub fn of(row: &event::Model, hosts: &[event_host::Model], timeslots: &[timeslot::Model]) -> Self {
        let hosts = hosts
            .iter()
            .map(|host| (host.kind, host.public_name.clone().into()))
            .collect();
        let standing = timeslots.iter().filter(|slot| slot.cancelled_at.is_none());
        let slots = standing.map(|slot| Slot {
            id: slot.id,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            capacity: slot.capacity,
            seats: Counter::new(
                slot.version,
                seats_given(slot.capacity, slot.taken, slot.held, slot.waitlist_first),
            ),
        });
        listing(EventRow::from(row), hosts, slots.collect())
    }
}

/// A column that cannot be read is logged and left empty: one such row must not take the map away from all.
fn listing(row: EventRow, hosts: Vec<Host>, timeslots: Vec<Slot>) -> Listing {
    let tags: Vec<Shared> = read(row.id, &row.tags).into_iter().map(Shared::from).collect();
    let features: Vec<String> = read(row.id, &row.accessibility_features);
    let address_lines = read(row.id, &row.address_lines);
    let accessibility_features = features
        .iter()
        .filter_map(|name| AccessibilityFeature::try_from_value(name).ok())
        .collect();
    let timezone = row.timezone.parse::<Tz>().unwrap_or(Tz::UTC);
    let place = ListingPlace {
        venue: row.venue.map(Shared::from),
        address_lines: address_lines.into_iter().map(Shared::from).collect(),
        locality: row.locality.map(Shared::from),
        region: row.region.map(Shared::from),
        postal_code: row.postal_code.map(Shared::from),
        country: row.country.map(Shared::from),
        latitude: row.latitude,
        longitude: row.longitude,
        precision: row.place_precision,
    };
    let summary = row.summary.map(Shared::from);
    let words = [&summary, &place.venue, &place.locality, &place.region];
    let words = words
        .into_iter()
        .flatten()
        .chain(hosts.iter().map(|(_, name)| name))
        .chain(&tags);
    let words = words.map(|text| &**text).chain([row.title.as_str()]);
    Listing {
        id: row.id,
        version: row.version,
        changed_at: row.changed_at,
        text: text::haystack(words),
        title: row.title,
        summary,
        event_type: row.event_type,
        tags,
        image_url: row.image_url,
        accessibility_status: row.accessibility_status,
        accessibility_features,
        is_virtual: row.is_virtual,
        external_url: row.external_url,
        campaign_id: row.campaign_id,
        timezone,
        hosts,
        place: (place != ListingPlace::default()).then_some(place),
        address_visibility: row.address_visibility,
        timeslots,
    }
}

fn read(id: Uuid, json: &str) -> Vec<String> {
    let mut list: Vec<String> = from_str(json).unwrap_or_else(|_| {
        tracing::error!(event.id = %id, "a list of this event cannot be read");
        Vec::new()
    });
    list.shrink_to_fit();
    list
}
