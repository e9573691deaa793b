//! Following an event: the present state at once, then each change, wherever it was made, and never more than the
//! follower may read at that moment.

mod access;
mod limits;
mod protocol;

use std::{sync::Arc, time::Duration};

use api::app::App;
use entity::StaffRole;
use serde_json::{Value, json};

use crate::{
    harness::{Background, World, serve, unique},
    rsvps::rsvp,
};

pub(crate) const SEATS: &str = "subscription($id: ID!) {
    eventChanged(id: $id) { id title status timeslots { edges { node { seatsLeft startsAt } } } } }";
/// Somebody would have been told by then.
const QUIET: Duration = Duration::from_millis(1500);

/// Title, status and free seats of an answer to [`SEATS`].
pub(crate) fn seen(payload: &Value) -> (String, String, i64) {
    let event = &payload["data"]["eventChanged"];
    let text = |name: &str| {
        event[name]
            .as_str()
            .unwrap_or_else(|| panic!("{payload}"))
            .to_owned()
    };
    let slot = &event["timeslots"]["edges"][0]["node"];
    (
        text("title"),
        text("status"),
        slot["seatsLeft"].as_i64().unwrap_or(-1),
    )
}

fn expected(title: &str, status: &str, seats: i64) -> (String, String, i64) {
    (title.to_owned(), status.to_owned(), seats)
}

const TITLE: &str = "Calls for clean water";

scenario! {
    /// The present state, seats, a new title, the end: to somebody who is not signed in.
    async fn an_event_is_followed(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 5).await;
        let (mut socket, first) = world.anonymous().follow(SEATS, json!({"id": made.id})).await;
        assert_eq!(seen(&first), expected(TITLE, "APPROVED", 5));
        assert_eq!(first["data"]["eventChanged"]["id"], made.id);

        rsvp(&world.activist("Finch").await, &made, 2).await.data();
        assert_eq!(seen(&socket.answer("1").await), expected(TITLE, "APPROVED", 3));
        let change = json!({"id": made.id, "expectedVersion": made.version, "title": "Letters"});
        host.mutate("updateEvent", change, "event { id }").await.data();
        assert_eq!(seen(&socket.answer("1").await), expected("Letters", "APPROVED", 3));
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        assert_eq!(seen(&socket.answer("1").await).1, "CANCELLED");

        socket.say(json!({"id": "1", "type": "complete"})).await;
        socket.subscribe("1", SEATS, json!({"id": made.id})).await;
        assert_eq!(seen(&socket.answer("1").await).1, "CANCELLED", "the id is free again");
        world.drain().await;
    }
}

scenario! {
    /// Who follows hears of what they selected, and of many changes at once only how it ended.
    async fn only_what_changed_is_sent(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 50).await;
        let title = "subscription($id: ID!) { eventChanged(id: $id) { title } }";
        let (mut titles, _) = world.anonymous().follow(title, json!({"id": made.id})).await;
        let (mut seats, _) = world.anonymous().follow(SEATS, json!({"id": made.id})).await;

        let mut coming = vec![];
        for number in 0..6 {
            coming.push(world.activist(&format!("Finch{number}")).await);
        }
        for finch in &coming {
            rsvp(finch, &made, 1).await.data();
        }
        let mut told = 0;
        let last = loop {
            let seen = seen(&seats.answer("1").await).2;
            told += 1;
            if seen == 44 {
                break seen;
            }
        };
        assert!(last == 44 && told <= 6, "{told}");
        assert_eq!(titles.next_within(QUIET).await, None, "the title is as it was");
        assert_eq!(seats.next_within(QUIET).await, None, "everything was said");
        world.drain().await;
    }
}

scenario! {
    /// What is not on the map is followed as well, by those who may see it.
    async fn a_draft_is_followed_by_its_host(world) {
        let host = world.activist("Wren").await;
        let made = world.draft(&host, json!({})).await;
        let (mut socket, first) = host.follow(SEATS, json!({"id": made.id})).await;
        assert_eq!(seen(&first).1, "DRAFT");
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let publish = json!({"id": made.id});
        host.mutate("publishEvent", publish.clone(), "event { id }").await.data();
        assert_eq!(seen(&socket.answer("1").await).1, "NEEDS_APPROVAL");
        organizer.mutate("approveEvent", publish, "event { id }").await.data();
        assert_eq!(seen(&socket.answer("1").await).1, "APPROVED");
        world.drain().await;
    }
}

