//! Webhooks: whom is told what, by which signature, what becomes of receivers that fail, and where nobody may be sent.

mod managing;
mod receiver;
mod telling;

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Caller, World},
    rsvps::rsvp,
};
use receiver::{Receiver, Told};

const ANYWHERE: [(&str, &str); 2] = [("webhooks.anywhere", "true"), ("webhooks.deadline_seconds", "2")];
const ALL: [&str; 5] = [
    "EVENT_PUBLISHED",
    "EVENT_UPDATED",
    "EVENT_CANCELLED",
    "RSVP_CREATED",
    "RSVP_UPDATED",
];

/// Runs `test` in both modes, with receivers on loopback.
async fn in_both_modes(test: impl AsyncFn(&World, &Caller)) {
    for backend in [Backend::embedded(), Backend::production().await] {
        let world = World::with(backend, &ANYWHERE).await;
        let admin = world.staff("Admin", StaffRole::Admin).await;
        test(&world, &admin).await;
        world.finish().await;
    }
}

/// A webhook at `url`: its id and its secret.
async fn create(admin: &Caller, url: &str, kinds: &[&str]) -> (String, String) {
    let input = json!({"url": url, "kinds": kinds});
    let made = admin
        .mutate("createWebhook", input, "secret webhook { id disabledAt }")
        .await;
    assert_eq!(made.at("/createWebhook/webhook/disabledAt"), &Value::Null);
    (
        made.text("/createWebhook/webhook/id"),
        made.text("/createWebhook/secret"),
    )
}

/// The webhook as an admin sees it.
async fn look(admin: &Caller, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Webhook { disabledAt disabledReason failingSince
        deliveries(first: 50) { edges { node { id kind state attempts lastStatus lastError body } } } } } }";
    admin.ask(query, json!({"id": id})).await.at("/node").clone()
}

fn delivery(seen: &Value, index: usize) -> &Value {
    &seen["deliveries"]["edges"][index]["node"]
}

