//! Invitations by mail.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{come, find, invite, mailed, offer};
use crate::{
    harness::{Answer, Backend, Caller, Made, World},
    rsvps::{rsvp, status},
};

async fn invitations(host: &Caller, made: &Made) -> Answer {
    let query =
        "query($id: ID!) { event(id: $id) { invitations { edges { node { contact status answeredAt } } } } }";
    host.ask(query, json!({"id": made.id})).await
}

scenario! {
    /// The mail has the note and a link of one's own, by which one comes without another mail; the host reads the answer.
    async fn the_invited_come_by_their_mail(world) {
        let host = world.activist("Wren").await;
        let over = json!({"visibility": "PRIVATE", "joinPolicy": "APPROVAL", "addressVisibility": "AFTER_APPROVAL"});
        let made = world.event(&host, over).await;
        let told = invite(&host, &made, &["robin@example.org", "ROBIN@example.org", "jay@example.org"]).await;
        assert_eq!(told.at("/inviteToEvent/invitations").as_array().unwrap().len(), 2);
        let token = mailed(world, "robin@example.org").await;
        let mail = &world.mails_to("robin@example.org")[0];
        assert_eq!(mail.subject, "Host of Tests invites you: Calls for clean water");
        assert!(mail.text.contains("Please come, neighbour!") && mail.raw.contains("List-Unsubscribe"), "{}", mail.text);
        assert!(!mail.text.contains("Example Street"), "only those who come read it: {}", mail.text);
        let shown = offer(&world.anonymous(), &token).await;
        assert_eq!(shown.at("/invitation/note"), "Please come, neighbour!");
        assert_eq!(shown.at("/invitation/kind"), "MAIL");
        let came = come(&world.anonymous(), &made, &token).await;
        assert_eq!(came.at("/rsvp"), &json!({"status": "REGISTERED", "rsvp": null}), "whom a host invites is approved");
        world.drain().await;
        let mail = world.mails_to("robin@example.org").pop().unwrap();
        assert!(mail.subject.starts_with("You are coming") && mail.text.contains("1 Example Street"), "{}", mail.text);
        let listed = invitations(&host, &made).await;
        let nodes = listed.at("/event/invitations/edges");
        let of = |contact: &str| nodes.as_array().unwrap().iter().find(|edge| edge["node"]["contact"] == contact).unwrap()["node"].clone();
        assert_eq!(of("robin@example.org")["status"], "ANSWERED");
        assert_eq!(of("jay@example.org")["status"], "INVITED");
        let organizer = world.staff("Organizer", entity::StaffRole::Organizer).await;
        let masked = invitations(&organizer, &made).await.at("/event/invitations").to_string();
        assert!(masked.contains("j…@example.org") && !masked.contains("jay@"), "{masked}");
        assert_eq!(status(&world.activist("Robin").await, &made).await, "REGISTERED");
    }
}

scenario! {
    /// No is said once, and may become yes.
    async fn declining(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        invite(&host, &made, &["robin@example.org"]).await.data();
        let token = mailed(world, "robin@example.org").await;
        for _ in 0..2 {
            let no = world.anonymous().mutate("declineInvitation", json!({"token": token}), "status").await;
            assert_eq!(no.at("/declineInvitation/status"), "DECLINED");
        }
        assert_eq!(invitations(&host, &made).await.at("/event/invitations/edges/0/node/status"), "DECLINED");
        assert_eq!(come(&world.anonymous(), &made, &token).await.at("/rsvp/status"), "REGISTERED");
        let late = world.anonymous().mutate("declineInvitation", json!({"token": token}), "status").await;
        assert_eq!(late.at("/declineInvitation/status"), "ANSWERED", "the RSVP is what counts");
        world.drain().await;
    }
}

scenario! {
    /// A token is one person's: who used it first.
    async fn a_token_is_one_persons(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        invite(&host, &made, &["robin@example.org", "jay@example.org"]).await.data();
        let token = mailed(world, "robin@example.org").await;
        let other = mailed(world, "jay@example.org").await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        come(&finch, &made, &token).await.data();
        assert_eq!(come(&jay, &made, &token).await.reason(), "LINK_USED");
        assert_eq!(come(&world.anonymous(), &made, &token).await.reason(), "LINK_USED");
        // Invited by two addresses.
        come(&finch, &made, &other).await.data();
        find(&finch, &made).await.data();
        world.drain().await;
    }
}

