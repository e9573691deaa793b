//! One's own data: what somebody reads, changes and ends of it.

mod addresses;
mod erasing;
mod tables;

use api::domain::{email::Email, session};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World, serve};

/// The code in the newest mail to an address whose subject has this word.
pub(crate) async fn code_to(world: &World, address: &str, word: &str) -> String {
    world.drain().await;
    let mails = world.mails_to(&address.to_lowercase());
    let mail = mails.iter().rfind(|mail| mail.subject.contains(word));
    mail.unwrap_or_else(|| panic!("no mail about {word} to {address}"))
        .code()
}

/// Asks for a code to erase the caller's account; gives it.
pub(crate) async fn erasure_code(world: &World, caller: &Caller) -> String {
    let asked = caller.mutate("requestErasureCode", json!({}), "expiresAt");
    asked.await.data();
    code_to(world, &caller.address, "erase").await
}

pub(crate) async fn erase(world: &World, caller: &Caller) -> Answer {
    let code = erasure_code(world, caller).await;
    let input = json!({"code": code});
    caller
        .mutate("eraseViewer", input, "residue { kind count until }")
        .await
}

/// Asks for a code to add an address to the caller's account; gives it.
pub(crate) async fn address_code(world: &World, caller: &Caller, address: &str) -> String {
    let asked = caller.mutate("requestAddressCode", json!({"email": address}), "expiresAt");
    asked.await.data();
    code_to(world, address, "add").await
}

async fn add_address(world: &World, caller: &Caller, address: &str) -> Answer {
    let code = address_code(world, caller, address).await;
    let input = json!({"email": address, "code": code});
    caller.mutate("addAddress", input, "merged").await
}

/// The file of the caller's data: its status, and what is in it.
pub(crate) async fn data_of(caller: &Caller) -> (u16, Value) {
    let mut request = reqwest::Client::new().get(format!("{}/me/data.json", caller.url()));
    if !caller.token().is_empty() {
        request = request.bearer_auth(caller.token());
    }
    let response = request.send().await.unwrap();
    let kept = response.headers()["cache-control"].to_str().unwrap();
    assert_eq!(kept, "private, no-store");
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The same person on another device.
pub(crate) async fn another_device(world: &World, caller: &Caller) -> Caller {
    let email = Email::parse(&caller.address, &[]).unwrap();
    let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
    Caller::new(&world.url, Some(tokens.access_token), &caller.address)
}

scenario! {
    /// Reading everything is allowed ten times an hour; then it says how long to wait.
    async fn everything_is_read_ten_times_an_hour(world) {
        let settings = [("rates.exports_per_person_and_hour", "10")];
        let app = world.another_process_with(&settings).await;
        let (url, server) = serve(&app);
        let (wren, finch) = (world.activist("Wren").await.at(&url), world.activist("Finch").await.at(&url));
        for _ in 0..10 {
            assert_eq!(data_of(&wren).await.0, 200);
        }
        let request = reqwest::Client::new().get(format!("{url}/me/data.json")).bearer_auth(wren.token());
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "360");
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
        assert_eq!(data_of(&finch).await.0, 200, "others go on");
        world.advance(TimeDelta::minutes(6));
        assert_eq!(data_of(&wren).await.0, 200);
        assert_eq!(data_of(&wren).await.0, 429, "one more every six minutes");
        server.stop(true).await;
        app.db.clone().close().await.unwrap();
    }
}

scenario! {
    /// Pronouns and languages are told, changed and forgotten, and kept sealed where they say who somebody is.
    async fn profiles_have_pronouns_and_languages(world) {
        let wren = world.activist("Wren").await;
        const SELECTION: &str = "viewer { pronouns languages language }";
        let input = json!({"pronouns": " they/them ", "languages": ["en", "es-MX"]});
        let saved = wren.mutate("updateViewer", input, SELECTION).await;
        let expected = json!({"pronouns": "they/them", "languages": ["en", "es-MX"], "language": "en"});
        assert_eq!(saved.at("/updateViewer/viewer"), &expected);
        let other = wren.mutate("updateViewer", json!({"language": "es"}), SELECTION).await;
        assert_eq!(other.at("/updateViewer/viewer/pronouns"), "they/them", "absent is not null");
        let forgotten = wren.mutate("updateViewer", json!({"pronouns": null, "languages": []}), SELECTION).await;
        assert_eq!(forgotten.at("/updateViewer/viewer/pronouns"), &Value::Null);
        assert_eq!(forgotten.at("/updateViewer/viewer/languages"), &json!([]));
        let wrong = json!({"pronouns": "a\nb", "languages": ["en", "not a tag", ""]});
        let wrong = wren.mutate("updateViewer", wrong, SELECTION).await;
        assert_eq!(wrong.wrong_fields(), ["input.pronouns", "input.languages.1", "input.languages.2"]);
        let many = wren.mutate("updateViewer", json!({"languages": vec!["en"; 11]}), SELECTION).await;
        assert_eq!(many.wrong_fields(), ["input.languages"]);
    }
}

