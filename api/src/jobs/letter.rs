//! Texts of mails, from the templates in `api/templates/`, which ship inside the binary.
//!
//! The first line of a plain text is the mail's subject. HTML is escaped, plain text is not; what goes into either is
//! cleaned of control characters first, so that a title cannot look like a further line of ours.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use minijinja::{Environment, Value, context, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use crate::refusal::Refusal;

/// The two forms of one mail.
pub struct Template {
    /// Its name in the ledger of messages.
    pub name: &'static str,
    text: &'static str,
    html: &'static str,
}

/// A one-time code to sign in.
pub const SIGN_IN_CODE: Template = Template {
    name: crate::domain::message::SIGN_IN_CODE,
    text: include_str!("../../templates/sign_in_code.txt"),
    html: include_str!("../../templates/sign_in_code.html"),
};
/// A one-time code to add an address.
pub const ADD_ADDRESS_CODE: Template = Template {
    name: crate::domain::message::ADD_ADDRESS_CODE,
    text: include_str!("../../templates/add_address_code.txt"),
    html: include_str!("../../templates/add_address_code.html"),
};
/// A one-time code to erase an account.
pub const ERASE_CODE: Template = Template {
    name: crate::domain::message::ERASE_CODE,
    text: include_str!("../../templates/erase_code.txt"),
    html: include_str!("../../templates/erase_code.html"),
};
/// Please follow the link.
pub const PLEASE_CONFIRM: Template = Template {
    name: "rsvp_please_confirm",
    text: include_str!("../../templates/rsvp_please_confirm.txt"),
    html: include_str!("../../templates/rsvp_please_confirm.html"),
};
/// You are coming.
pub const REGISTERED: Template = Template {
    name: "rsvp_registered",
    text: include_str!("../../templates/rsvp_registered.txt"),
    html: include_str!("../../templates/rsvp_registered.html"),
};
/// A seat came free: the same text with another beginning.
pub const PROMOTED: Template = Template {
    name: "rsvp_promoted",
    ..REGISTERED
};
/// You are on the waitlist.
pub const WAITLISTED: Template = Template {
    name: "rsvp_waitlisted",
    text: include_str!("../../templates/rsvp_waitlisted.txt"),
    html: include_str!("../../templates/rsvp_waitlisted.html"),
};
/// A host decides.
pub const PENDING_APPROVAL: Template = Template {
    name: "rsvp_pending_approval",
    text: include_str!("../../templates/rsvp_pending_approval.txt"),
    html: include_str!("../../templates/rsvp_pending_approval.html"),
};
/// The hosts said no.
pub const REFUSED: Template = Template {
    name: "rsvp_refused",
    text: include_str!("../../templates/rsvp_refused.txt"),
    html: include_str!("../../templates/rsvp_refused.html"),
};
const LAYOUT: &str = include_str!("../../templates/layout.html");

/// A mail's words.
#[derive(Debug)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

/// Fills in `template`.
pub fn write(template: &Template, values: &impl Serialize) -> Result<Words, Refusal> {
    let values = Value::from(Serde(values));
    let text = render("text.txt", template.text, values.clone())?;
    let (subject, text) = text
        .split_once('\n')
        .ok_or_else(|| Refusal::internal("a template without a text"))?;
    let body = Value::from_safe_string(render("body.html", template.html, values)?);
    Ok(Words {
        subject: subject.to_owned(),
        text: text.trim_start().to_owned(),
        html: render("layout.html", LAYOUT, context! { subject, body })?,
    })
}

