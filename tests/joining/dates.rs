//! Several dates of one event: all at once, and from one to another.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Caller, World, serve},
    rsvps::PAYLOAD,
};

const RESULTS: &str = "results { timeslotId code reason fields { path problem } rsvp { status partySize } }";

/// An event with dates of so many seats, and the ids of these.
async fn dates(world: &World, host: &Caller, capacities: &[i32]) -> (String, Vec<String>) {
    let slots: Vec<Value> = capacities
        .iter()
        .enumerate()
        .map(|(i, seats)| {
            let day = 18 + i;
            json!({"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z"),
                "capacity": seats})
        })
        .collect();
    let made = world.event(host, json!({"timeslots": slots})).await;
    let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
    let answer = host.ask(query, json!({"id": made.id})).await;
    let edges = answer.at("/event/timeslots/edges").as_array().unwrap().clone();
    let ids = edges
        .iter()
        .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned())
        .collect();
    (made.id, ids)
}

async fn come(caller: &Caller, slot: &str, party: i32) -> Answer {
    caller
        .mutate("rsvp", json!({"timeslotId": slot, "partySize": party}), PAYLOAD)
        .await
}

async fn left(caller: &Caller, event: &str) -> Value {
    let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { seatsLeft } } } } }";
    let answer = caller.ask(query, json!({"id": event})).await;
    let edges = answer.at("/event/timeslots/edges").as_array().unwrap().clone();
    edges
        .iter()
        .map(|edge| edge["node"]["seatsLeft"].clone())
        .collect()
}

scenario! {
    /// All or none: one full date, and nothing is taken anywhere. Each: what is full is waited for.
    async fn all_dates_or_none(world) {
        let host = world.activist("Wren").await;
        let (event, slots) = dates(world, &host, &[5, 1, 5]).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        come(&jay, &slots[1], 1).await.data();
        let all = json!({"timeslotIds": slots, "mode": "ALL_OR_NONE", "partySize": 2});
        assert_eq!(finch.mutate("rsvpToAll", all, RESULTS).await.reason(), "TIMESLOT_FULL");
        assert_eq!(left(&host, &event).await, json!([5, 0, 5]));
        let two = json!({"timeslotIds": [slots[2], slots[0]], "mode": "ALL_OR_NONE", "partySize": 2});
        for _ in 0..2 {
            let told = finch.mutate("rsvpToAll", two.clone(), RESULTS).await;
            assert_eq!(told.at("/rsvpToAll/results/1/rsvp/status"), "REGISTERED");
            assert_eq!(left(&host, &event).await, json!([3, 0, 3]), "again is the same");
        }
        let robin = world.activist("Robin").await;
        let each = json!({"timeslotIds": slots, "mode": "EACH"});
        let told = robin.mutate("rsvpToAll", each, RESULTS).await;
        let statuses: Vec<_> = (0..3).map(|i| told.text(&format!("/rsvpToAll/results/{i}/rsvp/status"))).collect();
        assert_eq!(statuses, ["REGISTERED", "WAITLISTED", "REGISTERED"]);
        world.drain().await;
    }
}

scenario! {
    /// One that is refused says why, and the others are carried out.
    async fn each_date_by_itself(world) {
        let host = world.activist("Wren").await;
        let (_, slots) = dates(world, &host, &[5, 5]).await;
        host.mutate("cancelTimeslot", json!({"id": slots[0]}), "event { id }").await.data();
        let each = json!({"timeslotIds": slots, "mode": "EACH"});
        let told = world.activist("Finch").await.mutate("rsvpToAll", each.clone(), RESULTS).await;
        assert_eq!(told.at("/rsvpToAll/results/0/reason"), "TIMESLOT_CANCELLED");
        assert_eq!(told.at("/rsvpToAll/results/1/rsvp/status"), "REGISTERED");
        assert_eq!(world.anonymous().mutate("rsvpToAll", each, RESULTS).await.code(), "UNAUTHENTICATED");
        let guests = json!([{"givenName": "Jay"}, {"givenName": ""}]);
        let wrong = json!({"timeslotIds": slots, "mode": "EACH", "partySize": 2, "guests": guests});
        let told = world.activist("Jay").await.mutate("rsvpToAll", wrong, RESULTS).await;
        let refused = told.at("/rsvpToAll/results/1");
        assert_eq!((&refused["code"], &refused["rsvp"]), (&json!("BAD_USER_INPUT"), &Value::Null));
        let paths: Vec<_> = refused["fields"].as_array().unwrap().iter().map(|field| &field["path"]).collect();
        assert_eq!(paths, [&json!(["input", "guests"]), &json!(["input", "guests", "1", "givenName"])]);
        let none = json!({"timeslotIds": [], "mode": "EACH"});
        assert_eq!(host.mutate("rsvpToAll", none, RESULTS).await.wrong_fields(), ["input.timeslotIds"]);
        world.drain().await;
    }
}

