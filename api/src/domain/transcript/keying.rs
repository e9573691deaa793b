//! Rows as people key them and programs propose them, and when what they read is settled.

use std::collections::HashMap;

use entity::{ReadingSource, RowState, sheet_reading, sheet_row, sheet_work};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{
    Reached, lock_open, reach, reach_to_decide,
    words::{Keyed, Words, open_reading, reading_slot, row_slot},
    work::{self, Claim, Task},
};
use crate::{
    app::{App, Tx},
    domain::Actor,
    refusal::{Problems, Refusal},
};

/// Keys rows of a page that the actor has claimed with `fence`; a row that they keyed before becomes what they say now. For
/// transcribers, the event's hosts, and organizers. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND; CONFLICT when the page is not
/// theirs any more; WRONG_STATE.
pub async fn key(
    app: &App,
    actor: &Actor,
    page_id: Uuid,
    fence: i32,
    rows: Vec<Keyed>,
) -> Result<Claim, Refusal> {
    let Reached { sheet, .. } = reach(app, actor, page_id).await?;
    let rows = checked(app, rows)?;
    app.write(async |tx| {
        lock_open(tx, sheet.id).await?;
        let work = work::held(tx, actor, page_id, fence).await?;
        for keyed in &rows {
            let row = row_at(app, tx, &work, keyed.number).await?;
            save(app, tx, actor, &row, ReadingSource::Person, &keyed.words).await?;
            settle(app, tx, &work, row.id).await?;
        }
        let held_until = work::prolong(app, tx, page_id).await?;
        Ok(Claim { fence, held_until })
    })
    .await
}

/// Notes what a program reads in rows of a page: the hosts see it beside what people read, and it settles nothing. For
/// transcribers. FORBIDDEN for others who may know of the page; else as [`key`].
pub async fn propose(app: &App, actor: &Actor, page_id: Uuid, rows: Vec<Keyed>) -> Result<Task, Refusal> {
    let Reached { sheet, .. } = reach(app, actor, page_id).await?;
    if !actor.is(entity::StaffRole::Transcriber) {
        return Err(Refusal::Forbidden);
    }
    let rows = checked(app, rows)?;
    app.write(async |tx| {
        lock_open(tx, sheet.id).await?;
        let work = work::find(tx, page_id).await?;
        for keyed in &rows {
            let row = row_at(app, tx, &work, keyed.number).await?;
            save(app, tx, actor, &row, ReadingSource::Machine, &keyed.words).await?;
        }
        Ok(Task::of(work, actor, tx.now()))
    })
    .await
}

/// Asks for somebody else to read a page as well, who does not see what was read. Asking again changes nothing. For the
/// event's hosts and for organizers. UNAUTHENTICATED, NOT_FOUND, FORBIDDEN, WRONG_STATE.
pub async fn request_second_reading(app: &App, actor: &Actor, page_id: Uuid) -> Result<Task, Refusal> {
    let Reached { sheet, .. } = reach_to_decide(app, actor, page_id).await?;
    app.write(async |tx| {
        lock_open(tx, sheet.id).await?;
        let work = work::find(tx, page_id).await?;
        if work.wanted > 1 {
            return Ok(Task::of(work, actor, tx.now()));
        }
        let change = sheet_work::ActiveModel {
            page_id: Unchanged(page_id),
            wanted: Set(2),
            ..Default::default()
        };
        let work = change.update(tx.db()).await?;
        for row in work::rows_of(tx, page_id).await? {
            settle(app, tx, &work, row.id).await?;
        }
        if sheet.state == entity::SheetState::Review {
            work::set_state(tx, sheet.id, entity::SheetState::Transcribing).await?;
        }
        Ok(Task::of(work, actor, tx.now()))
    })
    .await
}

fn checked(app: &App, rows: Vec<Keyed>) -> Result<Vec<Keyed>, Refusal> {
    let most = app.config.sheets.rows_per_page;
    let mut problems = Problems::default();
    let count = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    problems.check(
        (1..=most).contains(&count),
        "input.rows",
        format!("must be 1 to {most}"),
    );
    problems.finish()?; // before looking at each of too many
    let mut problems = Problems::default();
    let mut seen = vec![];
    let rows = rows.into_iter().enumerate().map(|(i, row)| {
        let path = format!("input.rows.{i}");
        let number = format!("{path}.number");
        let is_row = (1..=most).contains(&row.number);
        problems.check(is_row, &number, format!("must be between 1 and {most}"));
        problems.check(!seen.contains(&row.number), &number, "is there twice");
        seen.push(row.number);
        Keyed {
            number: row.number,
            words: row.words.checked(app, &path, &mut problems),
        }
    });
    let rows = rows.collect();
    problems.finish()?;
    Ok(rows)
}

