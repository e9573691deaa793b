//! How often one caller may do something, with the limits as they are delivered unless a test says otherwise.

mod outage;

use std::time::Duration;

use api::domain::{email::Email, session};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Caller, Made, World, eventually, redis_url, serve, unique},
    rsvps::rsvp,
};

const PROXY: (&str, &str) = ("http.trusted_proxies", "127.0.0.1");

/// Runs `test` embedded and in production, with limits, behind a proxy that names addresses.
async fn in_both_modes(settings: &[(&'static str, &str)], test: impl AsyncFn(&World)) {
    for backend in [Backend::embedded(), Backend::production().await] {
        let world = World::with(backend.limited(), &[settings, &[PROXY]].concat()).await;
        test(&world).await;
        world.drain().await;
        world.finish().await;
    }
}

async fn ask_for_code(caller: &Caller, email: &str) -> Answer {
    let input = json!({"email": email});
    caller.mutate("requestSignInCode", input, "expiresAt").await
}

/// Asks for codes until it is refused; how many were sent.
async fn codes(caller: &Caller, most: usize) -> usize {
    for sent in 0..=most {
        let answer = ask_for_code(caller, &format!("{}@example.org", unique())).await;
        if answer.code_if_any() == Some("RATE_LIMITED") {
            return sent;
        }
        answer.data();
    }
    most + 1
}

async fn rsvp_without_account(caller: &Caller, made: &Made, party: i32) -> Answer {
    let email = format!("{}@example.org", unique());
    let input = json!({
        "timeslotId": made.timeslot, "partySize": party, "name": {"givenName": "Somebody"}, "email": email
    });
    caller.mutate("rsvp", input, "status").await
}

/// The answer says so, and how long to wait, in both of its places.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, seconds: u64) {
    assert_eq!((answer.status, answer.code()), (status, "RATE_LIMITED"));
    assert_eq!(answer.body["errors"][0]["extensions"]["retryAfter"], seconds);
    assert_eq!(answer.header("retry-after"), seconds.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_asks_for_twenty_codes_an_hour() {
    in_both_modes(&[], async |world| {
        let known = world.activist("Known").await;
        let here = world.anonymous().from("203.0.113.1");
        let first = json!({"email": "keyed@example.org", "idempotencyKey": "the-first-of-twenty"});
        here.mutate("requestSignInCode", first.clone(), "expiresAt")
            .await
            .data();
        assert_eq!(codes(&here, 20).await, 19);
        here.mutate("requestSignInCode", first, "expiresAt").await.data(); // was done before
        for email in [known.address.as_str(), "unknown@example.org"] {
            assert_refused(&ask_for_code(&here, email).await, 200, 180);
        }
        let there = world.anonymous().from("203.0.113.2");
        ask_for_code(&there, "unknown@example.org").await.data();
        world.advance(TimeDelta::minutes(3));
        assert_eq!(codes(&here, 1).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_answers_ten_times_an_hour_without_an_account() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let here = world.anonymous().from("203.0.113.1");
        for party in [0, 1_000] {
            assert_eq!(
                rsvp_without_account(&here, &made, party).await.code(),
                "BAD_USER_INPUT"
            );
        }
        for _ in 0..10 {
            rsvp_without_account(&here, &made, 1).await.data();
        }
        assert_refused(&rsvp_without_account(&here, &made, 1).await, 200, 360);
        // Others go on: those with an account, and those elsewhere.
        rsvp(&host.from("203.0.113.1"), &made, 1).await.data();
        rsvp_without_account(&world.anonymous().from("203.0.113.2"), &made, 1)
            .await
            .data();
        world.drain().await;
        world.advance(TimeDelta::hours(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_does_not_guess_for_long() {
    let settings = [
        ("rates.sign_ins_per_client_and_hour", "3"),
        ("rates.refreshes_per_client_and_minute", "2"),
    ];
    in_both_modes(&settings, async |world| {
        let here = world.anonymous().from("203.0.113.1");
        let sign_in = async |caller: &Caller, n: usize| {
            let input = json!({"email": format!("{n}@example.org"), "code": "12345678"});
            caller.mutate("signIn", input, "accessToken").await
        };
        let refresh = async |caller: &Caller| {
            caller
                .mutate("refreshSession", json!({"refreshToken": unique()}), "accessToken")
                .await
        };
        for n in 0..3 {
            assert_eq!(sign_in(&here, n).await.code(), "BAD_USER_INPUT");
        }
        assert_refused(&sign_in(&here, 3).await, 200, 1_200);
        for _ in 0..2 {
            assert_eq!(refresh(&here).await.code(), "UNAUTHENTICATED");
        }
        assert_refused(&refresh(&here).await, 200, 30);
        let wren = Email::parse("wren@example.org", &[]).unwrap();
        let good = session::open_for_operator(&world.app, &wren)
            .await
            .unwrap()
            .refresh_token;
        let good = here.mutate("refreshSession", json!({"refreshToken": good}), "accessToken");
        good.await.data(); // a neighbour with a good token is let through
        let there = world.anonymous().from("203.0.113.2");
        assert_eq!(sign_in(&there, 3).await.code(), "BAD_USER_INPUT");
        assert_eq!(refresh(&there).await.code(), "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutations_are_counted_for_a_person_wherever_they_are() {
    let settings = [("rates.mutations_per_person_and_minute", "4")];
    in_both_modes(&settings, async |world| {
        const RENAME: &str = r#"mutation { updateViewer(input: {language: "en"}) { viewer { id } } }"#;
        let wren = world.activist("Wren").await; // the first of four
        for (address, remaining) in [("203.0.113.1", "2"), ("203.0.113.2", "1"), ("203.0.113.3", "0")] {
            let answer = wren.from(address).ask(RENAME, Value::Null).await;
            answer.data();
            assert_eq!(
                (
                    answer.header("ratelimit-limit"),
                    answer.header("ratelimit-remaining")
                ),
                ("4", remaining)
            );
        }
        assert_refused(&wren.from("203.0.113.4").ask(RENAME, Value::Null).await, 429, 15);
        let reading = wren.ask("{ viewer { id } }", Value::Null).await;
        reading.data();
        assert_eq!(reading.header("ratelimit-limit"), "600");
        let finch = world.activist("Finch").await;
        finch.from("203.0.113.1").ask(RENAME, Value::Null).await.data();
        world.advance(TimeDelta::seconds(15));
        wren.ask(RENAME, Value::Null).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_counted_for_an_address_or_for_a_person() {
    let settings = [
        ("rates.requests_per_client_and_minute", "3"),
        ("rates.requests_per_person_and_minute", "2"),
    ];
    in_both_modes(&settings, async |world| {
        const ASK: &str = "{ __typename }";
        let here = world.anonymous().from("203.0.113.1");
        let wren = world.activist("Wren").await.from("203.0.113.1"); // the first of two
        for _ in 0..3 {
            here.ask(ASK, Value::Null).await.data();
        }
        assert_refused(&here.ask(ASK, Value::Null).await, 429, 20);
        wren.ask(ASK, Value::Null).await.data();
        assert_refused(&wren.ask(ASK, Value::Null).await, 429, 30);
        world
            .anonymous()
            .from("203.0.113.2")
            .ask(ASK, Value::Null)
            .await
            .data();
        world.advance(TimeDelta::seconds(20));
        here.ask(ASK, Value::Null).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_count_together() {
    let settings = [PROXY, ("rates.codes_per_client_and_hour", "6")];
    let world = World::with(Backend::production().await.limited(), &settings).await;
    let other = world.another_process_with(&settings).await;
    let (url, server) = serve(&other);
    // On a busy machine Redis may once be too slow to be waited for; then each process counts alone for a while.
    let mut address = 0;
    eventually(
        Duration::from_secs(30),
        "six codes of two processes together",
        async || {
            address += 1;
            let here = world.anonymous().from(&format!("203.0.113.{address}"));
            codes(&here, 2).await + codes(&here.at(&url), 6).await == 3 + 3
        },
    )
    .await;
    keys_name_nobody(&world).await;
    world.drain().await;
    server.stop(false).await;
    world.finish().await;
}

/// What Redis holds of it: kinds and keyed hashes, for at most an hour.
async fn keys_name_nobody(world: &World) {
    let client = redis::Client::open(redis_url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let pattern = format!("{{{}}}:limit:*", world.app.config.redis_prefix);
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(&pattern)
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(keys.len() >= 2, "{keys:?}");
    for key in keys {
        let (kind, hash) = key.rsplit_once(':').unwrap();
        assert!(kind.ends_with(":code") || kind.ends_with(":mutation"), "{key}");
        assert_eq!(hash.len(), 22, "{key}");
        let millis: i64 = redis::cmd("PTTL")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .unwrap();
        assert!((1..=3_600_000).contains(&millis), "{key}: {millis}");
    }
}
