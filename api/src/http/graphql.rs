//! `/graphql`, as GraphQL over HTTP asks for it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_LENGTH, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
    },
    web::{Bytes, Data, Payload},
};
use async_graphql::{Executor, Request, ServerError};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::{
    edge,
    endpoint::{Endpoint, operation_name},
    media::{Media, share},
    params,
    visit::Visit,
};
use crate::{
    graphql::{
        errors,
        precheck::{Answer, Transport},
    },
    refusal::{Code, Refusal},
};

/// `POST /graphql`: queries and mutations, as `application/json` only.
pub async fn post<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let visit = match Visit::begin(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    match read(&endpoint, &http, payload, &visit).await {
        Ok(request) => run(&endpoint, &http, request, Transport::Post, visit).await,
        Err((status, error)) => {
            let refused = visit.media.refuse(status, error);
            visit.end(refused, None)
        }
    }
}

/// `GET /graphql`: queries only.
pub async fn get<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let visit = match Visit::begin(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    match params::from_address(http.query_string()) {
        Ok(request) => run(&endpoint, &http, request, Transport::Get, visit).await,
        Err(message) => {
            let error = errors::error(Code::BadUserInput, message);
            let refused = visit.media.refuse(StatusCode::BAD_REQUEST, error);
            visit.end(refused, None)
        }
    }
}

/// Any other method.
pub async fn other_method() -> HttpResponse {
    let error = errors::error(Code::BadUserInput, "Send GET or POST.");
    let mut response = Media::Json.refuse(StatusCode::METHOD_NOT_ALLOWED, error);
    let allowed = HeaderValue::from_static("GET, POST");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

async fn run<S: Executor>(
    endpoint: &Endpoint<S>,
    http: &HttpRequest,
    request: Request,
    transport: Transport,
    mut visit: Visit,
) -> HttpResponse {
    if let Some(name) = operation_name(&request) {
        edge::name_operation(http, name);
    }
    let (claims, request_id) = (visit.claims.take(), &visit.request_id);
    let execution = endpoint.execute(request, claims, visit.client, transport, request_id);
    let answer = match endpoint.in_time(execution, visit.deadline, request_id).await {
        Ok(answer) => answer,
        Err(failure) => {
            let refused = visit.media.refuse(failure.status(), failure.error(request_id));
            return visit.end(refused, None);
        }
    };
    visit.counted(answer.standing);
    let wait = errors::retry_after(&answer.response);
    let may_be_shared = answer.public && transport == Transport::Get;
    let mut response = respond(visit.media, answer);
    let seconds = endpoint.app.config.http.public_max_age_seconds;
    if may_be_shared && seconds > 0 {
        share(&mut response, seconds);
    }
    visit.end(response, wait)
}

/// The answer to a request that was read.
fn respond(media: Media, answer: Answer) -> HttpResponse {
    if answer.executed {
        return media.answer(StatusCode::OK, &answer.response);
    }
    let refused = Refused {
        errors: &answer.response.errors,
    };
    if answer
        .standing
        .is_some_and(|standing| standing.retry_after.is_some())
    {
        return media.answer(StatusCode::TOO_MANY_REQUESTS, &refused);
    }
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

/// The answer to a bad token.
pub fn unauthenticated(media: Media, refusal: &Refusal, request_id: &str) -> HttpResponse {
    let error = errors::from_refusal(refusal, request_id);
    if refusal.code() != Code::Unauthenticated {
        return media.refuse(StatusCode::INTERNAL_SERVER_ERROR, error);
    }
    let mut response = media.refuse(StatusCode::UNAUTHORIZED, error);
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// The answer to somebody who accepts nothing that we have.
pub fn not_acceptable() -> HttpResponse {
    let message = "Accept `application/graphql-response+json` or `application/json`.";
    Media::Json.refuse(
        StatusCode::NOT_ACCEPTABLE,
        errors::error(Code::BadUserInput, message),
    )
}

/// The request in a body.
async fn read<S: Executor>(
    endpoint: &Endpoint<S>,
    http: &HttpRequest,
    payload: Payload,
    visit: &Visit,
) -> Result<Request, (StatusCode, ServerError)> {
    if !params::is_json(http.headers()) {
        let message = "Send `Content-Type: application/json`, in UTF-8.";
        let error = errors::error(Code::BadUserInput, message);
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, error));
    }
    let limit = endpoint.app.config.http.body_limit;
    let body = read_body(http.headers(), payload, limit, visit.deadline).await?;
    params::from_body(&body).map_err(|message| {
        let error = errors::error(Code::BadUserInput, message);
        (StatusCode::BAD_REQUEST, error)
    })
}

async fn read_body(
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
