//! What stands in a row, as somebody read it: sealed, and compared with what another one read.

use entity::{sheet_reading, sheet_row};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::matching::{Likeness, Prepared};
use crate::{
    app::App,
    domain::{email::Email, person::Name, phone::Phone},
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// What stands in a row. Prints nothing of itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// The name that was written; empty where none was, or where it is printed.
    pub name: Name,
    /// A mail address.
    pub email: Option<String>,
    /// A phone number.
    pub phone: Option<String>,
    /// Whether the box beside a printed name is ticked; null where that was not looked at.
    pub came: Option<bool>,
    /// Whether the box of consent is ticked.
    pub consent: bool,
    /// Whether nobody could read it.
    pub illegible: bool,
}

/// What somebody read in one row of a page.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Which row of the page, from 1 on.
    pub number: i32,
    /// What stands there.
    pub words: Words,
}

impl Words {
    /// In the form in which they are kept. Notes what is wrong with them, below `path`.
    pub(super) fn checked(mut self, app: &App, path: &str, problems: &mut Problems) -> Self {
        let is_empty = self.name.given.trim().is_empty() && self.name.family.trim().is_empty();
        let says = !is_empty || self.email.is_some() || self.phone.is_some() || self.came.is_some();
        if self.illegible {
            problems.check(!says, &format!("{path}.illegible"), "cannot go with words");
        } else {
            problems.check(
                says,
                path,
                "must have a name, an address, or whether the box is ticked",
            );
        }
        if !is_empty {
            let most = app.config.limits.name;
            for (field, text) in [("givenName", &self.name.given), ("familyName", &self.name.family)] {
                let field = format!("{path}.{field}");
                let is_short = text.chars().count() <= most;
                problems.check(is_short, &field, format!("has more than {most} characters"));
                let is_plain = !text.chars().any(char::is_control);
                problems.check(is_plain, &field, "has control characters");
            }
        }
        self.name.given = self.name.given.trim().to_owned();
        self.name.family = self.name.family.trim().to_owned();
        let blank = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        self.email = blank(self.email).and_then(|text| match Email::parse(&text, &[]) {
            Ok(email) => Some(email.reveal().to_owned()),
            Err(_) => {
                problems.add(&format!("{path}.email"), "must be an email address");
                None
            }
        });
        self.phone = blank(self.phone).and_then(|text| match Phone::parse(&app.config, &text, &[]) {
            Ok(phone) => Some(phone.reveal().to_owned()),
            Err(_) => {
                problems.add(&format!("{path}.phone"), "must be a phone number");
                None
            }
        });
        self
    }

    /// Whether two people read the same: capital letters and accents do not matter.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let rest = |words: &Self| {
            (
                words.email.clone(),
                words.phone.clone(),
                words.came,
                words.consent,
                words.illegible,
            )
        };
        rest(self) == rest(other) && self.is_same_name(other)
    }

    /// Whether two rows have the same name, letter by letter but for capitals and accents.
    pub(super) fn is_same_name(&self, other: &Self) -> bool {
        if self.name == other.name {
            return true;
        }
        let found = Prepared::new(&self.name).compare(&Prepared::new(&other.name));
        found.is_some_and(|found| {
            let only = |why: &Likeness| matches!(why, Likeness::Same | Likeness::Accents);
            found.reasons.iter().all(only)
        })
    }

    /// Whether a name was written.
    pub(super) fn has_name(&self) -> bool {
        !self.name.given.is_empty() || !self.name.family.is_empty()
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(…)")
    }
}

/// The words that a row has once they are settled.
pub(crate) fn open_row(app: &App, row: &sheet_row::Model) -> Result<Option<Words>, Refusal> {
    let open = |sealed| app.keys.open(row_slot(&row.id), sealed);
    row.words.as_ref().map(open).transpose()
}

pub(super) fn open_reading(app: &App, row: &sheet_reading::Model) -> Result<Words, Refusal> {
    app.keys.open(reading_slot(&row.id), &row.words)
}

pub(super) fn row_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "sheet_row.words",
        row: id,
    }
}

pub(super) fn reading_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "sheet_reading.words",
        row: id,
    }
}
