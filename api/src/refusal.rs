//! The one way to say no.
//!
//! Rules, actions, jobs and commands refuse with a [`Refusal`]; `graphql::errors` turns it into what a client sees.
//! The list of [`Code`]s is closed and part of the schema; `docs/errors.md` says what a client does about each.

mod host_limit;
mod problems;

pub use host_limit::HostLimit;
pub use problems::{Problem, Problems};

use std::fmt;

use sea_orm::DbErr;
use uuid::Uuid;

/// What a client can tell refusals apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Input that breaks a rule; `fields` says where and why.
    BadUserInput,
    /// The document cannot be parsed.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The document is too large, too deep, or asks for too much.
    QueryTooComplex,
    /// The server does not know this persisted query.
    PersistedQueryNotFound,
    /// Nobody is signed in, or the token is no longer good.
    Unauthenticated,
    /// A recent second factor is needed.
    StepUpRequired,
    /// Signed in, but not allowed.
    Forbidden,
    /// Does not exist, or is not visible to the caller.
    NotFound,
    /// Somebody else changed it first.
    Conflict,
    /// Not possible in the present state; `reason` says which.
    WrongState,
    /// Too often, or a budget is used up; `retryAfter` in seconds where it is known.
    RateLimited,
    /// The request is too large.
    PayloadTooLarge,
    /// Try again later.
    Unavailable,
    /// A fault of the server; the request id finds it in the log.
    InternalServerError,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::BadUserInput,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::QueryTooComplex,
        Self::PersistedQueryNotFound,
        Self::Unauthenticated,
        Self::StepUpRequired,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::WrongState,
        Self::RateLimited,
        Self::PayloadTooLarge,
        Self::Unavailable,
        Self::InternalServerError,
    ];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::StepUpRequired => "STEP_UP_REQUIRED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::WrongState => "WRONG_STATE",
            Self::RateLimited => "RATE_LIMITED",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::Unavailable => "UNAVAILABLE",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }
}

