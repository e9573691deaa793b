//! What every step of an assignment looks at and writes. The caller takes the person's row first where it gives them something.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    EventStatus, RoleKind, RoleStatus, RsvpStatus, event_host, event_role, link, role_assignment, rsvp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    JoinType, PaginatorTrait, QueryFilter, QuerySelect, RelationDef, sea_query::LockType,
};
use uuid::Uuid;

use super::{is_over, notes_slot, reason_slot};
use crate::{
    app::{App, Tx},
    domain::event::{self, Loaded},
    outbox::{Job, RoleMail},
    refusal::{Reason, Refusal},
};

/// A role, with its event's row taken for this transaction.
pub(super) struct Taken {
    pub event: Loaded,
    pub role: event_role::Model,
}

/// Takes the event's row, and reads event and role as they are now. NOT_FOUND.
pub(super) async fn take(tx: &Tx, role_id: Uuid) -> Result<Taken, Refusal> {
    let find = async || {
        let row = event_role::Entity::find_by_id(role_id).one(tx.db()).await?;
        row.ok_or(Refusal::NotFound("role"))
    };
    let event_id = find().await?.event_id;
    event::lock_event(tx, event_id).await?;
    let event = event::load(tx.db(), &[event_id]).await?.remove(&event_id);
    Ok(Taken {
        event: event.ok_or(Refusal::NotFound("role"))?,
        role: find().await?,
    })
}

impl Taken {
    /// Who hosts the event.
    pub fn hosts(&self) -> &[event_host::Model] {
        &self.event.hosts
    }

    /// WRONG_STATE unless people may be given the role now.
    pub fn require_running(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let slot = self
            .event
            .timeslots
            .iter()
            .find(|slot| Some(slot.id) == self.role.timeslot_id);
        let refuse = |reason| Err(Refusal::WrongState(reason));
        match self.event.row.status {
            EventStatus::Cancelled => refuse(Reason::EventCancelled),
            EventStatus::Suppressed => refuse(Reason::EventNotPublished),
            _ if slot.is_some_and(|slot| slot.cancelled_at.is_some()) => refuse(Reason::TimeslotCancelled),
            _ if is_over(&self.role, now) => refuse(Reason::EventEnded),
            _ => Ok(()),
        }
    }

    /// WRONG_STATE (RSVP_NOT_ACTIVE) unless the person comes, to the date of a role that is on site, or hosts the event. Their
    /// RSVP stays as it is until the transaction ends.
    pub async fn require_place(&self, tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
        if self.hosts().iter().any(|host| host.person_id == Some(person_id)) {
            return Ok(());
        }
        let date = self
            .role
            .timeslot_id
            .filter(|_| self.role.kind == RoleKind::OnSite);
        let comes = rsvp::Entity::find()
            .select_only()
            .column(rsvp::Column::Id)
            .filter(rsvp::Column::EventId.eq(self.event.row.id))
            .filter(rsvp::Column::PersonId.eq(person_id))
            .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
            .filter(Condition::all().add_option(date.map(|id| rsvp::Column::TimeslotId.eq(id))))
            .lock(LockType::Share)
            .into_tuple::<Uuid>()
            .all(tx.db())
            .await?;
        match comes.is_empty() {
            false => Ok(()),
            true => Err(Refusal::WrongState(Reason::RsvpNotActive)),
        }
    }

    /// WRONG_STATE (ROLE_FULL) unless there is a place beside these.
    pub async fn require_room(&self, tx: &Tx, besides: &[Uuid]) -> Result<(), Refusal> {
        let held = holding(tx, self.role.id, besides).await?;
        match held < self.role.max_people as usize {
            true => Ok(()),
            false => Err(Refusal::WrongState(Reason::RoleFull)),
        }
    }

