//! What people do with their roles: accepting, declining, volunteering, giving back; and what a host says came of it.

use entity::{RoleKind, RoleStatus, event_role, role_assignment};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{
    Held,
    held::{Taken, end, find_row, fresh, insert, of_person, stands, store, take, tell_hosts},
    lists::show_one,
    offer::{check_text, ended, lock, require_assignment},
};
use crate::{
    app::{App, Tx, again},
    domain::{Actor, event},
    refusal::{Reason, Refusal},
};

/// Accepts a role that is offered to the signed-in person. Accepting it again changes nothing. NOT_FOUND; WRONG_STATE
/// (ROLE_OFFER_EXPIRED, ROLE_NOT_HELD, ROLE_OVERLAPS, RSVP_NOT_ACTIVE, EVENT_CANCELLED, EVENT_ENDED, …).
pub async fn accept(app: &App, actor: &Actor, id: Uuid) -> Result<Held, Refusal> {
    let me = actor.member()?.id;
    let row = again(|| app.write(async |tx| accept_in(tx, id, Some(me)).await)).await?;
    show_one(app, row).await
}

/// The same for whoever proved that it is offered to them: a person, or the holder of its link (`None`).
pub(crate) async fn accept_in(
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
) -> Result<role_assignment::Model, Refusal> {
    let (taken, row) = taken_by(tx, id, person_id).await?;
    match row.status {
        RoleStatus::Accepted => return Ok(row),
        RoleStatus::Offered if stands(&row, tx.now()) => {}
        RoleStatus::Offered | RoleStatus::Expired => {
            return Err(Refusal::WrongState(Reason::RoleOfferExpired));
        }
        _ => return Err(Refusal::WrongState(Reason::RoleNotHeld)),
    }
    taken.require_running(tx.now())?;
    taken.require_place(tx, row.person_id).await?;
    if row.overlap_reason.is_none() {
        taken.require_free(tx, row.person_id).await?;
    }
    if let Some(first) = row.replaces {
        let first = role_assignment::Entity::find_by_id(first).one(tx.db()).await?;
        if let Some(first) = first.filter(|first| first.status == RoleStatus::Accepted) {
            end(tx, first, RoleStatus::Released).await?;
        }
    }
    let row = store(tx, fresh(row, RoleStatus::Accepted)).await?;
    tell_hosts(tx, taken.hosts(), &row, None).await?;
    Ok(row)
}

/// The person's row, the event's row, the role and the assignment, in this order. NOT_FOUND unless it is that person's.
async fn taken_by(
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
) -> Result<(Taken, role_assignment::Model), Refusal> {
    let row = find_row(tx, id).await?;
    if person_id.is_some_and(|person| person != row.person_id) {
        return Err(Refusal::NotFound("role"));
    }
    lock(tx, row.person_id).await?;
    let taken = take(tx, row.role_id).await?;
    let row = find_row(tx, id).await?; // again: it may have changed until the rows were ours
    Ok((taken, row))
}

/// Says no to a role that is offered to the signed-in person; the reason goes to the hosts. Declining it again changes nothing.
/// NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD).
pub async fn decline(app: &App, actor: &Actor, id: Uuid, reason: Option<&str>) -> Result<Held, Refusal> {
    let me = actor.member()?.id;
    check_text(app, "input.reason", reason.map(str::to_owned).as_ref())?;
    let row = again(|| app.write(async |tx| decline_in(app, tx, id, Some(me), reason).await)).await?;
    show_one(app, row).await
}

/// The same for whoever proved that it is offered to them.
pub(crate) async fn decline_in(
    app: &App,
    tx: &Tx,
    id: Uuid,
    person_id: Option<Uuid>,
    reason: Option<&str>,
) -> Result<role_assignment::Model, Refusal> {
    let (taken, row) = taken_by(tx, id, person_id).await?;
    match row.status {
        RoleStatus::Declined => return Ok(row),
        RoleStatus::Offered | RoleStatus::Expired => {}
        _ => return Err(Refusal::WrongState(Reason::RoleNotHeld)),
    }
    let row = ended(app, tx, row, RoleStatus::Declined, reason).await?;
    tell_hosts(tx, taken.hosts(), &row, None).await?;
    Ok(row)
}

/// The signed-in person, who comes or hosts, would do an open role: they hold it at once where it is open to all, and where it is
/// offered to them; else a host decides. Volunteering again changes nothing. NOT_FOUND; WRONG_STATE (ROLE_NOT_OPEN, ROLE_FULL,
/// ROLE_OVERLAPS, RSVP_NOT_ACTIVE, …).
pub async fn volunteer(app: &App, actor: &Actor, role_id: Uuid) -> Result<Held, Refusal> {
    let me = actor.member()?.id;
    let role = event_role::Entity::find_by_id(role_id)
        .one(app.db.reader())
        .await?;
    let role = role.ok_or(Refusal::NotFound("role"))?;
    let event = event::find(app, actor, role.event_id).await;
    let event = event.map_err(|refusal| refusal.hiding("role"))?;
    let is_host = event.hosts.iter().any(|host| host.person_id == Some(me));
    if !role.is_open && !is_host {
        let mine = of_person(app.db.reader(), role_id, me).await?;
        if mine.is_none() {
            return Err(Refusal::NotFound("role")); // it is shown to nobody else
        }
    }
    let row = again(|| app.write(async |tx| volunteer_in(app, tx, role_id, me).await)).await?;
    show_one(app, row).await
}

