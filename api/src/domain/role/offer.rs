//! What hosts do with people and roles: offering, taking back, letting in who volunteers, handing over.

use entity::{RoleStatus, event_host, role_assignment, rsvp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Held,
    edit::require_role,
    held::{self, Taken, end, find_row, fresh, insert, of_person, stands, store, take, tell, tell_hosts},
    lists::{find, show_one},
    notes_slot, overlap_slot, reason_slot,
};
use crate::{
    app::{App, Tx, again},
    domain::{
        Actor,
        event::{self, text},
        idempotency::{self, IdempotencyKey},
        person,
        rsvp::find_participant,
    },
    outbox::{Job, RoleMail},
    refusal::{Problems, Reason, Refusal},
};

/// To whom a role is offered.
#[derive(Clone, Copy, Debug)]
pub enum Whom {
    /// Whose RSVP it is; for hosts.
    Attendee(Uuid),
    /// Who hosts the event by this row.
    Host(Uuid),
    /// Who lets others who come know that they do: the RSVP.
    Participant(Uuid),
}

/// What comes with an offer.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// Why they may hold it beside another role at the same time; without it they may not.
    pub overlap_reason: Option<String>,
}

impl Whom {
    /// The person. NOT_FOUND when they do not come to the event, nor host it.
    async fn person(self, db: &impl ConnectionTrait, event_id: Uuid) -> Result<Uuid, Refusal> {
        match self {
            Self::Attendee(id) | Self::Participant(id) => {
                let row = rsvp::Entity::find_by_id(id)
                    .filter(rsvp::Column::EventId.eq(event_id))
                    .one(db)
                    .await?;
                row.map(|row| row.person_id).ok_or(Refusal::NotFound("attendee"))
            }
            Self::Host(id) => {
                let row = event_host::Entity::find_by_id(id)
                    .filter(event_host::Column::EventId.eq(event_id))
                    .one(db)
                    .await?;
                row.and_then(|row| row.person_id).ok_or(Refusal::NotFound("host"))
            }
        }
    }
}

/// Offers a role to somebody who comes or hosts, by a message with links; one's own is held at once. Who is asked already is not
/// asked again. For the event's hosts and for organizers. BAD_USER_INPUT, NOT_FOUND; WRONG_STATE (ROLE_FULL, ROLE_OVERLAPS for
/// one's own, RSVP_NOT_ACTIVE, EVENT_ENDED, …).
pub async fn offer(
    app: &App,
    actor: &Actor,
    role_id: Uuid,
    whom: Whom,
    with: &Offer,
    key: Option<&IdempotencyKey>,
) -> Result<Held, Refusal> {
    let once_more = async |id: Option<Uuid>| find(app, actor, id.unwrap_or_default()).await;
    let action = async || {
        let role = require_role(app, actor, role_id).await?;
        check_text(app, "input.overlapReason", with.overlap_reason.as_ref())?;
        let person_id = whom.person(app.db.reader(), role.event_id).await?;
        let row = again(|| {
            app.write(async |tx| {
                lock(tx, person_id).await?;
                let taken = take(tx, role_id).await?;
                let row = offer_in(app, tx, actor, &taken, person_id, with).await?;
                idempotency::claim(tx, key, Some(row.id)).await?;
                Ok(row)
            })
        })
        .await?;
        show_one(app, row).await
    };
    idempotency::run(app, key, action, once_more).await
}

/// Takes the person's row: whoever gives somebody time or a place comes after everybody else who does.
pub(super) async fn lock(tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
    match person::lock(tx, &[person_id]).await {
        Err(Refusal::Unauthenticated) => Err(Refusal::NotFound("person")),
        locked => locked.map(|_| ()),
    }
}

async fn offer_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    taken: &Taken,
    person_id: Uuid,
    with: &Offer,
) -> Result<role_assignment::Model, Refusal> {
    taken.require_running(tx.now())?;
    taken.require_place(tx, person_id).await?;
    let before = of_person(tx.db(), taken.role.id, person_id).await?;
    match &before {
        Some(row) if row.status == RoleStatus::Accepted || stands(row, tx.now()) => return Ok(row.clone()),
        Some(row) if matches!(row.status, RoleStatus::Fulfilled | RoleStatus::Missed) => {
            return Err(Refusal::WrongState(Reason::RoleNotHeld));
        }
        _ => {}
    }
    taken.require_room(tx, &[]).await?;
    let row = match before {
        Some(row) => row,
        None => insert(app, tx, &taken.role, person_id).await?,
    };
    let row = overlapping(app, row, with)?;
    if actor.person_id() == Some(person_id) {
        if row.overlap_reason.is_none() {
            taken.require_free(tx, person_id).await?;
        }
        return store(tx, fresh(row, RoleStatus::Accepted)).await;
    }
    offered(app, tx, taken, row, None).await
}

