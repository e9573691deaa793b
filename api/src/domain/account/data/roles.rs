//! What somebody does or was asked to do for events, and what they can do, as they read it.

use std::collections::HashMap;

use entity::{event_role, role_assignment, role_hours};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Rows, titles};
use crate::{
    app::App,
    domain::{person::skills as can, role::open_reason},
};

pub(super) async fn roles(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::PersonId.eq(me))
        .order_by_asc(role_assignment::Column::Id)
        .all(db)
        .await?;
    let roles = event_role::Entity::find()
        .filter(event_role::Column::Id.is_in(rows.iter().map(|row| row.role_id)))
        .all(db)
        .await?;
    let roles: HashMap<Uuid, event_role::Model> = roles.into_iter().map(|role| (role.id, role)).collect();
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let hours = role_hours::Entity::find()
        .filter(role_hours::Column::AssignmentId.is_in(rows.iter().map(|row| row.id)))
        .all(db)
        .await?;
    let show = |row: role_assignment::Model| {
        let hours = hours.iter().find(|hours| hours.assignment_id == row.id);
        let role = roles.get(&row.role_id);
        Ok(json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "role": role.map(|role| &role.title),
            "startsAt": role.map(|role| role.starts_at),
            "dueAt": role.map(|role| role.due_at),
            "status": row.status.to_value(),
            "reason": open_reason(app, &row)?,
            "proposedMinutes": hours.and_then(|hours| hours.proposed_minutes),
            "confirmedMinutes": hours.and_then(|hours| hours.confirmed_minutes),
            "expiresAt": row.expires_at,
            "createdAt": row.created_at,
            "changedAt": row.changed_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

pub(super) async fn skills(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    Ok(can::of(db, me).await?.into_iter().map(Value::from).collect())
}
