//! How hosts are reached: what they show, and messages that are passed on.

use api::domain::{email::Email, session};
use chrono::TimeDelta;
use entity::{contact_point, host_message};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::{Value, json};

use super::host_together;
use crate::{
    harness::{Answer, Backend, Caller, Made, World},
    rsvps::rsvp,
};

const CONTACT: &str = "query($id: ID!) { event(id: $id) { contactVisibility contact { email phone } } }";

/// The global id of the newest message to hosts.
pub(crate) async fn newest(world: &World) -> String {
    let rows = host_message::Entity::find().order_by_desc(host_message::Column::Id);
    let row = rows.one(world.app.db.reader()).await.unwrap().unwrap();
    format!("host-message:{}", row.id)
}

async fn write(caller: &Caller, made: &Made, text: &str, share: bool) -> Answer {
    let input = json!({"eventId": made.id, "text": text, "shareAddress": share});
    caller.mutate("messageHost", input, "accepted").await
}

scenario! {
    /// Who reads a contact is as the host says, and it is in no history.
    async fn a_contact_is_shown_to_whom_it_is_for(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({})).await;
        rsvp(&finch, &made, 1).await.data();
        let email = "events@example.org";
        for (visibility, readers) in [("RELAYED", [true, false, false, false]), ("AFTER_RSVP", [true, true, false, false]), ("PUBLIC", [true; 4])] {
            let input = json!({"eventId": made.id, "visibility": visibility, "email": " Events@Example.org"});
            wren.mutate("setHostContact", input, "event { id }").await.data();
            for (caller, reads) in [&wren, &finch, &jay, &world.anonymous()].into_iter().zip(readers) {
                let seen = caller.ask(CONTACT, json!({"id": made.id})).await;
                let expected = if reads { json!({"email": email, "phone": null}) } else { Value::Null };
                assert_eq!(seen.at("/event/contact"), &expected, "{visibility}");
                assert_eq!(seen.at("/event/contactVisibility"), visibility);
            }
        }
        let told = super::history::of(&wren, &made).await;
        let field = json!({"field": "contact", "before": null, "after": null, "isHidden": true});
        assert_eq!(told[0]["fields"], json!([field]));
        assert!(!json!(told).to_string().contains(email));
        for (input, wrong) in [
            (json!({"visibility": "PUBLIC"}), vec!["input"]),
            (json!({"visibility": "PUBLIC", "email": "x", "phone": "<b>1</b>"}), vec!["input.email", "input.phone"]),
        ] {
            let mut input = input;
            input["eventId"] = json!(made.id);
            assert_eq!(wren.mutate("setHostContact", input, "event { id }").await.wrong_fields(), wrong);
        }
        world.drain().await;
    }
}

scenario! {
    /// A message reaches every host, says nothing of addresses that nobody wants to give, and holds nothing to click on.
    async fn messages_are_passed_on_without_addresses(world) {
        let (wren, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({"title": "Calls <i>now</i>", "publicName": "Wren of the creek"})).await;
        host_together(&wren, &finch, &made).await;
        world.drain().await;
        let evil = "Park at https://evil.example/x or\nwww.evil.example, mail@evil.example\u{202e}\n<script>alert(1)</script>";
        write(&jay, &made, evil, false).await.data();
        world.drain().await;
        for address in [&wren.address, &finch.address] {
            let mail = world.mails_to(address).pop().unwrap();
            assert_eq!(mail.subject, "A message about Calls <i>now</i>");
            assert!(mail.text.contains("Jay T. writes") && !mail.raw.contains("jay@example.org"), "{}", mail.raw);
            for never in ["https://evil", "www.evil", "@evil", "\u{202e}"] {
                assert!(!mail.text.contains(never) && !mail.html.contains(never), "{never} in {}", mail.text);
            }
            assert!(!mail.html.contains("<script") && !mail.raw.contains("Reply-To"), "{}", mail.html);
        }
        let answer = async |caller: &Caller, text: &str| {
            let input = json!({"id": newest(world).await, "text": text});
            caller.mutate("answerHostMessage", input, "accepted").await
        };
        assert_eq!(answer(&jay, "No").await.code(), "NOT_FOUND");
        answer(&wren, "Behind it.").await.data();
        assert_eq!(answer(&wren, "An answer to an answer").await.code(), "NOT_FOUND");
        world.drain().await;
        let mail = world.mails_to(&jay.address).pop().unwrap();
        assert!(mail.text.contains("Wren of the creek answers") && mail.text.contains("Behind it."), "{}", mail.text);
        assert!(!mail.raw.contains("wren@example.org"), "{}", mail.raw);

        write(&jay, &made, "Write to me", true).await.data();
        world.drain().await;
        let mail = world.mails_to(&wren.address).pop().unwrap();
        assert!(mail.raw.contains("Reply-To: jay@example.org") && mail.text.contains("jay@example.org"), "{}", mail.raw);
    }
}

