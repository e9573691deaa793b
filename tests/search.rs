//! Finding events: places, filters, orders, pages, and what a hidden address tells.

use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Made, World};

async fn nearby(world: &World, arguments: &str) -> Answer {
    let query = format!(
        "{{ nearbyEvents({arguments}) {{ edges {{ cursor distanceMetres timeslot {{ startsAt }} node {{ title
            place {{ latitude longitude precision }} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    world.anonymous().ask(&query, Value::Null).await
}

fn titles(answer: &Answer) -> Vec<String> {
    let edges = answer.at("/nearbyEvents/edges").as_array().unwrap();
    edges
        .iter()
        .map(|edge| edge["node"]["title"].as_str().unwrap().to_owned())
        .collect()
}

/// A published event with this title at a point, on a day of January 2030.
async fn at(world: &World, host: &Caller, title: &str, latitude: f64, day: u32, over: Value) -> Made {
    let mut input = json!({
        "title": title,
        "place": {"venue": "Hall", "locality": "Testville", "latitude": latitude, "longitude": -93.625},
        "timeslots": [{"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z"), "capacity": 1}]
    });
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    world.event(host, input).await
}

const HERE: &str = "near: {point: {latitude: 41.5868, longitude: -93.625}}";

scenario! {
    /// Nearest or soonest first, within the radius, with distances in metres.
    async fn orders_and_distances(world) {
        let host = world.activist("Wren").await;
        at(world, &host, "Far", 41.9, 17, json!({})).await;
        at(world, &host, "Near", 41.5868, 19, json!({})).await;
        at(world, &host, "Middle", 41.7, 18, json!({})).await;
        let nearest = nearby(world, HERE).await;
        assert_eq!(titles(&nearest), ["Near", "Middle", "Far"]);
        assert_eq!(nearest.at("/nearbyEvents/edges/0/distanceMetres"), 0.0);
        let middle = nearest.at("/nearbyEvents/edges/1/distanceMetres").as_f64().unwrap();
        assert!((12_587.0..12_589.0).contains(&middle), "{middle}: 0.1132 degrees of a great circle");
        let soonest = nearby(world, &format!("{HERE}, orderBy: START")).await;
        assert_eq!(titles(&soonest), ["Far", "Middle", "Near"]);
        assert_eq!(titles(&nearby(world, &format!("{HERE}, radius: 13000")).await), ["Near", "Middle"]);
        let by_code = nearby(world, "near: {postalCode: {code: \"50309-1234\"}}").await;
        assert_eq!(titles(&by_code).len(), 3);
    }
}

scenario! {
    /// Window, types, words, seats, accessibility and online: each leaves out what does not fit.
    async fn filters(world) {
        let host = world.activist("Wren").await;
        let full = at(world, &host, "Full rally", 41.6, 17, json!({"eventType": "RALLY"})).await;
        at(world, &host, "Café training", 41.61, 18, json!({"eventType": "TRAINING", "accessibilityStatus": "ACCESSIBLE"})).await;
        at(world, &host, "Online calls", 41.62, 19, json!({"virtualUrl": "https://video.example.org"})).await;
        let guest = world.activist("Finch").await;
        guest.mutate("rsvp", json!({"timeslotId": full.timeslot}), "status").await.data();
        world.drain().await;
        for (filter, expected) in [
            ("hasSeats: true", vec!["Café training", "Online calls"]),
            ("types: [RALLY, TRAINING]", vec!["Full rally", "Café training"]),
            ("accessible: true", vec!["Café training"]),
            ("virtual: true", vec!["Online calls"]),
            ("virtual: false", vec!["Full rally", "Café training"]),
            ("text: \"cafe train\"", vec!["Café training"]),
            ("text: \"testville rall\"", vec!["Full rally"]),
            ("text: \"absent\"", vec![]),
            ("window: {until: \"2030-01-18T00:00:00Z\"}", vec!["Full rally"]),
            ("window: {from: \"2030-01-18T00:00:00Z\", until: \"2030-01-18T00:00:01Z\"}", vec!["Café training"]),
        ] {
            assert_eq!(titles(&nearby(world, &format!("{HERE}, {filter}")).await), expected, "{filter}");
        }
    }
}

