//! Reminders of roles: of tasks before they are due, to the hosts when they are overdue, and of roles on site to hosts who
//! hold one. Whoever comes reads of their roles in the reminders of the event.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    EventStatus, RoleKind, RoleStatus, RsvpStatus, event, event_host, event_role, person, role_assignment,
    rsvp,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef,
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::reminder::awake,
    outbox::{Job, RoleMail},
    refusal::Refusal,
};

/// How long after it was due the hosts are told that a task is overdue: longer than nobody looked for once in a while.
const BEHIND: TimeDelta = TimeDelta::hours(24);
/// Roles that are looked at together.
const ROLES: u64 = 100;

/// Leaves the jobs of all roles that begin or are due soon, or were due until just now, unless they are there.
pub(crate) async fn plan_reminders(app: &App) -> Result<(), Refusal> {
    let now = app.clock.now();
    let ahead = now + TimeDelta::hours(app.config.roles.remind_hours);
    let (starts, due) = (event_role::Column::StartsAt, event_role::Column::DueAt);
    let soon = Condition::any()
        .add(Condition::all().add(due.gt(now - BEHIND)).add(due.lte(ahead)))
        .add(Condition::all().add(starts.gt(now)).add(starts.lte(ahead)));
    let event_of: RelationDef = event_role::Entity::belongs_to(event::Entity)
        .from(event_role::Column::EventId)
        .to(event::Column::Id)
        .into();
    let mut past = None::<Uuid>;
    loop {
        let roles = event_role::Entity::find()
            .join(JoinType::InnerJoin, event_of.clone())
            .filter(event::Column::Status.is_not_in([EventStatus::Cancelled, EventStatus::Suppressed]))
            .filter(soon.clone())
            .filter(Condition::all().add_option(past.map(|id| event_role::Column::Id.gt(id))))
            .order_by_asc(event_role::Column::Id)
            .limit(ROLES)
            .all(app.db.reader())
            .await?;
        let job = |role: &event_role::Model| {
            let at = role.starts_at.or(role.due_at)?;
            let when = if at <= now { "overdue" } else { "soon" };
            let key = format!("role:{when}:{}:{}", role.id, at.timestamp());
            Some((Job::RemindRole { role_id: role.id, at }, now, key))
        };
        let jobs: Vec<_> = roles.iter().filter_map(job).collect();
        app.write(async |tx| tx.enqueue_each(&jobs).await).await?;
        match roles.last().filter(|_| roles.len() as u64 == ROLES) {
            Some(last) => past = Some(last.id),
            None => return Ok(()),
        }
    }
}

/// Leaves a reminder for each who holds a role, when they are awake; or tells the hosts that nobody has done a task which was due.
pub(crate) async fn remind(app: &App, role_id: Uuid, at: DateTime<Utc>) -> Result<(), Refusal> {
    app.write(async |tx| {
        let role = event_role::Entity::find_by_id(role_id).one(tx.db()).await?;
        let Some(role) = role.filter(|role| role.starts_at.or(role.due_at) == Some(at)) else {
            return Ok(());
        };
        let rows = role_assignment::Entity::find()
            .filter(role_assignment::Column::RoleId.eq(role_id))
            .filter(role_assignment::Column::Status.is_in([RoleStatus::Accepted, RoleStatus::Fulfilled]))
            .order_by_asc(role_assignment::Column::Id)
            .all(tx.db())
            .await?;
        if at <= tx.now() {
            let is_done = rows.iter().any(|row| row.status == RoleStatus::Fulfilled);
            if role.kind == RoleKind::Task && !is_done {
                let hosts = event_host::Entity::find()
                    .filter(event_host::Column::EventId.eq(role.event_id))
                    .filter(event_host::Column::PersonId.is_not_null());
                let hosts = hosts.all(tx.db()).await?;
                let jobs: Vec<Job> = hosts
                    .into_iter()
                    .map(|host| Job::SendRoleNews {
                        role_id,
                        host_id: host.id,
                        about: None,
                    })
                    .collect();
                if !jobs.is_empty() {
                    tx.enqueue_all(&jobs).await?;
                }
            }
            return Ok(());
        }
        let coming: Vec<Uuid> = rsvp::Entity::find()
            .select_only()
            .column(rsvp::Column::PersonId)
            .filter(rsvp::Column::EventId.eq(role.event_id))
            .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
            .filter(rsvp::Column::PersonId.is_in(rows.iter().map(|row| row.person_id)))
            .into_tuple()
            .all(tx.db())
            .await?;
        let people = person::Entity::find()
            .filter(person::Column::Id.is_in(rows.iter().map(|row| row.person_id)))
            .all(tx.db())
            .await?;
        let event = event::Entity::find_by_id(role.event_id).one(tx.db()).await?;
        let mut jobs = vec![];
        for row in rows.iter().filter(|row| row.status == RoleStatus::Accepted) {
            if role.kind == RoleKind::OnSite && coming.contains(&row.person_id) {
                continue;
            }
            let own = people.iter().find(|person| person.id == row.person_id);
            let own = own.and_then(|person| person.timezone.as_deref()?.parse().ok());
            let zone = own.or_else(|| event.as_ref()?.timezone.parse().ok());
            let when = awake(&app.config.messages, tx.now(), zone.unwrap_or(chrono_tz::Tz::UTC));
            let job = Job::SendRole {
                assignment_id: row.id,
                version: row.version,
                mail: RoleMail::Reminder,
            };
            // What it says is over by then for whoever sleeps until it begins.
            if when < at {
                jobs.push((job, when, format!("role:remind:{}:{}", row.id, at.timestamp())));
            }
        }
        tx.enqueue_each(&jobs).await
    })
    .await
}
