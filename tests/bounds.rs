//! Maps of a box: events, clusters, counts by type and day, and words in any script.

use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World};

const IOWA: &str = "box: {north: 43.5, south: 40.4, east: -90.1, west: -96.6}";
const FACETS: &str = "facets { count types { eventType count } days { date count } }";

async fn shown(world: &World, arguments: &str) -> Answer {
    let query = format!(
        "{{ eventsInBounds({arguments}) {{ count
            events {{ event {{ title place {{ latitude longitude }} }} timeslot {{ startsAt }} }}
            clusters {{ tile count latitude longitude box {{ north south east west }} }} {FACETS} }} }}"
    );
    world.anonymous().ask(&query, Value::Null).await
}

fn titles(answer: &Answer) -> Vec<&str> {
    let events = answer.at("/eventsInBounds/events").as_array().unwrap();
    events
        .iter()
        .map(|pin| pin["event"]["title"].as_str().unwrap())
        .collect()
}

/// A published event with this title at a point, at midnight UTC of a day of January 2030.
async fn at(world: &World, host: &Caller, title: &str, place: (f64, f64), day: u32, over: Value) {
    let mut input = json!({
        "title": title,
        "place": {"venue": "Hall", "locality": "Testville", "latitude": place.0, "longitude": place.1},
        "timeslots": [{"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z")}]
    });
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    world.event(host, input).await;
}

scenario! {
    /// Few events are shown as they are; many close together as one, whose box leads to them.
    async fn events_close_together_are_clustered(world) {
        let host = world.activist("Wren").await;
        for (title, place, day) in [
            ("Far", (42.5, -96.4), 21), ("A", (41.58, -93.62), 20), ("B", (41.60, -93.64), 19), ("C", (41.59, -93.66), 18),
            ("Elsewhere", (34.05, -118.24), 17),
        ] {
            at(world, &host, title, place, day, json!({})).await;
        }
        let all = shown(world, &format!("{IOWA}, zoom: 7")).await;
        assert_eq!(titles(&all), ["C", "B", "A", "Far"], "soonest first");
        assert_eq!(all.at("/eventsInBounds/clusters"), &json!([]));

        let many = shown(world, &format!("{IOWA}, zoom: 7, limit: 3")).await;
        assert_eq!(many.at("/eventsInBounds/count"), 4);
        let clusters = many.at("/eventsInBounds/clusters").as_array().unwrap();
        assert_eq!((titles(&many).len(), clusters.len()), (0, 1), "three tiles at most are as large as this box");

        let many = shown(world, "box: {north: 43.5, south: 41.4, east: -93.5, west: -96.6}, zoom: 3, limit: 3").await;
        assert_eq!(many.at("/eventsInBounds/clusters/0/count"), 4, "{}", many.body);
        let wide = shown(world, "box: {north: 80, south: -80, east: 180, west: -180}, zoom: 9, limit: 4").await;
        assert_eq!(wide.at("/eventsInBounds/clusters"), &json!([{
            "tile": "1/0/0", "count": 5, "latitude": 40.264, "longitude": -99.112,
            "box": {"north": 42.5, "south": 34.05, "east": -93.62, "west": -118.24}
        }]));

        let cluster = &clusters[0];
        let into = cluster["box"].to_string().replace('"', "");
        let inside = shown(world, &format!("box: {into}, zoom: 12")).await;
        assert_eq!(inside.at("/eventsInBounds/count"), &cluster["count"]);
        assert_eq!(titles(&shown(world, &format!("{IOWA}, zoom: 7, text: \"far\"")).await), ["Far"]);
        let window = "window: {until: \"2030-01-19T00:00:00Z\"}";
        assert_eq!(titles(&shown(world, &format!("{IOWA}, zoom: 7, {window}")).await), ["C"]);
    }
}

