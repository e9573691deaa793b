//! Host links: what they give, and that they give nothing else.

use chrono::TimeDelta;
use entity::audit;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::history;
use crate::{
    authorization::{callers, mark, objects::Objects, table},
    harness::{Caller, Made, World},
    rsvps::rsvp,
};

const PASS: &str = "{ hostPass { rights event { id title instructions viewerCanEdit rsvpCounts { rsvps }
    attendees { edges { node { id name } } } } } }";

/// Whoever has a link to an event.
async fn with_link(world: &World, host: &Caller, event: &str, rights: &[&str]) -> (Caller, String) {
    let input = json!({"eventId": event, "label": "Jay <b>at</b> the door", "rights": rights});
    let made = host
        .mutate("createHostLink", input, "token hostLink { id }")
        .await;
    let token = made.text("/createHostLink/token");
    (
        Caller::new(&world.url, Some(token), ""),
        made.text("/createHostLink/hostLink/id"),
    )
}

async fn rename(caller: &Caller, made: &Made, version: i64) -> crate::harness::Answer {
    let input = json!({"id": made.id, "expectedVersion": version, "title": "Calls by the door"});
    caller.mutate("updateEvent", input, "event { version }").await
}

scenario! {
    /// Each right gives what it says, at its event, and is told of: changes in the history, readings in the audit.
    async fn each_right_gives_what_it_says(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({"instructions": "Ring twice.", "addressVisibility": "HOSTS_ONLY"})).await;
        rsvp(&finch, &made, 1).await.data();
        let (sees, _) = with_link(world, &wren, &made.id, &["VIEW_RSVPS"]).await;
        let (changes, id) = with_link(world, &wren, &made.id, &["CHANGE"]).await;
        let seen = sees.ask(PASS, Value::Null).await;
        let pass = seen.at("/hostPass");
        assert_eq!(pass["rights"], json!(["VIEW_RSVPS"]));
        assert_eq!(pass["event"]["attendees"]["edges"][0]["node"]["name"], "Finch Testperson");
        assert_eq!(pass["event"]["rsvpCounts"][0]["rsvps"], 1);
        assert_eq!((&pass["event"]["instructions"], &pass["event"]["viewerCanEdit"]), (&Value::Null, &json!(false)));
        assert_eq!(rename(&sees, &made, made.version).await.code(), "FORBIDDEN");

        let seen = changes.ask(PASS, Value::Null).await;
        assert_eq!(seen.code(), "FORBIDDEN", "who answered");
        let event = &seen.body["data"]["hostPass"]["event"];
        assert_eq!((&event["instructions"], &event["viewerCanEdit"]), (&json!("Ring twice."), &json!(true)));
        assert_eq!((&event["rsvpCounts"], &event["attendees"]), (&Value::Null, &Value::Null));
        let version = rename(&changes, &made, made.version).await.at("/updateEvent/event/version").as_i64().unwrap();
        assert_eq!(version, made.version + 1);
        let newest = &history::of(&wren, &made).await[0];
        let by = json!([newest["kind"], newest["role"], newest["byName"], newest["byViewer"]]);
        assert_eq!(by, json!(["EDITED", "LINK", "Jay <b>at</b> the door", false]));
        sees.ask(PASS, Value::Null).await.data();
        let records = audit::Entity::find().all(world.app.db.reader()).await.unwrap();
        let read = records.iter().filter(|record| record.kind == "event.attendees_by_link");
        assert_eq!(read.count(), 1, "once a minute");

        let elsewhere = json!({"id": made.id, "expectedVersion": version, "campaignId": "campaign:0198c2a4-0000-7000-8000-000000000000"});
        assert_eq!(changes.mutate("updateEvent", elsewhere, "event { id }").await.code(), "FORBIDDEN");
        wren.mutate("revokeHostLink", json!({"id": id}), "hostLink { lastUsedAt }").await.data();
        assert_eq!(rename(&changes, &made, version).await.code(), "UNAUTHENTICATED", "from the next request on");
        let query = "query($id: ID!) { event(id: $id) { hostLinks { label rights lastUsedAt } } }";
        let left = wren.ask(query, json!({"id": made.id})).await;
        let left = left.at("/event/hostLinks");
        assert_eq!((left.as_array().unwrap().len(), &left[0]["rights"]), (1, &json!(["VIEW_RSVPS"])));
        assert!(left[0]["lastUsedAt"].is_string());
        world.drain().await;
    }
}

