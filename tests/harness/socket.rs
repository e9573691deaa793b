//! A WebSocket of a client that speaks `graphql-transport-ws`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::Caller;

/// How long anything may take that is not measured.
const LIMIT: Duration = Duration::from_secs(15);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket at a server, with headers; the status if it is refused.
    pub(crate) async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let address = format!("{}/graphql", url.replace("http://", "ws://"));
        let mut request = address.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket that speaks the protocol and is not initialised.
    pub(crate) async fn bare(url: &str) -> Self {
        Self::open(url, &[PROTOCOL]).await.unwrap()
    }

    pub(crate) async fn send(&mut self, message: Message) {
        timeout(LIMIT, self.0.send(message)).await.unwrap().unwrap();
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Sends whatever the peer still takes.
    pub(crate) async fn try_send(&mut self, message: Message) -> bool {
        timeout(LIMIT, self.0.send(message)).await.unwrap().is_ok()
    }

    /// Asks for an operation under an id.
    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.say(json!({"id": id, "type": "subscribe", "payload": payload}))
            .await;
    }

    /// The next message; pings are answered on the way.
    pub(crate) async fn next(&mut self) -> Value {
        self.next_within(LIMIT).await.expect("a message")
    }

    /// The next message, if one comes in time.
    pub(crate) async fn next_within(&mut self, limit: Duration) -> Option<Value> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("no message but {other:?}"),
                }
            }
        };
        timeout(limit, next).await.ok()
    }

    /// The payload of the next message, which must be an answer to this operation.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        let message = self.next().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!(id), &json!("next")),
            "{message}"
        );
        message["payload"].clone()
    }

    /// The code of the next message, which must be the refusal of this operation.
    pub(crate) async fn refusal(&mut self, id: &str) -> String {
        let message = self.next().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!(id), &json!("error")),
            "{message}"
        );
        let code = &message["payload"][0]["extensions"]["code"];
        code.as_str().unwrap_or_else(|| panic!("{message}")).to_owned()
    }

    /// Reads on until the socket is closed; the code, or 1006 when it just ended, as browsers have it.
    pub(crate) async fn closed(mut self) -> u16 {
        let closed = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(frame))) => {
                        let frame = frame.unwrap();
                        assert!(frame.reason.len() <= 123, "{frame:?}");
                        return frame.code.into();
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return 1006,
                }
            }
        };
        timeout(LIMIT, closed).await.expect("it is closed")
    }
}

/// The header that offers the protocol.
pub(crate) const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

impl Caller {
    /// An initialised socket.
    pub(crate) async fn socket(&self) -> Socket {
        let mut socket = Socket::bare(&self.url).await;
        let payload = match self.token() {
            "" => json!({}),
            token => json!({"authorization": format!("Bearer {token}")}),
        };
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        socket
    }

    /// A socket on which this is followed, under the id `1`, and the first answer.
    pub(crate) async fn follow(&self, query: &str, variables: Value) -> (Socket, Value) {
        let mut socket = self.socket().await;
        socket.subscribe("1", query, variables).await;
        let first = socket.answer("1").await;
        (socket, first)
    }
}
