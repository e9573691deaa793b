//! What one peer may take of the service: messages, operations, sockets, and what waits for it.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{QUIET, SEATS, seen};
use crate::{
    harness::{Backend, PROTOCOL, Socket, World, eventually},
    rsvps::rsvp,
};

/// A ping of the protocol with so many bytes.
fn ping(bytes: usize) -> String {
    let empty = json!({"type": "ping", "payload": {"x": ""}}).to_string();
    let filling = "x".repeat(bytes - empty.len());
    json!({"type": "ping", "payload": {"x": filling}}).to_string()
}

fn frame(text: &str, opcode: Data, is_last: bool) -> Message {
    Message::Frame(Frame::message(text.to_owned(), OpCode::Data(opcode), is_last))
}

scenario! {
    /// 64 KiB and no byte more, in one frame or in many.
    async fn messages_have_a_limit(world) {
        let mut socket = Socket::bare(&world.url).await;
        socket.send(Message::text(ping(65_536))).await;
        assert_eq!(socket.next().await["type"], "pong");
        let text = ping(65_536);
        let (first, second) = text.split_at(40_000);
        socket.send(frame(first, Data::Text, false)).await;
        socket.send(Message::Ping("in between".into())).await;
        socket.send(frame(second, Data::Continue, true)).await;
        assert_eq!(socket.next().await["type"], "pong", "in two frames");
        socket.send(Message::text(ping(65_537))).await;
        assert_eq!(socket.closed().await, 1009);

        let mut socket = Socket::bare(&world.url).await;
        socket.send(frame(&text, Data::Text, false)).await;
        socket.send(frame("x", Data::Continue, false)).await;
        assert_eq!(socket.closed().await, 1009, "although it goes on");
    }
}

scenario! {
    /// 16 MiB in frames that never end are cut off, and the peer comes to know why.
    async fn continuation_without_end_is_cut_off(world) {
        let mut socket = Socket::bare(&world.url).await;
        socket.send(frame("{\"x\":\"", Data::Text, false)).await;
        let part = "a".repeat(32_768);
        for _ in 0..512 {
            if !socket.try_send(frame(&part, Data::Continue, false)).await {
                break;
            }
        }
        assert_eq!(socket.closed().await, 1009);
    }
}

scenario! {
    /// Parts of one byte would take many times what they hold.
    async fn a_message_in_crumbs_is_cut_off(world) {
        let mut socket = Socket::bare(&world.url).await;
        socket.send(frame("{\"x\":\"", Data::Text, false)).await;
        for _ in 0..3_000 {
            if !socket.try_send(frame("a", Data::Continue, false)).await {
                break;
            }
        }
        assert_eq!(socket.closed().await, 1009);
    }
}

