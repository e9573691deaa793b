//! Looks at a document before the library does, on every transport: reads it once (documents in use are remembered),
//! measures it in linear time, and refuses what would cost too much. The library alone expands nested fragments
//! exponentially, in its own limits as well.
//!
//! It wraps the schema rather than being one of the library's extensions, because any extension makes every resolved
//! field pay for a hook.

mod absent;
mod cache;
mod cost;
mod nesting;
mod values;

use std::sync::Arc;

use async_graphql::{
    Executor, Name, Positioned, Request, Response, ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, OperationDefinition, OperationType, Selection},
    },
};
use futures_util::StreamExt;

use self::cache::Cache;
use super::errors;
use crate::{
    config::Graphql,
    refusal::{Code, Problem},
};

/// Values in variables times uses of variables: every use copies its value.
const COPIES: usize = 500_000;

/// The schema behind its checks; cheap to clone.
#[derive(Clone)]
pub struct Checked<S> {
    schema: S,
    limits: Arc<Graphql>,
    documents: Arc<Cache>,
}

/// What a transport carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Queries only: a link or an image must not change anything.
    Get,
    /// Queries and mutations.
    Post,
    /// Everything; of a subscription, the present state.
    Socket,
}

/// The answer to one request, its errors finished.
pub struct Answer {
    /// What the client sees.
    pub response: Response,
    /// Whether it came to an execution; if not, there is no `data` to show.
    pub executed: bool,
    /// Refused because it came over [`Transport::Get`].
    pub needs_post: bool,
    /// Whether a subscription was executed: it may have another answer later.
    pub subscribes: bool,
}

impl<S: Executor> Checked<S> {
    /// Puts the checks before `schema`.
    pub fn new(schema: S, limits: &Graphql) -> Self {
        Self {
            schema,
            limits: Arc::new(limits.clone()),
            documents: Arc::default(),
        }
    }

    /// Checks `request`, then executes it.
    pub async fn execute(&self, mut request: Request, transport: Transport, request_id: &str) -> Answer {
        let refuse = |error, needs_post| Answer {
            response: Response::from_errors(vec![error]),
            executed: false,
            needs_post,
            subscribes: false,
        };
        let subscribes = match self.prepare(&mut request) {
            Ok(OperationType::Mutation) if transport == Transport::Get => {
                let message = "Only queries may be sent by GET.";
                return refuse(errors::error(Code::BadUserInput, message), true);
            }
            Ok(OperationType::Query | OperationType::Mutation) => false,
            Ok(OperationType::Subscription) if transport == Transport::Socket => true,
            Ok(OperationType::Subscription) => {
                let message = "Subscriptions need a WebSocket.";
                return refuse(errors::error(Code::BadUserInput, message), false);
            }
            Err(error) => return refuse(error, false),
        };
        let hide_schema = hides_schema(&request);
        let mut response = if subscribes {
            let mut answers = self.schema.execute_stream(request, None);
            answers.next().await.unwrap_or_default()
        } else {
            self.schema.execute(request).await
        };
        if hide_schema {
            for error in &mut response.errors {
                strip_suggestion(error);
            }
        }
        let executed = !errors::failed_before_execution(&response);
        Answer {
            response: errors::finish(response, request_id),
            executed,
            needs_post: false,
            subscribes: subscribes && executed,
        }
    }

    /// Leaves the document in `request`; returns what kind of operation will run.
    fn prepare(&self, request: &mut Request) -> Result<OperationType, ServerError> {
        let limit = self.limits.query_bytes;
        if request.query.len() > limit {
            return Err(errors::error(
                Code::QueryTooComplex,
                format!("The document is longer than {limit} bytes."),
            ));
        }
        let document = match self.documents.get(&request.query) {
            Some(known) => known,
            None => {
                nesting::check(&request.query)?;
                let document = parse_query(&request.query).map_err(syntax_error)?;
                let weight = cost::check(&document, &self.limits)?;
                self.documents.insert(&request.query, document, weight)
            }
        };
        request.operation_name = request.operation_name.take().filter(|name| !name.is_empty());
        let operation = select(&document.parsed.operations, request.operation_name.as_deref())?;
        if hides_schema(request) && cost::asks_for_the_schema(&document.parsed) {
            return Err(errors::error(
                Code::Unauthenticated,
                "Sign in to read the schema.",
            ));
        }
        if operation.ty == OperationType::Subscription {
            check_single_field(operation)?;
        }
        check_variables(operation, request, document.weight.references)?;
        let absent = absent::names(operation, &request.variables);
        let mut parsed = document.parsed.clone();
        if !absent.is_empty() {
            absent::leave_out(&mut parsed, &absent);
        }
        request.set_parsed_query(parsed);
        Ok(operation.ty)
    }
}

/// The operation that will run; the library chooses in the same way.
fn select<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let found = match (operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(named), None) if named.len() == 1 => named.values().next(),
        (DocumentOperations::Multiple(named), Some(name)) => named.get(name),
        _ => None,
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let message = match name {
            Some(_) => "The document has no operation with the name `operationName`.",
            None => "The document has several operations; `operationName` must say which to run.",
        };
        errors::error(Code::BadUserInput, message)
    })
}

/// A subscription has one field. The library would overlook one that stands in a fragment, and directives around it.
fn check_single_field(operation: &OperationDefinition) -> Result<(), ServerError> {
    let selected = &operation.selection_set.node.items;
    if let [
        Positioned {
            node: Selection::Field(field),
            ..
        },
    ] = selected.as_slice()
        && field.node.directives.is_empty()
    {
        return Ok(());
    }
    let message = "A subscription must select one field, without fragments and directives around it.";
    Err(errors::error(Code::GraphqlValidationFailed, message))
}

fn check_variables(
    operation: &OperationDefinition,
    request: &Request,
    references: usize,
) -> Result<(), ServerError> {
    let count = values::check_variables(&request.variables)?;
    if count.saturating_mul(references) > COPIES {
        let message = "Variables with many values are used too often.";
        return Err(errors::error(Code::QueryTooComplex, message));
    }
    let missing = |name: &Name| {
        matches!(
            request.variables.get(name),
            None | Some(async_graphql::Value::Null)
        )
    };
    let problems: Vec<Problem> = operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node)
        .filter(|definition| {
            let required = !definition.var_type.node.nullable && definition.default_value.is_none();
            required && missing(&definition.name.node)
        })
        .map(|definition| Problem {
            path: vec!["variables".to_owned(), definition.name.node.to_string()],
            problem: "is required".to_owned(),
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(errors::input(&problems, "Variables are missing."))
}

fn hides_schema(request: &Request) -> bool {
    request.introspection_mode == async_graphql::IntrospectionMode::Disabled
}

/// Suggestions would tell the schema to those who may not read it.
fn strip_suggestion(error: &mut ServerError) {
    if error.source.is_none()
        && let Some(end) = error.message.find(" Did you mean")
    {
        error.message.truncate(end);
    }
}

/// The parser's message quotes the document; its last line says what was expected.
fn syntax_error(error: async_graphql::parser::Error) -> ServerError {
    let text = error.to_string();
    let reason = text.rsplit("= ").next().unwrap_or_default();
    let mut refused = errors::error(
        Code::GraphqlParseFailed,
        format!("Cannot read the document: {reason}."),
    );
    refused.locations = error.positions().collect();
    refused
}

#[cfg(test)]
mod tests;
