//! A page of paper becomes attendance.

use entity::StaffRole;
use serde_json::json;

use super::App;
use crate::{
    harness::World,
    transcripts::{came, paper},
};

pub(super) async fn paper_becomes_attendance(world: &World, app: &App) {
    let host = world.activist("Wren").await;
    let reader = world.staff("Rook", StaffRole::Transcriber).await;
    let made = world.event(&host, json!({})).await;
    let sheet = json!({"timeslotId": made.timeslot, "language": "es"});
    let sheet = app.run(&host, "PrintSheet", json!({"input": sheet})).await;
    assert_eq!(sheet.at("/printAttendanceSheet/pages"), 1);
    let paper = paper(world, &made).await;
    let page = json!({"page": paper.page});
    app.run(&host, "AskForSecondReading", page.clone()).await;
    let waiting = app.run(&reader, "PagesToRead", json!({})).await;
    let task = waiting.at("/sheetWork/edges/0/node/id");
    let rows = json!([{"number": 1, "givenName": "Ada", "familyName": "Obi"}]);
    let proposed = json!({"pageId": paper.page, "rows": rows});
    app.run(&reader, "ProposeReadings", json!({"input": proposed}))
        .await;
    for (caller, given) in [(&reader, "Ada"), (&host, "Ida")] {
        let taken = app.run(caller, "TakePage", page.clone()).await;
        let fence = taken.at("/claimSheetPage/fence");
        let rows = json!([{"number": 1, "givenName": given, "familyName": "Obi"}]);
        let keyed = json!({"pageId": paper.page, "fence": fence, "rows": rows});
        app.run(caller, "KeyRows", json!({"input": keyed})).await;
        let back = json!({"pageId": paper.page, "fence": fence, "done": true});
        app.run(caller, "GivePageBack", json!({"input": back})).await;
    }
    let seen = app.run(&host, "PageRows", json!({"task": task})).await;
    assert_eq!(seen.at("/node/rows/0/state"), "DIFFERS");
    let row = seen.at("/node/rows/0/id");
    let settled = json!({"rowId": row, "givenName": "Ada", "familyName": "Obi"});
    app.run(&host, "SettleRow", json!({"input": settled})).await;
    let decided = json!({"sheetId": paper.sheet, "acceptProposals": true});
    app.run(&host, "DecideRows", json!({"input": decided})).await;
    let far = app.run(&host, "HowFarSheetsAre", json!({"event": made.id})).await;
    assert_eq!(far.at("/sheetProgress/decided"), 1);
    let sheet = json!({"sheetId": paper.sheet, "idempotencyKey": "3b7c1f52-applied"});
    app.run(&host, "ApplySheet", json!({"input": sheet})).await;
    assert_eq!(came(world, &made).await, [(None, Some(true), 1)]);
    app.run(&host, "TakeSheetBack", json!({"sheet": paper.sheet}))
        .await;
    assert_eq!(came(world, &made).await, [(None, None, 1)]);
}
