//! Reasons of reviewers, a closed set.

use sea_orm::entity::prelude::*;

/// Why an organizer does not publish an event, or takes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ReviewCategory {
    /// It does not keep to the guidelines.
    Guidelines,
    /// Something people need to know is not said.
    MissingInformation,
    /// What it says is wrong, or is not what happens.
    Misleading,
    /// There is such an event already.
    Duplicate,
    /// It advertises.
    Spam,
    /// People might come to harm.
    Unsafe,
    /// It insults, threatens or excludes people.
    Abuse,
    /// Anything else; the reason says it.
    Other,
}
