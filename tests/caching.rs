//! What caches between a client and the service may keep.

use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::harness::{Caller, World};

const PUBLIC: &str = "public, max-age=30";
const PRIVATE: &str = "private, no-store";
const EVENTS: &str = "{ events { edges { node { id title hosts { publicName } } timeslot { seatsLeft } } } }";

/// Asks by GET, as `caller` or as nobody.
async fn get(world: &World, caller: Option<&Caller>, query: &str, variables: Value) -> Response {
    let encode = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    let (query, variables) = (encode(query), encode(&variables.to_string()));
    let request = Client::new().get(format!(
        "{}/graphql?query={query}&variables={variables}",
        world.url
    ));
    match caller {
        Some(caller) => request.bearer_auth(caller.token()),
        None => request,
    }
    .send()
    .await
    .unwrap()
}

/// The header that caches obey. What may be kept must name what it depends on.
fn caching(response: &Response) -> &str {
    let header = |name| {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    };
    let control = header("cache-control");
    assert!(control != PUBLIC || header("vary") == "Authorization, Accept, Origin");
    control
}

scenario! {
    /// What everybody may read may be kept for everybody who sends no token.
    async fn public_reads_may_be_kept(world) {
        let made = world.event(&world.activist("Wren").await, json!({})).await;
        let event = "query($id: ID!) { event(id: $id) { title place { locality } timeslots { edges { node { id } } } } }";
        for (query, variables) in [
            (EVENTS, Value::Null),
            (r#"{ nearbyEvents(near: {postalCode: {code: "50309"}}) { edges { distanceMetres } } }"#, Value::Null),
            ("{ eventsInBounds(box: {north: 42, south: 41, east: -93, west: -94}, zoom: 9) { count facets { count } } }", Value::Null),
            ("{ errorCodes { codes } __typename }", Value::Null),
            (event, json!({"id": made.id})),
        ] {
            let response = get(world, None, query, variables.clone()).await;
            assert_eq!(caching(&response), PUBLIC, "{query}");
            let answer: Value = response.json().await.unwrap();
            assert!(answer["data"].is_object() && answer.get("errors").is_none(), "{answer}");
        }
    }
}

scenario! {
    /// A cache that kept what one signed-in person reads would show it to others, even where it is the same.
    async fn nothing_is_kept_of_signed_in_people(world) {
        let wren = world.activist("Wren").await;
        let made = world.draft(&wren, json!({})).await;
        let event = "query($id: ID!) { event(id: $id) { title } }";
        for (query, variables) in [
            (EVENTS, Value::Null),
            ("{ viewer { email } }", Value::Null),
            (event, json!({"id": made.id})),
        ] {
            let response = get(world, Some(&wren), query, variables).await;
            assert_eq!(caching(&response), PRIVATE, "{query}");
            assert!(response.json::<Value>().await.unwrap().get("errors").is_none());
        }
        let stale = Caller::new(&world.url, Some("stale".to_owned()), "");
        let response = get(world, Some(&stale), EVENTS, Value::Null).await;
        assert_eq!((response.status().as_u16(), caching(&response)), (401, PRIVATE));
    }
}

scenario! {
    /// Errors, also beside data, introspection, and whatever is not a GET.
    async fn what_is_no_whole_public_answer_is_not_kept(world) {
        for (query, fails) in [
            ("{ viewer { id } }", true),
            ("{ errorCodes { codes } viewer { id } }", true),
            ("{ events(first: 0) { edges { cursor } } }", true),
            ("{ nothing }", true),
            ("{", true),
            ("mutation { signOut { signedOut } }", true),
            (r#"{ __type(name: "Event") { name } }"#, false),
            (r#"{ errorCodes { codes } ...S } fragment S on Query { __type(name: "Event") { name } }"#, false),
        ] {
            let response = get(world, None, query, Value::Null).await;
            assert_eq!(caching(&response), PRIVATE, "{query}");
            assert_eq!(response.json::<Value>().await.unwrap().get("errors").is_some(), fails, "{query}");
        }
        let response = get(world, None, "{ __schema { queryType { name } } }", Value::Null).await;
        assert_eq!(caching(&response), PRIVATE);
        let body = json!({"query": EVENTS});
        let response = Client::new().post(format!("{}/graphql", world.url)).json(&body).send().await.unwrap();
        assert_eq!(caching(&response), PRIVATE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeping_can_be_switched_off() {
    let settings = [("http.public_max_age_seconds", "0")];
    let world = World::with(crate::harness::Backend::embedded(), &settings).await;
    assert_eq!(caching(&get(&world, None, EVENTS, Value::Null).await), PRIVATE);
    world.finish().await;
}
