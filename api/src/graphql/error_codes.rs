//! The closed lists of what a client can tell errors by.

use async_graphql::{Enum, Object, SimpleObject};

use crate::refusal;

/// `errors[].extensions.code`. Closed: there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "refusal::Code")]
pub enum ErrorCode {
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

/// `errors[].extensions.reason` beside the code WRONG_STATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "refusal::Reason")]
pub enum WrongStateReason {
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
    /// The present guidelines of the event's campaign were not accepted; beside it stand `campaignId` and
    /// `guidelinesVersion`, the one to accept.
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

/// One thing wrong with one field of an input, where it is no error of the whole request.
#[derive(SimpleObject)]
pub struct FieldProblem {
    /// Where, from the argument on: `["input", "guests", "0"]`.
    path: Vec<String>,
    /// What, as the end of a sentence that begins with the field's name.
    problem: String,
}

impl From<refusal::Problem> for FieldProblem {
    fn from(problem: refusal::Problem) -> Self {
        Self {
            path: problem.path,
            problem: problem.problem,
        }
    }
}

/// What errors can be told by.
#[derive(SimpleObject)]
pub struct ErrorCodes {
    /// Every code.
    codes: Vec<ErrorCode>,
    /// Every reason of WRONG_STATE.
    reasons: Vec<WrongStateReason>,
}

/// `errorCodes`.
#[derive(Default)]
pub struct ErrorCodeQuery;

#[Object]
impl ErrorCodeQuery {
    /// Every code and reason an error can have, so that generated clients know them.
    async fn error_codes(&self) -> ErrorCodes {
        ErrorCodes {
            codes: refusal::Code::ALL.into_iter().map(Into::into).collect(),
            reasons: refusal::Reason::ALL.into_iter().map(Into::into).collect(),
        }
    }
}
