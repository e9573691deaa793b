//! One change of many events, by organizers.

use entity::{StaffRole, audit};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World};

const RESULTS: &str = "results { eventId code reason message
    event { id version status tags eventType addressVisibility cancellationNote } }";
const GONE: &str = "event:0199a1b2-0000-7000-8000-000000000000";

async fn change(caller: &Caller, input: Value) -> Answer {
    caller.mutate("bulkUpdateEvents", input, RESULTS).await
}

/// Kind, reason and events of each record.
async fn recorded(world: &World) -> Vec<(String, Option<String>, Vec<String>)> {
    let rows = audit::Entity::find().filter(audit::Column::Kind.starts_with("event."));
    let rows = rows.all(world.app.db.reader()).await.unwrap();
    let events = |row: &audit::Model| serde_json::from_str::<Vec<String>>(&row.subjects).unwrap();
    rows.iter()
        .map(|row| (row.kind.clone(), row.reason.clone(), events(row)))
        .collect()
}

scenario! {
    /// Each event is changed, or says why not, and does not keep the others from it.
    async fn many_events_are_changed(world) {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let first = world.event(&host, json!({"tags": ["water", "old"]})).await;
        let draft = world.draft(&host, json!({"tags": ["new"]})).await;
        let full: Vec<String> = (0..20).map(|n| format!("tag {n}")).collect();
        let full = world.draft(&host, json!({"tags": full})).await;
        let off = world.draft(&host, json!({})).await;
        host.mutate("cancelEvent", json!({"id": off.id}), "event { id }").await.data();
        let ids = json!([first.id, GONE, draft.id, full.id, off.id, first.id]);
        let input = json!({"ids": ids, "addTags": ["new"], "removeTags": ["old"], "addressVisibility": "HOSTS_ONLY"});
        let answer = change(&organizer, input.clone()).await;
        let results = answer.at("/bulkUpdateEvents/results").as_array().unwrap();
        let codes: Vec<_> = results.iter().map(|result| (&result["code"], &result["reason"])).collect();
        let null = Value::Null;
        assert_eq!(codes, [
            (&null, &null), (&json!("NOT_FOUND"), &null), (&null, &null), (&json!("BAD_USER_INPUT"), &null),
            (&json!("WRONG_STATE"), &json!("EVENT_CANCELLED")),
        ]);
        assert_eq!(results[0]["event"]["tags"], json!(["water", "new"]));
        assert_eq!(results[0]["event"]["version"], first.version + 1);
        assert!(results[3]["message"].as_str().unwrap().contains("more than 20 tags"));
        assert_eq!((&results[1]["eventId"], &results[1]["event"]), (&json!(GONE), &null));

        // The address is gone from the map as well, and nothing is changed twice.
        let seen = world.anonymous().ask("{ events { edges { node { tags place { precision addressLines } } } } }", Value::Null).await;
        let event = seen.at("/events/edges/0/node");
        assert_eq!(event, &json!({"tags": ["water", "new"], "place": {"precision": "APPROXIMATE", "addressLines": []}}));
        let again = change(&organizer, input).await;
        assert_eq!(again.at("/bulkUpdateEvents/results/0/event/version"), first.version + 1);
        let key = |id: &str| id.trim_start_matches("event:").to_owned();
        assert_eq!(recorded(world).await, [("event.bulk_update".to_owned(), None, vec![key(&first.id), key(&draft.id)])]);

        let kind = change(&organizer, json!({"ids": [draft.id], "eventType": "RALLY", "visibility": "UNLISTED"})).await;
        assert_eq!(kind.at("/bulkUpdateEvents/results/0/event/eventType"), "RALLY");
    }
}

scenario! {
    /// Many events are called off with one note.
    async fn many_events_are_called_off(world) {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let mut ids = vec![GONE.to_owned()];
        for _ in 0..3 {
            ids.push(world.event(&host, json!({})).await.id);
        }
        let input = json!({"ids": ids, "note": "A storm."});
        for _ in 0..2 {
            let answer = organizer.mutate("bulkCancelEvents", input.clone(), RESULTS).await;
            let results = answer.at("/bulkCancelEvents/results").as_array().unwrap();
            assert_eq!(results[0]["code"], "NOT_FOUND");
            for result in &results[1..] {
                assert_eq!(result["event"]["status"], "CANCELLED");
                assert_eq!((&result["event"]["cancellationNote"], &result["event"]["version"]), (&json!("A storm."), &json!(3)));
            }
        }
        let seen = world.anonymous().ask("{ events { edges { node { id } } } }", Value::Null).await;
        assert_eq!(seen.at("/events/edges"), &json!([]));
        let records = recorded(world).await;
        assert_eq!((records.len(), records[0].1.as_deref(), records[0].2.len()), (1, Some("A storm."), 3));
    }
}

scenario! {
    /// For organizers only, within limits, and not about nothing.
    async fn what_is_refused(world) {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        assert_eq!(change(&host, json!({"ids": [made.id], "addTags": ["x"]})).await.code(), "FORBIDDEN");
        let many: Vec<_> = (0..101).map(|n| format!("event:0199a1b2-0000-7000-8000-{n:012}")).collect();
        for (input, wrong) in [
            (json!({"ids": many, "addTags": ["x"]}), vec!["input.ids"]),
            (json!({"ids": [], "addTags": ["x"]}), vec!["input.ids"]),
            (json!({"ids": [made.id, made.timeslot], "addTags": ["x"]}), vec!["input.ids.1"]),
            (json!({"ids": [made.id]}), vec!["input"]),
            (json!({"ids": [made.id], "addTags": ["x", " "], "removeTags": ["y".repeat(51)]}), vec!["input.addTags.1", "input.removeTags.0"]),
        ] {
            assert_eq!(change(&organizer, input).await.wrong_fields(), wrong);
        }
        let note = json!({"ids": [made.id], "note": "x".repeat(2001)});
        assert_eq!(organizer.mutate("bulkCancelEvents", note, RESULTS).await.wrong_fields(), ["input.note"]);
        assert!(recorded(world).await.is_empty());
    }
}
