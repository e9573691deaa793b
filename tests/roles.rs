//! Roles: planning them, offering, answering, volunteering, handing over, and what ends them.

mod follow;
mod gaps;
mod inviting;
mod plan;
mod races;
mod steps;

use serde_json::{Value, json};

use crate::harness::{Caller, Made};

/// A task of an event, for up to five people.
pub(crate) async fn task(host: &Caller, event: &Made) -> String {
    let over = json!({"kind": "TASK", "title": "Bring the banner", "maxPeople": 5});
    role(host, event, over).await
}

/// A role of an event: on site at its date, for one person, unless `over` says otherwise.
pub(crate) async fn role(host: &Caller, event: &Made, over: Value) -> String {
    let mut input = json!({
        "eventId": event.id, "timeslotId": event.timeslot, "kind": "ON_SITE", "title": "Greeter",
        "brief": "Welcome people."
    });
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    let made = host.mutate("createRole", input, "role { id }").await;
    made.text("/createRole/role/id")
}

/// Offers a role to somebody who comes, and says which assignment it is.
pub(crate) async fn offer(host: &Caller, to: &Caller, event: &Made, role: &str) -> String {
    let input = json!({"roleId": role, "to": {"attendeeId": attendee(to, event).await}});
    let offered = host.mutate("offerRole", input, "assignment { id }").await;
    offered.text("/offerRole/assignment/id")
}

/// How the host knows somebody who comes.
pub(crate) async fn attendee(of: &Caller, event: &Made) -> String {
    let query = "query($id: ID!) { event(id: $id) { viewerRsvps { id } } }";
    let mine = of.ask(query, json!({"id": event.id})).await;
    let id = mine.text("/event/viewerRsvps/0/id");
    id.replace("rsvp:", "attendee:")
}

/// The newest role of an event.
pub(crate) async fn newest(host: &Caller, event: &str) -> String {
    let query = "query($id: ID!) { event(id: $id) { roles { id } } }";
    let all = host.ask(query, json!({"id": event})).await;
    let roles = all.at("/event/roles").as_array().unwrap().clone();
    roles.last().unwrap()["id"].as_str().unwrap().to_owned()
}

/// Somebody comes to an event.
async fn comes(guest: &Caller, event: &Made) {
    let input = json!({"timeslotId": event.timeslot});
    let answer = guest.mutate("rsvp", input, "status").await;
    assert_eq!(answer.at("/rsvp/status"), "REGISTERED");
}

/// Does something with an assignment, and says where it stands then.
async fn step(by: &Caller, mutation: &str, id: &str) -> String {
    let answer = by
        .mutate(mutation, json!({"id": id}), "assignment { status }")
        .await;
    answer.text(&format!("/{mutation}/assignment/status"))
}

/// Why something with an assignment is not possible.
async fn refused(by: &Caller, mutation: &str, id: &str) -> String {
    let answer = by.mutate(mutation, json!({"id": id}), "assignment { id }").await;
    answer.reason().to_owned()
}

/// Where an assignment stands.
async fn status(by: &Caller, id: &str) -> String {
    let query = "query($id: ID!) { node(id: $id) { ... on RoleAssignment { status } } }";
    by.ask(query, json!({"id": id})).await.text("/node/status")
}
