//! Asking somebody to host as well.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{host_id, invite, team};
use crate::{
    harness::{Backend, Caller, World},
    rsvps::rsvp,
};

const MINE: &str = "{ viewer { hostInvitations { id eventTitle publicName email status } } }";

async fn accept(caller: &Caller, id: &str) -> crate::harness::Answer {
    caller
        .mutate("acceptHostInvitation", json!({"id": id}), "event { id }")
        .await
}

scenario! {
    /// By mail: one link accepts for whoever reads it, once, and makes an account if there is none; the page asks first.
    async fn a_link_accepts_once_without_an_account(world) {
        let wren = world.activist("Wren").await;
        let made = world.draft(&wren, json!({"title": "Calls <b>for</b> rivers"})).await;
        invite(&wren, &made, json!({"email": " Robin@Example.org "})).await.data();
        let evil = world.draft(&wren, json!({"title": "Locked: https://evil.example/x"})).await;
        let named = json!({"email": "jay@example.org", "publicName": "www.evil.example"});
        invite(&wren, &evil, named).await.data();
        world.drain().await;
        let mail = world.mails_to("jay@example.org").remove(0);
        assert!(mail.subject.contains("https[:]//evil[.]example"), "{}", mail.subject);
        assert!(!mail.raw.contains("//evil.example") && !mail.raw.contains("www.evil.example"), "{}", mail.raw);
        let mail = world.mails_to("robin@example.org").remove(0);
        assert_eq!(mail.subject, "Would you host this with us? Calls <b>for</b> rivers");
        assert!(mail.html.contains("&lt;b&gt;") && mail.text.contains("Finch by the river"), "{}", mail.html);
        assert!(mail.raw.contains("List-Unsubscribe-Post"));
        let tokens = mail.tokens();
        let page = reqwest::get(format!("{}/l/{}", world.url, tokens[0])).await.unwrap();
        let page = page.text().await.unwrap();
        assert!(page.contains("host this event") && page.contains("<form") && page.contains("&lt;b&gt;"), "{page}");
        assert_eq!(team(&wren, &made).await["team"].as_array().unwrap().len(), 1, "looking does nothing");
        let accept = json!({"token": tokens[0]});
        let anonymous = world.anonymous();
        let accepted = anonymous.mutate("acceptHostInvitation", accept.clone(), "accepted event { id }").await;
        assert_eq!(accepted.at("/acceptHostInvitation"), &json!({"accepted": true, "event": null}));
        assert_eq!(anonymous.mutate("acceptHostInvitation", accept, "accepted").await.reason(), "LINK_USED");
        let decline = json!({"token": tokens[1]});
        assert_eq!(anonymous.mutate("declineHostInvitation", decline, "declined").await.reason(), "INVITATION_CLOSED");
        let robin = world.activist("Robin").await;
        let hosted = robin.ask("{ viewer { hosting { edges { node { id viewerCanEdit } } } } }", Value::Null).await;
        assert_eq!(hosted.at("/viewer/hosting/edges/0/node"), &json!({"id": made.id, "viewerCanEdit": true}));
    }
}

scenario! {
    /// Signed in, by the address or the account it was sent to, and by nobody else; each sees no more than is theirs.
    async fn it_is_for_whom_it_was_sent_to(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({})).await;
        let coming = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        let whom = [
            json!({"email": finch.address}),
            json!({"personId": finch.ask("{ viewer { id } }", Value::Null).await.at("/viewer/id")}),
            json!({"attendeeId": coming.replace("rsvp:", "attendee:")}),
        ];
        for whom in whom {
            let asked = invite(&wren, &made, whom.clone()).await;
            let id = asked.text("/inviteHost/invitation/id");
            let again = invite(&wren, &made, whom.clone()).await;
            assert_eq!(again.at("/inviteHost"), asked.at("/inviteHost"), "who was asked is not asked again");
            assert_eq!(asked.at("/inviteHost/invitation/email"), &whom["email"], "only an address that was typed is told");
            assert_eq!(accept(&jay, &id).await.code(), "NOT_FOUND");
            assert_eq!(accept(&world.anonymous(), &id).await.code(), "UNAUTHENTICATED");
            let mine = finch.ask(MINE, Value::Null).await;
            assert_eq!(mine.at("/viewer/hostInvitations/0/id"), &json!(id));
            assert_eq!(mine.at("/viewer/hostInvitations/0/email"), &Value::Null);
            let input = json!({"id": id, "publicName": "Finch"});
            finch.mutate("acceptHostInvitation", input, "event { id }").await.data();
            assert_eq!(accept(&finch, &id).await.reason(), "INVITATION_CLOSED");
            let host = host_id(&wren, &made, "Finch").await;
            wren.mutate("removeHost", json!({"hostId": host}), "event { id }").await.data();
        }
        world.drain().await;
        assert_eq!(world.mails_to("finch@example.org").len(), 1, "the RSVP: an answered invitation is not sent");
        assert_eq!(world.mails_to("jay@example.org").len(), 0);
        for stranger in [json!({"personId": "person:01934567-89ab-7cde-8f01-23456789abcd"}), json!({"attendeeId": "attendee:01934567-89ab-7cde-8f01-23456789abcd"})] {
            assert_eq!(invite(&wren, &made, stranger).await.code(), "NOT_FOUND");
        }
        let other = world.event(&jay, json!({})).await;
        let coming = rsvp(&finch, &other, 1).await.text("/rsvp/rsvp/id");
        let elsewhere = json!({"attendeeId": coming.replace("rsvp:", "attendee:")});
        assert_eq!(invite(&wren, &made, elsewhere).await.code(), "NOT_FOUND", "an attendee of another event");
        assert_eq!(invite(&wren, &made, json!({})).await.wrong_fields(), ["input"]);
        let named = json!({"email": "robin@example.org", "publicName": "A\u{1b}B"});
        assert_eq!(invite(&wren, &made, named).await.wrong_fields(), ["input.publicName"]);
        world.drain().await;
    }
}

