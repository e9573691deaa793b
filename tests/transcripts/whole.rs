//! All of it: printed, ticked, photographed, uploaded, read by a program and by two people, decided, applied, undone, and applied
//! again.

use std::{path::Path, time::Duration};

use chrono::TimeDelta;
use entity::{StaffRole, consent};
use image::{GrayImage, Luma, codecs::jpeg::JpegEncoder, imageops};
use paper::{Layout, Pages, Paper, Rows};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::{
    Paper as Uploaded, came, claim, key_rows,
    printing::{get, print},
    read, release, rows,
};
use crate::{
    harness::{Caller, Made, World},
    rsvps::rsvp,
    uploads::send,
};

/// Pixels of a millimetre, as `turnout pages` draws.
const SCALE: f32 = 200.0 / 25.4;

/// The first page of a PDF.
async fn drawn(pdf: Vec<u8>) -> GrayImage {
    let program = Path::new(env!("CARGO_BIN_EXE_turnout"));
    let mut pages = Pages::of(program, pdf, Duration::from_secs(60)).await.unwrap();
    pages.next().await.unwrap().unwrap()
}

/// A cross in the box of a row, from 0 on, with a pen of half a millimetre.
fn tick(page: &mut GrayImage, layout: &Layout, row: usize) {
    let box_ = layout.rows[row].tick;
    let (x, y) = box_.center();
    let reach = box_.width / 2.0 - 0.4;
    let steps = 200;
    for step in 0..=steps {
        let along = (step as f32 / steps as f32 * 2.0 - 1.0) * reach;
        for (right, down) in [(along, along), (along, -along)] {
            let (right, down) = ((x + right) * SCALE, (y + down) * SCALE);
            for dx in -2_i32..=2 {
                for dy in -2_i32..=2 {
                    page.put_pixel((right as i32 + dx) as u32, (down as i32 + dy) as u32, Luma([30]));
                }
            }
        }
    }
}

/// As a photo: turned by some degrees on a table, a little out of focus, JPEG.
fn photographed(page: &GrayImage, degrees: f32) -> Vec<u8> {
    let (width, height) = page.dimensions();
    let (wide, high) = (width + 300, height + 300);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let photo = GrayImage::from_fn(wide, high, |x, y| {
        let (x, y) = (x as f32 - wide as f32 / 2.0, y as f32 - high as f32 / 2.0);
        let (x, y) = (x * cos + y * sin, y * cos - x * sin);
        let (x, y) = (x + width as f32 / 2.0, y + height as f32 / 2.0);
        let is_page = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
        match is_page {
            true => *page.get_pixel(x as u32, y as u32),
            false => Luma([120]),
        }
    });
    let photo = imageops::blur(&photo, 1.0);
    let mut bytes = vec![];
    JpegEncoder::new_with_quality(&mut bytes, 60)
        .encode_image(&photo)
        .unwrap();
    bytes
}

async fn upload(world: &World, host: &Caller, made: &Made, photo: Vec<u8>) -> Uploaded {
    let (status, sent) = send(world, host, &made.id, photo, json!({})).await;
    assert_eq!(status, 201, "{sent}");
    world.advance(TimeDelta::seconds(10));
    world.drain().await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Uploaded {
        sheet: text(&sent["sheetId"]),
        page: text(&sent["pageIds"][0]),
    }
}

async fn reading(caller: &Caller, paper: &Uploaded) -> Value {
    let id = paper.page.replace("sheet-page", "sheet-task");
    let query = "query($id: ID!) { node(id: $id) { ... on SheetTask { reading readersWanted } } }";
    caller
        .ask(query, json!({"id": id}))
        .await
        .at("/node/reading")
        .clone()
}

/// What the ledger says of mail, from the first on.
async fn consents(world: &World) -> Vec<(bool, String)> {
    let rows = consent::Entity::find().order_by_asc(consent::Column::Id);
    let rows = rows.all(world.app.db.reader()).await.unwrap();
    rows.into_iter()
        .map(|row| (row.granted, row.text_version))
        .collect()
}

