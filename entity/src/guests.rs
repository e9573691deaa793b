//! Closed sets about who is invited and who comes, stored as text as those of `values`.

use sea_orm::entity::prelude::*;

/// Who may know who comes to an event, beside its hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AttendeeVisibility {
    /// Nobody.
    Hosts,
    /// Whoever may know of the event, how many there are.
    Count,
    /// The same; and who is registered, the given names and initials of those who agreed.
    Attendees,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum InvitationStatus {
    /// Not answered yet.
    Invited,
    /// Whoever was invited answered for a date; what they said is their RSVP.
    Answered,
    /// Said no to all of it.
    Declined,
    /// A host took it back.
    Revoked,
}
