//! Making, editing, publishing, cancelling and reviewing events, and who sees what of them.

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World, event_input};

const EVENT: &str = "query($id: ID!) { event(id: $id) {
    id version status title summary description descriptionHtml eventType tags imageUrl accessibilityStatus
    accessibilityNotes accessibilityFeatures visibility addressVisibility timezone isVirtual virtualUrl
    place { venue addressLines locality region postalCode country latitude longitude precision }
    hosts { kind publicName } instructions gathering { place minutesBefore } cancelledAt cancellationNote
    viewerCanEdit review { submittedAt reviewedAt rejectionReason }
    timeslots { edges { node { id startsAt endsAt localStart capacity seatsLeft isFull } } } } }";

async fn read(caller: &Caller, id: &str) -> Answer {
    caller.ask(EVENT, json!({"id": id})).await
}

const PRIVATE: &str = "Ring twice.";

fn hidden_home() -> Value {
    json!({
        "addressVisibility": "AFTER_RSVP",
        "instructions": PRIVATE,
        "virtualUrl": "https://video.example.org/room",
        "gathering": {"place": "At the oak", "minutesBefore": 20},
        "place": {
            "venue": "Home of a test", "addressLines": ["7 Hidden Lane"], "locality": "Des Moines", "region": "IA",
            "postalCode": "50309", "country": "US", "latitude": 41.5901, "longitude": -93.6208
        }
    })
}

scenario! {
    /// What a host writes is what everybody reads, once it is published.
    async fn an_event_is_written_and_read(world) {
        let host = world.activist("Wren").await;
        let over = json!({
            "tags": ["water", "county"], "imageUrl": "https://example.org/a.png", "accessibilityStatus": "ACCESSIBLE",
            "accessibilityNotes": "Ramp at the back.", "accessibilityFeatures": ["RAMP", "CAPTIONS"]
        });
        let made = world.event(&host, over).await;
        let answer = read(&world.anonymous(), &made.id).await;
        let event = answer.at("/event");
        assert_eq!(event["title"], "Calls for clean water");
        assert_eq!(event["description"], "Bring a **phone**.");
        assert_eq!(event["descriptionHtml"], "<p>Bring a <strong>phone</strong>.</p>\n");
        assert_eq!(event["accessibilityFeatures"], json!(["RAMP", "CAPTIONS"]));
        assert_eq!(event["hosts"], json!([{"kind": "PERSON", "publicName": "Host of Tests"}]));
        assert_eq!(event["place"]["addressLines"], json!(["1 Example Street"]));
        assert_eq!(event["place"]["precision"], "EXACT");
        assert_eq!(event.pointer("/timeslots/edges/0/node/localStart").unwrap(), "2030-01-17T18:00:00");
        assert_eq!(event["viewerCanEdit"], false);
        assert_eq!(event["review"], Value::Null);
    }
}

scenario! {
    /// A hidden address, the link and the instructions are read by those coming and the hosts, and by nobody else.
    async fn hidden_places_are_hidden_until_an_rsvp(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, hidden_home()).await;
        let guest = world.activist("Finch").await;
        for caller in [&world.anonymous(), &guest] {
            let answer = read(caller, &made.id).await;
            let event = answer.at("/event");
            let place = &event["place"];
            assert_eq!(place["locality"], "Des Moines");
            for hidden in ["venue", "postalCode"] {
                assert_eq!(place[hidden], Value::Null);
            }
            assert_eq!(place["addressLines"], json!([]));
            assert_eq!(place["precision"], "APPROXIMATE");
            assert_ne!(place["latitude"], 41.5901);
            for hidden in ["instructions", "virtualUrl", "gathering"] {
                assert_eq!(event[hidden], Value::Null);
            }
            let everything = answer.body.to_string();
            for secret in ["Hidden Lane", PRIVATE, "video.example.org", "oak", "41.5901", "-93.6208"] {
                assert!(!everything.contains(secret), "{secret}");
            }
        }
        guest.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await.data();
        world.drain().await;
        for caller in [&guest, &host] {
            let answer = read(caller, &made.id).await;
            assert_eq!(answer.at("/event/place/addressLines/0"), "7 Hidden Lane");
            assert_eq!(answer.at("/event/place/latitude"), 41.5901);
            assert_eq!(answer.at("/event/instructions"), PRIVATE);
            assert_eq!(answer.at("/event/virtualUrl"), "https://video.example.org/room");
            assert_eq!(answer.at("/event/gathering/minutesBefore"), 20);
        }
    }
}