scenario! {
    /// From the printer to the attendance, and back, and there again.
    async fn paper_becomes_attendance(world) {
        let wren = world.activist("Wren").await;
        let rook = world.staff("Rook", StaffRole::Transcriber).await;
        let heron = world.staff("Heron", StaffRole::Transcriber).await;
        let made = world.event(&wren, json!({})).await;
        let mut ids = vec![];
        for name in ["Ani", "Bo", "Cleo", "Dan"] {
            let answer = rsvp(&world.activist(name).await, &made, 1).await;
            ids.push(super::key(&answer.text("/rsvp/rsvp/id")));
        }
        let link = print(&wren, &made, json!({})).await;
        let (_, pdf) = get(world, &link.text("/printAttendanceSheet/url")).await;
        let mut page = drawn(pdf).await;
        let layout = Layout::of(Paper::A4, Rows { printed: 4, blank: 5 }).unwrap();
        for row in [0, 2] {
            tick(&mut page, &layout, row);
        }
        let paper = upload(world, &wren, &made, photographed(&page, 4.0)).await;
        assert_eq!(reading(&wren, &paper).await, "READ");
        let seen = rows(&wren, &paper).await;
        let marks: Vec<_> = seen.iter().map(|row| row["mark"].clone()).collect();
        assert_eq!(json!(marks), json!(["TICKED", "EMPTY", "TICKED", "EMPTY"]));
        let names: Vec<_> = seen.iter().map(|row| row["printedName"].clone()).collect();
        assert_eq!(json!(names), json!(["Ani Testperson", "Bo Testperson", "Cleo Testperson", "Dan Testperson"]));

        // Two people read who wrote their name below; they do not agree, and the host decides.
        wren.mutate("requestSecondReading", json!({"pageId": paper.page}), "task { id }").await.data();
        let walk_in = |family: &str| json!([{"number": 5, "givenName": "Robin", "familyName": family,
            "email": "robin@example.org", "consent": true}]);
        read(&rook, &paper, walk_in("Lind")).await;
        let fence = claim(&heron, &paper).await;
        key_rows(&heron, &paper, &fence, walk_in("Lynd")).await.data();
        release(&heron, &paper, &fence, true).await.data();
        let row = rows(&wren, &paper).await[4].clone();
        assert_eq!(row["state"], "DIFFERS");
        let settled = json!({"rowId": row["id"], "givenName": "Robin", "familyName": "Lind",
            "email": "robin@example.org", "consent": true});
        wren.mutate("settleSheetRow", settled, "task { id }").await.data();
        let accept = json!({"sheetId": paper.sheet, "acceptProposals": true});
        let decided = wren.mutate("decideSheetRows", accept, "rows").await;
        assert_eq!(decided.at("/decideSheetRows/rows"), 5);

        let there = [
            (Some(ids[0]), Some(true), 1), (Some(ids[1]), Some(false), 1), (Some(ids[2]), Some(true), 1),
            (Some(ids[3]), Some(false), 1), (None, Some(true), 1),
        ];
        let sheet = json!({"sheetId": paper.sheet});
        wren.mutate("applySheet", sheet.clone(), "rows").await.data();
        assert_eq!(came(world, &made).await, there);
        let granted = (true, "sheet-en-1".to_owned());
        assert_eq!(consents(world).await, std::slice::from_ref(&granted));
        wren.mutate("revertSheet", sheet.clone(), "rows").await.data();
        assert!(came(world, &made).await.iter().all(|(_, came, _)| came.is_none()));
        let withdrawn = (false, "sheet-en-1".to_owned());
        assert_eq!(consents(world).await, [granted.clone(), withdrawn.clone()]);
        wren.mutate("applySheet", sheet, "rows").await.data();
        assert_eq!(came(world, &made).await, there);
        assert_eq!(consents(world).await, [granted.clone(), withdrawn, granted]);
        world.drain().await;
    }
}

scenario! {
    /// A page of another event is not read into this one, and a picture without our code waits for people.
    async fn pages_of_others_say_so(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let (made, other) = (world.event(&wren, json!({})).await, world.event(&finch, json!({})).await);
        rsvp(&wren, &other, 1).await.data();
        let link = print(&finch, &other, json!({})).await;
        let (_, pdf) = get(world, &link.text("/printAttendanceSheet/url")).await;
        let page = drawn(pdf).await;
        let foreign = upload(world, &wren, &made, photographed(&page, 0.0)).await;
        assert_eq!(reading(&wren, &foreign).await, "OTHER_EVENT");
        assert_eq!(rows(&wren, &foreign).await, Vec::<Value>::new());
        let blank = GrayImage::from_pixel(400, 600, Luma([230]));
        let empty = upload(world, &wren, &made, photographed(&blank, 0.0)).await;
        assert_eq!(reading(&wren, &empty).await, "NO_CODE");
        world.drain().await;
    }
}
