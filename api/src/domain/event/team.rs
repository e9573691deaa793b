//! The hosts of an event among themselves. All may do the same with the event; who hosts it is decided by the first of them,
//! or by organizers, and everybody decides about leaving. An event always keeps a person who hosts it.

use entity::{ChangeKind, StaffRole, event_host};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Loaded, contact,
    history::{self, By},
    invitations, links, load, require_edit,
    timeslots::bump_event,
};
use crate::{
    app::{App, Tx},
    domain::Actor,
    refusal::{Reason, Refusal},
};

/// The first host: who was made so, else the oldest person of `hosts`, which are in that order.
pub fn first_host(hosts: &[event_host::Model]) -> Option<Uuid> {
    hosts
        .iter()
        .find(|host| host.person_id.is_some())
        .map(|host| host.id)
}

/// Takes another host off an event; sponsors too. With them goes what they gave to others: host links, invitations that nobody
/// answered, and how the hosts are reached if they said so. For the first host and for organizers. NOT_FOUND when there is no such
/// host, FORBIDDEN for other hosts, WRONG_STATE (SOLE_HOST) when nobody else would host it.
pub async fn remove_host(app: &App, actor: &Actor, host_id: Uuid) -> Result<Loaded, Refusal> {
    let event = decided_by_first(app, actor, host_id).await?;
    let id = event.row.id;
    app.write(async |tx| {
        let hosts = take(tx, id).await?;
        if !decides(actor, &hosts) {
            return Err(Refusal::Forbidden); // no longer
        }
        let host = hosts.iter().find(|host| host.id == host_id);
        let host = host.ok_or(Refusal::NotFound("host"))?;
        let kind = if host.person_id.is_some() && host.person_id == actor.person_id() {
            ChangeKind::HostLeft
        } else {
            ChangeKind::HostRemoved
        };
        take_off(tx, host, &hosts).await?;
        history::note(tx, id, &By::of(actor, &hosts), kind, vec![]).await
    })
    .await?;
    super::find(app, actor, id).await
}

/// Takes the signed-in person off an event that they host; if they were the first host, the oldest of the others is.
/// NOT_FOUND for an event they do not host, WRONG_STATE (SOLE_HOST) when nobody else does.
pub async fn leave(app: &App, actor: &Actor, event_id: Uuid) -> Result<(), Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| {
        let hosts = take(tx, event_id).await?;
        let mine = hosts.iter().find(|host| host.person_id == Some(me));
        let mine = mine.ok_or(Refusal::NotFound("event"))?;
        take_off(tx, mine, &hosts).await?;
        history::note(tx, event_id, &By::host(actor), ChangeKind::HostLeft, vec![]).await
    })
    .await
}

/// Makes another person who hosts the event its first host. For the first host and for organizers. NOT_FOUND when there is
/// no such host; FORBIDDEN for other hosts; BAD_USER_INPUT for a host without an account.
pub async fn pass_on(app: &App, actor: &Actor, host_id: Uuid) -> Result<Loaded, Refusal> {
    let event = decided_by_first(app, actor, host_id).await?;
    let id = event.row.id;
    if first_host(&event.hosts) == Some(host_id) {
        return Ok(event);
    }
    app.write(async |tx| {
        let hosts = take(tx, id).await?;
        if !decides(actor, &hosts) {
            return Err(Refusal::Forbidden); // no longer
        }
        let host = hosts.iter().find(|host| host.id == host_id);
        let host = host.ok_or(Refusal::NotFound("host"))?;
        if host.person_id.is_none() {
            return Err(Refusal::input(
                &["input", "hostId"],
                "is of a host without an account",
            ));
        }
        event_host::Entity::update_many()
            .col_expr(event_host::Column::Leads, event_host::Column::Id.eq(host_id))
            .filter(event_host::Column::EventId.eq(id))
            .exec(tx.db())
            .await?;
        history::note(tx, id, &By::of(actor, &hosts), ChangeKind::HandedOver, vec![]).await
    })
    .await?;
    super::find(app, actor, id).await
}

/// The event of a host, for its first host and for organizers.
async fn decided_by_first(app: &App, actor: &Actor, host_id: Uuid) -> Result<Loaded, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let host = event_host::Entity::find_by_id(host_id)
        .one(app.db.reader())
        .await?;
    let host = host.ok_or(Refusal::NotFound("host"))?;
    let event = require_edit(app, actor, host.event_id).await;
    let event = event.map_err(|refusal| refusal.hiding("host"))?;
    if decides(actor, &event.hosts) {
        Ok(event)
    } else {
        Err(Refusal::Forbidden)
    }
}

/// Whether the actor says who hosts the event.
fn decides(actor: &Actor, hosts: &[event_host::Model]) -> bool {
    let first = first_host(hosts);
    let is_first = |host: &event_host::Model| Some(host.id) == first && host.person_id == actor.person_id();
    hosts.iter().any(is_first) || actor.is(StaffRole::Organizer)
}

/// The hosts of an event whose row this transaction has from here on, so that of two who leave at once the second one sees
/// the first gone.
async fn take(tx: &Tx, event_id: Uuid) -> Result<Vec<event_host::Model>, Refusal> {
    bump_event(tx, event_id).await?;
    let event = load(tx.db(), &[event_id]).await?.remove(&event_id);
    Ok(event.ok_or(Refusal::NotFound("event"))?.hosts)
}

async fn take_off(tx: &Tx, host: &event_host::Model, hosts: &[event_host::Model]) -> Result<(), Refusal> {
    let others = |other: &event_host::Model| other.person_id.is_some() && other.id != host.id;
    if host.person_id.is_some() && !hosts.iter().any(others) {
        return Err(Refusal::WrongState(Reason::SoleHost));
    }
    event_host::Entity::delete_by_id(host.id).exec(tx.db()).await?;
    if let Some(person_id) = host.person_id {
        take_back(tx, person_id, Some(host.event_id)).await?;
    }
    Ok(())
}

/// Takes back what somebody gave to others as a host, who is none any more: of one event, or of all. The caller has the events'
/// rows.
pub(super) async fn take_back(tx: &Tx, person_id: Uuid, event_id: Option<Uuid>) -> Result<(), Refusal> {
    links::revoke_of(tx, person_id, event_id).await?;
    invitations::revoke_of(tx, person_id, event_id).await?;
    contact::forget_of(tx, person_id, event_id).await
}
