//! What lists answer in one go is what the library answers field by field.

use serde_json::{Value, json};

use crate::harness::{Caller, World};

const EVENT: &str =
    "__typename id version status visibility title summary eventType tags imageUrl accessibilityStatus
    accessibilityFeatures addressVisibility campaignId timezone isVirtual hosts { __typename kind publicName }
    place { __typename venue addressLines locality region postalCode country latitude longitude precision }";
const TIMESLOT: &str = "__typename id startsAt endsAt localStart capacity seatsLeft isFull cancelledAt";

/// Documents that are answered in one go, with a place for a directive, after which the library answers them.
fn documents() -> Vec<String> {
    let near = "near: {point: {latitude: 41.6, longitude: -93.6}}";
    let whole = format!("__typename cursor DISTANCE node {{ {EVENT} }} timeslot {{ {TIMESLOT} }}");
    let distance = "distanceMetres @HERE";
    vec![
        format!("{{ nearbyEvents({near}) {{ edges {{ {} }} }} }}", whole.replace("DISTANCE", distance)),
        format!("{{ events {{ pageInfo {{ endCursor }} edges {{ {} }} }} }}", whole.replace("DISTANCE", distance)),
        format!(
            "query {{ events {{ edges {{ ...Edge {distance} }} }} }} fragment Edge on EventSearchEdge {{ at: timeslot {{ ...
                on Timeslot {{ begins: startsAt id }} }} node {{ ...Event a: title b: title }} }}
                fragment Event on Event {{ {EVENT} }}"
        ),
        format!("{{ events {{ edges {{ ... {{ {distance} }} node {{ ... {{ id }} }} }} }} }}"),
    ]
}

/// The same of a map, in a box and with a limit.
fn on_a_map() -> String {
    let pin = format!("__typename event {{ {EVENT} }} timeslot {{ {TIMESLOT} }}");
    let cluster =
        "__typename tile count latitude at: longitude @HERE box { __typename north south east west }";
    format!(
        "query($limit: Int!) {{ eventsInBounds(box: {{north: 42, south: 41, east: -93, west: -94}}, zoom: 5, limit: $limit) {{
            count events {{ {pin} c: __typename @HERE }} clusters {{ {cluster} }} }} }}"
    )
}

async fn edges(caller: &Caller, document: &str) -> Value {
    let answer = caller.ask(document, json!({})).await;
    let data = answer.data().as_object().unwrap();
    let (_, list) = data.iter().next().unwrap();
    assert_eq!(list["edges"].as_array().unwrap().len(), 3, "{list}");
    list.clone()
}

async fn three_events(world: &World, host: &Caller) {
    let all = json!({
        "title": "All of it", "summary": "In short.", "tags": ["a", "b"], "accessibilityStatus": "ACCESSIBLE",
        "accessibilityFeatures": ["RAMP"], "virtualUrl": "https://video.example.org/room"
    });
    world.event(host, all).await;
    world
        .event(
            host,
            json!({"title": "Hidden", "addressVisibility": "AFTER_RSVP"}),
        )
        .await;
    world.event_with_seats(host, 1).await;
}

scenario! {
    /// The same answer, for whoever asks: host, stranger with an account, and nobody.
    async fn one_go_and_field_by_field_are_the_same(world) {
        let host = world.activist("Wren").await;
        three_events(world, &host).await;
        for caller in [&world.anonymous(), &world.activist("Finch").await, &host] {
            for document in documents() {
                let one_go = edges(caller, &document.replace("@HERE", "")).await;
                let by_field = edges(caller, &document.replace("@HERE", "@include(if: true)")).await;
                assert_eq!(one_go, by_field, "{document}");
            }
        }
    }
}

scenario! {
    /// The same of what a map shows.
    async fn a_map_in_one_go_and_field_by_field_is_the_same(world) {
        let host = world.activist("Wren").await;
        three_events(world, &host).await;
        for caller in [&world.anonymous(), &world.activist("Finch").await, &host] {
            for (limit, events, clusters) in [(10, 3, 0), (2, 0, 1)] {
                let mut answers = vec![];
                for directive in ["", "@include(if: true)"] {
                    let answer = caller.ask(&on_a_map().replace("@HERE", directive), json!({"limit": limit})).await;
                    answers.push(answer.at("/eventsInBounds").clone());
                }
                assert_eq!(answers[0], answers[1]);
                assert_eq!(answers[0]["events"].as_array().unwrap().len(), events, "{}", answers[0]);
                assert_eq!(answers[0]["clusters"].as_array().unwrap().len(), clusters, "{}", answers[0]);
            }
        }
    }
}

scenario! {
    /// What is in memory is mixed with what is not, and the same is asked for twice: the library answers.
    async fn the_rest_is_left_to_the_library(world) {
        let host = world.activist("Wren").await;
        three_events(world, &host).await;
        let mixed = "{ events { edges { node { title description hosts { kind } hosts { publicName } } } } }";
        let list = edges(&world.anonymous(), mixed).await;
        let node = &list["edges"][0]["node"];
        assert!(node["description"].is_string(), "{node}");
        assert_eq!(node["hosts"][0].as_object().unwrap().len(), 2, "{node}");
        let left_out = "{ events { edges { node { id title @skip(if: true) } } } }";
        let list = edges(&world.anonymous(), left_out).await;
        assert_eq!(list["edges"][0]["node"].as_object().unwrap().len(), 1);
    }
}
