//! Hosting with others: invitations, the first host, leaving, and what is told of changes.

pub(crate) mod contact;
mod history;
mod invitations;
mod links;
mod verification;

use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Made};

const TEAM: &str = "query($id: ID!) { event(id: $id) { version hosts { publicName }
    team { id publicName isFirst isViewer } hostInvitations { id status email publicName } } }";

/// Whom a host asks, and the invitation's id.
pub(crate) async fn invite(host: &Caller, made: &Made, whom: Value) -> Answer {
    let mut input = json!({"eventId": made.id, "publicName": "Finch by the river"});
    for (name, value) in whom.as_object().unwrap() {
        input[name] = value.clone();
    }
    let selection = "invitation { id status email publicName expiresAt }";
    host.mutate("inviteHost", input, selection).await
}

/// Makes somebody a host beside whoever hosts the event, as they would themselves.
pub(crate) async fn host_together(host: &Caller, other: &Caller, made: &Made) {
    let asked = invite(host, made, json!({"email": other.address})).await;
    let id = json!({"id": asked.text("/inviteHost/invitation/id")});
    other.mutate("acceptHostInvitation", id, "accepted").await.data();
}

async fn team(caller: &Caller, made: &Made) -> Value {
    let answer = caller.ask(TEAM, json!({"id": made.id})).await;
    answer.at("/event").clone()
}

/// The id of the host who is called so.
async fn host_id(caller: &Caller, made: &Made, name: &str) -> Value {
    let team = team(caller, made).await;
    let members = team["team"].as_array().unwrap();
    let member = members.iter().find(|member| member["publicName"] == name);
    member.unwrap_or_else(|| panic!("no {name} in {team}"))["id"].clone()
}

scenario! {
    /// The first host decides who hosts; others may do all else with the event, and leave. What they may not changes nothing.
    async fn the_first_host_decides_who_hosts(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({"publicName": "Wren"})).await;
        host_together(&wren, &finch, &made).await;
        let before = team(&finch, &made).await;
        assert_eq!(before["team"][0]["isFirst"], true);
        assert_eq!([&before["team"][0]["isViewer"], &before["team"][1]["isViewer"]], [false, true]);
        let (first, second) = (&before["team"][0]["id"], &before["team"][1]["id"]);
        for (mutation, host) in [("removeHost", first), ("handOverEvent", second), ("handOverEvent", first)] {
            let refused = finch.mutate(mutation, json!({"hostId": host}), "event { id }").await;
            assert_eq!(refused.code(), "FORBIDDEN", "{mutation}");
            let refused = jay.mutate(mutation, json!({"hostId": host}), "event { id }").await;
            assert_eq!(refused.code(), "NOT_FOUND", "{mutation}");
        }
        assert_eq!(team(&finch, &made).await["version"], before["version"]);
        let change = json!({"id": made.id, "expectedVersion": before["version"], "title": "Calls for rivers", "publicName": "Finch"});
        finch.mutate("updateEvent", change, "event { id }").await.data();

        let handed = json!({"hostId": second});
        let after = wren.mutate("handOverEvent", handed.clone(), "event { version hosts { publicName } }").await;
        let names = json!([{"publicName": "Finch"}, {"publicName": "Wren"}]);
        assert_eq!(after.at("/handOverEvent/event/hosts"), &names, "the first host is named first");
        let found = world.anonymous().ask("{ events { edges { node { version hosts { publicName } } } } }", Value::Null).await;
        assert_eq!(found.at("/events/edges/0/node"), after.at("/handOverEvent/event"), "on the map as well");
        assert_eq!(wren.mutate("handOverEvent", handed, "event { id }").await.code(), "FORBIDDEN");
        finch.mutate("removeHost", json!({"hostId": first}), "event { id }").await.data();
        assert_eq!(wren.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.code(), "FORBIDDEN");
        world.drain().await;
    }
}

