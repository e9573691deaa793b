//! Hosts are reminded of what is left to do.

use api::jobs::plan_reminders;
use serde_json::json;

use super::{OVER, at, came, close, closing};
use crate::{
    harness::{Caller, Made, World},
    rsvps::rsvp,
};

async fn begin(world: &World) {
    world.drain().await;
    plan_reminders::schedule(&world.app, world.now()).await.unwrap();
    world.drain().await;
}

/// What a host was reminded with.
fn reminders(world: &World, name: &str) -> Vec<String> {
    let mut mails = world.mails_to(&format!("{name}@example.org"));
    mails.retain(|mail| {
        mail.subject.starts_with("What is left to do") || mail.subject.starts_with("Qué queda")
    });
    mails.into_iter().map(|mail| mail.text).collect()
}

async fn event(world: &World, host: &Caller) -> Made {
    let event = world.event(host, json!({})).await;
    rsvp(&world.activist("Finch").await, &event, 1).await.data();
    event
}

scenario! {
    /// A day, four and ten days after, in the daytime, with what is then left.
    async fn hosts_are_reminded_until_it_is_done(world) {
        let host = world.activist("Wren").await;
        let event = event(world, &host).await;
        begin(world).await;
        at(world, "2030-01-19T02:00:00Z").await;
        at(world, "2030-01-19T14:59:00Z").await;
        assert!(reminders(world, "wren").is_empty(), "nobody is woken for it");
        at(world, "2030-01-19T15:00:00Z").await;
        let first = reminders(world, "wren");
        assert_eq!(first.len(), 1);
        assert!(first[0].contains("Of 1 who said yes") && first[0].contains("Post your next event"), "{}", first[0]);
        came(world, &event, &world.activist("Finch").await, 1).await;
        at(world, "2030-01-22T02:00:00Z").await;
        at(world, "2030-01-22T16:00:00Z").await;
        let second = reminders(world, "wren");
        assert_eq!(second.len(), 2);
        assert!(!second[1].contains("Of 1 who") && second[1].contains("Post your next event"), "{}", second[1]);
        let later = json!([{"startsAt": "2030-02-18T00:00:00Z", "endsAt": "2030-02-18T02:00:00Z"}]);
        world.event(&crate::account::another_device(world, &host).await, json!({"title": "The next one", "timeslots": later})).await;
        at(world, "2030-01-28T02:00:00Z").await;
        at(world, "2030-01-28T16:00:00Z").await;
        assert_eq!(reminders(world, "wren").len(), 2, "it is done");
        let left = closing(&crate::account::another_device(world, &host).await, &event).await;
        assert_eq!((&left["isDone"], &left["nextEventPosted"]), (&json!(true), &json!(true)));
    }
}

scenario! {
    /// Not once the hosts say so, for none of them; and not of what nobody came to, or what was called off.
    async fn hosts_hear_no_more_of_what_they_dismiss(world) {
        let (host, jay) = (world.activist("Wren").await, world.activist("Jay").await);
        let (dismissed, kept) = (event(world, &host).await, event(world, &jay).await);
        let nobodys = world.event(&world.activist("Owl").await, json!({"title": "Nobody came"})).await;
        let off = event(world, &world.activist("Robin").await).await;
        world.activist("Robin").await.mutate("cancelEvent", json!({"id": off.id}), "event { id }").await.data();
        begin(world).await;
        at(world, OVER).await;
        let host = world.activist("Wren").await;
        let said = host.mutate("dismissClosing", json!({"eventId": dismissed.id}), "event { closing { dismissedAt isDone } }").await;
        assert!(said.at("/dismissClosing/event/closing/dismissedAt").is_string());
        let first = said.at("/dismissClosing/event/closing/dismissedAt").clone();
        at(world, "2030-01-18T04:00:00Z").await;
        let host = world.activist("Wren").await;
        let again = host.mutate("dismissClosing", json!({"eventId": dismissed.id}), "event { closing { dismissedAt } }").await;
        assert_eq!(again.at("/dismissClosing/event/closing/dismissedAt"), &first);
        close(&host, &dismissed).await.data();
        at(world, "2030-01-19T02:00:00Z").await;
        at(world, "2030-01-19T16:00:00Z").await;
        let reminded = ["wren", "jay", "owl", "robin"].map(|name| reminders(world, name).len());
        assert_eq!(reminded, [0, 1, 0, 0]);
        assert_eq!(closing(&world.activist("Jay").await, &kept).await["isDone"], false);
        let empty = closing(&world.activist("Owl").await, &nobodys).await;
        assert_eq!((&empty["attendanceRecorded"], &empty["isDone"]), (&json!(true), &json!(false)));
    }
}
