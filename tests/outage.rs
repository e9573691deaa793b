//! PostgreSQL hangs up, as when it is restarted.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{Answer, World},
    rsvps::rsvp,
};

/// Whether it was refused, which it may only be for now.
fn was_refused(answer: &Answer) -> bool {
    match answer.code_if_any() {
        None => false,
        Some(code) => {
            assert_eq!(code, "UNAVAILABLE", "{}", answer.body);
            true
        }
    }
}

/// Connections that were used a moment ago are not tried before they are used again: each costs at most one request, and
/// none of them is a fault of ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_pass() {
    let world = World::production().await;
    let connections = world.app.config.database_connections as usize;
    let host = world.activist("Wren").await;
    let made = world.event_with_seats(&host, 100).await;
    let finch = world.activist("Finch").await;
    let title = "query($id: ID!) { event(id: $id) { title } }";
    let ask = async || host.ask(title, json!({"id": made.id})).await;
    let mut refused = 0;
    for party in 1..=3 {
        for answer in join_all((0..2 * connections).map(|_| ask())).await {
            answer.data(); // every connection is in use
        }
        world.hang_up().await;
        let mut lost = 0;
        if was_refused(&rsvp(&finch, &made, party).await) {
            lost += 1;
        }
        for _ in 0..2 * connections {
            lost += usize::from(was_refused(&ask().await));
        }
        assert!(lost <= connections, "{lost} of {connections} connections");
        refused += lost;
        ask().await.data();
        rsvp(&finch, &made, party).await.data();
    }
    assert!(refused > 0, "every connection was tried before it was used");
    let seats = "query($id: ID!) { event(id: $id) { viewerRsvps { partySize status } } }";
    let seats = finch.ask(seats, json!({"id": made.id})).await;
    assert_eq!(
        seats.at("/event/viewerRsvps"),
        &json!([{"partySize": 3, "status": "REGISTERED"}])
    );
    world.drain().await;
    world.finish().await;
}
