//! Codes, sessions and keys.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World};

const VIEWER: &str = "{ viewer { email givenName staffRoles } }";
const TOKENS: &str = "accessToken refreshToken accessExpiresAt";

async fn request(caller: &Caller, email: &str) -> Answer {
    caller
        .mutate("requestSignInCode", json!({"email": email}), "expiresAt")
        .await
}

async fn sign_in(world: &World, email: &str) -> Answer {
    request(&world.anonymous(), email).await.data();
    world.drain().await;
    let code = world.mails_to(&email.to_lowercase()).last().unwrap().code();
    world
        .anonymous()
        .mutate("signIn", json!({"email": email, "code": code}), TOKENS)
        .await
}

fn caller(world: &World, tokens: &Answer, field: &str) -> Caller {
    Caller::new(
        &world.url,
        Some(tokens.text(&format!("/{field}/accessToken"))),
        "",
    )
}

async fn refresh(world: &World, token: &str) -> Answer {
    world
        .anonymous()
        .mutate("refreshSession", json!({"refreshToken": token}), TOKENS)
        .await
}

scenario! {
    /// A code from the mail signs in, once, and makes an account.
    async fn a_code_signs_in_once(world) {
        let tokens = sign_in(world, "Wren@Example.org").await;
        let wren = caller(world, &tokens, "signIn");
        assert_eq!(wren.ask(VIEWER, Value::Null).await.at("/viewer/email"), "wren@example.org");
        let code = world.mails_to("wren@example.org")[0].code();
        let again = world.anonymous().mutate("signIn", json!({"email": "wren@example.org", "code": code}), TOKENS).await;
        assert_eq!(again.wrong_fields(), ["input.code"]);
    }
}

scenario! {
    /// Known and unknown addresses get the same answer, and so do wrong codes for either.
    async fn known_and_unknown_addresses_look_the_same(world) {
        world.activist("Wren").await;
        let known = request(&world.anonymous(), "wren@example.org").await;
        let unknown = request(&world.anonymous(), "nobody@example.org").await;
        assert_eq!(known.body, unknown.body);
        world.drain().await;
        let mut bodies = vec![];
        for email in ["wren@example.org", "nobody@example.org", "never-asked@example.org"] {
            let wrong = world.anonymous().mutate("signIn", json!({"email": email, "code": "00000000"}), TOKENS).await;
            bodies.push(wrong.body);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    }
}

scenario! {
    /// Five tries, counted in the database even when they come at once; then the right code is no good either.
    async fn guesses_are_counted_when_they_come_at_once(world) {
        request(&world.anonymous(), "wren@example.org").await.data();
        world.drain().await;
        let code = world.mails_to("wren@example.org")[0].code();
        let wrong = if code == "00000000" { "00000001" } else { "00000000" };
        let tries = (0..30).map(|_| {
            let caller = world.anonymous();
            async move {
                caller.mutate("signIn", json!({"email": "wren@example.org", "code": wrong}), TOKENS).await
            }
        });
        for answer in futures_util::future::join_all(tries).await {
            assert_eq!(answer.wrong_fields(), ["input.code"]);
        }
        use sea_orm::EntityTrait;
        let rows = entity::sign_in_code::Entity::find().all(world.app.db.reader()).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.tries).collect::<Vec<_>>(), [5]);
        let right = world.anonymous().mutate("signIn", json!({"email": "wren@example.org", "code": code}), TOKENS).await;
        assert_eq!(right.wrong_fields(), ["input.code"]);
    }
}

scenario! {
    /// A code stops working after ten minutes; the newest one counts; five an hour are sent to an address.
    async fn codes_expire_and_are_limited(world) {
        request(&world.anonymous(), "wren@example.org").await.data();
        world.drain().await;
        let first = world.mails_to("wren@example.org")[0].code();
        request(&world.anonymous(), "wren@example.org").await.data();
        world.drain().await;
        let input = json!({"email": "wren@example.org", "code": first});
        let superseded = world.anonymous().mutate("signIn", input, TOKENS).await;
        assert_eq!(superseded.wrong_fields(), ["input.code"]);
        let second = world.mails_to("wren@example.org").last().unwrap().code();
        world.advance(TimeDelta::minutes(10));
        let input = json!({"email": "wren@example.org", "code": second});
        let late = world.anonymous().mutate("signIn", input, TOKENS).await;
        assert_eq!(late.wrong_fields(), ["input.code"]);
        for _ in 0..3 {
            request(&world.anonymous(), "wren@example.org").await.data();
        }
        let sixth = request(&world.anonymous(), "wren@example.org").await;
        assert_eq!(sixth.code(), "RATE_LIMITED");
        assert!(sixth.body["errors"][0]["extensions"]["retryAfter"].is_u64());
        world.advance(TimeDelta::hours(1));
        request(&world.anonymous(), "wren@example.org").await.data();
        world.drain().await;
    }
}

scenario! {
    /// Refresh tokens rotate; a repeat within the grace gets the same successor; a later one ends the session.
    async fn refresh_tokens_rotate_and_reuse_ends_the_session(world) {
        let tokens = sign_in(world, "wren@example.org").await;
        let first = tokens.text("/signIn/refreshToken");
        let second = refresh(world, &first).await;
        let repeated = refresh(world, &first).await;
        let successor = second.text("/refreshSession/refreshToken");
        assert_eq!(repeated.text("/refreshSession/refreshToken"), successor);
        assert_ne!(successor, first);
        let wren = caller(world, &second, "refreshSession");
        wren.ask(VIEWER, Value::Null).await.data();

        let third = refresh(world, &successor).await.text("/refreshSession/refreshToken");
        assert_eq!(refresh(world, &first).await.code(), "UNAUTHENTICATED", "its successor was used");
        assert_eq!(refresh(world, &third).await.code(), "UNAUTHENTICATED");
        assert_eq!(refresh(world, &successor).await.code(), "UNAUTHENTICATED");
        assert_eq!(wren.ask(VIEWER, Value::Null).await.code(), "UNAUTHENTICATED");
    }
}

