//! What hosts and guests look at once an event is over.

use serde_json::{Value, json};

use super::App;
use crate::{
    after::{at, came},
    harness::World,
    rsvps::rsvp,
};

pub(super) async fn hosts_look_back(world: &World, app: &App) {
    let host = world.activist("Heron").await;
    let hours = |number| world.now() + chrono::TimeDelta::hours(number);
    let slot = json!([{"startsAt": hours(1), "endsAt": hours(2)}]);
    let made = world.event(&host, json!({"timeslots": slot})).await;
    let owl = world.activist("Owl").await;
    rsvp(&owl, &made, 1).await.data();
    let role = crate::roles::role(&host, &made, json!({})).await;
    let held = crate::roles::offer(&host, &owl, &made, &role).await;
    owl.mutate("acceptRole", json!({"id": held}), "accepted")
        .await
        .data();
    world.drain().await;
    let read = host
        .ask(
            "query($id: ID!) { event(id: $id) { timeslots { edges { node { endsAt } } } } }",
            json!({"id": made.id}),
        )
        .await;
    at(world, &read.text("/event/timeslots/edges/0/node/endsAt")).await;
    let (host, owl) = (world.activist("Heron").await, world.activist("Owl").await);
    came(world, &made, &owl, 1).await;
    let event = json!({"event": made.id});
    let left = app.run(&host, "Closing", event.clone()).await;
    assert_eq!(left.at("/event/attendees/edges/0/node/attended"), "CAME");
    for name in ["CloseAttendance", "ReopenAttendance", "DismissClosing"] {
        app.run(&host, name, event.clone()).await;
    }
    app.run(
        &owl,
        "RecordRoleHours",
        json!({"assignment": held, "minutes": 45}),
    )
    .await;
    let mine = app.run(&owl, "WhereIWas", Value::Null).await;
    assert_eq!(
        mine.at("/viewer/attendances/edges/0/node/event/id"),
        &json!(made.id)
    );
    world.drain().await;
}
