//! From an address and the bytes that came there to pages of a sheet.

use std::sync::Arc;

use entity::{ChangeKind, SheetState, attendance_sheet, sheet_page, upload};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::pages::{self, Kept};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        event::{
            self, Loaded,
            history::{self, By},
        },
        sheet, transcript,
    },
    incoming::Arrived,
    refusal::{FileProblem, Reason, Refusal},
    sealed,
};

pub(super) const GONE: Refusal = Refusal::NotFound("upload");

/// A file that may be sent now.
pub struct Arriving {
    actor: Actor,
    event: Loaded,
    row: upload::Model,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The upload.
    pub upload_id: Uuid,
    /// The sheet that it is pages of.
    pub sheet_id: Uuid,
    /// The pages, in order.
    pub pages: Vec<Uuid>,
    /// Whether the very same file was there already, of this event: these are its pages, and nothing was added.
    pub is_known: bool,
}

/// Whoever has the address may send now; counts that they try. NOT_FOUND, also when the session ended or may no longer do
/// so; WRONG_STATE (LINK_USED, LINK_EXPIRED, SHEET_CLOSED); RATE_LIMITED after `uploads.tries`.
pub async fn open(app: &App, token: &str) -> Result<Arriving, Refusal> {
    let row = upload::Entity::find()
        .filter(upload::Column::TokenHash.eq(sealed::hash(token)))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(GONE)?;
    if row.used_at.is_some() {
        return Err(Refusal::WrongState(Reason::LinkUsed));
    }
    if row.expires_at <= app.clock.now() {
        return Err(Refusal::WrongState(Reason::LinkExpired));
    }
    let (actor, event) = permitted(app, &row).await?;
    if let Some(id) = row.sheet_id {
        let sheet = attendance_sheet::Entity::find_by_id(id)
            .one(app.db.reader())
            .await?;
        sheet::require_open(&sheet.ok_or(GONE)?)?;
    }
    let most = app.config.uploads.tries;
    let tried = upload::Entity::update_many()
        .col_expr(upload::Column::Tries, Expr::col(upload::Column::Tries).add(1))
        .filter(upload::Column::Id.eq(row.id))
        .filter(upload::Column::Tries.lt(most))
        .exec(app.db.writer())
        .await?;
    if tried.rows_affected == 0 {
        let limit = format!("This file was begun {most} times; make a new upload");
        let seconds = (row.expires_at - app.clock.now()).num_seconds();
        return Err(Refusal::Budget(limit, u64::try_from(seconds).unwrap_or_default()));
    }
    Ok(Arriving { actor, event, row })
}

/// Who sends, as long as they may.
async fn permitted(app: &App, row: &upload::Model) -> Result<(Actor, Loaded), Refusal> {
    let gone = |refusal| match refusal {
        Refusal::Unauthenticated => GONE,
        other => other.hiding("upload"),
    };
    let person_id = row.person_id.ok_or(GONE)?;
    let actor = Actor::of_session(app, person_id, row.session_id)
        .await
        .map_err(gone)?;
    let event = event::require_reach(app, &actor, row.event_id)
        .await
        .map_err(gone)?;
    Ok((actor, event))
}

impl Arriving {
    /// How many bytes the file has, as was said.
    pub fn bytes(&self) -> usize {
        usize::try_from(self.row.bytes).unwrap_or_default()
    }
}

/// Makes pages of a file that has come. Goes on when whoever sent it is gone, so it is to be spawned. The problems of the file
/// (`Refusal::File`); WRONG_STATE (LINK_USED, SHEET_CLOSED); UNAVAILABLE. Nothing is left of a file that is refused.
pub async fn take(app: Arc<App>, arriving: Arriving, file: Arrived) -> Result<Taken, Refusal> {
    if file.bytes != arriving.bytes() {
        return Err(Refusal::File(FileProblem::WrongSize));
    }
    let hash = file.hash.clone();
    let known = known(app.db.reader(), &arriving.row, &hash).await?;
    let kept = match known {
        Some(_) => vec![], // it is looked for once more, by whoever has the event's row
        None => pages::keep(&app, file).await?,
    };
    let taken = app
        .write(async |tx| write(&app, tx, &arriving, hash, &kept).await)
        .await;
    let is_used = taken.as_ref().is_ok_and(|taken| !taken.is_known);
    if !is_used {
        pages::forget(&app, &kept).await;
    }
    taken
}

/// The upload by which the same file came to the same event.
async fn known(
    db: &impl ConnectionTrait,
    row: &upload::Model,
    hash: &[u8],
) -> Result<Option<upload::Model>, Refusal> {
    let same = upload::Entity::find()
        .filter(upload::Column::EventId.eq(row.event_id))
        .filter(upload::Column::Purpose.eq(row.purpose))
        .filter(upload::Column::Hash.eq(hash));
    Ok(same.one(db).await?)
}