scenario! {
    /// Many refreshes of one token at once get one successor.
    async fn refreshes_at_once_agree(world) {
        let tokens = sign_in(world, "wren@example.org").await;
        let token = tokens.text("/signIn/refreshToken");
        let all = futures_util::future::join_all((0..10).map(|_| refresh(world, &token))).await;
        let successors: Vec<String> = all.iter().map(|answer| answer.text("/refreshSession/refreshToken")).collect();
        assert!(successors.iter().all(|successor| *successor == successors[0]), "{successors:?}");
    }
}

scenario! {
    /// Access tokens end after ten minutes, sessions when unused for thirty days and after ninety in any case.
    async fn tokens_and_sessions_end(world) {
        let tokens = sign_in(world, "wren@example.org").await;
        let wren = caller(world, &tokens, "signIn");
        world.advance(TimeDelta::minutes(10));
        let late = wren.ask(VIEWER, Value::Null).await;
        assert_eq!((late.status, late.code()), (401, "UNAUTHENTICATED"));

        let mut token = tokens.text("/signIn/refreshToken");
        for _ in 0..3 {
            world.advance(TimeDelta::days(29));
            world.app.signer.refresh(&world.app.db, &world.app.keys, world.now()).await.unwrap();
            token = refresh(world, &token).await.text("/refreshSession/refreshToken");
        }
        world.advance(TimeDelta::days(4));
        assert_eq!(refresh(world, &token).await.code(), "UNAUTHENTICATED");

        let tokens = sign_in(world, "owl@example.org").await;
        world.advance(TimeDelta::days(31));
        let unused = refresh(world, &tokens.text("/signIn/refreshToken")).await;
        assert_eq!(unused.code(), "UNAUTHENTICATED");
    }
}

scenario! {
    /// Signing out ends one session, signing out everywhere ends all.
    async fn signing_out(world) {
        let phone = caller(world, &sign_in(world, "wren@example.org").await, "signIn");
        let laptop = caller(world, &sign_in(world, "wren@example.org").await, "signIn");
        let tablet = caller(world, &sign_in(world, "wren@example.org").await, "signIn");
        phone.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        assert_eq!(phone.ask(VIEWER, Value::Null).await.code(), "UNAUTHENTICATED");
        laptop.ask("mutation { signOutEverywhere { signedOut } }", Value::Null).await.data();
        for device in [&laptop, &tablet] {
            assert_eq!(device.ask(VIEWER, Value::Null).await.code(), "UNAUTHENTICATED");
        }
    }
}

scenario! {
    /// The published keys check our tokens; the next period's key is published too; forged tokens are refused.
    async fn published_keys_check_tokens(world) {
        let wren = world.activist("Wren").await;
        let keys: Value =
            reqwest::get(format!("{}/.well-known/jwks.json", world.url)).await.unwrap().json().await.unwrap();
        let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
        assert_eq!(keys.keys.len(), 2);
        let header = jsonwebtoken::decode_header(wren.token()).unwrap();
        let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
        validation.set_audience(&["turnout"]);
        validation.validate_exp = false;
        let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
        let claims = jsonwebtoken::decode::<Value>(wren.token(), &key, &validation).unwrap().claims;
        let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub"], "no roles and no personal data");

        let [head, body, signature] = wren.token().split('.').collect::<Vec<_>>().try_into().unwrap();
        for forged in [
            format!("{head}.{body}."),
            format!("eyJhbGciOiJub25lIn0.{body}."),
            format!("{head}.{body}.{}", signature.chars().rev().collect::<String>()),
            "not-a-token".to_owned(),
        ] {
            let answer = Caller::new(&world.url, Some(forged), "").ask(VIEWER, Value::Null).await;
            assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        }
    }
}

scenario! {
    /// What somebody says of themselves is kept sealed, and where they live only as a cell.
    async fn profiles_are_kept_sealed(world) {
        let wren = world.activist("Wrenlike").await;
        let input = json!({"postalCode": "50309", "language": "es"});
        let answer = wren.mutate("updateViewer", input, "viewer { givenName familyName language hasLocation }").await;
        assert_eq!(
            answer.at("/updateViewer/viewer"),
            &json!({"givenName": "Wrenlike", "familyName": "Testperson", "language": "es", "hasLocation": true})
        );
        let people = person_rows(world).await;
        let sealed = &people[0].name.as_ref().unwrap().0;
        assert!(!contains(sealed, b"Wrenlike"));
        assert!(people[0].cell.is_some());
        let unknown = wren.mutate("updateViewer", json!({"postalCode": "00000"}), "viewer { id }").await;
        assert_eq!(unknown.wrong_fields(), ["input.postalCode"]);
        let forgotten = wren.mutate("updateViewer", json!({"postalCode": null}), "viewer { hasLocation }").await;
        assert_eq!(forgotten.at("/updateViewer/viewer/hasLocation"), false);
    }
}

async fn person_rows(world: &World) -> Vec<entity::person::Model> {
    use sea_orm::EntityTrait;
    entity::person::Entity::find()
        .all(world.app.db.reader())
        .await
        .unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
