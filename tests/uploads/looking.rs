//! Who looks at a page, by which address, and what is written down of it.

use chrono::TimeDelta;
use entity::{StaffRole, audit};
use reqwest::Response;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{contains, files, here, objects, send, sheet};
use crate::harness::{Answer, Caller, World, s3::S3};

async fn look(caller: &Caller, page: &str, reason: Option<&str>) -> Answer {
    let input = json!({"pageId": page, "reason": reason});
    caller.mutate("viewSheetPage", input, "url expiresAt").await
}

async fn get(world: &World, link: &Answer) -> Response {
    reqwest::get(here(world, &link.text("/viewSheetPage/url")))
        .await
        .unwrap()
}

scenario! {
    /// The picture is what was uploaded, without anything behind it, and a browser does nothing with it but show it.
    async fn a_page_is_shown(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let (_, sent) = send(world, &host, &made.id, files::with_metadata(&files::photo(1), 3), json!({})).await;
        let link = look(&host, sent["pageIds"][0].as_str().unwrap(), Some("To count")).await;
        let response = get(world, &link).await;
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/jpeg");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-disposition"), "inline; filename=\"page.jpg\"");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox; frame-ancestors 'none'");
        assert_eq!(header("cache-control"), "private, no-store");
        assert_eq!(header("x-robots-tag"), "noindex");
        let picture = response.bytes().await.unwrap();
        for word in [b"Exif".as_slice(), b"GPS", b"xmp", b"Photoshop", b"Wren"] {
            assert!(!contains(&picture, word), "{word:?}");
        }
        let image = image::load_from_memory(&picture).unwrap().to_rgb8();
        let was = image::load_from_memory(&files::photo(1)).unwrap().to_rgb8();
        assert_eq!(image.dimensions(), was.dimensions());
        let near = image.get_pixel(60, 40).0.iter().zip(was.get_pixel(3, 7).0).all(|(a, b)| a.abs_diff(b) < 32);
        assert!(near, "it is turned upside down: {:?} {:?}", image.get_pixel(60, 40), was.get_pixel(3, 7));
        let rows = audit::Entity::find().filter(audit::Column::Kind.eq("event.sheet_page_view"));
        let rows = rows.all(world.app.db.reader()).await.unwrap();
        let sheet = sent["sheetId"].as_str().unwrap().replace("attendance-sheet:", "");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].reason.as_deref(), Some(format!("page 1 of sheet {sheet}: To count").as_str()));
        let ranged = reqwest::Client::new().get(here(world, &link.text("/viewSheetPage/url"))).header("range", "bytes=0-3");
        let whole = ranged.send().await.unwrap();
        assert_eq!((whole.status().as_u16(), whole.bytes().await.unwrap().len()), (200, picture.len()), "a part is not served");
    }
}

scenario! {
    /// Only who runs the event looks, for a minute, in a session that lasts and may still do so.
    async fn links_are_short_and_for_one(world) {
        let (host, other) = (world.activist("Wren").await, world.activist("Other").await);
        let made = world.event(&host, json!({})).await;
        let (_, page) = sheet(world, &host, &made.id).await;
        let transcriber = world.staff("Keyer", StaffRole::Transcriber).await;
        for (caller, code) in [(&other, "NOT_FOUND"), (&transcriber, "NOT_FOUND"), (&world.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(look(caller, &page, None).await.code(), code);
        }
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        assert_eq!(get(world, &look(&organizer, &page, None).await).await.status(), 200);
        let long = "x".repeat(201);
        assert_eq!(look(&host, &page, Some(&long)).await.wrong_fields(), ["input.reason"]);
        let link = look(&host, &page, None).await;
        assert_eq!(get(world, &link).await.status(), 200);
        world.advance(TimeDelta::seconds(60));
        assert_eq!(get(world, &link).await.status(), 410);
        // Every character of it matters.
        let link = look(&host, &page, None).await;
        let url = here(world, &link.text("/viewSheetPage/url"));
        let start = url.rfind('/').unwrap() + 1;
        for at in (start..url.len()).step_by(9) {
            let mut forged = url.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(reqwest::get(&forged).await.unwrap().status(), 404, "{at}");
        }
        for path in ["", "x", "..%2f..%2fkey", "objects%2f1", &"A".repeat(5_000)] {
            let url = format!("{}/files/{path}", world.url);
            assert_eq!(reqwest::get(&url).await.unwrap().status(), 404, "{path}");
        }
        let head = reqwest::Client::new().head(&url).send().await.unwrap();
        assert_eq!(head.status(), 404);
        let post = reqwest::Client::new().post(&url).send().await.unwrap();
        assert_eq!(post.status(), 404);
        host.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        assert_eq!(get(world, &link).await.status(), 404);
        world.drain().await;
    }
}

scenario! {
    /// Somebody who hosts no more sees nothing by a link of a moment ago, and neither do hosts of what was taken down.
    async fn it_is_decided_anew(world) {
        let (host, organizer) = (world.activist("Wren").await, world.staff("Organizer", StaffRole::Organizer).await);
        let made = world.event(&host, json!({})).await;
        let (_, page) = sheet(world, &host, &made.id).await;
        let (theirs, ours) = (look(&host, &page, None).await, look(&organizer, &page, None).await);
        organizer.mutate("suppressEvent", json!({"id": made.id, "category": "SPAM", "reason": "No."}), "event { id }").await.data();
        assert_ne!(get(world, &theirs).await.status(), 200);
        assert_eq!(get(world, &ours).await.status(), 200);
        assert_eq!(look(&host, &page, None).await.reason(), "EVENT_NOT_PUBLISHED");
        world.drain().await;
    }
}

scenario! {
    /// What was changed in the store, or put in another's place, is not shown, and one that is gone is told as such.
    async fn the_store_is_not_trusted(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let (_, one) = send(world, &host, &made.id, files::photo(1), json!({})).await;
        let (_, two) = send(world, &host, &made.id, files::photo(2), json!({})).await;
        let page = |sent: &Value| sent["pageIds"][0].as_str().unwrap().to_owned();
        let all = objects(world);
        let swapped = all[1].1.clone();
        rewrite(world, |_| swapped.clone());
        let statuses = [
            get(world, &look(&host, &page(&one), None).await).await.status().as_u16(),
            get(world, &look(&host, &page(&two), None).await).await.status().as_u16(),
        ];
        assert_eq!(statuses.iter().filter(|status| **status == 500).count(), 1, "{statuses:?}");
        rewrite(world, |mut bytes| {
            *bytes.last_mut().unwrap() ^= 1;
            bytes
        });
        assert_eq!(get(world, &look(&host, &page(&one), None).await).await.status(), 500);
        match world.backend.bucket() {
            Some(bucket) => S3::running().empty(bucket),
            None => std::fs::remove_dir_all(world.app.config.data_dir.join("files/objects")).unwrap(),
        }
        assert_eq!(get(world, &look(&host, &page(&one), None).await).await.status(), 410);
    }
}

fn rewrite(world: &World, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    match world.backend.bucket() {
        Some(bucket) => S3::running().each(bucket, |bytes| *bytes = change(std::mem::take(bytes))),
        None => {
            for (path, bytes) in objects(world) {
                std::fs::write(path, change(bytes)).unwrap();
            }
        }
    }
}
