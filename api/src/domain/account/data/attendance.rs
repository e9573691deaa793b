//! Where somebody was, and whom they checked in, as they read it.

use std::collections::HashMap;

use entity::{attendance, attendance_fact, timeslot};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::rows::{Rows, titles};
use crate::{app::App, domain::attendance::name_of};

pub(super) async fn attendance(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = attendance::Entity::find()
        .filter(attendance::Column::PersonId.eq(me))
        .order_by_asc(attendance::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let slots = timeslot::Entity::find()
        .filter(timeslot::Column::Id.is_in(rows.iter().map(|row| row.timeslot_id)))
        .all(db)
        .await?;
    let slots: HashMap<Uuid, timeslot::Model> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
    let show = |row: attendance::Model| {
        let name = name_of(app, &row)?;
        let title = titles.get(&row.event_id);
        let slot = slots.get(&row.timeslot_id).filter(|_| title.is_some());
        Ok(json!({
            "eventId": row.event_id,
            "eventTitle": title,
            "timeslotId": row.timeslot_id,
            "startsAt": slot.map(|slot| slot.starts_at),
            "givenName": name.as_ref().map(|name| &name.given),
            "familyName": name.as_ref().map(|name| &name.family),
            "came": row.came,
            "partySize": row.party_size,
            "firstInAt": row.first_in_at,
            "outAt": row.out_at,
            "source": row.source.as_ref().map(ActiveEnum::to_value),
            "createdAt": row.created_at,
            "changedAt": row.changed_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

/// What somebody said at the door of events, without of whom.
pub(super) async fn check_ins(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::ByPerson.eq(me))
        .order_by_asc(attendance_fact::Column::Id)
        .all(db)
        .await?;
    let show = |row: attendance_fact::Model| {
        json!({
            "eventId": row.event_id,
            "kind": row.kind.to_value(),
            "at": row.at,
            "receivedAt": row.received_at,
            "source": row.source.to_value(),
            "clientId": row.client_id,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}
