//! Events that exist for their hosts, for staff who may, and for the invited.

use entity::StaffRole;
use reqwest::Client;
use serde_json::{Value, json};

use super::{change, come, find, invite, link, mailed, offer};
use crate::{
    harness::{Caller, Made, World},
    rsvps::{answer_by_mail, rsvp, status},
    subscriptions::SEATS,
};

/// Everything by which somebody could come to know of an event.
async fn knows(world: &World, caller: &Caller, made: &Made) -> Vec<&'static str> {
    let mut known = vec![];
    if find(caller, made).await.code_if_any() != Some("NOT_FOUND") {
        known.push("event");
    }
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for (id, way) in [(&made.id, "node"), (&made.timeslot, "date")] {
        if caller.ask(node, json!({"id": id})).await.code_if_any() != Some("NOT_FOUND") {
            known.push(way);
        }
    }
    let near = "near: {point: {latitude: 41.6, longitude: -93.6}}";
    for (query, way) in [
        ("{ events(first: 50) { edges { node { id } } facets { count } } }".to_owned(), "list"),
        (format!("{{ nearbyEvents({near}, first: 50) {{ edges {{ node {{ id }} }} facets {{ count }} }} }}"), "near"),
        (
            "{ eventsInBounds(box: {north: 42, south: 41, east: -93, west: -94}, zoom: 9) { count events { event { id } } } }"
                .to_owned(),
            "map",
        ),
    ] {
        let answer = caller.ask(&query, Value::Null).await.data().to_string();
        if answer.contains(&made.id) || answer.contains("\"count\":1") {
            known.push(way);
        }
    }
    let mut socket = caller.socket().await;
    socket.subscribe("1", SEATS, json!({"id": made.id})).await;
    if socket.next().await["type"] == "next" {
        known.push("subscription");
    }
    for (path, way) in [
        (format!("/events/{}.ics", made.id), "calendar"),
        (format!("/events/{}.jsonld", made.id), "page data"),
    ] {
        let mut request = Client::new().get(format!("{}{path}", world.url));
        if !caller.token().is_empty() {
            request = request.bearer_auth(caller.token());
        }
        if request.send().await.unwrap().status() == 200 {
            known.push(way);
        }
    }
    for path in [
        "/events.ics",
        "/events.atom",
        "/events.geojson?bbox=-94,41,-93,42",
    ] {
        let page = Client::new()
            .get(format!("{}{path}", world.url))
            .send()
            .await
            .unwrap();
        if page.text().await.unwrap().contains("Calls for clean water") {
            known.push("feed");
        }
    }
    known
}

scenario! {
    /// For strangers, and for staff who run no events, it does not exist, in any way; nor in another process.
    async fn it_exists_for_nobody_else(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let finch = world.activist("Finch").await;
        for caller in [&world.anonymous(), &finch, &world.staff("Robin", StaffRole::Recruiter).await] {
            assert_eq!(knows(world, caller, &made).await, Vec::<&str>::new());
            let refused = rsvp(caller, &made, 1).await;
            let refused = if caller.token().is_empty() { answer_by_mail(world, &made, "Jay", 1).await } else { refused };
            assert_eq!(refused.code(), "NOT_FOUND");
            let host_only = json!({"eventId": made.id, "contacts": ["a@example.org"]});
            let asked = caller.mutate("inviteToEvent", host_only, "invitations { id }").await;
            assert!(["NOT_FOUND", "UNAUTHENTICATED"].contains(&asked.code()));
        }
        for caller in [&host, &world.staff("Owl", StaffRole::Organizer).await] {
            assert_eq!(knows(world, caller, &made).await, ["event", "node", "date", "subscription"]);
        }
        let listed = host.ask("{ viewer { hosting { edges { node { id } } } } }", Value::Null).await;
        assert_eq!(listed.at("/viewer/hosting/edges/0/node/id"), &json!(made.id));
        assert!(world.mails_to("jay@example.org").is_empty());
    }
}

