//! What stands on attendance sheets of somebody, and what they did with such sheets.

use entity::{sheet_print, sheet_reading, sheet_row};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::rows::Rows;
use crate::{app::App, domain::transcript};

/// Rows that are said to be of them, with the words that were read there.
pub(super) async fn rows(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = sheet_row::Entity::find()
        .filter(sheet_row::Column::PersonId.eq(me))
        .order_by_asc(sheet_row::Column::Id)
        .all(db)
        .await?;
    let show = |row: sheet_row::Model| {
        let words = transcript::words_of(app, &row)?;
        Ok(json!({
            "sheetId": row.sheet_id,
            "pageId": row.page_id,
            "number": row.number,
            "decision": row.decision.as_ref().map(ActiveEnum::to_value),
            "givenName": words.as_ref().map(|words| &words.name.given),
            "familyName": words.as_ref().map(|words| &words.name.family),
            "email": words.as_ref().and_then(|words| words.email.as_ref()),
            "phone": words.as_ref().and_then(|words| words.phone.as_ref()),
            "consent": words.as_ref().map(|words| words.consent),
            "createdAt": row.created_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

/// Sheets that they printed.
pub(super) async fn prints(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = sheet_print::Entity::find()
        .filter(sheet_print::Column::PersonId.eq(me))
        .order_by_asc(sheet_print::Column::Id)
        .all(db)
        .await?;
    let show = |row: sheet_print::Model| {
        json!({
            "eventId": row.event_id,
            "timeslotId": row.timeslot_id,
            "version": row.version,
            "names": row.names,
            "createdAt": row.created_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

/// Rows that they read, without what stands there, which is of others.
pub(super) async fn readings(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = sheet_reading::Entity::find()
        .filter(sheet_reading::Column::Reader.eq(me))
        .order_by_asc(sheet_reading::Column::Id)
        .all(db)
        .await?;
    let show = |row: sheet_reading::Model| json!({"rowId": row.row_id, "createdAt": row.created_at});
    Ok(rows.into_iter().map(show).collect())
}
