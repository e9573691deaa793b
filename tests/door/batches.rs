//! What devices tell, and how each item is answered.

use chrono::TimeDelta;
use entity::{attendance_fact, consent};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rows;
use crate::{
    account::another_device,
    harness::{Answer, Caller, Made, World},
    rsvps::rsvp,
};

const RESULTS: &str =
    "results { accepted reason kept name attendeeId walkInId attendance { came partySize source }
    choices { name partySize codeHash attendeeId } }";

/// An event that begins in an hour, with open doors.
pub(super) async fn soon(world: &World, host: &Caller) -> Made {
    let start = world.now() + TimeDelta::hours(1);
    let slot = json!([{"startsAt": start, "endsAt": start + TimeDelta::hours(2)}]);
    world.event(host, json!({"timeslots": slot})).await
}

pub(super) async fn tell(caller: &Caller, event: &Made, client: &str, items: Value) -> Answer {
    let input = json!({"eventId": event.id, "clientId": client, "items": items});
    caller.mutate("checkIn", input, RESULTS).await
}

/// What was said of one item.
async fn told(caller: &Caller, event: &Made, item: Value) -> Value {
    let nonce = crate::harness::unique();
    let mut item = item;
    item["nonce"] = json!(nonce);
    let answer = tell(caller, event, "list", json!([item])).await;
    answer.at("/checkIn/results/0").clone()
}

pub(super) async fn code(caller: &Caller, event: &Made) -> String {
    let query = "query($id: ID!) { event(id: $id) { viewerRsvps { checkInCode } } }";
    let mine = caller.ask(query, json!({"id": event.id})).await;
    mine.text("/event/viewerRsvps/0/checkInCode")
}

scenario! {
    /// A code is good once, at its event, while its RSVP stands, and until it is replaced.
    async fn codes_are_answered_by_what_is_so(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let event = soon(world, &wren).await;
        let other = soon(world, &wren).await;
        let mine = rsvp(&finch, &event, 3).await;
        rsvp(&jay, &other, 1).await.data();
        let first = code(&finch, &event).await;
        assert!(first.len() <= 150);
        let id = mine.at("/rsvp/rsvp/id").clone();
        finch.mutate("renewCheckInCode", json!({"id": id}), "rsvp { id }").await.data();
        let good = code(&finch, &event).await;
        assert_ne!(first, good);
        assert_eq!(jay.mutate("renewCheckInCode", json!({"id": id}), "rsvp { id }").await.code(), "NOT_FOUND");

        let reason = async |item: Value| told(&wren, &event, item).await["reason"].clone();
        assert_eq!(reason(json!({"code": first})).await, "REVOKED");
        assert_eq!(reason(json!({"code": "no code"})).await, "INVALID");
        assert_eq!(reason(json!({"code": good.replace(&good[80..90], "AAAAAAAAAA")})).await, "INVALID");
        assert_eq!(reason(json!({"code": code(&jay, &other).await})).await, "WRONG_EVENT");
        let came = told(&wren, &event, json!({"code": good})).await;
        assert_eq!(came["accepted"], true);
        assert_eq!((&came["name"], &came["attendance"]["partySize"]), (&json!("Finch Testperson"), &json!(3)));
        assert_eq!(came["attendance"]["source"], "CODE");
        assert_eq!(reason(json!({"code": good})).await, "ALREADY_CHECKED_IN");
        world.advance(TimeDelta::minutes(1));
        assert_eq!(told(&wren, &event, json!({"code": good, "kind": "OUT"})).await["accepted"], true);
        world.advance(TimeDelta::minutes(1));
        assert_eq!(told(&wren, &event, json!({"code": good, "partySize": 2})).await["attendance"]["partySize"], 2);

        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        let late = told(&wren, &event, json!({"code": good, "kind": "OUT"})).await;
        assert_eq!((&late["reason"], &late["kept"]), (&json!("CANCELLED"), &json!(false)));
        let late = told(&wren, &event, json!({"code": good, "kind": "OUT", "force": true})).await;
        assert_eq!((&late["reason"], &late["kept"]), (&json!("CANCELLED"), &json!(true)));
        let query = "query($id: ID!) { event(id: $id) { attendees { edges { node { status attendance { came } } } } } }";
        let both = wren.ask(query, json!({"id": event.id})).await;
        let node = both.at("/event/attendees/edges/0/node");
        assert_eq!((&node["status"], &node["attendance"]["came"]), (&json!("CANCELLED"), &json!(true)));
        world.drain().await;
    }
}

