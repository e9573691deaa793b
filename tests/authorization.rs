//! Authorization by enumeration: every field of the schema has a decision in `authorization/table.md`, and every
//! decision that is not "whoever" is tried with every kind of caller.

mod coverage;
mod objects;
mod table;

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
async fn callers(world: &World) -> Vec<Caller> {
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
        let live = "mutation { updateViewer(input: {postalCode: \"50309\"}) { viewer { hasLocation } } }";
        caller.ask(live, Value::Null).await.data();
    }
    world
        .event(&callers[4], json!({"title": "Of another host"}))
        .await;
    callers
}

/// The mark of an answer, seen at a path of it. What `everything` says is what somebody reads who may read all.
fn mark(answer: &Answer, path: &[&str], everything: Option<&Value>) -> String {
    let mut errors = answer.body["errors"].as_array().into_iter().flatten();
    if let Some(error) = errors.find(|error| error["path"][0] == path[0] || error["path"].is_null()) {
        return match error["extensions"]["code"].as_str().unwrap() {
            "UNAUTHENTICATED" => "401".to_owned(),
            "FORBIDDEN" => "403".to_owned(),
            "NOT_FOUND" => "404".to_owned(),
            "BAD_USER_INPUT" => "input".to_owned(),
            "WRONG_STATE" => "state".to_owned(),
            _ => panic!("{path:?}: {}", answer.body),
        };
    }
    let value = value_at(answer, path);
    if value.is_null() || value == &json!([]) || value == &json!(false) {
        "–".to_owned()
    } else if everything.is_some_and(|everything| !everything.is_null() && everything != value) {
        "≈".to_owned()
    } else {
        "✓".to_owned()
    }
}

/// The value at a path of the data; of a list its first element.
fn value_at<'a>(answer: &'a Answer, path: &[&str]) -> &'a Value {
    let mut value = &answer.body["data"];
    for part in path {
        if value.is_array() {
            value = &value[0];
        }
        value = &value[*part];
    }
    value
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
                marks.push(mark(&answer, &[row.field()], None));
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

scenario! {
    /// Every field that not everybody may read, by every caller, in every way the object can be reached.
    async fn guarded_fields(world) {
        let callers = callers(world).await;
        let mut objects = Objects::new(world, &callers);
        let mut found = vec![];
        let rows = table::section("Guarded fields");
        for rows in rows.chunk_by(|one, other| one.object() == other.object()) {
            for rows in rows.chunks(AT_ONCE) {
                for (way, start) in ways(rows[0].object()) {
                    let request = objects.fill(&together(rows, &way)).await;
                    let mut answers = vec![];
                    for caller in &callers {
                        answers.push(caller.ask(&request, Value::Null).await);
                    }
                    for (i, row) in rows.iter().enumerate() {
                        let alias = format!("r{i}");
                        let path: Vec<&str> = [alias.as_str()].iter().chain(start).copied().chain(row.path()).collect();
                        let everything = answers.last().filter(|_| row.object() != "viewer");
                        let everything = everything.map(|answer| value_at(answer, &path));
                        let marks = answers.iter().map(|answer| mark(answer, &path, everything)).collect();
                        found.push((format!("{} in {way}", row.request), row.marks.clone(), marks));
                    }
                }
            }
        }
        world.drain().await;
        compare(&found);
    }
}

/// How many rows one request asks for; more would be refused as too complex.
const AT_ONCE: usize = 8;

/// One request for several rows about one object, each under a name of its own.
fn together(rows: &[table::Row], way: &str) -> String {
    let mut request = "{".to_owned();
    for (i, row) in rows.iter().enumerate() {
        let path: Vec<&str> = row.path().collect();
        let fields = path.join(" { ") + &" }".repeat(path.len() - 1);
        write!(request, " r{i}: {}", way.replace('…', &fields)).unwrap();
    }
    request + " }"
}

/// How an object can be reached, and where it is below the field of the root.
fn ways(object: &str) -> Vec<(String, &'static [&'static str])> {
    let event = format!("event(id: ${object}) {{ … }}");
    let node = format!("node(id: ${object}) {{ ... on Event {{ … }} }}");
    let mut event: Vec<(String, &'static [&'static str])> = vec![(event, &[]), (node, &[])];
    match object {
        "viewer" => vec![("viewer { … }".to_owned(), &[])],
        "staff" => vec![("staff { … }".to_owned(), &[])],
        "rsvp" => vec![("node(id: $rsvp) { ... on Rsvp { … } }".to_owned(), &[])],
        "draft" | "rejected" => event,
        "published" | "hostsOnly" | "open" => {
            let text = format!("first: 1, text: \"Guarded {object}\"");
            let found = "edges { node { … } }";
            let near = "near: {postalCode: {code: \"50309\"}}";
            event.push((format!("events({text}) {{ {found} }}"), &["edges", "node"]));
            let nearby = format!("nearbyEvents({near}, {text}) {{ {found} }}");
            event.push((nearby, &["edges", "node"]));
            event
        }
        _ => panic!("no way to {object}"),
    }
}