/// Each date counts as a mutation: in mode EACH those that are too many are refused by themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_date_counts() {
    let limit = [("rates.mutations_per_person_and_minute", "4")];
    for backend in [Backend::embedded(), Backend::production().await] {
        let world = World::with(backend, &[]).await;
        let host = world.activist("Wren").await;
        let (_, slots) = dates(&world, &host, &[5, 5, 5, 5, 5, 5]).await;
        let app = world.another_process_with(&limit).await;
        let (url, server) = serve(&app);
        let (finch, jay) = (
            world.activist("Finch").await.at(&url),
            world.activist("Jay").await.at(&url),
        );
        world.advance(TimeDelta::seconds(1)); // pays back what they did until now
        let told = finch
            .mutate(
                "rsvpToAll",
                json!({"timeslotIds": slots, "mode": "EACH"}),
                RESULTS,
            )
            .await;
        let results = told.at("/rsvpToAll/results").as_array().unwrap();
        let codes: Vec<_> = results
            .iter()
            .map(|result| result["code"].as_str().unwrap_or("none"))
            .collect();
        assert_eq!(
            codes,
            ["none", "none", "none", "none", "RATE_LIMITED", "RATE_LIMITED"]
        );
        let all = json!({"timeslotIds": slots, "mode": "ALL_OR_NONE"});
        assert_eq!(jay.mutate("rsvpToAll", all, RESULTS).await.code(), "RATE_LIMITED");
        server.stop(true).await;
        app.db.clone().close().await.unwrap();
        world.drain().await;
        world.finish().await;
    }
}

scenario! {
    /// Moving takes a seat there and frees those here, for who waits; or changes nothing.
    async fn moving_to_another_date(world) {
        let host = world.activist("Wren").await;
        let (event, slots) = dates(world, &host, &[2, 2, 1]).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = come(&finch, &slots[0], 2).await.text("/rsvp/rsvp/id");
        assert_eq!(come(&jay, &slots[0], 1).await.at("/rsvp/status"), "WAITLISTED");
        let full = json!({"id": id, "timeslotId": slots[2]});
        assert_eq!(finch.mutate("moveRsvp", full, PAYLOAD).await.reason(), "TIMESLOT_FULL");
        assert_eq!(left(&host, &event).await, json!([0, 2, 1]), "nothing is changed");
        let moved = finch.mutate("moveRsvp", json!({"id": id, "timeslotId": slots[1]}), PAYLOAD).await;
        assert_eq!(moved.at("/moveRsvp/rsvp/status"), "REGISTERED");
        assert_eq!(moved.at("/moveRsvp/rsvp/partySize"), 2);
        let again = finch.mutate("moveRsvp", json!({"id": id, "timeslotId": slots[1]}), PAYLOAD).await;
        assert_eq!(again.at("/moveRsvp/rsvp/id"), moved.at("/moveRsvp/rsvp/id"), "sent again, it is moved");
        assert_eq!(left(&host, &event).await, json!([1, 0, 1]), "the one who waited has a seat");
        // And back, to a date that was answered for before.
        let id = moved.text("/moveRsvp/rsvp/id");
        let back = finch.mutate("moveRsvp", json!({"id": id, "timeslotId": slots[0]}), PAYLOAD).await;
        assert_eq!(back.reason(), "TIMESLOT_FULL");
        jay.mutate("rsvp", json!({"timeslotId": slots[0], "response": "NO"}), "status").await.data();
        let back = finch.mutate("moveRsvp", json!({"id": id, "timeslotId": slots[0]}), PAYLOAD).await;
        assert_eq!(back.at("/moveRsvp/status"), "REGISTERED");
        assert_eq!(left(&host, &event).await, json!([0, 2, 1]));
        let other = dates(world, &host, &[9]).await.1;
        let id = back.text("/moveRsvp/rsvp/id");
        let elsewhere = finch.mutate("moveRsvp", json!({"id": id, "timeslotId": other[0]}), PAYLOAD).await;
        assert_eq!(elsewhere.code(), "NOT_FOUND");
        assert_eq!(jay.mutate("moveRsvp", json!({"id": id, "timeslotId": slots[1]}), PAYLOAD).await.code(), "NOT_FOUND");
        world.drain().await;
    }
}

