//! `/graphql`, as GraphQL over HTTP asks for it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_LENGTH, HeaderMap, HeaderValue},
    },
    web::{Bytes, Data, Payload},
};
use async_graphql::{Executor, Request, ServerError};
use tokio::time::{Instant, timeout_at};

use super::{
    edge,
    endpoint::{Answered, Endpoint, operation_name},
    media::{Media, share},
    params,
    visit::Visit,
};
use crate::{
    graphql::{errors, precheck::Transport},
    refusal::Code,
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
    let (pass, request_id) = (visit.pass.take(), &visit.request_id);
    let device = Endpoint::<S>::device(http.headers());
    let execution = endpoint.execute(request, pass, visit.client, device, transport, request_id);
    let answered = match endpoint.in_time(execution, visit.deadline, request_id).await {
        Ok(answered) => answered,
        Err(failure) => {
            let refused = visit.media.refuse(failure.status(), failure.error(request_id));
            return visit.end(refused, None);
        }
    };
    visit.counted(answered.standing);
    let wait = errors::retry_after(&answered.answer.response);
    let mut response = respond(visit.media, &answered);
    let seconds = endpoint.app.config.http.public_max_age_seconds;
    if answered.public && transport == Transport::Get && seconds > 0 {
        share(&mut response, seconds);
        return response; // where this caller stands is nothing to those who get it from a cache
    }
    visit.end(response, wait)
}

/// The answer to a request that was read.
fn respond(media: Media, answered: &Answered) -> HttpResponse {
    let answer = &answered.answer;
    if answer.executed {
        return media.answer(StatusCode::OK, &answer.response);
    }
    let refuse = |status| media.refuse_all(status, &answer.response.errors);
    if answered
        .standing
        .is_some_and(|standing| standing.retry_after.is_some())
    {
        return refuse(StatusCode::TOO_MANY_REQUESTS);
    }
    if answer.needs_post {
        let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    refuse(match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    })
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
