//! What is missing, who could do it, and what people are reminded of.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{attendee, comes, offer, role, step};

const GAPS: &str =
    "query($id: ID!) { event(id: $id) { coverageGaps { role { title } missing expiring isOverdue } } }";

scenario! {
    /// Too few people, offers that run out, tasks that were due: for the event, and for all events of a host.
    async fn hosts_see_what_is_missing(world) {
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = world.event(&host, json!({})).await;
        comes(&finch, &event).await;
        let greeter = role(&host, &event, json!({"minPeople": 2, "maxPeople": 3})).await;
        let report = role(&host, &event, json!({"kind": "TASK", "title": "Report", "dueHours": -48})).await;
        role(&host, &event, json!({"title": "Driver", "minPeople": 0})).await;
        let asked = offer(&host, &finch, &event, &greeter).await;
        let gaps = host.ask(GAPS, json!({"id": event.id})).await;
        let gaps = gaps.at("/event/coverageGaps");
        assert_eq!(gaps[0], json!({"role": {"title": "Report"}, "missing": 1, "expiring": 0, "isOverdue": false}));
        assert_eq!(gaps[1], json!({"role": {"title": "Greeter"}, "missing": 2, "expiring": 0, "isOverdue": false}));
        assert_eq!(gaps.as_array().unwrap().len(), 2);
        assert_eq!(finch.ask(GAPS, json!({"id": event.id})).await.at("/event/coverageGaps"), &Value::Null);
        let task = offer(&host, &finch, &event, &report).await;
        assert_eq!(step(&finch, "acceptRole", &task).await, "ACCEPTED");

        // Until two days before the start: the task is overdue, and the offer ends at the start.
        world.drain().await;
        world.advance(TimeDelta::hours(37));
        world.drain().await;
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let mine = "{ viewer { coverageGaps { role { title } eventId missing expiring isOverdue } } }";
        let gaps = host.ask(mine, Value::Null).await;
        assert_eq!(gaps.at("/viewer/coverageGaps/0"), &json!({"role": {"title": "Report"}, "eventId": event.id, "missing": 0, "expiring": 0, "isOverdue": true}));
        assert_eq!(gaps.at("/viewer/coverageGaps/1/expiring"), 1);
        assert_eq!(finch.ask(mine, Value::Null).await.at("/viewer/coverageGaps"), &json!([]));
        assert_eq!(step(&finch, "acceptRole", &asked).await, "ACCEPTED");
        let done = json!({"id": task, "outcome": "FULFILLED"});
        host.mutate("reportRole", done, "assignment { id }").await.data();
        let gaps = host.ask(GAPS, json!({"id": event.id})).await;
        assert_eq!(gaps.at("/event/coverageGaps"), &json!([{"role": {"title": "Greeter"}, "missing": 1, "expiring": 0, "isOverdue": false}]));
        world.drain().await;
    }
}

scenario! {
    /// Who has the skills, shows them and is free; nobody's skills are shown who did not say so.
    async fn substitutes_are_able_and_free(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let people = [("Finch", true), ("Jay", true), ("Robin", false)];
        let mut guests = vec![];
        for (name, shows) in people {
            let guest = world.activist(name).await;
            let can = json!({"skills": ["First Aid", "Juggling"], "showsSkills": shows});
            let said = guest.mutate("updateViewer", can, "viewer { skills showsSkills }").await;
            assert_eq!(said.at("/updateViewer/viewer"), &json!({"skills": ["first aid", "juggling"], "showsSkills": shows}));
            comes(&guest, &event).await;
            guests.push(guest);
        }
        let medic = role(&host, &event, json!({"title": "Medic", "skills": ["first aid"]})).await;
        let greeter = role(&host, &event, json!({})).await;
        let query = "query($id: ID!) { roleSubstitutes(roleId: $id) { edges { node { name skills roles { status } } } } }";
        let found = host.ask(query, json!({"id": medic})).await;
        let edges = found.at("/roleSubstitutes/edges").as_array().unwrap();
        assert_eq!(edges.len(), 2);
        assert_eq!(edges[0]["node"], json!({"name": "Finch Testperson", "skills": ["first aid", "juggling"], "roles": []}));
        let busy = offer(&host, &guests[0], &event, &greeter).await;
        step(&guests[0], "acceptRole", &busy).await;
        let found = host.ask(query, json!({"id": medic})).await;
        assert_eq!(found.at("/roleSubstitutes/edges/0/node/name"), "Jay Testperson", "the other one is not free");
        offer(&host, &guests[1], &event, &medic).await;
        assert_eq!(host.ask(query, json!({"id": medic})).await.at("/roleSubstitutes/edges"), &json!([]));
        assert_eq!(guests[0].ask(query, json!({"id": medic})).await.code(), "NOT_FOUND");
        let node = "query($id: ID!) { node(id: $id) { ... on Attendee { skills roles { role { title } } } } }";
        let robin = host.ask(node, json!({"id": attendee(&guests[2], &event).await})).await;
        assert_eq!(robin.at("/node"), &json!({"skills": [], "roles": []}));
        let wrong = json!({"skills": ["x", "a; b"]});
        assert_eq!(host.mutate("updateViewer", wrong, "viewer { id }").await.wrong_fields(), ["input.skills.0", "input.skills.1"]);
        world.drain().await;
    }
}

scenario! {
    /// The reminder of an event says what one does there; a task has a reminder of its own, and the hosts hear once that it is
    /// overdue.
    async fn reminders_carry_the_brief(world) {
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = world.event(&host, json!({})).await;
        comes(&finch, &event).await;
        let greeter = role(&host, &event, json!({"brief": "Welcome people at the oak."})).await;
        let report = role(&host, &event, json!({"kind": "TASK", "title": "Report", "brief": "Write it down.", "dueHours": 24})).await;
        for id in [&greeter, &report] {
            let asked = offer(&host, &finch, &event, id).await;
            step(&finch, "acceptRole", &asked).await;
        }
        api::jobs::plan_reminders::schedule(&world.app, world.now()).await.unwrap();
        for _ in 0..24 {
            world.drain().await;
            world.advance(TimeDelta::hours(4));
        }
        world.drain().await;
        let mails = world.mails_to(&finch.address);
        for begin in ["Tomorrow", "Today"] {
            let mail = mails.iter().find(|mail| mail.subject.starts_with(begin)).unwrap();
            assert!(mail.text.contains("Greeter") && mail.text.contains("Welcome people at the oak."), "{}", mail.text);
        }
        let soon: Vec<_> = mails.iter().filter(|mail| mail.subject.starts_with("To be done soon: Report")).collect();
        assert_eq!(soon.len(), 1);
        assert!(soon[0].text.contains("Write it down."));
        let overdue = world.mails_to(&host.address);
        assert_eq!(overdue.iter().filter(|mail| mail.subject.starts_with("Overdue: Report")).count(), 1);
    }
}
