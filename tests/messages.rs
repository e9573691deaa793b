//! Messages to people: their language, and their words.

mod notices;
mod reminders;

use entity::StaffRole;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Caller, Made, World},
    rsvps::rsvp,
};

/// Somebody answers without an account.
async fn ask_by_mail(caller: &Caller, made: &Made, email: &str) {
    let name = json!({"givenName": "Robin", "familyName": "Testguest"});
    let input = json!({"timeslotId": made.timeslot, "email": email, "name": name});
    caller.mutate("rsvp", input, "status").await.data();
}

scenario! {
    /// Somebody new is written in what their device likes; a profile says otherwise; a language without texts is none.
    async fn people_read_their_language(world) {
        let made = world.event(&world.activist("Host").await, json!({})).await;
        let spanish = world.anonymous().speaking("es-MX,es;q=0.9,en;q=0.5");
        ask_by_mail(&spanish, &made, "robin@example.org").await;
        world.drain().await;
        let mail = world.mails_to("robin@example.org").remove(0);
        assert_eq!(mail.subject, "Confirma, por favor: Calls for clean water");
        assert!(mail.text.contains("jueves, 17 de enero de 2030, 6:00 p. m. a 8:00 p. m. CST"), "{}", mail.text);
        assert!(mail.html.contains("<html lang=\"es\">") && !mail.html.contains("Please"), "{}", mail.html);
        let link = json!({"token": mail.tokens()[0]});
        world.anonymous().mutate("confirmRsvp", link, "status").await.data();
        world.drain().await;
        let registered = world.mails_to("robin@example.org").remove(1);
        assert_eq!(registered.subject, "Asistirás: Calls for clean water", "the language stays with the person");

        let wren = world.activist("Wren").await;
        for (profile, subject) in [
            (json!({"language": "fr", "languages": ["fr", "es"]}), "Asistirás: Calls for clean water"),
            (json!({"language": "en"}), "You are coming: Calls for clean water"),
        ] {
            wren.mutate("updateViewer", profile, "viewer { language }").await.data();
            rsvp(&wren.speaking("es"), &made, 1).await.data();
            world.drain().await;
            assert_eq!(world.mails_to("wren@example.org").last().unwrap().subject, subject);
            let mine = wren.ask("{ viewer { rsvps { edges { node { id } } } } }", Value::Null).await;
            let id = mine.at("/viewer/rsvps/edges/0/node/id");
            wren.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        }

        let input = json!({"email": "finch@example.org"});
        spanish.mutate("requestSignInCode", input, "expiresAt").await.data();
        world.drain().await;
        let code = world.mails_to("finch@example.org").remove(0);
        assert!(code.subject.contains("tu código"), "{}", code.subject);
        let input = json!({"email": "finch@example.org", "code": code.code()});
        let tokens = spanish.mutate("signIn", input, "accessToken").await;
        let finch = Caller::new(&world.url, Some(tokens.text("/signIn/accessToken")), "");
        assert_eq!(finch.ask("{ viewer { language } }", Value::Null).await.at("/viewer/language"), "es");
    }
}

scenario! {
    /// An organizer reads every message in every language; a language without texts is a mistake of the input.
    async fn organizers_look_at_the_words(world) {
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let query = "query($t: MessageTemplate!, $l: String!) { messagePreview(template: $t, language: $l) { subject text html } }";
        let kinds = organizer.ask("{ __type(name: \"MessageTemplate\") { enumValues { name } } }", Value::Null).await;
        for kind in kinds.at("/__type/enumValues").as_array().unwrap() {
            let of = async |language: &str| {
                let answer = organizer.ask(query, json!({"t": kind["name"], "l": language})).await;
                let (text, html) = (answer.text("/messagePreview/text"), answer.text("/messagePreview/html"));
                assert!(!text.contains("{{") && html.contains(&format!("lang=\"{language}\"")), "{html}");
                answer.text("/messagePreview/subject")
            };
            assert_ne!(of("en").await, of("es").await);
        }
        let registered = organizer.ask(query, json!({"t": "RSVP_REGISTERED", "l": "en-US"})).await;
        let subject = registered.text("/messagePreview/subject");
        assert_eq!(subject, "You are coming: Letters for the <river> & more");
        assert!(registered.text("/messagePreview/html").contains("the &lt;river&gt; &amp; more"));
        let wrong = organizer.ask(query, json!({"t": "RSVP_REFUSED", "l": "fr"})).await;
        assert_eq!(wrong.wrong_fields(), ["language"]);
    }
}

/// The operator's own words are sent.
async fn own_words(backend: Backend) {
    let folder = std::env::temp_dir().join(format!("turnout-words-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(folder.join("en")).unwrap();
    std::fs::write(
        folder.join("en/sign_in_code.txt"),
        "The word\n\nIt is {{ code }}.\n",
    )
    .unwrap();
    let path = folder.display().to_string();
    let world = World::with(backend, &[("messages.templates", &path)]).await;
    let input = json!({"email": "wren@example.org"});
    let anonymous = world.anonymous();
    anonymous
        .mutate("requestSignInCode", input, "expiresAt")
        .await
        .data();
    world.drain().await;
    let mail = world.mails_to("wren@example.org").remove(0);
    assert_eq!(mail.subject, "The word");
    assert_eq!(mail.text.trim(), format!("It is {}.", mail.code()));
    world.finish().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_words_embedded() {
    own_words(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_words_production() {
    own_words(Backend::production().await).await;
}
