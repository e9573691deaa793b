//! Closed sets of attendance sheets, stored as text like those in `values`.

use sea_orm::entity::prelude::*;

/// The size of the paper of a printed sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PaperSize {
    /// 210 × 297 mm.
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

/// What is in the box beside a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum SheetMark {
    /// A mark.
    Ticked,
    /// Nothing.
    Empty,
    /// Something that may be a mark or none.
    Unsure,
}

/// How a page of a sheet became rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PageReading {
    /// Nobody has looked yet.
    Waiting,
    /// Its marks were read.
    Read,
    /// It has none of our codes: people key every row.
    NoCode,
    /// It is one of our pages, but not straight enough to be read: people tick what they see.
    NotAligned,
    /// It is a page of an event that its uploader does not run.
    OtherEvent,
}

/// Who read a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ReadingSource {
    /// A person, who looked at the page.
    Person,
    /// A program. What it proposes settles nothing.
    Machine,
}

/// How far the words of a row are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RowState {
    /// Not read by as many people as were asked for.
    Open,
    /// Those who read it agree, or a host said what stands there.
    Settled,
    /// Those who read it do not agree.
    Differs,
}

/// What a row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RowDecision {
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
