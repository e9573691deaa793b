//! That whoever approves a change reads all of it.

use entity::StaffRole;
use serde_json::json;

use super::{edit, in_both_modes, queue, read};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_waits_is_shown() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let asks = json!([{"kind": "TEXT", "label": "What do you eat?"}]);
        let made = world.event(&host, json!({"questions": asks})).await;
        let query = "query($id: ID!) { event(id: $id) { version timezone questions { id help } } }";
        let before = host.ask(query, json!({"id": made.id})).await;
        let asks = json!([{"id": before.at("/event/questions/0/id"), "kind": "TEXT", "label": "What do you eat?",
            "help": "Join us at https://elsewhere.example.org", "required": true}]);
        let change = json!({"questions": asks, "timezone": "America/Denver"});
        let version = before.at("/event/version").as_i64().unwrap();
        edit(&host, &made, version, change).await.data();
        let published = world.anonymous().ask(query, json!({"id": made.id})).await;
        assert_eq!(published.at("/event/timezone"), before.at("/event/timezone"));
        assert_eq!(published.at("/event/questions"), before.at("/event/questions"));
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));
        let looked = read(&organizer, &made.id).await;
        let changes = looked.at("/event/pendingChanges/changes").as_array().unwrap().clone();
        let fields: Vec<_> = changes.iter().map(|change| change["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["QUESTIONS", "TIMEZONE"]);
        let asked = changes[0]["after"].as_str().unwrap();
        assert!(asked.contains("https://elsewhere.example.org") && asked.contains("required"), "{asked}");
        organizer.mutate("approveEvent", json!({"id": made.id}), "event { id }").await.data();
        let published = world.anonymous().ask(query, json!({"id": made.id})).await;
        assert_eq!(published.at("/event/timezone"), "America/Denver");
    })
    .await;
}
