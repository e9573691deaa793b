//! What the texts may name. All of it is cleaned of control characters by whoever fills it in.

use minijinja::{Value, value::Serde};
use serde::Serialize;

use super::{Language, Template};

/// What texts with a code may name.
#[derive(Serialize)]
pub struct CodeValues {
    /// The organisation's name.
    pub organisation: String,
    /// Eight digits.
    pub code: String,
    /// How long the code works.
    pub minutes: i64,
}

/// What an announcement of a host may name.
#[derive(Serialize)]
pub struct AnnouncementValues {
    /// The organisation's name.
    pub organisation: String,
    /// Of the event.
    pub title: String,
    /// Their public names.
    pub hosts: String,
    /// What the host wrote: one line.
    pub subject: String,
    /// What the host wrote.
    pub text: String,
    /// Whether answers reach somebody.
    pub may_reply: bool,
    /// Stops further ones about the event.
    pub stop: String,
}

impl AnnouncementValues {
    /// Invented ones.
    pub(super) fn samples(language: Language) -> Vec<Value> {
        let (subject, text) = match language {
            Language::English => ("Bring a pen", "We have paper.\nBring a <pen>."),
            Language::Spanish => ("Trae un bolígrafo", "Tenemos papel.\nTrae un <bolígrafo>."),
        };
        let of = |hosts: &str, may_reply| Self {
            organisation: "Example Organisation".to_owned(),
            title: "Letters for the <river> & more".to_owned(),
            hosts: hosts.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            may_reply,
            stop: "https://events.example.org/l/example".to_owned(),
        };
        [of("Host of Examples", true), of("", false)]
            .map(|values| Value::from(Serde(values)))
            .into()
    }
}

/// What texts about an RSVP may name. The name given with the RSVP is not among it: anybody can give an RSVP with somebody
/// else's address, and would choose what that person reads.
#[derive(Clone, Serialize)]
pub struct RsvpValues {
    /// The organisation's name.
    pub organisation: String,
    /// Of the event.
    pub title: String,
    /// A few sentences about the event.
    pub summary: Option<String>,
    /// From when to when, in the zone of the event.
    pub when: String,
    /// When it starts, in few characters.
    pub starts: String,
    /// Their public names.
    pub hosts: String,
    /// Line by line, as the person may know it.
    pub place: Vec<String>,
    /// When the exact place begins to be shown, if that is still to come.
    pub place_from: Option<String>,
    /// Where to take part online.
    pub virtual_url: Option<String>,
    /// What those who come should know.
    pub instructions: Option<String>,
    /// Where those who come meet before the start.
    pub gathering: Option<Gathering>,
    /// How many come, the person included.
    pub party_size: i32,
    /// Whether it has seats for now.
    pub held: bool,
    /// How long these are kept.
    pub minutes: i64,
    /// Whether a seat came free.
    pub promoted: bool,
    /// Until when offered seats are kept, in the zone of the event; empty when none are.
    pub until: String,
    /// Whether a reminder is of today.
    pub today: bool,
    /// The dates that a notice is about.
    pub changes: Vec<Change>,
    /// Whether a notice is about another place.
    pub place_changed: bool,
    /// What the hosts say beside.
    pub message: Option<String>,
    /// Says once more that the person will be there.
    pub confirm: Option<String>,
    /// Confirms the RSVP, takes it back, or accepts the offer.
    pub link: String,
    /// Declines the offer; empty without one.
    pub decline: String,
    /// Stops optional mail.
    pub unsubscribe: String,
}

/// What the text of a host's invitation may name.
#[derive(Clone, Serialize)]
pub struct InvitationValues {
    /// The organisation's name.
    pub organisation: String,
    /// Of the event.
    pub title: String,
    /// A few sentences about the event.
    pub summary: Option<String>,
    /// Their public names.
    pub hosts: String,
    /// The first dates to come, each from when to when.
    pub dates: Vec<String>,
    /// Whether there are more.
    pub more: bool,
    /// Line by line, as the public may know it.
    pub place: Vec<String>,
    /// What the host wrote.
    pub note: Option<String>,
    /// Where one reads more, and answers.
    pub link: String,
    /// Stops optional mail.
    pub unsubscribe: String,
}

