//! Calendars, feeds and page data that everybody gets: what they say, what they hide, and how they are kept.

mod lists;
mod personal;

use std::collections::BTreeSet;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::harness::{Backend, Made, World};
use lists::{at, day};

async fn send(world: &World, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Client::new().request(method, format!("{}{path}", world.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn get(world: &World, path: &str) -> Response {
    send(world, Method::GET, path, &[]).await
}

/// The body of a page that is there.
async fn read(world: &World, path: &str) -> String {
    let response = get(world, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

async fn read_json(world: &World, path: &str) -> Value {
    serde_json::from_str(&read(world, path).await).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The lines of a calendar, unfolded.
fn lines(text: &str) -> Vec<String> {
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"),
        "{text}"
    );
    assert!(
        text.split("\r\n")
            .all(|line| line.len() <= 75 && !line.contains('\n')),
        "{text}"
    );
    let unfolded = text.replace("\r\n ", "");
    unfolded.split("\r\n").map(str::to_owned).collect()
}

/// The values of a property in the events of a calendar, whatever its parameters.
fn values(text: &str, name: &str) -> Vec<String> {
    let lines = lines(text);
    let events = lines.iter().skip_while(|line| *line != "BEGIN:VEVENT");
    let named = events.filter_map(|line| {
        let (property, value) = line.split_once(':')?;
        (property.split(';').next() == Some(name)).then(|| value.to_owned())
    });
    named.collect()
}

fn two_dates() -> Value {
    json!([
        {"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z"},
        {"startsAt": "2030-07-18T00:00:00Z", "endsAt": "2030-07-18T02:00:00Z"}
    ])
}

/// Every public page that could show `made`.
fn pages_of(made: &Made) -> [String; 6] {
    [
        format!("/events/{}.ics", made.id),
        format!("/events/{}.jsonld", made.id),
        "/events.ics".to_owned(),
        "/events.ics?postal=50309&radius=100000".to_owned(),
        "/events.atom?near=41.58,-93.62".to_owned(),
        "/events.geojson?bbox=-94,41,-93,42".to_owned(),
    ]
}

scenario! {
    /// Each date of an event is there in its own local time, under a name that stays; what is called off says so.
    async fn an_event_goes_into_a_calendar(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"timeslots": two_dates(), "title": "Calls; for, water"})).await;
        let path = format!("/events/{}.ics", made.id);
        let response = get(world, &path).await;
        assert_eq!(header(&response, "content-type"), "text/calendar; charset=utf-8; method=PUBLISH");
        let first = response.text().await.unwrap();
        assert_eq!(values(&first, "DTSTART"), ["20300117T180000", "20300717T190000"], "{first}");
        assert!(lines(&first).contains(&"TZID:America/Chicago".to_owned()), "{first}");
        assert_eq!(values(&first, "SUMMARY"), ["Calls\\; for\\, water"; 2]);
        assert_eq!(values(&first, "LOCATION"), ["Test Library\\, 1 Example Street\\, Des Moines\\, IA 50309"; 2]);
        assert_eq!(values(&first, "GEO"), ["41.586800;-93.625000"; 2]);
        assert_eq!(values(&first, "STATUS"), ["CONFIRMED"; 2]);
        assert_eq!(values(&first, "URL"), [format!("{}{path}", world.app.config.base_url()), format!("{}{path}", world.app.config.base_url())]);

        host.mutate("cancelTimeslot", json!({"id": made.timeslot}), "event { id }").await.data();
        let second = read(world, &path).await;
        assert_eq!(values(&second, "STATUS"), ["CANCELLED", "CONFIRMED"]);
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        let third = read(world, &path).await;
        assert_eq!(values(&third, "STATUS"), ["CANCELLED"; 2]);
        let sequence = |text| values(text, "SEQUENCE")[0].parse::<i32>().unwrap();
        assert!(sequence(&first) < sequence(&second) && sequence(&second) < sequence(&third));
        assert_eq!(values(&first, "UID"), values(&third, "UID"));
        assert_eq!(values(&first, "UID").into_iter().collect::<BTreeSet<_>>().len(), 2);
        assert!(!read(world, "/events.ics").await.contains("BEGIN:VEVENT"), "lists know it no more");
        world.drain().await;
    }
}

scenario! {
    /// A hidden address is in no page, whoever asks: a token makes no difference. Neither are the link, the
    /// instructions, and a point that would be taken for the place.
    async fn hidden_places_stay_hidden(world) {
        let host = world.activist("Wren").await;
        for visibility in ["AFTER_RSVP", "HOSTS_ONLY"] {
            let made = world.event(&host, json!({
                "addressVisibility": visibility, "instructions": "Ring twice.",
                "virtualUrl": "https://video.example.org/room", "gathering": {"place": "At the oak", "minutesBefore": 20},
                "place": {
                    "venue": "Home of a test", "addressLines": ["7 Hidden Lane"], "locality": "Des Moines",
                    "region": "IA", "postalCode": "50309", "latitude": 41.5901, "longitude": -93.6208
                }
            })).await;
            let token = format!("Bearer {}", host.token());
            for path in pages_of(&made) {
                for headers in [vec![], vec![("authorization", token.as_str())]] {
                    let response = send(world, Method::GET, &path, &headers).await;
                    assert_eq!(response.status(), 200, "{path}");
                    let text = response.text().await.unwrap().replace("\r\n ", "");
                    assert!(text.contains("Des Moines"), "{path}: {text}");
                    for secret in ["Hidden", "Home of", "50309", "Ring", "video", "oak", "41.5901", "93.6208", "GEO", "GeoC"] {
                        assert!(!text.contains(secret), "{secret} in {path}: {text}");
                    }
                }
            }
            host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        }
        world.drain().await;
    }
}

scenario! {
    /// What is on no list is found by its id only, and what is not published by nobody.
    async fn unlisted_events_and_drafts(world) {
        let host = world.activist("Wren").await;
        let unlisted = world.event(&host, json!({"visibility": "UNLISTED"})).await;
        let draft = world.draft(&host, json!({})).await;
        let pages = pages_of(&unlisted);
        for path in &pages[..2] {
            assert!(read(world, path).await.contains("Calls for clean water"), "{path}");
        }
        for path in &pages[2..] {
            assert!(!read(world, path).await.contains("Calls for clean water"), "{path}");
        }
        let timeslot = unlisted.timeslot;
        for id in [draft.id.as_str(), "event:00000000-0000-7000-8000-000000000000", &timeslot, "guessed", "%00"] {
            for kind in ["ics", "jsonld"] {
                let response = get(world, &format!("/events/{id}.{kind}")).await;
                assert_eq!(response.status(), 404, "{id}");
                let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
                assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{id}");
            }
        }
    }
}

scenario! {
    /// A program that has a page already is told so; caches may keep what everybody gets.
    async fn pages_are_kept_and_asked_for_anew(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        for path in pages_of(&made) {
            let whole = get(world, &path).await;
            assert_eq!(header(&whole, "cache-control"), "public, max-age=30", "{path}");
            assert_eq!(header(&whole, "vary"), "Authorization, Accept, Origin", "{path}");
            assert!(header(&whole, "ratelimit-limit").is_empty(), "where one caller stands is not for all");
            let tag = header(&whole, "etag").to_owned();
            for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
                let same = send(world, Method::GET, &path, &[("if-none-match", &known)]).await;
                assert_eq!((same.status().as_u16(), header(&same, "etag")), (304, tag.as_str()), "{path}");
                assert_eq!(header(&same, "cache-control"), "public, max-age=30");
                assert!(same.text().await.unwrap().is_empty());
            }
            let head = send(world, Method::HEAD, &path, &[("accept", "text/calendar")]).await;
            assert_eq!((head.status().as_u16(), header(&head, "etag")), (200, tag.as_str()), "{path}");
            assert!(head.text().await.unwrap().is_empty());
            assert_eq!(send(world, Method::POST, &path, &[]).await.status(), 405);
        }
        let path = format!("/events/{}.ics", made.id);
        let before = header(&get(world, &path).await, "etag").to_owned();
        let change = json!({"id": made.id, "expectedVersion": made.version, "title": "Calls for cleaner water"});
        host.mutate("updateEvent", change, "event { id }").await.data();
        let after = send(world, Method::GET, &path, &[("if-none-match", &before)]).await;
        assert_eq!(after.status(), 200);
        let refused = get(world, "/events.ics?near=x").await;
        assert_eq!(header(&refused, "cache-control"), "private, no-store");
    }
}

scenario! {
    /// What search engines read: an event, its dates, its place, its hosts; in a script element, it stays data.
    async fn pages_have_data(world) {
        let host = world.activist("Wren").await;
        let over = json!({"timeslots": two_dates(), "title": "</script><b>Water"});
        let made = world.event(&host, over).await;
        host.mutate("cancelTimeslot", json!({"id": made.timeslot}), "event { id }").await.data();
        let path = format!("/events/{}.jsonld", made.id);
        assert!(!read(world, &path).await.contains('<'));
        let data = read_json(world, &path).await;
        for (pointer, value) in [
            ("/@context", json!("https://schema.org")),
            ("/@type", json!("Event")),
            ("/name", json!("</script><b>Water")),
            ("/startDate", json!("2030-07-17T19:00:00-05:00")), // the one before it was called off
            ("/endDate", json!("2030-07-17T21:00:00-05:00")),
            ("/eventStatus", json!("https://schema.org/EventScheduled")),
            ("/eventAttendanceMode", json!("https://schema.org/OfflineEventAttendanceMode")),
            ("/organizer", json!([{"@type": "Person", "name": "Host of Tests"}])),
            ("/location/0/address/streetAddress", json!("1 Example Street")),
            ("/location/0/geo/latitude", json!(41.5868)),
            ("/subEvent/0/eventStatus", json!("https://schema.org/EventCancelled")),
            ("/subEvent/1/startDate", json!("2030-07-17T19:00:00-05:00")),
        ] {
            assert_eq!(data.pointer(pointer), Some(&value), "{pointer} in {data}");
        }
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        let data = read_json(world, &path).await;
        assert_eq!(data["eventStatus"], "https://schema.org/EventCancelled");
        let online = json!({"place": null, "virtualUrl": "https://video.example.org/room"});
        let online = world.event(&host, online).await;
        let data = read_json(world, &format!("/events/{}.jsonld", online.id)).await;
        assert_eq!(data["location"], json!([{"@type": "VirtualLocation"}]));
        assert!(data.get("subEvent").is_none());
        world.drain().await;
    }
}

/// Feeds of a service that names a client's pages, and lets nobody have more than two events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_count() {
    let settings = [
        ("links.event", "https://app.example.org/e/{id}"),
        ("limits.feed", "2"),
        ("http.public_max_age_seconds", "0"),
    ];
    let world = World::with(Backend::embedded(), &settings).await;
    let host = world.activist("Wren").await;
    let first = at(&world, &host, "One", 41.5, -93.5, json!({"timeslots": day(17)})).await;
    at(&world, &host, "Two", 41.5, -93.5, json!({"timeslots": day(18)})).await;
    at(&world, &host, "Three", 41.5, -93.5, json!({"timeslots": day(19)})).await;
    let response = get(&world, "/events.ics").await;
    assert_eq!(header(&response, "cache-control"), "private, no-store");
    assert!(!header(&response, "ratelimit-limit").is_empty());
    let text = response.text().await.unwrap();
    assert_eq!(values(&text, "SUMMARY"), ["One", "Two"]);
    let page = format!("https://app.example.org/e/{}", first.id);
    assert_eq!(values(&text, "URL")[0], page);
    let found = read_json(&world, "/events.geojson?bbox=-94,41,-93,42").await;
    assert_eq!(found["complete"], false);
    assert_eq!(found["features"].as_array().unwrap().len(), 2);
    assert_eq!(found["features"][0]["properties"]["url"], page);
    let atom = read(&world, "/events.atom?text=%C3%A9%22%3C%26").await;
    let id = format!(
        "<id>{}/events.atom?text=%C3%A9%22%3C%26</id>",
        world.app.config.base_url()
    );
    assert!(atom.contains(&id), "{atom}");
    let atom = read(&world, "/events.atom?near=41.5,-93.5&text=one").await;
    assert!(
        atom.contains(&format!(
            "<link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>"
        )),
        "{atom}"
    );
    assert!(
        atom.contains("<id>urn:uuid:") && atom.contains("near=41.5,-93.5&amp;text=one"),
        "{atom}"
    );
    world.finish().await;
}

