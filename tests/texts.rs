//! Phone numbers in place of mail addresses: signing in, answering and one's account by text.

mod gateway;
mod hooks;
mod notices;
mod pumping;

use serde_json::{Value, json};

use crate::{
    account::data_of,
    harness::{Answer, Caller, Text, World},
};

const WREN: &str = "+15155550123";
const TOKENS: &str = "accessToken";

async fn ask_for_code(caller: &Caller, phone: &str) -> Answer {
    caller
        .mutate("requestSignInCode", json!({"phone": phone}), "expiresAt")
        .await
}

/// The newest text to a number.
async fn newest(world: &World, number: &str) -> Text {
    world.drain().await;
    world
        .texts_to(number)
        .pop()
        .unwrap_or_else(|| panic!("no text to {number}"))
}

/// Signs in by a text.
async fn sign_in(world: &World, number: &str) -> Caller {
    ask_for_code(&world.anonymous(), number).await.data();
    let code = newest(world, number).await.code();
    let input = json!({"phone": number, "code": code});
    let tokens = world.anonymous().mutate("signIn", input, TOKENS).await;
    Caller::new(&world.url, Some(tokens.text("/signIn/accessToken")), "")
}

/// The contact points of somebody, as `CHANNEL value`.
async fn contacts(caller: &Caller) -> Vec<String> {
    const QUERY: &str = "{ viewer { contactPoints { channel value verifiedAt } } }";
    let viewer = caller.ask(QUERY, Value::Null).await;
    let all = viewer.at("/viewer/contactPoints").as_array().unwrap().clone();
    let text = |one: &Value| {
        format!(
            "{} {}",
            one["channel"].as_str().unwrap(),
            one["value"].as_str().unwrap()
        )
    };
    all.iter().map(text).collect()
}

scenario! {
    /// A code by text signs in, once, however the number is written; only the first text says how to stop them.
    async fn a_code_by_text_signs_in_once(world) {
        ask_for_code(&world.anonymous(), "(515) 555-0123").await.data();
        let text = newest(world, WREN).await;
        assert!(text.text.starts_with("Turnout: ") && text.text.contains("STOP"), "{}", text.text);
        assert!(text.text.len() <= 160 && text.text.is_ascii(), "{}", text.text);
        assert!(!text.text.contains("http"), "{}", text.text);
        let input = json!({"phone": "1 515 555 0123", "code": text.code()});
        let tokens = world.anonymous().mutate("signIn", input.clone(), TOKENS).await;
        let wren = Caller::new(&world.url, Some(tokens.text("/signIn/accessToken")), "");
        let viewer = wren.ask("{ viewer { email phone } }", Value::Null).await;
        assert_eq!(viewer.at("/viewer"), &json!({"email": null, "phone": WREN}));
        assert_eq!(contacts(&wren).await, [format!("SMS {WREN}")]);
        let again = world.anonymous().mutate("signIn", input, TOKENS).await;
        assert_eq!(again.wrong_fields(), ["input.code"]);
        ask_for_code(&world.anonymous(), WREN).await.data();
        assert!(!newest(world, WREN).await.text.contains("STOP"));
        assert!(world.mails().is_empty());
    }
}

