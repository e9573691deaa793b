//! VTIMEZONE: what the clocks of a zone show at the times that a file names.
//!
//! Each change of the clocks stands there by itself, with its date. Rules that go on for ever would be shorter, and wrong
//! wherever a zone has changed its rules, or will.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::lines::Lines;

/// A zone with summer time changed its clocks within this time before any date.
const LOOK_BACK: TimeDelta = TimeDelta::days(400);
/// No zone changes its clocks and takes that back within a day.
const STEP: TimeDelta = TimeDelta::days(1);

/// What the clocks show, and from when on.
struct Observance {
    /// By the clocks before.
    onset: NaiveDateTime,
    before: TimeDelta,
    since: Clocks,
}

#[derive(Clone, PartialEq)]
struct Clocks {
    offset: TimeDelta,
    is_summer: bool,
    name: Option<String>,
}

/// The zone, right at `times`.
pub(super) fn write(out: &mut Lines, zone: Tz, mut times: Vec<DateTime<Utc>>) {
    times.sort_unstable();
    out.value("BEGIN", "VTIMEZONE");
    out.value("TZID", zone.name());
    for observance in observances(zone, &times) {
        let kind = if observance.since.is_summer {
            "DAYLIGHT"
        } else {
            "STANDARD"
        };
        out.value("BEGIN", kind);
        out.value("DTSTART", &observance.onset.format("%Y%m%dT%H%M%S").to_string());
        out.value("TZOFFSETFROM", &offset(observance.before));
        out.value("TZOFFSETTO", &offset(observance.since.offset));
        if let Some(name) = &observance.since.name {
            out.text("TZNAME", name);
        }
        out.value("END", kind);
    }
    out.value("END", "VTIMEZONE");
}

/// By onset; `times` are sorted. The time this takes grows with the number of times, however far they are apart.
fn observances(zone: Tz, times: &[DateTime<Utc>]) -> Vec<Observance> {
    let Some(first) = times.first() else { return vec![] };
    let mut at = *first - LOOK_BACK;
    let mut now = clocks(zone, at);
    let mut found = vec![Observance {
        onset: DateTime::UNIX_EPOCH.naive_utc(),
        before: now.offset,
        since: now.clone(),
    }];
    let mut change = |now: &mut Clocks, at: DateTime<Utc>| {
        let since = clocks(zone, at);
        found.push(Observance {
            onset: at.naive_utc() + now.offset,
            before: now.offset,
            since: since.clone(),
        });
        *now = since;
    };
    for time in times {
        // Nothing is said of long times in which nothing happens.
        let from = *time - LOOK_BACK;
        if at < from {
            at = from;
            if clocks(zone, at) != now {
                change(&mut now, at);
            }
        }
        while at < *time {
            let next = (at + STEP).min(*time);
            if clocks(zone, next) != now {
                change(&mut now, moment(zone, at, next));
            }
            at = next;
        }
    }
    found
}

/// The first second at which the clocks show what they do at `until` and not at `from`.
fn moment(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
    let before = clocks(zone, from);
    let (mut low, mut high) = (from.timestamp(), until.timestamp());
    while high - low > 1 {
        let middle = low.midpoint(high);
        match DateTime::from_timestamp_secs(middle) {
            Some(time) if clocks(zone, time) == before => low = middle,
            _ => high = middle,
        }
    }
    DateTime::from_timestamp_secs(high).unwrap_or(until)
}

fn clocks(zone: Tz, at: DateTime<Utc>) -> Clocks {
    let local = at.with_timezone(&zone);
    let shown = local.offset();
    Clocks {
        offset: shown.base_utc_offset() + shown.dst_offset(),
        is_summer: !shown.dst_offset().is_zero(),
        name: shown.abbreviation().map(str::to_owned),
    }
}

fn offset(offset: TimeDelta) -> String {
    let seconds = offset.num_seconds().abs();
    let sign = if offset < TimeDelta::zero() { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match rest {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}{rest:02}"),
    }
}
