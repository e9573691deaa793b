//! How many texts may be asked for, with the limits as they are delivered.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::ask_for_code;
use crate::harness::{Backend, World};

/// Runs `test` embedded and in production, with limits, behind a proxy that names addresses.
async fn in_both_modes(settings: &[(&'static str, &str)], test: impl AsyncFn(&World)) {
    for backend in [Backend::embedded(), Backend::production().await] {
        let proxy = ("http.trusted_proxies", "127.0.0.1");
        let world = World::with(backend.limited(), &[settings, &[proxy]].concat()).await;
        test(&world).await;
        world.drain().await;
        world.finish().await;
    }
}

/// Asks for codes, each from another address of the network, until it is refused; how many were sent.
async fn until_refused(world: &World, number: impl Fn(usize) -> String) -> usize {
    for sent in 0..100 {
        let caller = world.anonymous().from(&format!("203.0.113.{sent}"));
        let answer = ask_for_code(&caller, &number(sent)).await;
        if answer.code_if_any() == Some("RATE_LIMITED") {
            let wait = answer.body["errors"][0]["extensions"]["retryAfter"]
                .as_u64()
                .unwrap();
            assert_eq!(answer.header("retry-after"), wait.to_string());
            return sent;
        }
        answer.data();
    }
    panic!("never refused");
}

async fn ready(world: &World) -> Value {
    let answer = reqwest::get(format!("{}/readyz", world.url)).await.unwrap();
    assert_eq!(answer.status(), 200, "mail still works");
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_asks_for_a_few() {
    in_both_modes(&[], async |world| {
        let caller = world.anonymous().from("198.51.100.7");
        for sent in 0..10 {
            ask_for_code(&caller, &format!("+1515{}0123", 300 + sent))
                .await
                .data();
        }
        assert_eq!(ask_for_code(&caller, "+17135550123").await.code(), "RATE_LIMITED");
        let mail = json!({"email": "wren@example.org"});
        caller.mutate("requestSignInCode", mail, "expiresAt").await.data();
    })
    .await;
}

/// Of one number five codes, of numbers that begin alike twenty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_limits_and_so_have_blocks_of_them() {
    in_both_modes(&[], async |world| {
        assert_eq!(until_refused(world, |_| "+17135550123".to_owned()).await, 5);
        assert_eq!(
            until_refused(world, |sent| format!("+151555501{sent:02}")).await,
            20
        );
        let caller = world.anonymous();
        ask_for_code(&caller, "+15155560123").await.data();
        assert_eq!(ready(world).await.get("texts"), None);
    })
    .await;
}

/// Too many in all: nobody gets a text, known or not; mail goes on, and those who run it are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_stop_texts_and_nothing_else() {
    in_both_modes(&[("sms.asks_per_hour", "12")], async |world| {
        let number = |sent: usize| format!("+1515{}0123", 200 + sent);
        assert_eq!(until_refused(world, number).await, 12);
        let told = ready(world).await;
        assert!(
            told["texts"].as_str().unwrap().contains("sms.asks_per_hour"),
            "{told}"
        );
        let made = world.event_with_seats(&world.activist("Host").await, 4).await;
        let by_text =
            json!({"timeslotId": made.timeslot, "phone": "+17135550123", "name": {"givenName": "Wren"}});
        let caller = world.anonymous().from("198.51.100.9");
        assert_eq!(
            caller.mutate("rsvp", by_text, "status").await.code(),
            "RATE_LIMITED"
        );
        let by_mail =
            json!({"timeslotId": made.timeslot, "email": "wren@example.org", "name": {"givenName": "Wren"}});
        caller.mutate("rsvp", by_mail, "status").await.data();
        world.advance(TimeDelta::minutes(61));
        assert_eq!(ready(world).await.get("texts"), None);
        ask_for_code(&caller, "+17135550123").await.data();
    })
    .await;
}

/// An RSVP of one's own each time: somebody signed in makes no endless texts of it either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_gets_so_many_texts_a_day() {
    in_both_modes(&[("sms.texts_per_number_and_day", "3")], async |world| {
        let made = world.event_with_seats(&world.activist("Host").await, 4).await;
        let wren = super::sign_in(world, super::WREN).await;
        for _ in 0..5 {
            for response in ["YES", "NO"] {
                let input =
                    json!({"timeslotId": made.timeslot, "response": response, "name": {"givenName": "Wren"}});
                wren.mutate("rsvp", input, "status").await.data();
                world.drain().await;
            }
        }
        assert_eq!(world.texts_to(super::WREN).len(), 4, "a code, and three others");
        super::sign_in(world, super::WREN).await;
        world.advance(TimeDelta::hours(25));
        let wren = super::sign_in(world, super::WREN).await;
        let input = json!({"timeslotId": made.timeslot, "name": {"givenName": "Wren"}});
        wren.mutate("rsvp", input, "status").await.data();
        world.drain().await;
        assert_eq!(world.texts_to(super::WREN).len(), 7);
    })
    .await;
}
