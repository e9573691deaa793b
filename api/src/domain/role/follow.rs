//! What follows for roles from what happens to RSVPs, hosts, dates, events and people. The caller has the rows of these.

use std::collections::HashMap;

use entity::{RoleKind, RoleStatus, RsvpStatus, event_host, event_role, role_assignment, rsvp, timeslot};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{
    STANDING, due,
    held::{clash, end, expiry, find_row, tell_hosts},
    is_over,
    offer::offered_until,
};
use crate::{
    app::{App, Tx},
    refusal::Refusal,
};

/// Somebody's RSVP to a date ended, or they host the event no more: they hold nothing there that they may not without. What
/// they were asked counts as declined; of what they held, the hosts are told.
pub(crate) async fn left(tx: &Tx, event_id: Uuid, person_id: Uuid) -> Result<(), Refusal> {
    let rows = standing_of(tx, person_id, Some(event_id)).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let hosts = hosts_of(tx, event_id).await?;
    if hosts.iter().any(|host| host.person_id == Some(person_id)) {
        return Ok(());
    }
    let dates = rsvp::Entity::find()
        .filter(rsvp::Column::EventId.eq(event_id))
        .filter(rsvp::Column::PersonId.eq(person_id))
        .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
        .all(tx.db())
        .await?;
    for (row, role) in rows {
        let date = role.timeslot_id.filter(|_| role.kind == RoleKind::OnSite);
        let stays = dates
            .iter()
            .any(|answer| date.is_none_or(|date| date == answer.timeslot_id));
        if !stays && !is_over(&role, tx.now()) {
            give_up(tx, row, &hosts).await?;
        }
    }
    Ok(())
}

async fn give_up(tx: &Tx, row: role_assignment::Model, hosts: &[event_host::Model]) -> Result<(), Refusal> {
    if row.status == RoleStatus::Accepted {
        let row = end(tx, row, RoleStatus::Released).await?;
        return tell_hosts(tx, hosts, &row, None).await;
    }
    end(tx, row, RoleStatus::Declined).await?;
    Ok(())
}

async fn hosts_of(tx: &Tx, event_id: Uuid) -> Result<Vec<event_host::Model>, Refusal> {
    let hosts = event_host::Entity::find().filter(event_host::Column::EventId.eq(event_id));
    Ok(hosts.all(tx.db()).await?)
}

/// What somebody holds or is asked to, with the roles, by id.
async fn standing_of(
    tx: &Tx,
    person_id: Uuid,
    event_id: Option<Uuid>,
) -> Result<Vec<(role_assignment::Model, event_role::Model)>, Refusal> {
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::PersonId.eq(person_id))
        .filter(role_assignment::Column::Status.is_in(STANDING))
        .filter(Condition::all().add_option(event_id.map(|id| role_assignment::Column::EventId.eq(id))))
        .order_by_asc(role_assignment::Column::Id)
        .all(tx.db())
        .await?;
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let roles = event_role::Entity::find()
        .filter(event_role::Column::Id.is_in(rows.iter().map(|row| row.role_id)))
        .all(tx.db())
        .await?;
    let mut roles: HashMap<Uuid, event_role::Model> = roles.into_iter().map(|role| (role.id, role)).collect();
    let both = |row: role_assignment::Model| {
        let role = roles.remove(&row.role_id)?; // one row for each person and role
        Some((row, role))
    };
    Ok(rows.into_iter().filter_map(both).collect())
}

/// An event was called off: nobody holds anything there, and nobody is asked to.
pub(crate) async fn event_off(tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    end_all(tx, role_assignment::Column::EventId.eq(event_id).into()).await
}

