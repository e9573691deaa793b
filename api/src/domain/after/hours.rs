//! How long people worked in roles: they say it, and a host confirms it or says otherwise. Some of it may be missing, so sums
//! say of how many it is known.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{RoleKind, RoleStatus, event_role, role_assignment, role_hours};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        Actor,
        role::{self, Held, View},
    },
    refusal::{Reason, Refusal},
};

/// Minutes of one role, at most: a week.
const MOST: i32 = 7 * 24 * 60;

/// What was done at an event, and what nobody has said yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Roles that somebody holds and that are over or were due, of which no host said whether they were done: each person.
    pub open: i64,
    /// Tasks that were due and that nobody is said to have done.
    pub overdue: i64,
    /// Roles that somebody holds or did: each person.
    pub held: i64,
    /// Of how many of these it is known how long it took.
    pub entered: i64,
    /// Of how many of them a host said so.
    pub confirmed: i64,
    /// All minutes that are known: a host's word, else the person's.
    pub minutes: i64,
}

/// Says how long somebody worked in a role they hold or did: whoever runs the event confirms it or says otherwise; who holds it
/// proposes. None takes back what one said. NOT_FOUND; BAD_USER_INPUT; WRONG_STATE (ROLE_NOT_HELD).
pub async fn record_hours(
    app: &App,
    actor: &Actor,
    assignment_id: Uuid,
    minutes: Option<i32>,
) -> Result<Held, Refusal> {
    let held = role::find(app, actor, assignment_id).await?;
    if minutes.is_some_and(|minutes| !(0..=MOST).contains(&minutes)) {
        let problem = format!("must be between 0 and {MOST}");
        return Err(Refusal::input(&["input", "minutes"], problem));
    }
    if !matches!(held.row.status, RoleStatus::Accepted | RoleStatus::Fulfilled) {
        return Err(Refusal::WrongState(Reason::RoleNotHeld));
    }
    let is_host = held.role.view == View::Host;
    let (said, column) = match is_host {
        true => ((None, minutes), role_hours::Column::ConfirmedMinutes),
        false => ((minutes, None), role_hours::Column::ProposedMinutes),
    };
    app.write(async |tx| {
        let row = role_hours::ActiveModel {
            assignment_id: Set(assignment_id),
            proposed_minutes: Set(said.0),
            confirmed_minutes: Set(said.1),
            changed_at: Set(tx.now()),
        };
        let instead = OnConflict::column(role_hours::Column::AssignmentId)
            .update_columns([column, role_hours::Column::ChangedAt])
            .to_owned();
        role_hours::Entity::insert(row)
            .on_conflict(instead)
            .exec_without_returning(tx.db())
            .await?;
        Ok(())
    })
    .await?;
    role::find(app, actor, assignment_id).await
}

/// What was said of some assignments, which whoever asks has.
pub async fn hours(app: &App, assignments: &[Uuid]) -> Result<HashMap<Uuid, role_hours::Model>, Refusal> {
    of(app.db.reader(), assignments.iter().copied()).await
}

async fn of(
    db: &impl ConnectionTrait,
    assignments: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, role_hours::Model>, Refusal> {
    let rows = role_hours::Entity::find()
        .filter(role_hours::Column::AssignmentId.is_in(assignments))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.assignment_id, row)).collect())
}

/// What was done at an event. Three statements.
pub(super) async fn work(
    db: &impl ConnectionTrait,
    event_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Work, Refusal> {
    let roles = event_role::Entity::find()
        .filter(event_role::Column::EventId.eq(event_id))
        .all(db)
        .await?;
    let held = role_assignment::Entity::find()
        .filter(role_assignment::Column::EventId.eq(event_id))
        .filter(role_assignment::Column::Status.is_in([RoleStatus::Accepted, RoleStatus::Fulfilled]))
        .all(db)
        .await?;
    let said = of(db, held.iter().map(|row| row.id)).await?;
    let mut work = Work::default();
    for role in roles {
        let of_role = || held.iter().filter(|row| row.role_id == role.id);
        let end = match role.kind {
            RoleKind::OnSite => role.ends_at,
            RoleKind::Task => role.due_at,
        };
        if end.is_some_and(|end| end <= now) {
            let open = of_role().filter(|row| row.status == RoleStatus::Accepted).count();
            work.open += i64::try_from(open).unwrap_or(i64::MAX);
            let is_done = of_role().any(|row| row.status == RoleStatus::Fulfilled);
            work.overdue += i64::from(role.kind == RoleKind::Task && !is_done);
        }
        for row in of_role() {
            work.held += 1;
            let Some(said) = said.get(&row.id) else { continue };
            let minutes = said.confirmed_minutes.or(said.proposed_minutes);
            work.entered += i64::from(minutes.is_some());
            work.confirmed += i64::from(said.confirmed_minutes.is_some());
            work.minutes += i64::from(minutes.unwrap_or_default());
        }
    }
    Ok(work)
}