scenario! {
    /// What is not said is as usual; the newest row of the ledger counts, and STOP is told apart from it.
    async fn consents_are_a_ledger(world) {
        const CONSENTS: &str = "{ viewer { consents { channel purpose granted since textVersion suppressed } } }";
        let wren = world.activist("Wren").await;
        let of = async |channel: &str, purpose: &str| {
            let all = wren.ask(CONSENTS, Value::Null).await;
            let all = all.at("/viewer/consents").as_array().unwrap().clone();
            assert_eq!(all.len(), 9);
            let one = all.into_iter().find(|one| one["channel"] == channel && one["purpose"] == purpose);
            one.unwrap()
        };
        assert_eq!(of("EMAIL", "NOTICE").await["granted"], true);
        let unsaid = of("SMS", "RECRUITMENT").await;
        assert_eq!((&unsaid["granted"], &unsaid["since"]), (&json!(false), &Value::Null));
        for (granted, version) in [(true, "2030-01"), (false, "2030-02")] {
            let input = json!({"channel": "SMS", "purpose": "RECRUITMENT", "granted": granted, "textVersion": version});
            let said = wren.mutate("updateConsent", input, "consent { granted textVersion }").await;
            assert_eq!(said.at("/updateConsent/consent"), &json!({"granted": granted, "textVersion": version}));
            assert_eq!(of("SMS", "RECRUITMENT").await["granted"], granted);
            assert_eq!(of("EMAIL", "RECRUITMENT").await["granted"], false, "each by itself");
        }
        let (_, data) = data_of(&wren).await;
        let ledger: Vec<_> = data["consents"].as_array().unwrap().iter().map(|row| &row["granted"]).collect();
        assert_eq!(ledger, [true, false], "nothing of the ledger is written over");

        let input = json!({"channel": "EMAIL", "purpose": "NOTICE", "granted": true, "textVersion": "two words"});
        assert_eq!(wren.mutate("updateConsent", input, "consent { granted }").await.wrong_fields(), ["input.textVersion"]);

        let made = world.event(&world.activist("Finch").await, json!({})).await;
        wren.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await.data();
        world.drain().await;
        let stop = world.mails_to("wren@example.org")[0].tokens().pop().unwrap();
        world.anonymous().mutate("unsubscribe", json!({"token": stop}), "unsubscribed").await.data();
        let input = json!({"channel": "EMAIL", "purpose": "NOTICE", "granted": true, "textVersion": "2030-03"});
        let said = wren.mutate("updateConsent", input, "consent { granted suppressed }").await;
        assert_eq!(said.at("/updateConsent/consent"), &json!({"granted": true, "suppressed": true}));
        assert_eq!(of("SMS", "NOTICE").await["suppressed"], false, "of the other channel nothing was said");
    }
}

scenario! {
    /// Devices are listed by a short name, newest first; one is ended without the others.
    async fn sessions_are_listed_and_ended(world) {
        const SESSIONS: &str = "{ viewer { sessions { edges { node { id device isCurrent createdAt lastUsedAt } } } } }";
        let wren = world.activist("Wren").await;
        world.anonymous().mutate("requestSignInCode", json!({"email": "wren@example.org"}), "expiresAt").await.data();
        let code = code_to(world, "wren@example.org", "sign-in").await;
        let browser = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0";
        let input = json!({"email": "wren@example.org", "code": code});
        let signed_in = world.anonymous().with(browser).mutate("signIn", input, "accessToken").await;
        let phone = Caller::new(&world.url, Some(signed_in.text("/signIn/accessToken")), "wren@example.org");
        let listed = phone.ask(SESSIONS, Value::Null).await;
        let shown = |i: usize| listed.at(&format!("/viewer/sessions/edges/{i}/node")).clone();
        assert_eq!(listed.at("/viewer/sessions/edges").as_array().unwrap().len(), 2);
        assert_eq!((&shown(0)["device"], &shown(0)["isCurrent"]), (&json!("Firefox, Android"), &json!(true)));
        assert_eq!((&shown(1)["device"], &shown(1)["isCurrent"]), (&Value::Null, &json!(false)));

        let finch = world.activist("Finch").await;
        let end = json!({"id": shown(0)["id"]});
        assert_eq!(finch.mutate("endSession", end.clone(), "ended").await.code(), "NOT_FOUND");
        for _ in 0..2 {
            wren.mutate("endSession", end.clone(), "ended").await.data();
        }
        assert_eq!(phone.ask(SESSIONS, Value::Null).await.code(), "UNAUTHENTICATED");
        let left = wren.ask(SESSIONS, Value::Null).await;
        assert_eq!(left.at("/viewer/sessions/edges").as_array().unwrap().len(), 1);
        let gone = wren.ask("query($id: ID!) { node(id: $id) { id } }", end).await;
        assert_eq!(gone.code(), "NOT_FOUND", "what has ended is listed nowhere");
    }
}
