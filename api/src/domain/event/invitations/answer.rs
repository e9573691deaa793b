//! Accepting and declining.

use entity::{
    ChangeKind, EventStatus, HostInvitationStatus as Status, HostKind, event_host, host_invitation,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{HostInvitation, close, find_row, open_details, show, unanswered};
use crate::{
    app::{App, Tx},
    domain::{
        Actor, contact,
        email::Email,
        event::{
            Loaded, find,
            history::{self, By},
            load,
            timeslots::{bump_event, lock_event},
            write::check_public_name,
        },
        person,
    },
    refusal::{Problems, Reason, Refusal},
};

/// Invitations to the signed-in person, by their account or an address they have proved to read, oldest first: those that can
/// be accepted. UNAUTHENTICATED.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<HostInvitation>, Refusal> {
    let me = actor.member()?.id;
    let rows = host_invitation::Entity::find()
        .filter(to(app, app.db.reader(), me).await?)
        .filter(host_invitation::Column::Status.eq(Status::Open))
        .filter(host_invitation::Column::ExpiresAt.gt(app.clock.now()))
        .order_by_asc(host_invitation::Column::Id)
        .all(app.db.reader())
        .await?;
    let events: Vec<Uuid> = rows.iter().map(|row| row.event_id).collect();
    let events = load(app.db.reader(), &events).await?;
    let rows = rows.into_iter().filter_map(|row| {
        let event = &events.get(&row.event_id)?.row;
        let is_off = matches!(event.status, EventStatus::Cancelled | EventStatus::Suppressed);
        (!is_off).then(|| show(app, actor, row, &event.title))
    });
    rows.collect()
}

/// Makes the signed-in person a host of the event they were invited to, under a name of their own choice if they give one.
/// NOT_FOUND for what was sent to somebody else; BAD_USER_INPUT; WRONG_STATE.
pub async fn accept(
    app: &App,
    actor: &Actor,
    id: Uuid,
    public_name: Option<&str>,
) -> Result<Loaded, Refusal> {
    let me = actor.member()?.id;
    if let Some(name) = public_name {
        let mut problems = Problems::default();
        check_public_name(app, name.trim(), &mut problems);
        problems.finish()?;
    }
    let event_id = app
        .write(async |tx| {
            person::lock(tx, &[me]).await?;
            let row = sent_to(app, tx, me, id).await?;
            join(app, tx, &row, &By::host(actor), me, public_name).await?;
            Ok(row.event_id)
        })
        .await?;
    find(app, actor, event_id).await
}

/// Declines an invitation to the signed-in person. NOT_FOUND for what was sent to somebody else; WRONG_STATE.
pub async fn decline(app: &App, actor: &Actor, id: Uuid) -> Result<(), Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| {
        let row = sent_to(app, tx, me, id).await?;
        decline_by_link(tx, row.id).await
    })
    .await
}

/// Whoever follows the link in the mail reads what is sent to the address: its account hosts the event, and is made if there
/// is none.
pub(crate) async fn accept_by_link(app: &App, tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    let row = find_row(tx.db(), id).await?;
    let person_id = match (row.person_id, open_details(app, &row)?.email) {
        (Some(id), _) if person::keep(tx, id).await? => id,
        (None, Some(email)) => {
            let contact = person::find_or_create(app, tx, &Email::stored(email).into(), None).await?;
            contact::prove(tx, contact.id).await?;
            contact.person_id
        }
        _ => return Err(Refusal::NotFound("invitation")),
    };
    join(app, tx, &row, &By::newcomer(person_id), person_id, None).await
}

/// Says no.
pub(crate) async fn decline_by_link(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    let row = find_row(tx.db(), id).await?;
    lock_event(tx, row.event_id).await?;
    unanswered(tx, id).await?;
    close(tx, id, Status::Declined, None).await?;
    Ok(())
}

async fn join(
    app: &App,
    tx: &Tx,
    row: &host_invitation::Model,
    by: &By,
    person_id: Uuid,
    public_name: Option<&str>,
) -> Result<(), Refusal> {
    bump_event(tx, row.event_id).await?;
    if unanswered(tx, row.id).await?.expires_at <= tx.now() {
        return Err(Refusal::WrongState(Reason::InvitationClosed));
    }
    let event = load(tx.db(), &[row.event_id]).await?.remove(&row.event_id);
    let event = event.ok_or(Refusal::NotFound("event"))?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    if event.row.status == EventStatus::Suppressed {
        return Err(Refusal::WrongState(Reason::EventNotPublished)); // it waits until the event is back
    }
    let public_name = match public_name {
        Some(name) => name.trim().to_owned(),
        None => open_details(app, row)?.public_name,
    };
    let host = event_host::ActiveModel {
        id: Set(Uuid::now_v7()),
        event_id: Set(row.event_id),
        kind: Set(HostKind::Person),
        person_id: Set(Some(person_id)),
        public_name: Set(public_name),
        wanted_name: Set(None),
        leads: Set(false),
        created_at: Set(tx.now()),
    };
    // Whoever hosts it already stays as they are.
    let once = OnConflict::columns([event_host::Column::EventId, event_host::Column::PersonId])
        .do_nothing()
        .to_owned();
    let added = event_host::Entity::insert(host)
        .on_conflict(once)
        .exec_without_returning(tx.db())
        .await?;
    close(tx, row.id, Status::Accepted, Some(person_id)).await?;
    if added > 0 {
        history::note(tx, row.event_id, by, ChangeKind::HostJoined, vec![]).await?;
    }
    Ok(())
}

async fn sent_to(app: &App, tx: &Tx, me: Uuid, id: Uuid) -> Result<host_invitation::Model, Refusal> {
    let row = host_invitation::Entity::find_by_id(id)
        .filter(to(app, tx.db(), me).await?)
        .one(tx.db())
        .await?;
    row.ok_or(Refusal::NotFound("invitation"))
}

/// What was sent to somebody: to their account, or to an address that they have proved to read.
async fn to(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Result<Condition, Refusal> {
    let mut contacts = contact::of(app, db, me).await?;
    contacts.retain(|contact| contact.row.verified_at.is_some());
    Ok(Condition::any()
        .add(host_invitation::Column::PersonId.eq(me))
        .add(host_invitation::Column::ValueIndex.is_in(contact::indexes(app, &contacts))))
}
