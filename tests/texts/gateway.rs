//! Texts through a gateway on loopback: what it is sent, and what becomes of a text by its answer.

use api::{
    channel::{Channels, Outcome, Text},
    config::Config,
};
use chrono::TimeDelta;
use entity::{MessageState, message, suppression};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{WREN, ask_for_code};
use crate::harness::{Backend, World};

#[path = "../support/gateway.rs"]
mod peer;

use peer::{Gateway, Mode};

const TAKEN: Mode = Mode::Answer(201, "{\"sid\": \"SM1\"}");

async fn send(url: &str, flags: &[(&str, &str)]) -> Outcome {
    let mut all = vec![("sms.url", url.to_owned())];
    all.extend(flags.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let text = Text {
        id: Uuid::nil(),
        to: WREN.to_owned(),
        text: "12345678 \u{e9}\n\"".to_owned(),
    };
    let channels = Channels::new(&Config::with(&all).unwrap()).unwrap();
    channels.send_text(&text).await
}

#[tokio::test]
async fn a_gateway_gets_the_text_as_it_was_written() {
    let gateway = Gateway::start(TAKEN);
    let flags = [
        ("sms.authorization", "Bearer s3cret"),
        ("sms.from", "+15155550100"),
    ];
    assert_eq!(send(&gateway.url(), &flags).await, Outcome::Sent);
    let taken = gateway.taken().remove(0);
    for line in [
        "POST /send?account=1 HTTP/1.1",
        "authorization: Bearer s3cret",
        "content-type: application/json",
        "idempotency-key: 00000000-0000-0000-0000-000000000000",
    ] {
        assert!(
            taken.headers.iter().any(|header| header == line),
            "{line}: {taken:?}"
        );
    }
    let body: serde_json::Value = serde_json::from_str(&taken.body).unwrap();
    let expected = serde_json::json!({"to": WREN, "from": "+15155550100", "text": "12345678 \u{e9}\n\""});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn without_an_answer_nobody_knows_and_without_a_connection_nothing_went() {
    for mode in [Mode::HangUp, Mode::Silent, Mode::Answer(503, "")] {
        let gateway = Gateway::start(mode);
        assert!(
            matches!(send(&gateway.url(), &[]).await, Outcome::Unknown(_)),
            "{mode:?}"
        );
        assert_eq!(gateway.taken().len(), 1, "it was in fact taken");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert!(matches!(
        send(&format!("http://{nobody}"), &[]).await,
        Outcome::NotSent(_)
    ));
}

async fn states(world: &World) -> Vec<MessageState> {
    let rows = message::Entity::find().all(world.app.db.reader()).await.unwrap();
    rows.into_iter().map(|row| row.state).collect()
}

/// Runs `test` embedded and in production, with a gateway.
async fn with_gateway(mode: Mode, test: impl AsyncFn(&World, &Gateway)) {
    for backend in [Backend::embedded(), Backend::production().await] {
        let gateway = Gateway::start(mode);
        let world = World::with(backend, &[("sms.url", &gateway.url())]).await;
        test(&world, &gateway).await;
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_gone_out_is_not_sent_again() {
    with_gateway(Mode::HangUp, async |world, gateway| {
        ask_for_code(&world.anonymous(), WREN).await.data();
        world.drain().await;
        gateway.becomes(TAKEN);
        world.advance(TimeDelta::minutes(5));
        world.drain().await;
        assert_eq!(gateway.taken().len(), 1);
        assert_eq!(states(world).await, [MessageState::Unknown]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_go_out_is_sent_later_with_a_code_that_works() {
    with_gateway(Mode::Answer(429, ""), async |world, gateway| {
        ask_for_code(&world.anonymous(), WREN).await.data();
        world.drain().await;
        assert!(states(world).await.is_empty());
        gateway.becomes(TAKEN);
        world.advance(TimeDelta::minutes(1));
        world.drain().await;
        assert_eq!(states(world).await, [MessageState::Sent]);
        let taken = gateway.taken();
        assert_eq!(taken.len(), 2);
        let key = |at: usize| {
            taken[at]
                .headers
                .iter()
                .find(|line| line.starts_with("idempotency-key"))
                .cloned()
        };
        assert_eq!(key(0), key(1), "the gateway can tell that it is the same text");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_takes_no_texts_gets_none_any_more() {
    for (mode, reason) in [
        (Mode::Answer(400, "{\"code\": 21610}"), Some("GATEWAY_STOP")),
        (Mode::Answer(400, "{\"code\": 21211}"), Some("GATEWAY_INVALID")),
        (Mode::Answer(400, "{\"code\": 1}"), None),
    ] {
        with_gateway(mode, async |world, gateway| {
            ask_for_code(&world.anonymous(), WREN).await.data();
            world.drain().await;
            assert_eq!(states(world).await, [MessageState::Failed]);
            let rows = suppression::Entity::find()
                .all(world.app.db.reader())
                .await
                .unwrap();
            let reasons: Vec<_> = rows.iter().map(|row| row.reason.as_str()).collect();
            assert_eq!(reasons, reason.into_iter().collect::<Vec<_>>());
            gateway.becomes(TAKEN);
            ask_for_code(&world.anonymous(), WREN).await.data();
            world.drain().await;
            assert_eq!(gateway.taken().len(), if reason.is_some() { 1 } else { 2 });
        })
        .await;
    }
}
