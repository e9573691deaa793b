//! The closed list of codes.

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
