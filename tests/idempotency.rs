//! Requests that carry a key are carried out once, however often they arrive.

use futures_util::future::join_all;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Caller, Made, World},
    rsvps::{PAYLOAD, seats_left},
};

const KEY: &str = "5b7c2a6e-0001";

async fn answer(caller: &Caller, made: &Made, party: i32) -> Answer {
    let input = json!({"timeslotId": made.timeslot, "partySize": party, "idempotencyKey": KEY});
    caller.mutate("rsvp", input, PAYLOAD).await
}

async fn create(caller: &Caller, over: Value) -> Answer {
    let mut input = json!({
        "title": "Picnic", "eventType": "MEETING", "timezone": "America/Chicago", "idempotencyKey": KEY
    });
    input
        .as_object_mut()
        .unwrap()
        .extend(over.as_object().unwrap().clone());
    caller
        .mutate("createEvent", input, "event { id title version }")
        .await
}

async fn events(world: &World) -> u64 {
    entity::event::Entity::find()
        .count(world.app.db.reader())
        .await
        .unwrap()
}

async fn keys(world: &World) -> u64 {
    let keys = entity::idempotency_key::Entity::find();
    keys.count(world.app.db.reader()).await.unwrap()
}

scenario! {
    /// Twenty at once make one event; each gets it as an answer.
    async fn what_is_made_is_made_once(world) {
        let wren = world.activist("Wren").await;
        let answers = join_all((0..20).map(|_| create(&wren, json!({})))).await;
        for answer in &answers {
            assert_eq!(answer.at("/createEvent/event"), answers[0].at("/createEvent/event"));
        }
        assert_eq!((events(world).await, keys(world).await), (1, 1));
    }
}

scenario! {
    /// A repeat reads anew, as things are now; and still answers when the same would no longer be possible.
    async fn a_repeat_reads_anew(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 10).await;
        let finch = world.activist("Finch").await;
        let first = answer(&finch, &made, 3).await;
        let id = first.text("/rsvp/rsvp/id");
        let changed = finch.mutate("updateRsvp", json!({"id": id, "partySize": 2}), "status").await;
        changed.data();
        let again = answer(&finch, &made, 3).await;
        assert_eq!(again.at("/rsvp/rsvp/partySize"), 2);
        assert_eq!(again.at("/rsvp/rsvp/id"), id.as_str());
        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        assert_eq!(answer(&finch, &made, 3).await.at("/rsvp/status"), "CANCELLED");
        assert_eq!(seats_left(world, &made).await, 10, "the repeat took no seat");
        world.advance(chrono::TimeDelta::days(90)); // the event is over
        assert_eq!(answer(&world.activist("Finch").await, &made, 3).await.code(), "WRONG_STATE");
        world.drain().await;
    }
}

scenario! {
    /// One key, one input: another input is refused and changes nothing.
    async fn another_input_is_a_conflict(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 10).await;
        let finch = world.activist("Finch").await;
        answer(&finch, &made, 3).await.data();
        assert_eq!(answer(&finch, &made, 4).await.code(), "CONFLICT");
        assert_eq!(seats_left(world, &made).await, 7);
        create(&finch, json!({})).await.data();
        assert_eq!(create(&finch, json!({"title": "Other"})).await.code(), "CONFLICT");
        world.drain().await;
    }
}

scenario! {
    /// A key is its caller's own: somebody else's request with the same key is another request.
    async fn keys_belong_to_their_callers(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 10).await;
        for name in ["Finch", "Robin"] {
            let answered = answer(&world.activist(name).await, &made, 2).await;
            assert_eq!(answered.at("/rsvp/status"), "REGISTERED");
        }
        assert_eq!(seats_left(world, &made).await, 6);
        world.drain().await;
    }
}

/// Without an account a key is the client's, whichever of its addresses it comes from.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_belong_to_networks_without_an_account() {
    let settings = [("http.trusted_proxies", "127.0.0.1")];
    let world = World::with(Backend::embedded(), &settings).await;
    let send = async |address: &str| {
        let input = json!({"email": "finch@example.org", "idempotencyKey": KEY});
        let caller = world.anonymous().from(address);
        let sent = caller.mutate("requestSignInCode", input, "expiresAt").await;
        world.advance(chrono::TimeDelta::minutes(1));
        sent.text("/requestSignInCode/expiresAt")
    };
    let first = send("2001:db8:0:1::1").await;
    assert_eq!(send("2001:db8:0:1:ffff::2").await, first);
    assert_ne!(send("2001:db8:0:2::1").await, first);
    world.drain().await;
    world.finish().await;
}