scenario! {
    /// A map around the antimeridian shows both sides.
    async fn a_map_crosses_the_antimeridian(world) {
        let host = world.activist("Wren").await;
        at(world, &host, "East", (-17.0, 179.9), 18, json!({})).await;
        at(world, &host, "West", (-17.1, -179.9), 19, json!({})).await;
        at(world, &host, "Home", (41.6, -93.6), 20, json!({})).await;
        let fiji = "box: {north: -16, south: -18, west: 179, east: -179}, zoom: 8";
        assert_eq!(titles(&shown(world, fiji).await), ["East", "West"]);
        let rest = "box: {north: 90, south: -90, west: -179, east: 179}, zoom: 1";
        assert_eq!(titles(&shown(world, rest).await), ["Home"]);
    }
}

scenario! {
    /// What cannot be is named by its field, all of it at once.
    async fn arguments_are_checked(world) {
        for (arguments, fields) in [
            ("box: {north: 91, south: 0, east: 0, west: 0}, zoom: 1", vec!["box.north"]),
            ("box: {north: 0, south: -90.5, east: 0, west: 0}, zoom: 1", vec!["box.south"]),
            ("box: {north: 0, south: 1, east: 0, west: 0}, zoom: 1", vec!["box.south"]),
            ("box: {north: 1, south: 0, east: 180.1, west: -181}, zoom: 1", vec!["box.east", "box.west"]),
            ("box: {north: 1, south: 0, east: 1e308, west: 0}, zoom: 23, limit: 0", vec!["box.east", "zoom", "limit"]),
            ("box: {north: 1, south: 0, east: 1, west: 0}, zoom: -1, limit: 301", vec!["zoom", "limit"]),
            (
                "box: {north: 1, south: 0, east: 1, west: 0}, zoom: 1, window: {from: \"2030-02-01T00:00:00Z\", until: \"2030-01-31T00:00:00Z\"}",
                vec!["window.until"],
            ),
        ] {
            assert_eq!(shown(world, arguments).await.wrong_fields(), fields, "{arguments}");
        }
    }
}

scenario! {
    /// A hidden home is where the middle of its cell is: on its own street it is not found, and a cluster tells no more.
    async fn a_hidden_home_is_not_found_at_its_place(world) {
        let host = world.activist("Wren").await;
        let home = |latitude: f64| json!({
            "addressVisibility": "AFTER_RSVP",
            "place": {"venue": "Home", "latitude": latitude, "longitude": -93.6208, "addressLines": ["1 Lane"]}
        });
        at(world, &host, "First home", (0.0, 0.0), 17, home(41.5901)).await;
        at(world, &host, "Second home", (0.0, 0.0), 18, home(41.5905)).await;
        let all = shown(world, &format!("{IOWA}, zoom: 10")).await;
        let place = all.at("/eventsInBounds/events/0/event/place");
        let clustered = shown(world, &format!("{IOWA}, zoom: 22, limit: 1")).await;
        let cluster = clustered.at("/eventsInBounds/clusters/0");
        assert_eq!(cluster["count"], 2);
        let point = json!({"north": place["latitude"], "south": place["latitude"], "east": place["longitude"], "west": place["longitude"]});
        assert_eq!(cluster["box"], point);
        assert_eq!((&cluster["latitude"], &cluster["longitude"]), (&place["latitude"], &place["longitude"]));
        let street = "box: {north: 41.591, south: 41.5897, east: -93.6203, west: -93.6213}, zoom: 18";
        assert_eq!(shown(world, street).await.at("/eventsInBounds/count"), 0);
        let point = point.to_string().replace('"', "");
        assert_eq!(shown(world, &format!("box: {point}, zoom: 18")).await.at("/eventsInBounds/count"), 2);
    }
}

