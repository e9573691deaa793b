//! Against rows.

use entity::{EventStatus, HostKind, SealedBytes, Visibility, event, event_host, timeslot};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::*;
use crate::config::Config;

/// A database in a folder of its own, and a map of it.
struct World {
    db: Db,
    map: Map,
    folder: std::path::PathBuf,
}

impl World {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("turnout-map-{}", Uuid::now_v7()));
        let url = format!("sqlite://{}/turnout.db", folder.display());
        let data = folder.display().to_string();
        let config = Config::with(&[("database_url", url), ("data_dir", data)]).unwrap();
        let db = Db::connect(&config).await.unwrap();
        Self {
            db,
            map: Map::default(),
            folder,
        }
    }

    /// A published event with a host and one timeslot of an hour, so many hours from now.
    async fn event(&self, id: u128, hours: i64, changed_at: DateTime<Utc>) -> Uuid {
        let id = Uuid::from_u128(id);
        let row = event::ActiveModel {
            id: Set(id),
            status: Set(EventStatus::Approved),
            title: Set(format!("Rally {id}")),
            summary: Set(Some("At the courthouse".to_owned())),
            description: Set(String::new()),
            event_type: Set(EventType::Rally),
            tags: Set("[\"climate\"]".to_owned()),
            accessibility_features: Set("[]".to_owned()),
            visibility: Set(Visibility::Public),
            address_visibility: Set(AddressVisibility::Public),
            attendee_visibility: Set(entity::AttendeeVisibility::Hosts),
            join_policy: Set(entity::JoinPolicy::Open),
            waitlist_rule: Set(entity::WaitlistRule::Skip),
            timezone: Set("America/Chicago".to_owned()),
            is_virtual: Set(false),
            venue: Set(Some("Courthouse".to_owned())),
            address_lines: Set("[\"1 Main St\"]".to_owned()),
            locality: Set(Some("Des Moines".to_owned())),
            region: Set(Some("IA".to_owned())),
            postal_code: Set(Some("50309".to_owned())),
            country: Set(Some("US".to_owned())),
            latitude: Set(Some(41.59)),
            longitude: Set(Some(-93.62)),
            place_precision: Set(Some(PlacePrecision::Exact)),
            private: Set(SealedBytes(Vec::new())),
            contact_visibility: Set(entity::ContactVisibility::Relayed),
            version: Set(1),
            changed_at: Set(changed_at),
            created_at: Set(changed_at),
            ..Default::default()
        };
        let writer = self.db.writer();
        event::Entity::insert(row).exec(writer).await.unwrap();
        let host = event_host::Model {
            id: Uuid::now_v7(),
            event_id: id,
            kind: HostKind::Sponsor,
            person_id: None,
            public_name: "José's Group".to_owned(),
            wanted_name: None,
            leads: false,
            created_at: changed_at,
        };
        event_host::Entity::insert(host.into_active_model())
            .exec(writer)
            .await
            .unwrap();
        self.slot(id, 1, hours, changed_at).await;
        id
    }

    async fn slot(&self, event_id: Uuid, number: u128, hours: i64, changed_at: DateTime<Utc>) {
        let row = timeslot::Model {
            id: Uuid::from_u128(event_id.as_u128() * 1000 + number),
            event_id,
            starts_at: now() + TimeDelta::hours(hours),
            ends_at: now() + TimeDelta::hours(hours + 1),
            capacity: Some(10),
            taken: 3,
            held: 0,
            waitlist_first: false,
            cancelled_at: None,
            origin_id: None,
            series_id: None,
            occurrence: None,
            excepted_at: None,
            version: 1,
            changed_at,
        };
        let insert = timeslot::Entity::insert(row.into_active_model());
        insert.exec(self.db.writer()).await.unwrap();
    }

    /// Renames an event.
    async fn rename(&self, id: Uuid, title: &str, version: i32, changed_at: DateTime<Utc>) {
        let change = event::ActiveModel {
            id: Set(id),
            title: Set(title.to_owned()),
            version: Set(version),
            changed_at: Set(changed_at),
            ..Default::default()
        };
        change.update(self.db.writer()).await.unwrap();
    }

    async fn take(&self, event_id: Uuid, taken: i32, version: i32, changed_at: DateTime<Utc>) {
        let change = timeslot::ActiveModel {
            id: Set(Uuid::from_u128(event_id.as_u128() * 1000 + 1)),
            taken: Set(taken),
            version: Set(version),
            changed_at: Set(changed_at),
            ..Default::default()
        };
        change.update(self.db.writer()).await.unwrap();
    }

    fn title(&self, id: Uuid) -> Option<String> {
        Some(self.map.get(id)?.title.clone())
    }

    async fn close(self) {
        self.db.close().await.unwrap();
        std::fs::remove_dir_all(self.folder).unwrap();
    }
}

