//! What the messages of jobs say.

use serde::{Deserialize, Serialize};

/// What a mail about an RSVP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RsvpMail {
    /// Please follow the link to confirm.
    PleaseConfirm,
    /// You are coming.
    Registered,
    /// You are on the waitlist.
    Waitlisted,
    /// A seat came free: you are coming.
    Promoted,
    /// A seat came free, and is kept until you say whether you want it.
    Offered,
    /// You did not say so in time.
    OfferExpired,
    /// A host decides whether you come.
    PendingApproval,
    /// The hosts said no.
    Refused,
}

/// What a message about a role says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleMail {
    /// Would you do this?
    Offered,
    /// You do it now, or it was taken back.
    Settled,
    /// It begins or is due soon.
    Reminder,
}

/// What somebody who comes is told without having asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reminder {
    /// On the day before.
    DayBefore,
    /// On the day.
    DayOf,
    /// After the end.
    Thanks,
}
