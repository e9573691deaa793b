//! What is refused, what passes.

use std::time::{Duration, Instant};

use async_graphql::{EmptySubscription, Object, Schema, Variables, value};

use super::*;

struct Query;

#[Object]
impl Query {
    async fn me(&self) -> Query {
        Query
    }

    async fn name(&self, like: Option<String>) -> Option<String> {
        like
    }

    async fn deep(&self, numbers: Vec<Vec<i32>>) -> i32 {
        numbers.into_iter().flatten().sum()
    }

    async fn required(&self, count: i32) -> i32 {
        count
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self) -> Query {
        Query
    }
}

type TestSchema = Schema<Query, Mutation, EmptySubscription>;

fn limits() -> Graphql {
    crate::config::Config::with(&[]).unwrap().graphql
}

fn checked() -> Checked<TestSchema> {
    Checked::new(
        Schema::build(Query, Mutation, EmptySubscription).finish(),
        &limits(),
    )
}

async fn ask(request: impl Into<Request>) -> Answer {
    execute(&checked(), request.into(), Transport::Post).await
}

async fn execute(checked: &Checked<TestSchema>, request: Request, transport: Transport) -> Answer {
    match checked.accept(request, transport) {
        Ok(accepted) => checked.execute(accepted, "test").await,
        Err(refused) => *refused,
    }
}

fn code(answer: &Answer) -> String {
    let error = answer.response.errors.first().unwrap();
    let code = error.extensions.as_ref().unwrap().get("code").unwrap();
    code.clone().into_json().unwrap().as_str().unwrap().to_owned()
}

async fn refused(request: impl Into<Request>) -> String {
    let answer = ask(request).await;
    assert!(!answer.executed, "{:?}", answer.response);
    code(&answer)
}

/// `levels` fragments, each spreading the next one `width` times.
fn bomb(width: usize, levels: usize) -> String {
    let mut text = "query { ...F0 }".to_owned();
    for level in 0..levels {
        let spread = format!("...F{} ", level + 1).repeat(width);
        text.push_str(&format!(" fragment F{level} on Query {{ {spread} }}"));
    }
    text + &format!(" fragment F{levels} on Query {{ name }}")
}

#[tokio::test]
async fn fragment_bombs_are_refused_at_once() {
    for (width, levels) in [(8, 12), (2, 22), (2, 30), (2, 50), (8, 7), (2, 500)] {
        let document = bomb(width, levels);
        let started = Instant::now();
        assert_eq!(refused(document).await, "QUERY_TOO_COMPLEX", "{width}^{levels}");
        let took = started.elapsed();
        assert!(
            took < Duration::from_millis(if levels == 500 { 500 } else { 100 }),
            "{width}^{levels}: {took:?}"
        );
    }
}

