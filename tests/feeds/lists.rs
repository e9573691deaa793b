//! Lists of events: what they are asked for, and what they hold.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{get, lines, read, read_json, two_dates, values};
use crate::harness::{Caller, Made, World};

/// The parameters that were refused.
async fn refused(world: &World, path: &str) -> Vec<String> {
    let response = get(world, path).await;
    assert_eq!(response.status(), 400, "{path}");
    let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "BAD_USER_INPUT", "{path}: {answer}");
    let fields = extensions["fields"].as_array().unwrap().iter();
    fields
        .map(|field| field["path"][0].as_str().unwrap().to_owned())
        .collect()
}

scenario! {
    /// Whatever is wrong with a parameter is told by its name, all at once.
    async fn wrong_parameters_are_named(world) {
        for (query, named) in [
            ("near=41", vec!["near"]),
            ("near=91,0", vec!["near"]),
            ("near=NaN,0", vec!["near"]),
            ("near=1,2,3", vec!["near"]),
            ("near=41,-93&postal=50309", vec!["postal"]),
            ("postal=00000", vec!["postal"]),
            ("postal=50309&country=XX", vec!["postal"]),
            ("radius=10", vec!["radius"]),
            ("near=41,-93&radius=0", vec!["radius"]),
            ("near=41,-93&radius=wide", vec!["radius"]),
            ("type=PICNIC", vec!["type"]),
            ("from=tomorrow", vec!["from"]),
            ("from=2030-02-01T00:00:00Z&until=2030-01-01T00:00:00Z", vec!["until"]),
            ("until=2040-01-01T00:00:00Z", vec!["until"]),
            ("raduis=10&from=x", vec!["raduis", "from"]),
            ("text=a&text=b", vec!["text"]),
        ] {
            for page in ["ics", "atom"] {
                assert_eq!(refused(world, &format!("/events.{page}?{query}")).await, named, "{query}");
            }
        }
        let long = format!("/events.ics?text={}", "a".repeat(201));
        assert_eq!(refused(world, &long).await, ["text"]);
        for query in ["", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,10,1,5", "bbox=-181,0,0,1", "bbox=0,0,0,91", "bbox=0,NaN,1,2"] {
            assert_eq!(refused(world, &format!("/events.geojson?{query}")).await, ["bbox"], "{query}");
        }
        assert_eq!(refused(world, "/events.geojson?near=1,2&bbox=0,0,1,1").await, ["near"]);
        let many = |number| vec!["type=RALLY"; number].join("&");
        for page in ["ics", "atom"] {
            assert_eq!(refused(world, &format!("/events.{page}?{}", many(101))).await, ["query"]);
            assert!(!read(world, &format!("/events.{page}?{}", many(100))).await.is_empty());
        }
    }
}

/// A published event with this title, at a place.
pub(super) async fn at(
    world: &World,
    host: &Caller,
    title: &str,
    latitude: f64,
    longitude: f64,
    over: Value,
) -> Made {
    let mut input = json!({
        "title": title, "place": {"venue": "Hall", "locality": "Testville", "latitude": latitude, "longitude": longitude}
    });
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    world.event(host, input).await
}

pub(super) fn day(day: u32) -> Value {
    json!([{"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z")}])
}

scenario! {
    /// Lists have what `nearbyEvents` and `events` would find, soonest first, and of series only the dates asked for.
    async fn lists_are_filtered(world) {
        let host = world.activist("Wren").await;
        at(world, &host, "Later", 41.5868, -93.625, json!({"timeslots": day(20)})).await;
        at(world, &host, "Soon rally", 41.6, -93.6, json!({"timeslots": day(17), "eventType": "RALLY"})).await;
        at(world, &host, "Far", 34.0, -118.2, json!({"timeslots": day(18)})).await;
        at(world, &host, "Series", 41.6, -93.6, json!({"timeslots": two_dates()})).await;
        for (query, titles) in [
            ("", vec!["Soon rally", "Far", "Series", "Later", "Series"]),
            ("near=41.5868,-93.625", vec!["Soon rally", "Series", "Later", "Series"]),
            ("near=41.5868,-93.625&radius=100", vec!["Later"]),
            ("postal=50309", vec!["Soon rally", "Series", "Later", "Series"]),
            ("type=RALLY", vec!["Soon rally"]),
            ("type=RALLY,ACTION&type=MEETING&text=soon", vec!["Soon rally"]),
            ("text=later", vec!["Later"]),
            ("from=2030-01-18T00:00:00Z&until=2030-01-20T00:00:00Z", vec!["Far", "Series"]),
            ("from=2030-02-01T00:00:00%2B01:00", vec!["Series"]),
        ] {
            let text = read(world, &format!("/events.ics?{query}")).await;
            assert_eq!(values(&text, "SUMMARY"), titles, "{query}");
            let atom = read(world, &format!("/events.atom?{query}")).await;
            let first = titles.iter().map(|title| format!("<title>{title}</title>")).collect::<BTreeSet<_>>();
            let entries = atom.split("<entry>").skip(1).collect::<Vec<_>>();
            assert_eq!(entries.len(), first.len(), "{query}: {atom}");
            assert!(first.iter().all(|title| atom.contains(title)), "{query}: {atom}");
        }
        assert!(lines(&read(world, "/events.ics").await).contains(&"X-WR-CALNAME:Turnout".to_owned()));
    }
}

