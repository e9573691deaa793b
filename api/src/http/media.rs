//! What a client accepts, and answers in it.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ACCEPT, CACHE_CONTROL, HeaderMap, HeaderValue, VARY, WWW_AUTHENTICATE},
    },
};
use async_graphql::ServerError;
use serde::Serialize;

use crate::{
    graphql::{errors, json},
    refusal::{Code, Refusal},
};

/// The two media types of GraphQL over HTTP. They differ in the status of a document that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells what happened.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered with 200.
    Json,
}

impl Media {
    /// The one that the client likes best; none when it accepts neither. Where it likes both, the more telling one.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut given = false;
        let (mut graphql, mut json) = (0.0f32, 0.0f32);
        for part in headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()) {
            for range in part.split(',').filter(|range| !range.trim().is_empty()) {
                given = true;
                let (name, quality) = read_range(range);
                match name.as_str() {
                    "application/graphql-response+json" => graphql = graphql.max(quality),
                    "application/json" | "application/*" | "*/*" => json = json.max(quality),
                    _ => {}
                }
            }
        }
        if !given {
            return Some(Self::Json);
        }
        if graphql > 0.0 && graphql >= json {
            return Some(Self::GraphqlResponse);
        }
        (json > 0.0).then_some(Self::Json)
    }

    /// An answer that only refuses.
    pub fn refuse(self, status: StatusCode, error: ServerError) -> HttpResponse {
        self.refuse_all(status, &[error])
    }

    /// An answer without `data`: nothing was executed.
    pub fn refuse_all(self, status: StatusCode, errors: &[ServerError]) -> HttpResponse {
        self.answer(status, &Refused { errors })
    }

    /// An answer, not to be kept by a cache unless it is said otherwise by [`share`].
    pub fn answer(self, status: StatusCode, body: &impl Serialize) -> HttpResponse {
        let Ok(text) = json::to_vec(body) else {
            return HttpResponse::InternalServerError().finish();
        };
        HttpResponse::build(status)
            .content_type(match self {
                Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
                Self::Json => "application/json; charset=utf-8",
            })
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .body(text)
    }
}

/// Lets shared caches keep `response` for so many seconds. Only for what everybody without a token gets; one who sends a
/// token must not be answered from it.
pub fn share(response: &mut HttpResponse, seconds: u64) {
    if let Ok(value) = HeaderValue::try_from(format!("public, max-age={seconds}")) {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, value);
        headers.insert(VARY, HeaderValue::from_static("Authorization, Accept, Origin"));
    }
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

#[derive(Serialize)]
struct Refused<'a> {
    errors: &'a [ServerError],
}

fn read_range(range: &str) -> (String, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let quality = parts
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(1.0);
    (name, quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_best_accepted_type_is_chosen() {
        let cases = [
            ("*/*", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            ("application/graphql-response+json", Some(Media::GraphqlResponse)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json;q=0.5",
                Some(Media::Json),
            ),
            ("application/json, multipart/mixed", Some(Media::Json)),
            (
                "Application/GraphQL-Response+JSON; charset=utf-8",
                Some(Media::GraphqlResponse),
            ),
            ("text/html", None),
            ("application/json;q=0", None),
        ];
        for (accept, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Media::accepted(&headers), expected, "{accept}");
        }
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
    }
}
