//! Around every request: its id, its log line, headers that protect browsers, and who may call from a browser.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use uuid::Uuid;

use crate::app::App;

/// Asked every few seconds; logged only when the answer is no.
const QUIET: [&str; 2] = ["/healthz", "/readyz"];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Finds a request in the log; the client's own when it is sane.
#[derive(Clone)]
struct RequestId(String);

/// The name of the operation that a request runs; the only part of a document that is logged.
struct OperationName(String);

/// The id of `request`.
pub fn request_id(request: &HttpRequest) -> String {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    id.unwrap_or_default()
}

/// Names the operation for the log line.
pub fn name_operation(request: &HttpRequest, name: String) {
    request.extensions_mut().insert(OperationName(name));
}

/// The middleware.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = sane_id(request.headers()).unwrap_or_else(|| Uuid::now_v7().simple().to_string());
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let origin = allowed_origin(&request);

    let is_preflight = method == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight && origin.is_some() {
        request.into_response(HttpResponse::NoContent().finish())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };

    let path = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "-".to_owned());
    let operation = {
        let mut extensions = response.request().extensions_mut();
        extensions.remove::<OperationName>().map(|name| name.0)
    };
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        allow(headers, origin, is_preflight);
    }
    protect(headers);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let status = response.status();
    if status.is_success() && QUIET.contains(&path.as_str()) {
        return Ok(response);
    }
    tracing::info!(
        target: "api::access",
        %method,
        path,
        status = status.as_u16(),
        millis = started.elapsed().as_millis(),
        request_id = id,
        operation,
        "answered"
    );
    Ok(response)
}

fn sane_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_sane = (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_sane.then(|| id.to_owned())
}

/// The origin to name in the answer, when the request comes from a page that may call.
fn allowed_origin(request: &ServiceRequest) -> Option<HeaderValue> {
    let app = request.app_data::<Data<App>>()?;
    let allowed = &app.config.http.cors_origins;
    let origin = request.headers().get(header::ORIGIN)?;
    if allowed.iter().any(|allowed| allowed == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    allowed
        .iter()
        .any(|allowed| allowed.as_bytes() == origin.as_bytes())
        .then(|| origin.clone())
}

/// No credentials: a token travels in a header that the page sets itself.
fn allow(headers: &mut HeaderMap, origin: HeaderValue, is_preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if !headers.contains_key(header::VARY) {
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy",
    );
    if is_preflight {
        set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        set(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, X-Request-Id",
        );
        set(header::ACCESS_CONTROL_MAX_AGE, "7200");
    }
}

/// A page that needs more says so itself.
fn protect(headers: &mut HeaderMap) {
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
