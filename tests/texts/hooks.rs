//! STOP, START and HELP, as a gateway passes them on.

use entity::suppression;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{WREN, ask_for_code, sign_in};
use crate::harness::{Backend, World};

const SECRET: &str = "a secret of the gateway";

async fn in_both_modes(test: impl AsyncFn(&World)) {
    for backend in [Backend::embedded(), Backend::production().await] {
        let settings = [("sms.hook_secret", SECRET), ("sms.hook_replies", "true")];
        let world = World::with(backend, &settings).await;
        test(&world).await;
        world.finish().await;
    }
}

fn signature(body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let tag = mac.chain_update(body).finalize().into_bytes();
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

/// The gateway passes `body` on; status and answer.
async fn pass_on(world: &World, body: &str, signature: &str) -> (u16, String) {
    let request = reqwest::Client::new()
        .post(format!("{}/hooks/sms", world.url))
        .header("content-type", "application/json")
        .header("x-signature", signature)
        .body(body.to_owned());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn say(world: &World, from: &str, text: &str) -> (u16, String) {
    let body = json!({"from": from, "text": text}).to_string();
    pass_on(world, &body, &signature(&body)).await
}

async fn stopped(world: &World) -> usize {
    let rows = suppression::Entity::find()
        .all(world.app.db.reader())
        .await
        .unwrap();
    rows.len()
}

/// After STOP nothing goes there, not even a code; who asks for one cannot tell. START lifts it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_holds_in_every_spelling_until_start() {
    in_both_modes(async |world| {
        let wren = sign_in(world, WREN).await;
        let texts = world.texts_to(WREN).len();
        for spelling in ["15155550123", "(515) 555-0123", WREN] {
            let (status, reply) = say(world, spelling, " Stop. ").await;
            assert_eq!(status, 200);
            assert!(reply.contains("START"), "{reply}");
        }
        assert_eq!(stopped(world).await, 1);
        let consents = "{ viewer { consents { channel suppressed } } }";
        let consents = wren.ask(consents, Value::Null).await;
        for one in consents.at("/viewer/consents").as_array().unwrap() {
            assert_eq!(one["suppressed"], one["channel"] == "SMS", "{one}");
        }
        let silent = ask_for_code(&world.anonymous(), "515 555 0123").await;
        let other = ask_for_code(&world.anonymous(), "+15155550124").await;
        assert_eq!(silent.body, other.body);
        world.drain().await;
        assert_eq!(world.texts_to(WREN).len(), texts);
        assert_eq!(world.texts_to("+15155550124").len(), 1);

        assert_eq!(say(world, "5155550123", "START").await.0, 200);
        assert_eq!(stopped(world).await, 0);
        sign_in(world, WREN).await;
        assert_eq!(world.texts_to(WREN).len(), texts + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_gateway_is_heard() {
    in_both_modes(async |world| {
        let body = json!({"from": WREN, "text": "STOP"}).to_string();
        let other = json!({"from": "+15155550124", "text": "STOP"}).to_string();
        for wrong in ["", "sha256=", "sha256=00", "\u{7f}x", &signature(&other)] {
            let wrong: String = wrong.chars().filter(|c| c.is_ascii_graphic()).collect();
            assert_eq!(pass_on(world, &body, &wrong).await.0, 401, "{wrong}");
        }
        assert_eq!(stopped(world).await, 0);
        let large = json!({"from": WREN, "text": "STOP ".repeat(8_000)}).to_string();
        assert_eq!(pass_on(world, &large, &signature(&large)).await.0, 413);
        for broken in ["", "{", "[]", "{\"from\": 1}"] {
            assert_eq!(
                pass_on(world, broken, &signature(broken)).await.0,
                400,
                "{broken}"
            );
        }
        assert_eq!(stopped(world).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_is_answered_and_other_words_are_not_kept() {
    in_both_modes(async |world| {
        let (status, reply) = say(world, WREN, "help").await;
        assert_eq!(status, 200);
        assert!(
            reply.starts_with("Turnout: ") && reply.contains("STOP"),
            "{reply}"
        );
        assert!(reply.contains(&world.app.config.base_url()), "{reply}");
        for text in [
            "I'll be late",
            "=cmd|' /C calc'!A1",
            "\u{202E}POTS",
            "<b>STOP</b>!",
        ] {
            let (status, reply) = say(world, WREN, text).await;
            assert_eq!((status, reply.as_str()), (200, ""), "{text}");
        }
        assert_eq!(say(world, "TURNOUT", "STOP").await, (200, String::new()));
        assert_eq!(stopped(world).await, 0);
    })
    .await;
}

scenario! {
    /// Without a secret nobody could be told from the gateway.
    async fn without_a_secret_there_is_no_such_page(world) {
        let body = json!({"from": WREN, "text": "STOP"}).to_string();
        assert_eq!(pass_on(world, &body, &signature(&body)).await.0, 404);
    }
}

/// Who says STOP while a code is on its way gets it before STOP is answered, or never: also when nobody is known to have the
/// number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_comes_after_stop_was_answered() {
    in_both_modes(async |world| {
        for last in 10..50 {
            let number = format!("+151555501{last}");
            ask_for_code(&world.anonymous(), &number).await.data();
            let stopping = async {
                assert_eq!(say(world, &number, "STOP").await.0, 200);
                world.texts_to(&number).len()
            };
            let (came, _) = tokio::join!(stopping, world.drain());
            assert_eq!(world.texts_to(&number).len(), came, "{number}");
        }
    })
    .await;
}
