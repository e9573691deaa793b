//! Closed sets of RSVPs, stored as text like those in `values`.

use sea_orm::entity::prelude::*;

/// What an RSVP means. Whether the person came is attendance, which is another fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RsvpStatus {
    /// Given without an account; waits for the link in the mail.
    PendingConfirmation,
    /// Waits for a host to approve it; holds no seat.
    PendingApproval,
    /// Coming.
    Registered,
    /// Would come; there is no seat yet.
    Waitlisted,
    /// Waited, and has seats until it says whether it still wants them, or until the offer runs out.
    Offered,
    /// Said no.
    Declined,
    /// Said yes once and took it back.
    Cancelled,
    /// A host did not approve it.
    Refused,
    /// Did not say in time whether it still wants the seats it was offered.
    OfferExpired,
}

/// Who gets seats that come free when the first who waits is too large a party for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WaitlistRule {
    /// The next who fits. Nobody's place is lost, and no seat stays empty.
    Skip,
    /// Nobody, until there are enough for the first.
    Strict,
}
