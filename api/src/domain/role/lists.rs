//! Who sees which roles, and who is what to them.

use std::collections::{HashMap, HashSet};

use entity::{RoleKind, RoleStatus, event_host, event_role, role_assignment, rsvp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, JoinType, Order, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};
use uuid::Uuid;

use super::is_over;
use crate::{
    app::App,
    domain::{
        Actor,
        event::{self, Access},
        page::{Page, PageArgs},
        rsvp::name_of,
    },
    refusal::Refusal,
};

/// How much of a role somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// That it is open: what it is, when, and what it takes.
    Open,
    /// Brief and notes as well: who holds it, or is asked to.
    Holder,
    /// All of it: who runs the event.
    Host,
}

/// A role, as somebody sees it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The row.
    pub row: event_role::Model,
    /// How much of it.
    pub view: View,
}

/// What somebody is to a role, with the role.
#[derive(Clone, Debug)]
pub struct Held {
    /// The row.
    pub row: role_assignment::Model,
    /// The role, as who has this sees it: at least as its holder.
    pub role: Shown,
    /// The name of the person: of their RSVP, or as a host.
    pub name: Option<String>,
    /// Their RSVP, if they have one.
    pub rsvp_id: Option<Uuid>,
}

/// Which of one's own roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mine {
    /// Offers that can be accepted.
    Offered,
    /// Held or volunteered for, and not over.
    Upcoming,
    /// Held until they were over, done or not.
    Past,
}

