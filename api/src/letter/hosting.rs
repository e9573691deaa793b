//! What texts to hosts may name.

use minijinja::{Value, value::Serde};
use serde::Serialize;

use super::Language;

/// What the text that asks somebody to host an event may name.
#[derive(Clone, Serialize)]
pub struct HostInvitationValues {
    /// The organisation's name.
    pub organisation: String,
    /// Of the event.
    pub title: String,
    /// From when to when, in the zone of the event; none without a date to come.
    pub when: Option<String>,
    /// What they are called at the event unless they choose otherwise.
    pub public_name: String,
    /// The last day on which the links work.
    pub until: String,
    /// Accepts.
    pub link: String,
    /// Declines.
    pub decline: String,
    /// Stops optional mail.
    pub unsubscribe: String,
}

impl HostInvitationValues {
    /// Invented ones: with everything, and with nothing that need not be there.
    pub(super) fn samples(language: Language) -> Vec<Value> {
        let day = chrono::DateTime::from_timestamp(1_925_000_000, 0).unwrap_or_default();
        let full = Self {
            organisation: "Example Organisation".to_owned(),
            title: "Letters for the <river> & more".to_owned(),
            when: Some(super::span(
                language,
                day,
                day + chrono::TimeDelta::hours(2),
                "America/Chicago",
            )),
            public_name: "Host of Examples".to_owned(),
            until: super::day(language, day),
            link: "https://events.example.org/l/example".to_owned(),
            decline: "https://events.example.org/l/another-example".to_owned(),
            unsubscribe: "https://events.example.org/l/other-example".to_owned(),
        };
        let bare = Self {
            when: None,
            ..full.clone()
        };
        [full, bare].map(|values| Value::from(Serde(values))).into()
    }
}

/// What a message to hosts, and an answer, may name.
#[derive(Clone, Serialize)]
pub struct HostMessageValues {
    /// The organisation's name.
    pub organisation: String,
    /// Of the event.
    pub title: String,
    /// Who writes: given name and initial, or a host's public name.
    pub name: String,
    /// What they write, without an address that works.
    pub words: String,
    /// Their address, if they share it.
    pub address: Option<String>,
    /// Where to answer without giving one's own.
    pub answer: Option<String>,
    /// Stops optional mail.
    pub unsubscribe: String,
}

impl HostMessageValues {
    /// Invented ones: with everything, and with nothing that need not be there.
    pub(super) fn samples(_: Language) -> Vec<Value> {
        let full = Self {
            organisation: "Example Organisation".to_owned(),
            title: "Letters for the <river> & more".to_owned(),
            name: "Wren T.".to_owned(),
            words: "Where do I park?\nI come by car.".to_owned(),
            address: Some("wren@example.org".to_owned()),
            answer: Some("https://events.example.org/answer".to_owned()),
            unsubscribe: "https://events.example.org/l/other-example".to_owned(),
        };
        let bare = Self {
            address: None,
            answer: None,
            ..full.clone()
        };
        [full, bare].map(|values| Value::from(Serde(values))).into()
    }
}
