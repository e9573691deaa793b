//! Which pages wait for somebody to read them, and who has which: a lease, so that nobody keys what another one does, and
//! a number that rises with each claim, so that whoever lost theirs writes nothing any more.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{PageReading, SheetState, StaffRole, attendance_sheet, event_host, sheet_row, sheet_work};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{Reached, keying, lock_open, reach};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        page::{Page, PageArgs, RowCursor, past},
    },
    outbox::Job,
    refusal::Refusal,
    sealed,
};

/// So long a page rests before a program reads it: whoever sends several is not kept waiting by that.
const REST: TimeDelta = TimeDelta::seconds(5);

/// A page to read, and how far that is.
#[derive(Clone, Debug)]
pub struct Task {
    /// What is done about it.
    pub row: sheet_work::Model,
    /// Whether the actor has it.
    pub is_mine: bool,
    /// Whether another one has it.
    pub is_taken: bool,
}

/// That somebody has a page.
#[derive(Clone, Debug)]
pub struct Claim {
    /// To be said with everything that is keyed.
    pub fence: i32,
    /// Until when, unless something is keyed.
    pub held_until: DateTime<Utc>,
}

/// What became of wanting a page.
#[derive(Clone, Debug)]
pub enum Claiming {
    /// It is the actor's.
    Claimed(Claim),
    /// Somebody else has it, at most until then.
    Taken(DateTime<Utc>),
    /// The actor has read it, and another one is asked for.
    ReadByYou,
    /// It was read as often as was asked for.
    Done,
}

/// Puts pages on the list of those that wait, in the transaction that makes them. Of each hundred, `sheets.read_twice` are
/// read by two people, whichever that are.
pub(crate) async fn enter(
    app: &App,
    tx: &Tx,
    (event_id, sheet_id): (Uuid, Uuid),
    pages: &[Uuid],
) -> Result<(), Refusal> {
    if pages.is_empty() {
        return Ok(());
    }
    let mut rows = vec![];
    for page_id in pages {
        let [dice] = sealed::random::<1>()?;
        let is_twice = u32::from(dice) * 100 / 256 < app.config.sheets.read_twice;
        rows.push(sheet_work::ActiveModel {
            page_id: Set(*page_id),
            sheet_id: Set(sheet_id),
            event_id: Set(event_id),
            reading: Set(PageReading::Waiting),
            print_id: Set(None),
            print_page: Set(None),
            wanted: Set(if is_twice { 2 } else { 1 }),
            finished: Set(0),
            first_reader: Set(None),
            holder: Set(None),
            held_until: Set(None),
            fence: Set(0),
            created_at: Set(tx.now()),
        });
    }
    sheet_work::Entity::insert_many(rows)
        .exec_without_returning(tx.db())
        .await?;
    for page_id in pages {
        let job = Job::ReadSheetPage { page_id: *page_id };
        tx.enqueue(&job, tx.now() + REST).await?;
    }
    Ok(())
}

/// Claims a page for `sheets.claim_minutes`; again by the same person, anew. For transcribers, the event's hosts, and
/// organizers. UNAUTHENTICATED, NOT_FOUND; WRONG_STATE (SHEET_CLOSED).
pub async fn claim(app: &App, actor: &Actor, page_id: Uuid) -> Result<Claiming, Refusal> {
    let me = actor.member()?.id;
    let reached = reach(app, actor, page_id).await?;
    app.write(async |tx| {
        let sheet = lock_open(tx, reached.sheet.id).await?;
        let work = find(tx, page_id).await?;
        let held = work.held_until.filter(|until| *until > tx.now());
        if let (Some(until), true) = (held, work.holder != Some(me)) {
            return Ok(Claiming::Taken(until));
        }
        if work.finished >= work.wanted {
            return Ok(Claiming::Done);
        }
        if work.first_reader == Some(me) {
            return Ok(Claiming::ReadByYou);
        }
        let held_until = tx.now() + life(app);
        let fence = work.fence + 1;
        let change = sheet_work::ActiveModel {
            page_id: Unchanged(page_id),
            holder: Set(Some(me)),
            held_until: Set(Some(held_until)),
            fence: Set(fence),
            ..Default::default()
        };
        change.update(tx.db()).await?;
        if matches!(sheet.state, SheetState::Paged | SheetState::Review) {
            set_state(tx, sheet.id, SheetState::Transcribing).await?;
        }
        Ok(Claiming::Claimed(Claim { fence, held_until }))
    })
    .await
}

