//! What admins do with webhooks, and where these may not be.

use chrono::TimeDelta;
use entity::StaffRole;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ALL, create, delivery, in_both_modes, look, receiver::Receiver};
use crate::harness::{Answer, Caller};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_changes_without_a_gap_and_is_told_once() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        let input =
            json!({"url": receiver.url(), "kinds": ["RSVP_CREATED"], "idempotencyKey": "one-webhook"});
        let made = admin
            .mutate("createWebhook", input.clone(), "secret webhook { id }")
            .await;
        let (id, old) = (
            made.text("/createWebhook/webhook/id"),
            made.text("/createWebhook/secret"),
        );
        let again = admin
            .mutate("createWebhook", input, "secret webhook { id }")
            .await;
        assert_eq!(again.text("/createWebhook/webhook/id"), id);
        assert_eq!(again.at("/createWebhook/secret"), &Value::Null);
        let rotated = admin
            .mutate(
                "rotateWebhookSecret",
                json!({"id": id}),
                "secret webhook { previousSecretUntil }",
            )
            .await;
        let new = rotated.text("/rotateWebhookSecret/secret");
        assert_ne!(old, new);
        let test = async |admin: &Caller| {
            admin
                .mutate("testWebhook", json!({"id": id}), "delivery { id }")
                .await
                .data();
            world.drain().await;
            let told = receiver.take().remove(0);
            (told.is_signed_with(&old), told.is_signed_with(&new))
        };
        assert_eq!(test(admin).await, (true, true));
        world.advance(TimeDelta::hours(25));
        let admin = &world.staff("Admin", StaffRole::Admin).await; // tokens are short
        assert_eq!(test(admin).await, (false, true));
        let all = admin.ask("{ webhooks { id url kinds } }", Value::Null).await;
        assert_eq!(all.at("/webhooks").as_array().unwrap().len(), 1);
        assert!(!all.body.to_string().contains("whsec_"));
        let rows = entity::webhook::Entity::find();
        let stored = format!("{:?}", rows.all(world.app.db.reader()).await.unwrap());
        assert!(!stored.contains("whsec_") && !stored.contains(&new[6..20]));
        admin
            .mutate("deleteWebhook", json!({"id": id}), "deleted")
            .await
            .data();
        assert_eq!(
            admin
                .ask("{ webhooks { id } }", Value::Null)
                .await
                .at("/webhooks"),
            &json!([])
        );
        let none = admin
            .mutate("testWebhook", json!({"id": id}), "delivery { id }")
            .await;
        assert_eq!(none.code(), "NOT_FOUND");
    })
    .await;
}

scenario! {
    /// Without a setting, receivers are in the public internet and speak TLS; whatever an address looks like.
    async fn nobody_is_sent_to_networks_of_ours(world) {
        let admin = world.staff("Admin", StaffRole::Admin).await;
        let try_url = async |url: &str| -> Answer {
            let input = json!({"url": url, "kinds": ["EVENT_UPDATED"]});
            admin.mutate("createWebhook", input, "webhook { id }").await
        };
        for url in [
            "https://127.0.0.1/", "https://0x7f.1/", "https://2130706433/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest", "https://10.1.2.3/", "https://192.168.0.1:8443/", "https://[fd00::1]/",
            "https://a:b@hooks.example.org/", "http://hooks.example.org/", "HTTP://hooks.example.org/", "ftp://hooks.example.org/", "hooks", "",
            "https://", "javascript:alert(1)", "https://hooks.example.org/\u{0}\n", &format!("https://hooks.example.org/{}", "a".repeat(50_000)),
        ] {
            let answer = try_url(url).await;
            let wrong = answer.code() == "BAD_USER_INPUT" || answer.code() == "QUERY_TOO_COMPLEX";
            assert!(wrong, "{url:.60}: {}", answer.body);
        }
        // A name may turn out to be of such a network only later; then nothing is sent.
        let made = try_url("https://localhost/hooks").await;
        let id = made.text("/createWebhook/webhook/id");
        admin.mutate("testWebhook", json!({"id": id}), "delivery { id }").await.data();
        world.drain().await;
        let seen = look(&admin, &id).await;
        let told = delivery(&seen, 0);
        assert_eq!((&told["state"], &told["attempts"]), (&json!("FAILED"), &json!(1)));
        assert_eq!(told["lastError"], "the address is of a network that is not public");
        for kinds in [json!([]), json!(["TEST"])] {
            let input = json!({"url": "https://hooks.example.org/", "kinds": kinds});
            let answer = admin.mutate("createWebhook", input, "webhook { id }").await;
            assert_eq!(answer.wrong_fields(), ["input.kinds"]);
        }
        for index in 1..20 {
            try_url(&format!("https://hooks.example.org/{index}")).await.data();
        }
        assert_eq!(try_url("https://hooks.example.org/").await.wrong_fields(), ["input.url"]);
    }
}

scenario! {
    /// What is told is known for a while, and then no more.
    async fn what_was_told_is_forgotten(world) {
        let admin = world.staff("Admin", StaffRole::Admin).await;
        let (id, _) = create(&admin, "https://localhost/", &ALL).await;
        admin.mutate("testWebhook", json!({"id": id}), "delivery { id }").await.data();
        world.drain().await;
        let count = async || look(&admin, &id).await["deliveries"]["edges"].as_array().unwrap().len();
        api::jobs::retain::schedule(&world.app, world.now()).await.unwrap();
        world.drain().await;
        assert_eq!(count().await, 1);
        world.advance(TimeDelta::days(31));
        let admin = world.staff("Admin", StaffRole::Admin).await;
        world.drain().await;
        let seen = look(&admin, &id).await;
        assert_eq!(seen["deliveries"]["edges"], json!([]));
        let key = Uuid::now_v7();
        let none = admin.mutate("replayWebhookDelivery", json!({"id": format!("webhook-delivery:{key}")}), "delivery { id }").await;
        assert_eq!(none.code(), "NOT_FOUND");
    }
}
