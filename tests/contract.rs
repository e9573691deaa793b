//! What clients rely on: the schema as it is printed, described and documented, and how failures travel in answers.

mod pages;
mod relay;

use std::{fs, path::Path};

use api::{
    demo, graphql,
    refusal::{Code, Reason},
};
use entity::StaffRole;
use serde_json::{Value, json};

const INTROSPECTION: &str = "{ __schema { types { name description
    fields { name description args { name description } }
    inputFields { name description } enumValues { name description } } } }";

/// A file from the top of the repository.
fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_printed_schema_is_current() {
    let current = file("schema.graphql") == graphql::printed();
    assert!(
        current,
        "schema.graphql is not what the code says: renew it with `just schema` and read the difference"
    );
}

#[tokio::test]
async fn everything_is_described() {
    let answer = graphql::bare_schema().finish().execute(INTROSPECTION).await;
    let data = serde_json::to_value(answer.data).unwrap();
    let mut silent = vec![];
    let mut look = |path: String, what: &Value| {
        if what["description"]
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
        {
            silent.push(path);
        }
    };
    for kind in data["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        if name.starts_with("__") {
            continue;
        }
        // The language's own, which has no words.
        if name != "ID" {
            look(name.to_owned(), kind);
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for part in kind[list].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", part["name"].as_str().unwrap());
                let arguments = part["args"].as_array().into_iter().flatten();
                // The one input of a mutation is described by its type.
                for argument in arguments.filter(|argument| argument["name"] != "input") {
                    look(
                        format!("{path}({})", argument["name"].as_str().unwrap()),
                        argument,
                    );
                }
                look(path, part);
            }
        }
    }
    assert!(silent.is_empty(), "nothing says what these are: {silent:#?}");
}

#[test]
fn every_code_and_reason_is_documented() {
    let text = file("docs/errors.md");
    let codes = Code::ALL.map(Code::as_str);
    let reasons = Reason::ALL.map(Reason::as_str);
    let row = |name: &str| {
        let cell = format!("`{name}`");
        text.lines()
            .any(|line| line.starts_with('|') && line.contains(&cell))
    };
    let missing: Vec<_> = codes.iter().chain(&reasons).filter(|name| !row(name)).collect();
    assert!(missing.is_empty(), "docs/errors.md has no row for {missing:?}");
}

scenario! {
    /// The lists in the schema are those in the code.
    async fn the_schema_lists_every_code(world) {
        let answer = world.anonymous().ask("{ errorCodes { codes reasons } }", Value::Null).await;
        assert_eq!(answer.at("/errorCodes/codes"), &json!(Code::ALL.map(Code::as_str)));
        assert_eq!(answer.at("/errorCodes/reasons"), &json!(Reason::ALL.map(Reason::as_str)));
    }
}

/// What stands between a line with the fence ```` ``` ```` of a kind and the next fence.
fn requests(text: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let fenced = text.split(&fence).skip(1);
    let requests: Vec<_> = fenced
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect();
    assert!(!requests.is_empty(), "README.md has no {fence}");
    requests
}

scenario! {
    /// The requests of the README run as they stand there, on the sample data and with the token that it tells the
    /// reader to begin with.
    async fn requests_of_the_readme_run(world) {
        demo::load(&world.app).await.unwrap();
        let text = file("README.md");
        let reader = world.anonymous();
        for request in requests(&text, "graphql") {
            let answer = reader.ask(&request, Value::Null).await;
            assert!(answer.body.get("errors").is_none(), "{request}\n{}", answer.body);
            // Sample data is about the weeks to come, whichever they are, and not about a certain month.
            for edges in lists(answer.data()).iter().filter(|_| !request.contains("window:")) {
                assert!(!edges.is_empty(), "{request}\nfinds nothing: {}", answer.body);
            }
        }
        let admin = world.staff("Reader", StaffRole::Admin).await;
        for request in requests(&text, "graphql-signed-in") {
            let answer = admin.ask(&request, Value::Null).await;
            assert!(answer.body.get("errors").is_none(), "{request}\n{}", answer.body);
        }
        world.drain().await;
    }
}

/// The edges of the lists that the fields of the root answer with.
fn lists(data: &Value) -> Vec<&Vec<Value>> {
    let fields = data.as_object().unwrap().values();
    fields.filter_map(|field| field["edges"].as_array()).collect()
}

scenario! {
    /// A nullable field that fails is null beside its siblings, and the error names it by its path.
    async fn a_failing_nullable_field_leaves_its_siblings(world) {
        let made = world.event(&world.activist("Wren").await, json!({})).await;
        let answer = world.anonymous().ask("{ a: errorCodes { codes } b: viewer { id } c: events { edges { cursor } } }", Value::Null).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["data"]["b"], Value::Null);
        assert_eq!(answer.body["data"]["a"]["codes"].as_array().unwrap().len(), Code::ALL.len());
        assert_eq!(answer.body["data"]["c"]["edges"].as_array().unwrap().len(), 1);
        let errors = answer.body["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0]["path"], json!(["b"]));

        let query = "query($id: ID!) { event(id: $id) { title attendees { edges { cursor } } isVirtual } }";
        let answer = world.anonymous().ask(query, json!({"id": made.id})).await;
        let event = json!({"title": "Calls for clean water", "attendees": Value::Null, "isVirtual": false});
        assert_eq!(answer.body["data"], json!({"event": event}));
        assert_eq!(answer.body["errors"][0]["path"], json!(["event", "attendees"]));
        assert_eq!(answer.code(), "UNAUTHENTICATED");

        let list = "{ events { edges { node { title attendees { edges { cursor } } } } } }";
        let answer = world.anonymous().ask(list, Value::Null).await;
        assert_eq!(answer.body["data"]["events"]["edges"][0]["node"]["attendees"], Value::Null);
        assert_eq!(answer.body["errors"][0]["path"], json!(["events", "edges", 0, "node", "attendees"]));
    }
}

