//! How long people worked in roles, and which of them are done.

use serde_json::{Value, json};

use super::{OVER, at};
use crate::{
    account::another_device as again,
    harness::{Caller, Made},
    roles::{offer, role},
    rsvps::rsvp,
};

async fn say(caller: &Caller, id: &str, minutes: Value) -> crate::harness::Answer {
    let selection = "assignment { proposedMinutes confirmedMinutes }";
    caller
        .mutate(
            "recordRoleHours",
            json!({"id": id, "minutes": minutes}),
            selection,
        )
        .await
}

/// Roles open, tasks overdue; held, entered, confirmed, minutes.
async fn work(host: &Caller, event: &Made) -> [i64; 6] {
    let query = "query($id: ID!) { event(id: $id) { closing { rolesOpen tasksOverdue hours { held entered confirmed minutes } } } }";
    let answer = host.ask(query, json!({"id": event.id})).await;
    let of = |path: &str| answer.at(&format!("/event/closing/{path}")).as_i64().unwrap();
    [
        "rolesOpen",
        "tasksOverdue",
        "hours/held",
        "hours/entered",
        "hours/confirmed",
        "hours/minutes",
    ]
    .map(of)
}

scenario! {
    /// Who did it proposes, the host has the last word, some say nothing, and sums tell of how many they know. What is over is
    /// open until a host says whether it was done.
    async fn hours_are_proposed_and_confirmed(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let greeter = role(&host, &event, json!({"maxPeople": 2})).await;
        let over = json!({"kind": "TASK", "title": "Scan the sheets", "timeslotId": null, "dueAt": "2030-01-18T02:30:00Z"});
        role(&host, &event, over).await;
        let mut held = vec![];
        for guest in [&finch, &jay] {
            rsvp(guest, &event, 1).await.data();
            let id = offer(&host, guest, &event, &greeter).await;
            assert_eq!(say(guest, &id, json!(10)).await.reason(), "ROLE_NOT_HELD", "it is only offered");
            guest.mutate("acceptRole", json!({"id": id}), "accepted").await.data();
            held.push(id);
        }
        at(world, OVER).await;
        let (host, finch, jay) = (again(world, &host).await, again(world, &finch).await, again(world, &jay).await);
        assert_eq!(work(&host, &event).await, [2, 1, 2, 0, 0, 0]);
        let said = say(&finch, &held[0], json!(90)).await;
        assert_eq!(said.at("/recordRoleHours/assignment"), &json!({"proposedMinutes": 90, "confirmedMinutes": null}));
        assert_eq!(work(&host, &event).await, [2, 1, 2, 1, 0, 90]);
        say(&host, &held[0], json!(60)).await.data();
        let said = say(&finch, &held[0], json!(100)).await;
        assert_eq!(said.at("/recordRoleHours/assignment"), &json!({"proposedMinutes": 100, "confirmedMinutes": 60}));
        assert_eq!(work(&host, &event).await, [2, 1, 2, 1, 1, 60]);
        say(&host, &held[0], Value::Null).await.data();
        assert_eq!(work(&host, &event).await, [2, 1, 2, 1, 0, 100]);
        assert_eq!(say(&jay, &held[0], json!(1)).await.code(), "NOT_FOUND");
        assert_eq!(say(&world.anonymous(), &held[0], json!(1)).await.code(), "UNAUTHENTICATED");
        for minutes in [-1, 10_081] {
            assert_eq!(say(&jay, &held[1], json!(minutes)).await.wrong_fields(), ["input.minutes"]);
        }
        for (id, outcome) in [(&held[0], "FULFILLED"), (&held[1], "MISSED")] {
            host.mutate("reportRole", json!({"id": id, "outcome": outcome}), "assignment { id }").await.data();
        }
        assert_eq!(work(&host, &event).await, [0, 1, 1, 1, 0, 100]);
        assert_eq!(say(&jay, &held[1], json!(10)).await.reason(), "ROLE_NOT_HELD");
        world.drain().await;
    }
}
