//! Who came and who did not, by date, by host, and as each of them reads it.

use api::domain::attendance::What;
use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use super::{CLOSING, OVER, at, attended, came, close, closing, counts, record_at, was_absent, whom};
use crate::{
    account::another_device as again,
    door::walk_in,
    harness::{Caller, World},
    rsvps::rsvp,
};

async fn all_again(world: &World, callers: &[Caller]) -> Vec<Caller> {
    let mut all = vec![];
    for caller in callers {
        all.push(again(world, caller).await);
    }
    all
}

async fn kinds(host: &Caller, id: &str) -> Vec<String> {
    let query = "query($id: ID!) { event(id: $id) { history { edges { node { kind } } } } }";
    let answer = host.ask(query, json!({"id": id})).await;
    let edges = answer.at("/event/history/edges").as_array().unwrap().iter();
    edges
        .map(|edge| edge["node"]["kind"].as_str().unwrap().to_owned())
        .collect()
}

scenario! {
    /// Silence means nothing until the hosts say that they know no more; then it means that somebody did not come, unless
    /// something is heard of them later, or the date is opened again.
    async fn silence_means_something_once_it_is_closed(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let [finch, jay, robin, owl] = ["Finch", "Jay", "Robin", "Owl"];
        let mut guests = vec![];
        for name in [finch, jay, robin, owl] {
            let guest = world.activist(name).await;
            rsvp(&guest, &event, 1).await.data();
            guests.push(guest);
        }
        let cancel = guests[3].ask("{ viewer { rsvps { edges { node { id } } } } }", Value::Null).await;
        let cancel = json!({"id": cancel.text("/viewer/rsvps/edges/0/node/id")});
        guests[3].mutate("cancelRsvp", cancel, "status").await.data();
        assert_eq!(closing(&host, &event).await, Value::Null, "nothing is over");
        assert_eq!(close(&host, &event).await.reason(), "EVENT_NOT_OVER");
        at(world, OVER).await;
        let (host, guests) = (again(world, &host).await, all_again(world, &guests).await);
        came(world, &event, &guests[0], 2).await;
        was_absent(world, &event, &guests[1]).await;
        let left = closing(&host, &event).await;
        assert_eq!(counts(&left), [3, 1, 1, 1, 0]);
        assert_eq!((&left["attendanceRecorded"], &left["dates"][0]["closedAt"]), (&json!(false), &Value::Null));
        for (states, expected) in [
            (json!(["CAME"]), vec!["Finch"]),
            (json!(["NO_SHOW"]), vec!["Jay"]),
            (json!(["UNKNOWN"]), vec!["Robin"]),
            (json!(["CAME", "UNKNOWN"]), vec!["Finch", "Robin"]),
        ] {
            assert_eq!(attended(&host, &event, states.clone()).await, expected, "{states}");
        }
        let closed = close(&host, &event).await;
        let closed = closed.at("/closeAttendance/event/closing");
        assert_eq!((counts(closed), &closed["attendanceRecorded"]), ([3, 1, 2, 0, 0], &json!(true)));
        close(&host, &event).await.data();
        assert_eq!(attended(&host, &event, json!(["NO_SHOW"])).await, ["Jay", "Robin"]);
        assert!(attended(&host, &event, json!(["UNKNOWN"])).await.is_empty());
        came(world, &event, &guests[2], 1).await;
        came(world, &event, &guests[3], 1).await;
        assert_eq!(attended(&host, &event, json!(["CAME"])).await, ["Finch", "Robin", "Owl"]);
        assert_eq!(counts(&closing(&host, &event).await), [3, 2, 1, 0, 1], "who had cancelled came as well");
        let opened = host.mutate("reopenAttendance", json!({"eventId": event.id, "timeslotId": event.timeslot}), CLOSING).await;
        assert_eq!(counts(opened.at("/reopenAttendance/event/closing")), [3, 2, 1, 0, 1], "Jay was said not to be there");
        host.mutate("reopenAttendance", json!({"eventId": event.id}), CLOSING).await.data();
        assert_eq!(kinds(&host, &event.id).await[..2], ["ATTENDANCE_REOPENED", "ATTENDANCE_CLOSED"]);
        world.drain().await;
    }
}

scenario! {
    /// Only hosts and organizers say so and read it, of dates of that event that are over and took place.
    async fn only_hosts_close(world) {
        let host = world.activist("Wren").await;
        let dates = json!([
            {"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z"},
            {"startsAt": "2030-01-18T04:00:00Z", "endsAt": "2030-01-18T05:00:00Z"}
        ]);
        let event = world.event(&host, json!({"timeslots": dates})).await;
        let other = world.event(&world.activist("Jay").await, json!({"title": "Another one"})).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &event, 1).await.data();
        at(world, OVER).await;
        let (host, finch) = (again(world, &host).await, again(world, &finch).await);
        let input = |date: &str| json!({"eventId": event.id, "timeslotId": date});
        for (caller, code) in [(world.anonymous(), "UNAUTHENTICATED"), (finch.clone(), "FORBIDDEN"), (world.activist("Jay").await, "FORBIDDEN")] {
            for name in ["closeAttendance", "reopenAttendance", "dismissClosing"] {
                let refused = caller.mutate(name, json!({"eventId": event.id}), "event { id }").await;
                assert_eq!(refused.code(), code, "{name}");
            }
            assert_eq!(closing(&caller, &event).await, Value::Null);
        }
        assert_eq!(host.mutate("closeAttendance", input(&other.timeslot), "event { id }").await.code(), "NOT_FOUND");
        assert_eq!(host.mutate("closeAttendance", input(&event.id), "event { id }").await.wrong_fields(), ["input.timeslotId"]);
        let read = host.ask("query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }", json!({"id": event.id})).await;
        let later = read.text("/event/timeslots/edges/0/node/id");
        assert_eq!(host.mutate("closeAttendance", input(&later), "event { id }").await.reason(), "EVENT_NOT_OVER");
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        close(&organizer, &event).await.data();
        let left = closing(&organizer, &event).await;
        assert_eq!(left["dates"].as_array().unwrap().len(), 1, "the other is not over");
        assert_eq!(counts(&left), [1, 0, 1, 0, 0]);
        assert_eq!(left["nextEventPosted"], true, "it has a date to come");
        world.drain().await;
    }
}

