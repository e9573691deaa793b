//! What organizers decide: changes of what is published, trust in hosts, and taking events down. With the settings that are
//! delivered.

mod limits;
mod names;
mod notices;
mod reach;
mod shown;
mod suppression;

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use crate::harness::{Answer, Backend, Caller, Made, World};

/// Runs `test` embedded and in production, with changes reviewed and hosts limited.
async fn in_both_modes(settings: &[(&'static str, &str)], test: impl AsyncFn(&World)) {
    for backend in [Backend::embedded(), Backend::production().await] {
        let world = World::with(backend.reviewing(), settings).await;
        test(&world).await;
        world.drain().await;
        world.finish().await;
    }
}

const EVENT: &str =
    "status version title summary eventType place { addressLines } pendingChanges { waitingSince
    changes { field before after } refusedAt refusalCategory refusalReason }";

async fn read(caller: &Caller, id: &str) -> Answer {
    let query = format!("query($id: ID!) {{ event(id: $id) {{ {EVENT} }} }}");
    caller.ask(&query, json!({"id": id})).await
}

async fn edit(caller: &Caller, made: &Made, version: i64, change: Value) -> Answer {
    let mut input = json!({"id": made.id, "expectedVersion": version});
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    caller
        .mutate("updateEvent", input, &format!("event {{ {EVENT} }}"))
        .await
}

async fn queue(organizer: &Caller) -> Vec<String> {
    let query = "{ reviewQueue { edges { node { id } } } }";
    let answer = organizer.ask(query, Value::Null).await;
    let edges = answer.at("/reviewQueue/edges").as_array().unwrap().clone();
    edges
        .iter()
        .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The host's id, as organizers and the host know it.
async fn id_of(host: &Caller) -> String {
    host.ask("{ viewer { asHost { id } } }", Value::Null)
        .await
        .text("/viewer/asHost/id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_wait_beside_what_is_published() {
    in_both_modes(&[], async |world| {
        let (host, anybody) = (world.activist("Wren").await, world.anonymous());
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        let v = made.version;
        let place = json!({"venue": "Elsewhere", "addressLines": ["2 Other Street"], "latitude": 41.6, "longitude": -93.6});
        let change = json!({"title": "Win money", "eventType": "RALLY", "place": place});
        let edited = edit(&host, &made, v, change.clone()).await;
        assert_eq!(edited.at("/updateEvent/event/title"), "Calls for clean water");
        assert_eq!(edit(&host, &made, v, change).await.code(), "CONFLICT");
        let seen = read(&anybody, &made.id).await;
        let event = seen.at("/event");
        assert_eq!(event["title"], "Calls for clean water");
        assert_eq!(event["eventType"], "RALLY", "what is not material is published at once");
        assert_eq!(event["place"]["addressLines"], json!(["1 Example Street"]));
        assert_eq!(event["pendingChanges"], Value::Null);
        assert!(!seen.body.to_string().contains("Win money"));
        let waiting = read(&host, &made.id).await;
        let changes = waiting.at("/event/pendingChanges/changes").as_array().unwrap().clone();
        assert_eq!(changes[0], json!({"field": "TITLE", "before": "Calls for clean water", "after": "Win money"}));
        assert_eq!(changes[1]["field"], "PLACE");
        assert!(changes[1]["after"].as_str().unwrap().contains("2 Other Street"));
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));

        // The next edit goes on from what waits.
        let summary = json!({"summary": "Come soon.", "description": "Be <b>quick</b>."});
        edit(&host, &made, v + 1, summary).await.data();
        let stale = json!({"id": made.id, "expectedVersion": v + 1});
        assert_eq!(organizer.mutate("approveEvent", stale, "event { id }").await.code(), "CONFLICT");
        let shown = read(&organizer, &made.id).await;
        let changes = shown.at("/event/pendingChanges/changes").as_array().unwrap();
        let fields: Vec<_> = changes.iter().map(|change| change["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["TITLE", "SUMMARY", "DESCRIPTION", "PLACE"]);
        assert_eq!(changes[2]["after"], "Be &lt;b&gt;quick&lt;/b&gt;.");
        // What an organizer changes is published, and what waits stays.
        edit(&organizer, &made, v + 2, json!({"tags": ["checked"], "summary": "Come soon."})).await.data();
        let now = json!({"id": made.id, "expectedVersion": v + 3});
        organizer.mutate("approveEvent", now, "event { id }").await.data();
        let seen = read(&anybody, &made.id).await;
        assert_eq!((seen.at("/event/title"), seen.at("/event/summary")), (&json!("Win money"), &json!("Come soon.")));
        assert_eq!(seen.at("/event/place/addressLines"), &json!(["2 Other Street"]));
        assert_eq!(read(&host, &made.id).await.at("/event/pendingChanges"), &Value::Null);
        let found = anybody.ask("{ events(text: \"money\") { edges { node { tags } } } }", Value::Null).await;
        assert_eq!(found.at("/events/edges/0/node/tags"), &json!(["checked"]));
        assert!(queue(&organizer).await.is_empty());
        // Changed back, nothing waits.
        edit(&host, &made, v + 4, json!({"title": "Win more"})).await.data();
        edit(&host, &made, v + 5, json!({"title": "Win money"})).await.data();
        assert!(queue(&organizer).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_are_not_taken_say_why() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        let v = made.version;
        edit(&host, &made, v, json!({"title": "Win money"})).await.data();
        let why = json!({"id": made.id, "category": "SPAM", "reason": "No raffles, please."});
        assert_eq!(
            host.mutate("rejectEvent", why.clone(), "event { id }")
                .await
                .code(),
            "FORBIDDEN"
        );
        let refused = organizer
            .mutate("rejectEvent", why.clone(), "event { status title }")
            .await;
        assert_eq!(
            refused.at("/rejectEvent/event"),
            &json!({"status": "APPROVED", "title": "Calls for clean water"})
        );
        let told = read(&host, &made.id).await;
        let changes = told.at("/event/pendingChanges");
        assert_eq!(
            (
                &changes["waitingSince"],
                &changes["refusalCategory"],
                &changes["refusalReason"]
            ),
            (&Value::Null, &json!("SPAM"), &json!("No raffles, please."))
        );
        assert!(queue(&organizer).await.is_empty());
        assert_eq!(
            organizer
                .mutate("rejectEvent", why, "event { id }")
                .await
                .reason(),
            "EVENT_NOT_IN_REVIEW"
        );
        // The next change begins with what is published, and not with what was refused.
        edit(&host, &made, v + 2, json!({"summary": "We call."}))
            .await
            .data();
        let told = read(&host, &made.id).await;
        let changes = told.at("/event/pendingChanges");
        assert_eq!(changes["changes"].as_array().unwrap().len(), 1);
        assert_eq!(changes["refusalReason"], Value::Null);
        // An event that is called off waits for nothing.
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }")
            .await
            .data();
        assert!(queue(&organizer).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_are_moved_at_once_and_looked_at_afterwards() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        let to = async |starts_at: &str, ends_at: &str| {
            let input = json!({"id": made.timeslot, "startsAt": starts_at, "endsAt": ends_at});
            host.mutate("updateTimeslot", input, "event { timeslots { edges { node { startsAt } } } }").await
        };
        to("2030-01-18T00:30:00Z", "2030-01-18T02:30:00Z").await.data();
        assert!(queue(&organizer).await.is_empty(), "half an hour is no matter");
        let moved = to("2030-01-18T04:30:00Z", "2030-01-18T06:30:00Z").await;
        assert_eq!(moved.at("/updateTimeslot/event/timeslots/edges/0/node/startsAt"), "2030-01-18T04:30:00+00:00");
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));
        let shown = read(&organizer, &made.id).await;
        assert_eq!(shown.at("/event/pendingChanges/changes"), &json!([{"field": "TIMESLOTS",
            "before": "2030-01-17 18:00 – 2030-01-17 20:00", "after": "2030-01-17 22:30 – 2030-01-18 00:30"}]));
        to("2030-01-18T00:00:00Z", "2030-01-18T02:00:00Z").await.data();
        assert!(queue(&organizer).await.is_empty(), "back to what was approved");
        let rule = json!({"eventId": made.id, "rule": "FREQ=WEEKLY;COUNT=3", "localStart": "2030-02-05T19:00:00", "durationMinutes": 60});
        let added = host.mutate("addSeries", rule, "event { timeslots(last: 1) { edges { node { id } } } }").await;
        assert!(queue(&organizer).await.is_empty(), "another date of the same");
        let last = added.at("/addSeries/event/timeslots/edges/0/node/id");
        let all = json!({"id": last, "scope": "ALL", "localStart": "2030-02-19T10:00:00"});
        host.mutate("updateTimeslots", all, "changed").await.data();
        let shown = read(&organizer, &made.id).await;
        assert_eq!(shown.at("/event/pendingChanges/changes").as_array().unwrap().len(), 3);
        organizer.mutate("approveEvent", json!({"id": made.id}), "event { id }").await.data();
        assert!(queue(&organizer).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trusted_hosts_wait_for_nobody() {
    in_both_modes(&[], async |world| {
        let (host, other) = (world.activist("Wren").await, world.activist("Jay").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let nobody = json!({"id": id_of(&host).await});
        assert_eq!(
            organizer.mutate("trustHost", nobody, "host { id }").await.code(),
            "NOT_FOUND",
            "hosts nothing"
        );
        let first = world.draft(&host, json!({})).await;
        let id = json!({"id": id_of(&host).await});
        assert_eq!(
            other.mutate("trustHost", id.clone(), "host { id }").await.code(),
            "FORBIDDEN"
        );
        for _ in 0..2 {
            let trusted = organizer
                .mutate("trustHost", id.clone(), "host { tier name }")
                .await;
            assert_eq!(
                trusted.at("/trustHost/host"),
                &json!({"tier": "TRUSTED", "name": "Wren T."})
            );
        }
        let published = host
            .mutate(
                "publishEvent",
                json!({"id": first.id}),
                "event { status version }",
            )
            .await;
        assert_eq!(published.at("/publishEvent/event/status"), "APPROVED");
        let version = published.at("/publishEvent/event/version").as_i64().unwrap();
        let edited = edit(&host, &first, version, json!({"title": "Calls for rivers"})).await;
        assert_eq!(edited.at("/updateEvent/event/title"), "Calls for rivers");
        let query = format!(
            "{{ event(id: \"{}\") {{ review {{ reviewerId hosts {{ tier }} flags }} }} }}",
            first.id
        );
        let review = host.ask(&query, Value::Null).await;
        assert_eq!(
            review.at("/event/review"),
            &json!({"reviewerId": null, "hosts": [{"tier": "TRUSTED"}], "flags": []})
        );

        let mut revoked = id.clone();
        revoked["reason"] = json!("bell \u{7}");
        assert_eq!(
            organizer
                .mutate("revokeHostTrust", revoked, "host { id }")
                .await
                .wrong_fields(),
            ["input.reason"]
        );
        let revoked = organizer
            .mutate("revokeHostTrust", id, "host { tier trustedSince }")
            .await;
        assert_eq!(
            revoked.at("/revokeHostTrust/host"),
            &json!({"tier": "NEW", "trustedSince": null})
        );
        let held = edit(&host, &first, version + 1, json!({"title": "Win money"})).await;
        assert_eq!(held.at("/updateEvent/event/title"), "Calls for rivers");
        let next = world.draft(&host, json!({})).await;
        let waits = host
            .mutate("publishEvent", json!({"id": next.id}), "event { status }")
            .await;
        assert_eq!(waits.at("/publishEvent/event/status"), "NEEDS_APPROVAL");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_is_earned_and_lost() {
    let settings = [
        ("hosts.trusted_after_approved", "2"),
        ("hosts.known_after_days", "0"),
    ];
    in_both_modes(&settings, async |world| {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let tier = async || {
            host.ask("{ viewer { asHost { tier } } }", Value::Null)
                .await
                .text("/viewer/asHost/tier")
        };
        let decide = async |mutation: &str| {
            let made = world.draft(&host, json!({"title": mutation})).await;
            let id = json!({"id": made.id});
            let handed_in = host.mutate("publishEvent", id.clone(), "event { status }").await;
            if handed_in.at("/publishEvent/event/status") == "NEEDS_APPROVAL" {
                let mut input = id;
                if mutation == "rejectEvent" {
                    input["reason"] = json!("Where?");
                }
                organizer.mutate(mutation, input, "event { id }").await.data();
            }
            made
        };
        assert_eq!(tier().await, "NEW");
        decide("approveEvent").await;
        assert_eq!(tier().await, "KNOWN");
        decide("rejectEvent").await;
        decide("approveEvent").await;
        assert_eq!(tier().await, "KNOWN", "not two in a row");
        let made = decide("approveEvent").await;
        assert_eq!(tier().await, "TRUSTED");
        let why = json!({"id": made.id, "category": "MISLEADING", "reason": "There is no such hall."});
        organizer
            .mutate("suppressEvent", why, "event { id }")
            .await
            .data();
        assert_eq!(tier().await, "KNOWN", "what was earned is lost");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_hosts_are_reviewed_even_when_nobody_else_is() {
    in_both_modes(&[("events.review", "false")], async |world| {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let publish = async |host: &Caller| {
            let made = world.draft(host, json!({})).await;
            let handed_in = host
                .mutate("publishEvent", json!({"id": made.id}), "event { status }")
                .await;
            (made, handed_in.text("/publishEvent/event/status"))
        };
        let (made, status) = publish(&host).await;
        assert_eq!(status, "NEEDS_APPROVAL");
        organizer
            .mutate("approveEvent", json!({"id": made.id}), "event { id }")
            .await
            .data();
        assert_eq!(
            publish(&host).await.1,
            "NEEDS_APPROVAL",
            "the account is too young"
        );
        world.advance(TimeDelta::days(3));
        let host = world.activist("Wren").await;
        let slot = json!([{"startsAt": "2030-01-28T00:00:00Z", "endsAt": "2030-01-28T02:00:00Z"}]);
        let made = world.draft(&host, json!({"timeslots": slot})).await;
        let handed_in = host
            .mutate("publishEvent", json!({"id": made.id}), "event { status }")
            .await;
        assert_eq!(handed_in.at("/publishEvent/event/status"), "APPROVED");
    })
    .await;
}
