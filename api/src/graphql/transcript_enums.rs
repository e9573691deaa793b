//! Closed sets of what is read on attendance sheets.

use async_graphql::Enum;

use crate::domain::transcript as domain;

/// What is in the box beside a name, as a program saw it.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::SheetMark")]
pub enum SheetMark {
    /// A mark.
    Ticked,
    /// Nothing.
    Empty,
    /// Something that may be a mark or none: somebody has to look.
    Unsure,
}

/// How a page became rows.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::PageReading")]
pub enum SheetPageReading {
    /// No program has looked yet.
    Waiting,
    /// Its marks were read.
    Read,
    /// It has none of our codes: people key every row.
    NoCode,
    /// It is one of our pages, but too crooked or dark for a program: people say what is ticked.
    NotAligned,
    /// It is a page of an event that its uploader does not run.
    OtherEvent,
}

/// Who read a row.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ReadingSource")]
pub enum SheetReadingSource {
    /// A person, who looked at the page.
    Person,
    /// A program. What it proposes settles nothing.
    Machine,
}

/// How far the words of a row are known.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::RowState")]
pub enum SheetRowState {
    /// Not read by as many people as were asked for.
    Open,
    /// Those who read it agree, or a host said what stands there.
    Settled,
    /// Those who read it do not agree: a host says what stands there.
    Differs,
}

/// What a row means.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::RowDecision")]
pub enum SheetRowDecision {
    /// Somebody who is known was there.
    Match,
    /// Somebody was there who becomes known by it.
    NewPerson,
    /// Nobody can read it.
    Illegible,
    /// Another row says the same.
    Duplicate,
    /// Whoever is printed there was not there.
    NotPresent,
}

/// Why a name may mean somebody, from the strongest on.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::matching::Likeness")]
pub enum NameLikeness {
    /// The same letters.
    Same,
    /// The same but for accents.
    Accents,
    /// The same words, put together or divided otherwise.
    Divided,
    /// A short or familiar form: Bob is Robert, Pepe is José.
    Nickname,
    /// Two letters next to each other changed places.
    Transposed,
    /// Few letters differ.
    Typo,
    /// It sounds alike.
    Sound,
    /// Only the first letter is there.
    Initial,
    /// Given and family name changed places.
    Swapped,
    /// One of them has more words, such as a second name.
    ExtraWord,
    /// Only the given name is there.
    GivenOnly,
    /// Only the family name is there.
    FamilyOnly,
}
