//! What hosts may do in a day, by how well they are known, and what reviewers are told of them.

use chrono::TimeDelta;
use entity::StaffRole;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::in_both_modes;
use crate::harness::event_input;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_hosts_make_a_few_events_a_day() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let create = || host.mutate("createEvent", event_input(json!({})), "event { id }");
        let all = join_all((0..8).map(|_| create())).await;
        let (made, refused): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|answer| answer.code_if_any().is_none());
        assert_eq!(made.len(), 5, "however many come at once");
        for answer in &refused {
            assert_eq!(answer.code(), "RATE_LIMITED");
            let extensions = &answer.body["errors"][0]["extensions"];
            assert_eq!(
                (&extensions["limit"], &extensions["most"]),
                (&json!("EVENTS_PER_DAY"), &json!(5))
            );
            assert_eq!(extensions["retryAfter"], 86_401);
        }
        let copy = json!({"id": made[0].at("/createEvent/event/id")});
        let copy = host.mutate("duplicateEvent", copy, "event { id }").await;
        assert_eq!(copy.code(), "RATE_LIMITED", "a copy is an event too");
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        for _ in 0..6 {
            world.draft(&organizer, json!({})).await;
        }
        world.advance(TimeDelta::seconds(86_402));
        let host = world.activist("Wren").await;
        let slot = json!([{"startsAt": "2030-01-28T00:00:00Z", "endsAt": "2030-01-28T02:00:00Z"}]);
        let again = event_input(json!({"timeslots": slot}));
        host.mutate("createEvent", again, "event { id }").await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_events_of_new_hosts_wait_at_once() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let mut drafts = vec![];
        for _ in 0..4 {
            drafts.push(world.draft(&host, json!({})).await);
        }
        let publish = async |id: &str| {
            host.mutate("publishEvent", json!({"id": id}), "event { status }")
                .await
        };
        let all = join_all(drafts.iter().map(|made| publish(&made.id))).await;
        let mut refused = all.iter().filter(|answer| answer.code_if_any().is_some());
        let one = refused.next().unwrap();
        assert!(refused.next().is_none());
        assert_eq!(one.code(), "RATE_LIMITED");
        let extensions = &one.body["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["limit"], &extensions["most"]),
            (&json!("PENDING_AT_ONCE"), &json!(3))
        );
        assert_eq!(extensions.get("retryAfter"), None, "nobody knows");
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let accepted = drafts
            .iter()
            .zip(&all)
            .find(|(_, answer)| answer.code_if_any().is_none());
        let approve = json!({"id": accepted.unwrap().0.id});
        organizer
            .mutate("approveEvent", approve, "event { id }")
            .await
            .data();
        let late = drafts
            .iter()
            .zip(&all)
            .find(|(_, answer)| answer.code_if_any().is_some());
        publish(&late.unwrap().0.id).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_of_new_hosts_have_few_links() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let links = "HTTPS://a.example.org www.b.example.org http://www.c.example.org";
        let many = event_input(json!({"description": format!("{links} ftp://d.example.org"), "summary": "See www.e.example.org"}));
        let mut wrong = host.mutate("createEvent", many.clone(), "event { id }").await.wrong_fields();
        wrong.sort();
        assert_eq!(wrong, ["input.description", "input.summary"]);
        let made = world.draft(&host, json!({"description": links})).await;
        let more = json!({"id": made.id, "expectedVersion": 1, "summary": "See www.e.example.org"});
        assert_eq!(host.mutate("updateEvent", more, "event { id }").await.wrong_fields().len(), 2);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        organizer.mutate("createEvent", many, "event { id }").await.data();
        let more = json!({"id": made.id, "expectedVersion": 1, "summary": "See www.e.example.org"});
        organizer.mutate("updateEvent", more, "event { id }").await.data();
        let fewer = json!({"id": made.id, "expectedVersion": 2, "title": "Another title"});
        host.mutate("updateEvent", fewer, "event { id }").await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_words_again_are_flagged() {
    in_both_modes(&[], async |world| {
        let (host, other) = (world.activist("Wren").await, world.activist("Jay").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let texts = [
            ("Calls!", "Bring a phone."),
            ("calls", "Bring a  PHONE"),
            ("Calls", "Bring cake."),
        ];
        for (title, description) in texts {
            let made = world
                .draft(&host, json!({"title": title, "description": description}))
                .await;
            host.mutate("publishEvent", json!({"id": made.id}), "event { id }")
                .await
                .data();
        }
        let theirs = world
            .draft(&other, json!({"title": "Calls", "description": "Bring a phone."}))
            .await;
        other
            .mutate("publishEvent", json!({"id": theirs.id}), "event { id }")
            .await
            .data();
        let query = "{ reviewQueue { edges { node { review { flags } } } } }";
        let queue = organizer.ask(query, Value::Null).await;
        let flags: Vec<_> = (0..4)
            .map(|i| {
                queue
                    .at(&format!("/reviewQueue/edges/{i}/node/review/flags"))
                    .clone()
            })
            .collect();
        let (twice, once) = (json!(["NEW_HOST", "DUPLICATE_TEXT"]), json!(["NEW_HOST"]));
        assert_eq!(flags, [twice.clone(), twice, once.clone(), once]);
        let own = host
            .ask(
                "{ viewer { hosting { edges { node { review { flags } } } } } }",
                Value::Null,
            )
            .await;
        assert_eq!(
            own.at("/viewer/hosting/edges/0/node/review/flags"),
            &json!([]),
            "for organizers only"
        );
    })
    .await;
}
