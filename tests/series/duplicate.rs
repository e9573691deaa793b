//! Making another event like one that is there.

use entity::{HostKind, StaffRole, event_host};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{COUNTS, TUESDAYS, dates, locals, series, update, weekly};
use crate::harness::{Answer, Caller, World};

const CONTENT: &str =
    "title summary description eventType tags imageUrl accessibilityStatus accessibilityNotes
    accessibilityFeatures visibility addressVisibility timezone isVirtual virtualUrl instructions
    place { venue addressLines locality region postalCode country latitude longitude precision }
    gathering { place minutesBefore }";

async fn duplicate(caller: &Caller, input: Value) -> Answer {
    let payload = format!(
        "event {{ id status version cancelledAt review {{ submittedAt }} hosts {{ kind publicName }} {CONTENT} }}"
    );
    caller.mutate("duplicateEvent", input, &payload).await
}

/// Somebody else, and a sponsor, host it as well.
async fn more_hosts(world: &World, event: &str) {
    for (kind, name) in [(HostKind::Sponsor, "Rivers United"), (HostKind::Person, "Jay T.")] {
        let host = event_host::ActiveModel {
            id: Set(Uuid::now_v7()),
            event_id: Set(event.trim_start_matches("event:").parse().unwrap()),
            kind: Set(kind),
            person_id: Set(None),
            public_name: Set(name.to_owned()),
            wanted_name: Set(None),
            leads: Set(false),
            created_at: Set(world.now()),
        };
        host.insert(world.app.db.writer()).await.unwrap();
    }
}

scenario! {
    /// A copy is a draft with all content, private parts too, and neither dates, RSVPs nor review; whoever makes it hosts
    /// it, with the sponsors.
    async fn a_copy_is_a_draft(world) {
        let host = world.activist("Wren").await;
        let over = json!({
            "addressVisibility": "AFTER_RSVP", "instructions": "Ring twice.", "virtualUrl": "https://video.example.org/room",
            "gathering": {"place": "At the oak", "minutesBefore": 20}, "tags": ["water"], "imageUrl": "https://example.org/a.png",
            "accessibilityStatus": "ACCESSIBLE", "accessibilityNotes": "Ramp.", "accessibilityFeatures": ["RAMP"]
        });
        let made = world.event(&host, over).await;
        more_hosts(world, &made.id).await;
        let source = host.ask(&format!("query($id: ID!) {{ event(id: $id) {{ {CONTENT} }} }}"), json!({"id": made.id})).await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        for (caller, name) in [(&host, "Host of Tests"), (&organizer, "Owl T.")] {
            let copy = duplicate(caller, json!({"id": made.id, "idempotencyKey": "duplicate-1"})).await;
            let copy = copy.at("/duplicateEvent/event");
            for (field, value) in source.at("/event").as_object().unwrap() {
                assert_eq!(&copy[field], value, "{field}");
            }
            assert_eq!((&copy["status"], &copy["version"]), (&json!("DRAFT"), &json!(1)));
            assert_eq!(copy["review"]["submittedAt"], Value::Null);
            let hosts = json!([{"kind": "PERSON", "publicName": name}, {"kind": "SPONSOR", "publicName": "Rivers United"}]);
            assert_eq!(copy["hosts"], hosts);
            assert!(dates(caller, copy["id"].as_str().unwrap()).await.is_empty());
            let again = duplicate(caller, json!({"id": made.id, "idempotencyKey": "duplicate-1"})).await;
            assert_eq!(again.at("/duplicateEvent/event/id"), &copy["id"], "it is made once");
        }
        let named = json!({"id": made.id, "title": "Calls again", "publicName": "W.", "place": null});
        let named = duplicate(&host, named).await;
        assert_eq!(named.at("/duplicateEvent/event/title"), "Calls again");
        assert_eq!(named.at("/duplicateEvent/event/place"), &Value::Null);
        assert_eq!(named.at("/duplicateEvent/event/hosts/0/publicName"), "W.");
        let stranger = world.activist("Finch").await;
        assert_eq!(duplicate(&stranger, json!({"id": made.id})).await.code(), "FORBIDDEN");
    }
}

