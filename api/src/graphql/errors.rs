//! Turns whatever went wrong into what a client may see. Fail-closed: an error that is not known to be meant for the
//! client is logged with the request's id and answered as "Internal error.".

use async_graphql::{ErrorExtensionValues, Name, Response, ServerError, Value, indexmap::IndexMap};

use super::id::{Kind, global};
use crate::refusal::{Code, Problem, Reason, Refusal};

/// How many errors of one document are told; more would echo the document back.
const MOST: usize = 20;
/// What the library says when `graphql.complexity` is exceeded.
const TOO_COMPLEX: &str = "Query is too complex.";
/// Bytes of a library's message that are told; it may quote the document.
const LONGEST: usize = 400;

/// Gives every error of `response` a code out of the closed list, and a message that may be shown.
pub fn finish(mut response: Response, request_id: &str) -> Response {
    let before_execution = failed_before_execution(&response);
    if before_execution {
        response.errors.truncate(MOST);
    }
    for error in &mut response.errors {
        close(error, before_execution, request_id);
    }
    response
}

/// Whether `response` of the library has no data because the document or its variables were not accepted, rather
/// than because a field failed. Such an answer must not contain `data`.
pub fn failed_before_execution(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response
            .errors
            .iter()
            .all(|error| error.path.is_empty() && error.source.is_none())
}

/// An error that needs no more finishing.
pub fn error(code: Code, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions = Some(coded(code));
    error
}

/// The error that a client sees of `refusal`.
pub fn from_refusal(refusal: &Refusal, request_id: &str) -> ServerError {
    let mut error = ServerError::new(String::new(), None);
    refuse(&mut error, refusal, request_id);
    error
}

/// An error about the input, naming the fields.
pub fn input(problems: &[Problem], message: impl Into<String>) -> ServerError {
    let mut error = error(Code::BadUserInput, message);
    error
        .extensions
        .get_or_insert_default()
        .set("fields", fields(problems));
    error
}

/// How many seconds the client has to wait, if an error of `response` says so.
pub fn retry_after(response: &Response) -> Option<u64> {
    let seconds = |error: &ServerError| match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    };
    response.errors.iter().filter_map(seconds).max()
}

/// The error that says no more than where the log has more.
pub fn internal(request_id: &str) -> ServerError {
    let mut error = error(Code::InternalServerError, "Internal error.");
    error
        .extensions
        .get_or_insert_default()
        .set("requestId", request_id);
    error
}

fn close(error: &mut ServerError, before_execution: bool, request_id: &str) {
    if let Some(refusal) = error.source::<Refusal>().cloned() {
        refuse(error, &refusal, request_id);
    } else if error.source.is_none() && is_about_a_value(&error.message) {
        shorten(&mut error.message);
        let mut extensions = coded(Code::BadUserInput);
        if let Some(problem) = argument_problem(&error.message) {
            extensions.set("fields", fields(&[problem]));
        }
        error.extensions = Some(extensions);
    } else if before_execution && error.message == TOO_COMPLEX {
        error.extensions = Some(coded(Code::QueryTooComplex));
    } else if before_execution {
        shorten(&mut error.message);
        error.extensions = Some(coded(Code::GraphqlValidationFailed));
    } else {
        tracing::error!(request_id, path = ?error.path, cause = %error.message, "a field failed");
        hide(error, request_id);
    }
}

fn refuse(error: &mut ServerError, refusal: &Refusal, request_id: &str) {
    let mut extensions = coded(refusal.code());
    match refusal {
        Refusal::Internal(cause) => {
            tracing::error!(request_id, path = ?error.path, cause, "a field failed");
            return hide(error, request_id);
        }
        Refusal::Input(problems) => extensions.set("fields", fields(problems)),
        Refusal::WrongState(reason) => extensions.set("reason", reason.as_str()),
        Refusal::GuidelinesNotAccepted { campaign, version } => {
            extensions.set("reason", Reason::GuidelinesNotAccepted.as_str());
            extensions.set("campaignId", global(Kind::Campaign, *campaign).0);
            extensions.set("guidelinesVersion", *version);
        }
        Refusal::RateLimited(seconds) | Refusal::Budget(_, seconds) => extensions.set("retryAfter", *seconds),
        Refusal::HostLimit {
            limit,
            most,
            retry_after,
        } => {
            extensions.set("limit", limit.as_str());
            extensions.set("most", *most);
            if let Some(seconds) = retry_after {
                extensions.set("retryAfter", *seconds);
            }
        }
        _ => {}
    }
    error.message = refusal.to_string();
    error.extensions = Some(extensions);
}

fn hide(error: &mut ServerError, request_id: &str) {
    let hidden = internal(request_id);
    error.message = hidden.message;
    error.extensions = hidden.extensions;
}

/// The library gives errors about values neither source nor path; these are the ways it words them.
fn is_about_a_value(message: &str) -> bool {
    [
        "Invalid value for argument ",
        "Failed to parse \"",
        "Expected input type \"",
    ]
    .iter()
    .any(|start| message.starts_with(start))
        || (message.starts_with("Variable ") && message.ends_with(" is not defined."))
        || (message.starts_with("The \"") && message.contains("parameter"))
}

/// `Invalid value for argument "input.title", expected type "String"`
fn argument_problem(message: &str) -> Option<Problem> {
    let rest = message.strip_prefix("Invalid value for argument \"")?;
    let (path, problem) = rest.split_once("\", ")?;
    Some(Problem {
        path: path.split('.').map(str::to_owned).collect(),
        problem: problem.to_owned(),
    })
}

fn fields(problems: &[Problem]) -> Value {
    let field = |problem: &Problem| {
        let path = problem.path.iter().map(|part| Value::from(part.as_str()));
        Value::Object(IndexMap::from_iter([
            (Name::new("path"), Value::List(path.collect())),
            (Name::new("problem"), Value::from(problem.problem.as_str())),
        ]))
    };
    Value::List(problems.iter().map(field).collect())
}

fn coded(code: Code) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    extensions
}

fn shorten(message: &mut String) {
    if message.len() > LONGEST {
        message.truncate(message.floor_char_boundary(LONGEST));
        message.push('…');
    }
}