scenario! {
    /// An event may be hidden later: those who came know of it still, others no more, in every process.
    async fn hiding_takes_it_off_everywhere(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"joinPolicy": "APPROVAL"})).await;
        let (finch, jay, stranger) =
            (world.activist("Finch").await, world.activist("Jay").await, world.activist("Stranger").await);
        let refused = rsvp(&jay, &made, 1).await.text("/rsvp/rsvp/id");
        let decision = json!({"eventId": made.id, "rsvpIds": [refused], "decision": "REFUSE"});
        host.mutate("decideRsvps", decision, "attendees { id }").await.data();
        rsvp(&finch, &made, 1).await.data();
        let other = world.another_process().await;
        assert_eq!(knows(world, &stranger, &made).await.len(), 12, "all of them");
        assert!(other.map.get(key(&made)).is_some());
        let (mut followed, _) = stranger.follow(SEATS, json!({"id": made.id})).await;
        change(&host, &made, json!({"visibility": "PRIVATE"})).await.data();
        assert_eq!(followed.refusal("1").await, "NOT_FOUND");
        assert_eq!(knows(world, &stranger, &made).await, Vec::<&str>::new());
        other.map.repair(&other.db, other.clock.now()).await.unwrap();
        assert!(other.map.get(key(&made)).is_none(), "the other process forgets it too");
        assert_eq!(status(&finch, &made).await, "PENDING_APPROVAL");
        assert_eq!(find(&jay, &made).await.code(), "NOT_FOUND", "a host said no");
        let rsvps = "{ viewer { rsvps { edges { node { event { title } } } } } }";
        assert_eq!(jay.ask(rsvps, Value::Null).await.at("/viewer/rsvps/edges"), &json!([]));
        assert_eq!(finch.ask(rsvps, Value::Null).await.at("/viewer/rsvps/edges/0/node/event/title"), "Calls for clean water");
        // And shown again.
        change(&host, &made, json!({"visibility": "PUBLIC"})).await.data();
        assert_eq!(knows(world, &stranger, &made).await.len(), 12);
        assert_eq!(jay.ask(rsvps, Value::Null).await.at("/viewer/rsvps/edges").as_array().unwrap().len(), 1);
        world.drain().await;
    }
}

fn key(made: &Made) -> uuid::Uuid {
    made.id.trim_start_matches("event:").parse().unwrap()
}

scenario! {
    /// Whoever answers no longer needs the link; whoever takes it back may come again.
    async fn guests_stay_guests(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE", "joinPolicy": "INVITE"})).await;
        let (id, token) = link(&host, &made, json!({})).await;
        let finch = world.activist("Finch").await;
        assert_eq!(offer(&finch, &token).await.at("/invitation/event/id"), &json!(made.id));
        assert_eq!(find(&finch, &made).await.code(), "NOT_FOUND", "reading makes no guest");
        let told = come(&finch, &made, &token).await;
        assert_eq!(told.at("/rsvp/rsvp/event/title"), "Calls for clean water");
        host.mutate("revokeInvitationLink", json!({"id": id}), "invitationLink { revokedAt }").await.data();
        find(&finch, &made).await.data();
        let rsvp_id = told.text("/rsvp/rsvp/id");
        let left = finch.mutate("cancelRsvp", json!({"id": rsvp_id}), "rsvp { event { title } }").await;
        assert_eq!(left.at("/cancelRsvp/rsvp/event/title"), "Calls for clean water");
        assert_eq!(rsvp(&finch, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        let calendar = finch.ask("mutation { createCalendarLink { url } }", Value::Null).await;
        let url = calendar.text("/createCalendarLink/url");
        let path = &url[url.find("/calendar/").unwrap()..];
        let feed = Client::new().get(format!("{}{path}", world.url)).send().await.unwrap();
        assert!(feed.text().await.unwrap().contains("Calls for clean water"), "it is in their own feed");
        world.drain().await;
    }
}

scenario! {
    /// Somebody signed in whose address was invited knows of the event, without the mail at hand.
    async fn an_invited_address_is_enough(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE", "joinPolicy": "INVITE"})).await;
        let (finch, jay) = (world.activist("Finch").await, world.newcomer("Jay").await);
        assert_eq!(find(&finch, &made).await.code(), "NOT_FOUND");
        let invited = invite(&host, &made, &["Finch@Example.org", "jay@example.org"]).await;
        find(&finch, &made).await.data();
        assert_eq!(find(&jay, &made).await.code(), "NOT_FOUND", "who never proved to read that address");
        let id = invited.text("/inviteToEvent/invitations/0/id");
        host.mutate("revokeInvitation", json!({"id": id}), "invitation { status }").await.data();
        assert_eq!(find(&finch, &made).await.code(), "NOT_FOUND", "taken back");
        world.drain().await;
        assert!(world.mails_to("finch@example.org").is_empty(), "and not sent either");
        invite(&host, &made, &["finch@example.org"]).await.data();
        let token = mailed(world, "finch@example.org").await;
        assert_eq!(rsvp(&finch, &made, 1).await.at("/rsvp/status"), "REGISTERED", "no token is needed");
        assert_eq!(offer(&world.anonymous(), &token).await.at("/invitation/event/place/addressLines"), &json!(["1 Example Street"]));
        world.drain().await;
    }
}
