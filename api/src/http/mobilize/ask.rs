//! What the query of an address asks for, in the words of that API. What it does not know of is passed over, as it does
//! there: programs add parameters against caches, and others of theirs.

use actix_web::web::Query;
use chrono::{DateTime, Utc};
use entity::EventType;

use crate::{
    app::App,
    domain::{page::RowCursor, search},
    map::{Listing, Slot},
    refusal::{Problems, Refusal},
};

/// Where nothing is said.
const PER_PAGE: usize = 25;
const MOST_PARAMETERS: usize = 100;
/// The last page that may be asked for by its number.
const LAST_PAGE: usize = 1_000_000;
/// Times behind this are taken for it: 2200, before which both databases sort as they should.
const LATEST: i64 = 7_258_118_400;
const METRES_PER_MILE: f64 = 1609.344;

/// What is asked for.
pub(super) struct Asked {
    /// Events of these organisations; empty is all.
    pub(super) organizations: Vec<i64>,
    /// Changed at or after.
    pub(super) updated_since: Option<DateTime<Utc>>,
    /// Around where, and to which distance in metres.
    pub(super) near: Option<((f64, f64), f64)>,
    /// Only what is not public: nothing, for everybody.
    pub(super) is_private: bool,
    /// How many at most.
    pub(super) per_page: usize,
    /// Which page, from 1; none when a cursor counts.
    pub(super) page: Option<usize>,
    /// Past what.
    pub(super) cursor: Option<RowCursor>,
    starts: Vec<Comparison>,
    ends: Vec<Comparison>,
    types: Vec<EventType>,
    is_virtual: Option<bool>,
    exclude_full: bool,
}

/// A condition of a time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Gte(i64),
    Gt(i64),
    Lte(i64),
    Lt(i64),
}

impl Asked {
    /// Reads the query of an address; BAD_USER_INPUT names whatever is wrong with a parameter.
    pub(super) async fn read(app: &App, query: &str) -> Result<Self, Refusal> {
        let Ok(Query(given)) = Query::<Vec<(String, String)>>::from_query(query) else {
            return Err(Refusal::input(&["query"], "Cannot be decoded."));
        };
        if given.len() > MOST_PARAMETERS {
            let problem = format!("Has more than {MOST_PARAMETERS} parameters.");
            return Err(Refusal::input(&["query"], problem));
        }
        let mut given = Given {
            now: app.clock.now().timestamp(),
            given,
            problems: Problems::default(),
        };
        let most = app.config.limits.page;
        let asked = Self {
            organizations: given.numbers("organization_id"),
            updated_since: given.time("updated_since"),
            starts: given.comparisons("timeslot_start"),
            ends: given.comparisons("timeslot_end"),
            types: given.types(),
            is_virtual: given.flag("is_virtual"),
            exclude_full: given.flag("exclude_full") == Some(true),
            is_private: given.choice("visibility", ["PUBLIC", "PRIVATE"]) == Some(1),
            near: given.near(app).await?,
            per_page: given.size("per_page", most).unwrap_or(PER_PAGE.min(most)),
            cursor: given.cursor(),
            page: given.size("page", LAST_PAGE),
        };
        given.problems.finish()?;
        Ok(asked)
    }

    /// Whether it finds an event, dates and organisation apart.
    pub(super) fn fits(&self, listing: &Listing) -> bool {
        !self.is_private
            && self.updated_since.is_none_or(|since| listing.changed_at >= since)
            && (self.types.is_empty() || self.types.contains(&listing.event_type))
            && self.is_virtual.is_none_or(|wanted| listing.is_virtual == wanted)
    }

    /// Whether it finds a date.
    pub(super) fn fits_slot(&self, slot: &Slot) -> bool {
        self.fits_times(slot.starts_at, slot.ends_at) && !(self.exclude_full && slot.is_full())
    }

    /// Whether it finds a date from and until then.
    pub(super) fn fits_times(&self, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> bool {
        let all = |comparisons: &[Comparison], time: DateTime<Utc>| {
            comparisons
                .iter()
                .all(|comparison| comparison.holds(time.timestamp()))
        };
        all(&self.starts, starts_at) && all(&self.ends, ends_at)
    }
}

impl Comparison {
    fn holds(self, time: i64) -> bool {
        match self {
            Self::Gte(bound) => time >= bound,
            Self::Gt(bound) => time > bound,
            Self::Lte(bound) => time <= bound,
            Self::Lt(bound) => time < bound,
        }
    }
}

/// Parameters, and what is wrong with them so far.
struct Given {
    now: i64,
    given: Vec<(String, String)>,
    problems: Problems,
}

impl Given {
    fn numbers(&mut self, name: &str) -> Vec<i64> {
        let values = self.values(name);
        let numbers = values.iter().filter_map(|value| value.parse().ok());
        let numbers: Vec<i64> = numbers.collect();
        let good = numbers.len() == values.len();
        self.problems.check(good, name, INTEGER);
        numbers
    }

