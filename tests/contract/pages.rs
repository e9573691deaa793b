//! Every list can be walked in pages from either end, and both walks see the list as it is.

use entity::StaffRole;
use serde_json::{Value, json};

use crate::harness::{Caller, World};

/// A list: who asks for it, how, with `PAGE` where its arguments stand, and where it is in the answer.
struct List<'a> {
    caller: &'a Caller,
    request: String,
    pointer: &'static str,
}

impl List<'_> {
    async fn page(&self, arguments: &str) -> Value {
        let request = self.request.replace("PAGE", arguments).replace(
            "EDGES",
            "{ edges { cursor } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } }",
        );
        let answer = self.caller.ask(&request, Value::Null).await;
        answer.at(self.pointer).clone()
    }

    /// All cursors, two at a time, from the beginning or from the end.
    async fn walk(&self, backward: bool) -> Vec<Value> {
        let (size, past, more, came, end) = match backward {
            false => ("first", "after", "hasNextPage", "hasPreviousPage", "endCursor"),
            true => ("last", "before", "hasPreviousPage", "hasNextPage", "startCursor"),
        };
        let mut walked: Vec<Value> = vec![];
        let mut arguments = format!("{size}: 2");
        loop {
            let page = self.page(&arguments).await;
            let info = &page["pageInfo"];
            let mut cursors = cursors(&page);
            assert_eq!(
                info["startCursor"],
                *cursors.first().unwrap_or(&Value::Null),
                "{page}"
            );
            assert_eq!(
                info["endCursor"],
                *cursors.last().unwrap_or(&Value::Null),
                "{page}"
            );
            assert_eq!(info[came], !walked.is_empty(), "{arguments}: {page}");
            if backward {
                cursors.append(&mut walked);
                walked = cursors;
            } else {
                walked.append(&mut cursors);
            }
            if info[more] == false {
                return walked;
            }
            arguments = format!("{size}: 2, {past}: {}", info[end]);
        }
    }

    async fn wrong(&self, arguments: &str) -> Vec<String> {
        let request = self
            .request
            .replace("PAGE", arguments)
            .replace("EDGES", "{ edges { cursor } }");
        self.caller.ask(&request, Value::Null).await.wrong_fields()
    }
}

fn cursors(page: &Value) -> Vec<Value> {
    let edges = page["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["cursor"].clone()).collect()
}

scenario! {
    async fn every_list_is_walked_from_both_ends(world) {
        let (host, attendee) = (world.activist("Wren").await, world.activist("Finch").await);
        let admin = world.staff("Admin", StaffRole::Admin).await;
        let event = a_busy_event(world, &host, &attendee).await;
        four_campaigns(&admin).await;
        let webhook = a_busy_webhook(&admin).await;
        four_trusted_hosts(world, &admin).await;
        let all = lists(&[&host, &attendee, &admin], &event, &webhook);
        for list in &all {
            let whole = cursors(&list.page("first: 100").await);
            assert!(whole.len() >= 4, "{}: {whole:?}", list.request);
            assert_eq!(cursors(&list.page("last: 100").await), whole, "{}", list.request);
            assert_eq!(list.walk(false).await, whole, "{}", list.request);
            assert_eq!(list.walk(true).await, whole, "{}", list.request);

            for (arguments, wrong) in [
                ("first: 0", vec!["first"]), ("first: 101", vec!["first"]), ("first: -1", vec!["first"]),
                ("last: 0", vec!["last"]), ("last: 101", vec!["last"]),
                ("first: 1, last: 1", vec!["last"]), ("before: \"x\"", vec!["before"]),
                ("last: 1, after: \"x\"", vec!["after"]), ("last: 0, first: 1, after: \"x\"", vec!["last", "last", "after"]),
                ("after: \"x\"", vec!["after"]), ("last: 1, before: \"x\"", vec!["before"]),
            ] {
                assert_eq!(list.wrong(arguments).await, wrong, "{arguments}: {}", list.request);
            }
        }
        world.drain().await;
    }
}

/// An event with five dates and five attendees; its host has five events, five wait for review, and five have roles.
async fn a_busy_event(world: &World, host: &Caller, attendee: &Caller) -> String {
    let slots: Vec<Value> = (18..23)
        .map(|day| json!({"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z")}))
        .collect();
    let over = json!({"timeslots": slots, "attendeeVisibility": "ATTENDEES"});
    let busy = world.event(host, over).await;
    let contacts: Vec<String> = (0..5).map(|i| format!("guest{i}@example.org")).collect();
    let input = json!({"eventId": busy.id, "contacts": contacts});
    host.mutate("inviteToEvent", input, "invitations { id }")
        .await
        .data();
    for _ in 0..5 {
        let link = host.mutate(
            "createInvitationLink",
            json!({"eventId": busy.id}),
            "invitationLink { id }",
        );
        link.await.data();
    }
    let all = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
    let dates = world.anonymous().ask(all, json!({"id": busy.id})).await;
    for edge in dates.at("/event/timeslots/edges").as_array().unwrap() {
        let input = json!({"timeslotId": edge["node"]["id"], "listed": true});
        attendee.mutate("rsvp", input, "status").await.data();
    }
    for day in 18..22 {
        let slot = json!([{"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z")}]);
        world.event(host, json!({"timeslots": slot})).await;
        let waiting = world.draft(host, json!({})).await;
        let input = json!({"id": waiting.id});
        host.mutate("publishEvent", input, "event { id }").await.data();
    }
    for role in [StaffRole::Caller, StaffRole::Recruiter, StaffRole::Transcriber] {
        world.staff("Jay", role).await;
    }
    for _ in 0..4 {
        world.activist("Finch").await; // once more on another device
    }
    for (version, title) in (busy.version..).zip(["Once", "Twice", "Thrice"]) {
        let input = json!({"id": busy.id, "expectedVersion": version, "title": title});
        host.mutate("updateEvent", input, "event { id }").await.data();
    }
    for i in 0..5 {
        let input = json!({"eventId": busy.id, "subject": format!("Part {i}"), "text": "Hello"});
        let sent = host.mutate("messageAttendees", input, "announcement { id }");
        sent.await.data();
    }
    busy.id
}

