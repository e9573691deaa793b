//! Finding events on the map. Everybody may; what is found is what the public may know.

mod within;

pub use within::{Within, within};

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::EventType;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use crate::{
    app::App,
    domain::page::PageArgs,
    map::{BoundingBox, Cursor, Facets, Hit, Listing, Near, Order, Page, Pins, Search, Slot, View},
    refusal::{Problems, Refusal},
};

/// Where to look.
#[derive(Clone, Debug)]
pub enum Place {
    /// Around a point: degrees north and east, WGS 84.
    Point(f64, f64),
    /// Around the centre of a postal code: country and code.
    PostalCode(String, String),
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Starts at or after; now by default.
    pub from: Option<DateTime<Utc>>,
    /// Starts before; at most `limits.window_days` after `from`, which is also the default.
    pub until: Option<DateTime<Utc>>,
    /// Any of these types; empty is all.
    pub types: Vec<EventType>,
    /// Any of these campaigns, at most 20; empty is all.
    pub campaigns: Vec<Uuid>,
    /// Words that begin words of the event's public text.
    pub text: Option<String>,
    /// Only (not) online.
    pub virtual_: Option<bool>,
    /// Only with a free seat.
    pub has_seats: bool,
    /// Only where the host said that the place is accessible.
    pub accessible: bool,
}

/// Everything that was looked for, and not only a page of it.
pub struct Asked {
    search: Search,
    within: Option<BoundingBox>,
    now: DateTime<Utc>,
}

impl Asked {
    /// Counts all that there is of it.
    pub fn facets(&self, app: &App) -> Facets {
        app.map.facets(&self.search, self.within.as_ref(), self.now)
    }
}

/// As far in as a map goes.
const DEEPEST_ZOOM: i32 = 22;

/// Each event is compared with all of them.
const MOST_CAMPAIGNS: usize = 20;

/// So many events and clusters are as many as a screen can show.
pub const MOST_PINS: i32 = 300;

/// Events around `place`. BAD_USER_INPUT names what is wrong, an unknown postal code too.
pub async fn nearby(
    app: &App,
    place: &Place,
    radius_metres: f64,
    filter: Filter,
    order: Order,
    page: PageArgs<String>,
) -> Result<(Page, Asked), Refusal> {
    let mut problems = Problems::default();
    let most = app.config.limits.radius_km * 1000.0;
    let good = radius_metres > 0.0 && radius_metres <= most;
    problems.check(
        good,
        "radius",
        format!("must be above 0 and at most {most} metres"),
    );
    let (latitude, longitude) = match place {
        Place::Point(latitude, longitude) => {
            problems.check(
                (-90.0..=90.0).contains(latitude),
                "near.latitude",
                "must be between -90 and 90",
            );
            problems.check(
                (-180.0..=180.0).contains(longitude),
                "near.longitude",
                "must be between -180 and 180",
            );
            (*latitude, *longitude)
        }
        Place::PostalCode(country, code) => match app.postal.find(&app.db, country, code).await? {
            Some(point) => (point.latitude(), point.longitude()),
            None => {
                problems.add("near.postalCode", "is not known");
                (0.0, 0.0)
            }
        },
    };
    let near = Near {
        latitude,
        longitude,
        radius_metres,
    };
    paged(app, Some(near), filter, order, page, problems)
}

/// Events anywhere, soonest first.
pub fn everywhere(app: &App, filter: Filter, page: PageArgs<String>) -> Result<(Page, Asked), Refusal> {
    paged(app, None, filter, Order::Start, page, Problems::default())
}

/// The dates of events that were found by `filter`, soonest first and at most so many: those that start within its
/// window and are not over. Of as many events, soonest first, these are the soonest dates of all.
pub fn dates(app: &App, hits: &[Hit], filter: &Filter, most: usize) -> Vec<(Arc<Listing>, Slot)> {
    let now = app.clock.now();
    let (from, until) = filter.window(app, now);
    let fits = |slot: &&Slot| {
        from <= slot.starts_at && until.is_none_or(|until| slot.starts_at < until) && slot.ends_at > now
    };
    let of_event = |hit: &Hit| {
        let slots = hit.listing.timeslots.iter().filter(fits).take(most);
        let dates = slots.map(|slot| (Arc::clone(&hit.listing), slot.clone()));
        dates.collect::<Vec<_>>()
    };
    let mut dates: Vec<_> = hits.iter().flat_map(of_event).collect();
    dates.sort_by_key(|(_, slot)| (slot.starts_at, slot.id));
    dates.truncate(most);
    dates
}

