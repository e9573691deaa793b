//! How many statements a query runs: none for lists from the map, and never more for a longer list.

use api::map::Seats;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Backend, Caller, World},
    subscriptions::{SEATS, seen},
};

const LIST: &str = "edges { distanceMetres timeslot { id startsAt localStart seatsLeft }
    node { id title summary eventType tags isVirtual hosts { kind publicName }
        place { venue addressLines locality latitude longitude precision }
        timeslots { edges { node { id startsAt endsAt seatsLeft } } } } }";

/// Statements of one request. A batch that a busy machine splits is no more work for a longer list, so the smallest
/// number of a few tries counts.
async fn statements(world: &World, caller: &Caller, query: &str, first: usize) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..4 {
        let before = world.app.db.statements();
        let answer = caller.ask(query, json!({"first": first})).await;
        let run = world.app.db.statements() - before;
        let (_, list) = answer.data().as_object().unwrap().iter().next().unwrap();
        let list = list.get("rsvps").unwrap_or(list);
        assert_eq!(list["edges"].as_array().unwrap().len(), first);
        fewest = fewest.min(run);
    }
    fewest
}

/// Twenty events of one host, whose place is for those coming.
async fn twenty_events(world: &World, host: &Caller) -> Vec<String> {
    let mut timeslots = vec![];
    for i in 0..20 {
        let over = json!({
            "title": format!("Event {i}"), "addressVisibility": "AFTER_RSVP",
            "virtualUrl": "https://video.example.org/room", "instructions": "Ring twice."
        });
        timeslots.push(world.event(host, over).await.timeslot);
    }
    timeslots
}

/// As [`twenty_events`], with their places open to everybody.
async fn twenty_open_events(world: &World, host: &Caller) {
    for i in 0..20 {
        world
            .event(host, json!({"title": format!("Event {i}"), "tags": ["a", "b"]}))
            .await;
    }
}

scenario! {
    /// What lists show comes from the map, whoever asks.
    async fn lists_run_no_statement(world) {
        let host = world.activist("Wren").await;
        twenty_open_events(world, &host).await;
        let events = format!("query($first: Int!) {{ events(first: $first) {{ {LIST} }} }}");
        let near = "near: {point: {latitude: 41.6, longitude: -93.6}}";
        let nearby = format!("query($first: Int!) {{ nearbyEvents({near}, first: $first) {{ {LIST} }} }}");
        for caller in [&world.anonymous(), &host] {
            for query in [&events, &nearby] {
                assert_eq!(statements(world, caller, query, 20).await, 0, "{query}");
            }
        }
    }
}

scenario! {
    /// Nor do maps and counts.
    async fn maps_and_counts_run_no_statement(world) {
        let host = world.activist("Wren").await;
        twenty_open_events(world, &host).await;
        let facets = "facets { count types { eventType count } days { date count } }";
        let around = "box: {north: 42, south: 41, east: -93, west: -94}, zoom: 8";
        for query in [
            format!("{{ eventsInBounds({around}, limit: 5) {{ count clusters {{ tile count }} {facets} }} }}"),
            format!("{{ eventsInBounds({around}) {{ events {{ event {{ title hosts {{ publicName }} }} }} }} }}"),
            format!("{{ events(text: \"event\") {{ {facets} }} }}"),
        ] {
            let before = world.app.db.statements();
            host.ask(&query, Value::Null).await.data();
            assert_eq!(world.app.db.statements() - before, 0, "{query}");
        }
    }
}

scenario! {
    /// For somebody who is not signed in, a hidden place is no reason for a statement either.
    async fn hidden_places_run_no_statement_for_strangers(world) {
        let host = world.activist("Wren").await;
        twenty_events(world, &host).await;
        let events = format!("query($first: Int!) {{ events(first: $first) {{ {LIST} }} }}");
        assert_eq!(statements(world, &world.anonymous(), &events, 20).await, 0);
    }
}

scenario! {
    /// What the map has not is read for all events of a page at once.
    async fn details_are_read_together(world) {
        let host = world.activist("Wren").await;
        let finch = world.activist("Finch").await;
        for timeslot in twenty_events(world, &host).await {
            finch.mutate("rsvp", json!({"timeslotId": timeslot}), "status").await.data();
        }
        world.drain().await;
        let details = "query($first: Int!) { events(first: $first) { edges { node {
            title description viewerCanEdit viewerRsvps { status } place { addressLines } instructions virtualUrl } } } }";
        for caller in [&finch, &host] {
            let few = statements(world, caller, details, 5).await;
            assert_eq!(statements(world, caller, details, 20).await, few);
            // Session and roles (2); hosting and coming (2); RSVPs (1); events with hosts and timeslots, and whether they
            // are visible (5).
            assert!((1..=10).contains(&few), "{few} statements");
        }
    }
}

