//! Reading the marks of a page by a program: which of our pages it is, and which of its boxes are ticked.
//!
//! What it sees is a proposal. A page without our code, or too crooked for it, waits for people as any other does; and a page of
//! another event says so, and is never read into this one.

use std::collections::HashSet;

use entity::{
    PageReading, RowState, SheetMark, attendance_sheet, sheet_page, sheet_print, sheet_row, sheet_work,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use tokio::{sync::Semaphore, task::spawn_blocking};
use uuid::Uuid;

use super::{
    keying, lock_open,
    print::{PrintedPage, pages_of, paper_of, read_payload},
    work,
};
use crate::{
    app::{App, Tx},
    domain::{
        event_key::{self, Kind},
        sheet,
    },
    refusal::Refusal,
    store::Missing,
};

/// One page at a time: a photo takes some 50 MB while it is read.
static TURN: Semaphore = Semaphore::const_new(1);
/// Pixels of a picture that is read; those in the store have fewer.
const PIXELS: u32 = 12_000;

/// What a program saw on a page.
struct Seen {
    print: sheet_print::Model,
    /// From 1 on.
    page: usize,
    /// A mark for each row, with how sure it is in thousandths; none when the page lies too crooked.
    marks: Option<Vec<(SheetMark, i32)>>,
}

/// What became of looking at a page.
enum Look {
    Seen(Box<Seen>),
    NoCode,
    /// It is of an event that its uploader does not run.
    Foreign,
}

/// Reads the marks of a page that nobody has looked at. Doing it again changes nothing; does nothing for a page whose picture is
/// gone.
pub(crate) async fn read_page(app: &App, page_id: Uuid) -> Result<(), Refusal> {
    let work = sheet_work::Entity::find_by_id(page_id)
        .one(app.db.reader())
        .await?;
    let page = sheet_page::Entity::find_by_id(page_id)
        .one(app.db.reader())
        .await?;
    let (Some(work), Some(page)) = (work, page) else {
        return Ok(()); // deleted
    };
    let Some(object) = page.object_id.filter(|_| work.reading == PageReading::Waiting) else {
        return Ok(());
    };
    let picture = match app.store.get(sheet::PICTURE, object).await {
        Ok(picture) => picture,
        Err(Missing::Gone) => return Ok(()),
        Err(Missing::Failed(refusal)) => return Err(refusal),
    };
    let look = look(app, &work, picture).await?;
    app.write(async |tx| {
        let sheet = lock_open(tx, work.sheet_id).await?;
        let work = work::find(tx, page_id).await?;
        if work.reading != PageReading::Waiting {
            return Ok(()); // by another run of this job
        }
        match &look {
            Look::NoCode => note(tx, page_id, PageReading::NoCode, None).await,
            Look::Foreign => note(tx, page_id, PageReading::OtherEvent, None).await,
            Look::Seen(seen) => keep(app, tx, &sheet, &work, seen).await,
        }
    })
    .await
}

async fn look(app: &App, work: &sheet_work::Model, picture: Vec<u8>) -> Result<Look, Refusal> {
    let _turn = TURN.acquire().await.map_err(Refusal::internal)?;
    let found = spawn_blocking(move || {
        let mut reader =
            image::ImageReader::with_format(std::io::Cursor::new(picture), image::ImageFormat::Jpeg);
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(PIXELS);
        limits.max_image_height = Some(PIXELS);
        reader.limits(limits);
        let picture = reader.decode().ok()?.into_luma8();
        let code = paper::find(&picture)?;
        Some((picture, code))
    });
    let Some((picture, code)) = found.await.map_err(Refusal::internal)? else {
        return Ok(Look::NoCode);
    };
    let opened = event_key::open(app, &[code.text.as_str()]).await?.pop().flatten();
    let opened = opened.filter(|opened| opened.kind == Kind::SheetPage);
    let Some(opened) = opened else {
        return Ok(Look::NoCode); // somebody else's code, or one that nobody signed
    };
    let Some((version, page)) = read_payload(&opened.payload) else {
        return Ok(Look::NoCode);
    };
    if opened.event_id != work.event_id {
        return Ok(Look::Foreign);
    }
    let print = sheet_print::Entity::find()
        .filter(sheet_print::Column::EventId.eq(opened.event_id))
        .filter(sheet_print::Column::Version.eq(version))
        .one(app.db.reader())
        .await?;
    let Some(print) = print else {
        return Ok(Look::NoCode);
    };
    let Some(printed) = page
        .checked_sub(1)
        .and_then(|at| pages_of(&print).ok()?.into_iter().nth(at))
    else {
        return Ok(Look::NoCode);
    };
    let rows = paper::Rows {
        printed: printed.rsvps.len(),
        blank: printed.blank,
    };
    let layout =
        paper::Layout::of(paper_of(print.paper), rows).ok_or(Refusal::internal("a page has no layout"))?;
    let threshold = app.config.sheets.threshold;
    let read = spawn_blocking(move || paper::read(&picture, &code, &layout, threshold)).await;
    let marks = read.map_err(Refusal::internal)?.ok();
    let marks = marks.map(|reading| reading.answers.iter().map(mark).collect());
    Ok(Look::Seen(Box::new(Seen { print, page, marks })))
}

#[expect(clippy::cast_possible_truncation, reason = "between 0 and 1,000")]
fn mark(answer: &paper::Answer) -> (SheetMark, i32) {
    let mark = match answer.mark {
        paper::Mark::Ticked => SheetMark::Ticked,
        paper::Mark::Empty => SheetMark::Empty,
        paper::Mark::Unsure => SheetMark::Unsure,
    };
    (
        mark,
        (answer.confidence * 1000.0).round().clamp(0.0, 1000.0) as i32,
    )
}

/// Writes what was seen: a row for everybody who is printed there.
async fn keep(
    app: &App,
    tx: &Tx,
    sheet: &attendance_sheet::Model,
    work: &sheet_work::Model,
    seen: &Seen,
) -> Result<(), Refusal> {
    let pages = pages_of(&seen.print)?;
    let page: Option<&PrintedPage> = seen.page.checked_sub(1).and_then(|at| pages.get(at));
    let page = page.ok_or(Refusal::internal("a page is gone"))?;
    let known = rsvps(tx, page).await?;
    for (rsvp_id, number) in page.rsvps.iter().zip(1..) {
        let row = keying::row_at(app, tx, work, number).await?;
        let mark = seen
            .marks
            .as_ref()
            .and_then(|marks| marks.get(usize::try_from(number - 1).ok()?));
        let change = sheet_row::ActiveModel {
            id: Unchanged(row.id),
            rsvp_id: Set(known.contains(rsvp_id).then_some(*rsvp_id)),
            mark: Set(mark.map(|(mark, _)| *mark)),
            confidence: Set(mark.map(|(_, confidence)| *confidence)),
            state: Set(RowState::Open),
            version: Set(row.version + 1),
            ..Default::default()
        };
        change.update(tx.db()).await?;
    }
    let reading = match seen.marks {
        Some(_) => PageReading::Read,
        None => PageReading::NotAligned,
    };
    if sheet.timeslot_id.is_none() {
        attendance_sheet::Entity::update_many()
            .col_expr(
                attendance_sheet::Column::TimeslotId,
                Expr::value(seen.print.timeslot_id),
            )
            .filter(attendance_sheet::Column::Id.eq(sheet.id))
            .exec(tx.db())
            .await?;
    }
    note(tx, work.page_id, reading, Some((seen.print.id, seen.page))).await
}

/// Those of the printed RSVPs that there still are.
async fn rsvps(tx: &Tx, page: &PrintedPage) -> Result<HashSet<Uuid>, Refusal> {
    let rows = entity::rsvp::Entity::find()
        .filter(entity::rsvp::Column::Id.is_in(page.rsvps.iter().copied()))
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

async fn note(
    tx: &Tx,
    page_id: Uuid,
    reading: PageReading,
    print: Option<(Uuid, usize)>,
) -> Result<(), Refusal> {
    let change = sheet_work::ActiveModel {
        page_id: Unchanged(page_id),
        reading: Set(reading),
        print_id: Set(print.map(|(id, _)| id)),
        print_page: Set(print.and_then(|(_, page)| i32::try_from(page).ok())),
        ..Default::default()
    };
    change.update(tx.db()).await?;
    Ok(())
}