fn long_ago() -> DateTime<Utc> {
    now() - TimeDelta::days(2)
}

#[tokio::test]
async fn only_findable_events_are_loaded_with_all_that_lists_show() {
    let world = World::new().await;
    let (good, over, unlisted, draft, cancelled) = (
        world.event(1, 5, long_ago()).await,
        world.event(2, -5, long_ago()).await,
        world.event(3, 5, long_ago()).await,
        world.event(4, 5, long_ago()).await,
        world.event(5, 5, long_ago()).await,
    );
    world.slot(good, 2, -50, long_ago()).await;
    for (id, visibility, status) in [
        (unlisted, Visibility::Unlisted, EventStatus::Approved),
        (draft, Visibility::Public, EventStatus::Draft),
    ] {
        let change = event::ActiveModel {
            id: Set(id),
            visibility: Set(visibility),
            status: Set(status),
            ..Default::default()
        };
        change.update(world.db.writer()).await.unwrap();
    }
    let change = timeslot::ActiveModel {
        id: Set(Uuid::from_u128(5001)),
        cancelled_at: Set(Some(now())),
        ..Default::default()
    };
    change.update(world.db.writer()).await.unwrap();
    world.map.load(&world.db, now()).await.unwrap();
    assert_eq!(world.map.len(), 1);
    assert!(
        [over, unlisted, draft, cancelled]
            .iter()
            .all(|id| world.map.get(*id).is_none())
    );
    let listing = world.map.get(good).unwrap();
    let host = (HostKind::Sponsor, "José's Group".to_owned().into());
    assert_eq!(listing.hosts, [host]);
    assert_eq!(listing.tags, ["climate".to_owned().into()]);
    assert_eq!(listing.timezone, Tz::America__Chicago);
    assert_eq!(
        listing.place.as_ref().unwrap().locality.as_deref(),
        Some("Des Moines")
    );
    assert_eq!(listing.timeslots.len(), 2, "those that are over too");
    assert_eq!(listing.timeslots[1].seats_left(), Some(7));
    let search = Search {
        text: Some("jose climate MOINES court".to_owned()),
        ..everything(near(41.6, -93.6, 1e4), Order::Distance)
    };
    let statements = world.db.statements();
    let page = world.map.search(&search, now());
    assert_eq!(ids(&page), [1]);
    assert!((1e3..3e3).contains(&page.hits[0].distance_metres.unwrap()));
    assert_eq!(world.db.statements(), statements);
    assert_eq!(world.map.sweep(&world.db, now()).await.unwrap().len(), 0);
    world.close().await;
}

#[tokio::test]
async fn a_refresh_is_seen_when_it_returns_also_when_many_come_at_once() {
    let world = World::new().await;
    world.map.load(&world.db, now()).await.unwrap();
    let mut all = Vec::new();
    for id in 1..=30 {
        all.push(world.event(id, 5, now()).await);
    }
    let statements = world.db.statements();
    let refreshes = all.iter().map(|id| async {
        world
            .map
            .refresh(&world.db, std::slice::from_ref(id), now())
            .await
            .unwrap();
        assert!(world.map.get(*id).is_some());
    });
    futures_util::future::join_all(refreshes).await;
    assert!(
        world.db.statements() - statements <= 9,
        "refreshes at the same time are one"
    );
    world.rename(all[0], "Vigil", 2, now()).await;
    world.map.refresh(&world.db, &all[..1], now()).await.unwrap();
    assert_eq!(world.title(all[0]).unwrap(), "Vigil");
    event::Entity::delete_by_id(all[1])
        .exec(world.db.writer())
        .await
        .unwrap();
    world.map.refresh(&world.db, &all[1..2], now()).await.unwrap();
    assert_eq!(world.map.len(), 29);
    world.close().await;
}

#[tokio::test]
async fn an_abandoned_refresh_is_made_up_for() {
    let world = World::new().await;
    world.map.load(&world.db, now()).await.unwrap();
    // Polled once: it asks for the event, then nobody waits for it any more. On a busy machine the rows may be there before
    // they are asked for; then it is another event's turn.
    let mut number = 0;
    let id = loop {
        number += 1;
        let id = world.event(number, 5, long_ago()).await;
        let refresh = world.map.refresh(&world.db, std::slice::from_ref(&id), now());
        let polled = tokio::time::timeout(std::time::Duration::ZERO, refresh).await;
        if polled.is_err() {
            break id;
        }
    };
    assert!(world.map.get(id).is_none());
    world.map.repair(&world.db, now()).await.unwrap();
    assert!(world.map.get(id).is_some() && world.map.pending().requests.is_empty());
    world.close().await;
}

