//! The address that a file is sent to: who gets one, and how long and how often it works.

use chrono::TimeDelta;
use entity::StaffRole;
use reqwest::Method;
use serde_json::{Value, json};

use super::{files, here, kept, put, send, ticket};
use crate::harness::{Backend, World};

scenario! {
    /// Hosts and organizers upload, as long as the event is up; all that is wrong is said at once.
    async fn only_who_runs_the_event_uploads(world) {
        let (host, other) = (world.activist("Wren").await, world.activist("Other").await);
        let made = world.event(&host, json!({})).await;
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let transcriber = world.staff("Keyer", StaffRole::Transcriber).await;
        for (caller, code) in [(&other, "FORBIDDEN"), (&transcriber, "FORBIDDEN"), (&world.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(ticket(caller, &made.id, 10, json!({})).await.code(), code);
        }
        assert_eq!(send(world, &organizer, &made.id, files::photo(1), json!({})).await.0, 201);
        let bad = ticket(&host, &made.id, 20 * 1024 * 1024 + 1, json!({"mediaType": "text/html"})).await;
        assert_eq!(bad.wrong_fields(), ["input.bytes", "input.mediaType"]);
        let heic = ticket(&host, &made.id, 10, json!({"mediaType": "image/heic"})).await;
        assert!(heic.body["errors"][0]["message"].as_str().unwrap().contains("JPEG"), "{}", heic.body);
        let elsewhere = world.event(&host, json!({})).await;
        let date = ticket(&host, &made.id, 0, json!({"timeslotId": elsewhere.timeslot})).await;
        assert_eq!(date.wrong_fields(), ["input.bytes", "input.timeslotId"]);
        let (_, theirs) = send(world, &host, &elsewhere.id, files::photo(2), json!({})).await;
        let foreign = ticket(&host, &made.id, 10, json!({"sheetId": theirs["sheetId"]})).await;
        assert_eq!(foreign.wrong_fields(), ["input.sheetId"]);
        let of_event = ticket(&host, &made.id, 10, json!({"sheetId": made.id})).await;
        assert_eq!(of_event.wrong_fields(), ["input.sheetId"]);
        world.drain().await;
    }
}

scenario! {
    /// It takes one file, for a quarter of an hour, from a session that lasts and may still do so.
    async fn an_address_works_once_and_not_long(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let file = files::photo(1);
        let address = async || ticket(&host, &made.id, file.len(), json!({})).await.text("/createUpload/url");
        let status = async |url: &str| put(world, url, file.clone()).await.status().as_u16();
        let first = address().await;
        assert_eq!((status(&first).await, status(&first).await), (201, 410));
        let late = address().await;
        world.advance(TimeDelta::minutes(15));
        assert_eq!(status(&late).await, 410);
        let host = world.activist("Wren").await;
        let key = json!({"idempotencyKey": "the-only-upload"});
        let one = ticket(&host, &made.id, file.len(), key.clone()).await;
        let again = ticket(&host, &made.id, file.len(), key.clone()).await;
        assert_eq!(one.text("/createUpload/uploadId"), again.text("/createUpload/uploadId"));
        assert_eq!(ticket(&host, &made.id, 9, key).await.code(), "CONFLICT");
        assert_eq!(status(&one.text("/createUpload/url")).await, 404, "another address was made for it");
        let before = again.text("/createUpload/url");
        host.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        assert_eq!(status(&before).await, 404);
        let guessed = format!("{}/uploads/{}", world.url, "A".repeat(32));
        for url in [&guessed, &format!("{}/uploads/", world.url), &format!("{}/uploads/..%2F..%2Fetc%2Fpasswd", world.url)] {
            assert_eq!(status(url).await, 404, "{url}");
        }
        assert_eq!(kept(world).await, [1, 1, 1, 1]);
        world.drain().await;
    }
}

scenario! {
    /// Of two that come to one address at the same time, one is taken; other methods do nothing.
    async fn one_address_one_file(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let (one, two) = (files::photo(1), files::with_segment(&files::photo(1), 0xFE, b"x"));
        let shorter = one.len().min(two.len());
        let padded = |mut bytes: Vec<u8>| {
            bytes.resize(one.len().max(two.len()) + 9, 0);
            bytes
        };
        assert!(shorter > 0);
        let url = ticket(&host, &made.id, padded(one.clone()).len(), json!({})).await.text("/createUpload/url");
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let answer = reqwest::Client::new().request(method.clone(), here(world, &url)).body(one.clone()).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method}");
            assert_eq!(answer.headers()["allow"], "PUT");
        }
        let (a, b) = tokio::join!(put(world, &url, padded(one.clone())), put(world, &url, padded(two.clone())));
        let mut statuses = [a.status().as_u16(), b.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 410]);
        assert_eq!(kept(world).await, [1, 1, 1, 1]);
        world.drain().await;
    }
}

/// So many tries, so many pages and sheets, and one at a time where the settings say so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_limits() {
    for backend in [Backend::embedded(), Backend::production().await] {
        let settings = [
            ("uploads.tries", "3"),
            ("uploads.pages", "2"),
            ("uploads.sheets", "2"),
        ];
        let world = World::with(backend, &settings).await;
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let url = ticket(&host, &made.id, 100, json!({}))
            .await
            .text("/createUpload/url");
        for expected in [415, 415, 415, 429] {
            assert_eq!(put(&world, &url, vec![0; 100]).await.status(), expected);
        }
        let (_, sheet) = send(&world, &host, &made.id, files::photo(1), json!({})).await;
        let more = json!({"sheetId": sheet["sheetId"]});
        assert_eq!(
            send(&world, &host, &made.id, files::photo(2), more.clone())
                .await
                .0,
            201
        );
        let (status, answer) = send(&world, &host, &made.id, files::photo(3), more).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["file"]),
            (422, &json!("TOO_MANY_PAGES"))
        );
        assert_eq!(kept(&world).await, [2, 1, 2, 2]);
        assert_eq!(
            send(&world, &host, &made.id, files::photo(4), json!({})).await.0,
            201
        );
        assert_eq!(
            ticket(&host, &made.id, 10, json!({})).await.wrong_fields(),
            ["input.eventId"]
        );
        world.finish().await;
    }
}