scenario! {
    /// Nobody is let in before the doors open, and nobody was absent before the start; what is wrong with a batch is said at once.
    async fn times_and_forms_are_checked(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = world.event(&wren, json!({})).await;
        let mine = rsvp(&finch, &event, 1).await;
        let attendee = mine.text("/rsvp/rsvp/id").replace("rsvp:", "attendee:");
        assert_eq!(told(&wren, &event, json!({"attendeeId": attendee})).await["reason"], "NOT_YET");
        let sees = told(&wren, &event, json!({"attendeeId": attendee, "kind": "ABSENT"})).await;
        assert_eq!(sees["reason"], "NOT_YET");
        for (item, wrong) in [
            (json!({"nonce": "1"}), "input.items.0"),
            (json!({"nonce": "1", "name": "Wren", "attendeeId": attendee}), "input.items.0"),
            (json!({"nonce": "", "name": "Wren"}), "input.items.0.nonce"),
            (json!({"nonce": "1", "name": "Wren", "partySize": 21}), "input.items.0.partySize"),
            (json!({"nonce": "1", "name": "Wren", "kind": "UNDO"}), "input.items.0.kind"),
            (json!({"nonce": "1", "codeHash": "ab"}), "input.items.0.codeHash"),
            (json!({"nonce": "1", "walkIn": {"name": {"givenName": " "}}}), "input.items.0.walkIn.name.givenName"),
            (json!({"nonce": "1", "walkIn": {"name": {"givenName": "Jay"}, "email": "jay"}}), "input.items.0.walkIn.email"),
        ] {
            assert_eq!(tell(&wren, &event, "list", json!([item])).await.wrong_fields(), [wrong], "{item}");
        }
        assert_eq!(tell(&wren, &event, "list", json!([])).await.wrong_fields(), ["input.items"]);
        let many: Vec<Value> = (0..501).map(|i| json!({"nonce": i.to_string(), "name": "Jay"})).collect();
        assert_eq!(tell(&wren, &event, "list", json!(many)).await.wrong_fields(), ["input.items"]);
        let draft = world.draft(&wren, json!({})).await;
        assert_eq!(tell(&wren, &draft, "list", json!([{"nonce": "1", "name": "Jay"}])).await.reason(), "EVENT_NOT_PUBLISHED");
        world.advance(TimeDelta::days(40));
        let wren = another_device(world, &wren).await;
        assert_eq!(tell(&wren, &event, "list", json!([{"nonce": "1", "name": "Jay"}])).await.reason(), "EVENT_ENDED");
        world.drain().await;
    }
}

scenario! {
    /// A spoken name is enough when it is one person's; a walk-in is taken down whether or not their address is known.
    async fn names_and_walk_ins(world) {
        let (wren, finch, fitz) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Fitz").await);
        let event = soon(world, &wren).await;
        for guest in [&finch, &fitz] {
            rsvp(guest, &event, 1).await.data();
        }
        let both = told(&wren, &event, json!({"name": "fi test"})).await;
        assert_eq!((&both["reason"], both["choices"].as_array().unwrap().len()), (&json!("AMBIGUOUS"), 2));
        let hash = &both["choices"][0]["codeHash"];
        let chosen = told(&wren, &event, json!({"codeHash": hash})).await;
        assert_eq!((&chosen["accepted"], &chosen["name"]), (&json!(true), &both["choices"][0]["name"]));
        assert_eq!(told(&wren, &event, json!({"name": "FITZ"})).await["accepted"], true);
        assert_eq!(told(&wren, &event, json!({"name": "Robin"})).await["reason"], "INVALID");

        let heron = world.activist("Heron").await;
        let guest = |email: &str| json!({"walkIn": {"name": {"givenName": "Robin", "familyName": "Testguest"}, "email": email,
            "consent": {"purpose": "RECRUITMENT", "textVersion": "2030-01"}}});
        for email in ["new@example.org", &heron.address, &finch.address] {
            let taken = told(&wren, &event, guest(email)).await;
            assert_eq!((&taken["accepted"], &taken["name"]), (&json!(true), &json!("Robin Testguest")), "{email}");
            assert!(taken["attendeeId"].is_null() && taken["walkInId"].is_string());
        }
        assert_eq!(rows(world, &event).await.len(), 5, "whose address it is changes nothing that a host sees");
        assert_eq!(consent::Entity::find().count(world.app.db.reader()).await.unwrap(), 3);
        told(&wren, &event, guest("new@example.org")).await;
        assert_eq!(consent::Entity::find().count(world.app.db.reader()).await.unwrap(), 3, "who said something keeps it");
        let turnout = "query($id: ID!) { event(id: $id) { turnout { coming here walkIns left noShows } } }";
        let counted = wren.ask(turnout, json!({"id": event.id})).await;
        assert_eq!(counted.at("/event/turnout"), &json!({"coming": 2, "here": 6, "walkIns": 4, "left": 0, "noShows": 0}));
        world.drain().await;
    }
}