scenario! {
    /// A field that is never null takes its parent with it when it fails, and that one's parent, up to one that may be null.
    async fn a_failing_non_null_field_nulls_its_parent(world) {
        let wren = world.activist("Wren").await;
        let answer = wren.ask("{ a: errorCodes { codes } viewer { id hosting(first: 0) { edges { cursor } } } }", Value::Null).await;
        assert_eq!(answer.body["data"]["viewer"], Value::Null, "all of it: {}", answer.body);
        assert!(answer.body["data"]["a"]["codes"].is_array());
        assert_eq!(answer.body["errors"][0]["path"], json!(["viewer", "hosting"]));
        assert_eq!(answer.wrong_fields(), ["first"]);

        let answer = wren.ask("{ a: errorCodes { codes } events(first: 0) { edges { cursor } } }", Value::Null).await;
        assert_eq!(answer.body["data"], Value::Null, "{}", answer.body);
        assert!(answer.body.as_object().unwrap().contains_key("data"), "the request was executed");
        assert_eq!(answer.body["errors"][0]["path"], json!(["events"]));

        let answer = world.anonymous().ask("mutation { signOut { signedOut } }", Value::Null).await;
        assert_eq!(answer.body["data"], Value::Null);
        assert_eq!(answer.body["errors"][0]["path"], json!(["signOut"]));
    }
}

scenario! {
    /// A document that does not fit the schema was not executed: its answer has no data, not even null.
    async fn what_was_not_executed_has_no_data(world) {
        for (query, code) in [("{ nothing }", "GRAPHQL_VALIDATION_FAILED"), ("{ viewer {", "GRAPHQL_PARSE_FAILED")] {
            let answer = world.anonymous().ask(query, Value::Null).await;
            assert_eq!(answer.code(), code);
            assert!(!answer.body.as_object().unwrap().contains_key("data"), "{}", answer.body);
        }
    }
}

scenario! {
    /// A variable that is not sent is as if nothing stood there: defaults hold, and a change leaves the rest as it was.
    async fn absent_variables_change_nothing(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let find = "query($order: EventOrder, $radius: Float, $types: [EventType!]) {
            nearbyEvents(near: {postalCode: {code: \"50309\"}}, orderBy: $order, radius: $radius, types: $types) {
                edges { node { id } } } }";
        let found = world.anonymous().ask(find, json!({})).await;
        assert_eq!(found.at("/nearbyEvents/edges/0/node/id"), &json!(made.id));

        let save = "mutation($id: ID!, $version: Int!, $title: String, $summary: String, $place: EventPlaceInput) {
            updateEvent(input: {id: $id, expectedVersion: $version, title: $title, summary: $summary, place: $place}) {
                event { version title summary place { locality } } } }";
        let saved = host.ask(save, json!({"id": made.id, "version": made.version, "title": "Rivers"})).await;
        let event = saved.at("/updateEvent/event");
        assert_eq!(event["title"], "Rivers");
        assert_eq!(event["summary"], "We call the county board.");
        assert_eq!(event["place"]["locality"], "Des Moines");
        let removed = json!({"id": made.id, "version": event["version"], "summary": null});
        let saved = host.ask(save, removed).await;
        assert_eq!(saved.at("/updateEvent/event/summary"), &Value::Null);
        assert_eq!(saved.at("/updateEvent/event/place/locality"), "Des Moines");
    }
}

scenario! {
    /// Characters that a database would choke on are no fault of ours but of the input.
    async fn odd_characters_are_named(world) {
        for code in ["\0", "503\u{0}09", "\u{7}", "’"] {
            let near = "query($code: String!) { nearbyEvents(near: {postalCode: {code: $code}}) { edges { cursor } } }";
            let answer = world.anonymous().ask(near, json!({"code": code})).await;
            assert_eq!(answer.wrong_fields(), ["near.postalCode"], "{code:?}");
            let country = "query($of: String!) { nearbyEvents(near: {postalCode: {code: \"1\", country: $of}}) { edges { cursor } } }";
            let answer = world.anonymous().ask(country, json!({"of": code})).await;
            assert_eq!(answer.wrong_fields(), ["near.postalCode"], "{code:?}");
            let live = world.activist("Wren").await.mutate("updateViewer", json!({"postalCode": code}), "viewer { id }").await;
            assert_eq!(live.wrong_fields(), ["input.postalCode"], "{code:?}");
        }
    }
}
