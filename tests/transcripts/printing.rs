//! Sheets to print: who gets one, what is recorded, and what it holds.

use chrono::TimeDelta;
use entity::{audit, sheet_print};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::key;
use crate::{
    account::another_device,
    harness::{Answer, Caller, Made, World},
    rsvps::rsvp,
    uploads::here,
};

pub(super) async fn print(caller: &Caller, made: &Made, over: Value) -> Answer {
    let mut input = json!({"timeslotId": made.timeslot, "blankRows": 5});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    caller
        .mutate("printAttendanceSheet", input, "url expiresAt pages names")
        .await
}

/// What is at a link.
pub(super) async fn get(world: &World, url: &str) -> (u16, Vec<u8>) {
    let response = reqwest::get(here(world, url)).await.unwrap();
    (
        response.status().as_u16(),
        response.bytes().await.unwrap().to_vec(),
    )
}

async fn recorded(world: &World, kind: &str) -> usize {
    let rows = audit::Entity::find().filter(audit::Column::Kind.eq(kind));
    rows.all(world.app.db.reader()).await.unwrap().len()
}

scenario! {
    /// A sheet has everybody who comes, in the order of their names; its link works for its owner's session, for minutes, and
    /// each reading is recorded.
    async fn a_sheet_is_printed(world) {
        let wren = world.activist("Wren").await;
        let made = world.event(&wren, json!({})).await;
        let mut people = vec![];
        for name in ["Robin", "Ani", "Heron"] {
            let caller = world.activist(name).await;
            let id = rsvp(&caller, &made, 1).await.text("/rsvp/rsvp/id");
            people.push((name, key(&id)));
        }
        let gone = rsvp(&world.activist("Gone").await, &made, 1).await.text("/rsvp/rsvp/id");
        world.activist("Gone").await.mutate("cancelRsvp", json!({"id": gone}), "status").await.data();
        let made_link = print(&wren, &made, json!({"paper": "LETTER", "language": "es-MX", "idempotencyKey": "print-it-once"})).await;
        assert_eq!((made_link.at("/printAttendanceSheet/pages"), made_link.at("/printAttendanceSheet/names")), (&json!(1), &json!(3)));
        let url = made_link.text("/printAttendanceSheet/url");
        let (status, pdf) = get(world, &url).await;
        assert_eq!((status, &pdf[..5]), (200, &b"%PDF-"[..]));
        assert_eq!(get(world, &url).await, (200, pdf), "it is the same sheet");
        assert_eq!((recorded(world, "event.sheet_print").await, recorded(world, "event.sheet_print_read").await), (1, 2));
        let row = sheet_print::Entity::find().one(world.app.db.reader()).await.unwrap().unwrap();
        let pages: Value = serde_json::from_str(&row.pages).unwrap();
        let order: Vec<_> = ["Ani", "Heron", "Robin"].map(|name| people.iter().find(|(known, _)| *known == name).unwrap().1).into();
        assert_eq!(pages, json!([{"rsvps": order, "blank": 5}]));

        // Sending it again gives another link to the same sheet, and the first one works no more.
        let again = print(&wren, &made, json!({"paper": "LETTER", "language": "es-MX", "idempotencyKey": "print-it-once"})).await;
        assert_eq!(sheet_print::Entity::find().all(world.app.db.reader()).await.unwrap().len(), 1);
        assert_eq!(get(world, &url).await.0, 404);
        let url = again.text("/printAttendanceSheet/url");
        assert_eq!(get(world, &url).await.0, 200);
        world.advance(TimeDelta::minutes(11));
        assert_eq!(get(world, &url).await.0, 410, "it has expired");
        world.drain().await;
    }
}

scenario! {
    /// Wrong input is named; whoever does not run the event gets nothing; and a link ends with the session.
    async fn not_everybody_prints(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({})).await;
        rsvp(&finch, &made, 1).await.data();
        assert_eq!(print(&finch, &made, json!({})).await.code(), "NOT_FOUND");
        assert_eq!(print(&world.anonymous(), &made, json!({})).await.code(), "UNAUTHENTICATED");
        assert_eq!(print(&wren, &made, json!({"blankRows": 501})).await.wrong_fields(), ["input.blankRows"]);
        assert_eq!(print(&wren, &made, json!({"blankRows": -1})).await.wrong_fields(), ["input.blankRows"]);
        assert_eq!(print(&wren, &made, json!({"language": "xx"})).await.wrong_fields(), ["input.language"]);
        let other = another_device(world, &wren).await;
        let url = print(&other, &made, json!({})).await.text("/printAttendanceSheet/url");
        other.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        assert_eq!(get(world, &url).await.0, 404);
        let guessed = format!("{}/sheets/{}.pdf", world.url, "x".repeat(22));
        assert_eq!(get(world, &guessed).await.0, 404);
        world.drain().await;
    }
}