scenario! {
    /// HOSTS_ONLY shows the exact place to hosts only, whoever comes.
    async fn hosts_only_places_stay_with_the_hosts(world) {
        let host = world.activist("Wren").await;
        let mut over = hidden_home();
        over["addressVisibility"] = json!("HOSTS_ONLY");
        let made = world.event(&host, over).await;
        let guest = world.activist("Finch").await;
        guest.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await.data();
        world.drain().await;
        let answer = read(&guest, &made.id).await;
        assert_eq!(answer.at("/event/place/precision"), "APPROXIMATE");
        assert_eq!(answer.at("/event/instructions"), PRIVATE);
        let mail = &world.mails_to("finch@example.org")[0];
        assert!(!mail.raw.contains("Hidden Lane") && !mail.text.contains("Hidden Lane"));
        assert_eq!(read(&host, &made.id).await.at("/event/place/addressLines/0"), "7 Hidden Lane");
    }
}

scenario! {
    /// Drafts are visible to their hosts and organizers only; for others they do not exist.
    async fn drafts_do_not_exist_for_others(world) {
        let host = world.activist("Wren").await;
        let made = world.draft(&host, json!({})).await;
        let stranger = world.activist("Finch").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        for caller in [&world.anonymous(), &stranger] {
            assert_eq!(read(caller, &made.id).await.code(), "NOT_FOUND");
            let rsvp = caller.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await;
            assert_eq!(rsvp.code(), "NOT_FOUND");
        }
        for caller in [&host, &organizer] {
            assert_eq!(read(caller, &made.id).await.at("/event/status"), "DRAFT");
        }
    }
}

scenario! {
    /// What an organizer looked at is what is published, or nothing is.
    async fn an_edit_meanwhile_is_not_approved(world) {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let made = world.draft(&host, json!({})).await;
        let status = "event { status version }";
        let stale = json!({"id": made.id, "expectedVersion": made.version + 1});
        assert_eq!(host.mutate("publishEvent", stale, status).await.code(), "CONFLICT");
        let handed_in = host.mutate("publishEvent", json!({"id": made.id}), status).await;
        let seen = handed_in.at("/publishEvent/event/version").clone();
        let edit = json!({"id": made.id, "expectedVersion": seen, "title": "Something else"});
        let edited = host.mutate("updateEvent", edit, status).await;
        let stale = json!({"id": made.id, "expectedVersion": seen});
        assert_eq!(organizer.mutate("approveEvent", stale.clone(), status).await.code(), "CONFLICT");
        let mut sent_back = stale;
        sent_back["reason"] = json!("Where is the room?");
        assert_eq!(organizer.mutate("rejectEvent", sent_back, status).await.code(), "CONFLICT");
        assert_eq!(edited.at("/updateEvent/event/status"), "NEEDS_APPROVAL");
        let now = json!({"id": made.id, "expectedVersion": edited.at("/updateEvent/event/version")});
        let approved = organizer.mutate("approveEvent", now, status).await;
        assert_eq!(approved.at("/approveEvent/event/status"), "APPROVED");
    }
}

