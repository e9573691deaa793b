//! What somebody uploaded, as they read it. What is on the pages is of others.

use entity::{attendance_sheet, upload};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::rows::{Rows, titles};

/// Sheets that they began.
pub(super) async fn sheets(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = attendance_sheet::Entity::find()
        .filter(attendance_sheet::Column::PersonId.eq(me))
        .order_by_asc(attendance_sheet::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: attendance_sheet::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "state": row.state.to_value(),
            "createdAt": row.created_at,
            "appliedAt": row.applied_at,
            "imagesDeletedAt": row.images_deleted_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

/// Files that they sent, or were about to.
pub(super) async fn uploads(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = upload::Entity::find()
        .filter(upload::Column::PersonId.eq(me))
        .order_by_asc(upload::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: upload::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "purpose": row.purpose.to_value(),
            "bytes": row.bytes,
            "createdAt": row.created_at,
            "usedAt": row.used_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}