/// Everything that stands: what was held is released, all else withdrawn.
async fn end_all(tx: &Tx, which: Condition) -> Result<(), Refusal> {
    for (from, to) in [
        (&[RoleStatus::Accepted][..], RoleStatus::Released),
        (
            &[RoleStatus::Offered, RoleStatus::Volunteered],
            RoleStatus::Withdrawn,
        ),
    ] {
        use sea_orm::sea_query::ExprTrait;
        role_assignment::Entity::update_many()
            .col_expr(role_assignment::Column::Status, Expr::value(to))
            .col_expr(
                role_assignment::Column::Version,
                Expr::col(role_assignment::Column::Version).add(1),
            )
            .col_expr(role_assignment::Column::ChangedAt, Expr::value(tx.now()))
            .filter(which.clone())
            .filter(role_assignment::Column::Status.is_in(from.iter().copied()))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}

/// Dates were changed: roles go with a date that is called off, and follow one that is moved. Who holds one at another time now
/// is asked anew, because they may not be free then; those who come are told of the dates by their notice.
pub(crate) async fn dates_changed(
    app: &App,
    tx: &Tx,
    dates: &[(timeslot::Model, timeslot::Model)],
) -> Result<(), Refusal> {
    let what = |slot: &timeslot::Model| (slot.starts_at, slot.ends_at, slot.cancelled_at);
    let changed = dates.iter().filter(|(before, after)| what(before) != what(after));
    let changed: HashMap<Uuid, &timeslot::Model> = changed.map(|(_, after)| (after.id, after)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let roles = event_role::Entity::find()
        .filter(event_role::Column::TimeslotId.is_in(changed.keys().copied()))
        .order_by_asc(event_role::Column::Id)
        .all(tx.db())
        .await?;
    let mut off = vec![];
    for role in roles {
        let Some(slot) = role.timeslot_id.and_then(|id| changed.get(&id)) else {
            continue;
        };
        if slot.cancelled_at.is_some() {
            off.push(role.id);
            continue;
        }
        let is_timed = role.kind == RoleKind::OnSite && !role.own_times;
        let after = event_role::Model {
            starts_at: if is_timed {
                Some(slot.starts_at)
            } else {
                role.starts_at
            },
            ends_at: if is_timed {
                Some(slot.ends_at)
            } else {
                role.ends_at
            },
            due_at: role.due_hours.map(|hours| due(slot, hours)).or(role.due_at),
            ..role.clone()
        };
        if after == role {
            continue;
        }
        event_role::Entity::update_many()
            .col_expr(event_role::Column::StartsAt, Expr::value(after.starts_at))
            .col_expr(event_role::Column::EndsAt, Expr::value(after.ends_at))
            .col_expr(event_role::Column::DueAt, Expr::value(after.due_at))
            .col_expr(event_role::Column::Version, Expr::value(role.version + 1))
            .col_expr(event_role::Column::ChangedAt, Expr::value(tx.now()))
            .filter(event_role::Column::Id.eq(role.id))
            .exec(tx.db())
            .await?;
        if is_timed {
            offer_again(app, tx, &after).await?;
        }
    }
    match off.is_empty() {
        true => Ok(()),
        false => end_all(tx, role_assignment::Column::RoleId.is_in(off).into()).await,
    }
}

/// Asks those who hold a role anew, or are asked to, because its times are others.
pub(super) async fn offer_again(app: &App, tx: &Tx, role: &event_role::Model) -> Result<(), Refusal> {
    if is_over(role, tx.now()) {
        return Ok(());
    }
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::RoleId.eq(role.id))
        .filter(role_assignment::Column::Status.is_in([RoleStatus::Accepted, RoleStatus::Offered]))
        .order_by_asc(role_assignment::Column::Id)
        .all(tx.db())
        .await?;
    let until = expiry(app, role, tx.now());
    for row in rows {
        let stood = row.expires_at.is_none_or(|until| until > tx.now());
        if stood {
            let row = role_assignment::Model {
                overlap_reason: None, // it was said of another time
                ..row
            };
            let replaces = row.replaces;
            offered_until(tx, row, replaces, until).await?;
        }
    }
    Ok(())
}

/// Makes the roles of `from` those of `to`, who are one person. Where both were something to one role the stronger stays; what
/// they would hold at the same time is released. The caller has both people's rows; before RSVPs are handed over.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    let rows = role_assignment::Entity::find()
        .filter(role_assignment::Column::PersonId.is_in([from, to]))
        .order_by_asc(role_assignment::Column::Id)
        .all(tx.db())
        .await?;
    let (mine, theirs): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.person_id == to);
    let mut moved = vec![];
    for row in theirs {
        let same = mine.iter().find(|mine| mine.role_id == row.role_id);
        let weaker = match same {
            Some(mine) if strength(mine.status) >= strength(row.status) => Some(row.id),
            Some(mine) => Some(mine.id),
            None => None,
        };
        if let Some(id) = weaker {
            role_assignment::Entity::delete_by_id(id).exec(tx.db()).await?;
        }
        if weaker == Some(row.id) {
            continue;
        }
        role_assignment::Entity::update_many()
            .col_expr(role_assignment::Column::PersonId, Expr::value(to))
            .filter(role_assignment::Column::Id.eq(row.id))
            .exec(tx.db())
            .await?;
        moved.push(row.id);
    }
    for id in moved {
        let row = find_row(tx, id).await?;
        if row.status != RoleStatus::Accepted || row.overlap_reason.is_some() {
            continue;
        }
        let role = event_role::Entity::find_by_id(row.role_id).one(tx.db()).await?;
        let Some(role) = role.filter(|role| !is_over(role, tx.now())) else {
            continue;
        };
        if clash(tx, &role, to).await?.is_some() {
            let hosts = hosts_of(tx, row.event_id).await?;
            give_up(tx, row, &hosts).await?;
        }
    }
    crate::domain::person::skills::hand_over(tx, from, to).await
}

fn strength(status: RoleStatus) -> u8 {
    match status {
        RoleStatus::Fulfilled => 8,
        RoleStatus::Missed => 7,
        RoleStatus::Accepted => 6,
        RoleStatus::Offered => 5,
        RoleStatus::Volunteered => 4,
        RoleStatus::Withdrawn => 3,
        RoleStatus::Released => 2,
        RoleStatus::Declined => 1,
        RoleStatus::Expired => 0,
    }
}

/// Somebody is erased: the hosts of what they held are told that nobody does it any more. Their rows go with the person's.
pub(crate) async fn forget(tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
    for (row, role) in standing_of(tx, person_id, None).await? {
        if row.status == RoleStatus::Accepted && !is_over(&role, tx.now()) {
            let hosts = hosts_of(tx, row.event_id).await?;
            tell_hosts(tx, &hosts, &row, None).await?;
        }
    }
    Ok(())
}
