//! The table has every field of the schema, and every way to an object, and no other.

use std::collections::{BTreeMap, BTreeSet};

use api::graphql;
use serde_json::Value;

use super::{
    table,
    ways::{Step, Way, ways},
};

const INTROSPECTION: &str =
    "{ __schema { types { kind name fields { name type { ...T ofType { ...T ofType { ...T ofType { ...T } } } } } } } }
     fragment T on __Type { name }";

/// `Type.field` and the name of what it gives.
async fn schema() -> BTreeMap<String, String> {
    let answer = graphql::bare_schema().finish().execute(INTROSPECTION).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let data: Value = serde_json::to_value(answer.data).unwrap();
    let mut all = BTreeMap::new();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        let fields = kind["fields"].as_array().filter(|_| !name.starts_with("__"));
        for field in fields.into_iter().flatten() {
            let mut of = &field["type"];
            while of["name"].is_null() {
                of = &of["ofType"];
            }
            let path = format!("{name}.{}", field["name"].as_str().unwrap());
            all.insert(path, of["name"].as_str().unwrap().to_owned());
        }
    }
    all
}

/// The fields on a path.
fn walk(schema: &BTreeMap<String, String>, path: &str) -> Vec<String> {
    let (object, fields) = path.split_once('.').unwrap();
    let mut of = match object {
        "viewer" => "Person",
        "staff" => "StaffMember",
        "rsvp" | "offer" => "Rsvp",
        "attendee" => "Attendee",
        "change" => "EventChange",
        _ => "Event",
    };
    let mut passed = vec![];
    for field in fields.split('.') {
        let field = format!("{of}.{field}");
        of = schema
            .get(&field)
            .unwrap_or_else(|| panic!("{path}: the schema has no {field}"));
        passed.push(field);
    }
    passed
}

#[tokio::test]
async fn every_field_has_a_decision() {
    let schema = schema().await;
    let root = |section, kind: &'static str| {
        let rows = table::section(section).into_iter();
        rows.map(move |row| format!("{kind}.{}", row.field()))
    };
    let mut decided: BTreeSet<String> = root("Queries", "Query")
        .chain(root("Mutations", "Mutation"))
        .chain(root("Subscriptions", "Subscription"))
        .collect();
    for row in table::section("Guarded fields") {
        decided.extend(walk(&schema, &row.request));
    }
    decided.extend(table::open());

    let known: BTreeSet<String> = schema.into_keys().collect();
    let undecided: Vec<_> = known.difference(&decided).collect();
    let gone: Vec<_> = decided.difference(&known).collect();
    assert!(
        undecided.is_empty(),
        "table.md does not say who may read {undecided:?}"
    );
    assert!(gone.is_empty(), "table.md has what the schema has not: {gone:?}");
}

/// The types of which not everybody may read everything.
const GUARDED: [&str; 6] = [
    "Event",
    "Rsvp",
    "Attendee",
    "StaffMember",
    "Person",
    "EventChange",
];

const ROOTS: [&str; 3] = ["Query.", "Mutation.", "Subscription."];

/// The types that hold a guarded object: lists, payloads, the interface.
fn leading(schema: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut leading: BTreeSet<String> = GUARDED.map(str::to_owned).into();
    leading.insert("Node".to_owned());
    loop {
        let holds = schema
            .iter()
            .filter(|(path, of)| leading.contains(*of) && !ROOTS.iter().any(|root| path.starts_with(root)));
        let holders: Vec<_> = holds
            .map(|(path, _)| path.split('.').next().unwrap().to_owned())
            .collect();
        let known = leading.len();
        leading.extend(holders);
        if leading.len() == known {
            return leading;
        }
    }
}

/// The fields that a way goes by.
fn passed(schema: &BTreeMap<String, String>, way: &Way) -> Vec<String> {
    let operation = way.operation();
    let mut of = operation[..1].to_uppercase() + &operation[1..];
    let mut passed = vec![];
    for step in &way.steps {
        match step {
            Step::On(name) => of.clone_from(name),
            Step::Field(name) => {
                let field = format!("{of}.{name}");
                of = schema
                    .get(&field)
                    .unwrap_or_else(|| panic!("the schema has no {field}"))
                    .clone();
                passed.push(field);
            }
        }
    }
    assert!(GUARDED.contains(&of.as_str()), "{} leads to {of}", way.request);
    passed
}

#[tokio::test]
async fn every_way_is_known() {
    let schema = schema().await;
    let leading = leading(&schema);
    let passed: BTreeSet<String> = ways().iter().flat_map(|way| passed(&schema, way)).collect();
    let leads = schema.iter().filter(|(_, of)| leading.contains(*of));
    let unknown: Vec<_> = leads
        .map(|(path, _)| path)
        .filter(|path| !passed.contains(*path))
        .collect();
    assert!(unknown.is_empty(), "table.md has no way by {unknown:?}");
}
