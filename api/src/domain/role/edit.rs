//! Making, changing and deleting roles.

use chrono::{DateTime, SubsecRound, Utc};
use entity::{ChangeKind, EventStatus, RoleKind, event_role, role_assignment, timeslot};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::{
    STANDING, check_skills, due,
    follow::offer_again,
    held::{holding, take},
    notes_slot, open_notes, skill, skills_of,
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        event::{
            self, Loaded,
            history::{self, By, FieldChange},
            text,
        },
        idempotency::{self, IdempotencyKey},
    },
    refusal::{Problems, Reason, Refusal},
};

/// What a host says of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The date it is for; may be absent where the event has only one to come.
    pub timeslot_id: Option<Uuid>,
    /// Of what kind it is.
    pub kind: RoleKind,
    /// One line, at most `limits.title` characters.
    pub title: String,
    /// What to do, at most `limits.text` characters.
    pub brief: String,
    /// At most `roles.skills`.
    pub skills: Vec<String>,
    /// With fewer people something is missing.
    pub min_people: i32,
    /// At most `roles.people`.
    pub max_people: i32,
    /// On site: a start of its own; both or none.
    pub starts_at: Option<DateTime<Utc>>,
    /// On site: an end of its own.
    pub ends_at: Option<DateTime<Utc>>,
    /// A task: when it is due, or ...
    pub due_at: Option<DateTime<Utc>>,
    /// ... how many hours after the end of the date; before its start if negative.
    pub due_hours: Option<i32>,
    /// Whether people may volunteer.
    pub is_open: bool,
    /// Whether who volunteers holds it at once.
    pub open_to_all: bool,
    /// What those who held it tell the next, at most `limits.text` characters.
    pub notes: Option<String>,
}

/// Tasks are due at most so many hours before or after: a year.
const HOURS: i32 = 8_784;

impl Content {
    pub(super) fn of(app: &App, row: &event_role::Model) -> Result<Self, Refusal> {
        let own = |at: Option<DateTime<Utc>>| at.filter(|_| row.own_times);
        Ok(Self {
            timeslot_id: row.timeslot_id,
            kind: row.kind,
            title: row.title.clone(),
            brief: row.brief.clone(),
            skills: skills_of(row)?,
            min_people: row.min_people,
            max_people: row.max_people,
            starts_at: own(row.starts_at),
            ends_at: own(row.ends_at),
            due_at: row.due_at.filter(|_| row.due_hours.is_none()),
            due_hours: row.due_hours,
            is_open: row.is_open,
            open_to_all: row.open_to_all,
            notes: open_notes(app, row)?,
        })
    }

    fn needs_date(&self) -> bool {
        match self.kind {
            RoleKind::OnSite => self.starts_at.is_none() && self.ends_at.is_none(),
            RoleKind::Task => self.due_hours.is_some(),
        }
    }

