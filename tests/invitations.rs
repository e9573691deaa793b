//! Private events, and being invited: by a link, and by mail.

mod links;
mod mailed;
mod private;
mod probing;

use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Made, World};

const OFFER: &str = "query($token: String!) { invitation(token: $token) {
    kind status note event { id title description place { addressLines } timeslots { edges { node { id } } } } } }";

/// What the bearer of a token reads.
async fn offer(caller: &Caller, token: &str) -> Answer {
    caller.ask(OFFER, json!({"token": token})).await
}

async fn find(caller: &Caller, made: &Made) -> Answer {
    let query = "query($id: ID!) { event(id: $id) { id title version } }";
    caller.ask(query, json!({"id": made.id})).await
}

/// The token at the end of a link.
pub(crate) fn token_in(text: &str) -> String {
    let rest = text
        .split_once("/i/")
        .unwrap_or_else(|| panic!("no link in {text}"))
        .1;
    let is_token = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    rest.chars().take_while(is_token).collect()
}

/// A new link of an event: its id and its token.
async fn link(host: &Caller, made: &Made, over: Value) -> (String, String) {
    let mut input = json!({"eventId": made.id});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    let told = host
        .mutate("createInvitationLink", input, "invitationLink { id url }")
        .await;
    let url = told.text("/createInvitationLink/invitationLink/url");
    (
        told.text("/createInvitationLink/invitationLink/id"),
        token_in(&url),
    )
}

async fn invite(host: &Caller, made: &Made, contacts: &[&str]) -> Answer {
    let input = json!({"eventId": made.id, "contacts": contacts, "note": "Please come, neighbour!"});
    let selection = "invitations { id contact status answeredAt }";
    host.mutate("inviteToEvent", input, selection).await
}

/// The token that was mailed to an address.
async fn mailed(world: &World, address: &str) -> String {
    world.drain().await;
    let mails = world.mails_to(address);
    let mail = mails.iter().rfind(|mail| mail.text.contains("/i/"));
    token_in(&mail.unwrap_or_else(|| panic!("nobody invited {address}")).text)
}

async fn change(host: &Caller, made: &Made, over: Value) -> Answer {
    let mut input = json!({"id": made.id, "expectedVersion": find(host, made).await.at("/event/version")});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    host.mutate("updateEvent", input, "event { id }").await
}

async fn come(caller: &Caller, made: &Made, token: &str) -> Answer {
    let input = json!({"timeslotId": made.timeslot, "invitation": token, "name": {"givenName": "Robin"}});
    caller
        .mutate("rsvp", input, "status rsvp { id event { title } }")
        .await
}