#[tokio::test]
async fn repair_finds_what_was_written_behind_the_maps_back_within_the_overlap() {
    let world = World::new().await;
    let known = world.event(1, 5, long_ago()).await;
    let removed = world.event(2, 5, long_ago()).await;
    world.map.load(&world.db, now()).await.unwrap();
    let late = now() - TimeDelta::seconds(40);
    let new = world.event(3, 5, late).await;
    world.rename(known, "Vigil", 2, late).await;
    world.take(known, 9, 2, late).await;
    let change = event::ActiveModel {
        id: Set(removed),
        status: Set(EventStatus::Cancelled),
        version: Set(2),
        changed_at: Set(late),
        ..Default::default()
    };
    change.update(world.db.writer()).await.unwrap();
    assert_eq!(world.map.repair(&world.db, now()).await.unwrap().mended, 3);
    assert_eq!(world.title(known).unwrap(), "Vigil");
    assert_eq!(world.map.get(known).unwrap().timeslots[0].seats_left(), Some(1));
    assert!(world.map.get(new).is_some() && world.map.get(removed).is_none());
    assert_eq!(world.map.repair(&world.db, now()).await.unwrap().mended, 0);
    world.take(known, 10, 3, now()).await;
    assert_eq!(world.map.repair(&world.db, now()).await.unwrap().mended, 1);
    assert!(world.map.get(known).unwrap().timeslots[0].is_full());
    world.close().await;
}

#[tokio::test]
async fn repair_tells_of_what_nobody_was_told() {
    let world = World::new().await;
    let (first, second) = (
        world.event(1, 5, long_ago()).await,
        world.event(2, 5, long_ago()).await,
    );
    world.map.load(&world.db, now()).await.unwrap();
    let changed = async || world.map.repair(&world.db, now()).await.unwrap().changed;
    let tell = |id| world.map.note_told(std::iter::once(id));

    world.rename(first, "Vigil", 2, now()).await;
    world.rename(second, "Vigil", 2, now()).await;
    world
        .map
        .refresh(&world.db, &[first, second], now())
        .await
        .unwrap();
    tell(first);
    assert_eq!(changed().await, HashSet::from([second]));
    assert_eq!(changed().await, HashSet::new());

    world.take(first, 9, 2, now()).await;
    world.take(second, 9, 2, now()).await;
    world.map.set_seats(Seats {
        timeslot_id: Uuid::from_u128(1001),
        version: 2,
        taken: 9,
    });
    tell(first);
    tell(second); // before its map has it
    assert_eq!(changed().await, HashSet::from([second]));

    world.rename(first, "March", 3, now()).await;
    world.map.refresh(&world.db, &[first], now()).await.unwrap();
    tell(first);
    world.rename(first, "Picket", 4, now()).await;
    assert_eq!(
        changed().await,
        HashSet::from([first]),
        "it is newer than what was told"
    );
    world.close().await;
}

#[tokio::test]
async fn repair_takes_off_what_is_over() {
    let world = World::new().await;
    let soon = world.event(1, 1, long_ago()).await;
    let later = world.event(2, 9, long_ago()).await;
    world.map.load(&world.db, now()).await.unwrap();
    let later_on = now() + TimeDelta::hours(2);
    let search = everything(None, Order::Start);
    assert_eq!(
        ids(&world.map.search(&search, later_on)),
        [2],
        "not found even before that"
    );
    world.map.repair(&world.db, later_on).await.unwrap();
    assert!(world.map.get(soon).is_none() && world.map.get(later).is_some());
    assert_eq!(world.map.counters().len(), 1);
    world.close().await;
}

#[tokio::test]
async fn a_sweep_mends_what_repair_cannot_see_and_counts_it() {
    let world = World::new().await;
    let (renamed, taken, more, dropped) = (
        world.event(1, 5, long_ago()).await,
        world.event(2, 5, long_ago()).await,
        world.event(3, 5, long_ago()).await,
        world.event(4, 5, long_ago()).await,
    );
    world.map.load(&world.db, now()).await.unwrap();
    world.rename(renamed, "Vigil", 2, long_ago()).await;
    world.take(taken, 10, 2, long_ago()).await;
    world.slot(more, 2, 7, long_ago()).await;
    let drop = event::Entity::delete_by_id(dropped);
    drop.exec(world.db.writer()).await.unwrap();
    let new = world.event(5, 5, long_ago()).await;
    let recent = world.event(6, 5, now()).await;
    assert_eq!(world.map.sweep(&world.db, now()).await.unwrap().len(), 5);
    assert_eq!(world.title(renamed).unwrap(), "Vigil");
    assert!(world.map.get(taken).unwrap().timeslots[0].is_full());
    assert_eq!(world.map.get(more).unwrap().timeslots.len(), 2);
    assert!(world.map.get(dropped).is_none() && world.map.get(new).is_some());
    assert!(world.map.get(recent).is_none(), "that is left to repair");
    assert_eq!(world.map.repair(&world.db, now()).await.unwrap().mended, 1);
    assert_eq!(world.map.sweep(&world.db, now()).await.unwrap().len(), 0);
    world.close().await;
}