    /// The date it is for; notes a problem when it needs one and there is none, or more than one.
    fn date<'a>(
        &self,
        event: &'a Loaded,
        now: DateTime<Utc>,
        path: &str,
        problems: &mut Problems,
    ) -> Option<&'a timeslot::Model> {
        let mut standing = event.timeslots.iter().filter(|slot| slot.cancelled_at.is_none());
        let path = format!("{path}.timeslotId");
        if let Some(id) = self.timeslot_id {
            let found = standing.find(|slot| slot.id == id);
            problems.check(found.is_some(), &path, "is no date of the event that takes place");
            return found;
        }
        if !self.needs_date() {
            return None;
        }
        let mut to_come = standing.filter(|slot| slot.ends_at > now);
        let (first, second) = (to_come.next(), to_come.next());
        let only = first.filter(|_| second.is_none());
        problems.check(
            only.is_some(),
            &path,
            "is needed: the event has not exactly one date to come",
        );
        only
    }

    /// The columns of it; notes everything that breaks a rule.
    pub(super) fn columns(
        &self,
        app: &App,
        id: Uuid,
        event: &Loaded,
        path: &str,
        problems: &mut Problems,
    ) -> Result<event_role::ActiveModel, Refusal> {
        let (limits, at) = (&app.config.limits, |name: &str| format!("{path}.{name}"));
        let title = self.title.trim().to_owned();
        problems.check(!title.is_empty(), &at("title"), "must not be empty");
        let one_line = !title.contains(['\n', '\r', '\t']);
        problems.check(one_line, &at("title"), "must be one line");
        text(problems, &at("title"), Some(&title), limits.title);
        text(problems, &at("brief"), Some(&self.brief), limits.text);
        text(problems, &at("notes"), self.notes.as_ref(), limits.text);
        check_skills(app, &self.skills, &at("skills"), problems);
        let most = app.config.roles.people;
        problems.check(
            (1..=most).contains(&self.max_people),
            &at("maxPeople"),
            format!("must be between 1 and {most}"),
        );
        problems.check(
            (0..=self.max_people).contains(&self.min_people),
            &at("minPeople"),
            "must be between 0 and maxPeople",
        );
        self.check_times(path, problems);
        let slot = self.date(event, app.clock.now(), path, problems);
        let own = self.starts_at.zip(self.ends_at);
        let times = own.or_else(|| slot.map(|slot| (slot.starts_at, slot.ends_at)));
        let times = times.filter(|_| self.kind == RoleKind::OnSite);
        let (starts_at, ends_at) = times.unzip();
        let follows = slot.zip(self.due_hours).map(|(slot, hours)| due(slot, hours));
        let mut skills: Vec<String> = self.skills.iter().map(|text| skill(text)).collect();
        skills.sort();
        skills.dedup();
        let notes = self
            .notes
            .as_ref()
            .map(|notes| notes.trim())
            .filter(|notes| !notes.is_empty());
        let notes = notes.map(|notes| app.keys.seal(notes_slot(&id), &notes));
        Ok(event_role::ActiveModel {
            id: Set(id),
            event_id: Set(event.row.id),
            timeslot_id: Set(slot.map(|slot| slot.id)),
            kind: Set(self.kind),
            title: Set(title),
            brief: Set(self.brief.trim().to_owned()),
            skills: Set(serde_json::to_string(&skills).map_err(Refusal::internal)?),
            min_people: Set(self.min_people),
            max_people: Set(self.max_people),
            starts_at: Set(starts_at.map(|at| at.trunc_subsecs(6))),
            ends_at: Set(ends_at.map(|at| at.trunc_subsecs(6))),
            own_times: Set(own.is_some() && self.kind == RoleKind::OnSite),
            due_at: Set(follows.or(self.due_at).map(|at| at.trunc_subsecs(6))),
            due_hours: Set(self.due_hours),
            is_open: Set(self.is_open),
            open_to_all: Set(self.is_open && self.open_to_all),
            notes: Set(notes.transpose()?),
            ..Default::default()
        })
    }

    fn check_times(&self, path: &str, problems: &mut Problems) {
        let at = |name: &str| format!("{path}.{name}");
        let is_task = self.kind == RoleKind::Task;
        let for_site = "is for roles that are ON_SITE";
        problems.check(!is_task || self.starts_at.is_none(), &at("startsAt"), for_site);
        problems.check(!is_task || self.ends_at.is_none(), &at("endsAt"), for_site);
        let for_task = "is for a TASK";
        problems.check(is_task || self.due_at.is_none(), &at("dueAt"), for_task);
        problems.check(is_task || self.due_hours.is_none(), &at("dueHours"), for_task);
        let both = self.due_at.is_some() && self.due_hours.is_some();
        problems.check(!both, &at("dueHours"), "cannot go with dueAt");
        let hours = self
            .due_hours
            .is_none_or(|hours| (-HOURS..=HOURS).contains(&hours));
        problems.check(
            hours,
            &at("dueHours"),
            format!("must be between -{HOURS} and {HOURS}"),
        );
        let pair = self.starts_at.is_some() == self.ends_at.is_some();
        problems.check(
            pair,
            &at("endsAt"),
            "goes with startsAt, and without it is of no use",
        );
        if let Some((start, end)) = self.starts_at.zip(self.ends_at) {
            problems.check(end > start, &at("endsAt"), "must be after startsAt");
            let long = (end - start).num_days() < 31;
            problems.check(long, &at("endsAt"), "must be within 31 days of startsAt");
        }
    }
}

/// Adds a role to an event, at most `roles.most`. For its hosts and for organizers. BAD_USER_INPUT with all problems at once,
/// NOT_FOUND, WRONG_STATE (EVENT_CANCELLED).
pub async fn create(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    content: &Content,
    key: Option<&IdempotencyKey>,
) -> Result<event_role::Model, Refusal> {
    let again = async |id: Option<Uuid>| {
        let row = event_role::Entity::find_by_id(id.unwrap_or_default());
        let row = row.one(app.db.reader()).await?.ok_or(Refusal::NotFound("role"))?;
        event::require_edit(app, actor, row.event_id).await?;
        Ok(row)
    };
    let action = async || {
        let event = editable(app, actor, event_id).await?;
        let id = Uuid::now_v7();
        let mut problems = Problems::default();
        let columns = content.columns(app, id, &event, "input", &mut problems)?;
        problems.finish()?;
        app.write(async |tx| {
            idempotency::claim(tx, key, Some(id)).await?;
            event::lock_event(tx, event_id).await?;
            insert(app, tx, vec![columns.clone()], event_id, "input").await?;
            note(tx, actor, &event, &content.title).await?;
            let row = event_role::Entity::find_by_id(id).one(tx.db()).await?;
            row.ok_or(Refusal::NotFound("role"))
        })
        .await
    };
    idempotency::run(app, key, action, again).await
}

