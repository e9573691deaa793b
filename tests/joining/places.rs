//! Who may read the exact place, and from when.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Made},
    rsvps::rsvp,
};

const PLACE: &str =
    "query($id: ID!) { event(id: $id) { placeFrom instructions place { addressLines precision latitude } } }";

async fn reads_place(caller: &Caller, made: &Made) -> bool {
    let answer = caller.ask(PLACE, json!({"id": made.id})).await;
    let is_told = answer.at("/event/place/addressLines") == &json!(["1 Example Street"]);
    assert_eq!(answer.at("/event/place/precision") == "EXACT", is_told);
    assert_eq!(answer.at("/event/place/latitude") == 41.5868, is_told);
    is_told
}

async fn feed(url: &str) -> String {
    Client::new().get(url).send().await.unwrap().text().await.unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

scenario! {
    /// Before its hour nobody who comes reads it, in any way; after it they do, without anything having happened.
    async fn an_address_is_shown_some_hours_before(world) {
        let host = world.activist("Wren").await;
        let over = json!({"addressVisibility": "AFTER_RSVP", "addressHours": 24, "instructions": "Ring twice."});
        let made = world.event(&host, over).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &made, 1).await.data();
        world.drain().await;
        let mail = &world.mails_to("finch@example.org")[0];
        assert!(!mail.text.contains("Example Street") && !mail.html.contains("Example Street"), "{}", mail.text);
        assert!(!mail.calendar.as_ref().unwrap().contains("Example Street"));
        assert!(mail.text.contains("from Wednesday, January 16, 2030, 6:00 PM CST on"), "{}", mail.text);
        let link = finch.ask("mutation { createCalendarLink { url } }", Value::Null).await.text("/createCalendarLink/url");
        let link = format!("{}{}", world.url, &link[link.find("/calendar/").unwrap()..]);
        let shown = finch.ask(PLACE, json!({"id": made.id})).await;
        assert_eq!(shown.at("/event/placeFrom"), "2030-01-17T00:00:00+00:00");
        assert_eq!(shown.at("/event/instructions"), "Ring twice.", "the rest is for those who come at once");
        assert!(!reads_place(&finch, &made).await && !feed(&link).await.contains("Example Street"));
        assert!(reads_place(&host, &made).await);
        world.advance(at("2030-01-16T23:59:59Z") - world.now());
        let finch = world.activist("Finch").await;
        assert!(!reads_place(&finch, &made).await && !feed(&link).await.contains("Example Street"));
        world.advance(TimeDelta::seconds(1));
        assert!(reads_place(&finch, &made).await && feed(&link).await.contains("Example Street"));
        assert!(!reads_place(&world.anonymous(), &made).await);
        assert!(!reads_place(&world.activist("Stranger").await, &made).await);
        let stranger = world.anonymous().ask(PLACE, json!({"id": made.id})).await;
        assert_eq!(stranger.at("/event/placeFrom"), &Value::Null);
    }
}

scenario! {
    /// It is their own date that counts, and a date that was called off opens nothing.
    async fn of_several_dates_ones_own_counts(world) {
        let host = world.activist("Wren").await;
        let slots = json!([
            {"startsAt": "2030-01-16T00:00:00Z", "endsAt": "2030-01-16T02:00:00Z"},
            {"startsAt": "2030-02-16T00:00:00Z", "endsAt": "2030-02-16T02:00:00Z"}
        ]);
        let over = json!({"addressVisibility": "AFTER_RSVP", "addressHours": 24, "timeslots": slots});
        let made = world.event(&host, over).await;
        let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
        let later = host.ask(query, json!({"id": made.id})).await.text("/event/timeslots/edges/1/node/id");
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        rsvp(&finch, &made, 1).await.data();
        jay.mutate("rsvp", json!({"timeslotId": later}), "status").await.data();
        assert!(reads_place(&finch, &made).await, "twelve hours before");
        assert!(!reads_place(&jay, &made).await, "a month before");
        host.mutate("cancelTimeslot", json!({"id": made.timeslot}), "event { id }").await.data();
        assert!(!reads_place(&finch, &made).await);
        world.drain().await;
    }
}

