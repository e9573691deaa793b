//! Followers who are all told at once.

use std::{
    future::{Ready, ready},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_graphql::Subscription;
use futures_util::{
    SinkExt, StreamExt,
    stream::{self, Once},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::*;
use crate::watch::Watch;

/// Executions that have begun, those at this moment, and the most of them at any.
static BEGUN: AtomicUsize = AtomicUsize::new(0);
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Follow;

#[Subscription]
impl Follow {
    /// Takes a while, and is never the same.
    async fn slow(&self, ctx: &Context<'_>) -> Once<Ready<usize>> {
        ctx.data_unchecked::<Arc<Watch>>().follow(Uuid::nil());
        MOST.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::time::sleep(Duration::from_millis(100)).await;
        NOW.fetch_sub(1, SeqCst);
        stream::once(ready(BEGUN.fetch_add(1, SeqCst)))
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Value {
    let message = socket.next().await.unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

/// A socket that follows four times.
async fn follow(service: &Service) -> Socket {
    let url = format!("{}/graphql", service.url.replace("http:", "ws:"));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.unwrap();
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    for id in ["1", "2", "3", "4"] {
        let payload = json!({ "query": "subscription { slow }" });
        say(
            &mut socket,
            json!({ "id": id, "type": "subscribe", "payload": payload }),
        )
        .await;
    }
    hear_each(&mut socket).await;
    socket
}

async fn hear_each(socket: &mut Socket) {
    for _ in 0..4 {
        let message = hear(socket).await;
        assert_eq!(message["type"], "next", "{message}");
    }
}

#[tokio::test]
async fn deliveries_leave_half_of_the_connections_to_requests() {
    let service = Service::start(&[]).await;
    let mut sockets = vec![];
    for _ in 0..3 {
        sockets.push(follow(&service).await);
    }
    assert_eq!(MOST.swap(0, SeqCst), 4, "what somebody asks for does not wait");
    service.app.watchers.tell([Uuid::nil()]);
    for socket in &mut sockets {
        hear_each(socket).await;
    }
    assert_eq!(MOST.load(SeqCst), service.app.db.readers() / 2);
}