/// Gives a page back: done, or for somebody else to go on with. NOT_FOUND; CONFLICT when it is not the actor's any more;
/// WRONG_STATE.
pub async fn release(
    app: &App,
    actor: &Actor,
    page_id: Uuid,
    fence: i32,
    done: bool,
) -> Result<Task, Refusal> {
    let me = actor.member()?.id;
    let Reached { sheet, .. } = reach(app, actor, page_id).await?;
    app.write(async |tx| {
        lock_open(tx, sheet.id).await?;
        let work = held(tx, actor, page_id, fence).await?;
        let finished = work.finished + i32::from(done);
        let change = sheet_work::ActiveModel {
            page_id: Unchanged(page_id),
            holder: Set(None),
            held_until: Set(None),
            finished: Set(finished),
            first_reader: Set(if done && work.finished == 0 {
                Some(me)
            } else {
                work.first_reader
            }),
            ..Default::default()
        };
        let work = change.update(tx.db()).await?;
        if done {
            keying::settle_page(app, tx, &work).await?;
            close_if_read(tx, work.sheet_id).await?;
        }
        Ok(Task::of(work, actor, tx.now()))
    })
    .await
}

/// A page to read. For transcribers, the event's hosts, and organizers. UNAUTHENTICATED, NOT_FOUND.
pub async fn find_task(app: &App, actor: &Actor, page_id: Uuid) -> Result<Task, Refusal> {
    reach(app, actor, page_id).await?;
    let row = sheet_work::Entity::find_by_id(page_id)
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("sheet page"))?;
    Ok(Task::of(row, actor, app.clock.now()))
}

/// Whether the actor is a transcriber who has a page now, and so may look at it.
pub(crate) async fn has(app: &App, actor: &Actor, page_id: Uuid) -> Result<bool, Refusal> {
    if !actor.is(StaffRole::Transcriber) {
        return Ok(false);
    }
    let row = sheet_work::Entity::find_by_id(page_id)
        .one(app.db.reader())
        .await?;
    Ok(row.is_some_and(|row| Task::of(row, actor, app.clock.now()).is_mine))
}

/// Pages that the actor may read, which wait or are theirs already, longest first: of all events for transcribers and
/// organizers, of their own for others. UNAUTHENTICATED.
pub async fn tasks(app: &App, actor: &Actor, page: &PageArgs) -> Result<Page<Task>, Refusal> {
    let (me, now) = (actor.member()?.id, app.clock.now());
    let (at, id) = (sheet_work::Column::CreatedAt, sheet_work::Column::PageId);
    let order = page.order(Order::Asc);
    let open = attendance_sheet::Entity::find()
        .select_only()
        .column(attendance_sheet::Column::Id)
        .filter(attendance_sheet::Column::State.is_in([
            SheetState::Paged,
            SheetState::Transcribing,
            SheetState::Review,
            SheetState::Reverted,
        ]));
    let free = Condition::any()
        .add(sheet_work::Column::HeldUntil.is_null())
        .add(sheet_work::Column::HeldUntil.lte(now))
        .add(sheet_work::Column::Holder.eq(me));
    let not_mine = Condition::any()
        .add(sheet_work::Column::FirstReader.is_null())
        .add(sheet_work::Column::FirstReader.ne(me));
    let unread = Expr::col(sheet_work::Column::Finished).lt(Expr::col(sheet_work::Column::Wanted));
    let mut query = sheet_work::Entity::find()
        .filter(sheet_work::Column::SheetId.in_subquery(open.into_query()))
        .filter(unread)
        .filter(free)
        .filter(not_mine)
        .order_by(at, order.clone())
        .order_by(id, order.clone())
        .limit(page.limit());
    if !actor.is(StaffRole::Transcriber) && !actor.is(StaffRole::Organizer) {
        let mine = event_host::Entity::find()
            .select_only()
            .column(event_host::Column::EventId)
            .filter(event_host::Column::PersonId.eq(me));
        query = query.filter(sheet_work::Column::EventId.in_subquery(mine.into_query()));
    }
    if let Some(cursor) = page.past {
        let time = DateTime::from_timestamp_micros(cursor.key).unwrap_or_default();
        let tie = Condition::all().add(at.eq(time)).add(past(&order, id, cursor.id));
        query = query.filter(Condition::any().add(past(&order, at, time)).add(tie));
    }
    let rows = query.all(app.db.reader()).await?.into_iter();
    let tasks = rows.map(|row| Task::of(row, actor, now)).collect();
    Ok(page.cut(tasks, |task: &Task| RowCursor {
        key: task.row.created_at.timestamp_micros(),
        id: task.row.page_id,
    }))
}

