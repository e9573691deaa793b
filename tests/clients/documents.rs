//! Reads the documents: operations by name, each with the fragments it needs, as a client sends them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use api::graphql;
use async_graphql::parser::{parse_query, types::Selection};
use serde_json::Value;

/// One operation as it is sent.
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) text: String,
}

/// Every operation of every document.
pub(super) fn operations() -> Vec<Operation> {
    let (mut operations, mut fragments) = (BTreeMap::new(), BTreeMap::new());
    for definition in definitions() {
        let mut words = definition.split(|c: char| !c.is_alphanumeric());
        let (kind, name) = (words.next().unwrap(), words.next().unwrap().to_owned());
        let of_kind = if kind == "fragment" {
            &mut fragments
        } else {
            &mut operations
        };
        let other = of_kind.insert(name, definition.clone());
        assert!(other.is_none(), "two of one name: {definition}");
    }
    let mut spread = BTreeSet::new();
    let whole = |(name, text): (String, String)| {
        let needed = needed(&text, &fragments);
        let mut parts = vec![text.as_str()];
        parts.extend(needed.iter().map(|name| fragments[name].as_str()));
        let text = parts.concat();
        spread.extend(needed);
        Operation { name, text }
    };
    let all = operations.into_iter().map(whole).collect();
    assert_eq!(
        spread,
        fragments.into_keys().collect(),
        "a fragment that nothing spreads"
    );
    all
}

/// The definitions of all files: each begins at the margin.
fn definitions() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut definitions: Vec<String> = vec![];
    for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "graphql")) {
        let text = fs::read_to_string(file).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_alphabetic()) {
                definitions.push(String::new());
            }
            if let Some(definition) = definitions.last_mut() {
                *definition += line;
                definition.push('\n');
            }
        }
    }
    assert!(!definitions.is_empty());
    definitions
}

/// The fragments that `text` spreads, and those that they spread.
fn needed(text: &str, fragments: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    let mut texts = vec![text];
    while let Some(text) = texts.pop() {
        for spread in text.split("...").skip(1) {
            let name = spread
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or_default();
            if name.is_empty() || !needed.insert(name.to_owned()) {
                continue; // an inline fragment, or known
            }
            let fragment = fragments.get(name);
            texts.push(fragment.unwrap_or_else(|| panic!("no fragment is called {name}")));
        }
    }
    needed
}

/// Fields of the root that no document asks for, and why.
const NOT_FOR_CLIENTS: [(&str, &str); 0] = [];

/// A new field of a root is of use to some screen: show by which document.
#[tokio::test]
async fn every_field_of_a_root_is_in_a_document() {
    let mut asked = BTreeSet::new();
    for operation in operations() {
        let document = parse_query(&operation.text).unwrap();
        for (_, operation) in document.operations.iter() {
            for selection in &operation.node.selection_set.node.items {
                if let Selection::Field(field) = &selection.node {
                    asked.insert(format!("{}.{}", operation.node.ty, field.node.name.node));
                }
            }
        }
    }
    const ROOTS: &str =
        "{ __schema { query: queryType { fields { name } } mutation: mutationType { fields { name } }
        subscription: subscriptionType { fields { name } } } }";
    let answer = graphql::bare_schema().finish().execute(ROOTS).await;
    let data: Value = serde_json::to_value(answer.data).unwrap();
    for kind in ["query", "mutation", "subscription"] {
        let fields = data["__schema"][kind]["fields"].as_array();
        for field in fields.into_iter().flatten() {
            let path = format!("{kind}.{}", field["name"].as_str().unwrap());
            let excused = NOT_FOR_CLIENTS.iter().any(|(excused, _)| *excused == path);
            assert!(
                asked.remove(&path) != excused,
                "{path} is in no document of tests/clients"
            );
        }
    }
    assert!(asked.is_empty(), "{asked:?}");
}
