//! What ends a role, or has people asked anew: RSVPs, dates, events, hosts, accounts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{comes, offer, role, status, step, task};
use crate::harness::{Caller, Made, World};

/// Somebody who holds a role on site, and a task, at an event.
async fn holder(world: &World, host: &Caller, name: &str) -> (Caller, Made, [String; 2]) {
    let event = world.event(host, json!({})).await;
    let guest = world.activist(name).await;
    comes(&guest, &event).await;
    let (greeter, banner) = (role(host, &event, json!({})).await, task(host, &event).await);
    let held = [
        offer(host, &guest, &event, &greeter).await,
        offer(host, &guest, &event, &banner).await,
    ];
    for id in &held {
        assert_eq!(step(&guest, "acceptRole", id).await, "ACCEPTED");
    }
    (guest, event, held)
}

async fn cancel(guest: &Caller, event: &Made) {
    let id = super::attendee(guest, event).await.replace("attendee:", "rsvp:");
    guest
        .mutate("cancelRsvp", json!({"id": id}), "status")
        .await
        .data();
}

scenario! {
    /// Who comes no more does nothing there any more, and the hosts are told; who hosts goes on.
    async fn nobody_holds_what_they_do_not_come_to(world) {
        let host = world.activist("Wren").await;
        let (guest, event, held) = holder(world, &host, "Finch").await;
        cancel(&guest, &event).await;
        for id in &held {
            assert_eq!(status(&host, id).await, "RELEASED");
        }
        world.drain().await;
        let told = world.mails_to(&host.address);
        assert_eq!(told.iter().filter(|mail| mail.subject.starts_with("Free again")).count(), 2);
        comes(&guest, &event).await;
        assert_eq!(super::refused(&guest, "acceptRole", &held[0]).await, "ROLE_NOT_HELD", "coming again is another thing");

        comes(&host, &event).await;
        let own = role(&host, &event, json!({"title": "Speaker"})).await;
        let own = offer(&host, &host, &event, &own).await;
        assert_eq!(status(&host, &own).await, "ACCEPTED", "one's own is held at once");
        cancel(&host, &event).await;
        assert_eq!(status(&host, &own).await, "ACCEPTED");
        world.drain().await;
    }
}

scenario! {
    /// Who holds a role at a date that is moved is asked anew; a task is due later and stays theirs. A date that is called off
    /// ends both.
    async fn roles_follow_their_date(world) {
        let host = world.activist("Wren").await;
        let (guest, event, held) = holder(world, &host, "Finch").await;
        let report = role(&host, &event, json!({"kind": "TASK", "title": "Report", "dueHours": 24})).await;
        let report = offer(&host, &guest, &event, &report).await;
        step(&guest, "acceptRole", &report).await;
        world.drain().await;
        let moved = json!({"id": event.timeslot, "startsAt": "2030-01-19T00:00:00Z", "endsAt": "2030-01-19T02:00:00Z"});
        host.mutate("updateTimeslot", moved, "event { id }").await.data();
        assert_eq!(status(&guest, &held[0]).await, "OFFERED");
        assert_eq!(status(&guest, &held[1]).await, "ACCEPTED");
        let query = "query($id: ID!) { node(id: $id) { ... on RoleAssignment { status role { startsAt dueAt } } } }";
        let seen = guest.ask(query, json!({"id": held[0]})).await;
        assert_eq!(seen.at("/node/role/startsAt"), "2030-01-19T00:00:00+00:00");
        let seen = guest.ask(query, json!({"id": report})).await;
        assert_eq!((seen.at("/node/role/dueAt"), seen.at("/node/status")), (&json!("2030-01-20T02:00:00+00:00"), &json!("ACCEPTED")));
        world.drain().await;
        let asked = world.mails_to(&guest.address);
        assert_eq!(asked.iter().filter(|mail| mail.subject.contains("Would you do this? Greeter")).count(), 1, "the first was answered before it went out");
        assert_eq!(step(&guest, "acceptRole", &held[0]).await, "ACCEPTED");
        host.mutate("cancelTimeslot", json!({"id": event.timeslot}), "event { id }").await.data();
        assert_eq!(status(&guest, &held[0]).await, "RELEASED");
        world.advance(TimeDelta::minutes(30));
        world.drain().await;
    }
}

scenario! {
    /// With an event that is called off everything ends, and nothing can be accepted by an old link.
    async fn nothing_is_held_at_what_is_off(world) {
        let host = world.activist("Wren").await;
        let (guest, event, held) = holder(world, &host, "Finch").await;
        let open = role(&host, &event, json!({"title": "Clean up", "startsAt": "2030-01-18T02:00:00Z", "endsAt": "2030-01-18T03:00:00Z"})).await;
        let asked = offer(&host, &guest, &event, &open).await;
        world.drain().await;
        let token = world.mails_to(&guest.address).iter().rfind(|mail| mail.subject.contains("Clean up")).unwrap().tokens()[0].clone();
        host.mutate("cancelEvent", json!({"id": event.id}), "event { id }").await.data();
        assert_eq!([status(&host, &held[0]).await, status(&host, &asked).await], ["RELEASED", "WITHDRAWN"]);
        let late = world.anonymous().mutate("acceptRole", json!({"token": token}), "accepted").await;
        assert_eq!(late.reason(), "ROLE_NOT_HELD");
        let more = json!({"eventId": event.id, "kind": "TASK", "title": "More"});
        assert_eq!(host.mutate("createRole", more, "role { id }").await.reason(), "EVENT_CANCELLED");
        world.advance(TimeDelta::minutes(30));
        world.drain().await;
    }
}

scenario! {
    /// Two accounts that become one hold each role once, and no two at the same time.
    async fn accounts_that_become_one(world) {
        let host = world.activist("Wren").await;
        let (guest, event, held) = holder(world, &host, "Finch").await;
        let other = world.activist("Jay").await;
        comes(&other, &event).await;
        let medic = role(&host, &event, json!({"title": "Medic"})).await;
        let at_once = offer(&host, &other, &event, &medic).await;
        step(&other, "acceptRole", &at_once).await;
        let later = role(&host, &event, json!({"title": "Clean up", "startsAt": "2030-01-18T02:00:00Z", "endsAt": "2030-01-18T03:00:00Z"})).await;
        let later = offer(&host, &other, &event, &later).await;
        step(&other, "acceptRole", &later).await;
        guest.mutate("requestAddressCode", json!({"email": other.address}), "expiresAt").await.data();
        let code = crate::account::code_to(world, &other.address, "add").await;
        let merged = guest.mutate("addAddress", json!({"email": other.address, "code": code}), "merged").await;
        assert_eq!(merged.at("/addAddress/merged"), true);
        let mine = "{ viewer { roles { edges { node { role { title } } } } } }";
        let mine = guest.ask(mine, Value::Null).await;
        let titles: Vec<_> = mine.at("/viewer/roles/edges").as_array().unwrap().iter()
            .map(|edge| edge["node"]["role"]["title"].clone()).collect();
        assert_eq!(titles, ["Greeter", "Bring the banner", "Clean up"]);
        assert_eq!(status(&host, &at_once).await, "RELEASED");
        assert_eq!(status(&host, &held[0]).await, "ACCEPTED");
        world.drain().await;
    }
}