/// Notes why it may overlap, which only a host says.
fn overlapping(
    app: &App,
    row: role_assignment::Model,
    with: &Offer,
) -> Result<role_assignment::Model, Refusal> {
    let reason = with.overlap_reason.as_ref().map(|text| text.trim());
    let reason = reason.filter(|text| !text.is_empty());
    let sealed = reason.map(|text| app.keys.seal(overlap_slot(&row.id), &text));
    Ok(role_assignment::Model {
        overlap_reason: sealed.transpose()?,
        ..row
    })
}

/// Writes an offer, and leaves what asks the person and what ends it.
pub(super) async fn offered(
    app: &App,
    tx: &Tx,
    taken: &Taken,
    row: role_assignment::Model,
    replaces: Option<Uuid>,
) -> Result<role_assignment::Model, Refusal> {
    let until = taken.expiry(app, tx.now());
    offered_until(tx, row, replaces, until).await
}

/// The same with an end that the caller knows.
pub(super) async fn offered_until(
    tx: &Tx,
    row: role_assignment::Model,
    replaces: Option<Uuid>,
    until: chrono::DateTime<chrono::Utc>,
) -> Result<role_assignment::Model, Refusal> {
    let row = role_assignment::Model {
        expires_at: Some(until),
        replaces,
        ..fresh(row, RoleStatus::Offered)
    };
    let row = store(tx, row).await?;
    tell(tx, &row, RoleMail::Offered).await?;
    let expire = Job::ExpireRoleOffer {
        assignment_id: row.id,
        version: row.version,
    };
    tx.enqueue(&expire, until).await?;
    Ok(row)
}

/// Takes a role back: an offer, a wish that is not granted, or a role that somebody holds, who is told, with the reason.
/// Taking it back again changes nothing. For the event's hosts and for organizers. NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD).
pub async fn withdraw(app: &App, actor: &Actor, id: Uuid, reason: Option<&str>) -> Result<Held, Refusal> {
    let role_id = require_assignment(app, actor, id).await?;
    let reason = reason.map(str::to_owned);
    check_text(app, "input.reason", reason.as_ref())?;
    let row = again(|| {
        app.write(async |tx| {
            take(tx, role_id).await?;
            let row = find_row(tx, id).await?;
            let status = match row.status {
                RoleStatus::Offered | RoleStatus::Volunteered => RoleStatus::Withdrawn,
                RoleStatus::Accepted => RoleStatus::Released,
                RoleStatus::Withdrawn | RoleStatus::Released => return Ok(row),
                _ => return Err(Refusal::WrongState(Reason::RoleNotHeld)),
            };
            let row = ended(app, tx, row, status, reason.as_deref()).await?;
            if actor.person_id() != Some(row.person_id) {
                tell(tx, &row, RoleMail::Settled).await?;
            }
            Ok(row)
        })
    })
    .await?;
    show_one(app, row).await
}

/// Ends an assignment with a reason, if there is one.
pub(super) async fn ended(
    app: &App,
    tx: &Tx,
    row: role_assignment::Model,
    status: RoleStatus,
    reason: Option<&str>,
) -> Result<role_assignment::Model, Refusal> {
    let Some(reason) = reason.map(str::trim).filter(|text| !text.is_empty()) else {
        return end(tx, row, status).await;
    };
    let reason = app.keys.seal(reason_slot(&row.id), &reason)?;
    let row = role_assignment::Model {
        reason: Some(reason),
        ..fresh(row, status)
    };
    store(tx, row).await
}

/// Lets somebody hold the role who volunteered for it. Doing it again changes nothing. For the event's hosts and for
/// organizers. NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD unless they volunteered, ROLE_FULL, ROLE_OVERLAPS without a reason, …).
pub async fn approve(app: &App, actor: &Actor, id: Uuid, with: &Offer) -> Result<Held, Refusal> {
    let role_id = require_assignment(app, actor, id).await?;
    check_text(app, "input.overlapReason", with.overlap_reason.as_ref())?;
    let row = again(|| {
        app.write(async |tx| {
            lock(tx, find_row(tx, id).await?.person_id).await?;
            let taken = take(tx, role_id).await?;
            let row = find_row(tx, id).await?;
            match row.status {
                RoleStatus::Accepted => return Ok(row),
                RoleStatus::Volunteered => {}
                _ => return Err(Refusal::WrongState(Reason::RoleNotHeld)),
            }
            taken.require_running(tx.now())?;
            taken.require_place(tx, row.person_id).await?;
            taken.require_room(tx, &[]).await?;
            let row = overlapping(app, row, with)?;
            if row.overlap_reason.is_none() {
                taken.require_free(tx, row.person_id).await?;
            }
            let row = store(tx, fresh(row, RoleStatus::Accepted)).await?;
            tell(tx, &row, RoleMail::Settled).await?;
            tell_hosts(tx, taken.hosts(), &row, actor.person_id()).await?;
            Ok(row)
        })
    })
    .await?;
    show_one(app, row).await
}

