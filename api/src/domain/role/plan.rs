//! Planning the roles of an event all at once: from what is suggested, or as another event of the host has them.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::{event_role, timeslot};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    Content, Template,
    edit::{editable, insert, note},
    suggested,
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        event::{self, Loaded},
        idempotency::{self, IdempotencyKey},
        person,
    },
    letter::Language,
    refusal::{Problems, Refusal},
};

/// Where a plan comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// What is suggested for the event: these of it, by their keys, or all.
    Template(Option<Vec<String>>),
    /// The roles of another event that the actor runs, with their notes and without who holds them.
    Event(Uuid),
}

/// Adds roles to an event, for one of its dates, but for those that are there already, and says how many were added. For its
/// hosts and for organizers. BAD_USER_INPUT, also when the event would have more than `roles.most`; NOT_FOUND, for an event to
/// copy from as well; WRONG_STATE (EVENT_CANCELLED).
pub async fn plan(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    date: Option<Uuid>,
    from: &Source,
    language: Option<Language>,
    key: Option<&IdempotencyKey>,
) -> Result<usize, Refusal> {
    let again = async |_| event::require_edit(app, actor, event_id).await.map(|_| 0);
    let action = async || {
        let event = editable(app, actor, event_id).await?;
        let wanted = match from {
            Source::Template(keys) => {
                let language = match language {
                    Some(language) => language,
                    None => person::language_of(app, app.db.reader(), actor.member()?.id).await?,
                };
                let row = &event.row;
                let all = suggested(app, row.event_type, row.campaign_id, language).await?;
                chosen(all, keys.as_deref())?
            }
            Source::Event(other) => copied(app, actor, *other, &event, date).await?,
        };
        app.write(async |tx| {
            idempotency::claim(tx, key, None).await?;
            add(app, tx, actor, &event, date, &wanted).await
        })
        .await
    };
    idempotency::run(app, key, action, again).await
}

/// A role to add, and the key of its template.
type Wanted = (Option<String>, Content);

fn chosen(all: Vec<Template>, keys: Option<&[String]>) -> Result<Vec<Wanted>, Refusal> {
    let mut problems = Problems::default();
    for (i, key) in keys.unwrap_or_default().iter().enumerate() {
        let known = all.iter().any(|template| template.key == *key);
        problems.check(
            known,
            &format!("input.keys.{i}"),
            "is suggested to no event of this kind",
        );
    }
    problems.finish()?;
    let is_wanted = |template: &Template| keys.is_none_or(|keys| keys.contains(&template.key));
    let all = all.into_iter().filter(is_wanted).map(|template| {
        let content = Content {
            timeslot_id: None,
            kind: template.kind(),
            title: template.title,
            brief: template.brief,
            skills: template.skills,
            min_people: template.min_people,
            max_people: template.max_people,
            starts_at: None,
            ends_at: None,
            due_at: None,
            due_hours: template.due_hours,
            is_open: template.is_open,
            open_to_all: template.open_to_all,
            notes: None,
        };
        (Some(template.key), content)
    });
    Ok(all.collect())
}

/// The roles of another event as they would be at this one: times of their own are as far from its date.
async fn copied(
    app: &App,
    actor: &Actor,
    from: Uuid,
    to: &Loaded,
    date: Option<Uuid>,
) -> Result<Vec<Wanted>, Refusal> {
    let other = event::require_edit(app, actor, from).await?;
    let rows = event_role::Entity::find()
        .filter(event_role::Column::EventId.eq(from))
        .order_by_asc(event_role::Column::Id)
        .all(app.db.reader())
        .await?;
    let start_of = |event: &Loaded, id: Option<Uuid>| {
        let meant = |slot: &&timeslot::Model| match id {
            Some(id) => slot.id == id,
            None => slot.cancelled_at.is_none(),
        };
        event.timeslots.iter().find(meant).map(|slot| slot.starts_at)
    };
    let mut wanted = vec![];
    for row in rows {
        let starts = start_of(to, date).zip(start_of(&other, row.timeslot_id));
        let later: TimeDelta = starts.map_or(TimeDelta::zero(), |(to, from)| to - from);
        let content = Content::of(app, &row)?;
        let content = Content {
            timeslot_id: None,
            starts_at: content.starts_at.map(|at| at + later),
            ends_at: content.ends_at.map(|at| at + later),
            due_at: content.due_at.map(|at| at + later),
            ..content
        };
        wanted.push((row.template, content));
    }
    Ok(wanted)
}

async fn add(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    event: &Loaded,
    date: Option<Uuid>,
    wanted: &[Wanted],
) -> Result<usize, Refusal> {
    let event_id = event.row.id;
    event::lock_event(tx, event_id).await?;
    let there = event_role::Entity::find()
        .filter(event_role::Column::EventId.eq(event_id))
        .all(tx.db())
        .await?;
    let (mut rows, mut titles, mut problems) = (vec![], vec![], Problems::default());
    for (template, content) in wanted {
        let content = Content {
            timeslot_id: date,
            ..content.clone()
        };
        let id = Uuid::now_v7();
        let row = content.columns(app, id, event, "input", &mut problems)?;
        let on = row.timeslot_id.try_as_ref().copied().flatten();
        let same = |old: &event_role::Model| {
            old.timeslot_id == on
                && match template {
                    Some(key) => old.template.as_ref() == Some(key),
                    None => old.title == content.title,
                }
        };
        if !there.iter().any(same) {
            titles.push(content.title.clone());
            rows.push(event_role::ActiveModel {
                template: Set(template.clone()),
                ..row
            });
        }
    }
    problems.finish().map_err(once)?;
    let added = rows.len();
    insert(app, tx, rows, event_id, "input").await?;
    if added > 0 {
        note(tx, actor, event, &titles.join(", ")).await?;
    }
    Ok(added)
}

/// Each role finds the same wrong with the date.
fn once(refusal: Refusal) -> Refusal {
    let Refusal::Input(mut problems) = refusal else {
        return refusal;
    };
    let mut seen = HashSet::new();
    problems.retain(|problem| seen.insert((problem.path.clone(), problem.problem.clone())));
    Refusal::Input(problems)
}