    /// WRONG_STATE (ROLE_OVERLAPS) when the person holds another role at the time of this one. The caller has their row, so
    /// that of two roles that they take at once the second sees the first.
    pub async fn require_free(&self, tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
        match clash(tx, &self.role, person_id).await? {
            None => Ok(()),
            Some(_) => Err(Refusal::WrongState(Reason::RoleOverlaps)),
        }
    }

    /// Until when an offer of the role stands.
    pub fn expiry(&self, app: &App, now: DateTime<Utc>) -> DateTime<Utc> {
        expiry(app, &self.role, now)
    }
}

/// `roles.offer_days`, and not beyond the beginning.
pub(super) fn expiry(app: &App, role: &event_role::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    let usual = now + TimeDelta::days(app.config.roles.offer_days);
    let begins = role.starts_at.filter(|start| *start > now);
    let ends = role.ends_at.filter(|_| role.kind == RoleKind::OnSite);
    begins.or(ends).map_or(usual, |last| Ord::min(usual, last))
}

/// A role that somebody holds at the time of another one.
pub(super) async fn clash(
    tx: &Tx,
    role: &event_role::Model,
    person_id: Uuid,
) -> Result<Option<Uuid>, Refusal> {
    let Some((start, end)) = role.starts_at.zip(role.ends_at) else {
        return Ok(None);
    };
    let role_of: RelationDef = role_assignment::Entity::belongs_to(event_role::Entity)
        .from(role_assignment::Column::RoleId)
        .to(event_role::Column::Id)
        .into();
    let other = role_assignment::Entity::find()
        .join(JoinType::InnerJoin, role_of)
        .select_only()
        .column(role_assignment::Column::RoleId)
        .filter(role_assignment::Column::PersonId.eq(person_id))
        .filter(role_assignment::Column::Status.eq(RoleStatus::Accepted))
        .filter(role_assignment::Column::RoleId.ne(role.id))
        .filter(
            event_role::Column::StartsAt
                .lt(end)
                .and(event_role::Column::EndsAt.gt(start)),
        )
        .into_tuple();
    Ok(other.one(tx.db()).await?)
}

/// How many places of a role are gone: those who hold it or did it, and offers that stand. An offer by which a role is handed
/// over takes none as long as who has it does. Without those of `besides`. The caller has the event's row.
pub(super) async fn holding(tx: &Tx, role_id: Uuid, besides: &[Uuid]) -> Result<usize, Refusal> {
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::RoleId.eq(role_id))
        .filter(role_assignment::Column::Status.is_in([
            RoleStatus::Offered,
            RoleStatus::Accepted,
            RoleStatus::Fulfilled,
        ]))
        .all(tx.db())
        .await?;
    let has = |id: Option<Uuid>| {
        let held = |row: &role_assignment::Model| row.status == RoleStatus::Accepted && Some(row.id) == id;
        id.is_some() && rows.iter().any(held)
    };
    let counts = |row: &&role_assignment::Model| match row.status {
        _ if besides.contains(&row.id) => false,
        RoleStatus::Offered => stands(row, tx.now()) && !has(row.replaces),
        _ => true,
    };
    Ok(rows.iter().filter(counts).count())
}

/// Whether it is an offer that can be accepted.
pub(super) fn stands(row: &role_assignment::Model, now: DateTime<Utc>) -> bool {
    row.status == RoleStatus::Offered && row.expires_at.is_some_and(|until| until > now)
}

pub(super) async fn find_row(tx: &Tx, id: Uuid) -> Result<role_assignment::Model, Refusal> {
    let row = role_assignment::Entity::find_by_id(id).one(tx.db()).await?;
    row.ok_or(Refusal::NotFound("role"))
}

/// What somebody is to a role, if they were ever anything.
pub(super) async fn of_person(
    db: &impl ConnectionTrait,
    role_id: Uuid,
    person_id: Uuid,
) -> Result<Option<role_assignment::Model>, Refusal> {
    let row = role_assignment::Entity::find()
        .filter(role_assignment::Column::RoleId.eq(role_id))
        .filter(role_assignment::Column::PersonId.eq(person_id));
    Ok(row.one(db).await?)
}