/// Offers a role that somebody holds to another person, with notes; the first holds it until the second accepts. For who holds
/// it, and for the event's hosts and organizers. BAD_USER_INPUT, NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD, RSVP_NOT_ACTIVE, …).
pub async fn hand_over_to(
    app: &App,
    actor: &Actor,
    id: Uuid,
    whom: Whom,
    notes: Option<&str>,
    key: Option<&IdempotencyKey>,
) -> Result<Held, Refusal> {
    let me = actor.member()?.id;
    let once_more = async |next: Option<Uuid>| match next {
        Some(next) => {
            find(app, actor, id).await?; // whoever has the first may know of the second
            let row = role_assignment::Entity::find_by_id(next)
                .one(app.db.reader())
                .await?;
            show_one(app, row.ok_or(Refusal::NotFound("role"))?).await
        }
        None => Err(Refusal::NotFound("role")),
    };
    let action = async || {
        let first = find(app, actor, id).await?.row;
        let may_edit = event::require_edit(app, actor, first.event_id).await.is_ok();
        if matches!(whom, Whom::Attendee(_)) && !may_edit {
            return Err(Refusal::NotFound("attendee")); // only hosts know them by that
        }
        if let Whom::Participant(id) = whom
            && !may_edit
        {
            find_participant(app, actor, id).await?;
        }
        let notes = notes
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        check_text(app, "input.notes", notes.as_ref())?;
        let person_id = whom.person(app.db.reader(), first.event_id).await?;
        let row = again(|| {
            app.write(async |tx| {
                lock(tx, person_id).await?;
                let taken = take(tx, first.role_id).await?;
                let first = find_row(tx, id).await?;
                let mine = first.person_id == me || may_edit;
                if first.status != RoleStatus::Accepted || !mine || first.person_id == person_id {
                    return Err(Refusal::WrongState(Reason::RoleNotHeld));
                }
                taken.require_running(tx.now())?;
                taken.require_place(tx, person_id).await?;
                let before = of_person(tx.db(), taken.role.id, person_id).await?;
                if let Some(notes) = &notes {
                    keep_notes(app, tx, &taken, notes).await?;
                }
                let row = match before {
                    Some(row) if stands(&row, tx.now()) => row,
                    Some(row) if matches!(row.status, RoleStatus::Accepted | RoleStatus::Fulfilled) => {
                        return Err(Refusal::WrongState(Reason::RoleNotHeld));
                    }
                    Some(row) => held::fresh(row, RoleStatus::Withdrawn),
                    None => insert(app, tx, &taken.role, person_id).await?,
                };
                let row = match row.replaces == Some(first.id) && stands(&row, tx.now()) {
                    true => row,
                    false => offered(app, tx, &taken, row, Some(first.id)).await?,
                };
                idempotency::claim(tx, key, Some(row.id)).await?;
                Ok(row)
            })
        })
        .await?;
        show_one(app, row).await
    };
    idempotency::run(app, key, action, once_more).await
}

async fn keep_notes(app: &App, tx: &Tx, taken: &Taken, notes: &str) -> Result<(), Refusal> {
    use sea_orm::sea_query::Expr;
    let id = taken.role.id;
    let sealed = app.keys.seal(notes_slot(&id), &notes)?;
    entity::event_role::Entity::update_many()
        .col_expr(entity::event_role::Column::Notes, Expr::value(Some(sealed.0)))
        .col_expr(
            entity::event_role::Column::Version,
            Expr::value(taken.role.version + 1),
        )
        .col_expr(entity::event_role::Column::ChangedAt, Expr::value(tx.now()))
        .filter(entity::event_role::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The role of an assignment to an event that the actor runs.
pub(super) async fn require_assignment(app: &App, actor: &Actor, id: Uuid) -> Result<Uuid, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let row = role_assignment::Entity::find_by_id(id)
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("role"))?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("role"))?;
    Ok(row.role_id)
}

pub(super) fn check_text(app: &App, path: &str, value: Option<&String>) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    text(&mut problems, path, value, app.config.limits.text);
    problems.finish()
}