async fn write(
    app: &App,
    tx: &Tx,
    arriving: &Arriving,
    hash: Vec<u8>,
    kept: &[Kept],
) -> Result<Taken, Refusal> {
    let row = &arriving.row;
    event::lock_event(tx, row.event_id).await?; // of two that are the same, the second one sees the first
    if let Some(first) = known(tx.db(), row, &hash).await? {
        let sheet_id = first.sheet_id.ok_or(GONE)?;
        mark_used(tx, row.id, sheet_id, None).await?;
        let pages = sheet_page::Entity::find()
            .filter(sheet_page::Column::UploadId.eq(first.id))
            .order_by_asc(sheet_page::Column::Number)
            .select_only()
            .column(sheet_page::Column::Id)
            .into_tuple()
            .all(tx.db())
            .await?;
        return Ok(Taken {
            upload_id: row.id,
            sheet_id,
            pages,
            is_known: true,
        });
    }
    if kept.is_empty() {
        return Err(Refusal::Unavailable); // it was there a moment ago, and its sheet was deleted meanwhile
    }
    let (sheet_id, before) = match row.sheet_id {
        Some(id) => (id, grow(tx, id).await?),
        None => (begin(tx, row).await?, 0),
    };
    if before + kept.len() > app.config.uploads.pages {
        return Err(Refusal::File(FileProblem::TooManyPages));
    }
    mark_used(tx, row.id, sheet_id, Some(hash)).await?;
    let pages: Vec<sheet_page::Model> = kept
        .iter()
        .zip(before + 1..)
        .map(|(page, number)| page.row(row.id, sheet_id, number, tx.now()))
        .collect::<Result<_, Refusal>>()?;
    let ids: Vec<Uuid> = pages.iter().map(|page| page.id).collect();
    sheet_page::Entity::insert_many(pages.into_iter().map(sheet_page::ActiveModel::from))
        .exec_without_returning(tx.db())
        .await?;
    transcript::enter(app, tx, (row.event_id, sheet_id), &ids).await?;
    let by = By::of(&arriving.actor, &arriving.event.hosts);
    history::note(tx, row.event_id, &by, ChangeKind::SheetUploaded, vec![]).await?;
    Ok(Taken {
        upload_id: row.id,
        sheet_id,
        pages: ids,
        is_known: false,
    })
}

/// LINK_USED when another one was faster.
async fn mark_used(tx: &Tx, id: Uuid, sheet_id: Uuid, hash: Option<Vec<u8>>) -> Result<(), Refusal> {
    let used = upload::Entity::update_many()
        .col_expr(upload::Column::UsedAt, Expr::value(tx.now()))
        .col_expr(upload::Column::SheetId, Expr::value(sheet_id))
        .col_expr(upload::Column::Hash, Expr::value(hash))
        .filter(upload::Column::Id.eq(id))
        .filter(upload::Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    match used.rows_affected {
        0 => Err(Refusal::WrongState(Reason::LinkUsed)),
        _ => Ok(()),
    }
}

/// A new sheet.
async fn begin(tx: &Tx, row: &upload::Model) -> Result<Uuid, Refusal> {
    let id = Uuid::now_v7();
    let sheet = attendance_sheet::ActiveModel {
        id: Set(id),
        event_id: Set(row.event_id),
        timeslot_id: Set(row.timeslot_id),
        person_id: Set(row.person_id),
        state: Set(SheetState::Paged),
        version: Set(1),
        applied_at: Set(None),
        images_deleted_at: Set(None),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
    };
    attendance_sheet::Entity::insert(sheet)
        .exec_without_returning(tx.db())
        .await?;
    Ok(id)
}

/// Takes a sheet to add pages to it, and says how many it has.
async fn grow(tx: &Tx, id: Uuid) -> Result<usize, Refusal> {
    let sheet = sheet::lock(tx, id).await?;
    sheet::require_open(&sheet)?;
    let last: Option<i32> = sheet_page::Entity::find()
        .filter(sheet_page::Column::SheetId.eq(id))
        .order_by_desc(sheet_page::Column::Number)
        .select_only()
        .column(sheet_page::Column::Number)
        .into_tuple()
        .one(tx.db())
        .await?;
    let change = attendance_sheet::ActiveModel {
        id: Unchanged(id),
        version: Set(sheet.version + 1),
        changed_at: Set(tx.now()),
        ..Default::default()
    };
    change.update(tx.db()).await?;
    Ok(usize::try_from(last.unwrap_or_default()).unwrap_or_default())
}
