//! What becomes of rows in the Mobilize shape, good and bad.

mod campaigns;
mod closer;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use entity::{
    AddressVisibility, EventStatus, EventType, PlacePrecision, Visibility, event, event_host, timeslot,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::*;
use crate::{domain::event::open_private, import::testing::TestApp};

const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mobilize-events.json");

async fn app() -> TestApp {
    TestApp::start("2019-11-01T12:00:00Z").await
}

async fn events(app: &App) -> Vec<event::Model> {
    event::Entity::find().all(app.db.reader()).await.unwrap()
}

async fn slots(app: &App) -> Vec<timeslot::Model> {
    timeslot::Entity::find().all(app.db.reader()).await.unwrap()
}

async fn import_real(app: &App, shift_to: Option<&str>) -> Report {
    let date = shift_to.map(|date| date.parse().unwrap());
    import(app, Path::new(REAL), date, |_, _| {}).await.unwrap()
}

/// An event as the API lists it.
fn sample(id: i64) -> Value {
    json!({
        "id": id, "title": "Canvass", "description": "Walk **along**.", "summary": "",
        "event_type": "CANVASS", "timezone": "America/Chicago", "approval_status": "APPROVED",
        "visibility": "PUBLIC", "address_visibility": "PUBLIC", "is_virtual": false,
        "sponsor": {"name": "Friends of Wren"},
        "contact": {"name": "Robin Secret", "email_address": "robin@example.org"},
        "location": {"venue": "Hall", "address_lines": ["1 Example Street", ""], "locality": "Des Moines",
            "region": "IA", "country": "US", "postal_code": "50309",
            "location": {"latitude": 41.6, "longitude": -93.6}},
        "tags": [{"id": 1, "name": "doors"}],
        "timeslots": [
            {"id": 10, "start_date": 1_574_690_400, "end_date": 1_574_697_600, "max_attendees": 5},
            {"id": 11, "start_date": 1_574_776_800, "end_date": 1_574_784_000, "max_attendees": null},
        ],
    })
}

async fn import_rows(app: &TestApp, rows: &[Value]) -> Report {
    let file = app.file("events.json", &Value::from(rows).to_string());
    import(app, &file, None, |_, _| {}).await.unwrap()
}

fn texts(complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn all_real_events_arrive_and_a_second_run_writes_nothing() {
    let app = app().await;
    let mut done = Vec::new();
    let report = import(&app, Path::new(REAL), None, |done_now, total| {
        done.push((done_now, total))
    })
    .await
    .unwrap();
    assert_eq!(done.last(), Some(&(100, 100)));
    // A code for post-office boxes only, which the census has no area for.
    let unplaced = Complaint {
        row: "126491".to_owned(),
        field: "location.postal_code".to_owned(),
        reason: "is not known here, so the event is not found by distance".to_owned(),
    };
    let expected = Report {
        created: 100,
        timeslots: 6_048,
        left_out: vec![unplaced.clone()],
        ..Report::default()
    };
    assert_eq!(report, expected);
    let (rows, dates) = (events(&app).await, slots(&app).await);
    assert_eq!((rows.len(), dates.len()), (100, 6_048));
    assert!(rows.iter().all(|row| row.status == EventStatus::Approved));
    assert_eq!(rows.iter().filter(|row| row.is_virtual).count(), 13);
    let placed = rows.iter().filter(|row| row.latitude.is_some()).count();
    assert_eq!(placed, 100 - 13 - 1);
    assert!(dates.iter().all(|slot| slot.capacity.is_none()));
    let hosts = event_host::Entity::find().count(app.db.reader()).await.unwrap();
    assert_eq!(hosts, 100);
    assert_eq!(app.map.len(), 100);

    app.clock.advance(TimeDelta::days(1));
    let report = import_real(&app, None).await;
    let expected = Report {
        unchanged: 100,
        timeslots: 6_048,
        left_out: vec![unplaced],
        ..Report::default()
    };
    assert_eq!(report, expected);
    assert_eq!((events(&app).await, slots(&app).await), (rows, dates));
}

#[tokio::test]
async fn hidden_places_carry_no_address() {
    let app = app().await;
    import_real(&app, None).await;
    let hidden = event::Entity::find()
        .filter(event::Column::AddressVisibility.ne(AddressVisibility::Public))
        .all(app.db.reader())
        .await
        .unwrap();
    assert_eq!(hidden.len(), 9);
    for row in hidden {
        assert_eq!((row.venue.clone(), row.postal_code.clone()), (None, None));
        assert_eq!(row.address_lines, "[]");
        assert!(
            row.place_precision
                .is_none_or(|precision| precision == PlacePrecision::Approximate)
        );
        let place = open_private(&app, &row).unwrap().place.unwrap();
        assert!(place.venue.is_none() && place.address_lines.is_empty() && place.postal_code.is_some());
    }
    for row in events(&app).await {
        let text = format!("{row:?}").to_lowercase();
        assert!(!text.contains("address is private"), "{}", row.id);
    }
}

#[tokio::test]
async fn a_shift_keeps_weekdays_and_local_times_and_repeats_to_nothing() {
    let app = TestApp::start("2026-06-01T12:00:00Z").await;
    import_real(&app, None).await;
    let zones: std::collections::HashMap<Uuid, Tz> = events(&app)
        .await
        .into_iter()
        .map(|row| (row.id, row.timezone.parse().unwrap()))
        .collect();
    let on_the_wall =
        |slot: &timeslot::Model, time: DateTime<Utc>| time.with_timezone(&zones[&slot.event_id]);
    let before = slots(&app).await;
    // From summer time over the first of November into standard time.
    let report = import_real(&app, Some("2026-08-01")).await;
    assert_eq!(
        (report.created, report.updated, report.timeslots),
        (0, 100, 6_048)
    );
    let after = slots(&app).await;
    assert_eq!(after.len(), before.len());
    let by_id: std::collections::HashMap<Uuid, &timeslot::Model> =
        before.iter().map(|slot| (slot.id, slot)).collect();
    let mut offsets = HashSet::new();
    for slot in &after {
        let old = by_id[&slot.id];
        for (new, old) in [(slot.starts_at, old.starts_at), (slot.ends_at, old.ends_at)] {
            let (new, old) = (on_the_wall(slot, new), on_the_wall(slot, old));
            assert_eq!((new.weekday(), new.time()), (old.weekday(), old.time()));
            offsets.insert(new.naive_local() - old.naive_local());
        }
        assert_eq!((slot.version, slot.cancelled_at), (2, None));
    }
    assert_eq!(offsets.len(), 1);
    let first = after
        .iter()
        .map(|slot| on_the_wall(slot, slot.starts_at).date_naive())
        .min();
    let first = first.unwrap();
    assert!((0..7).contains(&(first - "2026-08-01".parse::<NaiveDate>().unwrap()).num_days()));

    app.clock.advance(TimeDelta::days(1));
    assert_eq!(import_real(&app, Some("2026-08-01")).await.unchanged, 100);
    assert_eq!(slots(&app).await, after);
}

#[tokio::test]
async fn a_row_that_breaks_rules_is_named_and_the_rest_kept() {
    let app = app().await;
    let broken = |id: i64, field: &str, value: Value| {
        let mut row = sample(id);
        *row.pointer_mut(field).unwrap() = value;
        row
    };
    let mut later = sample(9);
    later["timeslots"][1]["end_date"] = json!(1);
    later["featured_image_url"] = json!("http://example.org/a.png");
    later["summary"] = json!("x".repeat(501));
    let report = import_rows(
        &app,
        &[
            sample(1),
            broken(2, "/title", json!("x".repeat(201))),
            broken(3, "/timezone", json!("Mars/Olympus")),
            broken(4, "/approval_status", json!("REJECTED")),
            broken(5, "/sponsor", json!({})),
            broken(6, "/timeslots", json!([])),
            broken(7, "/location/country", json!("USA")),
            sample(1),
            json!("what"),
            later,
        ],
    )
    .await;
    assert_eq!((report.created, report.timeslots), (2, 3));
    assert_eq!(
        texts(&report.refused),
        [
            "2: title has more than 200 characters",
            "3: timezone is not the name of an IANA time zone",
            "4: approval_status is not APPROVED",
            "5: sponsor.name is missing",
            "6: timeslots has none that can be taken",
            "7: place.country must be an ISO 3166-1 alpha-2 code",
            "1: id occurs twice; the first is taken",
            "data[8]: id is missing",
            "data[8]: title is missing",
            "data[8]: sponsor.name is missing",
            "data[8]: timezone is missing",
            "data[8]: timeslots has none that can be taken",
        ]
    );
    assert_eq!(
        texts(&report.left_out),
        [
            "9: timeslots.11.end_date is not after the start",
            "9: summary has 501 characters, at most 500 are taken",
            "9: featured_image_url is not an address with https://",
        ]
    );
}

#[tokio::test]
async fn a_changed_event_is_updated_in_place() {
    let app = app().await;
    import_rows(&app, &[sample(1)]).await;
    let before = events(&app).await.remove(0);
    app.clock.advance(TimeDelta::hours(1));
    let mut row = sample(1);
    row["title"] = json!("Canvass again");
    row["modified_date"] = json!(1);
    row["timeslots"] = json!([
        {"id": 11, "start_date": 1_574_780_400, "end_date": 1_574_784_000, "max_attendees": 7},
        {"id": 12, "start_date": 1_574_863_200, "end_date": 1_574_870_400, "max_attendees": null},
    ]);
    let report = import_rows(&app, &[row.clone()]).await;
    assert_eq!((report.updated, report.timeslots), (1, 2));
    let after = events(&app).await.remove(0);
    assert_eq!(
        (after.id, after.version, after.title.as_str()),
        (before.id, 2, "Canvass again")
    );
    assert_eq!(after.created_at, before.created_at);
    let mut dates = slots(&app).await;
    dates.sort_by(|a, b| a.origin_id.cmp(&b.origin_id));
    assert_eq!(dates.len(), 3);
    assert_eq!(dates[0].cancelled_at, Some(app.clock.now()));
    assert_eq!(
        (dates[1].version, dates[1].capacity, dates[1].cancelled_at),
        (2, Some(7), None)
    );
    assert_eq!(dates[1].starts_at.hour(), 15);
    assert_eq!(dates[2].version, 1);

    // What is not kept is no change.
    row["modified_date"] = json!(2);
    row["contact"] = json!(null);
    assert_eq!(import_rows(&app, &[row]).await.unchanged, 1);
}

#[tokio::test]
async fn an_event_gets_its_place_once_the_postal_code_is_known() {
    let app = app().await;
    let mut row = sample(1);
    row["location"] = json!({"country": "DE", "postal_code": "10115", "locality": "Berlin"});
    let report = import_rows(&app, &[row.clone()]).await;
    assert_eq!((report.created, report.left_out.len()), (1, 1));
    let codes = app.file(
        "codes.csv",
        "country,code,latitude,longitude\nDE,10115,52.53,13.38\n",
    );
    crate::import::postal_codes::import(&app, &codes, |_| {})
        .await
        .unwrap();
    let report = import_rows(&app, &[row]).await;
    assert_eq!((report.updated, report.left_out.len()), (1, 0));
    assert_eq!(events(&app).await.remove(0).latitude, Some(52.53));
}

#[tokio::test]
async fn dates_that_are_over_or_unreadable_are_not_called_off() {
    let app = TestApp::start("2019-11-26T00:00:00Z").await;
    import_rows(&app, &[sample(1)]).await;
    let mut row = sample(1);
    // The first is over now and no longer listed, the second cannot be read.
    row["timeslots"] = json!([
        {"id": 11, "start_date": "soon", "end_date": 1_574_784_000, "max_attendees": null},
        {"id": 12, "start_date": 1_574_863_200, "end_date": 1_574_870_400, "max_attendees": null},
    ]);
    assert_eq!(import_rows(&app, &[row]).await.updated, 1);
    let dates = slots(&app).await;
    assert_eq!(dates.len(), 3);
    assert!(dates.iter().all(|slot| slot.cancelled_at.is_none()));
}

#[tokio::test]
async fn seats_taken_here_are_never_lost() {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
    let app = app().await;
    import_rows(&app, &[sample(1)]).await;
    let slot = slots(&app)
        .await
        .into_iter()
        .find(|slot| slot.capacity == Some(5))
        .unwrap();
    let taken = timeslot::ActiveModel {
        taken: Set(4),
        ..slot.clone().into_active_model()
    };
    taken.update(app.db.writer()).await.unwrap();
    let mut row = sample(1);
    row["timeslots"][0]["max_attendees"] = json!(3);
    let report = import_rows(&app, &[row]).await;
    assert_eq!(
        texts(&report.left_out),
        ["1: timeslots.10.max_attendees is below the 4 seats taken here; those stay"]
    );
    let after = slots(&app)
        .await
        .into_iter()
        .find(|after| after.id == slot.id)
        .unwrap();
    assert_eq!((after.taken, after.capacity), (4, Some(4)));
}

#[test]
fn fields_mean_what_the_api_says() {
    let limits = crate::config::Config::with(&[]).unwrap().limits;
    let read = |change: Value| {
        let mut row = sample(1);
        let fields = change.as_object().unwrap().clone();
        row.as_object_mut().unwrap().extend(fields);
        super::event::Reader::new(&row, 0, &limits).draft().unwrap()
    };
    let draft = read(json!({}));
    assert_eq!(draft.content.event_type, EventType::Canvass);
    assert_eq!(draft.content.tags, ["doors"]);
    assert_eq!(
        draft.content.place.clone().unwrap().address_lines,
        ["1 Example Street"]
    );
    assert_eq!(draft.content.visibility, Visibility::Public);
    assert_eq!(draft.content.summary, None);
    assert_eq!(draft.timeslots[0].capacity, Some(5));
    assert_eq!(draft.timeslots[1].capacity, None);

    assert_eq!(
        read(json!({"event_type": "BAKE_SALE"})).content.event_type,
        EventType::Other
    );
    assert_eq!(
        read(json!({"visibility": "PRIVATE"})).content.visibility,
        Visibility::Unlisted
    );
    for hidden in [
        json!({"address_visibility": "PRIVATE"}),
        json!({"address_visibility": null}),
        json!({"location": {"country": "US", "venue": "This event's address is private. Sign up"}}),
    ] {
        let content = read(hidden).content;
        assert_eq!(content.address_visibility, AddressVisibility::AfterRsvp);
        let venue = content.place.unwrap().venue;
        assert!(venue.is_none_or(|venue| venue == "Hall"));
    }
    let online =
        read(json!({"is_virtual": true, "location": null, "virtual_action_url": "https://a.example/b"}));
    assert!(online.is_virtual && online.content.place.is_none());
    assert_eq!(online.content.virtual_url.as_deref(), Some("https://a.example/b"));
}
