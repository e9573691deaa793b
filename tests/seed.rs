//! `turnout seed`: small worlds hold what was asked for, keep the rules, and can be made again.

use std::collections::{HashMap, HashSet};

use api::{
    sealed::{Keys, Slot},
    seed::{self, Plan},
};
use entity::{
    EventStatus, RsvpStatus, SealedBytes, StaffRole, audit, contact_point, event, event_host, message,
    outbox, person, rsvp, staff_role, suppression, timeslot,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{
    Backend, World,
    process::{Folder, run},
};

fn plan(world: &World) -> Plan {
    Plan {
        people: 500,
        events: 50,
        upcoming: 20,
        rsvps: 1_000,
        seed: 1,
        at: world.now(),
    }
}

async fn make(world: &World, plan: Plan) -> Result<seed::Report, String> {
    let made = seed::run(&world.app, plan, |_, _, _| {}).await;
    made.map_err(|error| error.to_string())
}

/// Every row of a table.
async fn all<E: EntityTrait>(world: &World) -> Vec<E::Model> {
    E::find().all(world.app.db.reader()).await.unwrap()
}

fn open(keys: &Keys, column: &'static str, id: &Uuid, sealed: &SealedBytes) -> Value {
    keys.open(Slot { column, row: id }, sealed).unwrap()
}

scenario! {
    /// As many of everything as was asked for, and shares that are roughly those of the description.
    async fn a_world_has_its_numbers(world) {
        let report = make(world, plan(world)).await.unwrap();
        assert_eq!((report.people, report.events, report.rsvps), (500, 50, 1_000));
        let (people, events) = (all::<person::Entity>(world).await, all::<event::Entity>(world).await);
        assert_eq!((people.len(), events.len()), (500, 50));
        let (rsvps, slots) = (all::<rsvp::Entity>(world).await, all::<timeslot::Entity>(world).await);
        assert_eq!((rsvps.len(), slots.len()), (1_000, report.timeslots));
        assert_eq!(all::<message::Entity>(world).await.len(), report.messages);
        let suppressed = all::<suppression::Entity>(world).await.len();
        assert!(suppressed == report.suppressions && (5..30).contains(&suppressed), "{suppressed}");

        let mut first = HashMap::new();
        for slot in &slots {
            let start = first.entry(slot.event_id).or_insert(slot.starts_at);
            *start = slot.starts_at.min(*start);
        }
        let day = chrono::TimeDelta::days(1);
        let to_come = |start: &&chrono::DateTime<chrono::Utc>| **start > world.now();
        assert_eq!(first.values().filter(to_come).count(), 20);
        assert!(first.values().filter(to_come).all(|start| *start < world.now() + day * 30));
        assert!(slots.iter().all(|slot| (slot.ends_at < world.now()) != (first[&slot.event_id] > world.now())));

        let of = |status| rsvps.iter().filter(|rsvp| rsvp.status == status).count();
        assert!((50..120).contains(&of(RsvpStatus::Cancelled)));
        assert!(of(RsvpStatus::Registered) > 600 && of(RsvpStatus::Waitlisted) > 10);
        assert!(events.iter().filter(|event| event.status == EventStatus::Approved).count() > 35);
        assert!(events.iter().any(|event| event.is_virtual));
        let cells: HashSet<_> = people.iter().filter_map(|person| person.cell).collect();
        assert!(cells.len() > 300, "{}", cells.len());
    }
}

scenario! {
    /// What the actions keep true is true.
    async fn a_world_keeps_the_rules(world) {
        make(world, plan(world)).await.unwrap();
        let rsvps = all::<rsvp::Entity>(world).await;
        let people: HashMap<Uuid, person::Model> =
            all::<person::Entity>(world).await.into_iter().map(|row| (row.id, row)).collect();
        let events: HashMap<Uuid, event::Model> =
            all::<event::Entity>(world).await.into_iter().map(|row| (row.id, row)).collect();
        let slots: HashMap<Uuid, timeslot::Model> =
            all::<timeslot::Entity>(world).await.into_iter().map(|row| (row.id, row)).collect();
        for slot in slots.values() {
            let of_slot = || rsvps.iter().filter(|rsvp| rsvp.timeslot_id == slot.id);
            assert_eq!(slot.taken, of_slot().map(|rsvp| rsvp.seats).sum::<i32>());
            assert_eq!(slot.held, 0, "a hold would need a job that ends it");
            let free = slot.capacity.map_or(i32::MAX, |capacity| capacity - slot.taken);
            let fits = |rsvp: &rsvp::Model| rsvp.party_size <= free;
            assert!(of_slot().all(|rsvp| rsvp.status != RsvpStatus::Waitlisted || !fits(rsvp)));
        }
        for rsvp in &rsvps {
            let (slot, event) = (&slots[&rsvp.timeslot_id], &events[&rsvp.event_id]);
            assert_eq!(slot.event_id, event.id);
            assert_eq!(rsvp.seats > 0, rsvp.status == RsvpStatus::Registered);
            assert_eq!(rsvp.waitlisted_at.is_some(), rsvp.status == RsvpStatus::Waitlisted);
            assert!(event.reviewed_at.unwrap() <= rsvp.created_at && rsvp.created_at <= slot.starts_at);
            assert!(people[&rsvp.person_id].created_at < rsvp.created_at);
            assert!(rsvp.created_at <= rsvp.changed_at && rsvp.changed_at <= world.now());
        }
        let hosted: HashSet<Uuid> = all::<event_host::Entity>(world).await.iter().map(|host| host.event_id).collect();
        for event in events.values() {
            assert!(hosted.contains(&event.id) && event.changed_at <= world.now());
            let private = open(&world.app.keys, "event.private", &event.id, &event.private);
            let hidden = event.address_visibility != entity::AddressVisibility::Public;
            assert!(!hidden || (event.venue.is_none() && event.address_lines == "[]"));
            assert!(!private["place"].is_null() || event.is_virtual);
        }
        assert_eq!(outbox::Entity::find().count(world.app.db.reader()).await.unwrap(), 0);
    }
}

scenario! {
    /// Addresses are sealed and found by blind index; whoever asks gets theirs, and nobody else is written to.
    async fn a_world_can_be_used(world) {
        make(world, plan(world)).await.unwrap();
        world.app.map.load(&world.app.db, world.now()).await.unwrap();
        for contact in all::<contact_point::Entity>(world).await {
            assert!(!contact.value.0.windows(7).any(|part| part == b"example"));
            let address = open(&world.app.keys, "contact_point.value", &contact.id, &contact.value);
            let address = address.as_str().unwrap();
            assert!(address.ends_with("@example.org"), "{address}");
            assert_eq!(world.app.keys.index("EMAIL", address).unwrap().value, contact.value_index);
        }
        // `activist` finds the person by the address and gives them a name.
        let admin = world.activist("person1").await;
        let viewer = admin.ask("{ viewer { email staffRoles } }", Value::Null).await;
        assert_eq!(viewer.at("/viewer"), &json!({"email": seed::email(0), "staffRoles": ["ADMIN"]}));
        assert_eq!(person::Entity::find().count(world.app.db.reader()).await.unwrap(), 500);

        let near = "{ nearbyEvents(near: {postalCode: {code: \"10007\"}}, radius: 300000) \
                    { edges { node { title place { region } } timeslot { id } } } }";
        let found = world.anonymous().ask(near, Value::Null).await;
        let edges = found.at("/nearbyEvents/edges").as_array().unwrap().clone();
        assert!(!edges.is_empty());
        let rsvp = json!({"timeslotId": edges[0]["timeslot"]["id"]});
        let answer = world.activist("Wren").await.mutate("rsvp", rsvp, "status").await;
        let status = answer.at("/rsvp/status").as_str().unwrap();
        assert!(["REGISTERED", "WAITLISTED"].contains(&status), "{status}");
        world.drain().await;
        assert_eq!(world.mails().len(), world.mails_to("wren@example.org").len());
    }
}

scenario! {
    /// Only an empty database is filled, and numbers that make no sense are named by their flag.
    async fn refusals_leave_everything_as_it_is(world) {
        for (wrong, flag) in [
            (Plan { people: 9, ..plan(world) }, "--people"),
            (Plan { upcoming: 51, ..plan(world) }, "--upcoming"),
            (Plan { rsvps: 12_501, ..plan(world) }, "--rsvps"),
            (Plan { at: world.now() + chrono::TimeDelta::seconds(1), ..plan(world) }, "--at"),
        ] {
            let error = make(world, wrong).await.unwrap_err();
            assert!(error.contains(flag), "{error}");
            assert_eq!(person::Entity::find().count(world.app.db.reader()).await.unwrap(), 0);
        }
        world.activist("Wren").await;
        let error = make(world, plan(world)).await.unwrap_err();
        assert!(error.contains("only fills an empty one"), "{error}");
        assert_eq!(person::Entity::find().count(world.app.db.reader()).await.unwrap(), 1);
    }
}

/// Everything in the tables, with sealed values opened and sorted by id.
async fn picture(world: &World) -> Vec<String> {
    let keys = &world.app.keys;
    let mut rows = Vec::new();
    for mut row in all::<person::Entity>(world).await {
        let name = open(keys, "person.name", &row.id, &row.name.take().unwrap());
        rows.push(format!("{row:?} {name}"));
    }
    for mut row in all::<contact_point::Entity>(world).await {
        let value = std::mem::replace(&mut row.value, SealedBytes(vec![]));
        rows.push(format!(
            "{row:?} {}",
            open(keys, "contact_point.value", &row.id, &value)
        ));
    }
    for mut row in all::<event::Entity>(world).await {
        let private = std::mem::replace(&mut row.private, SealedBytes(vec![]));
        rows.push(format!(
            "{row:?} {}",
            open(keys, "event.private", &row.id, &private)
        ));
    }
    for mut row in all::<rsvp::Entity>(world).await {
        let name = std::mem::replace(&mut row.name, SealedBytes(vec![]));
        rows.push(format!("{row:?} {}", open(keys, "rsvp.name", &row.id, &name)));
    }
    rows.extend(
        all::<suppression::Entity>(world)
            .await
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        all::<staff_role::Entity>(world)
            .await
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        all::<audit::Entity>(world)
            .await
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        all::<event_host::Entity>(world)
            .await
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        all::<timeslot::Entity>(world)
            .await
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        all::<message::Entity>(world)
            .await
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.sort_unstable();
    rows
}

/// The same numbers, time and keys make the same rows, on both databases; another seed makes others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_numbers_make_the_same_world() {
    let production = Backend::production().await;
    let keys: Vec<(&'static str, String)> = production.settings.clone();
    let setting = |wanted| keys.iter().find(|(name, _)| *name == wanted).unwrap().1.as_str();
    let same = [("key", setting("key")), ("index_key", setting("index_key"))];
    let one = World::with(production, &[]).await;
    let other = World::with(Backend::embedded(), &same).await;
    let third = World::with(Backend::embedded(), &same).await;
    make(&one, plan(&one)).await.unwrap();
    make(&other, plan(&other)).await.unwrap();
    let changed = Plan {
        seed: 2,
        ..plan(&third)
    };
    make(&third, changed).await.unwrap();
    let (one_rows, other_rows) = (picture(&one).await, picture(&other).await);
    assert!(one_rows.len() > 2_500, "{}", one_rows.len());
    for (one, other) in one_rows.iter().zip(&other_rows) {
        assert_eq!(one, other);
    }
    assert_eq!(one_rows.len(), other_rows.len());
    let known: HashSet<&String> = one_rows.iter().collect();
    assert!(picture(&third).await.iter().all(|row| !known.contains(row)));
    let admins = all::<staff_role::Entity>(&one).await;
    assert_eq!(
        admins.iter().filter(|row| row.role == StaffRole::Admin).count(),
        1
    );
    for world in [one, other, third] {
        world.finish().await;
    }
}

/// The command says what it made and how to go on.
#[tokio::test]
async fn the_command_says_how_to_go_on() {
    let folder = Folder::new();
    let output = run(
        &folder.0,
        &["seed", "--people", "100", "--events", "20", "--rsvps", "100"],
    );
    assert!(output.starts_with("100 people, 20 events with "), "{output}");
    assert!(
        output.contains("turnout token --email person1@example.org"),
        "{output}"
    );
    let token = run(&folder.0, &["token", "--email", "person1@example.org"]);
    assert_eq!(token.trim().split('.').count(), 3);
}