scenario! {
    /// Points in a box, also where the day begins, with the number of events that an answer may have.
    async fn boxes_have_points(world) {
        let host = world.activist("Wren").await;
        at(world, &host, "Fiji", -17.0, 179.5, json!({"timeslots": day(18)})).await;
        at(world, &host, "Samoa", -14.0, -171.8, json!({"timeslots": day(17)})).await;
        at(world, &host, "Seam", -16.0, 180.0, json!({"timeslots": day(19)})).await;
        at(world, &host, "Chicago", 41.88, -87.63, json!({"timeslots": day(16)})).await;
        world.event(&host, json!({"title": "Online", "place": null, "virtualUrl": "https://video.example.org/room"})).await;
        for (query, titles) in [
            ("bbox=-180,-90,180,90", vec!["Chicago", "Samoa", "Fiji", "Seam"]),
            ("bbox=170,-20,-170,-10", vec!["Samoa", "Fiji", "Seam"]),
            ("bbox=-180,-20,-170,-10", vec!["Samoa", "Seam"]),
            ("bbox=170,-20,180,-10", vec!["Fiji", "Seam"]),
            ("bbox=-88,41,-87,42&type=ACTION&text=chic", vec!["Chicago"]),
            ("bbox=-88,41,-87,42&until=2030-01-16T00:00:00Z", vec![]),
            ("bbox=0,0,1,1", vec![]),
        ] {
            let found = read_json(world, &format!("/events.geojson?{query}")).await;
            assert_eq!((&found["type"], &found["complete"]), (&json!("FeatureCollection"), &json!(true)));
            let features = found["features"].as_array().unwrap();
            let found: Vec<_> = features.iter().map(|feature| feature["properties"]["title"].as_str().unwrap()).collect();
            assert_eq!(found, titles, "{query}");
        }
        let found = read_json(world, "/events.geojson?bbox=-88,41,-87,42").await;
        let feature = &found["features"][0];
        assert_eq!(feature["geometry"], json!({"type": "Point", "coordinates": [-87.63, 41.88]}));
        assert!(feature["id"].as_str().unwrap().starts_with("event:"));
        for (name, value) in [
            ("startsAt", "2030-01-16T00:00:00Z"), ("localStart", "2030-01-15T18:00:00"), ("precision", "EXACT"),
            ("eventType", "ACTION"), ("timezone", "America/Chicago")
        ] {
            assert_eq!(feature["properties"][name], value);
        }
    }
}

scenario! {
    /// Of an event that one joins elsewhere, every feed says where.
    async fn feeds_say_where_one_joins(world) {
        let host = world.activist("Wren").await;
        let tickets = "https://tickets.example.org/?a=1&b=2";
        let made = world.event(&host, json!({"joinPolicy": "EXTERNAL", "externalUrl": tickets})).await;
        for path in ["/events.ics".to_owned(), format!("/events/{}.ics", made.id)] {
            let described = values(&read(world, &path).await, "DESCRIPTION");
            assert!(described.len() == 1 && described[0].ends_with(tickets), "{path}: {described:?}");
        }
        let atom = read(world, "/events.atom").await;
        assert!(atom.contains("<link rel=\"related\" href=\"https://tickets.example.org/?a=1&amp;b=2\"/>"), "{atom}");
        let json = read_json(world, "/events.geojson?bbox=-94,41,-93,42").await;
        assert_eq!(json["features"][0]["properties"]["externalUrl"], tickets);
        let data = read_json(world, &format!("/events/{}.jsonld", made.id)).await;
        assert_eq!(data["offers"]["url"], tickets);
    }
}