scenario! {
    /// Fifty on one socket all hear of a change; the hundred and first operation is refused and harms no other.
    async fn operations_have_a_limit(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 5).await;
        let mut socket = world.anonymous().socket().await;
        for number in 0..50 {
            socket.subscribe(&number.to_string(), SEATS, json!({"id": made.id})).await;
        }
        for _ in 0..50 {
            assert_eq!(socket.next().await["type"], "next");
        }
        rsvp(&world.activist("Finch").await, &made, 1).await.data();
        let mut told = HashSet::new();
        for _ in 0..50 {
            let message = socket.next().await;
            assert_eq!(seen(&message["payload"]).2, 4);
            told.insert(message["id"].as_str().unwrap().to_owned());
        }
        assert_eq!(told.len(), 50);

        for number in 50..101 {
            socket.subscribe(&number.to_string(), SEATS, json!({"id": made.id})).await;
        }
        let mut refused = vec![];
        for _ in 50..101 {
            let message = socket.next().await;
            if message["type"] == "error" {
                assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
                refused.push(message["id"].clone());
            }
        }
        assert_eq!(refused, ["100"]);
        socket.say(json!({"id": "0", "type": "complete"})).await;
        socket.subscribe("100", SEATS, json!({"id": made.id})).await;
        assert_eq!(seen(&socket.answer("100").await).2, 4, "there is room again");
        world.drain().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_have_a_limit() {
    let limits = [
        ("subscriptions.sockets", "3"),
        ("subscriptions.sockets_per_client", "2"),
        ("http.trusted_proxies", "127.0.0.1"),
    ];
    let world = World::with(Backend::embedded(), &limits).await;
    let open = async |client| Socket::open(&world.url, &[PROTOCOL, ("x-forwarded-for", client)]).await;
    let (first, second) = (
        open("203.0.113.1").await.unwrap(),
        open("203.0.113.1").await.unwrap(),
    );
    assert_eq!(open("203.0.113.1").await.err(), Some(429));
    let third = open("203.0.113.2").await.unwrap();
    assert_eq!(open("203.0.113.3").await.err(), Some(503));
    drop(first);
    eventually(Duration::from_secs(5), "there is room again", async || {
        open("203.0.113.3").await.is_ok()
    })
    .await;
    drop((second, third));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_of_ipv6_has_the_sockets_of_one_client() {
    let limits = [
        ("subscriptions.sockets_per_client", "1"),
        ("http.trusted_proxies", "127.0.0.1"),
    ];
    let world = World::with(Backend::embedded(), &limits).await;
    let open = async |client| Socket::open(&world.url, &[PROTOCOL, ("x-forwarded-for", client)]).await;
    let first = open("2001:db8:0:1::1").await.unwrap();
    assert_eq!(open("2001:db8:0:1:ffff::2").await.err(), Some(429));
    let other = open("2001:db8:0:2::1").await.unwrap();
    drop((first, other));
    world.finish().await;
}

/// One delivery too many comes later, once, with all that changed meanwhile; whoever is behind the same address may ask
/// all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_have_a_limit() {
    let limits = [("rates.deliveries_per_client_and_minute", "1")];
    let world = World::with(Backend::embedded().limited(), &limits).await;
    let host = world.activist("Wren").await;
    let made = world.event_with_seats(&host, 5).await;
    let somebody = world.anonymous();
    let (mut socket, _) = somebody.follow(SEATS, json!({"id": made.id})).await;
    let robin = world.activist("Robin").await;
    rsvp(&robin, &made, 1).await.data();
    assert_eq!(seen(&socket.answer("1").await).2, 4);
    for party in [1, 2] {
        let name = format!("Finch{party}");
        rsvp(&world.activist(&name).await, &made, party).await.data();
        assert_eq!(socket.next_within(QUIET).await, None);
        somebody.ask("{ __typename }", Value::Null).await.data();
    }
    world.advance(TimeDelta::seconds(60));
    assert_eq!(seen(&socket.answer("1").await).2, 1);
    assert_eq!(socket.next_within(QUIET).await, None);
    world.drain().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_is_gone_is_given_up() {
    let world = World::with(Backend::embedded(), &[("subscriptions.ping_seconds", "1")]).await;
    let silent = world.anonymous().socket().await;
    let mut alive = world.anonymous().socket().await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        let nothing = alive.next_within(Duration::from_millis(200)).await; // and pings are answered
        assert_eq!(nothing, None);
    }
    assert_eq!(silent.closed().await, 1006, "it did not answer");
    alive.say(json!({"type": "ping"})).await;
    assert_eq!(alive.next().await["type"], "pong");
    world.finish().await;
}

/// A peer that asks and never reads: what waits for it is bounded, and then it is cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_does_not_read_is_cut_off() {
    let limits = [
        ("subscriptions.ping_seconds", "600"),
        ("subscriptions.operations", "1000"),
    ];
    let world = World::with(Backend::embedded(), &limits).await;
    let host = world.activist("Wren").await;
    let made = world
        .event(&host, json!({"description": "x".repeat(20_000)}))
        .await;
    let fields: String = (0..45).map(|number| format!(" d{number}: description")).collect();
    let query = format!("query($id: ID!) {{ event(id: $id) {{ {fields} }} }}");
    let mut socket = world.anonymous().socket().await;
    for number in 0..100 {
        socket
            .subscribe(&number.to_string(), &query, json!({"id": made.id}))
            .await; // 90 MB
    }
    let is_over = async || {
        let mut others = world.anonymous().socket().await;
        others.subscribe("1", "{ viewer { id } }", Value::Null).await;
        assert_eq!(others.next().await["type"], "next", "others are served");
        !socket
            .try_send(Message::text(json!({"type": "pong"}).to_string()))
            .await
    };
    eventually(Duration::from_secs(40), "it is cut off", is_over).await;
    world.drain().await;
    world.finish().await;
}