scenario! {
    /// The events and dates of one's RSVPs are read together.
    async fn rsvps_are_read_together(world) {
        let host = world.activist("Wren").await;
        let finch = world.activist("Finch").await;
        for timeslot in twenty_events(world, &host).await {
            finch.mutate("rsvp", json!({"timeslotId": timeslot}), "status").await.data();
        }
        world.drain().await;
        let query = "query($first: Int!) { viewer { rsvps(first: $first) { edges { node {
            status event { title description } timeslot { startsAt } } } } } }";
        let few = statements(world, &finch, query, 5).await;
        assert_eq!(statements(world, &finch, query, 20).await, few);
        assert!((1..=11).contains(&few), "{few} statements");
        let hosting = "query($first: Int!) { viewer { rsvps: hosting(first: $first) { edges { node { title description
            place { addressLines } } } } } }";
        let few = statements(world, &host, hosting, 5).await;
        assert_eq!(statements(world, &host, hosting, 20).await, few);
    }
}

scenario! {
    /// One event costs a few statements, and an answer that touches no row costs none.
    async fn single_reads_are_few(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let before = world.app.db.statements();
        let query = "query($id: ID!) { event(id: $id) { title description place { addressLines } viewerRsvps { id } } }";
        world.anonymous().ask(query, json!({"id": made.id})).await.data();
        assert_eq!(world.app.db.statements() - before, 3, "event, hosts, timeslots");
        let before = world.app.db.statements();
        host.ask("{ errorCodes { codes } }", Value::Null).await.data();
        assert_eq!(world.app.db.statements() - before, 0);
    }
}

scenario! {
    /// An RSVP of somebody signed in: who they are; the timeslot and their name; then the key, the RSVP, its mail and the
    /// seats in one transaction.
    async fn an_answer_is_six_statements(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 10).await;
        let finch = world.activist("Finch").await;
        let before = world.app.db.statements();
        let input = json!({"timeslotId": made.timeslot, "idempotencyKey": "statements"});
        finch.mutate("rsvp", input, "status rsvp { id version partySize }").await.data();
        assert_eq!(world.app.db.statements() - before, 6);
        world.drain().await;
    }
}

scenario! {
    /// Lists for other programs come from the map as well; one event is read as any, and a personal feed in a number of
    /// statements that does not grow with its dates.
    async fn feeds_run_few_statements(world) {
        let host = world.activist("Wren").await;
        let finch = world.activist("Finch").await;
        let timeslots = twenty_events(world, &host).await;
        let made = world.event(&host, json!({})).await;
        let link = finch.ask("mutation { createCalendarLink { url } }", Value::Null).await;
        let link = link.text("/createCalendarLink/url").replace(&world.app.config.base_url(), "");
        let run = async |path: &str| {
            let before = world.app.db.statements();
            let response = reqwest::get(format!("{}{path}", world.url)).await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            world.app.db.statements() - before
        };
        for path in ["/events.ics", "/events.atom?near=41.6,-93.6", "/events.geojson?bbox=-94,41,-93,42"] {
            assert_eq!(run(path).await, 0, "{path}");
        }
        for kind in ["ics", "jsonld"] {
            assert_eq!(run(&format!("/events/{}.{kind}", made.id)).await, 3, "event, hosts, timeslots");
        }
        let mut few = None;
        for timeslot in timeslots {
            finch.mutate("rsvp", json!({"timeslotId": timeslot}), "status").await.data();
            let statements = run(&link).await;
            // The link and the RSVPs (2); hosting and coming, twice (4); events with hosts and timeslots (3).
            assert_eq!(statements, *few.get_or_insert(9));
        }
        world.drain().await;
    }
}

/// Who follows an event on the map, signed in or not, is told of it without a statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_run_no_statement() {
    let settings = [("subscriptions.session_seconds", "3600")];
    let world = World::with(Backend::embedded(), &settings).await;
    let host = world.activist("Wren").await;
    let made = world.event_with_seats(&host, 5).await;
    let key = |id: &str| id.split_once(':').unwrap().1.parse::<Uuid>().unwrap();
    let (event, timeslot_id) = (key(&made.id), key(&made.timeslot));
    let mut followers = vec![];
    for caller in [&world.anonymous(), &host] {
        followers.push(caller.follow(SEATS, json!({"id": made.id})).await.0);
    }
    let mut before = None;
    for taken in 1..=3 {
        let version = 100 + taken;
        world.app.map.set_seats(Seats {
            timeslot_id,
            version,
            taken,
        });
        world.app.watchers.tell([event]);
        for socket in &mut followers {
            assert_eq!(seen(&socket.answer("1").await).2, 5 - i64::from(taken));
        }
        // The first delivery comes after the look at the session with which a socket begins.
        let run = world.app.db.statements();
        assert_eq!(run, *before.get_or_insert(run));
    }
    world.finish().await;
}