/// Why something is not possible now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The event was cancelled.
    EventCancelled,
    /// The timeslot was cancelled.
    TimeslotCancelled,
    /// The timeslot has begun.
    EventStarted,
    /// The timeslot is over.
    EventEnded,
    /// The event is not published.
    EventNotPublished,
    /// The event is not waiting for review.
    EventNotInReview,
    /// The event was submitted already.
    EventAlreadySubmitted,
    /// The event has no timeslot to come.
    EventHasNoTimeslot,
    /// There is no such RSVP to change: it was declined or cancelled.
    RsvpNotActive,
    /// One joins this event elsewhere, at its `externalUrl`.
    JoinElsewhere,
    /// A host did not approve this RSVP.
    RsvpRefused,
    /// There are not so many seats.
    TimeslotFull,
    /// No seat is offered to this RSVP.
    NoOffer,
    /// The seats that were offered are not kept any more.
    OfferExpired,
    /// The link was used already.
    LinkUsed,
    /// The link is too old.
    LinkExpired,
    /// Nobody else hosts an event that is still to come.
    SoleHost,
    /// The other account holds staff roles.
    StaffAccount,
    /// The campaign takes no new events.
    CampaignArchived,
    /// The present guidelines of the event's campaign were not accepted.
    GuidelinesNotAccepted,
    /// The invitation was answered or taken back, or has expired.
    InvitationClosed,
    /// You have not proved to read mail to an address of yours.
    HostNotVerified,
    /// Nobody hosts it who can be written to.
    NobodyToWriteTo,
    /// You have no address that you have proved to read, so nobody could answer you.
    AddressNotVerified,
    /// Only those who were invited join this event.
    InvitationNeeded,
    /// The event was not taken down.
    EventNotSuppressed,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::EventCancelled,
        Self::TimeslotCancelled,
        Self::EventStarted,
        Self::EventEnded,
        Self::EventNotPublished,
        Self::EventNotInReview,
        Self::EventAlreadySubmitted,
        Self::EventHasNoTimeslot,
        Self::RsvpNotActive,
        Self::JoinElsewhere,
        Self::RsvpRefused,
        Self::TimeslotFull,
        Self::NoOffer,
        Self::OfferExpired,
        Self::LinkUsed,
        Self::LinkExpired,
        Self::SoleHost,
        Self::StaffAccount,
        Self::CampaignArchived,
        Self::GuidelinesNotAccepted,
        Self::InvitationClosed,
        Self::HostNotVerified,
        Self::NobodyToWriteTo,
        Self::AddressNotVerified,
        Self::InvitationNeeded,
        Self::EventNotSuppressed,
    ];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventCancelled => "EVENT_CANCELLED",
            Self::TimeslotCancelled => "TIMESLOT_CANCELLED",
            Self::EventStarted => "EVENT_STARTED",
            Self::EventEnded => "EVENT_ENDED",
            Self::EventNotPublished => "EVENT_NOT_PUBLISHED",
            Self::EventNotInReview => "EVENT_NOT_IN_REVIEW",
            Self::EventAlreadySubmitted => "EVENT_ALREADY_SUBMITTED",
            Self::EventHasNoTimeslot => "EVENT_HAS_NO_TIMESLOT",
            Self::RsvpNotActive => "RSVP_NOT_ACTIVE",
            Self::JoinElsewhere => "JOIN_ELSEWHERE",
            Self::RsvpRefused => "RSVP_REFUSED",
            Self::TimeslotFull => "TIMESLOT_FULL",
            Self::NoOffer => "NO_OFFER",
            Self::OfferExpired => "OFFER_EXPIRED",
            Self::LinkUsed => "LINK_USED",
            Self::LinkExpired => "LINK_EXPIRED",
            Self::SoleHost => "SOLE_HOST",
            Self::StaffAccount => "STAFF_ACCOUNT",
            Self::CampaignArchived => "CAMPAIGN_ARCHIVED",
            Self::GuidelinesNotAccepted => "GUIDELINES_NOT_ACCEPTED",
            Self::InvitationClosed => "INVITATION_CLOSED",
            Self::HostNotVerified => "HOST_NOT_VERIFIED",
            Self::NobodyToWriteTo => "NOBODY_TO_WRITE_TO",
            Self::AddressNotVerified => "ADDRESS_NOT_VERIFIED",
            Self::InvitationNeeded => "INVITATION_NEEDED",
            Self::EventNotSuppressed => "EVENT_NOT_SUPPRESSED",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::EventCancelled => "This event was cancelled.",
            Self::TimeslotCancelled => "This date was cancelled.",
            Self::EventStarted => "This event has already started.",
            Self::EventEnded => "This event is over.",
            Self::EventNotPublished => "This event is not published.",
            Self::EventNotInReview => "This event is not waiting for review.",
            Self::EventAlreadySubmitted => "This event was submitted already.",
            Self::EventHasNoTimeslot => "This event needs a date that is still to come.",
            Self::RsvpNotActive => "This RSVP was declined or cancelled.",
            Self::JoinElsewhere => "This event is joined elsewhere; see its address for that.",
            Self::RsvpRefused => "The hosts did not approve this RSVP.",
            Self::TimeslotFull => "There are not so many seats.",
            Self::NoOffer => "No seat is offered to this RSVP.",
            Self::OfferExpired => "This offer has run out; the seats went to the next in line.",
            Self::LinkUsed => "This link was used already.",
            Self::LinkExpired => "This link has expired.",
            Self::SoleHost => {
                "You alone host an event that is still to come: cancel it, or hand it over to another host, first."
            }
            Self::StaffAccount => {
                "The other account holds staff roles: an admin has to take these back first."
            }
            Self::CampaignArchived => "This campaign takes no new events.",
            Self::GuidelinesNotAccepted => "Accept the guidelines of this event's campaign first.",
            Self::InvitationClosed => "This invitation was answered or taken back, or has expired.",
            Self::NobodyToWriteTo => "Nobody hosts this event who can be written to.",
            Self::AddressNotVerified => {
                "You have no address that you have proved to read, so nobody could answer you."
            }
            Self::HostNotVerified => "Prove first that you read mail to an address of yours.",
            Self::InvitationNeeded => "Only those who were invited can join this event.",
            Self::EventNotSuppressed => "This event was not taken down.",
        }
    }
}