/// A row of a page, made when nobody has spoken of it yet. The caller has the sheet.
pub(super) async fn row_at(
    app: &App,
    tx: &Tx,
    work: &sheet_work::Model,
    number: i32,
) -> Result<sheet_row::Model, Refusal> {
    let known = sheet_row::Entity::find()
        .filter(sheet_row::Column::PageId.eq(work.page_id))
        .filter(sheet_row::Column::Number.eq(number))
        .one(tx.db())
        .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let of_sheet = sheet_row::Entity::find().filter(sheet_row::Column::SheetId.eq(work.sheet_id));
    let most = app.config.sheets.rows;
    if of_sheet.count(tx.db()).await? >= most {
        let problem = format!("would be more than the {most} rows that a sheet may have");
        return Err(Refusal::input(&["input", "rows"], problem));
    }
    let row = sheet_row::ActiveModel {
        id: Set(Uuid::now_v7()),
        page_id: Set(work.page_id),
        sheet_id: Set(work.sheet_id),
        event_id: Set(work.event_id),
        number: Set(number),
        rsvp_id: Set(None),
        mark: Set(None),
        confidence: Set(None),
        state: Set(RowState::Open),
        words: Set(None),
        decision: Set(None),
        person_id: Set(None),
        made: Set(false),
        duplicate_of: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
        version: Set(1),
        created_at: Set(tx.now()),
    };
    let insert = sheet_row::Entity::insert(row);
    Ok(insert.exec_with_returning(tx.db()).await?)
}

async fn save(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    row: &sheet_row::Model,
    source: ReadingSource,
    words: &Words,
) -> Result<(), Refusal> {
    sheet_reading::Entity::delete_many()
        .filter(sheet_reading::Column::RowId.eq(row.id))
        .filter(sheet_reading::Column::Reader.eq(actor.person_id()))
        .filter(sheet_reading::Column::Source.eq(source))
        .exec(tx.db())
        .await?;
    let id = Uuid::now_v7();
    let reading = sheet_reading::ActiveModel {
        id: Set(id),
        row_id: Set(row.id),
        reader: Set(actor.person_id()),
        source: Set(source),
        words: Set(app.keys.seal(reading_slot(&id), words)?),
        created_at: Set(tx.now()),
    };
    sheet_reading::Entity::insert(reading)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// What people read in a row, oldest first; programs left out.
async fn readings(app: &App, tx: &Tx, row_id: Uuid) -> Result<Vec<Words>, Refusal> {
    let rows = sheet_reading::Entity::find()
        .filter(sheet_reading::Column::RowId.eq(row_id))
        .filter(sheet_reading::Column::Source.eq(ReadingSource::Person))
        .order_by_asc(sheet_reading::Column::Id)
        .all(tx.db())
        .await?;
    rows.iter().map(|row| open_reading(app, row)).collect()
}

/// Decides anew how far the words of a row are known. What was decided about it before is to be decided again.
async fn settle(app: &App, tx: &Tx, work: &sheet_work::Model, row_id: Uuid) -> Result<(), Refusal> {
    let read = readings(app, tx, row_id).await?;
    let enough = read.len() >= usize::try_from(work.wanted).unwrap_or(1);
    let all_agree = read
        .first()
        .is_some_and(|first| read.iter().all(|other| first.agrees(other)));
    let state = match (enough, all_agree) {
        (_, false) if read.len() > 1 => RowState::Differs,
        (true, true) => RowState::Settled,
        _ => RowState::Open,
    };
    let settled = read.first().filter(|_| state == RowState::Settled);
    write(app, tx, row_id, state, settled).await
}

/// Writes what a row says; what was decided about other words counts no more.
pub(super) async fn write(
    app: &App,
    tx: &Tx,
    row_id: Uuid,
    state: RowState,
    words: Option<&Words>,
) -> Result<(), Refusal> {
    let row = sheet_row::Entity::find_by_id(row_id).one(tx.db()).await?;
    let row = row.ok_or(Refusal::NotFound("sheet row"))?;
    let sealed = words
        .map(|words| app.keys.seal(row_slot(&row_id), words))
        .transpose()?;
    let is_same = row.state == state && super::words::open_row(app, &row)?.as_ref() == words;
    let mut change = sheet_row::ActiveModel {
        id: Unchanged(row_id),
        state: Set(state),
        words: Set(sealed),
        version: Set(row.version + 1),
        ..Default::default()
    };
    if !is_same {
        change.decision = Set(None);
        change.duplicate_of = Set(None);
        change.decided_by = Set(None);
        change.decided_at = Set(None);
        if !row.made {
            change.person_id = Set(None); // who was made stays known, so that nobody is made twice
        }
    }
    change.update(tx.db()).await?;
    Ok(())
}

/// When a page was read as often as was asked for: a row that only one of two saw is a difference.
pub(super) async fn settle_page(app: &App, tx: &Tx, work: &sheet_work::Model) -> Result<(), Refusal> {
    if work.finished < work.wanted || work.wanted < 2 {
        return Ok(());
    }
    let rows = work::rows_of(tx, work.page_id).await?;
    let mut read: HashMap<Uuid, usize> = HashMap::new();
    for row in &rows {
        read.insert(row.id, readings(app, tx, row.id).await?.len());
    }
    for row in rows {
        if row.state == RowState::Open && read.get(&row.id) == Some(&1) {
            write(app, tx, row.id, RowState::Differs, None).await?;
        }
    }
    Ok(())
}