/// An event whose roles the actor may change.
pub(super) async fn editable(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    let event = event::require_edit(app, actor, id).await?;
    match event.row.status {
        EventStatus::Cancelled => Err(Refusal::WrongState(Reason::EventCancelled)),
        _ => Ok(event),
    }
}

/// New roles, if the event has room for them. The caller has its row.
pub(super) async fn insert(
    app: &App,
    tx: &Tx,
    roles: Vec<event_role::ActiveModel>,
    event_id: Uuid,
    path: &str,
) -> Result<(), Refusal> {
    if roles.is_empty() {
        return Ok(());
    }
    let most = app.config.roles.most;
    let there = event_role::Entity::find()
        .filter(event_role::Column::EventId.eq(event_id))
        .count(tx.db())
        .await?;
    if there + roles.len() as u64 > most {
        let problem = format!("would be more than {most} roles of this event");
        return Err(Refusal::input(&[path], problem));
    }
    let rows = roles.into_iter().map(|role| event_role::ActiveModel {
        template: Set(role.template.try_as_ref().cloned().flatten()),
        version: Set(1),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
        ..role
    });
    event_role::Entity::insert_many(rows)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Notes a change of roles in the event's history, by their titles.
pub(super) async fn note(tx: &Tx, actor: &Actor, event: &Loaded, titles: &str) -> Result<(), Refusal> {
    let by = By::of(actor, &event.hosts);
    let fields = vec![FieldChange::new("roles", titles.trim())];
    history::note(tx, event.row.id, &by, ChangeKind::RolesChanged, fields).await
}

const CHANGED: Refusal = Refusal::Conflict("The role was changed meanwhile; read it again.");

/// Changes what `apply` changes of a role. When its times become others, those who hold it are asked anew. For the event's
/// hosts and for organizers. BAD_USER_INPUT, also when more hold it than it would have places; NOT_FOUND; CONFLICT when it is
/// no longer at `expected_version`; WRONG_STATE (EVENT_CANCELLED).
pub async fn update(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: i32,
    apply: impl FnOnce(&mut Content),
) -> Result<event_role::Model, Refusal> {
    let before = require_role(app, actor, id).await?;
    let event = editable(app, actor, before.event_id).await?;
    if before.version != expected_version {
        return Err(CHANGED);
    }
    let mut content = Content::of(app, &before)?;
    apply(&mut content);
    let mut problems = Problems::default();
    let columns = content.columns(app, id, &event, "input", &mut problems)?;
    problems.finish()?;
    app.write(async |tx| {
        let taken = take(tx, id).await?;
        if taken.role.version != expected_version {
            return Err(CHANGED);
        }
        let held = holding(tx, id, &[]).await?;
        if held > content.max_people as usize {
            let problem = format!("must be at least {held}: so many hold it or are asked to");
            return Err(Refusal::input(&["input", "maxPeople"], problem));
        }
        let row = event_role::ActiveModel {
            version: Set(expected_version + 1),
            changed_at: Set(tx.now()),
            ..columns.clone()
        };
        let after = row.update(tx.db()).await?;
        note(tx, actor, &event, &after.title).await?;
        if (after.starts_at, after.ends_at) != (before.starts_at, before.ends_at) {
            offer_again(app, tx, &after).await?;
        }
        Ok(after)
    })
    .await
}

/// Deletes a role that nobody holds or is asked to do; what was before goes with it. Deleting it again is NOT_FOUND. For the
/// event's hosts and for organizers. CONFLICT when it is no longer at `expected_version`; WRONG_STATE (ROLE_HELD): take it
/// back from them first, so that each is told why.
pub async fn delete(app: &App, actor: &Actor, id: Uuid, expected_version: i32) -> Result<(), Refusal> {
    let before = require_role(app, actor, id).await?;
    let event = event::require_edit(app, actor, before.event_id).await?;
    app.write(async |tx| {
        let taken = take(tx, id).await?;
        if taken.role.version != expected_version {
            return Err(CHANGED);
        }
        let standing = role_assignment::Entity::find()
            .filter(role_assignment::Column::RoleId.eq(id))
            .filter(role_assignment::Column::Status.is_in(STANDING));
        if standing.count(tx.db()).await? > 0 {
            return Err(Refusal::WrongState(Reason::RoleHeld));
        }
        event_role::Entity::delete_by_id(id).exec(tx.db()).await?;
        note(tx, actor, &event, &before.title).await
    })
    .await
}

/// A role of an event that the actor runs.
pub(super) async fn require_role(app: &App, actor: &Actor, id: Uuid) -> Result<event_role::Model, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let row = event_role::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("role"))?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("role"))?;
    Ok(row)
}
