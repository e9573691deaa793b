//! `/hooks/sms`: what people answer to texts, as the gateway passes it on.
//!
//! Whoever could forge it could stop the texts of others, or start them again, so it is proved by a secret that only the
//! gateway and the settings have. Of a text that is no keyword nothing is kept.

mod proof;

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::{Data, Payload},
};
use serde_json::Value;
use url::form_urlencoded;

use super::{address, media::Media, rates};
use crate::{
    app::App,
    domain::{
        keywords::{self, Keyword},
        phone::Phone,
    },
    graphql::errors,
    letter,
    limits::Who,
    refusal::{Code, Refusal},
};

/// A text has at most 1,600 characters; the rest is what gateways say beside.
const LONGEST: usize = 32 * 1024;

/// A text that came in. Answers 200 to every one that is proved, with what to reply if `sms.hook_replies`.
pub async fn sms(app: Data<App>, http: HttpRequest, payload: Payload) -> HttpResponse {
    if app.config.sms.hook_secret.is_empty() {
        return super::no_such_page().await;
    }
    let client = address::of_client(http.peer_addr(), http.headers(), &app.config.http.trusted_proxies);
    let standing = app.limits.request(Who::Client(client.into()));
    if let Some(seconds) = standing.and_then(|standing| standing.retry_after) {
        return rates::refuse(Media::Json, seconds, "");
    }
    let body = match payload.to_bytes_limited(LONGEST).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                Code::BadUserInput,
                "The request did not arrive whole.",
            );
        }
        Err(_) => {
            return refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::PayloadTooLarge,
                "The request is too large.",
            );
        }
    };
    let parts = parts(&http, &body);
    if !proof::holds(&app.config, http.headers(), &body, &parts) {
        tracing::warn!("a text came in whose sender does not prove to be the gateway");
        return refuse(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "The signature is wrong.",
        );
    }
    let (from, text) = (&app.config.sms.hook_from_field, &app.config.sms.hook_text_field);
    let (Some(from), Some(text)) = (parts.get(from), parts.get(text)) else {
        tracing::warn!("a text came in without sms.hook_from_field or sms.hook_text_field");
        return refuse(StatusCode::BAD_REQUEST, Code::BadUserInput, "A part is missing.");
    };
    let said = Phone::of_gateway(&app.config, from).zip(Keyword::of(text));
    let Some((phone, keyword)) = said else {
        return HttpResponse::Ok().finish();
    };
    match keywords::hear(&app, &phone, keyword).await {
        Ok(()) if app.config.sms.hook_replies => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(letter::reply(&app.config, keyword)),
        Ok(()) => HttpResponse::Ok().finish(),
        // The gateway comes again.
        Err(refusal) => {
            if let Refusal::Internal(cause) = &refusal {
                tracing::error!(cause, "a text that came in was not heard");
            }
            refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                Code::Unavailable,
                "Not available at the moment; try again.",
            )
        }
    }
}

/// The parts of a form, or of a JSON object, that are texts.
fn parts(http: &HttpRequest, body: &[u8]) -> BTreeMap<String, String> {
    let media_type = http
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|media_type| media_type.starts_with("application/x-www-form-urlencoded")) {
        return form_urlencoded::parse(body).into_owned().collect();
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return BTreeMap::new();
    };
    let texts = object.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    });
    texts.collect()
}

fn refuse(status: StatusCode, code: Code, message: &'static str) -> HttpResponse {
    Media::Json.refuse(status, errors::error(code, message))
}
