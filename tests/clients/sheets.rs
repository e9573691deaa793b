//! A host sends pages of a sheet, looks at them, and deletes what was sent by mistake.

use serde_json::json;

use super::App;
use crate::{
    harness::World,
    uploads::{files, put},
};

pub(super) async fn host_sends_a_sheet(world: &World, app: &App) {
    let host = world.activist("Sandpiper").await;
    let made = world.event(&host, json!({})).await;
    let photo = files::photo(1);
    let input = json!({"purpose": "ATTENDANCE_SHEET", "eventId": made.id, "timeslotId": made.timeslot,
        "bytes": photo.len(), "mediaType": "image/jpeg", "idempotencyKey": "the-first-page"});
    let ticket = app.run(&host, "SendPage", json!({"input": input})).await;
    let sent = put(world, &ticket.text("/createUpload/url"), photo).await;
    assert_eq!(sent.status(), 201);
    let list = app.run(&host, "Sheets", json!({"event": made.id})).await;
    let sheet = list.at("/event/attendanceSheets/edges/0/node");
    app.run(&host, "LookAtPage", json!({"page": sheet["pages"][0]["id"]}))
        .await;
    app.run(&host, "DeleteSheet", json!({"sheet": sheet["id"]})).await;
    world.drain().await;
}
