//! The one way to say no.
//!
//! Rules, actions, jobs and commands refuse with a [`Refusal`]; `graphql::errors` turns it into what a client sees.
//! The list of [`Code`]s is closed and part of the schema; `docs/errors.md` says what a client does about each.

mod code;
mod database;
mod file_problem;
mod host_limit;
mod problems;
mod reason;

pub use code::Code;
pub use file_problem::FileProblem;
pub use host_limit::HostLimit;
pub use problems::{Problem, Problems};
pub use reason::Reason;

use std::fmt;

use uuid::Uuid;

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
    /// A file that is not taken.
    File(FileProblem),
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
            Self::File(FileProblem::TooLarge) => Code::PayloadTooLarge,
            Self::File(_) => Code::BadUserInput,
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
            Self::File(problem) => f.write_str(problem.sentence()),
            Self::Unavailable | Self::Deadlock => f.write_str("Not available at the moment; try again."),
            Self::Internal(_) => f.write_str("Internal error."),
        }
    }
}

impl std::error::Error for Refusal {}
