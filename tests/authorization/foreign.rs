//! Ids where they do not belong: of another kind, in every place of every mutation and query that takes one.

use serde_json::{Value, json};

use super::{callers, objects::Objects, table};

/// One object of every kind that has an id.
const KINDS: [&str; 14] = [
    "published",
    "slot",
    "rsvp",
    "attendee",
    "person",
    "grant",
    "session",
    "draft",
    "webhook",
    "delivery",
    "guestInvitation",
    "inviteLink",
    "announcement",
    "participant",
];

/// What takes any kind.
const ANY: &str = "node";

scenario! {
    /// An id of another kind is named as such, before anything is told or changed, even to an admin.
    async fn ids_of_another_kind_are_refused(world) {
        let callers = callers(world).await;
        let admin = &callers[9];
        let mut objects = Objects::new(world, &callers);
        let mut kinds = vec![];
        for name in KINDS {
            kinds.push(objects.id(name).await.unwrap());
        }
        let kind_of = |id: &str| id.split(':').next().unwrap().to_owned();
        let mut tried = 0;
        for row in table::section("Queries").into_iter().chain(table::section("Mutations")) {
            let request = objects.fill(&row.request).await;
            let Some(own) = kinds.iter().find(|id| request.contains(id.as_str())) else { continue };
            if row.field() == ANY {
                continue;
            }
            for other in kinds.iter().filter(|other| kind_of(other) != kind_of(own)) {
                let operation = if row.section == "Queries" { "query" } else { "mutation" };
                let request = request.replace(own, other);
                let answer = admin.ask(&format!("{operation} {{ {request} }}"), Value::Null).await;
                assert_eq!(answer.code(), "BAD_USER_INPUT", "{request}");
                assert_eq!(answer.wrong_fields().len(), 1, "{request}");
                tried += 1;
            }
        }
        assert!(tried > 60, "{tried}");
        world.drain().await;
    }
}

/// Every place where a mutation takes an id or a token of something is in a row that somebody is refused.
#[test]
fn every_place_for_an_id_is_tried_by_those_who_may_not() {
    let printed = api::graphql::printed();
    let rows = table::section("Mutations");
    let inputs = printed.split("\ninput ").skip(1);
    for input in inputs {
        let (name, rest) = input.split_once([' ', '{']).unwrap();
        let Some(field) = printed
            .split(&format!("(input: {name}!)"))
            .next()
            .filter(|before| before.len() < printed.len())
        else {
            continue; // part of another input
        };
        let mutation = field.rsplit(['\t', '\n']).next().unwrap();
        let body = rest.split("\n}").next().unwrap();
        let is_reference = |line: &&str| {
            line.ends_with(": ID!") || line.ends_with(": ID") || line.to_lowercase().contains("token:")
        };
        for line in body.lines().map(str::trim).filter(is_reference) {
            let place = line.split(':').next().unwrap();
            let tries = rows
                .iter()
                .filter(|row| row.field() == mutation && row.request.contains(&format!("{place}: ")));
            let refused = |mark: &String| matches!(mark.as_str(), "401" | "403" | "404");
            // Anonymous, an activist and the host of another event: nobody to this object.
            let strangers = |row: &table::Row| [0, 1, 4].iter().all(|column| refused(&row.marks[*column]));
            assert!(
                tries.clone().any(strangers),
                "{}: no row with {mutation} refuses strangers by {place}",
                json!(line)
            );
        }
    }
}