impl Task {
    pub(super) fn of(row: sheet_work::Model, actor: &Actor, now: DateTime<Utc>) -> Self {
        let is_held = row.held_until.is_some_and(|until| until > now);
        let is_mine = is_held && row.holder.is_some() && row.holder == actor.person_id();
        Self {
            is_mine,
            is_taken: is_held && !is_mine,
            row,
        }
    }
}

/// What is done about a page, whose sheet the caller has.
pub(super) async fn find(tx: &Tx, page_id: Uuid) -> Result<sheet_work::Model, Refusal> {
    let row = sheet_work::Entity::find_by_id(page_id).one(tx.db()).await?;
    row.ok_or(Refusal::NotFound("sheet page"))
}

/// The same, if it is the actor's still. CONFLICT.
pub(super) async fn held(
    tx: &Tx,
    actor: &Actor,
    page_id: Uuid,
    fence: i32,
) -> Result<sheet_work::Model, Refusal> {
    let work = find(tx, page_id).await?;
    let is_held = work.held_until.is_some_and(|until| until > tx.now());
    if is_held && work.fence == fence && work.holder.is_some() && work.holder == actor.person_id() {
        return Ok(work);
    }
    Err(Refusal::Conflict(
        "This page is not yours any more: claim it once more to go on.",
    ))
}

/// Another time of [`life`] begins with everything that is keyed.
pub(super) async fn prolong(app: &App, tx: &Tx, page_id: Uuid) -> Result<DateTime<Utc>, Refusal> {
    let until = tx.now() + life(app);
    sheet_work::Entity::update_many()
        .col_expr(sheet_work::Column::HeldUntil, Expr::value(until))
        .filter(sheet_work::Column::PageId.eq(page_id))
        .exec(tx.db())
        .await?;
    Ok(until)
}

/// A sheet all of whose pages were read waits for its host.
async fn close_if_read(tx: &Tx, sheet_id: Uuid) -> Result<(), Refusal> {
    let open = sheet_work::Entity::find()
        .filter(sheet_work::Column::SheetId.eq(sheet_id))
        .filter(Expr::col(sheet_work::Column::Finished).lt(Expr::col(sheet_work::Column::Wanted)))
        .one(tx.db())
        .await?;
    match open {
        Some(_) => Ok(()),
        None => set_state(tx, sheet_id, SheetState::Review).await,
    }
}

pub(super) async fn set_state(tx: &Tx, sheet_id: Uuid, state: SheetState) -> Result<(), Refusal> {
    attendance_sheet::Entity::update_many()
        .col_expr(attendance_sheet::Column::State, Expr::value(state))
        .filter(attendance_sheet::Column::Id.eq(sheet_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Rows of a page that people have read, in their order.
pub(super) async fn rows_of(tx: &Tx, page_id: Uuid) -> Result<Vec<sheet_row::Model>, Refusal> {
    let rows = sheet_row::Entity::find()
        .filter(sheet_row::Column::PageId.eq(page_id))
        .order_by_asc(sheet_row::Column::Number);
    Ok(rows.all(tx.db()).await?)
}

fn life(app: &App) -> TimeDelta {
    TimeDelta::minutes(app.config.sheets.claim_minutes)
}
