//! Whoever has a link for the door: what they read, what they do, and until when.

use chrono::TimeDelta;
use entity::audit;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::batches::{code, soon, tell};
use crate::{account::another_device, harness::Caller, hosts::links::with_link, rsvps::rsvp};

const PACK: &str = "query($id: ID!, $version: String) { eventPack(eventId: $id, ifVersion: $version) {
    version unchanged publicKey closesAt next entries { name partySize codeHash attendeeId status answers { text } } } }";

async fn pack(caller: &Caller, event: &str, version: Value) -> Value {
    let pack = caller.ask(PACK, json!({"id": event, "version": version})).await;
    pack.at("/eventPack").clone()
}

scenario! {
    /// A link reads given name, initial, party and hash; hosts read what they may read anyway. The version changes with the roster.
    async fn each_reads_the_pack_as_they_may(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let event = soon(world, &wren).await;
        let mine = rsvp(&finch, &event, 2).await;
        let (door, _) = with_link(world, &wren, &event.id, &["CHECK_IN"]).await;
        let read = pack(&door, &event.id, Value::Null).await;
        let hash = api_hash(&code(&finch, &event).await);
        let entry = json!({"name": "Finch T.", "partySize": 2, "codeHash": hash, "attendeeId": null, "status": null, "answers": null});
        assert_eq!(read["entries"], json!([entry]));
        let whole = pack(&wren, &event.id, Value::Null).await;
        let entry = &whole["entries"][0];
        assert_eq!((&entry["name"], &entry["status"]), (&json!("Finch Testperson"), &json!("REGISTERED")));
        assert_eq!((&entry["codeHash"], &entry["answers"]), (&json!(hash), &json!([])));
        let (same, version) = (pack(&door, &event.id, read["version"].clone()).await, read["version"].clone());
        assert_eq!((&same["unchanged"], &same["entries"]), (&json!(true), &json!([])));
        rsvp(&jay, &event, 1).await.data();
        let more = pack(&door, &event.id, version.clone()).await;
        assert_eq!((&more["unchanged"], more["entries"].as_array().unwrap().len()), (&json!(false), 2));
        let renew = json!({"id": mine.at("/rsvp/rsvp/id")});
        finch.mutate("renewCheckInCode", renew, "rsvp { id }").await.data();
        let renewed = pack(&door, &event.id, more["version"].clone()).await;
        assert_eq!(renewed["unchanged"], false);
        assert_ne!(renewed["entries"][0]["codeHash"], json!(hash));
        let old = tell(&door, &event, "gate", json!([{"nonce": "1", "codeHash": hash}])).await;
        assert_eq!(old.at("/checkIn/results/0/reason"), "REVOKED");
        let records = audit::Entity::find().all(world.app.db.reader()).await.unwrap();
        assert!(records.iter().any(|record| record.kind == "event.attendees_by_link"), "reading by a link is recorded");
        world.drain().await;
    }
}

fn api_hash(code: &str) -> String {
    let bytes = api::sealed::hash(code);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

scenario! {
    /// It checks in by code, hash, given name and initial, and takes walk-ins; it never learns a family name, and ends.
    async fn it_checks_in_until_it_ends(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = soon(world, &wren).await;
        let mine = rsvp(&finch, &event, 1).await;
        let (door, _) = with_link(world, &wren, &event.id, &["CHECK_IN"]).await;
        let seen = async |item: Value| tell(&door, &event, "gate", json!([item])).await.at("/checkIn/results/0").clone();
        assert_eq!(seen(json!({"nonce": "1", "name": "Finch Testperson"})).await["reason"], "INVALID");
        let attendee = mine.text("/rsvp/rsvp/id").replace("rsvp:", "attendee:");
        assert_eq!(seen(json!({"nonce": "2", "attendeeId": attendee})).await["reason"], "INVALID");
        let came = seen(json!({"nonce": "3", "name": "finch t"})).await;
        assert_eq!((&came["accepted"], &came["name"], &came["attendeeId"]), (&json!(true), &json!("Finch T."), &Value::Null));
        assert_eq!(came["attendance"]["source"], "DOOR_LINK");
        let absent = tell(&door, &event, "gate", json!([{"nonce": "4", "name": "finch", "kind": "ABSENT"}])).await;
        assert_eq!(absent.wrong_fields(), ["input.items.0.kind"]);
        let guest = seen(json!({"nonce": "5", "walkIn": {"name": {"givenName": "Robin", "familyName": "Testguest"}}})).await;
        assert_eq!(guest["name"], "Robin T.");
        let again = seen(json!({"nonce": "5", "walkIn": {"name": {"givenName": "Robin", "familyName": "Testguest"}}})).await;
        assert_eq!(again["walkInId"], guest["walkInId"], "sent twice, it is one");
        let undo = json!({"eventId": event.id, "walkInId": guest["walkInId"]});
        door.mutate("undoCheckIn", undo, "attendance { came }").await.data();
        let counts = "query($id: ID!) { event(id: $id) { turnout { coming here walkIns } walkIns { edges { cursor } } } }";
        let counts = door.ask(counts, json!({"id": event.id})).await;
        assert_eq!(counts.code(), "FORBIDDEN", "who they are is for hosts");
        let counts = "query($id: ID!) { event(id: $id) { turnout { coming here walkIns } } }";
        let read = door.ask(counts, json!({"id": event.id})).await;
        assert_eq!(read.at("/event/turnout"), &json!({"coming": 1, "here": 1, "walkIns": 0}));
        assert!(finch.ask(counts, json!({"id": event.id})).await.at("/event/turnout").is_null());
        world.advance(TimeDelta::hours(14));
        assert_eq!(pack(&door, &event.id, Value::Null).await["entries"].as_array().unwrap().len(), 1);
        world.advance(TimeDelta::hours(2));
        assert_eq!(door.ask(PACK, json!({"id": event.id})).await.code(), "UNAUTHENTICATED");
        let wren = another_device(world, &wren).await;
        let (longer, id) = with_link(world, &wren, &event.id, &["CHECK_IN", "VIEW_RSVPS"]).await;
        assert_eq!(longer.ask(PACK, json!({"id": event.id})).await.code(), "FORBIDDEN", "whatever else it gives");
        wren.mutate("revokeHostLink", json!({"id": id}), "hostLink { id }").await.data();
        assert_eq!(longer.ask(PACK, json!({"id": event.id})).await.code(), "UNAUTHENTICATED");
        world.drain().await;
    }
}

scenario! {
    /// Followers of an event at whose door they are hear of each who comes.
    async fn a_host_follows_who_comes(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = soon(world, &wren).await;
        rsvp(&finch, &event, 2).await.data();
        let query = "subscription($id: ID!) { turnoutChanged(eventId: $id) { coming here } }";
        let (mut socket, first) = wren.follow(query, json!({"id": event.id})).await;
        assert_eq!(first["data"]["turnoutChanged"], json!({"coming": 2, "here": 0}));
        tell(&wren, &event, "list", json!([{"nonce": "1", "name": "Finch"}])).await.data();
        let next = socket.answer("1").await;
        assert_eq!(next["data"]["turnoutChanged"], json!({"coming": 2, "here": 2}));
        world.drain().await;
    }
}
