//! From paper to attendance: who reads which page, what is settled, who the rows are, and what is applied.

mod applying;
mod deciding;
mod printing;
mod reading;
mod whole;

use chrono::TimeDelta;
use entity::{
    PageReading, PaperSize, RowState, SheetMark, SheetState, UploadPurpose, attendance, attendance_sheet,
    sheet_page, sheet_print, sheet_row, sheet_work, upload,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Caller, Made, World};

/// The key of a global id.
pub(crate) fn key(id: &str) -> Uuid {
    id.split_once(':').unwrap().1.parse().unwrap()
}

/// A sheet of one page that somebody uploaded, as rows: without a picture.
pub(crate) struct Paper {
    pub(crate) sheet: String,
    pub(crate) page: String,
}

pub(crate) async fn paper(world: &World, made: &Made) -> Paper {
    paper_of(world, &made.id, Some(&made.timeslot)).await
}

/// The same of an event of several dates, without or with the one it is of.
pub(crate) async fn paper_of(world: &World, event: &str, timeslot: Option<&str>) -> Paper {
    let (db, now) = (world.app.db.writer(), world.now());
    let (event_id, timeslot_id) = (key(event), timeslot.map(key));
    let (sheet_id, upload_id, page_id) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let sheet = attendance_sheet::Model {
        id: sheet_id,
        event_id,
        timeslot_id,
        person_id: None,
        state: SheetState::Paged,
        version: 1,
        applied_at: None,
        images_deleted_at: None,
        changed_at: now,
        created_at: now,
    };
    attendance_sheet::ActiveModel::from(sheet)
        .reset_all()
        .insert(db)
        .await
        .unwrap();
    let file = upload::Model {
        id: upload_id,
        person_id: None,
        session_id: Uuid::nil(),
        purpose: UploadPurpose::AttendanceSheet,
        event_id,
        timeslot_id: None,
        sheet_id: Some(sheet_id),
        token_hash: upload_id.as_bytes().to_vec(),
        bytes: 1,
        tries: 1,
        expires_at: now,
        used_at: Some(now),
        hash: None,
        created_at: now,
    };
    upload::ActiveModel::from(file)
        .reset_all()
        .insert(db)
        .await
        .unwrap();
    let page = sheet_page::Model {
        id: page_id,
        sheet_id,
        upload_id,
        number: 1,
        object_id: None,
        width: 1000,
        height: 1400,
        bytes: 1,
        hash: vec![],
        created_at: now,
    };
    sheet_page::ActiveModel::from(page)
        .reset_all()
        .insert(db)
        .await
        .unwrap();
    let work = sheet_work::Model {
        page_id,
        sheet_id,
        event_id,
        reading: PageReading::NoCode,
        print_id: None,
        print_page: None,
        wanted: 1,
        finished: 0,
        first_reader: None,
        holder: None,
        held_until: None,
        fence: 0,
        created_at: now,
    };
    sheet_work::ActiveModel::from(work)
        .reset_all()
        .insert(db)
        .await
        .unwrap();
    Paper {
        sheet: format!("attendance-sheet:{sheet_id}"),
        page: format!("sheet-page:{page_id}"),
    }
}

/// A row of somebody who is printed there, with what a program saw in its box.
pub(crate) async fn printed(
    world: &World,
    paper: &Paper,
    made: &Made,
    number: i32,
    rsvp: &str,
    mark: SheetMark,
) -> String {
    let row = sheet_row::Model {
        rsvp_id: Some(key(rsvp)),
        mark: Some(mark),
        confidence: Some(990),
        ..blank(world, paper, &made.id, number)
    };
    insert(world, row).await
}

/// A row that nobody has read yet.
pub(crate) async fn row_of(world: &World, paper: &Paper, event: &str, number: i32) -> String {
    insert(world, blank(world, paper, event, number)).await
}

fn blank(world: &World, paper: &Paper, event: &str, number: i32) -> sheet_row::Model {
    sheet_row::Model {
        id: Uuid::now_v7(),
        page_id: key(&paper.page),
        sheet_id: key(&paper.sheet),
        event_id: key(event),
        number,
        rsvp_id: None,
        mark: None,
        confidence: None,
        state: RowState::Open,
        words: None,
        decision: None,
        person_id: None,
        made: false,
        duplicate_of: None,
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: world.now(),
    }
}

