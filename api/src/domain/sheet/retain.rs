//! The end of sheets: pictures some days after what they say was applied, and whole sheets that nobody ever applied. What was
//! deleted is recorded, each object by its name and the hash of its picture, once it is gone.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{SheetState, attendance_sheet, sheet_page, upload};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::lock;
use crate::{
    app::{App, Tx},
    domain::{Actor, audit, event, transcript, upload as uploads},
    refusal::Refusal,
};

/// Sheets that are looked at together.
const PART: u64 = 100;

/// Deletes what is to be deleted at `now`; says of how many sheets. May run twice: what is deleted is deleted.
pub(crate) async fn retain(app: &App, now: DateTime<Utc>) -> Result<u64, Refusal> {
    let days = &app.config.retention;
    let applied = Condition::all()
        .add(attendance_sheet::Column::AppliedAt.lt(now - TimeDelta::days(days.sheet_images)));
    let never_applied = Condition::all()
        .add(attendance_sheet::Column::AppliedAt.is_null())
        .add(attendance_sheet::Column::CreatedAt.lt(now - TimeDelta::days(days.sheets)));
    let over = Condition::any().add(applied).add(never_applied);
    let mut ended = 0;
    loop {
        let rows = attendance_sheet::Entity::find()
            .filter(attendance_sheet::Column::ImagesDeletedAt.is_null())
            .filter(over.clone())
            .order_by_asc(attendance_sheet::Column::Id)
            .limit(PART)
            .all(app.db.reader())
            .await?;
        for row in &rows {
            end(app, row, &over).await?;
            ended += 1;
        }
        if rows.len() < usize::try_from(PART).unwrap_or_default() {
            return Ok(ended);
        }
    }
}

/// The pictures first: a row that says they are gone is true then, and a process that dies in between begins again.
async fn end(app: &App, sheet: &attendance_sheet::Model, over: &Condition) -> Result<(), Refusal> {
    let pages = sheet_page::Entity::find()
        .filter(sheet_page::Column::SheetId.eq(sheet.id))
        .filter(sheet_page::Column::ObjectId.is_not_null())
        .order_by_asc(sheet_page::Column::Number)
        .all(app.db.reader())
        .await?;
    let objects: Vec<Uuid> = pages.iter().filter_map(|page| page.object_id).collect();
    uploads::delete(app, &objects).await?;
    app.write(async |tx| {
        event::lock_event(tx, sheet.event_id).await?;
        lock(tx, sheet.id).await?;
        let still = attendance_sheet::Entity::find_by_id(sheet.id).filter(over.clone());
        let Some(row) = still.one(tx.db()).await? else {
            return Ok(()); // its pictures are gone all the same, which the next run records
        };
        forget(tx, &row).await?;
        let why = proof(&row, &pages);
        audit::record_why(
            tx,
            &Actor::System,
            "event.sheet_images_delete",
            &[row.event_id],
            Some(&why),
        )
        .await
    })
    .await
}

/// A sheet that was applied stays, because attendance says where it is from; of any other nothing does.
async fn forget(tx: &Tx, sheet: &attendance_sheet::Model) -> Result<(), Refusal> {
    if sheet.applied_at.is_none() && sheet.state != SheetState::Applied {
        attendance_sheet::Entity::delete_by_id(sheet.id)
            .exec(tx.db())
            .await?;
        return Ok(());
    }
    sheet_page::Entity::update_many()
        .col_expr(sheet_page::Column::ObjectId, Expr::value(None::<Uuid>))
        .filter(sheet_page::Column::SheetId.eq(sheet.id))
        .exec(tx.db())
        .await?;
    transcript::forget_words(tx, sheet.id).await?;
    // The same file may come again: there is no picture of it any more.
    upload::Entity::update_many()
        .col_expr(upload::Column::Hash, Expr::value(None::<Vec<u8>>))
        .filter(upload::Column::SheetId.eq(sheet.id))
        .exec(tx.db())
        .await?;
    attendance_sheet::Entity::update_many()
        .col_expr(attendance_sheet::Column::ImagesDeletedAt, Expr::value(tx.now()))
        .col_expr(attendance_sheet::Column::ChangedAt, Expr::value(tx.now()))
        .filter(attendance_sheet::Column::Id.eq(sheet.id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Which objects, and what was in each.
fn proof(sheet: &attendance_sheet::Model, pages: &[sheet_page::Model]) -> String {
    let mut text = format!("sheet {}", sheet.id);
    for page in pages {
        let hash = page.hash.iter().fold(String::new(), |mut hash, byte| {
            _ = write!(hash, "{byte:02x}");
            hash
        });
        let object = page.object_id.unwrap_or_default();
        _ = write!(text, "; page {} object {object} sha256 {hash}", page.number);
    }
    text
}