/// The roles of some events, of which the actor may know: all for those who run them; for others those that are open, and
/// their own. Oldest first.
pub async fn of_events(
    app: &App,
    actor: &Actor,
    events: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Shown>>, Refusal> {
    let access = event::access(app, actor, events).await?;
    let rows = event_role::Entity::find()
        .filter(event_role::Column::EventId.is_in(events.iter().copied()))
        .order_by_asc(event_role::Column::Id)
        .all(app.db.reader())
        .await?;
    let own = match actor.person_id() {
        Some(me) if !rows.is_empty() => own_roles(app.db.reader(), me, events).await?,
        _ => HashSet::new(),
    };
    let now = app.clock.now();
    let mut found: HashMap<Uuid, Vec<Shown>> = events.iter().map(|id| (*id, vec![])).collect();
    for row in rows {
        let runs_it = access.get(&row.event_id).copied().is_some_and(Access::may_edit);
        let view = match () {
            () if runs_it => View::Host,
            () if own.contains(&row.id) => View::Holder,
            () if row.is_open && !is_over(&row, now) => View::Open,
            () => continue,
        };
        found.entry(row.event_id).or_default().push(Shown { row, view });
    }
    Ok(found)
}

/// The roles that somebody is something to: offers included, what came to nothing not.
async fn own_roles(db: &impl ConnectionTrait, me: Uuid, events: &[Uuid]) -> Result<HashSet<Uuid>, Refusal> {
    let rows = role_assignment::Entity::find()
        .select_only()
        .column(role_assignment::Column::RoleId)
        .filter(role_assignment::Column::PersonId.eq(me))
        .filter(role_assignment::Column::EventId.is_in(events.iter().copied()))
        .filter(role_assignment::Column::Status.is_in([
            RoleStatus::Offered,
            RoleStatus::Accepted,
            RoleStatus::Fulfilled,
            RoleStatus::Missed,
        ]))
        .into_tuple::<Uuid>();
    Ok(rows.all(db).await?.into_iter().collect())
}

/// Who is what to each of these roles, oldest first, for those who run their events; nothing for others.
pub async fn assignments(
    app: &App,
    actor: &Actor,
    roles: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Held>>, Refusal> {
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::RoleId.is_in(roles.iter().copied()))
        .order_by_asc(role_assignment::Column::Id)
        .all(app.db.reader())
        .await?;
    let mut found: HashMap<Uuid, Vec<Held>> = HashMap::new();
    for held in run_by(app, actor, rows).await? {
        found.entry(held.row.role_id).or_default().push(held);
    }
    Ok(found)
}

/// What those of some RSVPs are to the roles of their event, by RSVP: for those who run the events; nothing for others.
pub async fn of_attendees(
    app: &App,
    actor: &Actor,
    rsvps: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Held>>, Refusal> {
    let answers: Vec<(Uuid, Uuid, Uuid)> = rsvp::Entity::find()
        .select_only()
        .columns([rsvp::Column::Id, rsvp::Column::EventId, rsvp::Column::PersonId])
        .filter(rsvp::Column::Id.is_in(rsvps.iter().copied()))
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::PersonId.is_in(answers.iter().map(|(_, _, person)| *person)))
        .filter(role_assignment::Column::EventId.is_in(answers.iter().map(|(_, event, _)| *event)))
        .order_by_asc(role_assignment::Column::Id)
        .all(app.db.reader())
        .await?;
    let held = run_by(app, actor, rows).await?;
    let of = |(id, event, person): (Uuid, Uuid, Uuid)| {
        let theirs = |held: &&Held| (held.row.event_id, held.row.person_id) == (event, person);
        (id, held.iter().filter(theirs).cloned().collect())
    };
    Ok(answers.into_iter().map(of).collect())
}

/// Those of `rows` that are at events the actor runs.
async fn run_by(app: &App, actor: &Actor, rows: Vec<role_assignment::Model>) -> Result<Vec<Held>, Refusal> {
    if matches!(actor, Actor::Anonymous) || rows.is_empty() {
        return Ok(vec![]);
    }
    let events: HashSet<Uuid> = rows.iter().map(|row| row.event_id).collect();
    let events: Vec<Uuid> = events.into_iter().collect();
    let access = event::access(app, actor, &events).await?;
    let runs = |id: &Uuid| access.get(id).copied().is_some_and(Access::may_edit);
    let rows = rows.into_iter().filter(|row| runs(&row.event_id)).collect();
    show(app, rows, View::Host).await
}

/// The signed-in person's own roles, those that came first first. UNAUTHENTICATED.
pub async fn mine(app: &App, actor: &Actor, which: Mine, page: &PageArgs) -> Result<Page<Held>, Refusal> {
    let (me, now) = (actor.member()?.id, app.clock.now());
    let role_of: RelationDef = role_assignment::Entity::belongs_to(event_role::Entity)
        .from(role_assignment::Column::RoleId)
        .to(event_role::Column::Id)
        .into();
    let (status, end) = (role_assignment::Column::Status, event_role::Column::EndsAt);
    let over = Condition::all()
        .add(event_role::Column::Kind.eq(RoleKind::OnSite))
        .add(end.lte(now));
    let which = match which {
        Mine::Offered => Condition::all()
            .add(status.eq(RoleStatus::Offered))
            .add(role_assignment::Column::ExpiresAt.gt(now)),
        Mine::Upcoming => Condition::all()
            .add(status.is_in([RoleStatus::Accepted, RoleStatus::Volunteered]))
            .add(over.not()),
        Mine::Past => Condition::any()
            .add(status.is_in([RoleStatus::Fulfilled, RoleStatus::Missed]))
            .add(over.add(status.eq(RoleStatus::Accepted))),
    };
    let rows = role_assignment::Entity::find()
        .join(JoinType::InnerJoin, role_of)
        .filter(role_assignment::Column::PersonId.eq(me))
        .filter(which);
    let rows = page.by_id(rows, role_assignment::Column::Id, Order::Asc);
    let held = show(app, rows.all(app.db.reader()).await?, View::Holder).await?;
    Ok(page.cut_by_id(held, |held| held.row.id))
}

/// What somebody is to a role, for themselves and for those who run the event. UNAUTHENTICATED, NOT_FOUND.
pub async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<Held, Refusal> {
    let me = actor.member()?.id;
    let row = role_assignment::Entity::find_by_id(id)
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("role"))?;
    let access = event::access(app, actor, &[row.event_id]).await?;
    let view = match access.get(&row.event_id).copied().is_some_and(Access::may_edit) {
        true => View::Host,
        false if row.person_id == me => View::Holder,
        false => return Err(Refusal::NotFound("role")),
    };
    one(show(app, vec![row], view).await?)
}

