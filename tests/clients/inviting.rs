//! A host invites, and people come or say no.

use serde_json::json;

use super::App;
use crate::{harness::World, invitations::token_in};

pub(super) async fn host_invites(world: &World, app: &App) {
    let (host, jay) = (world.activist("Wren").await, world.activist("Jay").await);
    let over = json!({"visibility": "PRIVATE", "joinPolicy": "INVITE", "attendeeVisibility": "ATTENDEES",
        "addressVisibility": "AFTER_APPROVAL", "addressHours": 24});
    let made = world.event(&host, over).await;
    let link = json!({"eventId": made.id, "label": "For the choir", "mostUses": 5});
    let link = app.run(&host, "MakeInvitationLink", json!({"input": link})).await;
    let token = token_in(&link.text("/createInvitationLink/invitationLink/url"));
    let contacts = json!({"eventId": made.id, "contacts": ["crake@example.org", "finch@example.org"], "note": "Do come."});
    let sent = app.run(&host, "Invite", json!({"input": contacts})).await;
    assert_eq!(sent.at("/inviteToEvent/invitations/0/status"), "INVITED");
    let shown = app
        .run(&world.anonymous(), "Invitation", json!({"token": token}))
        .await;
    assert_eq!(shown.at("/invitation/kind"), "LINK");
    let come = json!({"timeslotId": made.timeslot, "invitation": token, "listed": true});
    app.run(&jay, "Answer", json!({"input": come})).await;
    let who = app.run(&jay, "WhoComes", json!({"event": made.id})).await;
    assert_eq!(who.at("/event/participants/edges/0/node/name"), "Jay T.");
    world.drain().await;
    let mailed = token_in(&world.mails_to("crake@example.org").pop().unwrap().text);
    let no = app
        .run(&world.anonymous(), "SayNo", json!({"token": mailed}))
        .await;
    assert_eq!(no.at("/declineInvitation/status"), "DECLINED");
    let list = app.run(&host, "WhoIsInvited", json!({"event": made.id})).await;
    let id = list.at("/event/invitations/edges/0/node/id");
    app.run(&host, "Uninvite", json!({"id": id})).await;
    let id = list.at("/event/invitationLinks/edges/0/node/id");
    app.run(&host, "TakeInvitationLinkBack", json!({"id": id})).await;
    world.drain().await;
}
