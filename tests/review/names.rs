//! Names that hosts go by: words that the public reads, and that wait like others.

use entity::StaffRole;
use serde_json::{Value, json};

use super::{edit, in_both_modes, queue, read};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_hosts_wait_too() {
    in_both_modes(&[], async |world| {
        let (host, anybody) = (world.activist("Wren").await, world.anonymous());
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({"publicName": "Wren"})).await;
        let v = made.version;
        let shown = async || {
            let query = "query($id: ID!) { event(id: $id) { hosts { publicName } } }";
            let event = anybody.ask(query, json!({"id": made.id})).await;
            event.text("/event/hosts/0/publicName")
        };
        edit(&host, &made, v, json!({"publicName": "Win money"}))
            .await
            .data();
        assert_eq!(shown().await, "Wren");
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));
        // Another edit leaves it waiting.
        edit(&host, &made, v + 1, json!({"eventType": "RALLY"}))
            .await
            .data();
        let waits = read(&organizer, &made.id).await;
        let wanted = json!([{"field": "PUBLIC_NAME", "before": "Wren", "after": "Win money"}]);
        assert_eq!(waits.at("/event/pendingChanges/changes"), &wanted);
        let no = json!({"id": made.id, "category": "SPAM", "reason": "No raffles, please."});
        organizer.mutate("rejectEvent", no, "event { id }").await.data();
        assert_eq!(shown().await, "Wren");
        let told = read(&host, &made.id).await;
        assert_eq!(
            told.at("/event/pendingChanges/refusalReason"),
            "No raffles, please."
        );

        edit(&host, &made, v + 3, json!({"publicName": "Wren of the creek"}))
            .await
            .data();
        let told = read(&host, &made.id).await;
        assert_eq!(told.at("/event/pendingChanges/refusalReason"), &Value::Null);
        let yes = json!({"id": made.id});
        organizer.mutate("approveEvent", yes, "event { id }").await.data();
        assert_eq!(shown().await, "Wren of the creek");
        assert!(queue(&organizer).await.is_empty());
        // Taken back before anybody looked.
        for (at, name) in [(5, "Win money"), (6, "Wren of the creek")] {
            edit(&host, &made, v + at, json!({"publicName": name}))
                .await
                .data();
        }
        assert!(queue(&organizer).await.is_empty());
        assert_eq!(
            read(&host, &made.id).await.at("/event/pendingChanges"),
            &Value::Null
        );
        let found = "{ events { edges { node { hosts { publicName } } } } }";
        let found = anybody.ask(found, Value::Null).await;
        assert_eq!(
            found.at("/events/edges/0/node/hosts/0/publicName"),
            "Wren of the creek"
        );
    })
    .await;
}
