//! After an event: who came of those who said yes, files of it, thanks, and what is left to do for its hosts.

mod counts;
mod exports;
mod hours;
mod reminders;
mod thanks;

use api::{
    app::again,
    domain::{
        attendance::{By, NewFact, What, Whom, record},
        person::Name,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::AttendanceSource;
use serde_json::{Value, json};

use crate::{
    door::{key, person},
    harness::{Answer, Caller, Made, World},
};

/// Moves the clock to `time` and does what is due.
pub(crate) async fn at(world: &World, time: &str) {
    let time: DateTime<Utc> = time.parse().unwrap();
    world.advance(time - world.now());
    world.drain().await;
}

/// An hour after the end of the usual event.
const OVER: &str = "2030-01-18T03:00:00Z";

async fn whom(event: &Made, guest: &Caller, name: Option<(&str, &str)>) -> Whom {
    Whom::Person {
        timeslot_id: key(&event.timeslot),
        person_id: person(guest).await,
        name: name.map(|(given, family)| Name {
            given: given.to_owned(),
            family: family.to_owned(),
        }),
    }
}

/// Records something at so many minutes after the start of the usual event.
async fn record_at(world: &World, event: &Made, minutes: i64, what: What) {
    let start: DateTime<Utc> = "2030-01-18T00:00:00Z".parse().unwrap();
    let fact = NewFact {
        client_id: "list".to_owned(),
        nonce: uuid::Uuid::now_v7().to_string(),
        at: start + TimeDelta::minutes(minutes),
        source: AttendanceSource::Host,
        what,
        remark: None,
        sheet_row_id: None,
    };
    let (app, facts) = (&world.app, [fact]);
    let write = || app.write(async |tx| record(app, tx, key(&event.id), By::default(), &facts).await);
    again(write).await.unwrap();
}

pub(crate) async fn came(world: &World, event: &Made, guest: &Caller, party: i32) {
    record_at(world, event, 5, What::In(whom(event, guest, None).await, party)).await;
}

async fn was_absent(world: &World, event: &Made, guest: &Caller) {
    record_at(world, event, 5, What::Absent(whom(event, guest, None).await)).await;
}

async fn close(host: &Caller, event: &Made) -> Answer {
    host.mutate("closeAttendance", json!({"eventId": event.id}), CLOSING)
        .await
}

const CLOSING: &str = "event { closing { attendanceRecorded nextEventPosted isDone dismissedAt
    dates { timeslotId expected came noShows unknown others closedAt } } }";

async fn closing(host: &Caller, event: &Made) -> Value {
    let query = format!(
        "query($id: ID!) {{ {} }}",
        CLOSING.replacen("event", "event(id: $id)", 1)
    );
    host.ask(&query, json!({"id": event.id}))
        .await
        .at("/event/closing")
        .clone()
}

/// Expected, came, no-shows, unknown, others.
fn counts(closing: &Value) -> [i64; 5] {
    ["expected", "came", "noShows", "unknown", "others"].map(|name| {
        closing["dates"][0][name]
            .as_i64()
            .unwrap_or_else(|| panic!("{closing}"))
    })
}

/// The given names of those who came, did not, or may have.
async fn attended(host: &Caller, event: &Made, states: Value) -> Vec<String> {
    let query = "query($id: ID!, $states: [AttendanceState!]!) { event(id: $id) { attendees(filter: {attended: $states}) {
        edges { node { name attended } } } } }";
    let answer = host.ask(query, json!({"id": event.id, "states": states})).await;
    let edges = answer.at("/event/attendees/edges").as_array().unwrap().iter();
    let name = |edge: &Value| {
        let state = &edge["node"]["attended"];
        assert!(states.as_array().unwrap().contains(state), "{edge}");
        edge["node"]["name"]
            .as_str()
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    edges.map(name).collect()
}