fn kinds(told: &[Told]) -> Vec<String> {
    told.iter()
        .map(|told| told.json()["type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_told_by_ids_and_signed() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        let some = Receiver::start().await;
        let (_, secret) = create(admin, &receiver.url(), &ALL).await;
        create(admin, &some.url(), &["RSVP_CREATED"]).await;
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event_with_seats(&host, 5).await;
        rsvp(&finch, &made, 2).await.data();
        let change = json!({"id": made.id, "expectedVersion": made.version, "title": "Other"});
        host.mutate("updateEvent", change, "event { id }").await.data();
        let rsvps = finch
            .ask("{ viewer { rsvps { edges { node { id } } } } }", Value::Null)
            .await;
        let id = rsvps.text("/viewer/rsvps/edges/0/node/id");
        finch
            .mutate("cancelRsvp", json!({"id": id}), "status")
            .await
            .data();
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }")
            .await
            .data();
        world.drain().await;

        let mut told = receiver.told();
        told.sort_by_key(|told| told.header("webhook-id").to_owned());
        let names = [
            "event.published",
            "rsvp.created",
            "event.updated",
            "rsvp.updated",
            "event.cancelled",
        ];
        assert_eq!(kinds(&told), names);
        assert_eq!(kinds(&some.told()), ["rsvp.created"]);
        for told in &told {
            assert!(told.is_signed_with(&secret), "{told:?}");
            assert_eq!(
                told.header("webhook-timestamp"),
                world.now().timestamp().to_string()
            );
            assert_eq!(told.header("content-type"), "application/json");
            let body = told.json();
            assert_eq!(body["data"]["eventId"], made.id.as_str());
            assert!(body["timestamp"].is_string());
            for secret in [
                "Wren",
                "Finch",
                "example.org",
                "Testperson",
                "Other",
                "Library",
                "partySize",
            ] {
                assert!(!told.body.contains(secret), "{secret} in {}", told.body);
            }
        }
        // The ids are those of the schema.
        let attendee = told[1].json()["data"]["attendeeId"].clone();
        let query = "query($id: ID!) { node(id: $id) { ... on Attendee { name } } }";
        assert_eq!(
            admin.ask(query, json!({"id": attendee})).await.at("/node/name"),
            "Finch Testperson"
        );
        assert_eq!(told[1].json()["data"]["timeslotId"], made.timeslot.as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drafts_are_told_to_nobody() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        create(admin, &receiver.url(), &ALL).await;
        let host = world.activist("Wren").await;
        let draft = world.draft(&host, json!({})).await;
        host.mutate("publishEvent", json!({"id": draft.id}), "event { id }")
            .await
            .data();
        host.mutate("cancelEvent", json!({"id": draft.id}), "event { id }")
            .await
            .data();
        world.drain().await;
        assert_eq!(kinds(&receiver.told()), Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_is_told_again_under_the_same_id() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        let (id, secret) = create(admin, &receiver.url(), &ALL).await;
        for status in [500, 302, 429] {
            receiver.answer(status);
            let test = admin
                .mutate("testWebhook", json!({"id": id}), "delivery { state }")
                .await;
            assert_eq!(test.at("/testWebhook/delivery/state"), "PENDING");
            world.drain().await;
            let seen = look(admin, &id).await;
            let told = delivery(&seen, 0);
            assert_eq!(
                (&told["state"], &told["attempts"], &told["lastStatus"]),
                (&json!("PENDING"), &json!(1), &json!(status))
            );
            assert!(seen["failingSince"].is_string());
            receiver.answer(204);
            world.advance(TimeDelta::minutes(1));
            world.drain().await;
            let seen = look(admin, &id).await;
            let told = delivery(&seen, 0);
            assert_eq!(
                (&told["state"], &told["attempts"], &told["lastStatus"]),
                (&json!("DELIVERED"), &json!(2), &json!(204))
            );
            assert_eq!(seen["failingSince"], Value::Null);
            let heard = receiver.take();
            assert_eq!(heard.len(), 2, "a redirect is not followed");
            assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
            assert_eq!(heard[0].body, heard[1].body);
            assert_ne!(
                heard[0].header("webhook-timestamp"),
                heard[1].header("webhook-timestamp")
            );
            assert!(heard.iter().all(|told| told.is_signed_with(&secret)));
        }
        receiver.hang();
        admin
            .mutate("testWebhook", json!({"id": id}), "delivery { id }")
            .await
            .data();
        world.drain().await;
        assert_eq!(
            delivery(&look(admin, &id).await, 0)["lastError"],
            "no answer in time"
        );
        receiver.answer(200);
        world.advance(TimeDelta::minutes(1));
        world.drain().await;
        assert_eq!(delivery(&look(admin, &id).await, 0)["state"], "DELIVERED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_given_up_can_be_sent_again() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        let (id, _) = create(admin, &receiver.url(), &ALL).await;
        receiver.answer(503);
        admin
            .mutate("testWebhook", json!({"id": id}), "delivery { id }")
            .await
            .data();
        for _ in 0..10 {
            world.drain().await;
            world.advance(TimeDelta::hours(1));
        }
        let admin = &world.staff("Admin", StaffRole::Admin).await; // tokens are short
        let seen = look(admin, &id).await;
        let told = delivery(&seen, 0);
        assert_eq!(
            (&told["state"], &told["attempts"], &told["lastError"]),
            (&json!("FAILED"), &json!(10), &json!("it answered 503"))
        );
        assert_eq!(receiver.take().len(), 10);
        receiver.answer(200);
        let again = json!({"id": told["id"]});
        let replayed = admin
            .mutate("replayWebhookDelivery", again.clone(), "delivery { state }")
            .await;
        assert_eq!(replayed.at("/replayWebhookDelivery/delivery/state"), "PENDING");
        let twice = admin
            .mutate("replayWebhookDelivery", again.clone(), "delivery { state }")
            .await;
        assert_eq!(twice.code(), "CONFLICT");
        world.drain().await;
        assert_eq!(delivery(&look(admin, &id).await, 0)["state"], "DELIVERED");
        admin
            .mutate("replayWebhookDelivery", again, "delivery { id }")
            .await
            .data();
        world.drain().await;
        let heard = receiver.take();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receivers_that_are_gone_or_fail_for_long_are_disabled() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        let host = world.activist("Wren").await;
        let (gone, _) = create(admin, &receiver.url(), &["EVENT_PUBLISHED"]).await;
        receiver.answer(410);
        world.event(&host, json!({})).await;
        world.drain().await;
        let seen = look(admin, &gone).await;
        assert_eq!(
            (&seen["disabledReason"], &delivery(&seen, 0)["state"]),
            (&json!("GONE"), &json!("FAILED"))
        );
        world.event(&host, json!({})).await;
        world.drain().await;
        assert_eq!(receiver.take().len(), 1, "one that is disabled is not told");
        // A test goes there all the same.
        receiver.answer(200);
        admin
            .mutate("testWebhook", json!({"id": gone}), "delivery { id }")
            .await
            .data();
        world.drain().await;
        assert_eq!(kinds(&receiver.take()), ["webhook.test"]);
        let enabled = json!({"id": gone, "enabled": true});
        let enabled = admin
            .mutate("updateWebhook", enabled, "webhook { disabledAt disabledReason }")
            .await;
        assert_eq!(enabled.at("/updateWebhook/webhook/disabledReason"), &Value::Null);
        world.event(&host, json!({})).await;
        world.drain().await;
        assert_eq!(kinds(&receiver.take()), ["event.published"]);

        receiver.answer(500);
        for _ in 0..26 {
            let host = world.activist("Wren").await;
            world.event(&host, json!({})).await;
            world.drain().await;
            world.advance(TimeDelta::hours(1));
        }
        world.drain().await;
        let admin = &world.staff("Admin", StaffRole::Admin).await; // tokens are short
        let host = world.activist("Wren").await;
        let seen = look(admin, &gone).await;
        assert_eq!(seen["disabledReason"], "FAILING");
        receiver.take();
        world.event(&host, json!({})).await;
        world.drain().await;
        assert_eq!(receiver.take().len(), 0);
        for _ in 0..12 {
            world.advance(TimeDelta::hours(1));
            world.drain().await;
        }
        let admin = &world.staff("Admin", StaffRole::Admin).await; // tokens are short
        let seen = look(admin, &gone).await;
        let states: Vec<_> = (0..20).map(|index| &delivery(&seen, index)["state"]).collect();
        assert!(states.iter().all(|state| **state == "FAILED"), "{states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_does_not_keep_the_worker_busy() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        create(admin, &receiver.url(), &["EVENT_PUBLISHED"]).await;
        receiver.answer(500);
        let host = world.activist("Wren").await;
        for _ in 0..20 {
            world.event(&host, json!({})).await;
        }
        world.drain().await;
        assert_eq!(receiver.take().len(), 5, "after five, others wait");
        receiver.answer(200);
        for _ in 0..30 {
            world.advance(TimeDelta::minutes(2));
            world.drain().await;
        }
        let mut told: Vec<_> = receiver
            .take()
            .iter()
            .map(|told| told.header("webhook-id").to_owned())
            .collect();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 20, "all were told in the end");
    })
    .await;
}
