//! The end of an account, and what it does to others.

use chrono::TimeDelta;
use entity::{HostKind, event_host};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{another_device, erase, erasure_code};
use crate::{
    harness::{Caller, Made, World},
    rsvps::{rsvp, seats_left, status},
};

/// Makes somebody a host of an event beside whoever hosts it.
pub(super) async fn host_with(world: &World, caller: &Caller, made: &Made) {
    let me = caller
        .ask("{ viewer { id } }", Value::Null)
        .await
        .text("/viewer/id");
    let key = |id: &str| id.split_once(':').unwrap().1.parse::<Uuid>().unwrap();
    let row = event_host::ActiveModel {
        id: Set(Uuid::now_v7()),
        event_id: Set(key(&made.id)),
        kind: Set(HostKind::Person),
        person_id: Set(Some(key(&me))),
        public_name: Set(format!("With {}", caller.address)),
        wanted_name: Set(None),
        leads: Set(false),
        created_at: Set(world.now()),
    };
    let insert = event_host::Entity::insert(row);
    insert
        .exec_without_returning(world.app.db.writer())
        .await
        .unwrap();
}

scenario! {
    /// Seats of dates to come go to whoever waits, with a mail; those of dates that are over stay.
    async fn seats_go_to_whoever_waits(world) {
        let host = world.activist("Finch").await;
        let (wren, robin) = (world.activist("Wren").await, world.activist("Robin").await);
        let tomorrow = json!([{"startsAt": "2030-01-16T12:00:00Z", "endsAt": "2030-01-16T13:00:00Z", "capacity": 5}]);
        let over = world.event(&host, json!({"timeslots": tomorrow})).await;
        let slot = json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 2}]);
        let to_come = world.event(&host, json!({"timeslots": slot, "waitlistOfferHours": 0})).await;
        rsvp(&wren, &over, 3).await.data();
        rsvp(&wren, &to_come, 2).await.data();
        assert_eq!(rsvp(&robin, &to_come, 1).await.at("/rsvp/status"), "WAITLISTED");
        world.advance(TimeDelta::days(2));
        let wren = another_device(world, &wren).await;
        erase(world, &wren).await.data();
        world.drain().await;
        let robin = another_device(world, &robin).await;
        assert_eq!(status(&robin, &to_come).await, "REGISTERED");
        assert_eq!(seats_left(world, &to_come).await, 1);
        assert_eq!(seats_left(world, &over).await, 2, "three did come");
        let mails = world.mails_to("robin@example.org");
        assert!(mails.iter().any(|mail| mail.subject.starts_with("A place came free")));
        let attendees = "query($id: ID!) { event(id: $id) { attendees { edges { node { name partySize status } } } } }";
        let host = another_device(world, &host).await;
        let came = host.ask(attendees, json!({"id": over.id})).await;
        let edges = came.at("/event/attendees/edges").as_array().unwrap();
        assert_eq!(edges.len(), 1);
        assert_eq!(edges[0]["node"], json!({"name": "", "partySize": 3, "status": "REGISTERED"}));
    }
}

scenario! {
    /// Nobody leaves an event to come that only they run; a draft goes with them, and one with another host goes on.
    async fn events_to_come_are_not_left_alone(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let alone = world.event(&wren, json!({"title": "Alone"})).await;
        let together = world.event(&wren, json!({"title": "Together"})).await;
        host_with(world, &finch, &together).await;
        let draft = world.draft(&wren, json!({"title": "Never published"})).await;
        let recalled = world.draft(&wren, json!({"title": "Cancelled, never published"})).await;
        wren.mutate("cancelEvent", json!({"id": recalled.id}), "event { id }").await.data();
        let code = erasure_code(world, &wren).await;
        let input = json!({"code": code});
        let refused = wren.mutate("eraseViewer", input.clone(), "residue { kind }").await;
        assert_eq!(refused.reason(), "SOLE_HOST");
        wren.ask("{ viewer { id } }", Value::Null).await.data();
        wren.mutate("cancelEvent", json!({"id": alone.id}), "event { id }").await.data();
        wren.mutate("eraseViewer", input, "residue { kind }").await.data();
        let find = "{ events { edges { node { title hosts { publicName } } } } }";
        let found = world.anonymous().ask(find, Value::Null).await;
        let expected = json!([{"node": {"title": "Together", "hosts": [{"publicName": "With finch@example.org"}]}}]);
        assert_eq!(found.at("/events/edges"), &expected, "the map knows at once");
        let organizer = world.staff("Organizer", entity::StaffRole::Organizer).await;
        let of = "query($id: ID!) { event(id: $id) { title place { addressLines } hosts { publicName } } }";
        for unknown in [draft, recalled] {
            assert_eq!(organizer.ask(of, json!({"id": unknown.id})).await.code(), "NOT_FOUND");
        }
        let left = organizer.ask(of, json!({"id": alone.id})).await;
        assert_eq!(left.at("/event/hosts"), &json!([]));
        finch.mutate("cancelEvent", json!({"id": together.id}), "event { id }").await.data();
    }
}

scenario! {
    /// Only the code that was sent to the address for this, to this person, erases, and only so often is it guessed at.
    async fn only_its_own_code_erases(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let to_erase = async |caller: &Caller, code: &str| {
            caller.mutate("eraseViewer", json!({"code": code}), "residue { kind }").await
        };
        world.anonymous().mutate("requestSignInCode", json!({"email": "wren@example.org"}), "expiresAt").await.data();
        let to_sign_in = super::code_to(world, "wren@example.org", "sign-in").await;
        assert_eq!(to_erase(&wren, &to_sign_in).await.wrong_fields(), ["input.code"]);
        let code = erasure_code(world, &wren).await;
        assert_eq!(to_erase(&finch, &code).await.wrong_fields(), ["input.code"]);
        let sign_in = json!({"email": "wren@example.org", "code": code});
        assert_eq!(world.anonymous().mutate("signIn", sign_in, "accessToken").await.wrong_fields(), ["input.code"]);
        assert_eq!(to_erase(&world.anonymous(), &code).await.code(), "UNAUTHENTICATED");
        for _ in 0..5 {
            assert_eq!(to_erase(&wren, "00000000").await.wrong_fields(), ["input.code"]);
        }
        assert_eq!(to_erase(&wren, &code).await.wrong_fields(), ["input.code"], "guessed at too often");
        let code = erasure_code(world, &wren).await;
        world.advance(TimeDelta::minutes(11));
        let wren = another_device(world, &wren).await;
        assert_eq!(to_erase(&wren, &code).await.wrong_fields(), ["input.code"], "too old");
        let code = erasure_code(world, &wren).await;
        to_erase(&wren, &code).await.data();
    }
}

scenario! {
    /// While somebody is erased, what they do elsewhere comes before or is refused, and seats stay right.
    async fn erasing_beside_answers(world) {
        let host = world.activist("Finch").await;
        let made = world.event_with_seats(&host, 3).await;
        for round in 0..4 {
            let name = format!("Wren{round}");
            let wren = world.activist(&name).await;
            let phone = another_device(world, &wren).await;
            let code = erasure_code(world, &wren).await;
            let erasing = wren.mutate("eraseViewer", json!({"code": code}), "residue { kind }");
            let (erased, answered) = tokio::join!(erasing, rsvp(&phone, &made, 1));
            erased.data();
            let code = answered.code_if_any();
            assert!(matches!(code, None | Some("UNAUTHENTICATED" | "CONFLICT")), "{}", answered.body);
            assert_eq!(seats_left(world, &made).await, 3, "round {round}");
            world.drain().await;
        }
    }
}
