//! Links that hosts give to whom they like.

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};

use super::{come, find, link, offer};
use crate::{
    harness::{Backend, World},
    rsvps::{confirm, rsvp},
};

scenario! {
    /// Only the invited join; others are told so, whoever they say they are.
    async fn only_the_invited_join(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"joinPolicy": "INVITE"})).await;
        let finch = world.activist("Finch").await;
        find(&finch, &made).await.data();
        assert_eq!(rsvp(&finch, &made, 1).await.reason(), "INVITATION_NEEDED");
        let by_mail = json!({"timeslotId": made.timeslot, "email": "wren@example.org", "name": {"givenName": "Wren"}});
        let by_mail = world.anonymous().mutate("rsvp", by_mail, "status").await;
        assert_eq!(by_mail.reason(), "INVITATION_NEEDED", "also with an invited address");
        assert_eq!(rsvp(&host, &made, 1).await.at("/rsvp/status"), "REGISTERED", "hosts need no invitation");
        let no = finch.mutate("rsvp", json!({"timeslotId": made.timeslot, "response": "NO"}), "status").await;
        assert_eq!(no.at("/rsvp/status"), "DECLINED");
        let all = json!({"timeslotIds": [made.timeslot], "mode": "EACH"});
        let each = finch.mutate("rsvpToAll", all.clone(), "results { reason }").await;
        assert_eq!(each.at("/rsvpToAll/results/0/reason"), "INVITATION_NEEDED");
        let (_, token) = link(&host, &made, json!({})).await;
        let mut with = all;
        with["invitation"] = json!(token);
        let each = finch.mutate("rsvpToAll", with, "results { rsvp { status } }").await;
        assert_eq!(each.at("/rsvpToAll/results/0/rsvp/status"), "REGISTERED");
        world.drain().await;
    }
}