scenario! {
    /// Counts are of everything that fits, not of the page; those by type as if no type had been chosen, those by day in
    /// each event's own time.
    async fn facets_count_everything(world) {
        let host = world.activist("Wren").await;
        for (title, day, over) in [
            ("A", 18, json!({"eventType": "RALLY"})),
            ("B", 18, json!({"eventType": "RALLY", "timezone": "Asia/Tokyo"})),
            ("C", 19, json!({"eventType": "TRAINING"})),
            ("D", 19, json!({"eventType": "RALLY", "place": null, "virtualUrl": "https://video.example.org"})),
        ] {
            at(world, &host, title, (41.6, -93.6), day, over).await;
        }
        let type_counts = |rallies: u32| json!([{"eventType": "RALLY", "count": rallies}, {"eventType": "TRAINING", "count": 1}]);
        let day = |day: u32, count: u32| json!({"date": format!("2030-01-{day}"), "count": count});
        let near = "near: {point: {latitude: 41.6, longitude: -93.6}}";
        for (list, arguments, count, rallies, days) in [
            ("events", String::new(), 4, 3, json!([day(17, 1), day(18, 3)])),
            ("events", "types: [RALLY], ".to_owned(), 3, 3, json!([day(17, 1), day(18, 2)])),
            ("nearbyEvents", format!("{near}, "), 3, 2, json!([day(17, 1), day(18, 2)])),
            ("nearbyEvents", format!("{near}, types: [TRAINING], "), 1, 2, json!([day(18, 1)])),
        ] {
            let query = format!("{{ {list}({arguments}first: 1) {{ edges {{ cursor }} {FACETS} }} }}");
            let answer = world.anonymous().ask(&query, Value::Null).await;
            assert_eq!(answer.at(&format!("/{list}/edges")).as_array().unwrap().len(), 1);
            let expected = json!({"count": count, "types": type_counts(rallies), "days": days});
            assert_eq!(answer.at(&format!("/{list}/facets")), &expected, "{query}");
        }
        let map = shown(world, &format!("{IOWA}, zoom: 7, types: [TRAINING]")).await;
        let expected = json!({"count": 1, "types": type_counts(2), "days": [day(18, 1)]});
        assert_eq!(map.at("/eventsInBounds/facets"), &expected);
        let nothing = shown(world, &format!("{IOWA}, zoom: 7, text: \"nothing\"")).await;
        assert_eq!(nothing.at("/eventsInBounds/facets"), &json!({"count": 0, "types": [], "days": []}));
    }
}

scenario! {
    /// Maps and counts weigh as much as they may answer.
    async fn maps_and_counts_are_weighed(world) {
        let wide = "title summary tags hosts { kind publicName } ".repeat(20);
        let query = format!("{{ eventsInBounds({IOWA}, zoom: 7, limit: 300) {{ events {{ event {{ {wide} }} }} }} }}");
        assert_eq!(world.anonymous().ask(&query, Value::Null).await.code(), "QUERY_TOO_COMPLEX");
        let counted: String = (0..10).map(|number| format!("a{number}: events(first: 100) {{ {FACETS} }} ")).collect();
        assert_eq!(world.anonymous().ask(&format!("{{ {counted} }}"), Value::Null).await.code(), "QUERY_TOO_COMPLEX");
    }
}

scenario! {
    /// Words are found as people type them, in any script.
    async fn words_are_found_in_any_script(world) {
        let host = world.activist("Wren").await;
        for (title, summary) in [
            ("Große Versammlung in Toronto", "Café"),
            ("Diyarbakır’da buluşma", "İstanbul"),
            ("東京で集会があります", "ﾄｳｷｮｳ"),
        ] {
            at(world, &host, title, (41.6, -93.6), 18, json!({"summary": summary})).await;
        }
        for (text, number) in [
            ("toron GROSSE", 0), ("cafe\u{301} vers", 0), ("ＴＯＲＯＮＴＯ", 0), ("DIYARBAKIR istanb", 1), ("bulusma", 1),
            ("集会", 2), ("トウキョウ", 2),
        ] {
            let found = world.anonymous().ask("query($text: String!) { events(text: $text) { edges { node { summary } } } }", json!({"text": text})).await;
            let summaries = ["Café", "İstanbul", "ﾄｳｷｮｳ"];
            assert_eq!(found.at("/events/edges"), &json!([{"node": {"summary": summaries[number]}}]), "{text}");
        }
    }
}
