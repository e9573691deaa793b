//! What is exported is what is imported again: rows, and not only their number.

use std::{collections::BTreeMap, path::Path};

use chrono::DateTime;
use entity::{SealedBytes, event, event_host, timeslot};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::*;
use crate::{
    domain::event::{load, open_private},
    import::{self, testing::TestApp},
};

const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mobilize-events.json");
const SECRETS: [&str; 6] = [
    "7 Hidden Lane",
    "41.5901",
    "Ring twice",
    "video.example.org",
    "old oak",
    "50319",
];

async fn app() -> TestApp {
    TestApp::start("2019-11-01T12:00:00Z").await
}

async fn import(app: &TestApp, file: &Path) -> import::Report {
    import::mobilize::import(app, file, None, |_, _| {})
        .await
        .unwrap()
}

/// An event with everything that Mobilize has fields for and with all that it has none for.
fn full(id: i64, address_visibility: &str) -> Value {
    json!({
        "id": id, "title": format!("Full {address_visibility}"), "description": "Walk **along** <b>", "summary": "Short.",
        "event_type": "KNOW_YOUR_RIGHTS", "timezone": "Pacific/Chatham", "visibility": "PUBLIC", "is_virtual": true,
        "featured_image_url": "https://pictures.example.org/a.png", "virtual_action_url": "https://video.example.org/room",
        "accessibility_status": "NOT_SURE", "accessibility_notes": "Ramp.", "instructions": "Ring twice.",
        "address_visibility": if address_visibility == "PUBLIC" { "PUBLIC" } else { "PRIVATE" },
        "event_campaign": {"id": 77, "slug": "clean-water", "name": "Clean WATER, now!"}, "sponsor": {"name": "Friends of Wren"}, "tags": [{"name": "doors"}, {"name": "\u{202e}=1+1"}],
        "location": {"venue": "Home of a test", "address_lines": ["7 Hidden Lane", "Floor 2", "Room 3"], "locality": "Testville",
            "region": "IA", "country": "US", "postal_code": "50319", "location": {"latitude": 41.5901, "longitude": -93.6208}},
        "timeslots": [{"id": id * 10, "start_date": 1_574_690_400, "end_date": 1_574_697_600, "max_attendees": 5}],
        "turnout": {
            "visibility": "PUBLIC", "address_visibility": address_visibility, "join_policy": "EXTERNAL",
            "address_hours": (address_visibility == "AFTER_RSVP").then_some(36), "attendee_visibility": "ATTENDEES",
            "waitlist_rule": "STRICT", "waitlist_offer_hours": 7, "external_url": "https://join.example.org/",
            "accessibility_features": ["RAMP", "CAPTIONS"], "gathering": {"place": "The old oak", "minutes_before": 20},
            "questions": [{"id": "01900000-0000-7000-8000-000000000001", "version": 2, "kind": "CHOICE", "label": "Which?",
                "help": null, "options": ["a", "b"], "required": true}],
            "cancelled_timeslots": [{"id": id * 10 + 1, "start_date": 1_574_776_800, "end_date": 1_574_784_000,
                "max_attendees": null, "cancelled_date": 1_574_000_000}]
        }
    })
}

/// An event of our own: without an origin, placed by its postal code alone, with seats taken.
async fn make_own(app: &TestApp, number: i64) {
    let mut row = full(number, "PUBLIC");
    row["title"] = json!("Our own");
    row["location"]["location"] = Value::Null;
    let file = app.file("own.json", &json!([row]).to_string());
    assert_eq!(import(app, &file).await.created, 1);
    let db = app.db.writer();
    let row = event::Entity::find().filter(event::Column::Title.eq("Our own"));
    let row = row.one(db).await.unwrap().unwrap();
    for slot in load(db, &[row.id]).await.unwrap()[&row.id].timeslots.clone() {
        let mut slot = slot.into_active_model();
        slot.origin_id = Set(None);
        slot.update(db).await.unwrap();
    }
    let mut row = row.into_active_model();
    (row.origin_system, row.origin_id, row.origin_hash) = (Set(None), Set(None), Set(None));
    row.update(db).await.unwrap();
}

type Slot = (
    DateTime<chrono::Utc>,
    DateTime<chrono::Utc>,
    Option<i32>,
    Option<DateTime<chrono::Utc>>,
);

/// An event with all that is not of this database alone.
#[derive(Debug, PartialEq)]
struct Seen {
    row: event::Model,
    private: Value,
    hosts: Vec<(entity::HostKind, String)>,
    slots: Vec<Slot>,
    campaign: Option<(String, Option<String>)>,
}

/// Every event by the number it is exported with.
async fn seen(app: &TestApp) -> BTreeMap<i64, Seen> {
    let rows = event::Entity::find().all(app.db.reader()).await.unwrap();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let loaded = load(app.db.reader(), &ids).await.unwrap();
    let all = loaded
        .values()
        .map(|event| (&event.row, event.timeslots.as_slice()));
    let numbers = Numbers::of(app, all, []).await.unwrap();
    let mut seen = BTreeMap::new();
    let campaigns = entity::campaign::Entity::find()
        .all(app.db.reader())
        .await
        .unwrap();
    for event in loaded.values() {
        let private = open_private(app, &event.row).unwrap();
        let slot = |slot: &timeslot::Model| (slot.starts_at, slot.ends_at, slot.capacity, slot.cancelled_at);
        let host = |host: &event_host::Model| (host.kind, host.public_name.clone());
        let epoch = DateTime::UNIX_EPOCH;
        let row = event::Model {
            id: Uuid::nil(),
            private: SealedBytes(vec![]),
            origin_system: None,
            origin_id: None,
            origin_hash: None,
            campaign_id: None,
            version: 0,
            changed_at: epoch,
            created_at: epoch,
            submitted_at: None,
            reviewed_at: None,
            ..event.row.clone()
        };
        let of = Seen {
            row,
            private: serde_json::to_value(&private).unwrap(),
            hosts: event.hosts.iter().map(host).collect(),
            slots: event.timeslots.iter().map(slot).collect(),
            campaign: event.row.campaign_id.map(|id| {
                let campaign = campaigns.iter().find(|campaign| campaign.id == id).unwrap();
                (campaign.name.clone(), campaign.origin_id.clone())
            }),
        };
        // What was exported has its number as its origin from then on.
        let number = event
            .row
            .origin_id
            .as_deref()
            .and_then(|origin| origin.parse().ok());
        seen.insert(number.unwrap_or(numbers.get(event.row.id)), of);
    }
    seen
}

