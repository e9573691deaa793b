//! The messages of `graphql-transport-ws`, and the codes a socket is closed with.

use async_graphql::{Request, Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{graphql, http::params};

/// What a client says.
pub enum FromClient {
    /// Wants to begin; who they are may be in the payload.
    Init(Map<String, Value>),
    /// Asks whether we are there.
    Ping(Option<Map<String, Value>>),
    /// Is there.
    Pong,
    /// Wants something executed, under this id.
    Subscribe(String, Box<Request>),
    /// Does not want the operation of this id any more.
    Complete(String),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Raw {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Map<String, Value>> },
    Pong {},
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

/// Why a socket is closed. The reason is at most 123 bytes: it travels in a control frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code.
    pub code: u16,
    /// A sentence, without anything that the peer sent.
    pub reason: &'static str,
}

impl Close {
    pub const PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable: offer graphql-transport-ws");
    pub const BAD_MESSAGE: Self = Self::new(4400, "Not a message of graphql-transport-ws");
    pub const EARLY: Self = Self::new(4401, "Unauthorized: send connection_init first");
    pub const BAD_TOKEN: Self = Self::new(4403, "Forbidden: the token is no good");
    pub const TOKEN_OVER: Self = Self::new(4403, "Forbidden: the token is too old; connect with a new one");
    pub const SESSION_OVER: Self = Self::new(4403, "Forbidden: the session has ended");
    pub const ROLE_GONE: Self = Self::new(4403, "Forbidden: a role was taken back; connect again");
    pub const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub const DUPLICATE: Self = Self::new(4409, "Subscriber for this id already exists");
    pub const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");
    pub const NOT_A_FRAME: Self = Self::new(1002, "Not a frame of a WebSocket");
    pub const NOT_TEXT: Self = Self::new(1007, "Text that is not UTF-8");
    pub const TOO_LARGE: Self = Self::new(1009, "The message is too large");
    pub const FAULT: Self = Self::new(1011, "Internal error");
    pub const RESTART: Self = Self::new(1012, "The service restarts; connect again");

    const fn new(code: u16, reason: &'static str) -> Self {
        assert!(reason.len() <= 123);
        Self { code, reason }
    }
}

impl FromClient {
    /// Reads a message; nothing when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let message = match serde_json::from_str(text).ok()? {
            Raw::ConnectionInit { payload } => Self::Init(payload.unwrap_or_default()),
            Raw::Ping { payload } => Self::Ping(payload),
            Raw::Pong {} => Self::Pong,
            Raw::Subscribe { id, payload } => {
                Self::Subscribe(id, Box::new(params::from_message(payload).ok()?))
            }
            Raw::Complete { id } => Self::Complete(id),
        };
        match &message {
            Self::Subscribe(id, _) | Self::Complete(id) if id.is_empty() => None,
            _ => Some(message),
        }
    }
}

/// The answer to a good `connection_init`.
pub fn ack() -> String {
    json!({"type": "connection_ack"}).to_string()
}

/// The answer to `ping`, with what came with it.
pub fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
        None => json!({"type": "pong"}).to_string(),
    }
}

/// An answer to an operation that was executed.
pub fn next(id: &str, payload: &Response) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Next<'a> {
        id: &'a str,
        r#type: &'static str,
        payload: &'a Response,
    }
    graphql::json::to_string(&Next {
        id,
        r#type: "next",
        payload,
    })
}

/// The end of an operation that was refused.
pub fn error(id: &str, errors: &[ServerError]) -> String {
    json!({"id": id, "type": "error", "payload": errors}).to_string()
}

/// The end of an operation that has said everything.
pub fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_the_protocol_are_read() {
        let good = [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"type":"connection_init","payload":{"authorization":"Bearer x"},"more":1}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"ping","payload":{"at":1}}"#,
            r#"{"type":"pong","payload":{"at":1}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":null,"operationName":null,"extensions":{}}}"#,
            r#"{"id":"1","type":"complete"}"#,
        ];
        for text in good {
            assert!(FromClient::read(text).is_some(), "{text}");
        }
        let bad = [
            "",
            "not json",
            "[]",
            "null",
            "{}",
            r#"{"type":"bogus"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"connection_init","payload":"Bearer x"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"id":1,"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"id":"","type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"id":"1","type":"subscribe"}"#,
            r#"{"id":"1","type":"subscribe","payload":{}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":1}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":[]}}"#,
            r#"{"type":"complete"}"#,
        ];
        for text in bad {
            assert!(FromClient::read(text).is_none(), "{text}");
        }
    }
}
