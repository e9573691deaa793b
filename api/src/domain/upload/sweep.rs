//! Objects that no row knows of: left by a process that died, or by a row that went with its event.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::sheet_page;
use futures_util::StreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{app::App, refusal::Refusal};

/// Objects that are looked up together.
const PART: usize = 500;

/// Deletes every object that was written before `before`, by the clock of the store, and is of no row; says how many. A file
/// that is being taken has objects and no rows yet, so `before` must be some time ago.
pub async fn sweep(app: &App, before: DateTime<Utc>) -> Result<usize, Refusal> {
    let mut deleted = 0;
    let mut parts = app.store.list(PART);
    while let Some(part) = parts.next().await {
        let old = part?.into_iter().filter(|object| object.written_at < before);
        let old: Vec<Uuid> = old.map(|object| object.id).collect();
        let known = known(app, &old).await?;
        for id in old.into_iter().filter(|id| !known.contains(id)) {
            app.store.delete(id).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

async fn known(app: &App, ids: &[Uuid]) -> Result<HashSet<Uuid>, Refusal> {
    let rows: Vec<Option<Uuid>> = sheet_page::Entity::find()
        .filter(sheet_page::Column::ObjectId.is_in(ids.iter().copied()))
        .select_only()
        .column(sheet_page::Column::ObjectId)
        .into_tuple()
        .all(app.db.reader())
        .await?;
    Ok(rows.into_iter().flatten().collect())
}

/// Deletes the objects of rows that are gone.
pub(crate) async fn delete(app: &App, objects: &[Uuid]) -> Result<(), Refusal> {
    for id in objects {
        app.store.delete(*id).await?;
    }
    Ok(())
}