scenario! {
    /// DRAFT → NEEDS_APPROVAL → REJECTED → NEEDS_APPROVAL → APPROVED, through the queue.
    async fn review_goes_through_the_queue(world) {
        const QUEUE: &str = "{ reviewQueue { edges { node { id } } } }";
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.draft(&host, json!({})).await;
        let id = json!({"id": made.id});
        let status = "event { status review { rejectionReason } }";
        assert_eq!(host.mutate("publishEvent", id.clone(), status).await.at("/publishEvent/event/status"), "NEEDS_APPROVAL");
        assert_eq!(host.mutate("publishEvent", id.clone(), status).await.reason(), "EVENT_ALREADY_SUBMITTED");
        assert_eq!(organizer.ask(QUEUE, Value::Null).await.at("/reviewQueue/edges/0/node/id"), &json!(made.id));
        assert_eq!(host.ask(QUEUE, Value::Null).await.code(), "FORBIDDEN");
        assert_eq!(host.mutate("approveEvent", id.clone(), status).await.code(), "FORBIDDEN");

        let reason = json!({"id": made.id, "reason": "Where is the room?"});
        organizer.mutate("rejectEvent", reason, status).await.data();
        let read_back = read(&host, &made.id).await;
        assert_eq!(read_back.at("/event/status"), "REJECTED");
        assert_eq!(read_back.at("/event/review/rejectionReason"), "Where is the room?");
        assert_eq!(organizer.mutate("approveEvent", id.clone(), status).await.reason(), "EVENT_NOT_IN_REVIEW");

        host.mutate("publishEvent", id.clone(), status).await.data();
        let approved = organizer.mutate("approveEvent", id, status).await;
        assert_eq!(approved.at("/approveEvent/event/status"), "APPROVED");
        assert_eq!(approved.at("/approveEvent/event/review/rejectionReason"), &Value::Null);
        assert_eq!(organizer.ask(QUEUE, Value::Null).await.at("/reviewQueue/edges"), &json!([]));
        read(&world.anonymous(), &made.id).await.data();
    }
}

scenario! {
    /// What is absent from an update stays, null removes, and a stale version is refused.
    async fn updates_are_patches(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"tags": ["a"]})).await;
        let input = json!({"id": made.id, "expectedVersion": made.version, "title": "New title", "summary": null});
        let answer = host.mutate("updateEvent", input.clone(), "event { version title summary tags description }").await;
        let event = answer.at("/updateEvent/event");
        assert_eq!(event["version"], made.version + 1);
        assert_eq!(event["title"], "New title");
        assert_eq!(event["summary"], Value::Null);
        assert_eq!(event["tags"], json!(["a"]));
        assert_eq!(event["description"], "Bring a **phone**.");
        assert_eq!(host.mutate("updateEvent", input, "event { id }").await.code(), "CONFLICT");
        let stranger = world.activist("Finch").await;
        let input = json!({"id": made.id, "expectedVersion": made.version + 1, "title": "Taken over"});
        assert_eq!(stranger.mutate("updateEvent", input, "event { id }").await.code(), "FORBIDDEN");
    }
}

scenario! {
    /// Every problem of an input is named at once, by its path.
    async fn all_problems_are_named_at_once(world) {
        let host = world.activist("Wren").await;
        let input = event_input(json!({
            "title": " ", "timezone": "Mars/Olympus", "imageUrl": "javascript:alert(1)", "publicName": "",
            "description": "x".repeat(20_001), "tags": ["ok", ""],
            "place": {"country": "usa", "latitude": 91.0},
            "timeslots": [
                {"startsAt": "2030-01-18T02:00:00Z", "endsAt": "2030-01-18T00:00:00Z", "capacity": 0},
                {"startsAt": "2029-01-18T00:00:00Z", "endsAt": "2029-01-18T01:00:00Z"}
            ]
        }));
        let answer = host.mutate("createEvent", input, "event { id }").await;
        let mut wrong = answer.wrong_fields();
        wrong.sort();
        assert_eq!(wrong, [
            "input.description", "input.imageUrl", "input.place.country", "input.place.longitude", "input.publicName",
            "input.tags.1", "input.timeslots.0.capacity", "input.timeslots.0.endsAt", "input.timeslots.1.endsAt",
            "input.timezone", "input.title",
        ]);
        let nul = host.mutate("createEvent", event_input(json!({"title": "a\u{0}b"})), "event { id }").await;
        assert_eq!(nul.wrong_fields(), ["input.title"]);
        let far = json!([{"startsAt": "+262142-12-31T22:00:00Z", "endsAt": "+262142-12-31T23:59:59Z"}]);
        let far = host.mutate("createEvent", event_input(json!({"timeslots": far})), "event { id }").await;
        assert_eq!(far.wrong_fields(), ["input.timeslots.0.startsAt"]);
        let made = world.draft(&host, json!({})).await;
        let newest = json!({"id": made.id, "expectedVersion": i32::MAX, "title": "x"});
        assert_eq!(host.mutate("updateEvent", newest, "event { id }").await.code(), "CONFLICT");
    }
}