scenario! {
    /// What somebody reads of where they were: also without an RSVP, for how long, and nobody else's.
    async fn people_read_where_they_were(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        rsvp(&finch, &event, 1).await.data();
        at(world, OVER).await;
        let (host, finch, jay) = (again(world, &host).await, again(world, &finch).await, again(world, &jay).await);
        record_at(world, &event, 10, What::In(whom(&event, &finch, None).await, 2)).await;
        record_at(world, &event, 100, What::Out(whom(&event, &finch, None).await)).await;
        walk_in(world, &host, &event, &jay).await;
        let query = "{ viewer { attendances { edges { node { id came partySize minutes source firstInAt outAt startsAt event { id } } } } } }";
        let mine = finch.ask(query, Value::Null).await;
        let node = mine.at("/viewer/attendances/edges/0/node");
        assert_eq!((&node["came"], &node["partySize"], &node["minutes"], &node["source"]), (&json!(true), &json!(2), &json!(90), &json!("HOST")));
        assert_eq!((&node["event"]["id"], &node["startsAt"]), (&json!(event.id), &json!("2030-01-18T00:00:00+00:00")));
        let walked = jay.ask(query, Value::Null).await;
        let walked = walked.at("/viewer/attendances/edges/0/node");
        assert_eq!((&walked["came"], &walked["minutes"]), (&json!(true), &Value::Null));
        assert_eq!(host.ask(query, Value::Null).await.at("/viewer/attendances/edges"), &json!([]));
        let by_id = "query($id: ID!) { node(id: $id) { id ... on PastAttendance { minutes } } }";
        assert_eq!(finch.ask(by_id, json!({"id": node["id"]})).await.at("/node/minutes"), 90);
        for (caller, code) in [(&jay, "NOT_FOUND"), (&host, "NOT_FOUND"), (&world.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(caller.ask(by_id, json!({"id": node["id"]})).await.code(), code);
        }
        world.drain().await;
    }
}

const TURNOUT: &str = "turnout { dates expected came others showRate }";

async fn turnout(host: &Caller) -> Value {
    let query = format!("{{ viewer {{ asHost {{ {TURNOUT} }} }} }}");
    host.ask(&query, Value::Null)
        .await
        .at("/viewer/asHost/turnout")
        .clone()
}

async fn closed_event(world: &World, host: &Caller) -> crate::harness::Made {
    let event = world.event(host, json!({})).await;
    for (name, seen) in [("Finch", true), ("Jay", false), ("Robin", true), ("Owl", true)] {
        let guest = world.activist(name).await;
        rsvp(&guest, &event, 1).await.data();
        if seen {
            came(world, &event, &guest, 1).await;
        }
    }
    walk_in(world, host, &event, &world.activist("Heron").await).await;
    event
}

scenario! {
    /// How many of those who say yes come is counted over closed dates, for the host and for organizers; also after it is
    /// forgotten who they were, when nobody is a no-show any more.
    async fn hosts_know_how_many_come(world) {
        let host = world.activist("Wren").await;
        let event = closed_event(world, &host).await;
        assert_eq!(turnout(&host).await, json!({"dates": 0, "expected": 0, "came": 0, "others": 0, "showRate": null}));
        at(world, OVER).await;
        let host = again(world, &host).await;
        close(&host, &event).await.data();
        let expected = json!({"dates": 1, "expected": 4, "came": 3, "others": 1, "showRate": 0.75});
        assert_eq!(turnout(&host).await, expected);
        let organizer = world.staff("Sparrow", StaffRole::Organizer).await;
        let id = host.ask("{ viewer { asHost { id } } }", Value::Null).await.text("/viewer/asHost/id");
        let read = organizer.ask(&format!("query($id: ID!) {{ node(id: $id) {{ ... on HostStanding {{ {TURNOUT} }} }} }}"), json!({"id": id})).await;
        assert_eq!(read.at("/node/turnout"), &expected);
        assert_eq!(attended(&host, &event, json!(["NO_SHOW"])).await, ["Jay"]);
        let days = world.app.config.retention.attendance;
        world.advance(TimeDelta::days(days + 1));
        api::jobs::retain::schedule(&world.app, world.now()).await.unwrap();
        world.drain().await;
        let wren = again(world, &host).await;
        assert!(attended(&wren, &event, json!(["NO_SHOW", "CAME"])).await.is_empty(), "nobody knows any more");
        let left = closing(&wren, &event).await;
        assert_eq!(counts(&left), [4, 3, 1, 0, 1]);
        world.drain().await;
    }
}
