//! What is not told by asking in roundabout ways.

use serde_json::{Value, json};

use super::{change, come, find, invite, link, offer};
use crate::{
    account::data_of,
    harness::{Answer, Caller, Made, World},
    rsvps::{answer_by_mail, confirm, rsvp},
};

/// Somebody without an account answers by a link, with whichever address.
async fn by_link(world: &World, made: &Made, token: &str, name: &str) -> Answer {
    let email = format!("{}@example.org", name.to_lowercase());
    let input = json!({"timeslotId": made.timeslot, "invitation": token, "email": email, "name": {"givenName": name}});
    world.anonymous().mutate("rsvp", input, "status").await
}

async fn uses(host: &Caller, made: &Made) -> Value {
    let query = "query($id: ID!) { event(id: $id) { invitationLinks { edges { node { uses } } } } }";
    let links = host.ask(query, json!({"id": made.id})).await;
    links.at("/event/invitationLinks/edges/0/node/uses").clone()
}

scenario! {
    /// Whoever has a link finds out by typing in addresses neither who comes, nor can they use it up for others.
    async fn a_link_does_not_say_who_comes(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE", "joinPolicy": "INVITE"})).await;
        let (_, token) = link(&host, &made, json!({"mostUses": 2})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        come(&finch, &made, &token).await.data();
        for name in ["Finch", "Jay", "Robin", "Crake"] {
            assert_eq!(by_link(world, &made, &token, name).await.at("/rsvp/status"), "PENDING_CONFIRMATION", "{name}");
        }
        assert_eq!(uses(&host, &made).await, 1, "nobody has said yet that it was them");
        assert_eq!(find(&jay, &made).await.code(), "NOT_FOUND", "nor is one a guest by another's word");
        assert_eq!(rsvp(&jay, &made, 1).await.code(), "NOT_FOUND");
        assert_eq!(confirm(world, "Jay").await.at("/confirmRsvp/status"), "REGISTERED");
        assert_eq!(uses(&host, &made).await, 2);
        find(&jay, &made).await.data();
        assert_eq!(confirm(world, "Robin").await.reason(), "LINK_USED");
        for name in ["Finch", "Jay", "Robin", "Nobody"] {
            assert_eq!(by_link(world, &made, &token, name).await.reason(), "LINK_USED", "{name}");
        }
        world.drain().await;
        assert!(world.mails_to("nobody@example.org").is_empty());
    }
}

scenario! {
    /// A link that is taken back before somebody confirms is of no use to them.
    async fn a_link_taken_back_confirms_nobody(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let (id, token) = link(&host, &made, json!({})).await;
        by_link(world, &made, &token, "Finch").await.data();
        host.mutate("revokeInvitationLink", json!({"id": id}), "invitationLink { uses }").await.data();
        assert_eq!(confirm(world, "Finch").await.reason(), "INVITATION_NEEDED");
        let (_, other) = link(&host, &made, json!({})).await;
        let finch = world.activist("Finch").await;
        assert_eq!(come(&finch, &made, &other).await.at("/rsvp/status"), "REGISTERED", "by another one they come");
        world.drain().await;
    }
}

scenario! {
    /// Whom a host refuses knows nothing of a private event any more, and no link brings them back.
    async fn who_was_refused_knows_nothing(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE", "joinPolicy": "APPROVAL"})).await;
        let (_, token) = link(&host, &made, json!({})).await;
        let finch = world.activist("Finch").await;
        let told = come(&finch, &made, &token).await;
        let (id, kept) = (told.text("/rsvp/rsvp/id"), data_of(&finch).await.1);
        assert_eq!(kept["rsvps"][0]["eventTitle"], "Calls for clean water");
        let mailed = json!({"eventId": made.id, "contacts": ["finch@example.org"]});
        host.mutate("inviteToEvent", mailed, "invitations { id }").await.data();
        let decision = json!({"eventId": made.id, "rsvpIds": [id], "decision": "REFUSE"});
        host.mutate("decideRsvps", decision, "attendees { id }").await.data();
        world.drain().await;
        change(&host, &made, json!({"title": "Now elsewhere"})).await.data();
        assert_eq!(find(&finch, &made).await.code(), "NOT_FOUND");
        assert_eq!(come(&finch, &made, &token).await.code(), "NOT_FOUND");
        assert_eq!(rsvp(&finch, &made, 1).await.code(), "NOT_FOUND");
        let rsvps = finch.ask("{ viewer { rsvps { edges { node { id } } } } }", Value::Null).await;
        assert_eq!(rsvps.at("/viewer/rsvps/edges"), &json!([]));
        let known = data_of(&finch).await.1.to_string();
        assert!(known.contains("REFUSED") && !known.contains("Now elsewhere"), "{known}");
        for mail in world.mails_to("finch@example.org") {
            for token in mail.tokens() {
                let page = reqwest::get(format!("{}/l/{token}", world.url)).await.unwrap();
                assert!(!page.text().await.unwrap().contains("Now elsewhere"));
            }
        }
        // Typed in by somebody else, their address is as good as any.
        for name in ["Finch", "Robin"] {
            assert_eq!(by_link(world, &made, &token, name).await.at("/rsvp/status"), "PENDING_CONFIRMATION");
        }
        world.drain().await;
        assert_eq!(find(&finch, &made).await.code(), "NOT_FOUND");
    }
}

scenario! {
    /// An event that is hidden before an address is confirmed is confirmed by the invited alone.
    async fn what_is_hidden_meanwhile_is_not_confirmed(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        for name in ["Finch", "Jay"] {
            answer_by_mail(world, &made, name, 1).await.data();
        }
        assert_eq!(confirm(world, "Jay").await.at("/confirmRsvp/status"), "REGISTERED");
        change(&host, &made, json!({"visibility": "PRIVATE"})).await.data();
        assert_eq!(confirm(world, "Finch").await.reason(), "INVITATION_NEEDED");
        let finch = world.activist("Finch").await;
        assert_eq!(find(&finch, &made).await.code(), "NOT_FOUND");
        assert_eq!(data_of(&finch).await.1["rsvps"][0]["eventTitle"], Value::Null);
        find(&world.activist("Jay").await, &made).await.data();
        world.drain().await;
    }
}

scenario! {
    /// What hosts ask of an event, and what campaigns show of theirs, says nothing to others.
    async fn other_ways_say_nothing(world) {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Owl", entity::StaffRole::Organizer).await;
        let campaign = crate::campaigns::campaign(&organizer, "Water for all", "").await;
        let over = json!({"visibility": "PRIVATE", "campaignId": campaign});
        let made = world.event(&host, over).await;
        let finch = world.activist("Finch").await;
        let (event, id) = (json!({"eventId": made.id}), json!({"id": made.id}));
        let mut message = event.clone();
        message["text"] = json!("Where are you?");
        for (mutation, input, selection) in [
            ("messageHost", message, "__typename"),
            ("exportAttendees", event.clone(), "rows"),
            ("duplicateEvent", id.clone(), "event { id }"),
            ("cancelEvent", id.clone(), "event { id }"),
            ("createInvitationLink", event.clone(), "invitationLink { id }"),
            ("cancelTimeslot", json!({"id": made.timeslot}), "event { id }"),
        ] {
            assert_eq!(finch.mutate(mutation, input, selection).await.code(), "NOT_FOUND", "{mutation}");
        }
        for query in [
            "query($c: ID!) { events(campaigns: [$c]) { edges { node { id } } facets { count } } }",
            "query($c: ID!) { events(text: \"clean\", campaigns: [$c]) { edges { node { id } } facets { count } } }",
        ] {
            let found = finch.ask(query, json!({"c": campaign})).await;
            assert_eq!(found.at("/events/edges"), &json!([]));
            assert_eq!(found.at("/events/facets/count"), 0);
        }
        let known = data_of(&finch).await.1.to_string();
        assert!(!known.contains("clean water") && !known.contains(made.id.trim_start_matches("event:")));
        world.drain().await;
    }
}

scenario! {
    /// Taking an invitation back and making it again is worth a further mail.
    async fn the_budget_counts_mails(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let query = "query($id: ID!) { event(id: $id) { invitations { edges { node { id } } } } }";
        let mut sent = 0;
        while invite(&host, &made, &["a@example.org"]).await.code_if_any().is_none() {
            sent += 1;
            assert!(sent <= 50, "no end of mails");
            let id = host.ask(query, json!({"id": made.id})).await.text("/event/invitations/edges/0/node/id");
            host.mutate("revokeInvitation", json!({"id": id}), "invitation { status }").await.data();
        }
        assert_eq!(sent, 50);
        world.drain().await;
    }
}

scenario! {
    /// A link to what was never published tells nothing, not even that it was called off.
    async fn a_link_to_a_draft_tells_nothing(world) {
        let host = world.activist("Wren").await;
        let draft = world.draft(&host, json!({})).await;
        let (_, token) = link(&host, &draft, json!({})).await;
        let finch = world.activist("Finch").await;
        assert_eq!(come(&finch, &draft, &token).await.code(), "NOT_FOUND");
        host.mutate("cancelEvent", json!({"id": draft.id}), "event { id }").await.data();
        assert_eq!(come(&finch, &draft, &token).await.code(), "NOT_FOUND");
        assert_eq!(offer(&finch, &token).await.code(), "NOT_FOUND");
    }
}