scenario! {
    /// Two who change places at once, many times, never wait for each other for good, and every seat stays counted.
    async fn changing_places(world) {
        let host = world.activist("Wren").await;
        let (event, slots) = dates(world, &host, &[3, 3]).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let mut here = come(&finch, &slots[0], 1).await.text("/rsvp/rsvp/id");
        let mut there = come(&jay, &slots[1], 1).await.text("/rsvp/rsvp/id");
        for round in 0..10 {
            let (to, from) = (&slots[(round + 1) % 2], &slots[round % 2]);
            let (one, other) = tokio::join!(
                finch.mutate("moveRsvp", json!({"id": here, "timeslotId": to}), PAYLOAD),
                jay.mutate("moveRsvp", json!({"id": there, "timeslotId": from}), PAYLOAD)
            );
            here = one.text("/moveRsvp/rsvp/id");
            there = other.text("/moveRsvp/rsvp/id");
            assert_eq!(left(&host, &event).await, json!([2, 2]));
        }
        world.drain().await;
    }
}

scenario! {
    /// Saying it once more is noted, for who comes only.
    async fn attendance_is_confirmed(world) {
        let host = world.activist("Wren").await;
        let (event, slots) = dates(world, &host, &[1]).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = come(&finch, &slots[0], 1).await.text("/rsvp/rsvp/id");
        let waiting = come(&jay, &slots[0], 1).await.text("/rsvp/rsvp/id");
        for _ in 0..2 {
            let told = finch.mutate("confirmAttendance", json!({"id": id}), "rsvp { version attendanceConfirmedAt }").await;
            assert_eq!(told.at("/confirmAttendance/rsvp/version"), 2, "once is enough");
            assert!(told.at("/confirmAttendance/rsvp/attendanceConfirmedAt").is_string());
        }
        let early = jay.mutate("confirmAttendance", json!({"id": waiting}), "status").await;
        assert_eq!(early.reason(), "RSVP_NOT_ACTIVE");
        // Who takes it back and comes again has not said so again.
        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        jay.mutate("rsvp", json!({"timeslotId": slots[0], "response": "NO"}), "status").await.data();
        let anew = finch.mutate("rsvp", json!({"timeslotId": slots[0]}), "rsvp { attendanceConfirmedAt }").await;
        assert!(anew.at("/rsvp/rsvp/attendanceConfirmedAt").is_null());
        finch.mutate("confirmAttendance", json!({"id": id}), "status").await.data();
        let query = "query($id: ID!, $slot: ID) { event(id: $id) { attendees(status: REGISTERED, timeslotId: $slot) {
            edges { node { name attendanceConfirmedAt } } } } }";
        let seen = host.ask(query, json!({"id": event, "slot": slots[0]})).await;
        assert!(seen.at("/event/attendees/edges/0/node/attendanceConfirmedAt").is_string());
        assert_eq!(seen.at("/event/attendees/edges").as_array().unwrap().len(), 1);
        world.drain().await;
    }
}
