//! Closed sets of attendance, stored as text like those in `values`.

use sea_orm::entity::prelude::*;

/// What a fact says of somebody's being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum FactKind {
    /// Came in.
    In,
    /// Went out.
    Out,
    /// Was not there.
    Absent,
    /// Another fact was a mistake.
    Undo,
}

/// Where it is known from that somebody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AttendanceSource {
    /// A host or an organizer said so.
    Host,
    /// Somebody at the door said so, by a link.
    DoorLink,
    /// They showed their code.
    Code,
    /// They came without an RSVP, and told their name.
    WalkIn,
    /// A sheet of paper says so.
    Sheet,
}

/// Why a check-in is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CheckInReason {
    /// It names nobody.
    Invalid,
    /// The RSVP is none any more, or the date was called off.
    Cancelled,
    /// They are in already.
    AlreadyCheckedIn,
    /// It is of another event.
    WrongEvent,
    /// It is too early.
    NotYet,
    /// More than one person is meant.
    Ambiguous,
    /// The code was replaced by another.
    Revoked,
    /// The RSVP waits: for a host, a seat, or its own confirmation.
    Unapproved,
}
