//! What a client is told of the limits on how often it may ask.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, RETRY_AFTER},
    },
};

use super::media::Media;
use crate::{graphql::errors, limits::Standing, refusal::Refusal};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Says on `response` where the caller stands.
pub fn tell(response: &mut HttpResponse, standing: Standing) {
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(RESET, HeaderValue::from(standing.reset));
    let policy = format!("{};w={}", standing.limit, standing.window);
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(POLICY, policy);
    }
}

/// Says on `response` when to try again, in seconds.
pub fn tell_to_wait(response: &mut HttpResponse, seconds: u64) {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
}

/// Refuses a request that came too soon: try again in `seconds`.
pub fn refuse(media: Media, seconds: u64, request_id: &str) -> HttpResponse {
    let error = errors::from_refusal(&Refusal::RateLimited(seconds), request_id);
    media.refuse(StatusCode::TOO_MANY_REQUESTS, error)
}