/// Where people meet before an event begins.
#[derive(Clone, Serialize)]
pub struct Gathering {
    /// Where.
    pub place: String,
    /// When, in the zone of the event.
    pub at: String,
}

/// What became of a date.
#[derive(Clone, Serialize)]
pub struct Change {
    /// From when to when it is now.
    pub when: String,
    /// When it starts now, in few characters.
    pub starts: String,
    /// From when to when it was, if that is another time.
    pub was: Option<String>,
    /// Whether it was called off.
    pub cancelled: bool,
}

impl CodeValues {
    /// Invented ones.
    pub(super) fn samples(_: Language) -> Vec<Value> {
        let values = Self {
            organisation: "Example Organisation".to_owned(),
            code: "12345678".to_owned(),
            minutes: 10,
        };
        vec![Value::from(Serde(values))]
    }
}

impl RsvpValues {
    /// Invented ones: with everything, and with nothing that need not be there.
    pub(super) fn samples(template: Template, language: Language) -> Vec<Value> {
        let day = chrono::DateTime::from_timestamp(1_925_000_000, 0).unwrap_or_default();
        let hours = chrono::TimeDelta::hours(2);
        let zone = "America/Chicago";
        let full = Self {
            organisation: "Example Organisation".to_owned(),
            title: "Letters for the <river> & more".to_owned(),
            summary: Some("We write letters.\nBring a pen.".to_owned()),
            when: super::span(language, day, day + hours, zone),
            starts: super::start(language, day, zone),
            hosts: "Host of Examples".to_owned(),
            place: vec!["Example Library".to_owned(), "1 Example Street".to_owned()],
            place_from: Some(super::moment(language, day - hours, zone)),
            virtual_url: Some("https://video.example.org/room".to_owned()),
            instructions: Some("Ring twice.".to_owned()),
            gathering: Some(Gathering {
                place: "The old oak".to_owned(),
                at: super::time(language, day - hours / 6, zone),
            }),
            party_size: 2,
            held: true,
            minutes: 60,
            until: super::moment(language, day - hours, zone),
            promoted: template == Template::RsvpPromoted,
            today: template == Template::ReminderDayOf,
            changes: vec![Change {
                when: super::span(language, day, day + hours, zone),
                starts: super::start(language, day, zone),
                was: Some(super::span(language, day - hours, day, zone)),
                cancelled: template == Template::EventCancelled,
            }],
            place_changed: true,
            message: Some("We are more than we thought.".to_owned()),
            confirm: Some("https://events.example.org/l/third-example".to_owned()),
            link: "https://events.example.org/l/example".to_owned(),
            decline: "https://events.example.org/l/third-example".to_owned(),
            unsubscribe: "https://events.example.org/l/other-example".to_owned(),
        };
        let bare = Self {
            summary: None,
            hosts: String::new(),
            place: vec![],
            place_from: None,
            virtual_url: None,
            instructions: None,
            gathering: None,
            party_size: 1,
            held: false,
            changes: full
                .changes
                .iter()
                .map(|change| Change {
                    was: None,
                    ..change.clone()
                })
                .collect(),
            place_changed: false,
            message: None,
            confirm: None,
            ..full.clone()
        };
        [full, bare].map(|values| Value::from(Serde(values))).into()
    }
}

impl InvitationValues {
    /// Invented ones: with everything, and with nothing that need not be there.
    pub(super) fn samples(language: Language) -> Vec<Value> {
        let day = chrono::DateTime::from_timestamp(1_925_000_000, 0).unwrap_or_default();
        let end = day + chrono::TimeDelta::hours(2);
        let full = Self {
            organisation: "Example Organisation".to_owned(),
            title: "Letters for the <river> & more".to_owned(),
            summary: Some("We write letters.\nBring a pen.".to_owned()),
            hosts: "Host of Examples".to_owned(),
            dates: vec![super::span(language, day, end, "America/Chicago")],
            more: true,
            place: vec!["Example Town, EX".to_owned()],
            note: Some("Do come!".to_owned()),
            link: "https://events.example.org/i/example".to_owned(),
            unsubscribe: "https://events.example.org/l/other-example".to_owned(),
        };
        let bare = Self {
            summary: None,
            hosts: String::new(),
            more: false,
            place: vec![],
            note: None,
            ..full.clone()
        };
        [full, bare].map(|values| Value::from(Serde(values))).into()
    }
}