scenario! {
    /// An event needs a date to come and somewhere to be before it is published.
    async fn publishing_needs_a_date_and_a_place(world) {
        let host = world.activist("Wren").await;
        let undated = world.draft(&host, json!({"timeslots": []})).await;
        let publish = host.mutate("publishEvent", json!({"id": undated.id}), "event { id }").await;
        assert_eq!(publish.reason(), "EVENT_HAS_NO_TIMESLOT");
        let nowhere = world.draft(&host, json!({"place": null})).await;
        let publish = host.mutate("publishEvent", json!({"id": nowhere.id}), "event { id }").await;
        assert_eq!(publish.wrong_fields(), ["input.id"]);
    }
}

scenario! {
    /// A cancelled event says so, takes no RSVP and no edit, and is no longer found.
    async fn cancelling_is_final(world) {
        const NEARBY: &str = "{ nearbyEvents(near: {postalCode: {code: \"50309\"}}) { edges { node { id } } } }";
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        assert_eq!(world.anonymous().ask(NEARBY, Value::Null).await.at("/nearbyEvents/edges/0/node/id"), &json!(made.id));
        let input = json!({"id": made.id, "note": "Snow."});
        host.mutate("cancelEvent", input.clone(), "event { status }").await.data();
        host.mutate("cancelEvent", input, "event { status }").await.data();
        assert_eq!(world.anonymous().ask(NEARBY, Value::Null).await.at("/nearbyEvents/edges"), &json!([]));
        let seen = read(&world.anonymous(), &made.id).await;
        assert_eq!(seen.at("/event/status"), "CANCELLED");
        assert_eq!(seen.at("/event/cancellationNote"), "Snow.");
        let guest = world.activist("Finch").await;
        let rsvp = guest.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await;
        assert_eq!(rsvp.reason(), "EVENT_CANCELLED");
        let input = json!({"id": made.id, "expectedVersion": 99, "title": "On again"});
        assert_eq!(host.mutate("updateEvent", input, "event { id }").await.reason(), "EVENT_CANCELLED");
    }
}

scenario! {
    /// An UNLISTED event opens by its id and is not found by searching.
    async fn unlisted_events_are_not_on_the_map(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "UNLISTED"})).await;
        read(&world.anonymous(), &made.id).await.data();
        let found = world.anonymous().ask("{ events { edges { node { id } } } }", Value::Null).await;
        assert_eq!(found.at("/events/edges"), &json!([]));
    }
}