/// Writes a changed row, one version on. Links to what it was work no more.
pub(super) async fn store(tx: &Tx, row: role_assignment::Model) -> Result<role_assignment::Model, Refusal> {
    link::Entity::delete_many()
        .filter(link::Column::RoleAssignmentId.eq(row.id))
        .filter(link::Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    let row = role_assignment::Model {
        version: row.version + 1,
        changed_at: tx.now(),
        ..row
    };
    let row = role_assignment::ActiveModel::from(row).reset_all();
    Ok(row.update(tx.db()).await?)
}

/// A row in another state, with nothing of what it was.
pub(super) fn fresh(row: role_assignment::Model, status: RoleStatus) -> role_assignment::Model {
    role_assignment::Model {
        status,
        expires_at: None,
        reason: None,
        replaces: None,
        ..row
    }
}

/// Puts what somebody is to a role into its last state.
pub(super) async fn end(
    tx: &Tx,
    row: role_assignment::Model,
    status: RoleStatus,
) -> Result<role_assignment::Model, Refusal> {
    store(tx, fresh(row, status)).await
}

/// The row of somebody who was never anything to the role; written by the caller's next step.
pub(super) async fn insert(
    app: &App,
    tx: &Tx,
    role: &event_role::Model,
    person_id: Uuid,
) -> Result<role_assignment::Model, Refusal> {
    let many = role_assignment::Entity::find()
        .filter(role_assignment::Column::RoleId.eq(role.id))
        .count(tx.db())
        .await?;
    let most = app.config.roles.answers;
    if many >= most {
        let problem = format!("was asked of or wanted by {most} people already; make another one");
        return Err(Refusal::input(&["input"], problem));
    }
    let row = role_assignment::ActiveModel {
        id: Set(Uuid::now_v7()),
        role_id: Set(role.id),
        event_id: Set(role.event_id),
        person_id: Set(person_id),
        status: Set(RoleStatus::Withdrawn),
        expires_at: Set(None),
        reason: Set(None),
        overlap_reason: Set(None),
        replaces: Set(None),
        version: Set(0),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
    };
    Ok(row.insert(tx.db()).await?)
}

/// Leaves the message about what somebody is to a role now, to them.
pub(super) async fn tell(tx: &Tx, row: &role_assignment::Model, mail: RoleMail) -> Result<(), Refusal> {
    let job = Job::SendRole {
        assignment_id: row.id,
        version: row.version,
        mail,
    };
    tx.enqueue(&job, tx.now()).await
}

/// Leaves the message about what became of an assignment, to each host but the one who did it.
pub(super) async fn tell_hosts(
    tx: &Tx,
    hosts: &[event_host::Model],
    row: &role_assignment::Model,
    by: Option<Uuid>,
) -> Result<(), Refusal> {
    let told = |host: &&event_host::Model| {
        host.person_id.is_some() && host.person_id != by && host.person_id != Some(row.person_id)
    };
    let jobs = hosts.iter().filter(told).map(|host| Job::SendRoleNews {
        role_id: row.role_id,
        host_id: host.id,
        about: Some((row.id, row.version)),
    });
    let jobs: Vec<Job> = jobs.collect();
    match jobs.is_empty() {
        true => Ok(()),
        false => tx.enqueue_all(&jobs).await,
    }
}

/// What those who held a role tell the next, if they told anything.
pub(crate) fn open_notes(app: &App, row: &event_role::Model) -> Result<Option<String>, Refusal> {
    let notes = row.notes.as_ref();
    notes
        .map(|notes| app.keys.open(notes_slot(&row.id), notes))
        .transpose()
}

/// Why an assignment ended, if anybody said.
pub(crate) fn open_reason(app: &App, row: &role_assignment::Model) -> Result<Option<String>, Refusal> {
    let reason = row.reason.as_ref();
    reason
        .map(|reason| app.keys.open(reason_slot(&row.id), reason))
        .transpose()
}