#[tokio::test]
async fn a_bomb_that_no_operation_uses_is_refused_too() {
    let document = bomb(2, 30).replace("query { ...F0 }", "query { name }");
    assert_eq!(refused(document).await, "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn cycles_are_refused() {
    for document in [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { me { ...B } } fragment B on Query { me { ...A } }",
        "{ name } fragment A on Query { ...B } fragment B on Query { ...A }",
    ] {
        assert_eq!(refused(document).await, "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
}

#[tokio::test]
async fn limits_hold_after_expansion() {
    let deep = |levels: usize| {
        format!(
            "{{ {} name {} }}",
            "me {".repeat(levels - 1),
            "}".repeat(levels - 1)
        )
    };
    assert!(ask(deep(12)).await.executed);
    assert_eq!(refused(deep(13)).await, "QUERY_TOO_COMPLEX");
    // Three times four levels, by fragments.
    let part = |next: &str| format!("me {{ me {{ me {{ me {{ {next} }} }} }} }}");
    let spread = format!(
        "{{ {} }} fragment A on Query {{ {} }} fragment B on Query {{ {} }}",
        part("...A"),
        part("...B"),
        part("name")
    );
    assert_eq!(refused(spread).await, "QUERY_TOO_COMPLEX");

    assert!(ask(format!("{{ {} }}", "name ".repeat(500))).await.executed);
    assert_eq!(
        refused(format!("{{ {} }}", "name ".repeat(501))).await,
        "QUERY_TOO_COMPLEX"
    );
    let aliases: String = (0..51).map(|n| format!("a{n}: name ")).collect();
    assert_eq!(refused(format!("{{ {aliases} }}")).await, "QUERY_TOO_COMPLEX");
    let twice = format!(
        "{{ me {{ ...A }} b: me {{ ...A }} }} fragment A on Query {{ {} }}",
        &aliases[..aliases.len() / 2]
    );
    assert_eq!(refused(twice).await, "QUERY_TOO_COMPLEX");
    let directives = "name @skip(if: false) ".repeat(51);
    assert_eq!(refused(format!("{{ {directives} }}")).await, "QUERY_TOO_COMPLEX");
    let operations: String = (0..11).map(|n| format!("query Q{n} {{ name }} ")).collect();
    assert_eq!(refused(operations).await, "QUERY_TOO_COMPLEX");
    assert_eq!(
        refused(format!("{{ name }} #{}", "x".repeat(20_000))).await,
        "QUERY_TOO_COMPLEX"
    );
}

#[tokio::test]
async fn deep_literals_do_not_reach_the_parser() {
    for document in [
        format!("{{ deep(numbers: {}{}) }}", "[".repeat(200), "]".repeat(200)),
        format!("{{ deep(numbers: {}{}) }}", "[".repeat(30), "]".repeat(30)),
        format!("{{ name @skip(if: {}1{}) }}", "{a:".repeat(40), "}".repeat(40)),
        format!("query($a: Int = {}{}) {{ name }}", "[".repeat(30), "]".repeat(30)),
        "{me".repeat(6_000),
        format!(
            "query($a: {}Int{}) {{ name }}",
            "[".repeat(9_000),
            "]".repeat(9_000)
        ),
    ] {
        assert_eq!(
            refused(document.as_str()).await,
            "QUERY_TOO_COMPLEX",
            "{document}"
        );
    }
}

#[tokio::test]
async fn one_mutation_field_at_a_time() {
    assert!(ask("mutation { __typename change { name } }").await.executed);
    for document in [
        "mutation { a: change { name } b: change { name } }",
        "mutation { ...A ...A } fragment A on Mutation { change { name } }",
        "mutation { change { name } ... on Mutation { b: change { name } } }",
    ] {
        assert_eq!(refused(document).await, "QUERY_TOO_COMPLEX", "{document}");
    }
}

#[tokio::test]
async fn texts_that_pretend_to_be_files_are_refused() {
    assert_eq!(
        refused("{ name(like: \"#__graphql_file__:7\") }").await,
        "BAD_USER_INPUT"
    );
    assert_eq!(
        refused("query($a: String = \"#__graphql_file__:x\") { name(like: $a) }").await,
        "BAD_USER_INPUT"
    );
    for value in [
        value!({ "a": "#__graphql_file__:7" }),
        value!({ "a": [{ "b": "#__graphql_file__:x" }] }),
    ] {
        let request =
            Request::new("query($a: String) { name(like: $a) }").variables(Variables::from_value(value));
        assert_eq!(refused(request).await, "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn large_variables_are_not_copied_often() {
    let items: Vec<Vec<i32>> = vec![vec![1; 100]; 100];
    let request = |uses: usize| {
        let fields = "deep(numbers: $n) ".repeat(uses);
        let document = format!("query($n: [[Int!]!]!) {{ {fields} }}");
        let items = async_graphql::to_value(&items).unwrap();
        Request::new(document).variables(Variables::from_value(value!({ "n": items })))
    };
    assert!(ask(request(3)).await.executed);
    assert_eq!(refused(request(400)).await, "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn what_is_wrong_before_execution_is_told_apart() {
    assert_eq!(refused("{").await, "GRAPHQL_PARSE_FAILED");
    assert_eq!(refused("").await, "GRAPHQL_PARSE_FAILED");
    assert_eq!(refused("{ nothing }").await, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(refused("{ ...Missing }").await, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(refused("{ required }").await, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(refused("{ required(count: \"x\") }").await, "BAD_USER_INPUT");
    assert_eq!(
        refused("query($n: Int!) { required(count: $n) }").await,
        "BAD_USER_INPUT"
    );
    let out_of_range = ask("{ required(count: 99999999999) }").await;
    assert_eq!(
        (out_of_range.executed, code(&out_of_range).as_str()),
        (true, "BAD_USER_INPUT")
    );
    assert_eq!(
        refused("query A { name } query B { name }").await,
        "BAD_USER_INPUT"
    );
    assert_eq!(
        refused(Request::new("query A { name }").operation_name("B")).await,
        "BAD_USER_INPUT"
    );
    assert_eq!(refused("subscription { name }").await, "BAD_USER_INPUT");
    let wrong = Request::new("query($n: Int!) { required(count: $n) }")
        .variables(Variables::from_value(value!({ "n": "x" })));
    let answer = ask(wrong).await;
    assert_eq!(code(&answer), "BAD_USER_INPUT");
    let fields = answer.response.errors[0]
        .extensions
        .as_ref()
        .unwrap()
        .get("fields")
        .unwrap();
    assert_eq!(
        fields.to_string(),
        r#"[{path: ["count"], problem: "expected type \"Int\""}]"#
    );
}

#[tokio::test]
async fn normal_documents_pass_and_are_remembered() {
    let checked = checked();
    let document =
        "query A($like: String) { me { ...N } } fragment N on Query { a: name(like: $like) __typename }";
    for _ in 0..3 {
        let request = Request::new(document).variables(Variables::from_value(value!({ "like": "x" })));
        let answer = execute(&checked, request.operation_name("A"), Transport::Get).await;
        assert!(
            answer.executed && answer.response.errors.is_empty(),
            "{:?}",
            answer.response
        );
        assert_eq!(
            answer.response.data,
            value!({ "me": { "a": "x", "__typename": "Query" } })
        );
    }
    assert_eq!(checked.documents.len(), 1);
    let mutation = execute(&checked, "mutation { change { name } }".into(), Transport::Get).await;
    assert!(mutation.needs_post && !mutation.executed);
}

#[tokio::test]
async fn introspection_by_the_usual_tools_passes() {
    let answer = ask(INTROSPECTION).await;
    assert!(
        answer.executed && answer.response.errors.is_empty(),
        "{:?}",
        answer.response.errors
    );
    // What would multiply is refused.
    for nested in [
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(),
        format!(
            "{{ __schema {{ types {{ {} }} }} }}",
            "fields { name } ".repeat(21)
        ),
        format!(
            "{{ __schema {{ types {{ {} name {} }} }} }}",
            "ofType {".repeat(19),
            "}".repeat(19)
        ),
    ] {
        assert_eq!(refused(nested.as_str()).await, "QUERY_TOO_COMPLEX", "{nested}");
    }
}

#[tokio::test]
async fn those_who_may_not_read_the_schema_get_no_hints() {
    let refused = ask(Request::new(INTROSPECTION).disable_introspection()).await;
    assert_eq!(code(&refused), "UNAUTHENTICATED");
    let hidden = ask(Request::new("{ __type(name: \"Query\") { name } }").disable_introspection()).await;
    assert_eq!(hidden.response.data, value!({ "__type": null }));
    let hint = |answer: &Answer| answer.response.errors[0].message.contains("Did you mean");
    assert!(hint(&ask("{ nam }").await));
    assert!(!hint(&ask(Request::new("{ nam }").disable_introspection()).await));
}

/// What graphql-js 16 sends, with every option.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name } mutationType { name } \
    subscriptionType { name } types { ...FullType } directives { name description isRepeatable locations \
    args(includeDeprecated: true) { ...InputValue } } } } \
    fragment FullType on __Type { kind name description specifiedByURL fields(includeDeprecated: true) { name \
    description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } \
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } \
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } \
    possibleTypes { ...TypeRef } } \
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated \
    deprecationReason } \
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";
