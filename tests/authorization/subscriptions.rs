//! What every kind of caller hears first when they follow something.

use serde_json::{Value, json};

use super::{callers, compare, mark, objects::Objects, table};
use crate::harness::{Answer, Caller};

/// The first answer to a subscription, as if it had come over HTTP.
pub(super) async fn first(caller: &Caller, request: &str) -> Answer {
    let mut socket = caller.socket().await;
    let query = format!("subscription {{ {request} }}");
    socket.subscribe("1", &query, Value::Null).await;
    let message = socket.next().await;
    let body = match message["type"].as_str() {
        Some("next") => message["payload"].clone(),
        Some("error") => json!({"errors": message["payload"]}),
        _ => panic!("{message}"),
    };
    Answer::of_socket(body)
}

scenario! {
    /// Every subscription, by every caller.
    async fn subscriptions(world) {
        let callers = callers(world).await;
        let mut objects = Objects::new(world, &callers);
        let mut found = vec![];
        for row in table::section("Subscriptions") {
            let request = objects.fill(&row.request).await;
            let mut marks = vec![];
            for caller in &callers {
                marks.push(mark(&first(caller, &request).await, row.field()));
            }
            found.push((row.request, row.marks, marks));
        }
        world.drain().await;
        compare(&found);
    }
}
