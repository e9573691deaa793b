//! Deleting a sheet that somebody uploaded by mistake.

use entity::{ChangeKind, attendance_sheet, sheet_page};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{NONE, lock, require_open};
use crate::{
    app::{App, Tx},
    domain::{
        Actor, audit, event,
        event::history::{self, By},
    },
    outbox::Job,
    refusal::Refusal,
};

/// Deletes a sheet with its pages, their pictures and all that was read from them, and says of which event it was. For hosts
/// and organizers. NOT_FOUND; WRONG_STATE (SHEET_CLOSED) once it was applied, or rejected.
pub async fn remove(app: &App, actor: &Actor, id: Uuid) -> Result<Uuid, Refusal> {
    actor.member()?;
    let row = attendance_sheet::Entity::find_by_id(id)
        .one(app.db.reader())
        .await?;
    let event_id = row.ok_or(NONE)?.event_id;
    let event = event::require_edit(app, actor, event_id).await;
    let event = event.map_err(|refusal| refusal.hiding("sheet"))?;
    app.write(async |tx| {
        event::lock_event(tx, event_id).await?;
        require_open(&lock(tx, id).await?)?;
        let pages = delete(tx, id).await?;
        let by = By::of(actor, &event.hosts);
        history::note(tx, event_id, &by, ChangeKind::SheetDeleted, vec![]).await?;
        let why = format!("sheet {id} of {pages} pages");
        audit::record_why(tx, actor, "event.sheet_delete", &[event_id], Some(&why)).await
    })
    .await?;
    Ok(event_id)
}

/// Deletes the rows of a sheet, which the caller has taken, and leaves its pictures to a job; says how many there were.
async fn delete(tx: &Tx, id: Uuid) -> Result<usize, Refusal> {
    let objects: Vec<Option<Uuid>> = sheet_page::Entity::find()
        .filter(sheet_page::Column::SheetId.eq(id))
        .select_only()
        .column(sheet_page::Column::ObjectId)
        .into_tuple()
        .all(tx.db())
        .await?;
    let objects: Vec<Uuid> = objects.into_iter().flatten().collect();
    // Pages, uploads and all that was read go with it.
    attendance_sheet::Entity::delete_by_id(id).exec(tx.db()).await?;
    let pages = objects.len();
    if pages > 0 {
        tx.enqueue(&Job::DeleteObjects { objects }, tx.now()).await?;
    }
    Ok(pages)
}
