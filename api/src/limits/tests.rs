//! Counting by a clock that stands still until it is moved.

use std::time::Instant;

use chrono::TimeDelta;

use super::*;

fn limits(settings: &[(&str, &str)]) -> (Limits, Clock) {
    let mut flags: Vec<_> = settings
        .iter()
        .map(|&(name, value)| (name, value.to_owned()))
        .collect();
    let key = |id: &str| format!("{id}:{}", base64::prelude::BASE64_STANDARD.encode([7; 32]));
    flags.extend([("key", key("k")), ("index_key", key("i"))]);
    let config = Config::with(&flags).unwrap();
    let clock = Clock::fixed("2030-01-15T12:00:00Z".parse().unwrap());
    let limits = Limits::connect(&config, &Keys::load(&config).unwrap(), &clock).unwrap();
    (limits, clock)
}

fn client(text: &str) -> Client {
    text.parse::<IpAddr>().unwrap().into()
}

async fn tries(limits: &Limits, doing: Doing, client: Client) -> usize {
    let mut done = 0;
    while done < 1_000 && limits.check(doing, client).await.is_ok() {
        done += 1;
    }
    done
}

#[tokio::test]
async fn the_defaults_are_those_that_are_documented() {
    let (limits, _) = limits(&[]);
    for (doing, most) in [
        (Doing::Code, 20),
        (Doing::SignIn, 100),
        (Doing::Refresh, 60),
        (Doing::Rsvp, 10),
        (Doing::Invitation, 60),
        (Doing::Text, 10),
    ] {
        assert_eq!(
            tries(&limits, doing, client("203.0.113.1")).await,
            most,
            "{doing:?}"
        );
    }
    let somebody = Who::Client(client("203.0.113.1"));
    assert_eq!(limits.request(somebody).unwrap().limit, 1_200);
    assert_eq!(limits.request(Who::Person(Uuid::nil())).unwrap().limit, 600);
    assert_eq!(limits.mutation(somebody).await.unwrap().limit, 600);
    assert_eq!(
        limits.mutation(Who::Person(Uuid::nil())).await.unwrap().limit,
        120
    );
    assert_eq!(limits.delivery(somebody).unwrap().limit, 6_000);
    assert_eq!(limits.delivery(Who::Person(Uuid::nil())).unwrap().limit, 600);
}

#[tokio::test]
async fn what_was_done_is_paid_back_with_time() {
    let (limits, clock) = limits(&[]);
    let somebody = client("203.0.113.1");
    assert_eq!(tries(&limits, Doing::Rsvp, somebody).await, 10);
    let refused = limits.check(Doing::Rsvp, somebody).await;
    assert!(matches!(refused, Err(Refusal::RateLimited(360))), "{refused:?}");
    clock.advance(TimeDelta::seconds(359));
    assert_eq!(tries(&limits, Doing::Rsvp, somebody).await, 0);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(tries(&limits, Doing::Rsvp, somebody).await, 1);
    clock.advance(TimeDelta::hours(1));
    assert_eq!(tries(&limits, Doing::Rsvp, somebody).await, 10);
    // A clock that is set back stops nobody for longer than a window.
    clock.advance(TimeDelta::days(-1));
    assert_eq!(tries(&limits, Doing::Rsvp, somebody).await, 0);
    clock.advance(TimeDelta::hours(1));
    assert_eq!(
        tries(&limits, Doing::Rsvp, somebody).await,
        0,
        "nothing was done meanwhile"
    );
    clock.advance(TimeDelta::days(1));
    assert_eq!(tries(&limits, Doing::Rsvp, somebody).await, 10);
}

#[tokio::test]
async fn callers_and_doings_are_counted_apart() {
    let (limits, _) = limits(&[("rates.codes_per_client_and_hour", "2")]);
    assert_eq!(tries(&limits, Doing::Code, client("203.0.113.1")).await, 2);
    assert_eq!(tries(&limits, Doing::Code, client("203.0.113.2")).await, 2);
    assert_eq!(tries(&limits, Doing::Rsvp, client("203.0.113.1")).await, 10);
    // One network of IPv6 is one client, whichever address of it is used; so is an IPv4 address written as IPv6.
    assert_eq!(tries(&limits, Doing::Code, client("2001:db8:0:1::1")).await, 2);
    assert_eq!(
        tries(&limits, Doing::Code, client("2001:db8:0:1:ffff::2")).await,
        0
    );
    assert_eq!(tries(&limits, Doing::Code, client("2001:db8:0:2::1")).await, 2);
    assert_eq!(tries(&limits, Doing::Code, client("::ffff:203.0.113.1")).await, 0);
}

#[tokio::test]
async fn zero_switches_a_limit_off() {
    let (limits, _) = limits(&[
        ("rates.requests_per_client_and_minute", "0"),
        ("rates.mutations_per_client_and_minute", "0"),
        ("rates.codes_per_client_and_hour", "0"),
    ]);
    let somebody = client("203.0.113.1");
    assert_eq!(tries(&limits, Doing::Code, somebody).await, 1_000);
    assert_eq!(limits.request(Who::Client(somebody)), None);
    assert_eq!(limits.mutation(Who::Client(somebody)).await, None);
    assert!(limits.request(Who::Person(Uuid::nil())).is_some());
}

#[tokio::test]
async fn many_addresses_free_nobody_who_was_stopped() {
    let (limits, _) = limits(&[]);
    let stopped = client("203.0.113.1");
    assert_eq!(tries(&limits, Doing::Code, stopped).await, 20);
    for n in 0..200_000u32 {
        let other = Client::from(IpAddr::V4((0x0a00_0000 + n).into()));
        assert!(limits.request(Who::Client(other)).is_some());
    }
    assert_eq!(tries(&limits, Doing::Code, stopped).await, 0);
}

#[tokio::test]
async fn redis_that_is_away_holds_nobody_up() {
    // Nothing listens on this port.
    let (limits, _) = limits(&[("redis_url", "redis://127.0.0.1:1")]);
    let begun = Instant::now();
    assert_eq!(tries(&limits, Doing::Code, client("203.0.113.1")).await, 20);
    assert!(begun.elapsed().as_millis() < 1_000, "{:?}", begun.elapsed());
}

#[test]
fn keys_name_nobody() {
    let (limits, _) = limits(&[]);
    let key = limits
        .key(Kind::Doing(Doing::Code), Who::Client(client("203.0.113.1")))
        .unwrap();
    assert!(key.starts_with("code:") && key.len() == 27, "{key}");
    assert!(!key.contains("203") || !key.contains("113"));
    let other = limits
        .key(Kind::Doing(Doing::Code), Who::Client(client("203.0.113.2")))
        .unwrap();
    assert_ne!(key, other);
    assert_eq!(format!("{:?}", client("203.0.113.1")), "Client(…)");
}
