//! The line of those who wait: who is next, who may pass, and where one stands.

mod offers;

use api::domain::{
    Actor,
    actor::Member,
    device::Device,
    email::Email,
    person::Name,
    rsvp::{self as domain, Answer as Rsvp},
    session,
};
use chrono::TimeDelta;
use entity::{RsvpStatus, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

use crate::{
    harness::{Answer, Caller, Made, World},
    rsvps::{PAYLOAD, answer_by_mail, confirm, rsvp, seats_left, status},
};

/// An event with so many seats in sixty hours, under some rule.
async fn ruled(world: &World, host: &Caller, rule: &str, seats: i32) -> Made {
    let slot =
        json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": seats}]);
    world
        .event(host, json!({"timeslots": slot, "waitlistRule": rule}))
        .await
}

async fn cancel(caller: &Caller, told: &Answer) {
    let input = json!({"id": told.at("/rsvp/rsvp/id")});
    caller.mutate("cancelRsvp", input, "status").await.data();
}

/// Somebody's place in line.
async fn position(caller: &Caller, made: &Made) -> Value {
    let query = "query($id: ID!) { event(id: $id) { viewerRsvps { waitlistPosition } } }";
    let answer = caller.ask(query, json!({"id": made.id})).await;
    answer.at("/event/viewerRsvps/0/waitlistPosition").clone()
}

scenario! {
    /// With STRICT seats are kept for the first in line: nobody passes, neither who waits nor who comes later.
    async fn strict_waits_for_the_first(world) {
        let host = world.activist("Wren").await;
        let made = ruled(world, &host, "STRICT", 4).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        let two = rsvp(&a, &made, 2).await;
        assert_eq!(rsvp(&b, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        assert_eq!(rsvp(&c, &made, 3).await.at("/rsvp/status"), "WAITLISTED", "one seat is free, for three");
        assert_eq!(rsvp(&d, &made, 1).await.at("/rsvp/status"), "WAITLISTED", "it is kept for those three");
        let shown = "query($id: ID!) { event(id: $id) { waitlistRule timeslots { edges { node { seatsLeft isFull } } } } }";
        let seen = world.anonymous().ask(shown, json!({"id": made.id})).await;
        assert_eq!(seen.at("/event/timeslots/edges/0/node"), &json!({"seatsLeft": 0, "isFull": true}));
        assert_eq!(seen.at("/event/waitlistRule"), "STRICT");
        let grown = rsvp(&a, &made, 3).await;
        assert_eq!(grown.wrong_fields(), ["input.partySize"], "nor may a party grow into it");
        cancel(&a, &two).await;
        assert_eq!(status(&c, &made).await, "REGISTERED");
        assert_eq!(status(&d, &made).await, "WAITLISTED", "one and three are four");
        world.drain().await;
    }
}

scenario! {
    /// With STRICT, whoever stood before all others and leaves, becomes smaller or is too large for the room, lets them in.
    async fn strict_goes_on_when_the_first_steps_aside(world) {
        let host = world.activist("Wren").await;
        let made = ruled(world, &host, "STRICT", 2).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        rsvp(&a, &made, 1).await.data();
        assert_eq!(rsvp(&b, &made, 3).await.at("/rsvp/status"), "WAITLISTED", "the room will never have three");
        let waits = rsvp(&c, &made, 2).await;
        assert_eq!(waits.at("/rsvp/status"), "WAITLISTED");
        assert_eq!(rsvp(&d, &made, 1).await.at("/rsvp/status"), "WAITLISTED");
        cancel(&c, &waits).await;
        assert_eq!(status(&d, &made).await, "REGISTERED", "nobody waits for three");
        host.mutate("updateTimeslot", json!({"id": made.timeslot, "capacity": 4}), "event { id }").await.data();
        assert_eq!(rsvp(&c, &made, 1).await.at("/rsvp/status"), "WAITLISTED", "now three may have a chance");
        assert_eq!(rsvp(&b, &made, 1).await.at("/rsvp/status"), "REGISTERED", "and needs it no more");
        assert_eq!(status(&c, &made).await, "REGISTERED");
        world.drain().await;
    }
}

scenario! {
    /// Who holds seats until the link is followed has them, whoever waits.
    async fn held_seats_are_not_kept_for_others(world) {
        let host = world.activist("Wren").await;
        let made = ruled(world, &host, "STRICT", 4).await;
        answer_by_mail(world, &made, "Stranger", 2).await.data();
        assert_eq!(rsvp(&world.activist("Auk").await, &made, 4).await.at("/rsvp/status"), "WAITLISTED");
        assert_eq!(confirm(world, "Stranger").await.at("/confirmRsvp/status"), "REGISTERED");
        world.drain().await;
    }
}

scenario! {
    /// A host who changes the rule has everybody looked at again.
    async fn a_change_of_the_rule_counts_at_once(world) {
        let host = world.activist("Wren").await;
        let made = ruled(world, &host, "STRICT", 2).await;
        let [a, b, c] = [world.activist("Auk").await, world.activist("Booby").await, world.activist("Crake").await];
        rsvp(&a, &made, 1).await.data();
        rsvp(&b, &made, 2).await.data();
        assert_eq!(rsvp(&c, &made, 1).await.at("/rsvp/status"), "WAITLISTED");
        let change = json!({"id": made.id, "expectedVersion": made.version, "waitlistRule": "SKIP"});
        host.mutate("updateEvent", change, "event { waitlistRule }").await.data();
        world.drain().await;
        assert_eq!(status(&c, &made).await, "REGISTERED");
        let wrong = json!({"id": made.id, "expectedVersion": made.version + 1, "waitlistOfferHours": 721});
        assert_eq!(host.mutate("updateEvent", wrong, "event { id }").await.wrong_fields(), ["input.waitlistOfferHours"]);
    }
}

scenario! {
    /// The person and the host see the same place; it changes only when somebody before them goes.
    async fn everybody_knows_their_place(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 1).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        rsvp(&a, &made, 1).await.data();
        let first = rsvp(&b, &made, 2).await;
        rsvp(&c, &made, 2).await.data();
        rsvp(&d, &made, 3).await.data();
        assert_eq!(position(&a, &made).await, Value::Null);
        assert_eq!((position(&b, &made).await, position(&d, &made).await), (json!(1), json!(3)));
        rsvp(&c, &made, 4).await.data();
        assert_eq!(position(&c, &made).await, 2, "another party keeps its place");
        let query = "query($id: ID!) { event(id: $id) { attendees { edges { node { name waitlistPosition offerExpiresAt } } } } }";
        let before = world.app.db.statements();
        let seen = host.ask(query, json!({"id": made.id})).await;
        let statements = world.app.db.statements() - before;
        let places: Vec<_> = seen.at("/event/attendees/edges").as_array().unwrap().iter()
            .map(|edge| edge["node"]["waitlistPosition"].clone()).collect();
        assert_eq!(places, [Value::Null, json!(1), json!(2), json!(3)]);
        cancel(&b, &first).await;
        assert_eq!((position(&c, &made).await, position(&d, &made).await), (json!(1), json!(2)));
        let before = world.app.db.statements();
        host.ask(query, json!({"id": made.id})).await;
        assert_eq!(world.app.db.statements() - before, statements, "one statement for all places");
        world.drain().await;
    }
}

scenario! {
    /// The hosts' yes puts somebody in line like anybody else.
    async fn who_is_approved_waits_in_line(world) {
        let host = world.activist("Wren").await;
        let slot = json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 3}]);
        let over = json!({"timeslots": slot, "waitlistRule": "STRICT", "joinPolicy": "APPROVAL"});
        let made = world.event(&host, over).await;
        let mut ids = vec![];
        for (name, party) in [("Auk", 2), ("Booby", 2), ("Crake", 1)] {
            ids.push(rsvp(&world.activist(name).await, &made, party).await.text("/rsvp/rsvp/id"));
        }
        let approve = |ids: Vec<String>| json!({"eventId": made.id, "rsvpIds": ids, "decision": "APPROVE"});
        host.mutate("decideRsvps", approve(ids[..2].to_vec()), "attendees { status }").await.data();
        let last = host.mutate("decideRsvps", approve(ids[2..].to_vec()), "attendees { status waitlistPosition }").await;
        assert_eq!(last.at("/decideRsvps/attendees/0"), &json!({"status": "WAITLISTED", "waitlistPosition": 2}));
        let auk = world.activist("Auk").await;
        auk.mutate("cancelRsvp", json!({"id": ids[0]}), "status").await.data();
        assert_eq!(status(&world.activist("Booby").await, &made).await, "REGISTERED");
        assert_eq!(status(&world.activist("Crake").await, &made).await, "REGISTERED");
        world.drain().await;
    }
}

