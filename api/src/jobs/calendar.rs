//! The calendar file that goes with a confirmation (RFC 5545).

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use super::letter::{line, lines};
use crate::channel::Attachment;

/// One date of an event, as a calendar shows it. It names nobody who comes.
pub struct Entry<'a> {
    /// Stays the same when the event changes.
    pub uid: String,
    /// Counts the changes.
    pub version: i32,
    /// When the file is made.
    pub at: DateTime<Utc>,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// End.
    pub ends_at: DateTime<Utc>,
    /// The title.
    pub title: &'a str,
    /// A few sentences.
    pub description: String,
    /// Where.
    pub location: Option<String>,
    /// Where, online.
    pub url: Option<&'a str>,
}

/// The file, to be attached.
pub fn file(entry: &Entry<'_>) -> Attachment {
    let mut event = Event::new();
    event
        .uid(&entry.uid)
        .timestamp(entry.at)
        .sequence(u32::try_from(entry.version).unwrap_or_default())
        .starts(entry.starts_at)
        .ends(entry.ends_at)
        .summary(&line(entry.title))
        .description(&lines(&entry.description))
        .status(EventStatus::Confirmed);
    if let Some(location) = &entry.location {
        event.location(&line(location));
    }
    // An address is not escaped like text is, so one that could break out of its line is left out.
    if let Some(url) = entry.url.filter(|url| url.starts_with("http") && is_plain(url)) {
        event.url(url);
    }
    let calendar = Calendar {
        properties: Property::from_array([
            ("VERSION", "2.0"),
            ("PRODID", "-//Turnout//EN"),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", "PUBLISH"),
        ]),
        components: vec![event.into()],
    };
    Attachment {
        name: "event.ics",
        media_type: "text/calendar; charset=utf-8; method=PUBLISH",
        content: calendar.to_string(),
    }
}

fn is_plain(url: &str) -> bool {
    !url.contains(|c: char| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_well_formed_whatever_is_in_the_texts() {
        let entry = Entry {
            uid: "0199-slot@turnout.example.org".to_owned(),
            version: 3,
            at: "2026-11-20T10:00:00Z".parse().unwrap(),
            starts_at: "2026-11-22T00:00:00Z".parse().unwrap(),
            ends_at: "2026-11-22T02:00:00Z".parse().unwrap(),
            title: "Rally; for, parks\\ \u{1F426}\r\nATTENDEE:mailto:x@example.org \u{0007}",
            description: "Äöü ".repeat(60) + "\r\nEND:VEVENT\nlast",
            location: Some("City Hall,\r\n1 Main St, Des Moines, IA".to_owned()),
            url: Some("https://meet.example.org/a\r\nX-EVIL:1"),
        };
        let text = file(&entry).content;
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(
            lines.iter().all(|line| line.len() <= 75 && !line.contains('\n')),
            "{text}"
        );
        assert!(!lines.iter().any(|line| line.starts_with("ATTENDEE")), "{text}");
        assert_eq!(lines.iter().filter(|line| **line == "END:VEVENT").count(), 1);
        assert!(!text.contains("X-EVIL"));
        let expected = [
            "METHOD:PUBLISH",
            "DTSTART:20261122T000000Z",
            "DTEND:20261122T020000Z",
            "SEQUENCE:3",
            "STATUS:CONFIRMED",
            "UID:0199-slot@turnout.example.org",
            "SUMMARY:Rally\\; for\\, parks\\\\",
        ];
        for part in expected {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