scenario! {
    /// Taken back, declined, too old: none can be accepted, and the mail of one that was sent again replaces the first.
    async fn an_invitation_ends(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({})).await;
        let ask = async || invite(&wren, &made, json!({"email": finch.address})).await.text("/inviteHost/invitation/id");
        let id = ask().await;
        let gone = wren.mutate("revokeHostInvitation", json!({"id": id}), "invitation { status }").await;
        assert_eq!(gone.at("/revokeHostInvitation/invitation/status"), "REVOKED");
        assert_eq!(accept(&finch, &id).await.reason(), "INVITATION_CLOSED");
        assert_eq!(wren.mutate("resendHostInvitation", json!({"id": id}), "invitation { id }").await.reason(), "INVITATION_CLOSED");
        let id = ask().await;
        finch.mutate("declineHostInvitation", json!({"id": id}), "declined").await.data();
        assert_eq!(accept(&finch, &id).await.reason(), "INVITATION_CLOSED");
        assert_eq!(finch.ask(MINE, Value::Null).await.at("/viewer/hostInvitations"), &json!([]));

        let id = ask().await;
        world.drain().await;
        let first = world.mails_to("finch@example.org").remove(0).tokens();
        assert_eq!(finch.mutate("resendHostInvitation", json!({"id": id}), "invitation { id }").await.code(), "NOT_FOUND");
        wren.mutate("resendHostInvitation", json!({"id": id}), "invitation { id }").await.data();
        world.drain().await;
        let mails = world.mails_to("finch@example.org");
        assert_eq!(mails.len(), 2);
        let by = async |token: &str| world.anonymous().mutate("acceptHostInvitation", json!({"token": token}), "accepted").await;
        assert_eq!(by(&first[0]).await.code(), "NOT_FOUND", "the first mail's link is gone");
        world.advance(TimeDelta::days(15));
        world.drain().await;
        let finch = world.activist("Finch").await;
        assert_eq!(accept(&finch, &id).await.reason(), "INVITATION_CLOSED");
        let late = by(&mails[1].tokens()[0]).await;
        assert!(matches!(late.code(), "WRONG_STATE" | "NOT_FOUND"), "{}", late.body);
        assert_eq!(team(&world.activist("Wren").await, &made).await["hosts"].as_array().unwrap().len(), 1);
    }
}

scenario! {
    /// An address that said STOP is not written to; a host is told no difference, and who signs in finds the invitation.
    async fn stop_holds(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({})).await;
        rsvp(&finch, &made, 1).await.data();
        world.drain().await;
        let stop = json!({"token": world.mails_to("finch@example.org")[0].tokens().pop().unwrap()});
        world.anonymous().mutate("unsubscribe", stop, "unsubscribed").await.data();
        let asked = invite(&wren, &made, json!({"email": finch.address})).await;
        assert_eq!(asked.at("/inviteHost/invitation/status"), "OPEN");
        world.drain().await;
        assert_eq!(world.mails_to("finch@example.org").len(), 1);
        assert_eq!(finch.ask(MINE, Value::Null).await.at("/viewer/hostInvitations").as_array().unwrap().len(), 1);
    }
}

/// So many hosts, those who are asked included, and so many mails.
async fn few(backend: Backend) {
    let settings = [
        ("limits.hosts", "3"),
        ("rates.host_invitations_per_person_and_hour", "4"),
    ];
    let world = World::with(backend, &settings).await;
    let wren = world.activist("Wren").await;
    let made = world.event(&wren, json!({})).await;
    let ask = async |name: &str| invite(&wren, &made, json!({"email": format!("{name}@example.org")})).await;
    let first = ask("a").await.text("/inviteHost/invitation/id");
    ask("b").await.data();
    assert_eq!(ask("c").await.wrong_fields(), ["input"]);
    let gone = wren.mutate("revokeHostInvitation", json!({"id": first}), "invitation { id }");
    gone.await.data();
    ask("c").await.data();
    assert_eq!(ask("d").await.code(), "RATE_LIMITED");
    world.drain().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_embedded() {
    few(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_production() {
    few(Backend::production().await).await;
}
