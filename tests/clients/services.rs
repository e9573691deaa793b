//! Programs beside people: an app that keeps events, and services that are told what happens.

use entity::StaffRole;
use serde_json::{Value, json};

use super::{App, Event};
use crate::harness::World;

pub(super) async fn app_follows_changes(
    world: &World,
    app: &App,
    event: &Event,
    meanwhile: impl AsyncFnOnce(),
) {
    let phone = world.anonymous();
    let begin = app.run(&phone, "BeginToFollow", Value::Null).await;
    meanwhile().await;
    let after = json!({"after": begin.text("/changes/cursor")});
    let news = app.run(&phone, "CatchUp", after).await;
    assert_eq!(news.at("/changes/changes/0/event/id"), &json!(event.id));
    assert_eq!(news.at("/changes/resync"), false);
}

pub(super) async fn admin_connects_services(world: &World, app: &App) {
    let admin = world.staff("Admin", StaffRole::Admin).await;
    let input = json!({"url": "https://localhost/hooks", "kinds": ["EVENT_CANCELLED"]});
    let made = app.run(&admin, "CreateWebhook", input).await;
    assert!(made.text("/createWebhook/secret").starts_with("whsec_"));
    let id = json!({"id": made.at("/createWebhook/webhook/id")});
    app.run(&admin, "TryWebhook", id.clone()).await;
    world.drain().await;
    let log = app.run(&admin, "WebhookLog", id.clone()).await;
    let tried = log.at("/node/deliveries/edges/0/node");
    assert_eq!(tried["state"], "FAILED");
    let again = app.run(&admin, "SendAgain", json!({"id": tried["id"]})).await;
    assert_eq!(again.at("/replayWebhookDelivery/delivery/state"), "PENDING");
    app.run(&admin, "ChangeWebhookSecret", id.clone()).await;
    let off = json!({"id": id["id"], "enabled": false});
    app.run(&admin, "SwitchWebhook", off).await;
    let all = app.run(&admin, "Webhooks", Value::Null).await;
    assert_eq!(all.at("/webhooks/0/disabledReason"), "DISABLED");
    world.drain().await;
    app.run(&admin, "DeleteWebhook", id).await;
}
