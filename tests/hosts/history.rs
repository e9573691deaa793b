//! What is told of changes of an event.

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use super::host_together;
use crate::harness::{Caller, Made};

const HISTORY: &str = "query($id: ID!) { event(id: $id) { history(first: 100) { edges { node {
    id at kind source role byName byPersonId byViewer device fields { field before after isHidden } } } } } }";

/// The changes of an event, newest first.
pub(super) async fn of(caller: &Caller, made: &Made) -> Vec<Value> {
    let answer = caller.ask(HISTORY, json!({"id": made.id})).await;
    let edges = answer.at("/event/history/edges").as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// Their kinds, oldest first.
fn kinds(changes: &[Value]) -> Vec<&str> {
    changes
        .iter()
        .rev()
        .map(|change| change["kind"].as_str().unwrap())
        .collect()
}

scenario! {
    /// Each step of an event's life, by whom, from where, and what stood there before.
    async fn it_tells_what_was_done(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let made = world.draft(&wren, json!({"publicName": "Wren", "tags": ["a"], "virtualUrl": "https://video.example.org/secret"})).await;
        let phone = wren.with("Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0");
        let evil = "<script>alert(1)</script> =cmd()\u{202e}";
        let change = json!({
            "id": made.id, "expectedVersion": 1, "title": evil, "tags": ["a", "b"], "summary": null,
            "description": "x".repeat(20_000), "virtualUrl": "https://video.example.org/other", "visibility": "UNLISTED"
        });
        phone.mutate("updateEvent", change, "event { id }").await.data();
        let same = json!({"id": made.id, "expectedVersion": 2, "title": evil});
        wren.mutate("updateEvent", same, "event { id }").await.data();
        wren.mutate("publishEvent", json!({"id": made.id}), "event { id }").await.data();
        let back = json!({"id": made.id, "reason": "Which floor?"});
        organizer.mutate("rejectEvent", back, "event { id }").await.data();
        organizer.mutate("publishEvent", json!({"id": made.id}), "event { id }").await.data();
        let later = json!({"id": made.timeslot, "startsAt": "2030-01-18T00:30:00Z", "capacity": 9});
        wren.mutate("updateTimeslot", later, "event { id }").await.data();
        host_together(&wren, &finch, &made).await;
        let series = json!({"eventId": made.id, "rule": "FREQ=DAILY;COUNT=3", "localStart": "2030-03-01T19:00", "durationMinutes": 60});
        finch.mutate("addSeries", series, "added").await.data();
        organizer.mutate("bulkUpdateEvents", json!({"ids": [made.id], "addTags": ["c"]}), "results { code }").await.data();
        finch.mutate("cancelTimeslot", json!({"id": made.timeslot}), "event { id }").await.data();
        organizer.mutate("cancelEvent", json!({"id": made.id, "note": "Rain."}), "event { id }").await.data();

        let changes = of(&wren, &made).await;
        let expected = [
            "CREATED", "EDITED", "SUBMITTED", "REJECTED", "PUBLISHED", "DATES_CHANGED", "HOST_INVITED", "HOST_JOINED",
            "DATES_ADDED", "EDITED", "DATES_CANCELLED", "CANCELLED",
        ];
        assert_eq!(kinds(&changes), expected, "an edit that changes nothing is none");
        let at = |i: usize| &changes[changes.len() - 1 - i];
        let who = |i: usize| (at(i)["role"].clone(), at(i)["byName"].clone(), at(i)["byViewer"].clone(), at(i)["source"].clone());
        assert_eq!(who(0), (json!("HOST"), json!("Wren"), json!(true), json!("API")));
        assert_eq!(who(3), (json!("ORGANIZER"), Value::Null, json!(false), json!("API")));
        assert_eq!(who(8), (json!("HOST"), json!("Finch by the river"), json!(false), json!("SERIES")));
        assert_eq!(who(9), (json!("ORGANIZER"), Value::Null, json!(false), json!("BULK")));
        assert_eq!((&at(1)["device"], &at(2)["device"]), (&json!("Firefox, Android"), &Value::Null));
        assert!(changes.iter().all(|change| change["byPersonId"].is_null()), "hosts read no ids of people");

        let field = |i: usize, name: &str| {
            let fields = at(i)["fields"].as_array().unwrap();
            let found = fields.iter().find(|field| field["field"] == name).cloned();
            found.unwrap_or_else(|| panic!("no {name} in {fields:?}"))
        };
        let title = json!({"field": "title", "before": "Calls for clean water", "after": evil, "isHidden": false});
        assert_eq!(field(1, "title"), title);
        assert_eq!((&field(1, "tags")["before"], &field(1, "tags")["after"]), (&json!("a"), &json!("a\nb")));
        assert_eq!(field(1, "summary")["after"], Value::Null);
        assert_eq!(field(1, "visibility")["after"], "UNLISTED");
        assert_eq!(field(1, "description")["after"].as_str().unwrap().chars().count(), 501);
        assert_eq!(field(1, "virtualUrl"), json!({"field": "virtualUrl", "before": null, "after": null, "isHidden": true}));
        assert_eq!(at(1)["fields"].as_array().unwrap().len(), 6);
        assert_eq!(field(3, "rejectionReason")["after"], "Which floor?");
        assert_eq!(field(5, "startsAt")["after"], "2030-01-18T00:30:00+00:00");
        assert_eq!((&field(5, "capacity")["before"], &field(5, "capacity")["after"]), (&Value::Null, &json!("9")));
        assert_eq!(field(8, "dates")["after"], "3");
        assert_eq!(field(11, "cancellationNote")["after"], "Rain.");

        let staff = of(&organizer, &made).await;
        assert!(staff.iter().all(|change| change["byPersonId"].is_string()));
        for (caller, code) in [(world.anonymous(), "UNAUTHENTICATED"), (world.activist("Jay").await, "FORBIDDEN")] {
            assert_eq!(caller.ask(HISTORY, json!({"id": made.id})).await.code(), code);
        }
        world.drain().await;
    }
}

scenario! {
    /// What is refused leaves no trace, and what is old is forgotten while the event stays.
    async fn it_has_an_end(world) {
        let wren = world.activist("Wren").await;
        let made = world.draft(&wren, json!({})).await;
        let late = json!({"id": made.id, "expectedVersion": 7, "title": "Too late"});
        assert_eq!(wren.mutate("updateEvent", late, "event { id }").await.code(), "CONFLICT");
        let jay = world.activist("Jay").await;
        assert_eq!(jay.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.code(), "NOT_FOUND");
        assert_eq!(kinds(&of(&wren, &made).await), ["CREATED"]);
        api::jobs::retain::schedule(&world.app, world.now()).await.unwrap();
        world.advance(TimeDelta::days(399));
        world.drain().await;
        let wren = world.activist("Wren").await;
        assert_eq!(kinds(&of(&wren, &made).await), ["CREATED"]);
        let edit = json!({"id": made.id, "expectedVersion": 1, "title": "Later"});
        wren.mutate("updateEvent", edit, "event { id }").await.data();
        world.advance(TimeDelta::days(2));
        world.drain().await;
        let wren = world.activist("Wren").await;
        assert_eq!(kinds(&of(&wren, &made).await), ["EDITED"]);
    }
}
