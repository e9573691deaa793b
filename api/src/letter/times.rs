//! Dates and times as people write them.

use chrono::{DateTime, Datelike, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::Language;

/// From when to when, in the zone of the event, with the zone's abbreviation.
pub fn span(language: Language, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>, timezone: &str) -> String {
    let zone = zone(timezone);
    let (start, end) = (starts_at.with_timezone(&zone), ends_at.with_timezone(&zone));
    let same_zone = abbreviation(&start) == abbreviation(&end);
    let mut from = day_and_time(language, &start);
    if !same_zone {
        from = format!("{from} {}", abbreviation(&start));
    }
    let to = if start.date_naive() == end.date_naive() {
        clock(language, &end)
    } else {
        day_and_time(language, &end)
    };
    let and = match language {
        Language::English => "to",
        Language::Spanish => "a",
    };
    format!("{from} {and} {to} {}", abbreviation(&end))
}

/// A day, of UTC.
pub fn day(language: Language, at: DateTime<Utc>) -> String {
    match language {
        Language::English => at.format("%B %-d, %Y").to_string(),
        Language::Spanish => {
            let month = MONTHS.get(at.month0() as usize).copied().unwrap_or_default();
            format!("{} de {month} de {}", at.day(), at.year())
        }
    }
}

/// Day and time of day in the zone of the event.
pub fn moment(language: Language, at: DateTime<Utc>, timezone: &str) -> String {
    let local = at.with_timezone(&zone(timezone));
    format!("{} {}", day_and_time(language, &local), abbreviation(&local))
}

/// The time of day in the zone of the event.
pub fn time(language: Language, at: DateTime<Utc>, timezone: &str) -> String {
    let local = at.with_timezone(&zone(timezone));
    format!("{} {}", clock(language, &local), abbreviation(&local))
}

/// When it starts, in few characters and without the year: `Thu Jan 17, 6:00 PM CST`.
pub fn start(language: Language, at: DateTime<Utc>, timezone: &str) -> String {
    let local = at.with_timezone(&zone(timezone));
    let day = match language {
        Language::English => local.format("%a %b %-d").to_string(),
        Language::Spanish => local.format("%-d/%-m").to_string(),
    };
    let clock = clock(language, &local).replace(". ", "").replace("m.", "m");
    format!("{day}, {clock} {}", abbreviation(&local))
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC) // it was checked when the event was written
}

fn abbreviation(at: &DateTime<Tz>) -> String {
    at.format("%Z").to_string()
}

fn day_and_time(language: Language, at: &DateTime<Tz>) -> String {
    match language {
        Language::English => at.format("%A, %B %-d, %Y, %-I:%M %p").to_string(),
        Language::Spanish => {
            let day = at.weekday().num_days_from_monday() as usize;
            let day = DAYS.get(day).copied().unwrap_or_default();
            let month = MONTHS.get(at.month0() as usize).copied().unwrap_or_default();
            let (number, year) = (at.day(), at.year());
            format!("{day}, {number} de {month} de {year}, {}", clock(language, at))
        }
    }
}

fn clock<Z: TimeZone>(language: Language, at: &DateTime<Z>) -> String {
    let (is_pm, hour) = at.hour12();
    let half = match (language, is_pm) {
        (Language::English, false) => "AM",
        (Language::English, true) => "PM",
        (Language::Spanish, false) => "a. m.",
        (Language::Spanish, true) => "p. m.",
    };
    format!("{hour}:{:02} {half}", at.minute())
}

const DAYS: [&str; 7] = [
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
];
const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