scenario! {
    /// The answer is the same for known and unknown addresses, for those who want no mail, and for those who come.
    async fn inviting_tells_nothing(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        rsvp(&jay, &made, 1).await.data();
        world.drain().await;
        let unsubscribe = world.mails_to("jay@example.org")[0].tokens()[1].clone();
        world.anonymous().mutate("unsubscribe", json!({"token": unsubscribe}), "unsubscribed").await.data();
        let never = json!({"channel": "EMAIL", "purpose": "INVITATION", "granted": false, "textVersion": "1"});
        finch.mutate("updateConsent", never, "consent { granted }").await.data();
        let told = invite(&host, &made, &["finch@example.org", "jay@example.org", "nobody@example.org"]).await;
        let told = told.at("/inviteToEvent/invitations").as_array().unwrap().clone();
        assert!(told.iter().all(|one| one["status"] == "INVITED" && one["answeredAt"].is_null()));
        world.drain().await;
        let invited = |address: &str| world.mails_to(address).iter().filter(|mail| mail.text.contains("/i/")).count();
        assert_eq!(invited("finch@example.org"), 0, "withdrawn");
        assert_eq!(invited("jay@example.org"), 0, "said STOP");
        assert_eq!(invited("nobody@example.org"), 1);
        invite(&host, &made, &["nobody@example.org"]).await.data();
        world.drain().await;
        assert_eq!(invited("nobody@example.org"), 1, "nobody is invited twice");
    }
}

scenario! {
    /// Everything that is wrong at once; and nothing is sent for what cannot be answered.
    async fn what_is_refused(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let send = async |made: &Made, contacts: Value, note: &str| {
            let input = json!({"eventId": made.id, "contacts": contacts, "note": note});
            host.mutate("inviteToEvent", input, "invitations { id }").await
        };
        let bad = send(&made, json!(["a@example.org", "nonsense", "b@"]), "").await;
        assert_eq!(bad.wrong_fields(), ["input.contacts.1", "input.contacts.2"]);
        let many: Vec<String> = (0..21).map(|i| format!("a{i}@example.org")).collect();
        let bad = send(&made, json!(many), "See HTTPS://evil.example").await;
        assert_eq!(bad.wrong_fields(), ["input.contacts", "input.note"]);
        for note in ["x".repeat(501), "bell\u{7}".to_owned()] {
            assert_eq!(send(&made, json!(["a@example.org"]), &note).await.wrong_fields(), ["input.note"]);
        }
        let draft = world.draft(&host, json!({})).await;
        assert_eq!(send(&draft, json!(["a@example.org"]), "").await.reason(), "EVENT_NOT_PUBLISHED");
        let elsewhere = json!({"joinPolicy": "EXTERNAL", "externalUrl": "https://tickets.example.org/1"});
        let elsewhere = world.event(&host, elsewhere).await;
        assert_eq!(send(&elsewhere, json!(["a@example.org"]), "").await.reason(), "JOIN_ELSEWHERE");
        world.drain().await;
        assert!(world.mails_to("a@example.org").is_empty());
        let hostile = "=cmd()|<b>\u{202E}evil\r\nBcc: x@example.org";
        send(&made, json!(["a@example.org"]), hostile).await.data();
        let token = mailed(world, "a@example.org").await;
        let mail = &world.mails_to("a@example.org")[0];
        let head = mail.raw.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\nBcc:") && !mail.html.contains("<b>") && !mail.text.contains('\u{202E}'), "{}", mail.raw);
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        assert_eq!(come(&world.anonymous(), &made, &token).await.reason(), "EVENT_CANCELLED");
        world.drain().await;
    }
}

#[tokio::test]
async fn a_host_has_a_budget_for_a_day() {
    let world = World::with(Backend::embedded(), &[("invitations.per_host_and_day", "3")]).await;
    let host = world.activist("Wren").await;
    let made = world.event(&host, json!({})).await;
    let other = world.event(&host, json!({})).await;
    invite(&host, &made, &["a@example.org", "b@example.org"])
        .await
        .data();
    assert_eq!(
        invite(&host, &other, &["a@example.org", "c@example.org"])
            .await
            .code(),
        "RATE_LIMITED"
    );
    invite(&host, &other, &["a@example.org"]).await.data();
    invite(&host, &made, &["a@example.org"]).await.data();
    assert_eq!(
        invite(&host, &made, &["d@example.org"]).await.code(),
        "RATE_LIMITED"
    );
    world.drain().await;
    world.advance(TimeDelta::hours(25));
    let host = world.activist("Wren").await;
    invite(&host, &made, &["d@example.org"]).await.data();
    world.drain().await;
    world.drain().await;
    assert_eq!(world.mails_to("c@example.org").len(), 0, "all or none");
    world.finish().await;
}