scenario! {
    /// Dates are added, moved and called off one by one; seats given away are not taken back.
    async fn timeslots_are_edited(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 3).await;
        let guest = world.activist("Finch").await;
        guest.mutate("rsvp", json!({"timeslotId": made.timeslot, "partySize": 2}), "status").await.data();
        world.drain().await;
        let slots = "event { version timeslots { edges { node { id startsAt capacity seatsLeft } } } }";
        let input = json!({"eventId": made.id, "timeslots": [
            {"startsAt": "2030-02-18T00:00:00Z", "endsAt": "2030-02-18T02:00:00Z"}]});
        let added = host.mutate("addTimeslots", input, slots).await;
        assert_eq!(added.at("/addTimeslots/event/timeslots/edges").as_array().unwrap().len(), 2);
        let too_small = host.mutate("updateTimeslot", json!({"id": made.timeslot, "capacity": 1}), slots).await;
        assert_eq!(too_small.wrong_fields(), ["input.capacity"]);
        let moved = json!({"id": made.timeslot, "startsAt": "2030-01-17T23:00:00Z", "capacity": 2});
        let moved = host.mutate("updateTimeslot", moved, slots).await;
        let first = moved.at("/updateTimeslot/event/timeslots/edges/0/node");
        assert_eq!((&first["startsAt"], &first["seatsLeft"]), (&json!("2030-01-17T23:00:00+00:00"), &json!(0)));
        let unlimited = host.mutate("updateTimeslot", json!({"id": made.timeslot, "capacity": null}), slots).await;
        assert_eq!(unlimited.at("/updateTimeslot/event/timeslots/edges/0/node/seatsLeft"), &Value::Null);
        let cancelled = host.mutate("cancelTimeslot", json!({"id": made.timeslot}), slots).await;
        assert_eq!(cancelled.at("/cancelTimeslot/event/timeslots/edges").as_array().unwrap().len(), 1);
        let other = world.activist("Jay").await;
        let rsvp = other.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await;
        assert_eq!(rsvp.reason(), "TIMESLOT_CANCELLED");
        let stranger = other.mutate("cancelTimeslot", json!({"id": made.timeslot}), slots).await;
        assert_eq!(stranger.code(), "FORBIDDEN");
    }
}

scenario! {
    /// `viewer { hosting }` tells upcoming from past, in pages that lose nothing.
    async fn hosting_lists_upcoming_and_past(world) {
        const HOSTING: &str = "query($when: When!, $after: String) { viewer { hosting(when: $when, first: 2, after: $after) {
            edges { node { id } } pageInfo { hasNextPage endCursor } } } }";
        let host = world.activist("Wren").await;
        let mut ids = vec![];
        for _ in 0..5 {
            ids.push(world.draft(&host, json!({})).await.id);
        }
        let mut seen: Vec<String> = vec![];
        let mut after = Value::Null;
        loop {
            let answer = host.ask(HOSTING, json!({"when": "UPCOMING", "after": after})).await;
            let page = answer.at("/viewer/hosting");
            seen.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] == false { break }
            after = page["pageInfo"]["endCursor"].clone();
        }
        ids.reverse();
        assert_eq!(seen, ids);
        let past = json!({"when": "PAST"});
        assert_eq!(host.ask(HOSTING, past.clone()).await.at("/viewer/hosting/edges"), &json!([]));
        world.advance(TimeDelta::minutes(9));
        let host = Caller::new(&world.url, Some(host.token().to_owned()), "");
        assert_eq!(host.ask(HOSTING, past).await.at("/viewer/hosting/edges"), &json!([]));
    }
}

scenario! {
    /// Raw HTML and script links in a description never reach a client.
    async fn descriptions_are_sanitised(world) {
        let host = world.activist("Wren").await;
        let text = "Hi <script>alert(1)</script> [go](javascript:alert(2)) <img src=x onerror=alert(3)> **ok**";
        let made = world.event(&host, json!({"description": text})).await;
        let answer = read(&world.anonymous(), &made.id).await;
        for field in ["description", "descriptionHtml"] {
            let text = answer.text(&format!("/event/{field}"));
            assert!(!text.contains("<script") && !text.contains("javascript:") && !text.contains("<img"), "{text}");
            assert!(text.contains("ok"));
        }
    }
}

/// Ids of another type say so.
async fn wrong_id(world: &World, id: &str) -> Vec<String> {
    read(&world.anonymous(), id).await.wrong_fields()
}

scenario! {
    /// An id of the wrong type, or none at all, is named as such.
    async fn ids_are_checked(world) {
        assert_eq!(wrong_id(world, "timeslot:0199a1b2-0000-7000-8000-000000000000").await, ["id"]);
        assert_eq!(wrong_id(world, "42").await, ["id"]);
        let gone = read(&world.anonymous(), "event:0199a1b2-0000-7000-8000-000000000000").await;
        assert_eq!(gone.code(), "NOT_FOUND");
    }
}
