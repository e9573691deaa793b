//! Who could do a role.

use entity::{RoleKind, RoleStatus, RsvpStatus, event_role, person, person_skill, role_assignment, rsvp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{edit::require_role, skills_of};
use crate::{
    app::App,
    domain::{
        Actor,
        page::{Page, PageArgs},
        rsvp::{Attendee, name_of},
    },
    refusal::Refusal,
};

/// RSVPs of those who could do a role: who come, to its date if it is on site; have all of its skills, and show them; hold no
/// role at its time; and are nothing to it. In the order of the first answers. For the event's hosts and for organizers.
/// NOT_FOUND.
pub async fn substitutes(
    app: &App,
    actor: &Actor,
    role_id: Uuid,
    page: &PageArgs,
) -> Result<Page<Attendee>, Refusal> {
    let role = require_role(app, actor, role_id).await?;
    let date = role.timeslot_id.filter(|_| role.kind == RoleKind::OnSite);
    let mut fitting = Condition::all()
        .add(rsvp::Column::EventId.eq(role.event_id))
        .add(rsvp::Column::Status.eq(RsvpStatus::Registered))
        .add_option(date.map(|id| rsvp::Column::TimeslotId.eq(id)))
        .add(rsvp::Column::PersonId.not_in_subquery(something_to(role.id)));
    for skill in skills_of(&role)? {
        fitting = fitting.add(rsvp::Column::PersonId.in_subquery(able(&skill)));
    }
    if let Some((start, end)) = role.starts_at.zip(role.ends_at) {
        fitting = fitting.add(rsvp::Column::PersonId.not_in_subquery(busy(start, end)));
    }
    let rows = rsvp::Entity::find().filter(fitting);
    let rows = page.by_id(rows, rsvp::Column::Id, Order::Asc);
    let name = |row: rsvp::Model| {
        Ok(Attendee {
            name: name_of(app, &row)?,
            row,
        })
    };
    let rows = rows.all(app.db.reader()).await?.into_iter().map(name);
    Ok(
        page.cut_by_id(rows.collect::<Result<Vec<_>, Refusal>>()?, |attendee| {
            attendee.row.id
        }),
    )
}

/// Who was asked to do a role, or wanted to, but for those who might be asked again: whose offer expired.
fn something_to(role_id: Uuid) -> SelectStatement {
    let rows = role_assignment::Entity::find()
        .select_only()
        .column(role_assignment::Column::PersonId)
        .filter(role_assignment::Column::RoleId.eq(role_id))
        .filter(role_assignment::Column::Status.ne(RoleStatus::Expired));
    rows.into_query()
}

/// Who says that they can do something, and shows it.
fn able(skill: &str) -> SelectStatement {
    let shows = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::ShowsSkills.eq(true))
        .into_query();
    let rows = person_skill::Entity::find()
        .select_only()
        .column(person_skill::Column::PersonId)
        .filter(person_skill::Column::Skill.eq(skill))
        .filter(person_skill::Column::PersonId.in_subquery(shows));
    rows.into_query()
}

/// Who holds a role at that time.
fn busy(start: chrono::DateTime<chrono::Utc>, end: chrono::DateTime<chrono::Utc>) -> SelectStatement {
    Query::select()
        .column((role_assignment::Entity, role_assignment::Column::PersonId))
        .from(role_assignment::Entity)
        .inner_join(
            event_role::Entity,
            Expr::col((event_role::Entity, event_role::Column::Id))
                .equals((role_assignment::Entity, role_assignment::Column::RoleId)),
        )
        .and_where(
            Expr::col((role_assignment::Entity, role_assignment::Column::Status)).eq(RoleStatus::Accepted),
        )
        .and_where(Expr::col((event_role::Entity, event_role::Column::StartsAt)).lt(end))
        .and_where(Expr::col((event_role::Entity, event_role::Column::EndsAt)).gt(start))
        .to_owned()
}