/// `text` on one line.
pub fn line(text: &str) -> String {
    let clean = text.replace(|c: char| c.is_control() || DIRECTION.contains(&c), " ");
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` with its line ends and no other control characters.
pub fn lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").replace(
        |c: char| c != '\n' && (c.is_control() || DIRECTION.contains(&c)),
        " ",
    )
}

/// From when to when, in the zone of the event, with the zone's abbreviation.
pub fn span(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>, timezone: &str) -> String {
    let zone: Tz = timezone.parse().unwrap_or(Tz::UTC);
    let (start, end) = (starts_at.with_timezone(&zone), ends_at.with_timezone(&zone));
    let same_zone = start.format("%Z").to_string() == end.format("%Z").to_string();
    let from = start.format(if same_zone { DAY_AND_TIME } else { DAY_TIME_ZONE });
    let to = end.format(if start.date_naive() == end.date_naive() {
        TIME_ZONE
    } else {
        DAY_TIME_ZONE
    });
    format!("{from} to {to}")
}

/// The time of day in the zone of the event.
pub fn time(at: DateTime<Utc>, timezone: &str) -> String {
    let zone: Tz = timezone.parse().unwrap_or(Tz::UTC);
    at.with_timezone(&zone).format(TIME_ZONE).to_string()
}

const DAY_AND_TIME: &str = "%A, %B %-d, %Y, %-I:%M %p";
const DAY_TIME_ZONE: &str = "%A, %B %-d, %Y, %-I:%M %p %Z";
const TIME_ZONE: &str = "%-I:%M %p %Z";
/// Marks that turn the direction of what follows, so that an address reads as another one.
const DIRECTION: [char; 9] = [
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

/// The name's ending decides about escaping.
fn render(name: &str, source: &str, values: Value) -> Result<String, Refusal> {
    let mut templates = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    templates.set_syntax(syntax.build().map_err(Refusal::internal)?);
    templates
        .render_named_str(name, source, values)
        .map_err(Refusal::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_template_renders_hostile_values_as_text() {
        let evil = "<script>alert(1)</script>\r\nBcc: x@y \u{202E}";
        for template in [
            SIGN_IN_CODE,
            ADD_ADDRESS_CODE,
            ERASE_CODE,
            PLEASE_CONFIRM,
            REGISTERED,
            PROMOTED,
            WAITLISTED,
        ] {
            let values = context! {
                organisation => line(evil), title => line(evil), summary => line(evil), code => "12345678",
                hosts => line(evil), place => vec![line(evil)], when => "now", link => "https://x/l/t",
                instructions => lines(evil), unsubscribe => "https://x/l/u", minutes => 10, party_size => 2,
                gathering => context! { place => line(evil), at => "then" }, virtual_url => line(evil),
                promoted => true,
            };
            let words = write(&template, &values).unwrap();
            assert!(!words.subject.contains(['\r', '\n']), "{}", words.subject);
            assert!(!words.text.contains('\r'), "{}", words.text);
            assert!(!words.html.contains("<script"), "{}", words.html);
            assert!(words.html.contains("&lt;script&gt;"), "{}", words.html);
            assert!(
                words.html.starts_with("<!doctype html>"),
                "the layout is around it"
            );
            assert!(!words.text.contains("{{") && !words.text.contains("{%"));
        }
    }

    #[test]
    fn times_are_those_of_the_event() {
        let chicago = "America/Chicago";
        assert_eq!(
            span(at("2026-11-22T00:00:00Z"), at("2026-11-22T02:00:00Z"), chicago),
            "Saturday, November 21, 2026, 6:00 PM to 8:00 PM CST"
        );
        assert_eq!(
            span(at("2026-11-22T00:00:00Z"), at("2026-11-22T07:30:00Z"), chicago),
            "Saturday, November 21, 2026, 6:00 PM to Sunday, November 22, 2026, 1:30 AM CST"
        );
        // The night in which the clocks go back.
        assert_eq!(
            span(at("2026-11-01T05:30:00Z"), at("2026-11-01T07:30:00Z"), chicago),
            "Sunday, November 1, 2026, 12:30 AM CDT to 1:30 AM CST"
        );
        assert_eq!(time(at("2026-11-22T00:00:00Z"), "no such zone"), "12:00 AM UTC");
    }
}
