//! Taking events down, and putting them back.

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use super::{edit, in_both_modes, queue, read};
use crate::{
    harness::{Caller, World},
    rsvps::rsvp,
};

const NEARBY: &str = "{ nearbyEvents(near: {postalCode: {code: \"50309\"}}) { edges { node { id } } } }";

pub(super) async fn suppress(organizer: &Caller, id: &str) -> crate::harness::Answer {
    let why = json!({"id": id, "category": "UNSAFE", "reason": "Is the bridge open?"});
    organizer
        .mutate("suppressEvent", why, "event { status version }")
        .await
}

async fn status_of_page(world: &World, path: &str) -> u16 {
    let response = reqwest::get(format!("{}{path}", world.url)).await.unwrap();
    response.status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_taken_down_is_gone_and_comes_back() {
    in_both_modes(&[], async |world| {
        let (host, anybody) = (world.activist("Wren").await, world.anonymous());
        let (guest, waiting) = (world.activist("Finch").await, world.activist("Jay").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let over = json!({"addressVisibility": "AFTER_RSVP", "instructions": "Ring twice.",
            "timeslots": [{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 1}]});
        let made = world.event(&host, over).await;
        let coming = rsvp(&guest, &made, 1).await;
        rsvp(&waiting, &made, 1).await.data();
        world.drain().await;
        let mails = world.mails().len();
        let other = world.another_process().await;
        assert_eq!(other.map.len(), 1);

        assert_eq!(suppress(&host, &made.id).await.code(), "FORBIDDEN");
        let no_reason = json!({"id": made.id, "category": "SPAM", "reason": " "});
        assert_eq!(organizer.mutate("suppressEvent", no_reason, "event { id }").await.wrong_fields(), ["input.reason"]);
        for _ in 0..2 {
            assert_eq!(suppress(&organizer, &made.id).await.at("/suppressEvent/event/status"), "SUPPRESSED");
        }
        assert_eq!(anybody.ask(NEARBY, Value::Null).await.at("/nearbyEvents/edges"), &json!([]));
        world.advance(TimeDelta::seconds(1));
        other.map.repair(&other.db, world.now()).await.unwrap();
        assert_eq!(other.map.len(), 0, "in every process");
        for page in ["ics", "jsonld"] {
            assert_eq!(status_of_page(world, &format!("/events/{}.{page}", made.id)).await, 404);
        }
        let stranger = world.activist("Robin").await;
        for caller in [&anybody, &stranger] {
            assert_eq!(read(caller, &made.id).await.code(), "NOT_FOUND");
        }
        assert_eq!(rsvp(&stranger, &made, 1).await.code(), "NOT_FOUND");

        // Who answered learns that it is gone, reads nothing private, and can take the answer back.
        let mine = "{ viewer { rsvps { edges { node { id event { status instructions place { addressLines } review { category } } } } } } }";
        let mine = guest.ask(mine, Value::Null).await;
        let event = mine.at("/viewer/rsvps/edges/0/node/event");
        assert_eq!(event, &json!({"status": "SUPPRESSED", "instructions": null, "place": {"addressLines": []}, "review": null}));
        let back = json!({"id": coming.at("/rsvp/rsvp/id")});
        guest.mutate("cancelRsvp", back, "status").await.data();
        world.drain().await;
        let still = "{ viewer { rsvps { edges { node { status } } } } }";
        let waits = waiting.ask(still, Value::Null).await;
        assert_eq!(waits.at("/viewer/rsvps/edges/0/node/status"), "WAITLISTED", "nobody is let in meanwhile");
        assert_eq!(world.mails().len(), mails, "nobody is written to");

        let why = "query($id: ID!) { event(id: $id) { review { category suppressedAt suppressionReason } } }";
        let why = host.ask(why, json!({"id": made.id})).await;
        assert_eq!(why.at("/event/review/suppressionReason"), "Is the bridge open?");
        assert_eq!(host.mutate("reinstateEvent", json!({"id": made.id}), "event { id }").await.code(), "FORBIDDEN");
        organizer.mutate("reinstateEvent", json!({"id": made.id}), "event { status }").await.data();
        let again = organizer.mutate("reinstateEvent", json!({"id": made.id}), "event { status }").await;
        assert_eq!(again.reason(), "EVENT_NOT_SUPPRESSED");
        read(&anybody, &made.id).await.data();
        let waits = waiting.ask(still, Value::Null).await;
        assert_eq!(waits.at("/viewer/rsvps/edges/0/node/status"), "REGISTERED", "the seat that came free meanwhile");
        world.drain().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_mend_and_ask_for_another_look() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        let draft = world.draft(&host, json!({"title": "Something else"})).await;
        assert_eq!(suppress(&organizer, &draft.id).await.reason(), "EVENT_NOT_PUBLISHED");
        suppress(&organizer, &made.id).await.data();
        assert!(queue(&organizer).await.is_empty());
        let ask = json!({"id": made.id, "note": "The bridge is open again."});
        let asked = host.mutate("publishEvent", ask, "event { status version }").await;
        assert_eq!(asked.at("/publishEvent/event/status"), "SUPPRESSED", "nothing is public before somebody looked");
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));
        let version = asked.at("/publishEvent/event/version").as_i64().unwrap();
        edit(&host, &made, version, json!({"title": "Calls beyond the bridge"})).await.data();
        let looked = "query($id: ID!) { event(id: $id) { title review { hostNote flags } pendingChanges { changes { after } } } }";
        let looked = organizer.ask(looked, json!({"id": made.id})).await;
        assert_eq!(looked.at("/event"), &json!({"title": "Calls for clean water",
            "review": {"hostNote": "The bridge is open again.", "flags": ["NEW_HOST", "APPEAL"]},
            "pendingChanges": {"changes": [{"after": "Calls beyond the bridge"}]}}));
        let no = json!({"id": made.id, "category": "UNSAFE", "reason": "Not before Friday."});
        let no = organizer.mutate("rejectEvent", no, "event { status }").await;
        assert_eq!(no.at("/rejectEvent/event/status"), "SUPPRESSED");
        assert!(queue(&organizer).await.is_empty());
        let told = read(&host, &made.id).await;
        assert_eq!(told.at("/event/pendingChanges/refusalReason"), "Not before Friday.");
        // Asked once more, what was refused is not asked for, and an edit that needs nobody leaves it in the queue.
        let ask = json!({"id": made.id, "note": "Please look again."});
        host.mutate("publishEvent", ask, "event { id }").await.data();
        edit(&host, &made, version + 3, json!({"eventType": "RALLY"})).await.data();
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));
        assert_eq!(read(&organizer, &made.id).await.at("/event/pendingChanges"), &Value::Null);
        edit(&host, &made, version + 4, json!({"title": "Calls on Friday"})).await.data();
        let back = organizer.mutate("approveEvent", json!({"id": made.id}), "event { status title }").await;
        assert_eq!(back.at("/approveEvent/event"), &json!({"status": "APPROVED", "title": "Calls on Friday"}));
        read(&world.anonymous(), &made.id).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_down_stays_gone_when_it_is_called_off() {
    in_both_modes(&[], async |world| {
        let (host, guest) = (world.activist("Wren").await, world.activist("Finch").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        rsvp(&guest, &made, 1).await.data();
        world.drain().await;
        suppress(&organizer, &made.id).await.data();
        let off = json!({"id": made.id, "note": "They lie about us."});
        host.mutate("cancelEvent", off, "event { id }").await.data();
        let note = "query($id: ID!) { event(id: $id) { cancellationNote } }";
        let note = guest.ask(note, json!({"id": made.id})).await;
        assert_eq!(
            note.at("/event/cancellationNote"),
            &Value::Null,
            "nobody looked at it"
        );
        assert_eq!(read(&world.anonymous(), &made.id).await.code(), "NOT_FOUND");
        assert_eq!(read(&guest, &made.id).await.at("/event/status"), "CANCELLED");
        assert_eq!(suppress(&organizer, &made.id).await.reason(), "EVENT_CANCELLED");
    })
    .await;
}