/// A rule's "no", or a failure on the way. `Display` is the sentence for the client, and never more.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// Input that breaks rules: all problems at once.
    Input(Vec<Problem>),
    /// Nobody is signed in.
    Unauthenticated,
    /// Not allowed.
    Forbidden,
    /// Not there, or not visible. Names what was looked for.
    NotFound(&'static str),
    /// Changed by somebody else meanwhile.
    Conflict(&'static str),
    /// Not possible now.
    WrongState(Reason),
    /// Not possible before somebody accepts this version of a campaign's guidelines.
    GuidelinesNotAccepted {
        /// The campaign.
        campaign: Uuid,
        /// The version to accept.
        version: i32,
    },
    /// Too often; seconds to wait.
    RateLimited(u64),
    /// A budget is used up: a sentence without its full stop that names the limit, and seconds to wait.
    Budget(String, u64),
    /// More than a host of this standing may do.
    HostLimit {
        /// Of what.
        limit: HostLimit,
        /// How many they may.
        most: u64,
        /// Seconds until there is room, where that is known.
        retry_after: Option<u64>,
    },
    /// Something we depend on does not answer.
    Unavailable,
    /// The database gave this transaction up for another, because each waited for the other. Nothing of it was written.
    Deadlock,
    /// A fault of ours. The text goes to the log only.
    Internal(String),
}

impl Refusal {
    /// One problem with one field of the input.
    pub fn input(path: &[&str], problem: impl Into<String>) -> Self {
        Self::Input(vec![Problem {
            path: path.iter().map(|&part| part.to_owned()).collect(),
            problem: problem.into(),
        }])
    }

    /// What becomes of it when it was about the owner of a `what`, such as the event of a link: whoever may not have that does
    /// not learn that there is such a thing.
    pub fn hiding(self, what: &'static str) -> Self {
        match self {
            Self::NotFound(_) | Self::Forbidden => Self::NotFound(what),
            other => other,
        }
    }

    /// A fault of ours, with its cause for the log.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// What a client can tell it by.
    pub fn code(&self) -> Code {
        match self {
            Self::Input(_) => Code::BadUserInput,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::Forbidden,
            Self::NotFound(_) => Code::NotFound,
            Self::Conflict(_) => Code::Conflict,
            Self::WrongState(_) | Self::GuidelinesNotAccepted { .. } => Code::WrongState,
            Self::RateLimited(_) | Self::Budget(..) | Self::HostLimit { .. } => Code::RateLimited,
            Self::Unavailable | Self::Deadlock => Code::Unavailable,
            Self::Internal(_) => Code::InternalServerError,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(problems) => {
                let list: Vec<String> = problems
                    .iter()
                    .map(|problem| format!("{} {}", problem.path.join("."), problem.problem))
                    .collect();
                write!(f, "{}.", list.join("; "))
            }
            Self::Unauthenticated => f.write_str("Sign in first."),
            Self::Forbidden => f.write_str("You may not do this."),
            Self::NotFound(what) => write!(f, "There is no such {what}."),
            Self::Conflict(why) => f.write_str(why),
            Self::WrongState(reason) => f.write_str(reason.sentence()),
            Self::GuidelinesNotAccepted { .. } => f.write_str(Reason::GuidelinesNotAccepted.sentence()),
            Self::RateLimited(seconds) => write!(f, "Too often; try again in {seconds} seconds."),
            Self::Budget(limit, seconds) => write!(f, "{limit}; try again in {seconds} seconds."),
            Self::HostLimit {
                limit: HostLimit::EventsPerDay,
                most,
                ..
            } => write!(f, "You may make {most} events in a day for now."),
            Self::HostLimit { most, .. } => {
                write!(
                    f,
                    "{most} of your events wait for review already; that is as many as may for now."
                )
            }
            Self::Unavailable | Self::Deadlock => f.write_str("Not available at the moment; try again."),
            Self::Internal(_) => f.write_str("Internal error."),
        }
    }
}

impl std::error::Error for Refusal {}

/// A lost or exhausted connection is a passing fault, and a row whose owner is gone was too late; all else is ours.
impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        match error {
            _ if crate::db::is_deadlock(&error) => {
                tracing::info!("a transaction was given up for another");
                Self::Deadlock
            }
            _ if crate::db::is_passing(&error) => {
                tracing::warn!(%error, "the database gave up");
                Self::Unavailable
            }
            _ if crate::db::is_lost(&error) => {
                tracing::warn!(%error, "the database does not answer");
                Self::Unavailable
            }
            _ if crate::db::is_foreign_key_violation(&error) => {
                Self::Conflict("What this belongs to was removed at the same moment.")
            }
            other => Self::internal(other),
        }
    }
}