scenario! {
    /// Where all may come, the place may still be for those whom a host approved; their mail has it.
    async fn an_address_for_the_approved(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"addressVisibility": "AFTER_APPROVAL"})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        assert_eq!(rsvp(&jay, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        world.drain().await;
        for caller in [&finch, &jay, &world.anonymous()] {
            assert!(!reads_place(caller, &made).await);
        }
        assert!(!world.mails_to("finch@example.org")[0].text.contains("Example Street"));
        let decision = json!({"eventId": made.id, "rsvpIds": [id], "decision": "APPROVE"});
        for _ in 0..2 {
            let told = host.mutate("decideRsvps", decision.clone(), "attendees { status approvedAt }").await;
            assert_eq!(told.at("/decideRsvps/attendees/0/approvedAt"), "2030-01-15T12:00:00+00:00");
        }
        assert!(reads_place(&finch, &made).await && !reads_place(&jay, &made).await);
        world.drain().await;
        let mails = world.mails_to("finch@example.org");
        assert_eq!(mails.len(), 2, "told once");
        assert!(mails[1].text.contains("Example Street") && mails[1].calendar.as_ref().unwrap().contains("Example Street"));
        // Who takes the answer back and comes again has to be approved again.
        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        rsvp(&finch, &made, 1).await.data();
        assert!(!reads_place(&finch, &made).await);
        world.drain().await;
    }
}

scenario! {
    /// The map, searches and feeds have the same point for every house of a cell, however it is hidden.
    async fn the_map_knows_the_cell_only(world) {
        let host = world.activist("Wren").await;
        for over in [
            json!({"addressVisibility": "AFTER_APPROVAL"}),
            json!({"addressVisibility": "AFTER_RSVP", "addressHours": 720}),
            json!({"addressVisibility": "AFTER_APPROVAL", "addressHours": 1}),
        ] {
            world.event(&host, over).await;
        }
        let query = "{ events { edges { node { place { latitude longitude precision addressLines } } } } }";
        let seen = world.anonymous().ask(query, Value::Null).await;
        let places: Vec<&Value> = seen.at("/events/edges").as_array().unwrap().iter().map(|edge| &edge["node"]["place"]).collect();
        assert!(places.len() == 3 && places.iter().all(|place| *place == places[0]), "{places:?}");
        assert_eq!(places[0]["precision"], "APPROXIMATE");
        for path in ["/events.ics", "/events.atom", "/events.geojson?bbox=-94,41,-93,42"] {
            let page = feed(&format!("{}{path}", world.url)).await;
            assert!(!page.contains("Example Street") && !page.contains("41.5868"), "{page}");
        }
    }
}

scenario! {
    /// Hours are for places that those who come may read.
    async fn hours_are_checked(world) {
        let host = world.activist("Wren").await;
        for (visibility, hours) in [("PUBLIC", 24), ("HOSTS_ONLY", 24), ("AFTER_RSVP", 0), ("AFTER_APPROVAL", 721)] {
            let input = crate::harness::event_input(json!({"addressVisibility": visibility, "addressHours": hours}));
            let refused = host.mutate("createEvent", input, "event { id }").await;
            assert_eq!(refused.wrong_fields(), ["input.addressHours"], "{visibility} {hours}");
        }
        let made = world.event(&host, json!({"addressVisibility": "AFTER_RSVP", "addressHours": 24})).await;
        let shown = "query($id: ID!) { event(id: $id) { version addressHours } }";
        let now = world.anonymous().ask(shown, json!({"id": made.id})).await;
        assert_eq!(now.at("/event/addressHours"), 24);
        let open = json!({"id": made.id, "expectedVersion": now.at("/event/version"), "addressVisibility": "PUBLIC"});
        let refused = host.mutate("updateEvent", open.clone(), "event { id }").await;
        assert_eq!(refused.wrong_fields(), ["input.addressHours"]);
        let mut both = open;
        both["addressHours"] = Value::Null;
        host.mutate("updateEvent", both, "event { id }").await.data();
        assert!(reads_place(&world.anonymous(), &made).await);
    }
}