/// The name in the schema of a value out of a closed set.
pub fn name_of(value: &impl ActiveEnum<Value = String>) -> String {
    value.to_value()
}

/// The event type of that name.
pub fn type_named(name: &str) -> Option<EventType> {
    EventType::try_from_value(&name.to_owned()).ok()
}

impl Filter {
    /// From when on, and before when, an event must start.
    fn window(&self, app: &App, now: DateTime<Utc>) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
        let from = self.from.unwrap_or(now);
        let days = TimeDelta::days(app.config.limits.window_days);
        (from, self.until.or_else(|| from.checked_add_signed(days)))
    }
}

/// Events between two parallels and two meridians, each as itself, or where they are more than `limit`, in clusters as a
/// map shows them at `zoom`. BAD_USER_INPUT names what is wrong.
pub fn in_box(
    app: &App,
    within: BoundingBox,
    zoom: i32,
    limit: i32,
    filter: Filter,
) -> Result<(Pins, Asked), Refusal> {
    let mut problems = Problems::default();
    for (name, degrees, most) in [
        ("north", within.north, 90.0),
        ("south", within.south, 90.0),
        ("east", within.east, 180.0),
        ("west", within.west, 180.0),
    ] {
        let good = (-most..=most).contains(&degrees);
        problems.check(
            good,
            &format!("box.{name}"),
            format!("must be between -{most} and {most}"),
        );
    }
    let upright = within.south <= within.north;
    problems.check(upright, "box.south", "must not be above north");
    let seen = 0..=DEEPEST_ZOOM;
    problems.check(
        seen.contains(&zoom),
        "zoom",
        format!("must be between 0 and {DEEPEST_ZOOM}"),
    );
    let shown = 1..=MOST_PINS;
    problems.check(
        shown.contains(&limit),
        "limit",
        format!("must be between 1 and {MOST_PINS}"),
    );
    let now = app.clock.now();
    let search = search(app, None, filter, Order::Start, now, problems)?;
    let view = View {
        within,
        zoom: u8::try_from(zoom).unwrap_or_default(),
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let pins = app.map.pins(&search, &view, now);
    let within = Some(within);
    Ok((pins, Asked { search, within, now }))
}

fn paged(
    app: &App,
    near: Option<Near>,
    filter: Filter,
    order: Order,
    page: PageArgs<String>,
    problems: Problems,
) -> Result<(Page, Asked), Refusal> {
    let now = app.clock.now();
    let search = search(app, near, filter, order, now, problems)?;
    let argument = if page.backward { "before" } else { "after" };
    let cursor = |text: String| Cursor::parse(&text, order, argument);
    let search = Search {
        past: page.past.map(cursor).transpose()?,
        backward: page.backward,
        size: page.size,
        ..search
    };
    let found = app.map.search(&search, now);
    let within = None;
    Ok((found, Asked { search, within, now }))
}

/// What `filter` looks for, if nothing is wrong with it; no page yet.
fn search(
    app: &App,
    near: Option<Near>,
    filter: Filter,
    order: Order,
    now: DateTime<Utc>,
    mut problems: Problems,
) -> Result<Search, Refusal> {
    let (from, until) = filter.window(app, now);
    let days = app.config.limits.window_days;
    let window = TimeDelta::days(days);
    problems.check(
        filter.until.is_none_or(|until| until > from),
        "window.until",
        "must be after from",
    );
    let short = filter.until.is_none_or(|until| until - from <= window);
    problems.check(
        short,
        "window.until",
        format!("must be at most {days} days after from"),
    );
    let words = filter
        .text
        .as_ref()
        .is_none_or(|text| text.chars().count() <= 200);
    problems.check(words, "text", "has more than 200 characters");
    problems.check(
        filter.campaigns.len() <= MOST_CAMPAIGNS,
        "campaigns",
        format!("has more than {MOST_CAMPAIGNS} campaigns"),
    );
    problems.finish()?;
    let mut types = filter.types;
    types.sort_unstable();
    types.dedup(); // each date is compared with all of them
    Ok(Search {
        near,
        from,
        until,
        types,
        campaigns: filter.campaigns,
        text: filter.text,
        virtual_: filter.virtual_,
        has_seats: filter.has_seats,
        accessible: filter.accessible,
        order,
        past: None,
        backward: false,
        size: 0,
    })
}