/// So many wait for a timeslot, one after the other.
async fn queue_up(world: &World, slot: Uuid, count: usize) {
    for number in 0..count {
        let email = Email::parse(&format!("q{number}@example.org"), &[]).unwrap();
        let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
        let actor = Actor::Person(Member {
            id: tokens.person_id,
            session_id: Uuid::nil(),
            roles: vec![],
            device: Device::default(),
        });
        let answer = Rsvp {
            timeslot_id: slot,
            coming: true,
            party_size: 1,
            name: Some(Name {
                given: "Guest".to_owned(),
                family: String::new(),
            }),
            guests: None,
            answers: None,
            address: None,
            language: None,
            referrer: None,
            listed: None,
            invitation: None,
            share_code: None,
        };
        let client = IpAddr::V4(Ipv4Addr::LOCALHOST).into();
        let told = domain::answer(&world.app, &actor, client, answer, None)
            .await
            .unwrap();
        assert_eq!(told.status, RsvpStatus::Waitlisted);
    }
}

scenario! {
    /// When hundreds get in at once, a hundred do in the transaction of whoever made room, and the others by jobs. Nobody
    /// who comes meanwhile passes them, and each is told once.
    async fn a_long_line_is_let_in_piece_by_piece(world) {
        const WAITING: usize = 130;
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 1).await;
        rsvp(&world.activist("Auk").await, &made, 1).await.data();
        let slot: Uuid = made.timeslot.trim_start_matches("timeslot:").parse().unwrap();
        queue_up(world, slot, WAITING).await;
        world.drain().await;
        let before = world.app.db.statements();
        let more = json!({"id": made.timeslot, "capacity": WAITING + 2});
        host.mutate("updateTimeslot", more, "event { id }").await.data();
        let statements = world.app.db.statements() - before;
        assert!(statements < 40, "{statements}"); // and not some for each of the hundred
        let waiting = || entity::rsvp::Entity::find()
            .filter(entity::rsvp::Column::TimeslotId.eq(slot))
            .filter(entity::rsvp::Column::Status.eq(RsvpStatus::Waitlisted));
        assert_eq!(waiting().count(world.app.db.writer()).await.unwrap(), 30);
        let late = world.activist("Booby").await;
        assert_eq!(rsvp(&late, &made, 1).await.at("/rsvp/status"), "WAITLISTED", "31 seats are free, and 30 kept");
        world.drain().await;
        assert_eq!(waiting().count(world.app.db.writer()).await.unwrap(), 0);
        assert_eq!(status(&late, &made).await, "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 0);
        let row = timeslot::Entity::find_by_id(slot).one(world.app.db.writer()).await.unwrap().unwrap();
        assert!(!row.waitlist_first, "nothing is kept any more");
        for number in [0, 99, 100, WAITING - 1] {
            let mails = world.mails_to(&format!("q{number}@example.org"));
            let told = mails.iter().filter(|mail| mail.subject.starts_with("A place came free"));
            assert_eq!(told.count(), 1, "{number}");
        }
    }
}

scenario! {
    /// An RSVP that was cancelled stays so, however many seats come free.
    async fn who_left_is_not_called_back(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 1).await;
        let (a, b) = (world.activist("Auk").await, world.activist("Booby").await);
        rsvp(&a, &made, 1).await.data();
        let waits = rsvp(&b, &made, 1).await;
        cancel(&b, &waits).await;
        host.mutate("updateTimeslot", json!({"id": made.timeslot, "capacity": 9}), "event { id }").await.data();
        world.advance(TimeDelta::minutes(1));
        world.drain().await;
        assert_eq!(status(&b, &made).await, "CANCELLED");
        let again = rsvp(&b, &made, 1).await;
        assert_eq!(again.at("/rsvp/status"), "REGISTERED", "unless they answer again");
        let moved = b.mutate("updateRsvp", json!({"id": again.at("/rsvp/rsvp/id"), "partySize": 2}), PAYLOAD).await;
        assert_eq!(moved.at("/updateRsvp/status"), "REGISTERED");
        world.drain().await;
    }
}