/// Feeds are requests like any other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_counted() {
    let settings = [("rates.requests_per_client_and_minute", "3")];
    let world = World::with(Backend::embedded().limited(), &settings).await;
    for path in ["/events.ics", "/events/event:x.ics", "/calendar/guessed.ics"] {
        assert_ne!(get(&world, path).await.status(), 429);
    }
    let refused = get(&world, "/events.geojson?bbox=0,0,1,1").await;
    assert_eq!(refused.status(), 429);
    assert!(!header(&refused, "retry-after").is_empty());
    world.finish().await;
}

scenario! {
    /// What is on no list asks search engines to make none; what everybody finds may be on theirs.
    async fn unlisted_pages_ask_not_to_be_indexed(world) {
        let host = world.activist("Wren").await;
        let listed = world.event(&host, json!({})).await;
        let unlisted = world.event(&host, json!({"visibility": "UNLISTED"})).await;
        for kind in ["ics", "jsonld"] {
            let page = get(world, &format!("/events/{}.{kind}", unlisted.id)).await;
            assert_eq!((page.status().as_u16(), header(&page, "x-robots-tag")), (200, "noindex"));
            assert!(header(&page, "cache-control").starts_with("public"), "it is the same for everybody");
            let page = get(world, &format!("/events/{}.{kind}", listed.id)).await;
            assert_eq!((page.status().as_u16(), header(&page, "x-robots-tag")), (200, ""));
        }
        assert_eq!(header(&get(world, "/events.ics").await, "x-robots-tag"), "");
    }
}