/// The answer of an action to who did it, and may have it.
pub(super) async fn show_one(app: &App, row: role_assignment::Model) -> Result<Held, Refusal> {
    one(show(app, vec![row], View::Holder).await?)
}

fn one(held: Vec<Held>) -> Result<Held, Refusal> {
    held.into_iter().next().ok_or(Refusal::NotFound("role"))
}

/// Roles and names of some assignments, whoever asks: three statements.
async fn show(app: &App, rows: Vec<role_assignment::Model>, view: View) -> Result<Vec<Held>, Refusal> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let db = app.db.reader();
    let roles = event_role::Entity::find()
        .filter(event_role::Column::Id.is_in(rows.iter().map(|row| row.role_id)))
        .all(db)
        .await?;
    let roles: HashMap<Uuid, event_role::Model> = roles.into_iter().map(|role| (role.id, role)).collect();
    let answers = rsvp::Entity::find()
        .filter(rsvp::Column::EventId.is_in(rows.iter().map(|row| row.event_id)))
        .filter(rsvp::Column::PersonId.is_in(rows.iter().map(|row| row.person_id)))
        .order_by_asc(rsvp::Column::Id)
        .all(db)
        .await?;
    let hosts = event_host::Entity::find()
        .filter(event_host::Column::EventId.is_in(rows.iter().map(|row| row.event_id)))
        .filter(event_host::Column::PersonId.is_in(rows.iter().map(|row| row.person_id)))
        .all(db)
        .await?;
    let mut held = vec![];
    for row in rows {
        let Some(role) = roles.get(&row.role_id).cloned() else {
            continue; // deleted just now
        };
        let theirs =
            |answer: &&rsvp::Model| (answer.event_id, answer.person_id) == (row.event_id, row.person_id);
        // Of several, the one for the date of the role.
        let of_date = |answer: &&rsvp::Model| theirs(answer) && Some(answer.timeslot_id) == role.timeslot_id;
        let answer = answers
            .iter()
            .find(of_date)
            .or_else(|| answers.iter().rfind(theirs));
        let host = hosts
            .iter()
            .find(|host| (host.event_id, host.person_id) == (row.event_id, Some(row.person_id)));
        let name = match answer {
            Some(answer) => Some(name_of(app, answer)?.full()),
            None => host.map(|host| host.public_name.clone()),
        };
        held.push(Held {
            role: Shown { row: role, view },
            name,
            rsvp_id: answer.map(|answer| answer.id),
            row,
        });
    }
    Ok(held)
}

/// The roles that somebody holds at a date of an event, or as a task for it, for a message about that date.
pub(crate) async fn held_at(
    db: &impl ConnectionTrait,
    person_id: Uuid,
    event_id: Uuid,
    timeslot_id: Uuid,
) -> Result<Vec<event_role::Model>, Refusal> {
    let held = role_assignment::Entity::find()
        .select_only()
        .column(role_assignment::Column::RoleId)
        .filter(role_assignment::Column::PersonId.eq(person_id))
        .filter(role_assignment::Column::EventId.eq(event_id))
        .filter(role_assignment::Column::Status.eq(RoleStatus::Accepted))
        .into_tuple::<Uuid>()
        .all(db)
        .await?;
    if held.is_empty() {
        return Ok(vec![]);
    }
    let date = event_role::Column::TimeslotId;
    let roles = event_role::Entity::find()
        .filter(event_role::Column::Id.is_in(held))
        .filter(date.is_null().or(date.eq(timeslot_id)))
        .order_by_asc(event_role::Column::Id);
    Ok(roles.all(db).await?)
}

/// The name of somebody who is something to a role, for a message to its hosts.
pub(crate) async fn name_in(app: &App, row: &role_assignment::Model) -> Result<Option<String>, Refusal> {
    Ok(show(app, vec![row.clone()], View::Host)
        .await?
        .pop()
        .and_then(|held| held.name))
}
