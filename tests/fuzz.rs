//! Documents nobody would write. Every field of a root is asked in a few hundred ways, made out of the schema by a seeded
//! generator: right and wrong values, sent as variables or written out, nested selections, and ids of things that exist. Every other
//! document has nothing wrong but its combination.
//!
//! Whatever comes in: the answer is JSON, its data fits the schema, its errors have published codes and tell nothing of
//! the inside, and the service goes on.

mod document;
pub(crate) mod schema;
mod values;

use api::refusal::Code;
use entity::StaffRole;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World};
use document::Document;
use schema::Schema;
use values::Dice;

/// Documents for each field of a root.
const DOCUMENTS: usize = 150;
/// Sent at once.
const AT_ONCE: usize = 8;

scenario! {
    async fn nothing_breaks_it(world) {
        let schema = Schema::read();
        for (number, (operation, field)) in schema.roots().into_iter().enumerate() {
            let callers = callers(world).await;
            let known = things(&callers).await;
            let mut dice = Dice::new(number as u64, known);
            let asked = (0..DOCUMENTS).map(|turn| (&callers[turn % callers.len()], Document::make(&schema, operation, field, &mut dice)));
            let asked: Vec<_> = asked.collect();
            stream::iter(&asked)
                .for_each_concurrent(AT_ONCE, async |(caller, document)| {
                    let answer = caller.ask(&document.text, document.variables.clone()).await;
                    if let Err(problem) = judge(&schema, document, &answer) {
                        panic!("{problem}\n{}\n{}\n{}", document.text, document.variables, answer.body);
                    }
                })
                .await;
            world.drain().await;
        }
        world.anonymous().ask("{ events { edges { node { id title } } } }", Value::Null).await.data();
    }
}

/// What is wrong with an answer.
fn judge(schema: &Schema, document: &Document, answer: &Answer) -> Result<(), String> {
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        let published = Code::ALL.map(Code::as_str).contains(&code);
        if !published || matches!(code, "INTERNAL_SERVER_ERROR" | "UNAVAILABLE") {
            return Err(format!("not a code for this: {code:?}"));
        }
    }
    // Long lists of long texts may be more than a body can hold.
    if !matches!(answer.status, 200 | 400 | 413) {
        return Err(format!("status {}", answer.status));
    }
    let said = answer.body["errors"].to_string();
    if let Some(leak) = LEAKS.iter().find(|leak| said.contains(**leak)) {
        return Err(format!("tells of the inside: {leak}"));
    }
    match &answer.body["data"] {
        Value::Null => match answer.body["errors"].as_array() {
            Some(errors) if !errors.is_empty() => Ok(()),
            _ => Err("neither data nor errors".to_owned()),
        },
        data => document.check(schema, data),
    }
}

/// What an error must not hold, and what no generated text holds.
const LEAKS: [&str; 12] = [
    ".rs:",
    "/src/",
    "/home/",
    "panicked",
    "sqlx",
    "sea_orm",
    "SQLSTATE",
    "SELECT ",
    "syntax error at",
    "redis:",
    "postgres:",
    "sqlite:",
];

/// Nobody, an activist, a host, and an admin, with sessions of their own for every field: it may end them.
async fn callers(world: &World) -> [Caller; 4] {
    [
        world.anonymous(),
        world.activist("Finch").await,
        world.activist("Wren").await,
        world.staff("Admin", StaffRole::Admin).await,
    ]
}

/// Ids and cursors of things that exist: a draft, an event that waits for review, and one that is published.
async fn things([_, attendee, host, admin]: &[Caller; 4]) -> Vec<String> {
    let selection = "event { id timeslots { edges { node { id } cursor } } }";
    let mut known = vec![];
    for by in [None, Some(host), Some(admin)] {
        let input = crate::harness::event_input(json!({}));
        let made = host.mutate("createEvent", input, selection).await;
        let id = made.text("/createEvent/event/id");
        known.push(made.text("/createEvent/event/timeslots/edges/0/node/id"));
        known.push(made.text("/createEvent/event/timeslots/edges/0/cursor"));
        if let Some(by) = by {
            let publish = by.mutate("publishEvent", json!({"id": id}), "event { id }");
            publish.await.data();
        }
        known.push(id);
    }
    let coming = json!({"timeslotId": known[6]});
    let rsvp = attendee.mutate("rsvp", coming, "rsvp { id }").await;
    let rsvp = rsvp.text("/rsvp/rsvp/id");
    known.push(rsvp.replace("rsvp:", "attendee:"));
    known.push(rsvp);
    let viewer = attendee.ask("{ viewer { id } }", Value::Null).await;
    known.push(viewer.text("/viewer/id"));
    let role = json!({"email": "jay@example.org", "role": "CALLER"});
    let grant = admin.mutate("grantStaffRole", role, "id").await;
    known.push(grant.text("/grantStaffRole/id"));
    known
}