scenario! {
    /// A request that fails leaves no key: corrected or repeated, it is a first request.
    async fn failures_are_not_kept(world) {
        let wren = world.activist("Wren").await;
        assert_eq!(create(&wren, json!({"title": ""})).await.wrong_fields(), ["input.title"]);
        assert_eq!(keys(world).await, 0);
        create(&wren, json!({})).await.data();
        assert_eq!((events(world).await, keys(world).await), (1, 1));
    }
}

scenario! {
    /// After a day a key may be used again, and the old one is deleted.
    async fn keys_are_kept_for_a_day(world) {
        let wren = world.activist("Wren").await;
        create(&wren, json!({})).await.data();
        world.advance(chrono::TimeDelta::hours(23));
        let wren = world.activist("Wren").await; // tokens last ten minutes
        create(&wren, json!({})).await.data();
        assert_eq!(events(world).await, 1);
        world.advance(chrono::TimeDelta::hours(1));
        let wren = world.activist("Wren").await;
        create(&wren, json!({})).await.data();
        assert_eq!((events(world).await, keys(world).await), (2, 1));
    }
}

scenario! {
    /// Codes are sent once, timeslots added once, roles granted once; each repeat gets the first answer.
    async fn sending_adding_and_granting(world) {
        let input = json!({"email": "finch@example.org", "idempotencyKey": KEY});
        let mut ends = vec![];
        for _ in 0..2 {
            let sent = world.anonymous().mutate("requestSignInCode", input.clone(), "expiresAt").await;
            ends.push(sent.at("/requestSignInCode/expiresAt").clone());
            world.advance(chrono::TimeDelta::minutes(1));
        }
        assert_eq!(ends[0], ends[1]);
        world.drain().await;
        assert_eq!(world.mails_to("finch@example.org").len(), 1);

        let wren = world.activist("Wren").await;
        let made = world.event_with_seats(&wren, 10).await;
        let slot = json!({"startsAt": "2030-02-01T18:00:00Z", "endsAt": "2030-02-01T20:00:00Z"});
        let input = json!({"eventId": made.id, "timeslots": [slot], "idempotencyKey": KEY});
        for _ in 0..2 {
            let added = wren.mutate("addTimeslots", input.clone(), "event { timeslots { edges { node { id } } } }").await;
            assert_eq!(added.at("/addTimeslots/event/timeslots/edges").as_array().unwrap().len(), 2);
        }

        let admin = world.staff("Ada", entity::StaffRole::Admin).await;
        let input = json!({"email": "robin@example.org", "role": "ORGANIZER", "idempotencyKey": KEY});
        let granted = admin.mutate("grantStaffRole", input.clone(), "id").await.text("/grantStaffRole/id");
        admin.mutate("revokeStaffRole", json!({"id": granted}), "id").await.data();
        let again = admin.mutate("grantStaffRole", input, "id").await;
        assert_eq!(again.text("/grantStaffRole/id"), granted, "a repeat does not grant anew");
        let staff = admin.ask("{ staff { edges { node { email } } } }", json!({})).await;
        assert!(!staff.at("/staff").to_string().contains("robin@"), "{:?}", staff.body);
        world.drain().await;
    }
}

scenario! {
    /// Keys that are too short to be anybody's own, too long, or not plain are refused by name.
    async fn keys_have_a_shape(world) {
        let wren = world.activist("Wren").await;
        for bad in ["", "1234567", "with a space", "línea-de-prueba", &"x".repeat(256)] {
            let answer = create(&wren, json!({"idempotencyKey": bad})).await;
            assert_eq!(answer.wrong_fields(), ["input.idempotencyKey"], "{bad}");
        }
        for good in ["12345678", &"x".repeat(255)] {
            create(&wren, json!({"idempotencyKey": good})).await.data();
        }
    }
}