/// Who joins the waitlist, or leaves it, hears of it at `url` although no seat was moved.
async fn assert_follows_waitlist(world: &World, url: &str) {
    let made = world.event_with_seats(&world.activist("Wren").await, 1).await;
    rsvp(&world.activist("Finch").await, &made, 1).await.data();
    let robin = world.activist("Robin").await;
    let mine = "subscription($id: ID!) { eventChanged(id: $id) { viewerRsvps { id status } } }";
    let (mut socket, first) = robin.at(url).follow(mine, json!({"id": made.id})).await;
    let rsvps = |payload: &Value| payload["data"]["eventChanged"]["viewerRsvps"].clone();
    assert_eq!(rsvps(&first), json!([]));
    rsvp(&robin, &made, 1).await.data();
    let waiting = rsvps(&socket.answer("1").await);
    assert_eq!(waiting[0]["status"], "WAITLISTED");
    let cancel = json!({"id": waiting[0]["id"]});
    robin.mutate("cancelRsvp", cancel, "status").await.data();
    assert_eq!(rsvps(&socket.answer("1").await)[0]["status"], "CANCELLED");
    world.drain().await;
}

scenario! {
    async fn the_waitlist_is_followed(world) {
        assert_follows_waitlist(world, &world.url).await;
    }
}

/// Whoever follows at `other` hears what is done at the world's own server, on the map and off it.
async fn assert_follows(world: &World, other: &Arc<App>) {
    let (url, server) = serve(other);
    let host = world.activist("Wren").await;
    let draft = world.draft(&host, json!({})).await;
    let (mut drafts, first) = host.at(&url).follow(SEATS, json!({"id": draft.id})).await;
    assert_eq!(seen(&first).1, "DRAFT");
    let made = world.event_with_seats(&host, 5).await;
    let (mut socket, first) = world
        .anonymous()
        .at(&url)
        .follow(SEATS, json!({"id": made.id}))
        .await;
    assert_eq!(seen(&first), expected(TITLE, "APPROVED", 5));

    rsvp(&world.activist("Finch").await, &made, 2).await.data();
    assert_eq!(seen(&socket.answer("1").await), expected(TITLE, "APPROVED", 3));
    let change = json!({"id": draft.id, "expectedVersion": draft.version, "title": "Letters"});
    host.mutate("updateEvent", change, "event { id }").await.data();
    assert_eq!(seen(&drafts.answer("1").await).0, "Letters");
    host.mutate("cancelEvent", json!({"id": made.id}), "event { id }")
        .await
        .data();
    assert_eq!(seen(&socket.answer("1").await).1, "CANCELLED");
    world.drain().await;
    server.stop(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_another_process_come_by_redis() {
    let world = World::production().await;
    let other = world.another_process().await;
    let listening = Background::listen(&other); // and no repair
    tokio::time::sleep(Duration::from_millis(500)).await; // until it listens
    assert_follows(&world, &other).await;
    listening.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_waitlist_of_another_process_comes_by_redis() {
    let world = World::production().await;
    let other = world.another_process().await;
    let listening = Background::listen(&other);
    tokio::time::sleep(Duration::from_millis(500)).await; // until it listens
    let (url, server) = serve(&other);
    assert_follows_waitlist(&world, &url).await;
    server.stop(false).await;
    listening.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_another_process_come_without_redis() {
    let world = World::production().await;
    let prefix = unique();
    let nowhere = [
        ("redis_url", "redis://127.0.0.1:1"),
        ("redis_prefix", prefix.as_str()),
    ];
    let other = world.another_process_with(&nowhere).await;
    let background = [Background::listen(&other), Background::keep_fresh(&other)];
    assert_follows(&world, &other).await;
    for part in background {
        part.stop().await;
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_a_command_beside_the_server_come() {
    let world = World::embedded().await;
    let serving = world.another_process().await;
    let fresh = Background::keep_fresh(&serving);
    assert_follows(&world, &serving).await;
    fresh.stop().await;
    world.finish().await;
}
