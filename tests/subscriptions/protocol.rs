//! The protocol to the letter: what is answered, and which code a socket is closed with.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{SEATS, seen};
use crate::{
    harness::{
        Backend, Socket, World,
        process::{Folder, Process},
    },
    rsvps::rsvp,
};

scenario! {
    /// Every way to break the protocol has its code.
    async fn who_breaks_the_protocol_is_told_how(world) {
        let init = json!({"type": "connection_init"}).to_string();
        let ask = |id: &str| json!({"id": id, "type": "subscribe", "payload": {"query": "subscription { eventChanged(id: \"x\") { id } }"}});
        let cases: Vec<(&str, Vec<String>, u16)> = vec![
            ("nothing that is JSON", vec!["nothing".to_owned()], 4400),
            ("no message", vec![json!({"type": "bogus"}).to_string()], 4400),
            ("a message of the server", vec![init.clone(), json!({"type": "connection_ack"}).to_string()], 4400),
            ("no id", vec![init.clone(), json!({"type": "subscribe", "payload": {"query": "{ viewer { id } }"}}).to_string()], 4400),
            ("no query", vec![init.clone(), json!({"id": "1", "type": "subscribe", "payload": {}}).to_string()], 4400),
            ("early", vec![ask("1").to_string()], 4401),
            ("twice", vec![init.clone(), init.clone()], 4429),
            ("never", vec![], 4408),
        ];
        for (what, messages, code) in cases {
            let mut socket = Socket::bare(&world.url).await;
            for message in messages {
                socket.send(Message::text(message)).await;
            }
            assert_eq!(socket.closed().await, code, "{what}");
        }
        let mut socket = world.anonymous().socket().await;
        socket.send(Message::binary(init.into_bytes())).await;
        assert_eq!(socket.closed().await, 4400, "not text");
        let socket = Socket::open(&world.url, &[]).await.unwrap();
        assert_eq!(socket.closed().await, 4406);
    }
}

scenario! {
    /// An id that runs cannot be used again.
    async fn an_id_is_used_once(world) {
        let made = world.event(&world.activist("Wren").await, json!({})).await;
        let (mut socket, _) = world.anonymous().follow(SEATS, json!({"id": made.id})).await;
        socket.subscribe("2", SEATS, json!({"id": made.id})).await;
        socket.answer("2").await;
        socket.subscribe("1", SEATS, json!({"id": made.id})).await;
        assert_eq!(socket.closed().await, 4409);
    }
}

scenario! {
    /// Pings of both kinds, whenever they come, and the closing handshake.
    async fn signs_of_life_are_answered(world) {
        let mut socket = Socket::bare(&world.url).await;
        socket.say(json!({"type": "ping"})).await;
        assert_eq!(socket.next().await, json!({"type": "pong"}), "before anything else");
        socket.say(json!({"type": "ping", "payload": {"at": 1}})).await;
        assert_eq!(socket.next().await, json!({"type": "pong", "payload": {"at": 1}}));
        socket.say(json!({"type": "pong"})).await;
        socket.send(Message::Ping("here".into())).await;
        socket.say(json!({"id": "never begun", "type": "complete"})).await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        for code in [1000, 1001, 4999] {
            let mut socket = world.anonymous().socket().await;
            let frame = CloseFrame { code: CloseCode::from(code), reason: "enough".into() };
            socket.send(Message::Close(Some(frame))).await;
            assert_eq!(socket.closed().await, code, "said back");
        }
    }
}

