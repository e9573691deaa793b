//! Coming by the link of somebody who comes.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Caller, Made},
    rsvps::{answer_by_mail, rsvp},
};

const HOSTS: &str = "query($id: ID!) { event(id: $id) { attendees { edges { node { rsvpId name broughtCount broughtBy } } } } }";

async fn share(caller: &Caller, id: &str) -> Answer {
    caller
        .mutate("shareRsvp", json!({"id": id}), "rsvp { shareCode broughtCount }")
        .await
}

async fn come(caller: &Caller, made: &Made, code: &Value) -> Answer {
    let input = json!({"timeslotId": made.timeslot, "shareCode": code});
    caller.mutate("rsvp", input, "status rsvp { id }").await
}

scenario! {
    /// It is counted who came by somebody's link and stands; names are for the hosts.
    async fn who_came_by_whom_is_counted(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let (finch, jay, robin) =
            (world.activist("Finch").await, world.activist("Jay").await, world.activist("Robin").await);
        let id = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        let code = share(&finch, &id).await.at("/shareRsvp/rsvp/shareCode").clone();
        assert_eq!(share(&finch, &id).await.at("/shareRsvp/rsvp/shareCode"), &code, "one code for one RSVP");
        let came = come(&jay, &made, &code).await.text("/rsvp/rsvp/id");
        come(&robin, &made, &code).await.data();
        come(&finch, &made, &code).await.data();
        assert_eq!(share(&finch, &id).await.at("/shareRsvp/rsvp/broughtCount"), 2, "oneself is nobody one brought");
        jay.mutate("cancelRsvp", json!({"id": came}), "status").await.data();
        assert_eq!(share(&finch, &id).await.at("/shareRsvp/rsvp/broughtCount"), 1, "those who stand");
        let seen = host.ask(HOSTS, json!({"id": made.id})).await;
        let edges = seen.at("/event/attendees/edges").as_array().unwrap();
        let of = |name: &str| edges.iter().find(|edge| edge["node"]["name"] == name).unwrap()["node"].clone();
        assert_eq!(of("Finch Testperson")["broughtCount"], 1);
        assert_eq!(of("Finch Testperson")["broughtBy"], Value::Null);
        assert_eq!(of("Robin Testperson")["broughtBy"], json!(id));
        assert_eq!(share(&robin, &id).await.code(), "NOT_FOUND", "nobody else's");
        world.drain().await;
    }
}

scenario! {
    /// A code that is no good, or is of another event, keeps nobody from coming.
    async fn a_wrong_code_is_nothing(world) {
        let host = world.activist("Wren").await;
        let (made, other) = (world.event(&host, json!({})).await, world.event(&host, json!({})).await);
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = rsvp(&finch, &other, 1).await.text("/rsvp/rsvp/id");
        let foreign = share(&finch, &id).await.at("/shareRsvp/rsvp/shareCode").clone();
        for code in [foreign, json!("guessed"), json!(""), json!("x".repeat(50_000)), json!("\u{202E}=cmd()"), json!("\u{0}")] {
            assert_eq!(come(&jay, &made, &code).await.at("/rsvp/status"), "REGISTERED");
        }
        assert_eq!(share(&finch, &id).await.at("/shareRsvp/rsvp/broughtCount"), 0);
        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        assert_eq!(share(&finch, &id).await.reason(), "RSVP_NOT_ACTIVE");
        answer_by_mail(world, &made, "Crake", 1).await.data();
        world.drain().await;
    }
}
