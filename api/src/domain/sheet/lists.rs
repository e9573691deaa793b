//! Sheets and their pages, for those who run the event.

use std::collections::HashMap;

use entity::{attendance_sheet, sheet_page};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::NONE;
use crate::{
    app::App,
    domain::{
        Actor, event,
        page::{Page, PageArgs},
    },
    refusal::Refusal,
};

/// A sheet with its pages.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The row.
    pub row: attendance_sheet::Model,
    /// In order; at most `uploads.pages`.
    pub pages: Vec<sheet_page::Model>,
}

/// The sheets of an event, newest first. For its hosts and for organizers. NOT_FOUND, FORBIDDEN.
pub async fn of_event(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Page<Sheet>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    let rows = attendance_sheet::Entity::find().filter(attendance_sheet::Column::EventId.eq(event_id));
    let rows = page.by_id(rows, attendance_sheet::Column::Id, Order::Desc);
    let sheets = with_pages(app.db.reader(), rows.all(app.db.reader()).await?).await?;
    Ok(page.cut_by_id(sheets, |sheet| sheet.row.id))
}

/// A sheet of an event that the actor runs. NOT_FOUND for any other.
pub async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<Sheet, Refusal> {
    actor.member()?;
    let row = attendance_sheet::Entity::find_by_id(id)
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(NONE)?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("sheet"))?;
    let mut sheets = with_pages(app.db.reader(), vec![row]).await?;
    sheets.pop().ok_or(NONE)
}

/// A page of such a sheet.
pub async fn find_page(app: &App, actor: &Actor, id: Uuid) -> Result<sheet_page::Model, Refusal> {
    actor.member()?;
    let page = sheet_page::Entity::find_by_id(id).one(app.db.reader()).await?;
    let page = page.ok_or(Refusal::NotFound("page"))?;
    let sheet = find(app, actor, page.sheet_id).await;
    sheet.map_err(|refusal| refusal.hiding("page"))?;
    Ok(page)
}

/// With their pages, by one statement.
async fn with_pages(
    db: &impl ConnectionTrait,
    rows: Vec<attendance_sheet::Model>,
) -> Result<Vec<Sheet>, Refusal> {
    let pages = sheet_page::Entity::find()
        .filter(sheet_page::Column::SheetId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(sheet_page::Column::Number)
        .all(db)
        .await?;
    let mut of: HashMap<Uuid, Vec<sheet_page::Model>> = HashMap::new();
    for page in pages {
        of.entry(page.sheet_id).or_default().push(page);
    }
    let sheet = |row: attendance_sheet::Model| Sheet {
        pages: of.remove(&row.id).unwrap_or_default(),
        row,
    };
    Ok(rows.into_iter().map(sheet).collect())
}
