//! Every text in every language, with hostile values, and an operator's own texts.

use std::{fs, path::PathBuf};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn built_in() -> Letters {
    Letters::load(Path::new("")).unwrap()
}

#[test]
fn every_template_is_there_in_every_language_and_names_only_what_it_has() {
    let mut letters = built_in();
    letters
        .templates
        .set_undefined_behavior(UndefinedBehavior::SemiStrict);
    letters.check(Path::new("")).unwrap();
    let files = every().map(|(template, language)| format!("{}/{}", language.tag(), template.file()));
    let files: std::collections::BTreeSet<String> = files.collect();
    let named = template::SOURCES
        .iter()
        .filter_map(|(name, _)| name.rsplit_once('.'));
    let named: std::collections::BTreeSet<String> = named
        .map(|(name, _)| name.to_owned())
        .filter(|name| name != "layout")
        .collect();
    assert_eq!(files, named, "a file that no message has, or the other way round");
}

#[test]
fn every_template_renders_hostile_values_as_text() {
    let evil = "<script>alert(1)</script>\r\nBcc: x@y \u{202E}";
    let letters = built_in();
    for (template, language) in every() {
        let values = context! {
            organisation => line(evil), title => line(evil), summary => lines(evil), code => "12345678",
            hosts => line(evil), place => vec![line(evil)], when => "now", link => "https://x/l/t",
            instructions => lines(evil), unsubscribe => "https://x/l/u", minutes => 10, party_size => 2,
            gathering => context! { place => line(evil), at => "then" }, virtual_url => line(evil),
            promoted => true, public_name => line(evil), decline => "https://x/l/d", until => "then", name => line(evil), words => lines(evil),
            note => lines(evil), dates => vec![line(evil)], more => true, place_from => "then", today => true, message => lines(evil), changes => vec![context! { when => "now", was => line(evil) }],
            confirm => "https://x/l/c", place_changed => true, subject => line(evil), text => lines(evil), stop => "https://x/l/s",
        };
        let words = letters.write(template, language, &values).unwrap();
        assert!(!words.subject.contains(['\r', '\n']), "{}", words.subject);
        assert!(!words.text.contains('\r'), "{}", words.text);
        assert!(!words.html.contains("<script"), "{}", words.html);
        assert!(words.html.contains("&lt;script&gt;"), "{}", words.html);
        let layout = format!("<!doctype html>\n<html lang=\"{}\">", language.tag());
        assert!(words.html.starts_with(&layout), "the layout is around it");
        assert!(!words.text.contains("{{") && !words.text.contains("{%"));
    }
}

#[test]
fn times_are_those_of_the_event() {
    let chicago = "America/Chicago";
    let english = Language::English;
    assert_eq!(
        span(
            english,
            at("2026-11-22T00:00:00Z"),
            at("2026-11-22T02:00:00Z"),
            chicago
        ),
        "Saturday, November 21, 2026, 6:00 PM to 8:00 PM CST"
    );
    assert_eq!(
        span(
            english,
            at("2026-11-22T00:00:00Z"),
            at("2026-11-22T07:30:00Z"),
            chicago
        ),
        "Saturday, November 21, 2026, 6:00 PM to Sunday, November 22, 2026, 1:30 AM CST"
    );
    // The night in which the clocks go back.
    assert_eq!(
        span(
            english,
            at("2026-11-01T05:30:00Z"),
            at("2026-11-01T07:30:00Z"),
            chicago
        ),
        "Sunday, November 1, 2026, 12:30 AM CDT to 1:30 AM CST"
    );
    assert_eq!(
        time(english, at("2026-11-22T00:00:00Z"), "no such zone"),
        "12:00 AM UTC"
    );
    assert_eq!(
        span(
            Language::Spanish,
            at("2026-11-22T18:00:00Z"),
            at("2026-11-22T20:05:00Z"),
            chicago
        ),
        "domingo, 22 de noviembre de 2026, 12:00 p. m. a 2:05 p. m. CST"
    );
}

#[test]
fn a_language_is_chosen_by_its_tag() {
    for (header, language) in [
        ("es-MX,es;q=0.9,en;q=0.8", Some(Language::Spanish)),
        ("fr, en;q=0.4, es;q=0.7", Some(Language::Spanish)),
        ("en;q=0, ES", Some(Language::Spanish)),
        ("en-GB", Some(Language::English)),
        ("est, *", None),
        ("es;q=x", None),
        ("", None),
    ] {
        assert_eq!(Language::accepted(header), language, "{header}");
    }
}

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, text: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("turnout-test-{}", Uuid::now_v7())));
        let file = folder.0.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_operator_replaces_a_text_and_the_others_stay() {
    let folder = Folder::with("en/sign_in_code.txt", "Come in\n\n{{ code }} is the word.");
    let letters = Letters::load(&folder.0).unwrap();
    let words = letters.sample(Template::SignInCode, Language::English).unwrap();
    assert_eq!(
        (words.subject.as_str(), words.text.as_str()),
        ("Come in", "12345678 is the word.")
    );
    assert!(words.html.contains("Your code to sign in"), "{}", words.html);
    let other = letters.sample(Template::SignInCode, Language::Spanish).unwrap();
    assert!(other.text.contains("Tu código"), "{}", other.text);
}

#[test]
fn a_text_with_a_mistake_is_refused_with_its_place() {
    for (name, text, place) in [
        (
            "es/rsvp_refused.html",
            "<p>\n{{ titel }}",
            "es/rsvp_refused.html:2: ",
        ),
        (
            "en/rsvp_refused.txt",
            "Subject\n\n{% if title %}",
            "en/rsvp_refused.txt:3: ",
        ),
        (
            "en/rsvp_refused.txt",
            "Subject only",
            "en/rsvp_refused.txt:1: needs a subject",
        ),
        (
            "en/rsvp_registered.txt",
            "{{ code }}\nText",
            "en/rsvp_registered.txt:1: ",
        ),
        (
            "en/rsvp_refuzed.txt",
            "Subject\nText",
            "en/rsvp_refuzed.txt: there is no such template",
        ),
        (
            "fr/rsvp_refused.txt",
            "Sujet\nTexte",
            "fr/rsvp_refused.txt: there is no such template",
        ),
        ("layout.html", "{{ body", "layout.html:1: "),
    ] {
        let folder = Folder::with(name, text);
        let error = format!("{:#}", Letters::load(&folder.0).err().unwrap());
        assert!(error.contains(place), "{error}");
    }
    assert!(Letters::load(Path::new("/no/such/folder")).is_err());
}

#[test]
fn nothing_becomes_a_link() {
    for (text, shown) in [
        ("See https://evil.example/x?y", "See https[:]//evil[.]example/x?y"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("Write to a@b.example.", "Write to a[at]b[.]example."),
        ("At 6 p.m., e.g. here. Bye", "At 6 p.m., e.g. here. Bye"),
        ("10.30 or 6:30", "10[.]30 or 6:30"),
        ("", ""),
    ] {
        assert_eq!(inert(text), shown);
    }
}