async fn four_trusted_hosts(world: &World, admin: &Caller) {
    for name in ["Heron", "Crane", "Stork", "Ibis"] {
        let host = world.activist(name).await;
        world.draft(&host, json!({})).await;
        let me = host.ask("{ viewer { asHost { id } } }", Value::Null).await;
        let input = json!({"id": me.text("/viewer/asHost/id")});
        admin.mutate("trustHost", input, "host { id }").await.data();
    }
}

async fn four_campaigns(admin: &Caller) {
    for name in ["Air", "Earth", "Fire", "Water"] {
        crate::campaigns::campaign(admin, name, "").await;
    }
}

/// A webhook with five deliveries.
async fn a_busy_webhook(admin: &Caller) -> String {
    let input = json!({"url": "https://localhost/", "kinds": ["EVENT_CANCELLED"]});
    let made = admin.mutate("createWebhook", input, "webhook { id }").await;
    let id = made.text("/createWebhook/webhook/id");
    for _ in 0..5 {
        let input = json!({"id": id});
        admin.mutate("testWebhook", input, "delivery { id }").await.data();
    }
    id
}

fn lists<'a>([host, attendee, admin]: &[&'a Caller; 3], event: &str, webhook: &str) -> Vec<List<'a>> {
    let near = "near: {postalCode: {code: \"50309\"}}";
    let list = |caller: &'a Caller, request: String, pointer| List {
        caller,
        request,
        pointer,
    };
    vec![
        list(attendee, "{ events(PAGE) EDGES }".into(), "/events"),
        list(
            attendee,
            format!("{{ nearbyEvents({near}, PAGE) EDGES }}"),
            "/nearbyEvents",
        ),
        list(
            attendee,
            format!("{{ nearbyEvents({near}, orderBy: START, PAGE) EDGES }}"),
            "/nearbyEvents",
        ),
        list(
            attendee,
            format!("{{ event(id: \"{event}\") {{ timeslots(PAGE) EDGES }} }}"),
            "/event/timeslots",
        ),
        list(
            host,
            format!("{{ event(id: \"{event}\") {{ attendees(PAGE) EDGES }} }}"),
            "/event/attendees",
        ),
        list(
            attendee,
            format!("{{ event(id: \"{event}\") {{ participants(PAGE) EDGES }} }}"),
            "/event/participants",
        ),
        list(
            host,
            format!("{{ event(id: \"{event}\") {{ invitations(PAGE) EDGES }} }}"),
            "/event/invitations",
        ),
        list(
            host,
            format!("{{ event(id: \"{event}\") {{ invitationLinks(PAGE) EDGES }} }}"),
            "/event/invitationLinks",
        ),
        list(
            host,
            format!("{{ event(id: \"{event}\") {{ history(PAGE) EDGES }} }}"),
            "/event/history",
        ),
        list(
            host,
            "{ viewer { hosting(PAGE) EDGES } }".into(),
            "/viewer/hosting",
        ),
        list(
            attendee,
            "{ viewer { rsvps(PAGE) EDGES } }".into(),
            "/viewer/rsvps",
        ),
        list(
            attendee,
            "{ viewer { sessions(PAGE) EDGES } }".into(),
            "/viewer/sessions",
        ),
        list(
            host,
            format!("{{ announcements(eventId: \"{event}\", PAGE) EDGES }}"),
            "/announcements",
        ),
        list(admin, "{ reviewQueue(PAGE) EDGES }".into(), "/reviewQueue"),
        list(admin, "{ staff(PAGE) EDGES }".into(), "/staff"),
        list(admin, "{ trustedHosts(PAGE) EDGES }".into(), "/trustedHosts"),
        list(attendee, "{ campaigns(PAGE) EDGES }".into(), "/campaigns"),
        list(
            admin,
            format!("{{ node(id: \"{webhook}\") {{ ... on Webhook {{ deliveries(PAGE) EDGES }} }} }}"),
            "/node/deliveries",
        ),
    ]
}

scenario! {
    /// What is over is listed the other way round, and is walked from both ends as well.
    async fn past_rsvps_are_walked_from_both_ends(world) {
        let (host, attendee) = (world.activist("Wren").await, world.activist("Finch").await);
        a_busy_event(world, &host, &attendee).await;
        world.drain().await;
        world.advance(chrono::TimeDelta::days(20));
        world.drain().await;
        let attendee = world.activist("Finch").await;
        let request = "{ viewer { rsvps(when: PAST, PAGE) EDGES } }".to_owned();
        let list = List { caller: &attendee, request, pointer: "/viewer/rsvps" };
        let whole = cursors(&list.page("first: 100").await);
        assert_eq!(whole.len(), 5);
        assert_eq!(list.walk(false).await, whole);
        assert_eq!(list.walk(true).await, whole);
    }
}

/// A list that this page does not walk would stay unseen.
#[test]
fn every_connection_is_walked() {
    let printed = api::graphql::printed();
    let fields = printed.lines().map(str::trim).filter(|line| {
        let kind = line.rsplit(": ").next().unwrap().trim_end_matches('!');
        kind.ends_with("Connection")
    });
    assert_eq!(
        fields.count(),
        17,
        "fields that are connections: walk the new one"
    );
}
