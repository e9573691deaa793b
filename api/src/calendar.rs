//! iCalendar (RFC 5545): what mails bring along, and what calendars subscribe to.
//!
//! Written by ourselves: the crate `icalendar` knows no VTIMEZONE, lets a carriage return through into a value, folds in a
//! time that grows with the square of the line, and makes up a UID or a time that was forgotten. What would be left of it
//! is less than this.

mod lines;
mod zone;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{channel, config::Config};
use lines::Lines;

/// What such a file is sent as.
pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8; method=PUBLISH";

/// One date of an event, as a calendar shows it. It names nobody who comes.
#[derive(Clone, Debug)]
pub struct Entry {
    /// See [`uid`].
    pub uid: String,
    /// Counts the changes of the event.
    pub sequence: i32,
    /// When it changed last. Files are stamped with it as well, so that one that says the same is the same.
    pub changed_at: DateTime<Utc>,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// End.
    pub ends_at: DateTime<Utc>,
    /// Where its local times are.
    pub timezone: Tz,
    /// Whether it takes place.
    pub status: Status,
    /// One line.
    pub title: String,
    /// A few sentences; may be empty.
    pub description: String,
    /// What it is part of.
    pub category: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// Where exactly: degrees north and east, WGS 84.
    pub point: Option<(f64, f64)>,
    /// Where to read more, or to take part online. One that is no plain http address is left out.
    pub url: Option<String>,
}

/// Whether a date takes place, for whoever has the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Confirmed,
    /// It does, but there may be no seat.
    Tentative,
    /// It does not.
    Cancelled,
}

/// The name of a date in calendars: the same in every file, whatever changes.
pub fn uid(config: &Config, timeslot_id: Uuid) -> String {
    format!("{timeslot_id}@{}", channel::host(config))
}

/// A file with these dates; `name` is what a calendar that subscribes to it is called.
pub fn write(name: Option<&str>, entries: &[Entry]) -> String {
    let mut out = Lines::default();
    out.value("BEGIN", "VCALENDAR");
    out.value("VERSION", "2.0");
    out.value("PRODID", "-//Turnout//EN");
    out.value("CALSCALE", "GREGORIAN");
    out.value("METHOD", "PUBLISH");
    if let Some(name) = name {
        out.text("NAME", name);
        out.text("X-WR-CALNAME", name);
        out.value("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
        out.value("X-PUBLISHED-TTL", "PT1H");
    }
    let mut zones: BTreeMap<&str, (Tz, Vec<DateTime<Utc>>)> = BTreeMap::new();
    for entry in entries {
        for at in [entry.starts_at, entry.ends_at] {
            if is_told_by_local_time(at, entry.timezone) {
                let zone = zones.entry(entry.timezone.name());
                zone.or_insert_with(|| (entry.timezone, vec![])).1.push(at);
            }
        }
    }
    for (zone, times) in zones.into_values() {
        zone::write(&mut out, zone, times);
    }
    for entry in entries {
        event(&mut out, entry);
    }
    out.value("END", "VCALENDAR");
    out.into_text()
}

fn event(out: &mut Lines, entry: &Entry) {
    out.value("BEGIN", "VEVENT");
    out.value("UID", &entry.uid);
    out.value("SEQUENCE", &entry.sequence.to_string());
    out.value("DTSTAMP", &utc(entry.changed_at));
    out.value("LAST-MODIFIED", &utc(entry.changed_at));
    time(out, "DTSTART", entry.starts_at, entry.timezone);
    time(out, "DTEND", entry.ends_at, entry.timezone);
    out.value(
        "STATUS",
        match entry.status {
            Status::Confirmed => "CONFIRMED",
            Status::Tentative => "TENTATIVE",
            Status::Cancelled => "CANCELLED",
        },
    );
    out.text("SUMMARY", &entry.title);
    if !entry.description.is_empty() {
        out.text("DESCRIPTION", &entry.description);
    }
    if let Some(category) = &entry.category {
        out.text("CATEGORIES", category);
    }
    if let Some(location) = &entry.location {
        out.text("LOCATION", location);
    }
    if let Some((latitude, longitude)) = entry.point {
        out.value("GEO", &format!("{latitude:.6};{longitude:.6}"));
    }
    if let Some(url) = entry.url.as_deref().filter(|url| is_plain(url)) {
        out.value("URL", url);
    }
    out.value("END", "VEVENT");
}

fn time(out: &mut Lines, name: &str, at: DateTime<Utc>, zone: Tz) {
    if is_told_by_local_time(at, zone) {
        let local = at.with_timezone(&zone).format("%Y%m%dT%H%M%S").to_string();
        out.value(&format!("{name};TZID={}", zone.name()), &local);
    } else {
        out.value(name, &utc(at));
    }
}

/// A local time that comes twice, when clocks go back, means the first of the two to a calendar (RFC 5545, 3.3.5). The
/// second one can only be told in UTC.
fn is_told_by_local_time(at: DateTime<Utc>, zone: Tz) -> bool {
    let local = at.with_timezone(&zone).naive_local();
    zone.from_local_datetime(&local)
        .earliest()
        .is_some_and(|first| first == at)
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// An address is not escaped as texts are.
fn is_plain(url: &str) -> bool {
    url.starts_with("http") && !url.contains(|c: char| c.is_control() || c.is_whitespace())
}