async fn world() -> TestApp {
    let app = app().await;
    import(&app, Path::new(REAL)).await;
    let rows = json!([full(1, "PUBLIC"), full(2, "AFTER_RSVP"), full(3, "HOSTS_ONLY")]);
    let report = import(&app, &app.file("full.json", &rows.to_string())).await;
    assert_eq!(
        (report.created, &report.refused, &report.left_out),
        (3, &vec![], &vec![])
    );
    make_own(&app, 4).await;
    app
}

#[tokio::test]
async fn everything_comes_back_as_it_was() {
    let (app, other) = (world().await, app().await);
    let file = app.file("empty", "").with_file_name("export.json");
    let mut done = vec![];
    let report = write(&app, &file, true, |events, of| done.push((events, of)))
        .await
        .unwrap();
    assert_eq!((report.events, done.last()), (104, Some(&(104, 104))));
    let (before, read) = (seen(&app).await, import(&other, &file).await);
    assert_eq!((read.created, &read.refused), (104, &vec![]));
    let after = seen(&other).await;
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (number, event) in &before {
        assert_eq!(&after[number], event, "{number}");
    }
    // And is all of it in there, or would nothing be the same as nothing?
    assert_eq!(after[&2].row.address_hours, Some(36));
    let full = &after[&3];
    assert_eq!(full.row.address_visibility, entity::AddressVisibility::HostsOnly);
    assert_eq!(
        full.row.attendee_visibility,
        entity::AttendeeVisibility::Attendees
    );
    assert_eq!(
        (
            full.slots.len(),
            full.slots.iter().filter(|slot| slot.3.is_some()).count()
        ),
        (2, 1)
    );
    assert_eq!(
        full.campaign,
        Some(("Clean WATER, now!".to_owned(), Some("77".to_owned())))
    );
    let private = full.private.to_string();
    assert!(SECRETS.iter().all(|secret| private.contains(secret)), "{private}");
    assert_eq!(
        import(&other, &file).await.unchanged,
        104,
        "a repeat changes nothing"
    );
    assert_eq!(
        import(&app, &file).await.created,
        1,
        "only our own has another origin now"
    );
}

#[tokio::test]
async fn what_is_our_own_is_read_again_and_never_wider() {
    use entity::{JoinPolicy, Visibility};
    let app = app().await;
    let mut row = full(1, "PUBLIC");
    for (theirs, own, read) in [
        ("PUBLIC", json!("PUBLIC"), Visibility::Public),
        ("PUBLIC", json!("UNLISTED"), Visibility::Unlisted),
        ("PRIVATE", json!("PUBLIC"), Visibility::Unlisted),
        ("PRIVATE", json!(null), Visibility::Unlisted),
    ] {
        (row["visibility"], row["turnout"]["visibility"]) = (json!(theirs), own);
        import(&app, &app.file("one.json", &json!([row]).to_string())).await;
        let seen = seen(&app).await;
        assert_eq!(seen[&1].row.visibility, read, "{row}");
    }
    // What Mobilize has no field for is a change as well.
    (row["turnout"]["join_policy"], row["turnout"]["external_url"]) = (json!("OPEN"), json!(null));
    let report = import(&app, &app.file("one.json", &json!([row]).to_string())).await;
    assert_eq!((report.updated, report.unchanged), (1, 0));
    assert_eq!(seen(&app).await[&1].row.join_policy, JoinPolicy::Open);
}

#[tokio::test]
async fn without_being_asked_nothing_private_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let (app, other) = (world().await, app().await);
    let folder = app.file("empty", "");
    let file = folder.with_file_name("export.json");
    // In a public place, they would be public.
    let places = event::Entity::delete_many().filter(event::Column::Title.is_in(["Full PUBLIC", "Our own"]));
    places.exec(app.db.writer()).await.unwrap();
    write(&app, &file, false, |_, _| {}).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = write(&app, &file, false, |_, _| {}).await;
    assert!(
        again.is_err() && std::fs::read_to_string(&file).unwrap() == text,
        "it is never written over"
    );
    let report = import(&other, &file).await;
    assert_eq!((report.created, &report.refused), (102, &vec![]));
    let (before, after) = (seen(&app).await, seen(&other).await);
    for (number, event) in before
        .iter()
        .filter(|(_, event)| event.row.address_visibility == AddressVisibility::Public)
    {
        assert_eq!(
            (&after[number].row, &after[number].slots),
            (&event.row, &event.slots),
            "{number}"
        );
    }
    for number in [2, 3] {
        let (read, row) = (&after[&number].row, &before[&number].row);
        assert_eq!(
            (read.address_visibility, &read.locality, &read.timezone),
            (row.address_visibility, &row.locality, &row.timezone)
        );
        assert_eq!((&read.venue, read.latitude), (&None, None));
    }
}
