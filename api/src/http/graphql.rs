//! `/graphql`, as GraphQL over HTTP asks for it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
    },
    web::{Bytes, Data, Payload},
};
use async_graphql::{Executor, Request, ServerError};
use futures_util::FutureExt;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::{address, edge, media::Media, params};
use crate::{
    app::App,
    auth::Claims,
    graphql::{
        Caller, errors,
        precheck::{Answer, Checked, Transport},
    },
    refusal::{Code, Refusal},
};

/// What the handlers work with; one for all threads.
pub struct Endpoint<S> {
    app: Arc<App>,
    schema: Checked<S>,
}

impl<S: Executor> Endpoint<S> {
    /// Puts the checks before `schema`.
    pub fn new(app: Arc<App>, schema: S) -> Self {
        let schema = Checked::new(schema, &app.config.graphql);
        Self { app, schema }
    }
}

/// `POST /graphql`: queries and mutations, as `application/json` only.
pub async fn post<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let deadline = endpoint.deadline();
    let Some(media) = Media::accepted(http.headers()) else {
        return not_acceptable();
    };
    if !params::is_json(http.headers()) {
        let message = "Send `Content-Type: application/json`, in UTF-8.";
        let error = errors::error(Code::BadUserInput, message);
        return media.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, error);
    }
    let limit = endpoint.app.config.http.body_limit;
    let body = match read(http.headers(), payload, limit, deadline).await {
        Ok(body) => body,
        Err((status, error)) => return media.refuse(status, error),
    };
    let request = params::from_body(&body);
    drop(body);
    endpoint
        .run(&http, media, request, Transport::Post, deadline)
        .await
}

/// `GET /graphql`: queries only.
pub async fn get<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let deadline = endpoint.deadline();
    let Some(media) = Media::accepted(http.headers()) else {
        return not_acceptable();
    };
    let request = params::from_address(http.query_string());
    endpoint
        .run(&http, media, request, Transport::Get, deadline)
        .await
}

/// Any other method.
pub async fn other_method() -> HttpResponse {
    let error = errors::error(Code::BadUserInput, "Send GET or POST.");
    let mut response = Media::Json.refuse(StatusCode::METHOD_NOT_ALLOWED, error);
    let allowed = HeaderValue::from_static("GET, POST");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

impl<S: Executor> Endpoint<S> {
    fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.app.config.http.deadline_seconds)
    }

    async fn run(
        &self,
        http: &HttpRequest,
        media: Media,
        request: Result<Request, String>,
        transport: Transport,
        deadline: Instant,
    ) -> HttpResponse {
        let mut request = match request {
            Ok(request) => request,
            Err(message) => {
                let error = errors::error(Code::BadUserInput, message);
                return media.refuse(StatusCode::BAD_REQUEST, error);
            }
        };
        let request_id = edge::request_id(http);
        let claims = match self.claims(http.headers()) {
            Ok(claims) => claims,
            Err(refusal) => return unauthenticated(media, &refusal, &request_id),
        };
        if let Some(name) = operation_name(&request) {
            edge::name_operation(http, name);
        }
        let config = &self.app.config;
        if claims.is_none() && !config.is_on(config.graphql.anonymous_introspection) {
            request = request.disable_introspection();
        }
        let client = address::of_client(http.peer_addr(), http.headers(), &config.http.trusted_proxies);
        let request = request.data(Caller::new(claims, client));
        let execution = self.schema.execute(request, transport, &request_id);
        match timeout_at(deadline, AssertUnwindSafe(execution).catch_unwind()).await {
            Ok(Ok(answer)) => respond(media, answer),
            Ok(Err(_)) => {
                tracing::error!(request_id, "a field panicked");
                media.refuse(StatusCode::INTERNAL_SERVER_ERROR, errors::internal(&request_id))
            }
            Err(_) => {
                tracing::warn!(request_id, "given up at the deadline");
                let error = errors::error(Code::Unavailable, "This took too long; try again.");
                media.refuse(StatusCode::SERVICE_UNAVAILABLE, error)
            }
        }
    }

    /// Of the token, if one is sent. A token that is no good is refused, even where none is needed: the client should
    /// know that it is not signed in.
    fn claims(&self, headers: &HeaderMap) -> Result<Option<Claims>, Refusal> {
        let mut sent = headers.get_all(AUTHORIZATION);
        let Some(value) = sent.next() else {
            return Ok(None);
        };
        let token = value.to_str().ok().and_then(bearer);
        match (token, sent.next()) {
            (Some(token), None) => self.app.signer.verify(token, self.app.clock.now()).map(Some),
            _ => Err(Refusal::Unauthenticated),
        }
    }
}

/// The answer to a request that was read.
fn respond(media: Media, answer: Answer) -> HttpResponse {
    if answer.executed {
        return media.answer(StatusCode::OK, &answer.response);
    }
    let refused = Refused {
        errors: &answer.response.errors,
    };
    if answer.needs_post {
        let mut response = media.answer(StatusCode::METHOD_NOT_ALLOWED, &refused);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let status = match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    };
    media.answer(status, &refused)
}

/// Has no `data`: nothing was executed.
#[derive(Serialize)]
struct Refused<'a> {
    errors: &'a [ServerError],
}

fn unauthenticated(media: Media, refusal: &Refusal, request_id: &str) -> HttpResponse {
    let error = errors::from_refusal(refusal, request_id);
    if refusal.code() != Code::Unauthenticated {
        return media.refuse(StatusCode::INTERNAL_SERVER_ERROR, error);
    }
    let mut response = media.refuse(StatusCode::UNAUTHORIZED, error);
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

fn not_acceptable() -> HttpResponse {
    let message = "Accept `application/graphql-response+json` or `application/json`.";
    Media::Json.refuse(
        StatusCode::NOT_ACCEPTABLE,
        errors::error(Code::BadUserInput, message),
    )
}

async fn read(
    headers: &HeaderMap,
    payload: Payload,
    limit: usize,
    deadline: Instant,
) -> Result<Bytes, (StatusCode, ServerError)> {
    let too_large = || {
        let message = format!("The request is larger than {limit} bytes.");
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            errors::error(Code::PayloadTooLarge, message),
        )
    };
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let incomplete = |status| {
        (
            status,
            errors::error(Code::BadUserInput, "The request did not arrive whole."),
        )
    };
    match timeout_at(deadline, payload.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(incomplete(StatusCode::BAD_REQUEST)),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(incomplete(StatusCode::REQUEST_TIMEOUT)),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The name of the operation, for the log: what the client says, or what stands at the document's start. Only what can
/// be a name counts, so that nothing else gets into the log.
fn operation_name(request: &Request) -> Option<String> {
    let first = || {
        let document = request.query.trim_start();
        let after = ["query", "mutation", "subscription"]
            .iter()
            .find_map(|keyword| document.strip_prefix(keyword))?;
        let name = after.strip_prefix(char::is_whitespace)?.trim_start();
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        Some(name.split_at(end.unwrap_or(name.len())).0)
    };
    let given = request.operation_name.as_deref().filter(|name| !name.is_empty());
    let name = given.or_else(first)?;
    let is_name = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| name.to_owned())
}
