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
    media::Media,
    params,
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
    run(&endpoint, &http, media, request, Transport::Post, deadline).await
}

/// `GET /graphql`: queries only.
pub async fn get<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let deadline = endpoint.deadline();
    let Some(media) = Media::accepted(http.headers()) else {
        return not_acceptable();
    };
    let request = params::from_address(http.query_string());
    run(&endpoint, &http, media, request, Transport::Get, deadline).await
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
    media: Media,
    request: Result<Request, String>,
    transport: Transport,
    deadline: Instant,
) -> HttpResponse {
    let request = match request {
        Ok(request) => request,
        Err(message) => {
            let error = errors::error(Code::BadUserInput, message);
            return media.refuse(StatusCode::BAD_REQUEST, error);
        }
    };
    let request_id = edge::request_id(http);
    let claims = match endpoint.claims(http.headers()) {
        Ok(claims) => claims,
        Err(refusal) => return unauthenticated(media, &refusal, &request_id),
    };
    if let Some(name) = operation_name(&request) {
        edge::name_operation(http, name);
    }
    let client = endpoint.client(http);
    let execution = endpoint.execute(request, claims, client, transport, &request_id);
    match endpoint.in_time(execution, deadline, &request_id).await {
        Ok(answer) => respond(media, answer),
        Err(failure) => media.refuse(failure.status(), failure.error(&request_id)),
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