scenario! {
    /// Somebody always hosts an event: nobody leaves it alone, and who was first hands on to the oldest of the others.
    async fn nobody_leaves_an_event_alone(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({"publicName": "Wren"})).await;
        let leave = async |caller: &Caller| caller.mutate("leaveEvent", json!({"eventId": made.id}), "left").await;
        assert_eq!(leave(&wren).await.reason(), "SOLE_HOST");
        assert_eq!(leave(&finch).await.code(), "NOT_FOUND");
        host_together(&wren, &finch, &made).await;
        world.advance(chrono::TimeDelta::seconds(1));
        host_together(&finch, &jay, &made).await;
        let (one, other) = tokio::join!(leave(&wren), leave(&finch));
        one.data();
        other.data();
        let left = team(&jay, &made).await;
        assert_eq!(left["team"].as_array().unwrap().len(), 1);
        assert_eq!(left["team"][0]["isFirst"], true);
        assert_eq!(leave(&jay).await.reason(), "SOLE_HOST");
        world.drain().await;
    }
}

scenario! {
    /// The advice that an erasure is refused with can be followed.
    async fn who_hands_over_can_be_erased(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({"publicName": "Wren"})).await;
        let code = crate::account::erasure_code(world, &wren).await;
        let erase = async || wren.mutate("eraseViewer", json!({"code": code}), "residue { kind }").await;
        assert_eq!(erase().await.reason(), "SOLE_HOST");
        let contact = json!({"eventId": made.id, "visibility": "PUBLIC", "phone": "555 0100"});
        wren.mutate("setHostContact", contact, "event { id }").await.data();
        host_together(&wren, &finch, &made).await;
        erase().await.data();
        let query = "query($id: ID!) { event(id: $id) { contact { phone } } }";
        assert_eq!(finch.ask(query, json!({"id": made.id})).await.at("/event/contact"), &Value::Null);
        let left = team(&finch, &made).await;
        assert_eq!(left["hosts"], json!([{"publicName": "Finch by the river"}]));
        assert_eq!(left["team"][0]["isFirst"], true);
        let history = history::of(&finch, &made).await;
        assert_eq!(history.last().unwrap()["byName"], Value::Null, "who made it is gone");
        finch.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        world.drain().await;
    }
}

scenario! {
    /// What somebody gave to others as a host goes with them: host links, invitations, and how the hosts are reached.
    async fn what_a_host_gave_goes_with_them(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({"publicName": "Wren"})).await;
        host_together(&wren, &finch, &made).await;
        let mut doors = vec![];
        for host in [&wren, &finch] {
            let input = json!({"eventId": made.id, "label": "The door", "rights": ["CHANGE"]});
            let link = host.mutate("createHostLink", input, "token").await;
            doors.push(Caller::new(&world.url, Some(link.text("/createHostLink/token")), ""));
        }
        let contact = json!({"eventId": made.id, "visibility": "PUBLIC", "email": finch.address});
        finch.mutate("setHostContact", contact, "event { id }").await.data();
        let asked = invite(&finch, &made, json!({"email": jay.address})).await.text("/inviteHost/invitation/id");
        let host = host_id(&wren, &made, "Finch by the river").await;
        wren.mutate("removeHost", json!({"hostId": host}), "event { id }").await.data();

        let query = "query($id: ID!) { event(id: $id) { contactVisibility contact { email } } }";
        let id = json!({"id": made.id});
        assert_eq!(doors[0].ask(query, id.clone()).await.at("/event/contact"), &Value::Null);
        assert_eq!(doors[1].ask(query, id.clone()).await.code(), "UNAUTHENTICATED");
        let seen = world.anonymous().ask(query, id).await;
        assert_eq!(seen.at("/event"), &json!({"contactVisibility": "RELAYED", "contact": null}));
        let accepted = jay.mutate("acceptHostInvitation", json!({"id": asked}), "accepted").await;
        assert_eq!(accepted.reason(), "INVITATION_CLOSED");
        assert_eq!(team(&wren, &made).await["hostInvitations"], json!([]));
        world.drain().await;
    }
}
