//! What is missing at roles: people below the minimum, offers that are about to expire, tasks that were due.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    EventStatus, RoleKind, RoleStatus, event as event_rows, event_host, event_role, role_assignment, timeslot,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};
use uuid::Uuid;

use super::{Shown, View, is_over};
use crate::{
    app::App,
    domain::{Actor, event},
    refusal::Refusal,
};

/// So many of one's own are listed.
const LISTED: usize = 100;

/// Something is missing at a role.
#[derive(Clone, Debug)]
pub struct Gap {
    /// The role.
    pub role: Shown,
    /// How many people are missing to the minimum.
    pub missing: usize,
    /// How many offers expire within `roles.expiring_hours`.
    pub expiring: usize,
    /// Whether it is a task that was due, and that nobody is said to have done.
    pub is_overdue: bool,
}

/// The gaps of an event, soonest first. For its hosts and for organizers. NOT_FOUND, FORBIDDEN.
pub async fn gaps_of(app: &App, actor: &Actor, event_id: Uuid) -> Result<Vec<Gap>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    gaps(app, &[event_id]).await
}

/// The gaps of all events that the signed-in person hosts, soonest first: the first hundred. UNAUTHENTICATED.
pub async fn my_gaps(app: &App, actor: &Actor) -> Result<Vec<Gap>, Refusal> {
    let me = actor.member()?.id;
    let event_of: RelationDef = event_host::Entity::belongs_to(event_rows::Entity)
        .from(event_host::Column::EventId)
        .to(event_rows::Column::Id)
        .into();
    let hosted: Vec<Uuid> = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::EventId)
        .join(JoinType::InnerJoin, event_of)
        .filter(event_host::Column::PersonId.eq(me))
        .filter(event_rows::Column::Status.ne(EventStatus::Cancelled))
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let mut gaps = gaps(app, &hosted).await?;
    gaps.truncate(LISTED);
    Ok(gaps)
}

async fn gaps(app: &App, events: &[Uuid]) -> Result<Vec<Gap>, Refusal> {
    let (db, now) = (app.db.reader(), app.clock.now());
    let mut roles = event_role::Entity::find()
        .filter(event_role::Column::EventId.is_in(events.iter().copied()))
        .all(db)
        .await?;
    let off = off(db, &roles).await?;
    roles.retain(|role| !is_over(role, now) && !role.timeslot_id.is_some_and(|id| off.contains(&id)));
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::RoleId.is_in(roles.iter().map(|role| role.id)))
        .all(db)
        .await?;
    let mut of_role: HashMap<Uuid, Vec<role_assignment::Model>> = HashMap::new();
    for row in rows {
        of_role.entry(row.role_id).or_default().push(row);
    }
    let soon = now + TimeDelta::hours(app.config.roles.expiring_hours);
    let gap = |row: event_role::Model| {
        let rows = of_role.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        gap(row, rows, now, soon)
    };
    let mut gaps: Vec<Gap> = roles.into_iter().filter_map(gap).collect();
    gaps.sort_by_key(|gap| {
        let at = gap.role.row.starts_at.or(gap.role.row.due_at);
        (at.unwrap_or(DateTime::<Utc>::MAX_UTC), gap.role.row.id)
    });
    Ok(gaps)
}

/// The dates of these roles that were called off.
async fn off(db: &impl ConnectionTrait, roles: &[event_role::Model]) -> Result<Vec<Uuid>, Refusal> {
    let dates = roles.iter().filter_map(|role| role.timeslot_id);
    let off = timeslot::Entity::find()
        .select_only()
        .column(timeslot::Column::Id)
        .filter(timeslot::Column::Id.is_in(dates))
        .filter(timeslot::Column::CancelledAt.is_not_null())
        .into_tuple();
    Ok(off.all(db).await?)
}

fn gap(
    row: event_role::Model,
    rows: &[role_assignment::Model],
    now: DateTime<Utc>,
    soon: DateTime<Utc>,
) -> Option<Gap> {
    let count = |status: RoleStatus| rows.iter().filter(|row| row.status == status).count();
    let done = count(RoleStatus::Fulfilled);
    let held = count(RoleStatus::Accepted) + done;
    let expiring = rows.iter().filter(|row| {
        let until = row.expires_at.filter(|_| row.status == RoleStatus::Offered);
        until.is_some_and(|until| until > now && until <= soon)
    });
    let gap = Gap {
        missing: usize::try_from(row.min_people)
            .unwrap_or_default()
            .saturating_sub(held),
        expiring: expiring.count(),
        is_overdue: row.kind == RoleKind::Task && done == 0 && row.due_at.is_some_and(|due| due <= now),
        role: Shown {
            row,
            view: View::Host,
        },
    };
    (gap.missing > 0 || gap.expiring > 0 || gap.is_overdue).then_some(gap)
}
