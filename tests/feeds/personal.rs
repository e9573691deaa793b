//! The personal calendar feed: whose dates it shows, how much of them, and until when.

use chrono::TimeDelta;
use entity::calendar_link;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{get, header, lines, read, values};
use crate::harness::{Caller, World};

/// The path of a new link.
async fn link(world: &World, caller: &Caller) -> String {
    let request = "mutation { createCalendarLink { url calendarLink { createdAt } } }";
    let url = caller
        .ask(request, Value::Null)
        .await
        .text("/createCalendarLink/url");
    let path = url.strip_prefix(&world.app.config.base_url());
    path.unwrap_or_else(|| panic!("{url} is not ours")).to_owned()
}

async fn come(world: &World, caller: &Caller, timeslot: &str) -> String {
    let answer = caller
        .mutate("rsvp", json!({"timeslotId": timeslot}), "status rsvp { id }")
        .await;
    world.drain().await;
    answer.text("/rsvp/rsvp/id")
}

fn hidden(visibility: &str) -> Value {
    json!({
        "title": format!("Hidden {visibility}"), "addressVisibility": visibility, "instructions": "Ring twice.",
        "virtualUrl": "https://video.example.org/room"
    })
}

scenario! {
    /// Who comes reads where it is, as their host allows; who waits reads what everybody does.
    async fn dates_are_shown_as_their_person_may_know_them(world) {
        let host = world.activist("Wren").await;
        let finch = world.activist("Finch").await;
        let path = link(world, &finch).await;
        assert!(!read(world, &path).await.contains("BEGIN:VEVENT"));
        let after = world.event(&host, hidden("AFTER_RSVP")).await;
        let only = world.event(&host, hidden("HOSTS_ONLY")).await;
        come(world, &finch, &after.timeslot).await;
        let text = read(world, &path).await;
        assert_eq!(values(&text, "SUMMARY"), ["Hidden AFTER_RSVP"]);
        assert_eq!(values(&text, "STATUS"), ["CONFIRMED"]);
        assert_eq!(values(&text, "DTSTART"), ["20300117T180000"]);
        assert_eq!(values(&text, "LOCATION"), ["Test Library\\, 1 Example Street\\, Des Moines\\, IA 50309"]);
        assert_eq!(values(&text, "GEO"), ["41.586800;-93.625000"]);
        assert_eq!(values(&text, "URL"), ["https://video.example.org/room"]);
        come(world, &finch, &only.timeslot).await;
        let text = read(world, &path).await;
        let places = values(&text, "LOCATION");
        assert_eq!(places.len(), 2, "{text}");
        assert!(places.contains(&"Des Moines\\, IA".to_owned()), "{text}");
        assert!(!lines(&text).join("\n").contains("Ring twice"), "{text}");
        // A host sees the place of their own, and one link shows one person's dates.
        come(world, &host, &only.timeslot).await;
        let text = read(world, &link(world, &host).await).await;
        assert_eq!(values(&text, "SUMMARY"), ["Hidden HOSTS_ONLY"]);
        assert!(values(&text, "LOCATION")[0].contains("1 Example Street"), "{text}");

        let full = world.event_with_seats(&host, 1).await;
        come(world, &host, &full.timeslot).await;
        come(world, &finch, &full.timeslot).await;
        let text = read(world, &path).await;
        let mut statuses = values(&text, "STATUS");
        statuses.sort();
        assert_eq!(statuses, ["CONFIRMED", "CONFIRMED", "TENTATIVE"]);
    }
}

scenario! {
    /// What is called off says so; what was taken back or never confirmed is not there, and what is long over goes.
    async fn the_feed_follows(world) {
        let host = world.activist("Wren").await;
        let finch = world.activist("Finch").await;
        let path = link(world, &finch).await;
        let [off, back, guest] = [
            world.event(&host, json!({"title": "Off"})).await,
            world.event(&host, json!({"title": "Back"})).await,
            world.event(&host, json!({"title": "Guest"})).await,
        ];
        come(world, &finch, &off.timeslot).await;
        let rsvp = come(world, &finch, &back.timeslot).await;
        let by_somebody = json!({"timeslotId": guest.timeslot, "email": "finch@example.org", "name": {"givenName": "Wren"}});
        world.anonymous().mutate("rsvp", by_somebody, "status").await.data();
        let mut there = values(&read(world, &path).await, "SUMMARY");
        there.sort();
        assert_eq!(there, ["Back", "Off"]);
        finch.mutate("cancelRsvp", json!({"id": rsvp}), "status").await.data();
        let before = read(world, &path).await;
        host.mutate("cancelEvent", json!({"id": off.id}), "event { id }").await.data();
        let after = read(world, &path).await;
        assert_eq!((values(&before, "STATUS"), values(&after, "STATUS")), (vec!["CONFIRMED".to_owned()], vec!["CANCELLED".to_owned()]));
        assert_eq!(values(&before, "UID"), values(&after, "UID"));
        let sequence = |text| values(text, "SEQUENCE")[0].parse::<i32>().unwrap();
        assert!(sequence(&before) < sequence(&after));
        world.advance(TimeDelta::days(90));
        assert!(read(world, &path).await.contains("BEGIN:VEVENT"));
        world.advance(TimeDelta::days(5));
        assert!(!read(world, &path).await.contains("BEGIN:VEVENT"));
        world.drain().await;
    }
}

scenario! {
    /// A link works until it is replaced or taken back, is known to its person by its age only, and is kept as a hash.
    async fn links_are_made_and_taken_back(world) {
        const SINCE: &str = "{ viewer { calendarLink { createdAt } } }";
        let finch = world.activist("Finch").await;
        let wren = world.activist("Wren").await;
        assert_eq!(finch.ask(SINCE, Value::Null).await.at("/viewer/calendarLink"), &Value::Null);
        let first = link(world, &finch).await;
        let response = get(world, &first).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "cache-control"), "private, no-cache");
        assert!(header(&response, "etag").starts_with('"'));
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert_eq!(header(&response, "x-robots-tag"), "noindex");
        let token = first.trim_start_matches("/calendar/").trim_end_matches(".ics");
        assert_eq!(token.len(), 32, "192 bits");
        let rows = calendar_link::Entity::find().all(world.app.db.reader()).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].token_hash, api::sealed::hash(token));
        world.advance(TimeDelta::minutes(5));
        let second = link(world, &finch).await;
        let since = finch.ask(SINCE, Value::Null).await.text("/viewer/calendarLink/createdAt");
        assert!(since.starts_with("2030-01-15T12:05:00"), "{since}");
        let others = link(world, &wren).await;
        assert_eq!(get(world, &first).await.status(), 404, "replaced");
        let revoke = "mutation { revokeCalendarLink { revoked } }";
        for revoked in [true, false] {
            let answer = finch.ask(revoke, Value::Null).await;
            assert_eq!(answer.at("/revokeCalendarLink/revoked"), revoked);
        }
        assert_eq!(finch.ask(SINCE, Value::Null).await.at("/viewer/calendarLink"), &Value::Null);
        for path in [&second, "/calendar/guessed.ics", "/calendar/.ics", "/calendar/%00.ics"] {
            let response = get(world, path).await;
            assert_eq!(response.status(), 404, "{path}");
            assert!(!response.text().await.unwrap().contains("BEGIN"));
        }
        assert_eq!(get(world, &others).await.status(), 200, "somebody else's stays");
    }
}
