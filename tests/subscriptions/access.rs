//! Permission is decided for each answer, and a socket does not outlive its session.

use chrono::TimeDelta;
use entity::{StaffRole, event_host};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::SEATS;
use crate::{
    harness::{Caller, Made, PROTOCOL, Socket, World},
    rsvps::rsvp,
};

const PLACE: &str = "subscription($id: ID!) {
    eventChanged(id: $id) { title instructions place { precision addressLines venue } viewerRsvps { status } } }";

async fn retitle(host: &Caller, made: &Made, title: &str) {
    let version = "query($id: ID!) { event(id: $id) { version } }";
    let version = host.ask(version, json!({"id": made.id})).await;
    let change = json!({"id": made.id, "expectedVersion": version.at("/event/version"), "title": title});
    host.mutate("updateEvent", change, "event { id }").await.data();
}

scenario! {
    /// A stranger is never told more than a stranger may read; who was coming no longer once they are not.
    async fn a_hidden_address_stays_hidden(world) {
        let host = world.activist("Wren").await;
        let over = json!({"addressVisibility": "AFTER_RSVP", "instructions": "Ring twice."});
        let made = world.event(&host, over).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &made, 1).await.data();
        let (mut stranger, first) = world.anonymous().follow(PLACE, json!({"id": made.id})).await;
        let (mut coming, second) = finch.follow(PLACE, json!({"id": made.id})).await;
        let is_told = |payload: &Value| {
            let text = payload.to_string();
            assert_eq!(text.contains("Example Street"), text.contains("Ring twice"), "{text}");
            text.contains("Example Street")
        };
        assert!(!is_told(&first) && is_told(&second));
        retitle(&host, &made, "Letters").await;
        assert!(!is_told(&stranger.answer("1").await) && is_told(&coming.answer("1").await));
        let rsvps = "query($id: ID!) { event(id: $id) { viewerRsvps { id } } }";
        let mine = finch.ask(rsvps, json!({"id": made.id})).await.text("/event/viewerRsvps/0/id");
        finch.mutate("cancelRsvp", json!({"id": mine}), "status").await.data();
        assert!(!is_told(&coming.answer("1").await));
        world.drain().await;
    }
}

scenario! {
    /// What one may not know of cannot be followed, and ends when one may know of it no longer.
    async fn what_is_hidden_is_not_followed(world) {
        let host = world.activist("Wren").await;
        let made = world.draft(&host, json!({})).await;
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        for caller in [world.anonymous(), world.activist("Finch").await] {
            let mut socket = caller.socket().await;
            socket.subscribe("1", SEATS, json!({"id": made.id})).await;
            assert_eq!(socket.refusal("1").await, "NOT_FOUND");
            socket.subscribe("2", SEATS, json!({"id": "event:00000000-0000-0000-0000-000000000000"})).await;
            assert_eq!(socket.refusal("2").await, "NOT_FOUND");
            socket.subscribe("3", SEATS, json!({"id": "nonsense"})).await;
            assert_eq!(socket.refusal("3").await, "BAD_USER_INPUT");
        }
        let (mut socket, _) = host.follow(SEATS, json!({"id": made.id})).await;
        event_host::Entity::delete_many()
            .filter(event_host::Column::PersonId.is_not_null())
            .exec(world.app.db.writer())
            .await
            .unwrap();
        retitle(&organizer, &made, "Not theirs any more").await;
        assert_eq!(socket.refusal("1").await, "NOT_FOUND");
        assert!(world.app.watchers.is_empty(), "nothing is left of those who follow no more");
    }
}

scenario! {
    /// The whole socket is closed when the person signs out, or the token is too old.
    async fn a_socket_ends_with_its_session(world) {
        let made = world.event(&world.activist("Wren").await, json!({})).await;
        let finch = world.activist("Finch").await;
        let (socket, _) = finch.follow(SEATS, json!({"id": made.id})).await;
        let idle = finch.socket().await;
        finch.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        assert_eq!(socket.closed().await, 4403);
        assert_eq!(idle.closed().await, 4403, "even one that follows nothing");

        let robin = world.activist("Robin").await;
        let (socket, _) = robin.follow(SEATS, json!({"id": made.id})).await;
        let (mut stays, _) = world.anonymous().follow(SEATS, json!({"id": made.id})).await;
        world.advance(TimeDelta::minutes(11));
        assert_eq!(socket.closed().await, 4403);
        stays.say(json!({"type": "ping"})).await;
        assert_eq!(stays.next().await, json!({"type": "pong"}), "nobody's token, nobody's end");
        world.drain().await;
    }
}

