//! Series: dates of an event that one rule made, and what is edited of them together.
//!
//! The dates are timeslots like any other, made at once: what somebody answered for stays what it is. Each remembers its
//! *occurrence*, the local start that the rule gave it, and whether it is an *exception*, changed or called off by itself
//! since. Local times are those of the event's zone and stay across its changes of the clock.

mod add;
mod cancel;
mod edit;
mod plan;
mod rows;

pub use add::add_series;
pub use cancel::cancel_timeslots;
pub use edit::update_timeslots;
pub(super) use rows::insert;

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use entity::{ChangeKind, ChangeSource, series, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Loaded, NewTimeslot, find,
    history::{self, By, FieldChange},
    timeslots,
};
use crate::{
    app::{App, Tx},
    domain::{Actor, recurrence::Rule},
    local::at_local,
    refusal::{Problems, Refusal},
};

/// Dates to add by a rule.
#[derive(Clone, Debug)]
pub struct NewSeries {
    /// RRULE of RFC 5545.
    pub rule: String,
    /// Local time of the first date; or before it, when the rule does not give this day.
    pub local_start: String,
    /// How long each takes.
    pub duration_minutes: i32,
    /// Seats of each; `None` is unlimited.
    pub capacity: Option<i32>,
    /// Local days on which there is none.
    pub except_on: Vec<String>,
}

/// What to change of dates; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct SeriesChange {
    /// A new local start of the date that is named; the others move by as many days, to the same time.
    pub local_start: Option<String>,
    /// How long each takes.
    pub duration_minutes: Option<i32>,
    /// New seats; `Some(None)` is unlimited.
    pub capacity: Option<Option<i32>>,
    /// A new rule for these dates.
    pub rule: Option<String>,
    /// Whether exceptions become like the others.
    pub override_exceptions: bool,
}

/// Which dates of a series are meant by one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This one.
    This,
    /// This one and those after it.
    Following,
    /// All that are not over.
    All,
}

/// An event after some of its dates were changed together, and how many.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The event.
    pub event: Loaded,
    /// How many dates.
    pub counts: Counts,
}

/// What became of how many dates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// New ones.
    pub added: usize,
    /// Those with another start, end or capacity.
    pub changed: usize,
    /// Those that were called off.
    pub cancelled: usize,
}

/// A timeslot's place in a series.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The series.
    pub series: series::Model,
    /// The local start that the rule gave it.
    pub local_start: NaiveDateTime,
    /// Whether it was changed or called off by itself.
    pub is_exception: bool,
}

/// Said when somebody else was faster.
const CHANGED: Refusal = Refusal::Conflict("The series was changed meanwhile; read it again.");

/// What a series says of its dates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    pub(super) rule: Rule,
    pub(super) local_start: NaiveDateTime,
    pub(super) duration: TimeDelta,
    pub(super) capacity: Option<i32>,
    pub(super) zone: Tz,
    pub(super) except_on: BTreeSet<NaiveDate>,
}

/// A series, if the actor may know of its event; NOT_FOUND otherwise.
pub async fn find_series(app: &App, actor: &Actor, id: Uuid) -> Result<series::Model, Refusal> {
    let row = series::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("series"))?;
    match find(app, actor, row.event_id).await {
        Ok(_) => Ok(row),
        Err(Refusal::NotFound(_)) => Err(Refusal::NotFound("series")),
        Err(refusal) => Err(refusal),
    }
}

/// The places of those of these timeslots that are of a series, whoever asks: they say no more than the dates do.
pub async fn occurrences(app: &App, timeslot_ids: &[Uuid]) -> Result<HashMap<Uuid, Occurrence>, Refusal> {
    let slots = timeslot::Entity::find()
        .filter(timeslot::Column::Id.is_in(timeslot_ids.iter().copied()))
        .filter(timeslot::Column::SeriesId.is_not_null())
        .all(app.db.reader())
        .await?;
    let ids: BTreeSet<Uuid> = slots.iter().filter_map(|slot| slot.series_id).collect();
    let rows = series::Entity::find().filter(series::Column::Id.is_in(ids));
    let rows = rows.all(app.db.reader()).await?;
    let rows: HashMap<Uuid, series::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let place = |slot: timeslot::Model| {
        let occurrence = Occurrence {
            series: rows.get(&slot.series_id?)?.clone(),
            local_start: slot.occurrence?,
            is_exception: slot.excepted_at.is_some(),
        };
        Some((slot.id, occurrence))
    };
    Ok(slots.into_iter().filter_map(place).collect())
}

impl Definition {
    /// The date on a day.
    pub(super) fn slot(&self, day: NaiveDate) -> NewTimeslot {
        let starts_at = at_local(day.and_time(self.local_start.time()), self.zone);
        NewTimeslot {
            starts_at,
            ends_at: starts_at + self.duration,
            capacity: self.capacity,
        }
    }
}

impl Outcome {
    fn adding(event: Loaded, added: usize) -> Self {
        let counts = Counts {
            added,
            ..Counts::default()
        };
        Self { event, counts }
    }
}

/// Notes what was done to dates of a series in the event's history; nothing if nothing was.
async fn told(
    tx: &Tx,
    actor: &Actor,
    event: &Loaded,
    kind: ChangeKind,
    fields: Vec<FieldChange>,
) -> Result<(), Refusal> {
    if fields.is_empty() {
        return Ok(());
    }
    let change = (event.row.id, By::of(actor, &event.hosts), kind, fields);
    history::note_all(tx, ChangeSource::Series, [change]).await
}

/// The days of `rule` but for some, and the rule that ends with the last of them.
fn settle(
    app: &App,
    rule: Rule,
    start: NaiveDate,
    except_on: &BTreeSet<NaiveDate>,
) -> Result<(Rule, Vec<NaiveDate>), Refusal> {
    let wrong = |problem| Refusal::input(&["input", "rule"], problem);
    let mut days = rule.days(start, app.config.limits.series_days).map_err(wrong)?;
    days.retain(|day| !except_on.contains(day));
    match days.last() {
        Some(last) => Ok((rule.until(*last), days)),
        None => Err(wrong("gives no date but those that are excepted".to_owned())),
    }
}

/// `2030-01-31T19:00:00`, with or without seconds.
pub(super) fn read_local(text: &str, problems: &mut Problems) -> Option<NaiveDateTime> {
    let read = |form| NaiveDateTime::parse_from_str(text, form).ok();
    let local = read("%Y-%m-%dT%H:%M:%S").or_else(|| read("%Y-%m-%dT%H:%M"));
    let local = local.filter(|local| (1970..=timeslots::LAST_YEAR).contains(&local.year()));
    let problem = "must be a local time like 2030-01-31T19:00:00, without an offset";
    problems.check(local.is_some(), "input.localStart", problem);
    local
}

fn check_duration(minutes: i32, problems: &mut Problems) {
    let most = timeslots::LONGEST.num_minutes();
    let fits = (1..=most).contains(&i64::from(minutes));
    let problem = format!("must be between 1 and {most}");
    problems.check(fits, "input.durationMinutes", problem);
}
