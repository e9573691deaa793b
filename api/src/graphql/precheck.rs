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
mod persisted;
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

use self::cache::{Cache, Document};
use super::errors;
use crate::{
    config::Graphql,
    refusal::{Code, Problem},
};

/// Of the documents that are remembered by their text, in each of two generations.
const ENTRIES: usize = 1_000;
const BYTES: usize = 8 << 20;
/// Values in variables times uses of variables: every use copies its value.
const COPIES: usize = 500_000;

/// The schema behind its checks; cheap to clone.
#[derive(Clone)]
pub struct Checked<S> {
    schema: S,
    limits: Arc<Graphql>,
    documents: Arc<Cache<Arc<str>>>,
    /// By hash, of this process only: a client whose request meets another one sends the document again.
    persisted: Arc<Cache<persisted::Hash>>,
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

/// A request that passed the checks.
pub struct Accepted {
    request: Request,
    /// What kind of operation will run.
    pub operation: OperationType,
    /// Whether the document asks for `__schema` or `__type`.
    pub introspects: bool,
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
            documents: Arc::new(Cache::new(ENTRIES, BYTES)),
            persisted: Arc::new(Cache::new(usize::MAX, limits.persisted_bytes / 2)),
        }
    }

    /// Checks `request`; an answer is a refusal.
    pub fn accept(&self, request: Request, transport: Transport) -> Result<Accepted, Box<Answer>> {
        let accepted = self
            .prepare(request)
            .map_err(|error| Box::new(Answer::refusal(error)))?;
        let message = match (accepted.operation, transport) {
            (OperationType::Mutation, Transport::Get) => "Only queries may be sent by GET.",
            (OperationType::Subscription, Transport::Get | Transport::Post) => {
                "Subscriptions need a WebSocket."
            }
            _ => return Ok(accepted),
        };
        Err(Box::new(Answer {
            needs_post: accepted.operation == OperationType::Mutation,
            ..Answer::refusal(errors::error(Code::BadUserInput, message))
        }))
    }

    /// Writes out the document of a request that names it by its hash alone, if it is known: so that the request can be
    /// executed again when the hash is forgotten.
    pub fn write_out(&self, request: &mut Request) {
        if request.query.is_empty()
            && let Ok(Some(hash)) = persisted::claimed(request)
            && let Some(document) = self.persisted.get(&hash)
        {
            request.query = document.text.to_string();
        }
    }

    /// Executes what was accepted.
    pub async fn execute(&self, accepted: Accepted, request_id: &str) -> Answer {
        let request = accepted.request;
        let subscribes = accepted.operation == OperationType::Subscription;
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

    fn prepare(&self, mut request: Request) -> Result<Accepted, ServerError> {
        let document = self.document(&request)?;
        request.operation_name = request.operation_name.take().filter(|name| !name.is_empty());
        let operation = select(&document.parsed.operations, request.operation_name.as_deref())?;
        let may_ask = hides_schema(&request) && document.weight.introspects;
        if may_ask && cost::asks_for_the_schema(&document.parsed) {
            return Err(errors::error(
                Code::Unauthenticated,
                "Sign in to read the schema.",
            ));
        }
        if operation.ty == OperationType::Subscription {
            check_single_field(operation)?;
        }
        check_variables(operation, &request, document.weight.references)?;
        let absent = absent::names(operation, &request.variables);
        let mut parsed = document.parsed.clone();
        if !absent.is_empty() {
            absent::leave_out(&mut parsed, &absent);
        }
        request.set_parsed_query(parsed);
        Ok(Accepted {
            request,
            operation: operation.ty,
            introspects: document.weight.introspects,
        })
    }

    /// The document of `request`, sent whole or by its hash.
    fn document(&self, request: &Request) -> Result<Arc<Document>, ServerError> {
        let text = &request.query;
        match persisted::claimed(request)? {
            None => self.read(text),
            Some(hash) if text.is_empty() => self.persisted.get(&hash).ok_or_else(persisted::not_found),
            Some(hash) => {
                let document = self.read(text)?;
                persisted::verify(&hash, text)?;
                if self.persisted.get(&hash).is_none() {
                    self.persisted.insert(hash, Arc::clone(&document));
                }
                Ok(document)
            }
        }
    }

    /// What `text` reads as, within the limits.
    fn read(&self, text: &str) -> Result<Arc<Document>, ServerError> {
        let limit = self.limits.query_bytes;
        if text.len() > limit {
            return Err(errors::error(
                Code::QueryTooComplex,
                format!("The document is longer than {limit} bytes."),
            ));
        }
        if let Some(known) = self.documents.get(text) {
            return Ok(known);
        }
        nesting::check(text)?;
        let parsed = parse_query(text).map_err(syntax_error)?;
        let mut weight = cost::check(&parsed, &self.limits)?;
        weight.bytes += text.len();
        let document = Arc::new(Document {
            text: text.into(),
            parsed,
            weight,
        });
        self.documents
            .insert(Arc::clone(&document.text), Arc::clone(&document));
        Ok(document)
    }
}

impl Answer {
    /// An answer that only refuses.
    pub fn refusal(error: ServerError) -> Self {
        Self {
            response: Response::from_errors(vec![error]),
            executed: false,
            needs_post: false,
            subscribes: false,
        }
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