scenario! {
    /// Three devices without a network send what they saw in parts, shuffled, and more than once: the same end, every time.
    async fn devices_may_be_late_and_repeat_themselves(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let mut ends: Vec<Value> = vec![];
        for round in 0..6_usize {
            let event = soon(world, &wren).await;
            let mut items: Vec<(&str, Value)> = vec![];
            for guest in [&finch, &jay] {
                rsvp(guest, &event, 2).await.data();
                let (code, now) = (code(guest, &event).await, world.now());
                let at = |minutes: i64| now - TimeDelta::minutes(minutes);
                items.push(("north", json!({"nonce": format!("{} in", guest.address), "code": code, "at": at(30), "force": true})));
                items.push(("south", json!({"nonce": format!("{} out", guest.address), "code": code, "at": at(20), "kind": "OUT", "force": true})));
                items.push(("list", json!({"nonce": format!("{} in", guest.address), "code": code, "at": at(40), "partySize": 1, "force": true})));
            }
            let mistake = json!({"clientId": "south", "nonce": format!("{} out", jay.address)});
            items.push(("list", json!({"nonce": "undo", "kind": "UNDO", "fact": mistake})));
            let known = items.len();
            items.extend(items.clone());
            for step in 0..items.len() {
                let (client, item) = &items[(step * 5 + round * 3) % items.len()];
                let again = tell(&wren, &event, client, json!([item])).await;
                assert_eq!(again.at("/checkIn/results/0/kept"), true);
            }
            let facts = attendance_fact::Entity::find().count(world.app.db.reader()).await.unwrap();
            assert_eq!(facts, (known * (round + 1)) as u64, "nothing lost, nothing doubled");
            let query = "query($id: ID!) { event(id: $id) { turnout { coming here left walkIns noShows }
                attendees { edges { node { name attendance { came partySize } } } } } }";
            ends.push(wren.ask(query, json!({"id": event.id})).await.at("/event").clone());
            world.drain().await;
        }
        assert_eq!(ends[0]["turnout"], json!({"coming": 4, "here": 2, "left": 2, "walkIns": 0, "noShows": 0}));
        assert!(ends.iter().all(|end| end == &ends[0]), "{ends:?}");
    }
}

scenario! {
    /// What was a mistake is taken back, and can be said anew; who was not seen by the end did not come.
    async fn mistakes_and_no_shows(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let event = soon(world, &wren).await;
        let mut ids = vec![];
        for guest in [&finch, &jay] {
            ids.push(rsvp(guest, &event, 1).await.text("/rsvp/rsvp/id").replace("rsvp:", "attendee:"));
        }
        assert_eq!(told(&wren, &event, json!({"attendeeId": ids[0]})).await["accepted"], true);
        let undo = json!({"eventId": event.id, "attendeeId": ids[0]});
        for _ in 0..2 {
            let undone = wren.mutate("undoCheckIn", undo.clone(), "attendance { came }").await;
            assert!(undone.at("/undoCheckIn/attendance/came").is_null());
        }
        let nobody = json!({"eventId": event.id, "attendeeId": ids[1]});
        assert_eq!(wren.mutate("undoCheckIn", nobody, "attendance { came }").await.code(), "NOT_FOUND");
        assert_eq!(told(&wren, &event, json!({"attendeeId": ids[0]})).await["accepted"], true);
        world.advance(TimeDelta::hours(4));
        let wren = another_device(world, &wren).await;
        let turnout = "query($id: ID!) { event(id: $id) { turnout { coming here noShows } } }";
        let counted = wren.ask(turnout, json!({"id": event.id})).await;
        assert_eq!(counted.at("/event/turnout"), &json!({"coming": 2, "here": 1, "noShows": 1}));
        let absent = told(&wren, &event, json!({"attendeeId": ids[1], "kind": "ABSENT"})).await;
        assert_eq!(absent["attendance"]["came"], false);
        let seen = told(&wren, &event, json!({"attendeeId": ids[1], "at": world.now() - TimeDelta::hours(2)})).await;
        assert_eq!(seen["attendance"]["came"], true, "a device that saw them is heard of later");
        let finch = another_device(world, &finch).await;
        let mine = "query($id: ID!) { event(id: $id) { viewerRsvps { attendance { came partySize } checkInCode } } }";
        let mine = finch.ask(mine, json!({"id": event.id})).await;
        assert_eq!(mine.at("/event/viewerRsvps/0/attendance"), &json!({"came": true, "partySize": 1}));
        world.drain().await;
    }
}