scenario! {
    /// Who loses a role has to connect again, and is somebody else then.
    async fn a_socket_ends_with_a_role(world) {
        let admin = world.staff("Admin", StaffRole::Admin).await;
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let made = world.draft(&world.activist("Wren").await, json!({})).await;
        let (socket, _) = organizer.follow(SEATS, json!({"id": made.id})).await;
        let staff = "{ staff(first: 100) { edges { node { id role } } } }";
        let staff = admin.ask(staff, Value::Null).await;
        let edges = staff.at("/staff/edges").as_array().unwrap();
        let grant = edges.iter().find(|edge| edge["node"]["role"] == "ORGANIZER").unwrap();
        let revoke = json!({"id": grant["node"]["id"]});
        admin.mutate("revokeStaffRole", revoke, "id").await.data();
        assert_eq!(socket.closed().await, 4403);
        let mut again = organizer.socket().await;
        again.subscribe("1", SEATS, json!({"id": made.id})).await;
        assert_eq!(again.refusal("1").await, "NOT_FOUND");
    }
}

scenario! {
    /// The token comes in the payload, however it is written, or in the header; a bad one is refused.
    async fn the_token_is_checked(world) {
        let finch = world.activist("Finch").await;
        let bearer = format!("Bearer {}", finch.token());
        let viewer = async |mut socket: Socket, payload: Value| {
            socket.say(json!({"type": "connection_init", "payload": payload})).await;
            assert_eq!(socket.next().await["type"], "connection_ack");
            socket.subscribe("1", "{ viewer { email } }", Value::Null).await;
            socket.answer("1").await["data"]["viewer"]["email"].clone()
        };
        for name in ["authorization", "Authorization", "AUTHORIZATION"] {
            let socket = Socket::bare(&world.url).await;
            assert_eq!(viewer(socket, json!({name: bearer})).await, "finch@example.org");
        }
        let headers = [PROTOCOL, ("authorization", bearer.as_str())];
        let socket = Socket::open(&world.url, &headers).await.unwrap();
        assert_eq!(viewer(socket, Value::Null).await, "finch@example.org");
        assert_eq!(viewer(Socket::bare(&world.url).await, Value::Null).await, Value::Null);

        let headers = [PROTOCOL, ("authorization", "Bearer nonsense")];
        assert_eq!(Socket::open(&world.url, &headers).await.err(), Some(401));
        for bad in [json!("Bearer nonsense"), json!(finch.token()), json!(1), json!("")] {
            let mut socket = Socket::bare(&world.url).await;
            socket.say(json!({"type": "connection_init", "payload": {"authorization": bad}})).await;
            assert_eq!(socket.closed().await, 4403, "{bad}");
        }
        let twice = json!({"authorization": bearer, "Authorization": bearer});
        let mut socket = Socket::bare(&world.url).await;
        socket.say(json!({"type": "connection_init", "payload": twice})).await;
        assert_eq!(socket.closed().await, 4403);
    }
}

scenario! {
    /// A page of a stranger may not open a socket.
    async fn the_origin_is_checked(world) {
        let own = world.url.clone();
        assert!(Socket::open(&world.url, &[PROTOCOL, ("origin", &own)]).await.is_ok());
        for origin in ["https://elsewhere.example.org", "null", "http://127.0.0.1:1", "file://"] {
            let opened = Socket::open(&world.url, &[PROTOCOL, ("origin", origin)]).await;
            assert_eq!(opened.err(), Some(403), "{origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_may_call_may_open_a_socket() {
    let origin = "https://map.example.org";
    let world = World::with(
        crate::harness::Backend::embedded(),
        &[("http.cors_origins", origin)],
    )
    .await;
    let open = async |origin| {
        Socket::open(&world.url, &[PROTOCOL, ("origin", origin)])
            .await
            .err()
    };
    assert_eq!(open(origin).await, None);
    assert_eq!(open("https://map.example.org.evil.example").await, Some(403));
    world.finish().await;
}
