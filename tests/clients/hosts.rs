//! Hosts among themselves, and whom they give a link to.

use serde_json::{Value, json};

use super::App;
use crate::harness::{Caller, World};

pub(super) async fn work_together(world: &World, app: &App) {
    let (host, jay, owl) = (
        world.activist("Heron").await,
        world.activist("Jay").await,
        world.activist("Owl").await,
    );
    let made = world.event(&host, json!({})).await;
    let ask = async |email: &str| {
        let input = json!({"input": {"eventId": made.id, "email": email, "publicName": "Also a host"}});
        let asked = app.run(&host, "AskToHost", input).await;
        asked.at("/inviteHost/invitation/id").clone()
    };
    let id = ask(&jay.address).await;
    let again = app.run(&host, "AskToHostAgain", json!({"id": id})).await;
    assert_eq!(again.at("/resendHostInvitation/invitation/id"), &id);
    let asked = app.run(&jay, "AskedToHost", Value::Null).await;
    assert_eq!(asked.at("/viewer/hostInvitations/0/id"), &id);
    app.run(&jay, "DoNotHost", json!({"id": id})).await;
    let id = ask(&jay.address).await;
    app.run(&host, "DoNotAskToHost", json!({"id": id})).await;
    let id = ask(&jay.address).await;
    let joined = json!({"id": id, "publicName": "Jay"});
    let joined = app.run(&jay, "HostWithThem", joined).await;
    assert_eq!(joined.at("/acceptHostInvitation/event/team/1/publicName"), "Jay");
    ask(&owl.address).await;
    world.drain().await;
    let mails = world.mails_to(&owl.address);
    let token = mails.last().unwrap().tokens().remove(0);
    app.run(&world.anonymous(), "HostByMail", json!({"token": token}))
        .await;
    let team = app.run(&host, "Team", json!({"event": made.id})).await;
    let of = |i: usize| team.at(&format!("/event/team/{i}/id")).clone();
    app.run(&host, "HandOver", json!({"host": of(1)})).await;
    app.run(&host, "LeaveEvent", json!({"event": made.id})).await;
    app.run(&jay, "RemoveHost", json!({"host": of(2)})).await;
    let input = json!({"eventId": made.id, "label": "Robin at the door", "rights": ["VIEW_RSVPS"]});
    let link = app.run(&jay, "GiveLink", json!({"input": input})).await;
    let token = link.text("/createHostLink/token");
    let door = Caller::new(&world.url, Some(token), "");
    let pass = app.run(&door, "WithLink", Value::Null).await;
    assert_eq!(pass.at("/hostPass/event/id"), &json!(made.id));
    let id = link.at("/createHostLink/hostLink/id");
    let gone = app.run(&jay, "TakeLinkBack", json!({"id": id})).await;
    assert!(gone.at("/revokeHostLink/hostLink/revokedAt").is_string());
    let history = app.run(&jay, "History", json!({"event": made.id})).await;
    let last = history.at("/event/history/edges/0/node/kind");
    assert_eq!(last, "LINK_REVOKED");
}

pub(super) async fn are_written_to(world: &World, app: &App) {
    let (host, jay) = (world.activist("Heron").await, world.activist("Jay").await);
    let made = world.event(&host, json!({})).await;
    let input = json!({"eventId": made.id, "visibility": "PUBLIC", "phone": "+1 (555) 0100"});
    app.run(&host, "SaveHostContact", json!({"input": input})).await;
    let shown = app
        .run(&world.anonymous(), "HostContact", json!({"event": made.id}))
        .await;
    assert_eq!(shown.at("/event/contact/phone"), "+1 (555) 0100");
    let words = json!({"event": made.id, "text": "Where do I park?", "share": false});
    app.run(&jay, "WriteToHosts", words).await;
    world.drain().await;
    let id = crate::hosts::contact::newest(world).await;
    let answer = json!({"id": id, "text": "Behind it."});
    app.run(&host, "AnswerAsHost", answer).await;
    world.drain().await;
    let answered = world.mails_to(&jay.address);
    assert!(answered.last().unwrap().text.contains("Behind it."));
}
