//! Public events in the shape of version 1 of the Mobilize API, so that widgets and tools that were written for it need
//! another address only: <https://github.com/mobilizeamerica/api>. Reading only, and what everybody may read: a key that
//! such a program sends is not looked at.

mod ask;
mod list;

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    },
    web::{self, Data, Path, ServiceConfig},
};
use async_graphql::Executor;
use serde_json::{Value, json};

use super::{
    endpoint::Endpoint,
    feeds::{page, whole_or_unchanged},
    media::share,
    visit::Visit,
};
use crate::{
    export::mobilize,
    refusal::{Problem, Refusal},
};

const JSON: &str = "application/json; charset=utf-8";

pub(super) fn routes<S: Executor>(config: &mut ServiceConfig) {
    // Where it is, and where it was before.
    for base in ["/v1", "/api/v1"] {
        config.service(
            web::scope(base)
                .service(page("/organizations", organizations::<S>))
                .service(page("/organizations/{organization}/events", events_of::<S>))
                .service(page(
                    "/organizations/{organization}/events/deleted",
                    deleted_of::<S>,
                ))
                .service(page("/organizations/{organization}/events/{id}", event_of::<S>))
                .service(page("/events", events::<S>))
                .service(page("/events/deleted", deleted::<S>))
                .service(page("/events/{id}", event::<S>))
                .service(page("/enums", enums::<S>))
                .default_service(web::to(no_such_page::<S>)),
        );
    }
}

async fn organizations<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = list::organizations(&endpoint.app, http.path(), http.query_string());
    answer(&endpoint, &http, made).await
}

async fn events<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = list::events(&endpoint.app, None, http.path(), http.query_string());
    answer(&endpoint, &http, made).await
}

async fn events_of<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    organization: Path<String>,
) -> HttpResponse {
    let made = list::events(
        &endpoint.app,
        Some(&organization),
        http.path(),
        http.query_string(),
    );
    answer(&endpoint, &http, made).await
}

async fn deleted<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = list::deleted(&endpoint.app, None, http.path(), http.query_string());
    answer(&endpoint, &http, made).await
}

async fn deleted_of<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    organization: Path<String>,
) -> HttpResponse {
    let made = list::deleted(
        &endpoint.app,
        Some(&organization),
        http.path(),
        http.query_string(),
    );
    answer(&endpoint, &http, made).await
}

async fn event<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    id: Path<String>,
) -> HttpResponse {
    let made = list::event(&endpoint.app, None, &id);
    answer(&endpoint, &http, made).await
}

async fn event_of<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    ids: Path<(String, String)>,
) -> HttpResponse {
    let made = list::event(&endpoint.app, Some(&ids.0), &ids.1);
    answer(&endpoint, &http, made).await
}

async fn enums<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = async { Ok(json!({"data": mobilize::enums()})) };
    answer(&endpoint, &http, made).await
}

async fn no_such_page<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    answer(&endpoint, &http, async { Err(Refusal::NotFound("page")) }).await
}

/// Counts the request, and answers it with what is made unless the client has that already.
async fn answer<S: Executor>(
    endpoint: &Endpoint<S>,
    http: &HttpRequest,
    made: impl Future<Output = Result<Value, Refusal>>,
) -> HttpResponse {
    let visit = match Visit::of_stranger(endpoint, http) {
        Ok(visit) => visit,
        Err(refused) => return in_their_words(*refused),
    };
    let body = match endpoint.in_time(made, visit.deadline, &visit.request_id).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => {
            if let Refusal::Internal(cause) = &refusal {
                tracing::error!(request = visit.request_id, cause, "a page could not be made");
            }
            return visit.end(refused(&refusal), None);
        }
        Err(failure) => {
            let refused = HttpResponse::build(failure.status()).finish();
            return visit.end(in_their_words(refused), None);
        }
    };
    let mut response = whole_or_unchanged(http.headers(), JSON, body.to_string());
    let seconds = endpoint.app.config.http.public_max_age_seconds;
    if seconds > 0 {
        share(&mut response, seconds);
        return response; // where this caller stands is nothing to those who get it from a cache
    }
    let control = HeaderValue::from_static("private, no-store");
    response.headers_mut().insert(CACHE_CONTROL, control);
    visit.end(response, None)
}

/// What is refused by everything else before it comes here.
fn in_their_words(response: HttpResponse) -> HttpResponse {
    let reason = response.status().canonical_reason().unwrap_or("Refused");
    let body = json!({"data": null, "error": {"detail": format!("{reason}.")}}).to_string();
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    let json = HeaderValue::from_static(JSON);
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let (status, error) = match refusal {
        Refusal::Input(problems) => (StatusCode::BAD_REQUEST, by_name(problems)),
        Refusal::NotFound(_) => (StatusCode::NOT_FOUND, json!({"detail": "Not found."})),
        Refusal::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({"detail": "Not available at the moment; try again."}),
        ),
        _ => (
            StatusCode::INTERNAL_SERVER_ERROR,
            json!({"detail": "Internal error."}),
        ),
    };
    HttpResponse::build(status)
        .content_type(JSON)
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(json!({"data": null, "error": error}).to_string())
}

/// Everything that is wrong with a parameter, below its name.
fn by_name(problems: &[Problem]) -> Value {
    let mut error = serde_json::Map::new();
    for problem in problems {
        let list = error.entry(problem.path.join(".")).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(problem.problem.clone().into());
        }
    }
    error.into()
}