scenario! {
    /// Dates come along when they are asked for, moved or not, with their times of the clock, in another zone too. They are
    /// a series where the rule can follow, and dates by themselves where it cannot.
    async fn dates_keep_their_local_times(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=20").await;
        let source = dates(&host, &made.id).await;
        let guest = world.activist("Finch").await;
        guest.mutate("rsvp", json!({"timeslotId": source[0].id, "partySize": 2}), "status").await.data();
        world.drain().await;
        update(&host, json!({"id": source[2].id, "scope": "THIS", "localStart": "2030-01-30T09:00:00"})).await.data();
        host.mutate("cancelTimeslots", json!({"id": source[3].id, "scope": "THIS"}), COUNTS).await.data();
        let source = dates(&host, &made.id).await;

        let elsewhere = json!({"id": made.id, "keepDates": true, "timezone": "Europe/Berlin", "place": {
            "venue": "Test Hall", "locality": "Berlin", "country": "DE", "latitude": 52.52, "longitude": 13.4}});
        let copy = duplicate(&host, elsewhere).await;
        assert_eq!(copy.at("/duplicateEvent/event/place/locality"), "Berlin");
        let there = dates(&host, &copy.text("/duplicateEvent/event/id")).await;
        assert_eq!(locals(&there), locals(&source));
        assert_eq!(there[0].starts_at.to_rfc3339(), "2030-01-22T18:00:00+00:00");
        let series_of = |dates: &[super::Date]| dates.iter().map(|date| date.occurrence.clone().unwrap()).collect::<Vec<_>>();
        for (old, new) in series_of(&source).iter().zip(series_of(&there)) {
            assert_eq!((&old.1, &old.2, old.3), (&new.1, &new.2, new.3));
            assert_ne!(old.0, new.0, "a series of its own");
        }
        let edited = update(&host, json!({"id": there[1].id, "scope": "ALL", "capacity": 1})).await;
        assert_eq!(super::counts(&edited), [0, 18, 0], "without the exception; no seat is taken there");

        let later = json!({"id": made.id, "localStart": "2030-06-05T18:30:00"});
        let copy = duplicate(&host, later).await;
        let later = dates(&host, &copy.text("/duplicateEvent/event/id")).await;
        assert_eq!(later.len(), 19);
        assert!(locals(&later).starts_with("06-05T18:30 06-07T18:30 06-13T08:30 06-19T18:30"), "{}", locals(&later));
        assert_eq!(later[0].occurrence.as_ref().unwrap().1, "FREQ=WEEKLY;UNTIL=20300809;BYDAY=WE,FR");

        let monthly = world.draft(&host, json!({"timeslots": []})).await;
        host.mutate("addSeries", series(&monthly.id, "FREQ=MONTHLY;BYDAY=4TU;COUNT=2", TUESDAYS), COUNTS).await.data();
        let copy = duplicate(&host, json!({"id": monthly.id, "localStart": "2030-01-23T19:00:00"})).await;
        let plain = dates(&host, &copy.text("/duplicateEvent/event/id")).await;
        assert_eq!(locals(&plain), "01-23T19:00 02-27T19:00");
        assert!(plain.iter().all(|date| date.occurrence.is_none()));
    }
}

scenario! {
    /// What cannot be is named.
    async fn what_cannot_be_copied_so(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let undated = world.draft(&host, json!({"timeslots": []})).await;
        for (input, wrong) in [
            (json!({"id": made.id, "localStart": "2030-01-01T19:00:00"}), "input.localStart"),
            (json!({"id": made.id, "localStart": "next week"}), "input.localStart"),
            (json!({"id": undated.id, "localStart": "2030-06-01T19:00:00"}), "input.localStart"),
            (json!({"id": made.id, "timezone": "Mars/Olympus", "keepDates": true}), "input.timezone"),
            (json!({"id": made.id, "title": ""}), "input.title"),
            (json!({"id": made.id, "publicName": " "}), "input.publicName"),
        ] {
            assert_eq!(duplicate(&host, input.clone()).await.wrong_fields(), [wrong], "{input}");
        }
    }
}