scenario! {
    /// A use is a person who answers; reading and answering again are none. The last use is nobody else's.
    async fn uses_are_counted(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let (id, token) = link(&host, &made, json!({"label": "For the choir", "mostUses": 1})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        for _ in 0..2 {
            offer(&jay, &token).await.data();
            come(&finch, &made, &token).await.data();
        }
        assert_eq!(come(&jay, &made, &token).await.reason(), "LINK_USED");
        assert_eq!(find(&jay, &made).await.code(), "NOT_FOUND", "who was refused is no guest");
        let query = "query($id: ID!) { event(id: $id) { invitationLinks { edges { node { id label uses mostUses url } } } } }";
        let links = host.ask(query, json!({"id": made.id})).await;
        let node = links.at("/event/invitationLinks/edges/0/node");
        assert_eq!((&node["id"], &node["uses"], &node["label"]), (&json!(id), &json!(1), &json!("For the choir")));
        assert!(node["url"].as_str().unwrap().ends_with(&token), "hosts may read it again");
        assert_eq!(finch.ask(query, json!({"id": made.id})).await.code(), "FORBIDDEN");
        world.drain().await;
    }
}

scenario! {
    /// Many at once do not use a link more often than they may.
    async fn uses_at_once_are_not_too_many(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let (_, token) = link(&host, &made, json!({"mostUses": 2})).await;
        let mut callers = vec![];
        for i in 0..6 {
            callers.push(world.activist(&format!("Bird{i}")).await);
        }
        let all = callers.iter().map(|caller| come(caller, &made, &token));
        let answers = futures_util::future::join_all(all).await;
        let came = answers.iter().filter(|answer| answer.code_if_any().is_none()).count();
        assert_eq!(came, 2);
        world.drain().await;
    }
}

scenario! {
    /// Without an account: the link opens the event, the mail confirms the address, and the guest is known from then on.
    async fn without_an_account(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE", "joinPolicy": "INVITE"})).await;
        let (_, token) = link(&host, &made, json!({})).await;
        let input = json!({"timeslotId": made.timeslot, "invitation": token, "email": "finch@example.org", "name": {"givenName": "Finch"}});
        let told = world.anonymous().mutate("rsvp", input, "status rsvp { id }").await;
        assert_eq!(told.at("/rsvp"), &json!({"status": "PENDING_CONFIRMATION", "rsvp": null}));
        assert_eq!(confirm(world, "Finch").await.at("/confirmRsvp/status"), "REGISTERED");
        find(&world.activist("Finch").await, &made).await.data();
        world.drain().await;
    }
}

scenario! {
    /// Links end; one that ended, was taken back or is to another event opens nothing.
    async fn links_end(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let other = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let draft = world.draft(&host, json!({})).await;
        let finch = world.activist("Finch").await;
        let (_, token) = link(&host, &made, json!({"expiresAt": "2030-01-16T12:00:00Z"})).await;
        let (id, gone) = link(&host, &made, json!({})).await;
        let (_, foreign) = link(&host, &other, json!({})).await;
        let (_, early) = link(&host, &draft, json!({})).await;
        host.mutate("revokeInvitationLink", json!({"id": id}), "invitationLink { revokedAt }").await.data();
        assert_eq!(offer(&finch, &gone).await.code(), "NOT_FOUND");
        assert_eq!(come(&finch, &made, &gone).await.code(), "NOT_FOUND");
        assert_eq!(come(&finch, &made, &foreign).await.code(), "NOT_FOUND");
        assert_eq!(offer(&finch, &early).await.code(), "NOT_FOUND", "it is not published");
        for guess in ["", "guessed", &"x".repeat(50_000), "\u{0}\u{202E}"] {
            assert_eq!(offer(&finch, guess).await.code(), "NOT_FOUND");
        }
        world.advance(TimeDelta::days(1));
        let finch = world.activist("Finch").await;
        assert_eq!(offer(&finch, &token).await.reason(), "LINK_EXPIRED");
        assert_eq!(come(&finch, &made, &token).await.reason(), "LINK_EXPIRED");
        let host = world.activist("Wren").await;
        let bad = json!({"eventId": made.id, "label": "x".repeat(101), "expiresAt": "2030-01-01T00:00:00Z", "mostUses": 0});
        let refused = host.mutate("createInvitationLink", bad, "invitationLink { id }").await;
        assert_eq!(refused.wrong_fields(), ["input.label", "input.expiresAt", "input.mostUses"]);
    }
}

#[tokio::test]
async fn guessing_is_limited_and_a_good_token_is_not() {
    let world = World::with(
        Backend::embedded(),
        &[("rates.invitations_per_client_and_minute", "3")],
    )
    .await;
    let host = world.activist("Wren").await;
    let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
    let (_, token) = link(&host, &made, json!({})).await;
    let stranger = world.anonymous();
    for _ in 0..3 {
        assert_eq!(offer(&stranger, "guessed").await.code(), "NOT_FOUND");
    }
    assert_eq!(offer(&stranger, "guessed").await.code(), "RATE_LIMITED");
    offer(&stranger, &token).await.data();
    world.finish().await;
}

scenario! {
    /// Our own page: reading acts on nothing, hostile words are text, and the form answers.
    async fn our_own_page_answers(world) {
        let host = world.activist("Wren").await;
        let over = json!({"visibility": "PRIVATE", "title": "<script>alert(1)</script>"});
        let made = world.event(&host, over).await;
        let (_, token) = link(&host, &made, json!({})).await;
        let page = format!("{}/i/{token}", world.url);
        let client = Client::new();
        let shown = client.get(&page).send().await.unwrap();
        let header = |name: &str| shown.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("x-robots-tag"), "noindex");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        let html = shown.text().await.unwrap();
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
        let slot = made.timeslot.trim_start_matches("timeslot:");
        let send = async |fields: &[(&str, &str)]| {
            let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let sent = client.post(&page).body(body.join("&"));
            let sent = sent.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
            (sent.status().as_u16(), sent.text().await.unwrap())
        };
        let (code, html) = send(&[("answer", "yes"), ("timeslot", slot), ("given", ""), ("email", "finch%40example.org")]).await;
        assert!(code == 200 && html.contains("role=\"alert\""), "{html}");
        let (code, html) = send(&[("answer", "yes"), ("timeslot", slot), ("given", "Finch"), ("email", "finch%40example.org")]).await;
        assert!(code == 200 && html.contains("mail that is on its way"), "{html}");
        assert_eq!(confirm(world, "Finch").await.at("/confirmRsvp/status"), "REGISTERED");
        let unknown = client.get(format!("{}/i/guessed", world.url)).send().await.unwrap();
        assert_eq!(unknown.status(), 404);
        world.drain().await;
    }
}

scenario! {
    /// Sent again with its key, a request makes no second link.
    async fn a_link_is_made_once(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let key = json!({"idempotencyKey": "12345678-once"});
        let first = link(&host, &made, key.clone()).await;
        assert_eq!(link(&host, &made, key).await, first);
        let query = "query($id: ID!) { event(id: $id) { invitationLinks { edges { node { id } } } } }";
        let links = host.ask(query, json!({"id": made.id})).await;
        assert_eq!(links.at("/event/invitationLinks/edges").as_array().map(Vec::len), Some(1));
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(host.ask(node, json!({"id": first.0})).await.at("/node/id"), &Value::from(first.0.as_str()));
        let jay = world.activist("Jay").await;
        assert_eq!(jay.ask(node, json!({"id": first.0})).await.code(), "NOT_FOUND");
    }
}
