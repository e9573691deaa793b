//! What texts about roles may name.

use minijinja::{Value, value::Serde};
use serde::Serialize;

use super::Language;

/// What texts about roles may name. What hosts wrote is made so that no link comes of it: nobody looked at it.
#[derive(Clone, Serialize)]
pub struct RoleValues {
    /// The organisation's name.
    pub organisation: String,
    /// Of the event.
    pub title: String,
    /// Of the role.
    pub role: String,
    /// What to do.
    pub brief: Option<String>,
    /// From when to when it is, in the zone of the event.
    pub when: Option<String>,
    /// When it is due, in the zone of the event.
    pub due: Option<String>,
    /// When it begins or is due, in few characters; empty when nobody said.
    pub starts: String,
    /// What became of it: where the assignment stands, GONE or OVERDUE.
    pub what: String,
    /// Who it is about, for hosts.
    pub name: Option<String>,
    /// Why, in somebody's words.
    pub reason: Option<String>,
    /// Until when the offer stands, in the zone of the event.
    pub until: String,
    /// Accepts.
    pub link: String,
    /// Declines.
    pub decline: String,
    /// Stops optional mail.
    pub unsubscribe: String,
}

impl RoleValues {
    /// Invented ones: with everything, and with less, for each of what may have become of it.
    pub(super) fn samples(language: Language) -> Vec<Value> {
        let day = chrono::DateTime::from_timestamp(1_925_000_000, 0).unwrap_or_default();
        let (hours, zone) = (chrono::TimeDelta::hours(2), "America/Chicago");
        let (role, brief) = match language {
            Language::English => ("Greeter", "Welcome people.\nTell them <where> to go."),
            Language::Spanish => ("Bienvenida", "Recibe a la gente.\nDile <adónde> ir."),
        };
        let full = Self {
            organisation: "Example Organisation".to_owned(),
            title: "Letters for the <river> & more".to_owned(),
            role: role.to_owned(),
            brief: Some(brief.to_owned()),
            when: Some(super::span(language, day, day + hours, zone)),
            due: Some(super::moment(language, day, zone)),
            starts: super::start(language, day, zone),
            what: "ACCEPTED".to_owned(),
            name: Some("Wren T.".to_owned()),
            reason: Some("I am away that week.".to_owned()),
            until: super::moment(language, day - hours, zone),
            link: "https://events.example.org/l/example".to_owned(),
            decline: "https://events.example.org/l/another-example".to_owned(),
            unsubscribe: "https://events.example.org/l/other-example".to_owned(),
        };
        let others = [
            "WITHDRAWN",
            "RELEASED",
            "DECLINED",
            "EXPIRED",
            "VOLUNTEERED",
            "GONE",
            "OVERDUE",
        ];
        let bare = |what: &str| Self {
            what: what.to_owned(),
            brief: None,
            when: None,
            due: None,
            starts: String::new(),
            name: None,
            reason: None,
            ..full.clone()
        };
        let bare: Vec<Self> = others.into_iter().map(bare).collect();
        let all = [full].into_iter().chain(bare);
        all.map(|values| Value::from(Serde(values))).collect()
    }
}