scenario! {
    /// With every request of the table: a link that gives all gives no more than it says, and what anybody may do.
    async fn a_link_gives_nothing_else(world) {
        const GIVEN: [&str; 8] = [
            "updateEvent(input: {id: $published", "addTimeslots(input: {eventId: $published", "updateTimeslot(input: {id: $slot",
            "cancelTimeslot(input: {id: $slot", "addSeries(input: {eventId: $published", "updateTimeslots(input: {id: $slot",
            "cancelTimeslots(input: {id: $slot", "node(id: $attendee)",
        ];
        let callers = callers(world).await;
        let mut given = 0;
        for row in table::section("Queries").into_iter().chain(table::section("Mutations")) {
            let mut objects = Objects::new(world, &callers);
            let request = objects.fill(&row.request).await;
            let event = objects.fill("$published").await;
            let event: String = serde_json::from_str(&event).unwrap();
            let (link, _) = with_link(world, &callers[3], &event, &["CHANGE", "VIEW_RSVPS"]).await;
            let operation = if row.section == "Queries" { "query" } else { "mutation" };
            let answer = link.ask(&format!("{operation} {{ {request} }}"), Value::Null).await;
            let found = mark(&answer, row.field());
            let is_given = GIVEN.iter().any(|given| row.request.starts_with(given));
            given += usize::from(is_given);
            let own = row.field() == "hostPass";
            let expected = if is_given || own { "✓" } else { row.marks[0].as_str() };
            assert!(found == expected || (found != "✓" && expected != "✓"), "{}: {found}", row.request);
        }
        assert!(given >= GIVEN.len());
        world.drain().await;
    }
}

scenario! {
    /// Until its day, within the limits, and never on a socket; guessed ones are nobody's.
    async fn a_link_ends(world) {
        let wren = world.activist("Wren").await;
        let made = world.draft(&wren, json!({"title": "Draft by the door"})).await;
        for (input, wrong) in [
            (json!({"label": " ", "rights": []}), vec!["input.label", "input.rights"]),
            (json!({"label": "a\u{1b}b", "rights": ["CHANGE"]}), vec!["input.label"]),
            (json!({"label": "Jay", "rights": ["CHANGE"], "expiresAt": "2030-01-15T11:00:00Z"}), vec!["input.expiresAt"]),
            (json!({"label": "Jay", "rights": ["CHANGE"], "expiresAt": "2031-01-15T11:00:00Z"}), vec!["input.expiresAt"]),
        ] {
            let mut input = input;
            input["eventId"] = json!(made.id);
            assert_eq!(wren.mutate("createHostLink", input, "token").await.wrong_fields(), wrong);
        }
        let input = json!({"eventId": made.id, "label": "Jay", "rights": ["CHANGE"], "expiresAt": "2030-01-16T12:00:00Z"});
        let link = wren.mutate("createHostLink", input, "token url").await;
        assert_eq!(link.at("/createHostLink/url"), &Value::Null);
        let door = Caller::new(&world.url, Some(link.text("/createHostLink/token")), "");
        let query = "query($id: ID!) { event(id: $id) { title } }";
        assert_eq!(door.ask(query, json!({"id": made.id})).await.at("/event/title"), "Draft by the door");
        let other = world.draft(&wren, json!({})).await;
        assert_eq!(door.ask(query, json!({"id": other.id})).await.code(), "NOT_FOUND");
        for _ in 1..20 {
            with_link(world, &wren, &made.id, &["CHANGE"]).await;
        }
        let input = json!({"eventId": made.id, "label": "One too many", "rights": ["CHANGE"]});
        assert_eq!(wren.mutate("createHostLink", input, "token").await.wrong_fields(), ["input"]);
        let guessed = Caller::new(&world.url, Some("host_guessed".to_owned()), "");
        assert_eq!(guessed.ask(query, json!({"id": made.id})).await.code(), "UNAUTHENTICATED");
        world.advance(TimeDelta::days(2));
        assert_eq!(door.ask(query, json!({"id": made.id})).await.code(), "UNAUTHENTICATED");
    }
}
