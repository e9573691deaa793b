//! Messages as texts: few words, one part if it can be, and no link but ours.

use std::collections::BTreeMap;

use minijinja::{Error, Value, context, value::Serde};
use serde::Serialize;

use super::{
    Language, Letters, Template,
    gsm::{alphabet, cut, parts, plain},
};
use crate::refusal::Refusal;

/// What a text may name. Whatever others wrote is made plain; addresses of others, such as where to take part online, are
/// not among it.
const SHOWN: [&str; 16] = [
    "organisation",
    "title",
    "starts",
    "hosts",
    "place",
    "party_size",
    "held",
    "until",
    "minutes",
    "promoted",
    "today",
    "place_changed",
    "message",
    "changes",
    "code",
    "link",
];
/// Of a title so many characters are left, if it is too long, before a text gets another part.
const TITLE: usize = 20;
/// Of what hosts say beside, so many characters are told.
const MESSAGE: usize = 90;
/// Of a subject that takes the place of a text.
const SUBJECT: usize = 150;

impl Letters {
    /// Fills in the form of a template for texts. `is_first` for the first text to a number, which says how to stop them.
    pub fn text(
        &self,
        template: Template,
        language: Language,
        values: &impl Serialize,
        is_first: bool,
    ) -> Result<String, Refusal> {
        let text = self.fill_text(template, language, &Value::from(Serde(values)), is_first);
        text.map_err(Refusal::internal)
    }

    /// In as few parts as with a short title, and with as much of the title as has room in them. What has no form for texts
    /// is told by its subject.
    pub(super) fn fill_text(
        &self,
        template: Template,
        language: Language,
        values: &Value,
        is_first: bool,
    ) -> Result<String, Error> {
        let name = |form: &str| format!("{}/{}.{form}", language.tag(), template.file());
        let organisation = plain(values.get_attr("organisation")?.as_str().unwrap_or_default());
        let Ok(form) = self.templates.get_template(&name("text")) else {
            let mail = self.templates.get_template(&name("txt"))?.render(values)?;
            let subject = mail.lines().next().unwrap_or_default();
            return Ok(cut(&format!("{organisation}: {}", plain(subject)), SUBJECT));
        };
        let mut shown = BTreeMap::from([("is_first", Value::from(is_first))]);
        for name in SHOWN {
            let value = values.get_attr(name)?;
            let shown_value = match (name, value.as_str()) {
                ("link" | "changes", _) => value, // nobody else wrote these
                ("message", Some(text)) => Value::from(cut(&plain(text), MESSAGE)),
                _ => plain_value(&value)?,
            };
            shown.insert(name, shown_value);
        }
        let shown = Value::from(shown);
        let title = shown.get_attr("title")?.as_str().unwrap_or_default().to_owned();
        let with = |most: usize| {
            let text = form.render(context! { title => cut(&title, most), ..shown.clone() })?;
            Ok::<_, Error>(alphabet(text.trim()))
        };
        let whole = with(usize::MAX)?;
        let mut best = with(TITLE)?;
        let fewest = parts(&best);
        if parts(&whole) <= fewest {
            return Ok(whole);
        }
        let (mut fitting, mut too_long) = (TITLE, title.chars().count());
        while fitting + 1 < too_long {
            let middle = fitting.midpoint(too_long);
            let text = with(middle)?;
            if parts(&text) <= fewest {
                (fitting, best) = (middle, text);
            } else {
                too_long = middle;
            }
        }
        Ok(best)
    }
}

/// A word made plain, several in a row.
fn plain_value(value: &Value) -> Result<Value, Error> {
    if let Some(text) = value.as_str() {
        return Ok(Value::from(plain(text)));
    }
    if value.kind() != minijinja::value::ValueKind::Seq {
        return Ok(value.clone());
    }
    let lines = value.try_iter()?;
    let lines: Vec<String> = lines
        .map(|line| plain(line.as_str().unwrap_or_default()))
        .collect();
    Ok(Value::from(lines.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::every;

    const LINK: &str = "https://events.example.org/l/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn starts(language: Language) -> String {
        super::super::start(language, Default::default(), "America/Chicago")
    }

    fn write(template: Template, language: Language, title: &str, place: &str) -> String {
        let values = context! {
            organisation => "Parks & People", title, starts => starts(language),
            hosts => title, place => vec![place.to_owned(), "Des Moines".to_owned()], party_size => 2, held => true, minutes => 10,
            promoted => false, code => "12345678", link => LINK, virtual_url => "https://video.example.org/room",
            instructions => title, when => "now", unsubscribe => "", summary => title, message => title, subject => title,
            place_changed => true, changes => vec![context! { starts => starts(language), was => "then", cancelled => false }],
        };
        let letters = Letters::load(std::path::Path::new("")).unwrap();
        letters.text(template, language, &values, true).unwrap()
    }

    #[test]
    fn every_text_is_short_and_links_to_us_alone() {
        let long = "Postcards for every river, creek and lake that there is in the county and beyond it, all summer long";
        let evil =
            "<b>x</b> https://evil.example/x\r\nReply YES to www.evil.example \u{202E}\u{1F426} {{ code }}";
        for (template, language) in every() {
            for title in ["Postcards", long, evil, &long.repeat(20)] {
                let text = write(template, language, title, "1 Example Street");
                assert!(text.starts_with("Parks & People: "), "{text}");
                assert!(parts(&text) <= 2 && alphabet(&text) == text, "{text}");
                let links = text.replace(LINK, "");
                for never in [
                    "http:",
                    "https:/",
                    "evil.example",
                    "video.example",
                    "\n",
                    "\u{202E}",
                ] {
                    assert!(!links.contains(never), "{never:?}: {text}");
                }
                if !Template::CODES.contains(&template) {
                    assert!(!text.contains("12345678"), "a title is no template: {text}");
                }
                let two = [
                    Template::AddAddressCode,
                    Template::RsvpRegistered,
                    Template::RsvpPromoted,
                    Template::RsvpOffered,
                    Template::RsvpWaitlisted,
                    Template::RsvpPendingApproval,
                    Template::ReminderDayBefore,
                    Template::ReminderDayOf,
                    Template::EventChanged,
                    Template::EventCancelled,
                ];
                let most = if two.contains(&template) { 2 } else { 1 };
                assert!(parts(&text) <= most || language == Language::Spanish, "{text}");
            }
        }
    }

    #[test]
    fn as_much_of_a_title_is_left_as_has_room() {
        let of = |title: &str| write(Template::RsvpPleaseConfirm, Language::English, title, "");
        assert!(of("Postcards for rivers").contains("Postcards for rivers, "));
        let cut = of(&"Postcards for the rivers ".repeat(9));
        assert!(cut.contains("Postcards for the.., "), "{cut}");
        assert_eq!((parts(&cut), parts(&format!("{cut}aaaa"))), (1, 2), "{cut}");
        let foreign = of("За чистую воду во всех реках области");
        assert!(foreign.contains("За чистую воду"), "{foreign}");
        assert!(foreign.contains(LINK) && parts(&foreign) <= 3, "{foreign}");
    }
}
