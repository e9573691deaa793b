//! `/v1`: public events in the shape of the Mobilize API, as programs that were written for it ask and read.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};

use crate::harness::{Backend, Made, World};

async fn send(world: &World, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = Client::new().get(format!("{}{path}", world.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn get(world: &World, path: &str) -> (u16, Value) {
    let response = send(world, path, &[]).await;
    let status = response.status().as_u16();
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8",
        "{path}"
    );
    (status, response.json().await.unwrap())
}

/// A page that is there.
async fn read(world: &World, path: &str) -> Value {
    let (status, body) = get(world, path).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn titles(body: &Value) -> Vec<&str> {
    let events = body["data"].as_array().unwrap().iter();
    events.map(|event| event["title"].as_str().unwrap()).collect()
}

/// The path of a link to another page.
fn path_of<'a>(world: &World, link: &'a Value) -> &'a str {
    let link = link.as_str().unwrap();
    link.strip_prefix(&world.app.config.base_url()).unwrap()
}

fn seconds(time: &str) -> i64 {
    time.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
}

fn place(latitude: f64, longitude: f64) -> Value {
    json!({"venue": "Hall", "addressLines": ["1 Example Street", "Floor 2", "Room 3"], "locality": "Testville", "region": "IA",
        "postalCode": "50309", "country": "US", "latitude": latitude, "longitude": longitude})
}

async fn titled(world: &World, title: &str, mut over: Value) -> Made {
    let host = world.activist("Wren").await;
    over["title"] = json!(title);
    world.event(&host, over).await
}

scenario! {
    /// Each field is there, with its type: what is written for that API can read it.
    async fn an_event_has_the_documented_shape(world) {
        let dates = json!([
            {"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 5},
            {"startsAt": "2030-07-18T00:00:00Z", "endsAt": "2030-07-18T02:00:00Z"}
        ]);
        let over = json!({"place": place(41.5868, -93.625), "timeslots": dates, "eventType": "CANVASS", "tags": ["doors", "doors2"],
            "description": "Walk **along** <script>alert(1)</script>", "imageUrl": "https://pictures.example.org/a.png",
            "accessibilityStatus": "ACCESSIBLE", "accessibilityNotes": "Ramp."});
        titled(world, "Canvass \u{202e}\"<b>", over).await;
        let body = read(world, "/v1/events").await;
        assert_eq!((&body["count"], &body["next"], &body["previous"]), (&json!(1), &Value::Null, &Value::Null));
        let event = &body["data"][0];
        let id = event["id"].as_i64().unwrap();
        assert!(id > 1_000_000_000 && id < 1 << 31, "{id}");
        for (field, value) in [
            ("title", json!("Canvass \u{202e}\"<b>")), ("summary", json!("We call the county board.")),
            ("featured_image_url", json!("https://pictures.example.org/a.png")), ("high_priority", Value::Null),
            ("timezone", json!("America/Chicago")), ("event_type", json!("CANVASS")), ("browser_url", Value::Null),
            ("created_date", json!(world.now().timestamp())), ("modified_date", json!(world.now().timestamp())),
            ("visibility", json!("PUBLIC")), ("address_visibility", json!("PUBLIC")), ("is_virtual", json!(false)),
            ("virtual_action_url", Value::Null), ("contact", Value::Null), ("accessibility_status", json!("ACCESSIBLE")),
            ("accessibility_notes", json!("Ramp.")), ("approval_status", json!("APPROVED")), ("event_campaign", Value::Null),
            ("instructions", Value::Null), ("created_by_volunteer_host", json!(true)),
        ] {
            assert_eq!(event[field], value, "{field}");
        }
        assert!(!event["description"].as_str().unwrap().contains("<script"));
        let slots = event["timeslots"].as_array().unwrap();
        let first = (&slots[0]["start_date"], &slots[0]["end_date"], &slots[0]["max_attendees"], &slots[0]["is_full"]);
        assert_eq!(first, (&json!(seconds("2030-01-18T00:00:00Z")), &json!(seconds("2030-01-18T02:00:00Z")), &json!(5), &json!(false)));
        assert!(slots[0]["id"].as_i64().unwrap() != slots[1]["id"].as_i64().unwrap());
        let location = &event["location"];
        assert_eq!(location["address_lines"], json!(["1 Example Street", "Floor 2, Room 3"]), "always two");
        assert_eq!((&location["venue"], &location["locality"], &location["region"], &location["postal_code"]),
            (&json!("Hall"), &json!("Testville"), &json!("IA"), &json!("50309")));
        assert_eq!(location["location"], json!({"latitude": 41.5868, "longitude": -93.625}));
        let sponsor = &event["sponsor"];
        assert_eq!((&sponsor["id"], &sponsor["name"], &sponsor["slug"]), (&json!(1), &json!("Turnout"), &json!("turnout")));
        let tags = event["tags"].as_array().unwrap();
        assert!(tags.len() == 2 && tags.iter().all(|tag| tag["id"].is_i64() && tag["name"].is_string()));

        // Numbers stay, and lead to the same event at every address.
        assert_eq!(&read(world, &format!("/v1/events/{id}")).await["data"], event);
        for path in ["/v1/organizations/1/events", "/api/v1/events", "/api/v1/organizations/1/events", "/v1/events?organization_id=1"] {
            assert_eq!(&read(world, path).await["data"][0], event, "{path}");
        }
        assert_eq!(&read(world, &format!("/v1/organizations/1/events/{id}")).await["data"], event);
        let organizations = read(world, "/v1/organizations").await;
        assert_eq!((&organizations["count"], &organizations["data"][0]["id"]), (&json!(1), &json!(1)));
        let enums = read(world, "/v1/enums").await;
        assert!(enums["data"]["event_type"].as_array().unwrap().contains(&json!("CANVASS")));
    }
}

scenario! {
    /// What may not be known is not told, by lists or by numbers, whoever asks and whatever they send.
    async fn only_what_is_public_is_told(world) {
        let host = world.activist("Wren").await;
        let hidden = json!({"addressVisibility": "AFTER_RSVP", "instructions": "Ring twice.", "virtualUrl": "https://video.example.org/room",
            "place": {"venue": "Home of a test", "addressLines": ["7 Hidden Lane"], "locality": "Des Moines", "region": "IA",
                "postalCode": "50309", "latitude": 41.5901, "longitude": -93.6208}});
        titled(world, "Hidden", hidden).await;
        let shown = titled(world, "Shown", json!({})).await;
        world.draft(&host, json!({"title": "Draft"})).await;
        titled(world, "Unlisted", json!({"visibility": "UNLISTED"})).await;
        let token = format!("Bearer {}", host.token());
        for headers in [vec![], vec![("authorization", token.as_str())], vec![("authorization", "Bearer key-of-another-service")]] {
            for path in ["/v1/events", "/v1/organizations/1/events?visibility=PUBLIC", "/v1/events?zipcode=50309&max_dist=50"] {
                let response = send(world, path, &headers).await;
                assert_eq!(response.status(), 200, "{path} {headers:?}");
                let text = response.text().await.unwrap();
                for secret in ["Home of", "Hidden Lane", "41.5901", "93.6208", "Ring", "video", "Draft", "Unlisted", "Wren"] {
                    assert!(!text.contains(secret), "{secret} in {path}: {text}");
                }
                let body: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(body["count"], 2);
                let event = body["data"].as_array().unwrap().iter().find(|event| event["title"] == "Hidden").unwrap();
                assert_eq!(event["address_visibility"], "PRIVATE");
                let location = &event["location"];
                assert_eq!((&location["location"], &location["postal_code"]), (&Value::Null, &json!("")));
                let sentence = "This event\u{2019}s address is private. Sign up for more details";
                assert_eq!((&location["venue"], &location["address_lines"]), (&json!(sentence), &json!([sentence, ""])));
                assert_eq!(location["locality"], "Des Moines");
            }
        }
        let private = read(world, "/v1/organizations/1/events?visibility=PRIVATE").await;
        assert_eq!((&private["count"], &private["data"]), (&json!(0), &json!([])));

        // A number that was told once does not lead to what is no longer public.
        let id = read(world, "/v1/events").await["data"].as_array().unwrap().iter()
            .find(|event| event["title"] == "Shown").unwrap()["id"].as_i64().unwrap();
        let unlisted = json!({"id": shown.id, "expectedVersion": shown.version, "visibility": "UNLISTED"});
        host.mutate("updateEvent", unlisted, "event { id }").await.data();
        for number in [id, id + 1, 0, -1, 1, i64::MAX, i64::MIN] {
            for path in [format!("/v1/events/{number}"), format!("/v1/organizations/1/events/{number}")] {
                let (status, body) = get(world, &path).await;
                assert_eq!((status, body), (404, json!({"data": null, "error": {"detail": "Not found."}})), "{path}");
            }
        }
        let gone = read(world, "/v1/events/deleted").await;
        assert_eq!((&gone["count"], &gone["data"][0]), (&json!(1), &json!({"id": id, "deleted_date": world.now().timestamp()})));
    }
}

scenario! {
    /// Filters find what they say there, and only the dates that fit are listed.
    async fn lists_are_filtered(world) {
        let day = |day: &str| json!([{"startsAt": format!("{day}T00:00:00Z"), "endsAt": format!("{day}T02:00:00Z")}]);
        let near = json!({"place": place(41.5868, -93.625), "timeslots": day("2030-01-18"), "eventType": "RALLY"});
        titled(world, "Near", near).await;
        world.advance(TimeDelta::hours(1));
        let later = world.now().timestamp();
        let far = json!({"place": place(41.9, -93.6), "timeslots": day("2030-02-18"), "eventType": "CANVASS"});
        titled(world, "Far", far).await;
        let online = json!({"place": null, "virtualUrl": "https://video.example.org/room", "timeslots": day("2031-12-18")});
        titled(world, "Online", online).await;
        let both = json!([{"startsAt": "2030-01-20T00:00:00Z", "endsAt": "2030-01-20T02:00:00Z"},
            {"startsAt": "2030-03-20T00:00:00Z", "endsAt": "2030-03-20T02:00:00Z"}]);
        titled(world, "Both", json!({"place": place(41.6, -93.6), "timeslots": both, "eventType": "RALLY"})).await;
        let (feb, march) = (seconds("2030-02-01T00:00:00Z"), seconds("2030-03-01T00:00:00Z"));
        for (query, found) in [
            (String::new(), vec!["Near", "Far", "Online", "Both"]),
            ("timeslot_start=gte_now".to_owned(), vec!["Near", "Far", "Online", "Both"]),
            (format!("timeslot_start=gte_{feb}"), vec!["Far", "Online", "Both"]),
            (format!("timeslot_start=gte_{feb}&timeslot_start=lt_{march}"), vec!["Far"]),
            (format!("timeslot_end=lte_{feb}"), vec!["Near", "Both"]),
            ("timeslot_end=lt_now".to_owned(), vec![]),
            (format!("updated_since={later}"), vec!["Far", "Online", "Both"]),
            ("event_types=RALLY".to_owned(), vec!["Near", "Both"]),
            ("event_types=RALLY&event_types=CANVASS".to_owned(), vec!["Near", "Far", "Both"]),
            ("event_types=RALLY,CANVASS&is_virtual=false".to_owned(), vec!["Near", "Far", "Both"]),
            ("is_virtual=true".to_owned(), vec!["Online"]),
            ("zipcode=50309".to_owned(), vec!["Near", "Both", "Far"]),
            ("zipcode=50309&max_dist=10".to_owned(), vec!["Near", "Both"]),
            ("zipcode=50309&max_dist=0.5".to_owned(), vec!["Near"]),
            ("organization_id=1&organization_id=77".to_owned(), vec!["Near", "Far", "Online", "Both"]),
            ("organization_id=77".to_owned(), vec![]),
            ("_=123&callback=x&campaign=%F0%9F%90%A6".to_owned(), vec!["Near", "Far", "Online", "Both"]),
        ] {
            let body = read(world, &format!("/v1/events?{query}")).await;
            assert_eq!(titles(&body), found, "{query}");
            assert_eq!(body["count"], found.len(), "{query}");
        }
        let body = read(world, &format!("/v1/events?timeslot_start=gte_{march}&event_types=RALLY")).await;
        let slots = body["data"][0]["timeslots"].as_array().unwrap();
        assert_eq!(slots.len(), 1);
        assert_eq!(slots[0]["start_date"], seconds("2030-03-20T00:00:00Z"));
    }
}

scenario! {
    /// Every event is on one page, however pages are asked for, and `count` counts them all; links lead on with the filters.
    async fn pages_are_walked(world) {
        for number in 0..7 {
            titled(world, &format!("Event {number}"), json!({"place": place(41.5 + f64::from(number) / 100.0, -93.6)})).await;
        }
        for query in ["per_page=3", "per_page=3&page=1", "per_page=3&zipcode=50309&_=1"] {
            let mut seen = vec![];
            let mut path = format!("/v1/organizations/1/events?{query}");
            let mut sizes = vec![];
            let mut last = Value::Null;
            loop {
                let body = read(world, &path).await;
                assert_eq!(body["count"], 7);
                assert_eq!(body["previous"].is_null(), sizes.is_empty(), "{path}");
                sizes.push(titles(&body).len());
                seen.extend(titles(&body).into_iter().map(str::to_owned));
                last = if body["next"].is_null() { body.clone() } else { last };
                if body["next"].is_null() {
                    break;
                }
                path = path_of(world, &body["next"]).to_owned();
                assert!(path.contains("per_page=3"), "{path}");
            }
            assert_eq!(sizes, [3, 3, 1], "{query}");
            let mut all = seen.clone();
            all.sort();
            assert_eq!(all, (0..7).map(|number| format!("Event {number}")).collect::<Vec<_>>(), "{query}");
            let back = read(world, path_of(world, &last["previous"])).await;
            assert_eq!(titles(&back), seen[3..6], "{query}");
        }
        assert_eq!(titles(&read(world, "/v1/events?page=99").await), Vec::<&str>::new());
        assert_eq!(titles(&read(world, "/v1/events").await).len(), 7);
    }
}

scenario! {
    /// What is wrong with a parameter is told below its name, all at once; other refusals have the same shape.
    async fn refusals_are_in_their_shape(world) {
        for (query, named) in [
            ("organization_id=hello", vec!["organization_id"]), ("updated_since=yesterday", vec!["updated_since"]),
            ("updated_since=99999999999999999999", vec!["updated_since"]), ("timeslot_start=5", vec!["timeslot_start"]),
            ("timeslot_start=eq_5", vec!["timeslot_start"]), ("timeslot_end=gte_x", vec!["timeslot_end"]),
            ("event_types=PICNIC", vec!["event_types"]), ("is_virtual=maybe", vec!["is_virtual"]), ("visibility=SECRET", vec!["visibility"]),
            ("zipcode=00000", vec!["zipcode"]), ("zipcode=%00", vec!["zipcode"]), ("max_dist=5", vec!["max_dist"]),
            ("zipcode=50309&max_dist=-1", vec!["max_dist"]), ("zipcode=50309&max_dist=NaN", vec!["max_dist"]),
            ("per_page=0", vec!["per_page"]), ("per_page=101", vec!["per_page"]), ("page=0", vec!["page"]), ("page=18446744073709551615", vec!["page"]), ("cursor=x", vec!["cursor"]),
            ("per_page=x&page=-1", vec!["page", "per_page"]), ("%ff=%ff", vec![]),
        ] {
            let (status, body) = get(world, &format!("/v1/events?{query}")).await;
            if named.is_empty() {
                assert!(matches!(status, 200 | 400), "{query}: {body}");
                continue; // however it is decoded, it is no fault of ours
            }
            assert_eq!((status, &body["data"]), (400, &Value::Null), "{query}");
            let error = body["error"].as_object().unwrap();
            let names: BTreeSet<&str> = error.keys().map(String::as_str).collect();
            assert_eq!(names, named.into_iter().collect(), "{query}");
            assert!(error.values().all(|list| list[0].is_string()), "{body}");
        }
        let many = format!("/v1/events?{}", "a=1&".repeat(101));
        assert_eq!(get(world, &many).await.0, 400);
        for query in ["updated_since=-9000000000000", "updated_since=9000000000000", "updated_since=99999999999999999", "page=1000000"] {
            for list in ["events", "events/deleted", "organizations"] {
                assert_eq!(read(world, &format!("/v1/{list}?{query}")).await["data"], json!([]), "{list}?{query}");
            }
        }
        for path in ["/v1/people", "/v1", "/v1/events/abc", "/v1/events/1/attendances", "/v1/organizations/7/events",
            "/v1/organizations/x/events", "/v1/organizations/7/events/deleted", "/api/v1/x"] {
            let (status, body) = get(world, path).await;
            assert_eq!((status, body), (404, json!({"data": null, "error": {"detail": "Not found."}})), "{path}");
        }
    }
}

scenario! {
    /// Kept as feeds are: the same answer has the same tag, and need not be sent again.
    async fn answers_are_kept(world) {
        titled(world, "Kept", json!({})).await;
        let first = send(world, "/v1/events", &[]).await;
        assert_eq!(first.headers()["cache-control"], "public, max-age=30");
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        let again = send(world, "/v1/events", &[("if-none-match", &tag)]).await;
        assert_eq!((again.status().as_u16(), again.text().await.unwrap().as_str()), (304, ""));
        titled(world, "New", json!({})).await;
        let other = send(world, "/v1/events", &[("if-none-match", &tag)]).await;
        assert_eq!(other.status(), 200);
        let bad = send(world, "/v1/events?page=0", &[]).await;
        assert_eq!(bad.headers()["cache-control"], "private, no-store");
    }
}

scenario! {
    /// A longer page costs no more statements, and numbers are given once.
    async fn pages_run_few_statements(world) {
        for number in 0..6 {
            titled(world, &format!("Event {number}"), json!({"tags": ["a"]})).await;
        }
        read(world, "/v1/events").await;
        let mut run = vec![];
        for size in [1, 6] {
            let before = world.app.db.statements();
            read(world, &format!("/v1/events?per_page={size}")).await;
            run.push(world.app.db.statements() - before);
        }
        // Events, hosts, dates; numbers.
        assert_eq!(run, [4, 4]);
    }
}

/// The organisation is the one that programs were set up for, and requests are counted as all others are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_name_the_organisation_and_rates_hold() {
    let settings = [
        ("mobilize.organization", "1310"),
        ("mobilize.slug", "example"),
        ("organisation", "Friends of Tests"),
        ("rates.requests_per_client_and_minute", "30"),
    ];
    let world = World::with(Backend::embedded(), &settings).await;
    titled(&world, "Ours", json!({})).await;
    let body = read(&world, "/v1/organizations/1310/events").await;
    let sponsor = &body["data"][0]["sponsor"];
    assert_eq!(
        (&sponsor["id"], &sponsor["slug"], &sponsor["name"]),
        (&json!(1310), &json!("example"), &json!("Friends of Tests"))
    );
    assert_eq!(get(&world, "/v1/organizations/1/events").await.0, 404);
    let mut last = (200, Value::Null);
    for _ in 0..40 {
        last = get(&world, "/v1/events").await;
        if last.0 != 200 {
            break;
        }
    }
    assert_eq!(
        last,
        (
            429,
            json!({"data": null, "error": {"detail": "Too Many Requests."}})
        )
    );
    world.finish().await;
}