scenario! {
    /// Who may write to whom: those who can be answered, to hosts of what is published, who did not say STOP.
    async fn not_everybody_writes_to_everybody(world) {
        let (wren, jay) = (world.activist("Wren").await, world.activist("Jay").await);
        let made = world.event(&wren, json!({})).await;
        assert_eq!(write(&world.anonymous(), &made, "Hello", false).await.code(), "UNAUTHENTICATED");
        assert_eq!(write(&wren, &made, "To myself", false).await.reason(), "NOBODY_TO_WRITE_TO");
        for text in [" ", &"x".repeat(2_001), "a\u{0}b"] {
            assert_eq!(write(&jay, &made, text, false).await.wrong_fields(), ["input.text"]);
        }
        let draft = world.draft(&wren, json!({})).await;
        assert_eq!(write(&jay, &draft, "Hello", false).await.code(), "NOT_FOUND");
        assert_eq!(write(&wren, &draft, "Hello", false).await.reason(), "EVENT_NOT_PUBLISHED");
        let owl = world.newcomer("Owl").await;
        assert_eq!(write(&owl, &made, "Hello", false).await.reason(), "ADDRESS_NOT_VERIFIED");

        let nobody = session::open_for_operator(&world.app, &Email::parse("nobody@example.org", &[]).unwrap()).await.unwrap();
        contact_point::Entity::update_many()
            .col_expr(contact_point::Column::VerifiedAt, Expr::value(world.now()))
            .filter(contact_point::Column::PersonId.eq(nobody.person_id))
            .exec(world.app.db.writer()).await.unwrap();
        let nobody = Caller::new(&world.url, Some(nobody.access_token), "");
        assert_eq!(write(&nobody, &made, "Nobody speaking", false).await.wrong_fields(), ["input"]);
        let key = json!({"eventId": made.id, "text": "Once", "idempotencyKey": "once-and-no-more"});
        for _ in 0..2 {
            jay.mutate("messageHost", key.clone(), "accepted").await.data();
        }
        world.drain().await;
        let first = world.mails_to(&wren.address);
        assert_eq!(first.len(), 1);
        let stop = json!({"token": first[0].tokens().pop().unwrap()});
        world.anonymous().mutate("unsubscribe", stop, "unsubscribed").await.data();
        write(&jay, &made, "Again", false).await.data();
        world.drain().await;
        assert_eq!(world.mails_to(&wren.address).len(), 1, "STOP holds");
        api::jobs::retain::schedule(&world.app, world.now()).await.unwrap();
        world.advance(TimeDelta::days(91));
        world.drain().await;
        assert_eq!(host_message::Entity::find().all(world.app.db.reader()).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_an_hour() {
    let settings = [("rates.host_messages_per_person_and_hour", "2")];
    let world = World::with(Backend::embedded(), &settings).await;
    let (wren, jay) = (world.activist("Wren").await, world.activist("Jay").await);
    let made = world.event(&wren, json!({})).await;
    for _ in 0..2 {
        write(&jay, &made, "Hello", false).await.data();
    }
    assert_eq!(write(&jay, &made, "Hello", false).await.code(), "RATE_LIMITED");
    world.drain().await;
    world.finish().await;
}