scenario! {
    /// Queries and mutations go over a socket as they go over HTTP; what is refused before it is executed is an error.
    async fn other_operations_go_over_a_socket(world) {
        let finch = world.activist("Finch").await;
        let mut socket = finch.socket().await;
        socket.subscribe("1", "{ viewer { email } }", Value::Null).await;
        assert_eq!(socket.answer("1").await, json!({"data": {"viewer": {"email": "finch@example.org"}}}));
        assert_eq!(socket.next().await, json!({"id": "1", "type": "complete"}));
        let rename = "mutation($input: UpdateViewerInput!) { updateViewer(input: $input) { viewer { language } } }";
        socket.subscribe("1", rename, json!({"input": {"language": "es"}})).await;
        assert_eq!(socket.answer("1").await["data"]["updateViewer"]["viewer"]["language"], "es");
        assert_eq!(socket.next().await, json!({"id": "1", "type": "complete"}));

        let mut socket = world.anonymous().socket().await;
        socket.subscribe("1", "{ viewer { id } }", Value::Null).await;
        let answer = socket.answer("1").await;
        assert_eq!(answer["data"], json!({"viewer": null}), "it was executed");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_eq!(socket.next().await["type"], "complete");
        let refused = [
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
            ("mutation { a: signOut { signedOut } b: signOut { signedOut } }", "QUERY_TOO_COMPLEX"),
            ("query($id: ID!) { event(id: $id) { id } }", "BAD_USER_INPUT"),
            ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { eventChanged(id: 1.5) { id } }", "BAD_USER_INPUT"),
            ("subscription { a: eventChanged(id: \"x\") { id } b: eventChanged(id: \"x\") { id } }", "QUERY_TOO_COMPLEX"),
            ("subscription { ...F } fragment F on Subscription { eventChanged(id: \"x\") { id } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { eventChanged(id: \"x\") @skip(if: true) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ];
        for (query, code) in refused {
            socket.subscribe("again", query, Value::Null).await;
            assert_eq!(socket.refusal("again").await, code, "{query}");
        }
        let schema = "{ __schema { queryType { name } } }";
        socket.subscribe("1", schema, Value::Null).await;
        let over_http = world.anonymous().ask(schema, Value::Null).await;
        match over_http.code_if_any() {
            Some(code) => assert_eq!(socket.refusal("1").await, code, "as over HTTP"),
            None => assert_eq!(socket.answer("1").await["data"], over_http.body["data"]),
        }
        let over_http = world.anonymous().ask(SEATS, json!({"id": "x"})).await;
        assert_eq!(over_http.code(), "BAD_USER_INPUT", "subscriptions need a socket");
        world.drain().await;
    }
}

scenario! {
    /// An answer to HTTP is an answer to HTTP, whatever a handshake lacks.
    async fn a_handshake_must_be_whole(world) {
        let client = reqwest::Client::new();
        let get = client.get(format!("{}/graphql", world.url)).header("upgrade", "websocket");
        assert_eq!(get.send().await.unwrap().status(), 400);
    }
}

/// A document that was sent as its hash is followed on when the hash is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_hash_ends_nothing() {
    let settings = [("graphql.persisted_bytes", "40000")];
    let world = World::with(Backend::embedded(), &settings).await;
    let made = world.event_with_seats(&world.activist("Wren").await, 5).await;
    let claim = |document: &str| {
        let hash: String = api::sealed::hash(document)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
    };
    let mut socket = world.anonymous().socket().await;
    let both = json!({"query": SEATS, "variables": {"id": made.id}, "extensions": claim(SEATS)});
    let hash = json!({"variables": {"id": made.id}, "extensions": claim(SEATS)});
    socket
        .say(json!({"id": "1", "type": "subscribe", "payload": both}))
        .await;
    socket.answer("1").await;
    socket.say(json!({"id": "1", "type": "complete"})).await;
    socket
        .say(json!({"id": "2", "type": "subscribe", "payload": hash}))
        .await;
    assert_eq!(seen(&socket.answer("2").await).2, 5);
    for number in 0..100 {
        let document = format!("query Q{number} {{ __typename }}");
        let payload = json!({"query": document, "extensions": claim(&document)});
        socket
            .say(json!({"id": "3", "type": "subscribe", "payload": payload}))
            .await;
        socket.answer("3").await;
        assert_eq!(socket.next().await["type"], "complete");
    }
    socket
        .say(json!({"id": "4", "type": "subscribe", "payload": hash}))
        .await;
    assert_eq!(socket.refusal("4").await, "PERSISTED_QUERY_NOT_FOUND");
    rsvp(&world.activist("Finch").await, &made, 2).await.data();
    assert_eq!(seen(&socket.answer("2").await).2, 3);
    world.drain().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_the_service_closes_its_sockets() {
    let folder = Folder::new();
    let process = Process::serve(&folder.0, &[]).await;
    let socket = process.anonymous().socket().await;
    let begun = std::time::Instant::now();
    let stopped = tokio::task::spawn_blocking(move || process.terminate());
    assert_eq!(socket.closed().await, 1012);
    assert!(stopped.await.unwrap());
    assert!(
        begun.elapsed().as_secs() < 8,
        "nothing was waited for: {:?}",
        begun.elapsed()
    );
}