scenario! {
    /// Known and unknown numbers get the same answer, and so do wrong codes for either.
    async fn known_and_unknown_numbers_look_the_same(world) {
        sign_in(world, WREN).await;
        let known = ask_for_code(&world.anonymous(), WREN).await;
        let unknown = ask_for_code(&world.anonymous(), "+15155550124").await;
        assert_eq!(known.body, unknown.body);
        world.drain().await;
        let mut bodies = vec![];
        for phone in [WREN, "+15155550124", "+15155550125"] {
            let input = json!({"phone": phone, "code": "00000000"});
            bodies.push(world.anonymous().mutate("signIn", input, TOKENS).await.body);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    }
}

scenario! {
    /// One of both, and a number that is one of ours and takes texts.
    async fn what_is_no_address_is_refused(world) {
        let wrong = async |input: Value| {
            let asked = world.anonymous().mutate("requestSignInCode", input, "expiresAt").await;
            asked.wrong_fields()
        };
        assert_eq!(wrong(json!({})).await, ["input.email"]);
        assert_eq!(wrong(json!({"email": "a@example.org", "phone": WREN})).await, ["input.phone"]);
        for phone in ["", "911", "a@example.org", "+447400123456", "+19005550123", "+18005550123", "515\u{200b}5550123"] {
            assert_eq!(wrong(json!({"phone": phone})).await, ["input.phone"], "{phone}");
        }
        assert_eq!(wrong(json!({"phone": "5".repeat(50_000)})).await, ["input.phone"]);
    }
}

scenario! {
    /// An answer by text: a link to confirm, where it stands, and a link to take it back; nothing that others wrote is one.
    async fn an_answer_is_confirmed_by_text(world) {
        let host = world.activist("Host").await;
        let long = "Writing \u{201c}postcards\u{201d} \u{1F426} at evil.example for every river there is in the county, bring a friend along";
        let made = world.event(&host, json!({"title": long, "addressVisibility": "AFTER_RSVP"})).await;
        let input = json!({"timeslotId": made.timeslot, "phone": "515 555 0123", "name": {"givenName": "Wren"}});
        let answer = world.anonymous().mutate("rsvp", input.clone(), "status rsvp { id }").await;
        assert_eq!(answer.at("/rsvp"), &json!({"status": "PENDING_CONFIRMATION", "rsvp": null}));
        let text = newest(world, WREN).await;
        assert!(text.text.len() <= 160, "{}", text.text);
        assert!(text.text.contains("Writing \"postcards\"") && text.text.contains("STOP"), "{}", text.text);
        assert!(!text.text.contains("Wren") && !text.text.contains("evil.example"), "{}", text.text);
        assert_eq!(text.text.matches("http").count(), 1, "{}", text.text);
        let confirm = json!({"token": text.tokens()[0]});
        let confirmed = world.anonymous().mutate("confirmRsvp", confirm, "status").await;
        assert_eq!(confirmed.at("/confirmRsvp/status"), "REGISTERED");
        let text = newest(world, WREN).await;
        assert!(text.text.contains("You are coming") && text.text.contains("1 Example Street"), "{}", text.text);
        assert!(text.text.len() <= 306 && !text.text.contains("STOP"), "{}", text.text);
        let wren = sign_in(world, WREN).await;
        let mine = wren.ask("{ viewer { rsvps { edges { node { status } } } } }", Value::Null).await;
        assert_eq!(mine.at("/viewer/rsvps/edges/0/node/status"), "REGISTERED");
        let token = world.texts_to(WREN)[1].tokens().pop().unwrap();
        let back = world.anonymous().mutate("cancelRsvp", json!({"token": token}), "status").await;
        assert_eq!(back.at("/cancelRsvp/status"), "CANCELLED");
        let neither = json!({"timeslotId": made.timeslot, "name": {"givenName": "Wren"}});
        assert_eq!(world.anonymous().mutate("rsvp", neither, "status").await.wrong_fields(), ["input.email"]);
        world.drain().await;
    }
}

/// Adds a phone number to the caller's account.
pub(crate) async fn add(world: &World, caller: &Caller, number: &str) -> Answer {
    let asked = caller
        .mutate("requestAddressCode", json!({"phone": number}), "expiresAt")
        .await;
    asked.data();
    let code = newest(world, number).await.code();
    caller
        .mutate("addAddress", json!({"phone": number, "code": code}), "merged")
        .await
}

scenario! {
    /// A number is added, and an account that has it comes along; messages go on by mail.
    async fn numbers_are_added_and_accounts_become_one(world) {
        let host = world.activist("Host").await;
        let (yes, later) = (world.event_with_seats(&host, 4).await, world.event_with_seats(&host, 4).await);
        let by_phone = sign_in(world, WREN).await;
        let input = json!({"timeslotId": yes.timeslot, "name": {"givenName": "Wren"}});
        by_phone.mutate("rsvp", input, "status").await.data();
        assert!(newest(world, WREN).await.text.contains("You are coming"), "who has no mail address is told by text");

        let wren = world.activist("Wren").await;
        assert_eq!(add(world, &wren, WREN).await.at("/addAddress/merged"), true);
        assert_eq!(contacts(&wren).await, ["EMAIL wren@example.org".to_owned(), format!("SMS {WREN}")]);
        assert_eq!(by_phone.ask("{ viewer { id } }", Value::Null).await.code(), "UNAUTHENTICATED");
        let mine = wren.ask("{ viewer { rsvps { edges { node { status } } } } }", Value::Null).await;
        assert_eq!(mine.at("/viewer/rsvps/edges").as_array().unwrap().len(), 1);
        let again = sign_in(world, WREN).await;
        let viewer = again.ask("{ viewer { email phone givenName } }", Value::Null).await;
        let expected = json!({"email": "wren@example.org", "phone": WREN, "givenName": "Wren"});
        assert_eq!(viewer.at("/viewer"), &expected);
        let texts = world.texts_to(WREN).len();
        let input = json!({"timeslotId": later.timeslot});
        again.mutate("rsvp", input, "status").await.data();
        world.drain().await;
        assert_eq!(world.texts_to(WREN).len(), texts);
        assert!(world.mails_to("wren@example.org").pop().unwrap().subject.contains("You are coming"));
        let finch = world.activist("Finch").await;
        for last in 0..9 {
            add(world, &finch, &format!("+1515555010{last}")).await.data();
        }
        assert_eq!(add(world, &finch, "+15155550110").await.wrong_fields(), ["input.phone"]);
    }
}

scenario! {
    /// Who has nothing but a number reads and erases everything known of them; their STOP alone is left.
    async fn a_number_is_read_and_erased(world) {
        let wren = sign_in(world, WREN).await;
        let (_, data) = data_of(&wren).await;
        assert_eq!(data["contactPoints"][0]["value"], WREN);
        assert_eq!(data["messages"][0]["channel"], "SMS");
        assert_eq!(data["codes"][0]["channel"], "SMS");
        wren.mutate("requestErasureCode", json!({}), "expiresAt").await.data();
        let text = newest(world, WREN).await;
        assert!(text.text.contains("erase"), "{}", text.text);
        let erased = wren.mutate("eraseViewer", json!({"code": text.code()}), "residue { kind }").await;
        assert_eq!(erased.at("/eraseViewer/residue/0/kind"), "MESSAGES");
        let index = world.app.keys.index("SMS", WREN).unwrap().value;
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        let db = world.app.db.reader();
        let messages = entity::message::Entity::find().filter(entity::message::Column::ValueIndex.eq(index.clone()));
        assert!(messages.one(db).await.unwrap().is_none());
        let codes = entity::sign_in_code::Entity::find().filter(entity::sign_in_code::Column::ValueIndex.eq(index));
        assert!(codes.one(db).await.unwrap().is_none());
        let anew = sign_in(world, WREN).await;
        assert_ne!(data_of(&anew).await.1["person"]["id"], data["person"]["id"]);
    }
}

scenario! {
    /// Words are in the language of who reads them, in characters that cost one part.
    async fn texts_are_in_the_language_of_who_reads_them(world) {
        let made = world.event_with_seats(&world.activist("Host").await, 4).await;
        let wren = sign_in(world, WREN).await;
        wren.mutate("updateViewer", json!({"language": "es"}), "viewer { id }").await.data();
        let input = json!({"timeslotId": made.timeslot, "name": {"givenName": "Wren"}});
        wren.mutate("rsvp", input, "status").await.data();
        let text = newest(world, WREN).await;
        assert!(text.text.contains("Te esperamos") && text.text.contains('\u{bf}'), "{}", text.text);
    }
}
