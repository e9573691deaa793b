//! Campaigns that another system names.

use entity::campaign;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Content, insert};
use crate::{
    app::{App, Tx},
    refusal::Refusal,
};

/// The campaign that `system` calls `id`, made with this content when it is not there. What organizers made of it since
/// stays.
pub(crate) async fn imported(app: &App, system: &str, id: &str, content: &Content) -> Result<Uuid, Refusal> {
    let known = async || {
        campaign::Entity::find()
            .filter(campaign::Column::OriginSystem.eq(system))
            .filter(campaign::Column::OriginId.eq(id))
            .one(app.db.reader())
            .await
    };
    if let Some(row) = known().await? {
        return Ok(row.id);
    }
    let add = async |tx: &Tx| insert(tx, Uuid::now_v7(), content, Some((system, id))).await;
    match app.write(add).await {
        Ok(row) => Ok(row.id),
        // Another import was faster.
        Err(refusal) => known().await?.map(|row| row.id).ok_or(refusal),
    }
}