async fn volunteer_in(
    app: &App,
    tx: &Tx,
    role_id: Uuid,
    me: Uuid,
) -> Result<role_assignment::Model, Refusal> {
    lock(tx, me).await?;
    let taken = take(tx, role_id).await?;
    let before = of_person(tx.db(), role_id, me).await?;
    if let Some(row) = &before {
        match row.status {
            RoleStatus::Accepted | RoleStatus::Volunteered => return Ok(row.clone()),
            RoleStatus::Offered if stands(row, tx.now()) => {
                return accept_in(tx, row.id, Some(me)).await;
            }
            // A host said no, or what came of it is written down.
            RoleStatus::Withdrawn | RoleStatus::Fulfilled | RoleStatus::Missed => {
                return Err(Refusal::WrongState(Reason::RoleNotOpen));
            }
            _ => {}
        }
    }
    if !taken.role.is_open {
        return Err(Refusal::WrongState(Reason::RoleNotOpen));
    }
    taken.require_running(tx.now())?;
    taken.require_place(tx, me).await?;
    taken.require_room(tx, &[]).await?;
    taken.require_free(tx, me).await?;
    let row = match before {
        Some(row) => row,
        None => insert(app, tx, &taken.role, me).await?,
    };
    let status = match taken.role.open_to_all {
        true => RoleStatus::Accepted,
        false => RoleStatus::Volunteered,
    };
    let row = role_assignment::Model {
        overlap_reason: None,
        ..fresh(row, status)
    };
    let row = store(tx, row).await?;
    tell_hosts(tx, taken.hosts(), &row, Some(me)).await?;
    Ok(row)
}

/// Gives back a role that the signed-in person holds, or no longer wants to; the reason goes to the hosts. Doing it again
/// changes nothing. NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD).
pub async fn release(app: &App, actor: &Actor, id: Uuid, reason: Option<&str>) -> Result<Held, Refusal> {
    let me = actor.member()?.id;
    check_text(app, "input.reason", reason.map(str::to_owned).as_ref())?;
    let row = again(|| {
        app.write(async |tx| {
            let (taken, row) = taken_by(tx, id, Some(me)).await?;
            let status = match row.status {
                RoleStatus::Accepted => RoleStatus::Released,
                RoleStatus::Volunteered => RoleStatus::Declined,
                RoleStatus::Released => return Ok(row),
                _ => return Err(Refusal::WrongState(Reason::RoleNotHeld)),
            };
            let row = ended(app, tx, row, status, reason).await?;
            tell_hosts(tx, taken.hosts(), &row, Some(me)).await?;
            Ok(row)
        })
    })
    .await?;
    show_one(app, row).await
}

/// Says whether somebody who held a role did it; a role on site once it has begun. It may be said otherwise later. For the
/// event's hosts and for organizers. NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD, ROLE_NOT_BEGUN).
pub async fn report(app: &App, actor: &Actor, id: Uuid, fulfilled: bool) -> Result<Held, Refusal> {
    let role_id = require_assignment(app, actor, id).await?;
    let row = app
        .write(async |tx| {
            let taken = take(tx, role_id).await?;
            let row = find_row(tx, id).await?;
            let held = [RoleStatus::Accepted, RoleStatus::Fulfilled, RoleStatus::Missed];
            if !held.contains(&row.status) {
                return Err(Refusal::WrongState(Reason::RoleNotHeld));
            }
            let is_early = taken.role.starts_at.is_some_and(|start| start > tx.now());
            if taken.role.kind == RoleKind::OnSite && is_early {
                return Err(Refusal::WrongState(Reason::RoleNotBegun));
            }
            let status = match fulfilled {
                true => RoleStatus::Fulfilled,
                false => RoleStatus::Missed,
            };
            match row.status == status {
                true => Ok(row),
                false => end(tx, row, status).await,
            }
        })
        .await?;
    show_one(app, row).await
}

/// Ends an offer that nobody answered in time, and tells the hosts. Nothing is done when it is no longer that one.
pub(crate) async fn expire(app: &App, id: Uuid, version: i32) -> Result<(), Refusal> {
    app.write(async |tx| {
        let Some(row) = role_assignment::Entity::find_by_id(id).one(tx.db()).await? else {
            return Ok(());
        };
        let taken = take(tx, row.role_id).await?;
        let row = find_row(tx, id).await?;
        let is_due = row.expires_at.is_some_and(|until| until <= tx.now());
        if row.version != version || row.status != RoleStatus::Offered || !is_due {
            return Ok(());
        }
        let row = end(tx, row, RoleStatus::Expired).await?;
        tell_hosts(tx, taken.hosts(), &row, None).await
    })
    .await
}
