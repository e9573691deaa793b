//! Authorization by enumeration: every field of the schema has a decision in `authorization/table.md`, and every
//! decision that is not "whoever" is tried with every kind of caller.

mod canaries;
mod coverage;
mod foreign;
pub(crate) mod objects;
mod sessions;
mod subscriptions;
pub(crate) mod table;
mod ways;

use std::fmt::Write;

use entity::StaffRole;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World};
use objects::Objects;

/// The columns of the tables.
pub(crate) const CALLERS: [&str; 10] = [
    "anonymous",
    "activist",
    "attendee",
    "host",
    "other host",
    "recruiter",
    "caller",
    "transcriber",
    "organizer",
    "admin",
];

/// Everybody who asks, in the order of [`CALLERS`].
pub(crate) async fn callers(world: &World) -> Vec<Caller> {
    let mut callers = vec![
        world.anonymous(),
        world.activist("Activist").await,
        world.activist("Attendee").await,
        world.activist("Host").await,
        world.activist("Otherhost").await,
        world.staff("Recruiter", StaffRole::Recruiter).await,
        world.staff("Caller", StaffRole::Caller).await,
        world.staff("Transcriber", StaffRole::Transcriber).await,
        world.staff("Organizer", StaffRole::Organizer).await,
        world.staff("Admin", StaffRole::Admin).await,
    ];
    for caller in &mut callers[1..] {
        let live = "mutation { updateViewer(input: {postalCode: \"50309\", pronouns: \"they\", languages: [\"en\"], timezone: \"America/Chicago\"}) { viewer { hasLocation } } }";
        caller.ask(live, Value::Null).await.data();
    }
    world
        .event(&callers[4], json!({"title": "Of another host"}))
        .await;
    callers
}

/// The mark of an answer to a request for one field of a root.
pub(crate) fn mark(answer: &Answer, field: &str) -> String {
    let mut errors = answer.body["errors"].as_array().into_iter().flatten();
    if let Some(error) = errors.find(|error| error["path"][0] == field || error["path"].is_null()) {
        return mark_of(error);
    }
    mark_at(&answer.body["data"][field])
}

/// The mark of an error.
fn mark_of(error: &Value) -> String {
    let mark = match error["extensions"]["code"].as_str().unwrap() {
        "UNAUTHENTICATED" => "401",
        "FORBIDDEN" => "403",
        "NOT_FOUND" => "404",
        "BAD_USER_INPUT" => "input",
        "WRONG_STATE" => "state",
        _ => panic!("{error}"),
    };
    mark.to_owned()
}

/// The mark of a value.
fn mark_at(value: &Value) -> String {
    let nothing = value.is_null() || value == &json!([]) || value == &json!(false);
    if nothing { "–" } else { "✓" }.to_owned()
}

/// Fails with every row whose marks are others than the table says.
fn compare(found: &[(String, Vec<String>, Vec<String>)]) {
    let mut wrong = String::new();
    for (what, expected, marks) in found.iter().filter(|(_, expected, marks)| expected != marks) {
        writeln!(wrong, "{what}").unwrap();
        for ((caller, expected), found) in CALLERS.iter().zip(expected).zip(marks) {
            if expected != found {
                writeln!(wrong, "    {caller}: {expected} in the table, {found} in fact").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "table.md and the service disagree:\n{wrong}");
}

scenario! {
    /// Every query and mutation, by every caller. Whatever a refused call would have changed is as it was before, since
    /// the callers after it, up to the first who may, find the same objects.
    async fn queries_and_mutations(world) {
        let mut callers = callers(world).await;
        let mut found = vec![];
        for row in table::section("Queries").into_iter().chain(table::section("Mutations")) {
            let mut objects = Objects::new(world, &callers);
            let mut marks = vec![];
            let operation = if row.section == "Queries" { "query" } else { "mutation" };
            for caller in &callers {
                let request = objects.fill(&row.request).await;
                let answer = caller.ask(&format!("{operation} {{ {request} }}"), Value::Null).await;
                marks.push(mark(&answer, row.field()));
                if answer.code_if_any().is_none() && operation == "mutation" {
                    objects.forget();
                }
            }
            if row.field().starts_with("signOut") {
                for caller in &mut callers {
                    *caller = objects::again(world, caller).await;
                }
            }
            found.push((row.request, row.marks, marks));
        }
        world.drain().await;
        compare(&found);
    }
}
