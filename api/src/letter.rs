//! The words of messages: templates by language, which ship inside of the program and which an operator may replace.
//!
//! A message is `templates/{language}/{name}.txt`, whose first line is the subject, and `.html` beside it. HTML is escaped,
//! plain text is not; what goes into either is cleaned of control characters first ([`line()`], [`lines`]), so that a title
//! cannot look like a further line of ours. `.text` beside them is what goes to a phone.

mod gsm;
mod hosting;
mod keywords;
mod language;
mod overrides;
mod template;
mod text;
mod times;
mod values;

pub use hosting::{HostInvitationValues, HostMessageValues};
pub use keywords::reply;
pub use language::Language;
pub use template::Template;
pub use times::{day, moment, span, start, time};
pub use values::{AnnouncementValues, Change, CodeValues, Gathering, InvitationValues, RsvpValues};

use std::path::Path;

use anyhow::Context;
use minijinja::{Environment, Error, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use crate::refusal::Refusal;

/// All texts, read once at the start.
pub struct Letters {
    templates: Environment<'static>,
}

/// A message's words.
#[derive(Debug)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

impl Letters {
    /// The built-in texts, and those of `folder` in their place, unless it is empty. An error names file and line of a text
    /// that cannot be read, names what its message does not have, or has no subject.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut templates = Environment::new();
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true);
        templates.set_syntax(syntax.build()?);
        for (name, source) in template::SOURCES {
            templates.add_template(name, source).context(*name)?;
        }
        if folder.as_os_str().is_empty() {
            return Ok(Self { templates });
        }
        for (name, source) in overrides::read(folder)? {
            let added = templates.add_template(name, source);
            added.map_err(|error| overrides::located(folder, &error))?;
        }
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        let mut letters = Self { templates };
        letters.check(folder)?;
        letters
            .templates
            .set_undefined_behavior(UndefinedBehavior::Lenient);
        Ok(letters)
    }

    /// Fills in a template.
    pub fn write(
        &self,
        template: Template,
        language: Language,
        values: &impl Serialize,
    ) -> Result<Words, Refusal> {
        let words = self.fill(template, language, Value::from(Serde(values)));
        words.map_err(Refusal::internal)
    }

    /// A message about nothing, for looking at its words.
    pub fn sample(&self, template: Template, language: Language) -> Result<Words, Refusal> {
        let values = template.samples(language).into_iter().next();
        let words = self.fill(template, language, values.unwrap_or_default());
        words.map_err(Refusal::internal)
    }

    fn fill(&self, template: Template, language: Language, values: Value) -> Result<Words, Error> {
        let part = |form: &str| {
            let name = format!("{}/{}.{form}", language.tag(), template.file());
            self.templates.get_template(&name)?.render(values.clone())
        };
        let text = part("txt")?;
        let (subject, text) = text.split_once('\n').unwrap_or((&text, ""));
        let body = Value::from_safe_string(part("html")?);
        let layout = self.templates.get_template("layout.html")?;
        Ok(Words {
            html: layout.render(context! { subject, body, language => language.tag() })?,
            subject: subject.trim().to_owned(),
            text: text.trim_start().to_owned(),
        })
    }

    /// Fills in everything with invented values.
    fn check(&self, folder: &Path) -> anyhow::Result<()> {
        for (template, language) in every() {
            for values in template.samples(language) {
                let words = self
                    .fill(template, language, values.clone())
                    .map_err(|error| overrides::located(folder, &error))?;
                let name = format!("{}/{}.txt", language.tag(), template.file());
                anyhow::ensure!(
                    !words.subject.is_empty() && !words.text.is_empty(),
                    "{}:1: needs a subject as its first line, and a text below",
                    folder.join(name).display()
                );
                let text = self.fill_text(template, language, &values, true);
                text.map_err(|error| overrides::located(folder, &error))?;
            }
        }
        Ok(())
    }
}

/// Every template in every language.
fn every() -> impl Iterator<Item = (Template, Language)> {
    let all = Template::ALL.into_iter();
    all.flat_map(|template| Language::ALL.map(|language| (template, language)))
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

/// `text` in which mail programs find no address to make a link of: they would be ours to those who read it.
pub fn inert(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut inert = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.iter().skip(at + 1).take(2);
        let is_dot = *c == '.'
            && before.is_some_and(|c| c.is_alphanumeric())
            && after.filter(|c| c.is_alphanumeric()).count() == 2;
        match c {
            '.' if is_dot => inert.push_str("[.]"),
            ':' if chars.get(at + 1) == Some(&'/') => inert.push_str("[:]"),
            '@' => inert.push_str("[at]"),
            c => inert.push(*c),
        }
    }
    inert
}

/// Marks that turn the direction of what follows, so that an address reads as another one.
const DIRECTION: [char; 9] = [
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

#[cfg(test)]
mod tests;