async fn insert(world: &World, row: sheet_row::Model) -> String {
    let id = row.id;
    let row = sheet_row::ActiveModel::from(row).reset_all();
    row.insert(world.app.db.writer()).await.unwrap();
    format!("sheet-row:{id}")
}

/// Four sheets of an event, for lists.
pub(crate) async fn four_papers(world: &World, event: &str) {
    for _ in 0..4 {
        paper_of(world, event, None).await;
    }
}

/// Somebody reads a page of their own event on which they are themselves, applies it, and prints another.
pub(crate) async fn of_everything(world: &World, caller: &Caller, hosted: &Made) {
    let paper = paper(world, hosted).await;
    let keyed =
        json!([{"number": 1, "givenName": "Wren", "familyName": "Testperson", "email": caller.address}]);
    read(caller, &paper, keyed).await;
    let row = &rows(caller, &paper).await[0]["id"];
    let decided = json!({"sheetId": paper.sheet, "rows": [{"rowId": row, "decision": "NEW_PERSON"}]});
    caller.mutate("decideSheetRows", decided, "rows").await.data();
    let applied = json!({"sheetId": paper.sheet});
    caller.mutate("applySheet", applied, "rows").await.data();
    let viewer = caller
        .ask("{ viewer { id } }", Value::Null)
        .await
        .text("/viewer/id");
    let print = sheet_print::Model {
        id: Uuid::now_v7(),
        event_id: key(&hosted.id),
        timeslot_id: key(&hosted.timeslot),
        person_id: Some(key(&viewer)),
        session_id: Uuid::nil(),
        version: 1,
        paper: PaperSize::A4,
        language: "en".to_owned(),
        pages: "[]".to_owned(),
        names: 0,
        token_hash: vec![1],
        expires_at: world.now(),
        created_at: world.now(),
    };
    let print = sheet_print::ActiveModel::from(print).reset_all();
    print.insert(world.app.db.writer()).await.unwrap();
}

/// The number to key with, of somebody who gets the page.
pub(crate) async fn claim(caller: &Caller, paper: &Paper) -> Value {
    let answer = caller
        .mutate(
            "claimSheetPage",
            json!({"pageId": paper.page}),
            "outcome fence until",
        )
        .await;
    assert_eq!(answer.at("/claimSheetPage/outcome"), "CLAIMED");
    answer.at("/claimSheetPage/fence").clone()
}

pub(crate) async fn key_rows(caller: &Caller, paper: &Paper, fence: &Value, rows: Value) -> Answer {
    let input = json!({"pageId": paper.page, "fence": fence, "rows": rows});
    caller.mutate("keySheetRows", input, "until").await
}

pub(crate) async fn release(caller: &Caller, paper: &Paper, fence: &Value, done: bool) -> Answer {
    let input = json!({"pageId": paper.page, "fence": fence, "done": done});
    caller
        .mutate("releaseSheetPage", input, "task { readersDone readersWanted }")
        .await
}

/// Reads a whole page.
pub(crate) async fn read(caller: &Caller, paper: &Paper, rows: Value) {
    let fence = claim(caller, paper).await;
    key_rows(caller, paper, &fence, rows).await.data();
    release(caller, paper, &fence, true).await.data();
}

/// The rows of a page as somebody may read them.
pub(crate) async fn rows(caller: &Caller, paper: &Paper) -> Vec<Value> {
    let query = "query($id: ID!) { node(id: $id) { ... on SheetTask { rows { id number printedName attendeeId mark state
        words { givenName familyName email phone came consent illegible }
        readings { source byViewer words { givenName familyName email } }
        candidates { attendeeId name score reasons earlier } proposal { decision attendeeId duplicateOf }
        decision duplicateOf } } } }";
    let id = paper.page.replace("sheet-page", "sheet-task");
    let answer = caller.ask(query, json!({"id": id})).await;
    answer.at("/node/rows").as_array().unwrap().clone()
}

/// Whether each of some people came, by the attendance of an event.
pub(crate) async fn came(world: &World, made: &Made) -> Vec<(Option<Uuid>, Option<bool>, i32)> {
    let found = attendance::Entity::find()
        .filter(attendance::Column::EventId.eq(key(&made.id)))
        .order_by_asc(attendance::Column::Id)
        .all(world.app.db.reader())
        .await
        .unwrap();
    found
        .into_iter()
        .map(|row| (row.rsvp_id, row.came, row.party_size))
        .collect()
}

pub(crate) fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}
