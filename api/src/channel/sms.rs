//! Texts, by a gateway over HTTP.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    Outcome,
    http::{self, Answer, Failure, Http, Post, Reach},
};
use crate::config::{Sms, SmsBody};

/// A gateway that says nothing within this time may have sent the text or not.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// Answers that are about our settings and not about the text: somebody will correct them.
const OURS: [u16; 5] = [401, 403, 404, 405, 407];

/// A text.
pub struct Text {
    /// The message's id; a gateway that knows `Idempotency-Key` gets it as one.
    pub id: Uuid,
    /// The number, in E.164.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// A gateway, as the settings describe it.
pub(super) struct Gateway {
    http: Http,
    settings: Sms,
}

impl Gateway {
    pub(super) fn new(settings: &Sms) -> Result<Self> {
        let read = http::read(&settings.url, Reach::Anywhere);
        read.map_err(|failure| anyhow::anyhow!(failure.reason()))
            .context("sms.url")?;
        Ok(Self {
            http: Http::new()?,
            settings: settings.clone(),
        })
    }

    pub(super) async fn send(&self, text: &Text) -> Outcome {
        let (media_type, body) = self.body(text);
        let mut headers = vec![
            ("content-type", media_type.to_owned()),
            ("accept", "application/json".to_owned()),
            ("idempotency-key", text.id.to_string()),
        ];
        if !self.settings.authorization.is_empty() {
            headers.push(("authorization", self.settings.authorization.clone()));
        }
        let post = Post {
            url: &self.settings.url,
            headers: &headers,
            body,
            reach: Reach::Anywhere,
            deadline: DEADLINE,
        };
        self.outcome(self.http.send(&post).await)
    }

    fn body(&self, text: &Text) -> (&'static str, Vec<u8>) {
        let settings = &self.settings;
        let mut parts = vec![(&settings.to_field, &text.to), (&settings.text_field, &text.text)];
        if !settings.from.is_empty() {
            parts.push((&settings.from_field, &settings.from));
        }
        match settings.body {
            SmsBody::Json => {
                let value = |(name, text): (&String, &String)| (name.clone(), Value::from(text.as_str()));
                let object: Map<String, Value> = parts.into_iter().map(value).collect();
                ("application/json", Value::Object(object).to_string().into_bytes())
            }
            SmsBody::Form => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(parts)
                    .finish();
                ("application/x-www-form-urlencoded", form.into_bytes())
            }
        }
    }

    /// What an answer says about the text. Its own words may quote the number and are left out.
    fn outcome(&self, answer: Result<Answer, Failure>) -> Outcome {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Failure::NotAllowed(reason) | Failure::NotSent(reason)) => {
                return Outcome::NotSent(reason.to_owned());
            }
            Err(Failure::Unknown(reason)) => return Outcome::Unknown(reason.to_owned()),
        };
        let reason = format!("the gateway answered {}", answer.status);
        match answer.status {
            200..300 => Outcome::Sent,
            300..400 | 429 => Outcome::NotSent(reason),
            status if OURS.contains(&status) => Outcome::NotSent(reason),
            400..500 => match self.error_of(&answer.body) {
                Some(code) if self.settings.stop_codes.contains(&code) => {
                    Outcome::Undeliverable("GATEWAY_STOP")
                }
                Some(code) if self.settings.invalid_codes.contains(&code) => {
                    Outcome::Undeliverable("GATEWAY_INVALID")
                }
                _ => Outcome::Refused(reason),
            },
            _ => Outcome::Unknown(reason),
        }
    }

    /// The gateway's name for what is wrong.
    fn error_of(&self, body: &[u8]) -> Option<String> {
        let body: Value = serde_json::from_slice(body).ok()?;
        match body.get(&self.settings.error_field)? {
            Value::String(code) => Some(code.clone()),
            Value::Number(code) => Some(code.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn gateway(flags: &[(&str, &str)]) -> Gateway {
        let mut all = vec![("sms.url", "http://127.0.0.1:1/send".to_owned())];
        all.extend(flags.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Gateway::new(&Config::with(&all).unwrap().sms).unwrap()
    }

    fn answer(status: u16, body: &str) -> Result<Answer, Failure> {
        Ok(Answer {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn what_an_answer_says() {
        let gateway = gateway(&[]);
        let of = |status, body: &str| gateway.outcome(answer(status, body));
        for status in [200, 201, 202, 204] {
            assert_eq!(of(status, "{\"sid\":"), Outcome::Sent);
        }
        for status in [301, 401, 403, 404, 429] {
            assert!(matches!(of(status, ""), Outcome::NotSent(_)), "{status}");
        }
        assert_eq!(
            of(400, "{\"code\": 21610}"),
            Outcome::Undeliverable("GATEWAY_STOP")
        );
        assert_eq!(
            of(400, "{\"code\": \"21211\"}"),
            Outcome::Undeliverable("GATEWAY_INVALID")
        );
        for body in [
            "",
            "[]",
            "{\"code\": {}}",
            "{\"code\": 1, \"message\": \"+15155550123\"}",
        ] {
            assert_eq!(
                of(422, body),
                Outcome::Refused("the gateway answered 422".to_owned())
            );
        }
        for status in [500, 502, 503] {
            assert!(
                matches!(of(status, ""), Outcome::Unknown(_)),
                "{status}: it may have been sent"
            );
        }
        assert!(matches!(
            gateway.outcome(Err(Failure::NotSent("x"))),
            Outcome::NotSent(_)
        ));
        assert!(matches!(
            gateway.outcome(Err(Failure::Unknown("x"))),
            Outcome::Unknown(_)
        ));
    }

    #[test]
    fn a_body_is_what_the_gateway_reads() {
        let text = Text {
            id: Uuid::nil(),
            to: "+15155550123".to_owned(),
            text: "a&b=\"c\"\n\u{e9}".to_owned(),
        };
        let body = |flags: &[(&str, &str)]| String::from_utf8(gateway(flags).body(&text).1).unwrap();
        let json: Value = serde_json::from_str(&body(&[("sms.from", "12345")])).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"to": "+15155550123", "from": "12345", "text": "a&b=\"c\"\n\u{e9}"})
        );
        let form = body(&[
            ("sms.body", "form"),
            ("sms.to_field", "To"),
            ("sms.text_field", "Body"),
        ]);
        assert_eq!(form, "To=%2B15155550123&Body=a%26b%3D%22c%22%0A%C3%A9");
    }
}