    fn size(&mut self, name: &str, most: usize) -> Option<usize> {
        let size = self.values(name).pop()?.parse().unwrap_or_default();
        let good = (1..=most).contains(&size);
        self.problems
            .check(good, name, format!("Must be an integer from 1 to {most}."));
        Some(size)
    }

    fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let value = self.values(name).pop()?;
        let time = self
            .seconds(&value)
            .and_then(|time| DateTime::from_timestamp(time.clamp(0, LATEST), 0));
        self.problems.check(time.is_some(), name, INTEGER);
        time
    }

    /// `gte_1514764800`, `lt_now`, …
    fn comparisons(&mut self, name: &str) -> Vec<Comparison> {
        let values = self.values(name);
        let read = |value: &String| {
            let (operator, time) = value.split_once('_')?;
            let time = self.seconds(time)?;
            match operator {
                "gte" => Some(Comparison::Gte(time)),
                "gt" => Some(Comparison::Gt(time)),
                "lte" => Some(Comparison::Lte(time)),
                "lt" => Some(Comparison::Lt(time)),
                _ => None,
            }
        };
        let comparisons: Vec<Comparison> = values.iter().filter_map(read).collect();
        let good = comparisons.len() == values.len();
        let rule = "A comparison such as gte_1514764800 or lt_now is required.";
        self.problems.check(good, name, rule);
        comparisons
    }

    fn seconds(&self, text: &str) -> Option<i64> {
        match text {
            "now" => Some(self.now),
            text => text.parse().ok(),
        }
    }

    fn types(&mut self) -> Vec<EventType> {
        let values = self.values("event_types");
        let names = values.iter().flat_map(|value| value.split(','));
        let found: Vec<Option<EventType>> = names.map(search::type_named).collect();
        let good = found.iter().all(Option::is_some);
        self.problems
            .check(good, "event_types", "Names of event types are required.");
        found.into_iter().flatten().collect()
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        let names = ["true", "false", "True", "False", "1", "0"];
        self.choice(name, names).map(|index| index % 2 == 0)
    }

    fn choice<const N: usize>(&mut self, name: &str, names: [&str; N]) -> Option<usize> {
        let value = self.values(name).pop()?;
        let index = names.iter().position(|name| *name == value);
        let rule = format!("Must be one of {}.", names.join(", "));
        self.problems.check(index.is_some(), name, rule);
        index
    }

    async fn near(&mut self, app: &App) -> Result<Option<((f64, f64), f64)>, Refusal> {
        let distance = self.values("max_dist").pop().map(|value| value.parse::<f64>());
        let good = |miles: &f64| *miles > 0.0 && miles.is_finite();
        let is_good = distance
            .as_ref()
            .is_none_or(|miles| miles.as_ref().is_ok_and(good));
        self.problems
            .check(is_good, "max_dist", "A positive number of miles is required.");
        let code = self.values("zipcode").pop();
        let is_pair = distance.is_none() || code.is_some();
        self.problems.check(is_pair, "max_dist", "Goes with zipcode.");
        let Some(code) = code else { return Ok(None) };
        let point = app.postal.find(&app.db, "US", &code).await?;
        self.problems
            .check(point.is_some(), "zipcode", "Is not known here.");
        let miles = distance.and_then(Result::ok).unwrap_or(f64::INFINITY);
        let around = |point: crate::postal::Point| {
            let metres = miles * METRES_PER_MILE;
            ((point.latitude(), point.longitude()), metres)
        };
        Ok(point.map(around))
    }

    fn cursor(&mut self) -> Option<RowCursor> {
        let cursor = RowCursor::decode(&self.values("cursor").pop()?, "cursor");
        self.problems
            .check(cursor.is_ok(), "cursor", "Is no cursor of this list.");
        cursor.ok()
    }

    /// Of a parameter that is there more than once, all; of one that counts once, the last counts.
    fn values(&self, name: &str) -> Vec<String> {
        let named = self.given.iter().filter(|(given, _)| given == name);
        named.map(|(_, value)| value.clone()).collect()
    }
}

const INTEGER: &str = "A valid integer is required.";
