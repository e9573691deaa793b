//! Files as a whole, read again by rules of our own and compared with the zones' tables.

use chrono::{NaiveDateTime, TimeDelta};

use super::*;

fn entry(starts_at: &str, timezone: Tz) -> Entry {
    let starts_at = starts_at.parse().unwrap();
    Entry {
        uid: "0199-slot@turnout.example.org".to_owned(),
        sequence: 3,
        changed_at: "2026-11-20T10:00:00Z".parse().unwrap(),
        starts_at,
        ends_at: starts_at + TimeDelta::hours(2),
        timezone,
        status: Status::Confirmed,
        title: "Rally".to_owned(),
        description: String::new(),
        category: None,
        location: None,
        point: None,
        url: None,
    }
}

/// Lines without their folds.
fn unfolded(text: &str) -> Vec<String> {
    let unfolded = text.replace("\r\n ", "");
    unfolded.split("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_file_is_well_formed_whatever_is_in_the_texts() {
    let entry = Entry {
        title: "Rally; for, parks\\ \u{1F426}\r\nATTENDEE:mailto:x@example.org \u{0007}".to_owned(),
        description: "Äöü ".repeat(60) + "\r\nEND:VEVENT\nlast",
        location: Some("City Hall,\r\n1 Main St, Des Moines, IA".to_owned()),
        point: Some((41.5868, -93.625)),
        url: Some("https://meet.example.org/a\r\nX-EVIL:1".to_owned()),
        ..entry("2026-11-22T00:00:00Z", Tz::America__Chicago)
    };
    let text = write(Some("Near\r\nX-EVIL:1"), &[entry]);
    let lines: Vec<&str> = text.split("\r\n").collect();
    let is_whole = |line: &&str| line.len() <= 75 && !line.contains(['\r', '\n']);
    assert!(lines.iter().all(is_whole), "{text}");
    let lines = unfolded(&text);
    for evil in ["ATTENDEE", "X-EVIL", "last"] {
        assert!(!lines.iter().any(|line| line.starts_with(evil)), "{text}");
    }
    assert_eq!(lines.iter().filter(|line| *line == "END:VEVENT").count(), 1);
    assert!(
        !text.contains("meet.example.org"),
        "an address that breaks out is left out"
    );
    for expected in [
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Near\\nX-EVIL:1",
        "DTSTART;TZID=America/Chicago:20261121T180000",
        "DTEND;TZID=America/Chicago:20261121T200000",
        "DTSTAMP:20261120T100000Z",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "UID:0199-slot@turnout.example.org",
        "GEO:41.586800;-93.625000",
        "LOCATION:City Hall\\,\\n1 Main St\\, Des Moines\\, IA",
    ] {
        assert!(
            lines.iter().any(|line| line == expected),
            "{expected} is missing in {text}"
        );
    }
    assert!(text.contains("SUMMARY:Rally\\; for\\, parks\\\\"));
}

/// Reads the times of a file as calendars do: a local time is as far from UTC as the last onset before it says.
fn instants(text: &str) -> Vec<DateTime<Utc>> {
    let lines = unfolded(text);
    let local = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap();
    let mut onsets: Vec<(NaiveDateTime, TimeDelta)> = vec![];
    let mut times = vec![];
    let mut zone_start = None;
    for line in &lines {
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name {
            "DTSTART" if !value.ends_with('Z') => zone_start = Some(local(value)),
            "TZOFFSETTO" => {
                let number =
                    |at: std::ops::Range<usize>| value.get(at).unwrap_or("0").parse::<i64>().unwrap();
                let seconds = number(1..3) * 3600 + number(3..5) * 60;
                let sign = if value.starts_with('-') { -1 } else { 1 };
                onsets.push((zone_start.unwrap(), TimeDelta::seconds(sign * seconds)));
            }
            "DTSTART" | "DTEND" => times.push(local(value.trim_end_matches('Z')).and_utc()),
            _ if name.starts_with("DTSTART;TZID=") || name.starts_with("DTEND;TZID=") => {
                let at = local(value);
                let last = onsets.iter().rfind(|(onset, _)| *onset <= at).unwrap();
                times.push((at - last.1).and_utc());
            }
            _ => {}
        }
    }
    assert!(onsets.is_sorted_by_key(|(onset, _)| *onset), "{text}");
    times
}

const ZONES: [Tz; 10] = [
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::Australia__Lord_Howe,
    Tz::America__Sao_Paulo,
    Tz::Africa__Casablanca,
    Tz::Asia__Kolkata,
    Tz::Pacific__Kiritimati,
    Tz::UTC,
];

#[test]
fn every_hour_of_a_year_is_read_as_it_was_meant() {
    for zone in ZONES {
        let start: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().unwrap();
        let hours: Vec<DateTime<Utc>> = (0..24 * 366).map(|hour| start + TimeDelta::hours(hour)).collect();
        // Together, ...
        let entries: Vec<Entry> = hours.iter().map(|at| entry(&at.to_rfc3339(), zone)).collect();
        let read = instants(&write(None, &entries));
        let meant = hours.iter().flat_map(|at| [*at, *at + TimeDelta::hours(2)]);
        assert!(read.into_iter().eq(meant), "{zone}");
        // ... and each of some by itself, since then the zone says less.
        for at in hours.iter().step_by(7) {
            let text = write(None, &[entry(&at.to_rfc3339(), zone)]);
            assert_eq!(
                instants(&text),
                [*at, *at + TimeDelta::hours(2)],
                "{zone}: {text}"
            );
        }
    }
}

#[test]
fn both_nights_are_told_apart() {
    let night = |from: &str, zone| {
        let from: DateTime<Utc> = from.parse().unwrap();
        let quarters = (0..4 * 12).map(|quarter| from + TimeDelta::minutes(15 * quarter));
        for at in quarters {
            let text = write(None, &[entry(&at.to_rfc3339(), zone)]);
            assert_eq!(instants(&text), [at, at + TimeDelta::hours(2)], "{zone}: {text}");
        }
    };
    night("2027-03-14T03:00:00Z", Tz::America__New_York);
    night("2027-11-07T01:00:00Z", Tz::America__New_York);
    night("2027-03-27T20:00:00Z", Tz::Europe__Berlin);
    night("2027-10-30T20:00:00Z", Tz::Europe__Berlin);
    night("2027-04-03T10:00:00Z", Tz::Australia__Lord_Howe);
    night("2027-10-02T10:00:00Z", Tz::Australia__Lord_Howe);
    night("2018-11-03T22:00:00Z", Tz::America__Sao_Paulo);
    night("2019-02-16T20:00:00Z", Tz::America__Sao_Paulo);
}

#[test]
fn the_second_of_two_equal_local_times_is_told_in_utc() {
    let lines = |at: &str| unfolded(&write(None, &[entry(at, Tz::America__New_York)]));
    let has = |lines: &[String], expected: &str| lines.iter().any(|line| line == expected);
    assert!(has(
        &lines("2027-11-07T05:30:00Z"),
        "DTSTART;TZID=America/New_York:20271107T013000"
    ));
    assert!(has(&lines("2027-11-07T06:30:00Z"), "DTSTART:20271107T063000Z"));
}

#[test]
fn zones_say_what_is_needed_and_no_more() {
    let text = write(None, &[entry("2027-07-01T12:00:00Z", Tz::Europe__Berlin)]);
    let lines = unfolded(&text);
    let zone: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .skip_while(|line| *line != "BEGIN:VTIMEZONE")
        .take_while(|line| *line != "BEGIN:VEVENT")
        .collect();
    let last = [
        "BEGIN:DAYLIGHT",
        "DTSTART:20270328T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
    ];
    assert_eq!(zone[zone.len() - 7..zone.len() - 2], last);
    // São Paulo gave summer time up in 2019, India has none, and a series of two centuries is not walked through.
    for (zone, most) in [
        (Tz::America__Sao_Paulo, 1),
        (Tz::Asia__Kolkata, 1),
        (Tz::America__New_York, 8),
    ] {
        let dates = ["2030-07-01T12:00:00Z", "2199-07-01T12:00:00Z"].map(|at| entry(at, zone));
        let text = write(None, &dates);
        assert!(text.matches("TZOFFSETTO").count() <= most, "{text}");
    }
    assert!(!write(None, &[]).contains("VTIMEZONE"));
}