scenario! {
    /// What cannot be is named by its field.
    async fn arguments_are_checked(world) {
        for (arguments, field) in [
            ("near: {postalCode: {code: \"00000\"}}", "near.postalCode"),
            ("near: {postalCode: {code: \"SW1A 1AA\", country: \"GB\"}}", "near.postalCode"),
            ("near: {point: {latitude: 91.0, longitude: 0.0}}", "near.latitude"),
            ("near: {point: {latitude: 0.0, longitude: -181.0}}", "near.longitude"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, radius: 500001", "radius"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, radius: 0", "radius"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, first: 0", "first"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, first: 101", "first"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, after: \"junk\"", "after"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, window: {from: \"2030-02-01T00:00:00Z\", until: \"2030-01-31T00:00:00Z\"}", "window.until"),
            ("near: {point: {latitude: 0.0, longitude: 0.0}}, window: {until: \"2035-01-31T00:00:00Z\"}", "window.until"),
        ] {
            assert_eq!(nearby(world, arguments).await.wrong_fields(), [field], "{arguments}");
        }
    }
}

scenario! {
    /// Two homes in one cell look the same from everywhere, in every order, with every radius.
    async fn a_hidden_home_cannot_be_told_from_its_neighbour(world) {
        let host = world.activist("Wren").await;
        let home = |latitude: f64| json!({
            "addressVisibility": "AFTER_RSVP",
            "place": {"venue": "Home", "latitude": latitude, "longitude": -93.6208, "addressLines": ["1 Lane"]}
        });
        at(world, &host, "First home", 0.0, 17, home(41.5901)).await;
        at(world, &host, "Second home", 0.0, 17, home(41.5905)).await;
        for step in 0..20 {
            let (latitude, longitude) = (41.4 + f64::from(step) * 0.02, -93.9 + f64::from(step) * 0.03);
            let near = format!("near: {{point: {{latitude: {latitude}, longitude: {longitude}}}}}");
            let answer = nearby(world, &near).await;
            let edges = answer.at("/nearbyEvents/edges").as_array().unwrap();
            assert_eq!(edges.len(), 2);
            assert_eq!(edges[0]["distanceMetres"], edges[1]["distanceMetres"]);
            assert_eq!(edges[0]["node"]["place"], edges[1]["node"]["place"]);
            let metres = edges[0]["distanceMetres"].as_f64().unwrap();
            for (radius, expected) in [(metres - 1.0, 0), (metres + 1.0, 2)] {
                assert_eq!(titles(&nearby(world, &format!("{near}, radius: {radius}")).await).len(), expected);
            }
        }
        assert_eq!(titles(&nearby(world, &format!("{HERE}, text: \"lane\"")).await).len(), 0, "words of the address find nothing");
    }
}

scenario! {
    /// Pages follow each other by cursor in both orders, and a cursor of the other order is refused.
    async fn pages_follow_each_other(world) {
        let host = world.activist("Wren").await;
        for (title, latitude, day) in [("A", 41.60, 21), ("B", 41.61, 20), ("C", 41.62, 19), ("D", 41.62, 18), ("E", 41.63, 17)] {
            at(world, &host, title, latitude, day, json!({})).await;
        }
        for order in ["DISTANCE", "START"] {
            let whole = titles(&nearby(world, &format!("{HERE}, orderBy: {order}")).await);
            let mut paged = vec![];
            let mut after = String::new();
            loop {
                let page = nearby(world, &format!("{HERE}, orderBy: {order}, first: 2{after}")).await;
                paged.extend(titles(&page));
                after = format!(", after: \"{}\"", page.text("/nearbyEvents/pageInfo/endCursor"));
                if page.at("/nearbyEvents/pageInfo/hasNextPage") == false { break }
            }
            assert_eq!(paged, whole, "{order}");
            let other = if order == "START" { "DISTANCE" } else { "START" };
            assert_eq!(nearby(world, &format!("{HERE}, orderBy: {other}{after}")).await.wrong_fields(), ["after"]);
        }
    }
}
