//! Dates made by a rule, and what is done to many of them, or to many events, at once.

mod bulk;
mod cancel;
mod duplicate;
mod edit;
mod rules;

use chrono::{DateTime, Utc};
use entity::StaffRole;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Made, World};

const COUNTS: &str = "added changed cancelled event { version }";

/// Tuesdays at seven, from the week after the world begins.
const TUESDAYS: &str = "2030-01-22T19:00:00";

fn series(event: &str, rule: &str, local_start: &str) -> Value {
    json!({"eventId": event, "rule": rule, "localStart": local_start, "durationMinutes": 120})
}

/// A published event in Chicago whose dates a rule makes; two seats each.
async fn weekly(world: &World, host: &Caller, rule: &str) -> Made {
    let made = world.draft(host, json!({"timeslots": []})).await;
    let mut input = series(&made.id, rule, TUESDAYS);
    input["capacity"] = json!(2);
    host.mutate("addSeries", input, COUNTS).await.data();
    let organizer = world.staff("Organizer", StaffRole::Organizer).await;
    organizer
        .mutate("publishEvent", json!({"id": made.id}), "event { id }")
        .await
        .data();
    made
}

/// A date as a client sees it.
#[derive(Clone, Debug, PartialEq)]
struct Date {
    id: String,
    local: String,
    starts_at: DateTime<Utc>,
    minutes: i64,
    capacity: Option<i64>,
    /// Of a series: its id, its rule, the occurrence, and whether this is an exception.
    occurrence: Option<(String, String, String, bool)>,
}

/// The dates that are not cancelled, by start.
async fn dates(caller: &Caller, event: &str) -> Vec<Date> {
    const DATES: &str = "query($id: ID!) { event(id: $id) { timeslots(first: 100, includePast: true) { edges { node {
        id startsAt endsAt localStart capacity
        occurrence { localStart isException series { id rule localStart durationMinutes capacity } } } } } } }";
    let answer = caller.ask(DATES, json!({"id": event})).await;
    let edges = answer.at("/event/timeslots/edges").as_array().unwrap();
    edges.iter().map(|edge| date(&edge["node"])).collect()
}

fn date(node: &Value) -> Date {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let time = |name: &str| node[name].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let occurrence = node["occurrence"].as_object();
    Date {
        id: text(&node["id"]),
        local: text(&node["localStart"]),
        starts_at: time("startsAt"),
        minutes: (time("endsAt") - time("startsAt")).num_minutes(),
        capacity: node["capacity"].as_i64(),
        occurrence: occurrence.map(|occurrence| {
            let series = &occurrence["series"];
            let is_exception = occurrence["isException"].as_bool().unwrap();
            (
                text(&series["id"]),
                text(&series["rule"]),
                text(&occurrence["localStart"]),
                is_exception,
            )
        }),
    }
}

/// `01-22T19:00 01-29T19:00`
fn locals(dates: &[Date]) -> String {
    let short: Vec<_> = dates.iter().map(|date| &date.local[5..16]).collect();
    short.join(" ")
}

/// How many dates an answer says were added, changed and cancelled.
fn counts(answer: &Answer) -> [i64; 3] {
    let (_, payload) = answer.data().as_object().unwrap().iter().next().unwrap();
    ["added", "changed", "cancelled"].map(|name| payload[name].as_i64().unwrap())
}

async fn update(host: &Caller, input: Value) -> Answer {
    host.mutate("updateTimeslots", input, COUNTS).await
}

/// The message of the first error.
fn message(answer: &Answer) -> &str {
    answer.body["errors"][0]["message"].as_str().unwrap()
}
