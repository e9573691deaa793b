//! Asking somebody to host an event as well: by an address, or by an account that one knows the id of. Whoever reads the mail
//! accepts or declines, by its links or signed in.

mod answer;

pub use answer::{accept, decline, mine};
pub(crate) use answer::{accept_by_link, decline_by_link};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ChangeKind, EventStatus, HostInvitationStatus as Status, event_host, host_invitation, link, rsvp,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Loaded,
    history::{self, By},
    require_edit,
    timeslots::lock_event,
    write::check_public_name,
};
use crate::{
    app::{App, Tx, again},
    domain::{
        Actor,
        address::Address,
        email::Email,
        idempotency::{self, IdempotencyKey},
        person,
    },
    outbox::Job,
    refusal::{Problems, Reason, Refusal},
    sealed::Slot,
};

/// Who is asked.
#[derive(Clone, Debug)]
pub enum Whom {
    /// Whoever reads mail to an address.
    Email(Email),
    /// An account.
    Person(Uuid),
    /// The account of an RSVP to the event.
    Attendee(Uuid),
}

/// What is sealed of an invitation.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Details {
    /// The address it was sent to, unless an account was asked.
    pub email: Option<String>,
    /// What they are called at the event unless they choose otherwise.
    pub public_name: String,
}

/// An invitation, opened.
#[derive(Clone)]
pub struct HostInvitation {
    /// The row.
    pub row: host_invitation::Model,
    /// What they are called at the event unless they choose otherwise.
    pub public_name: String,
    /// The address it was sent to, for who typed it.
    pub email: Option<String>,
    /// Title of the event.
    pub event_title: String,
}

/// Asks somebody to host an event as well, by a mail. Somebody who was asked and has not answered is not asked again, and the
/// answer is the same for every address. For hosts and organizers. BAD_USER_INPUT, also when there would be more than
/// `limits.hosts` people; NOT_FOUND; WRONG_STATE; RATE_LIMITED.
pub async fn invite(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    whom: &Whom,
    public_name: &str,
    key: Option<&IdempotencyKey>,
) -> Result<HostInvitation, Refusal> {
    let again = async |id: Option<Uuid>| find(app, actor, id.unwrap_or_default()).await;
    let action = async || {
        let event = require_edit(app, actor, event_id).await?;
        let me = actor.member()?.id;
        match event.row.status {
            EventStatus::Cancelled => return Err(Refusal::WrongState(Reason::EventCancelled)),
            // Whoever is asked would read of it in a mail.
            EventStatus::Suppressed => return Err(Refusal::WrongState(Reason::EventNotPublished)),
            _ => {}
        }
        let name = public_name.trim();
        let mut problems = Problems::default();
        check_public_name(app, name, &mut problems);
        problems.finish()?;
        app.limits.host_invitation(me).await?;
        let row = app
            .write(async |tx| invite_in(app, tx, actor, &event, whom, name, key).await)
            .await?;
        show(app, actor, row, &event.row.title)
    };
    idempotency::run(app, key, action, again).await
}

async fn invite_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    event: &Loaded,
    whom: &Whom,
    public_name: &str,
    key: Option<&IdempotencyKey>,
) -> Result<host_invitation::Model, Refusal> {
    let (id, event_id) = (Uuid::now_v7(), event.row.id);
    let person_id = match whom {
        Whom::Email(_) => None,
        Whom::Person(id) => Some(*id),
        Whom::Attendee(id) => Some(of_attendee(tx, event_id, *id).await?),
    };
    if let Some(id) = person_id
        && !person::keep(tx, id).await?
    {
        return Err(Refusal::NotFound("person"));
    }
    lock_event(tx, event_id).await?;
    let same = match whom {
        Whom::Email(email) => Address::from(email.clone()).is_in(
            app,
            host_invitation::Column::IndexKey,
            host_invitation::Column::ValueIndex,
        ),
        Whom::Person(_) | Whom::Attendee(_) => {
            Condition::all().add(host_invitation::Column::PersonId.eq(person_id))
        }
    };
    if let Some(before) = host_invitation::Entity::find()
        .filter(still_open(event_id, tx.now()))
        .filter(same)
        .one(tx.db())
        .await?
    {
        idempotency::claim(tx, key, Some(before.id)).await?;
        return Ok(before);
    }
    idempotency::claim(tx, key, Some(id)).await?;
    let email = match whom {
        Whom::Email(email) => Some(email.reveal().to_owned()),
        Whom::Person(_) | Whom::Attendee(_) => None,
    };
    let index = email.as_deref().map(|email| app.keys.index(person::SCOPE, email));
    let (index_key, value_index) = index.transpose()?.map(|index| (index.key, index.value)).unzip();
    let details = Details {
        email,
        public_name: public_name.to_owned(),
    };
    let row = host_invitation::ActiveModel {
        id: Set(id),
        event_id: Set(event_id),
        invited_by: Set(actor.person_id()),
        person_id: Set(person_id),
        details: Set(app.keys.seal(details_slot(&id), &details)?),
        index_key: Set(index_key),
        value_index: Set(value_index),
        status: Set(Status::Open),
        expires_at: Set(tx.now() + life(app)),
        closed_at: Set(None),
        created_at: Set(tx.now()),
    };
    let row = host_invitation::Entity::insert(row)
        .exec_with_returning(tx.db())
        .await?;
    check_room(app, tx, event_id).await?;
    tx.enqueue(&Job::SendHostInvitation { invitation_id: id }, tx.now())
        .await?;
    let by = By::of(actor, &event.hosts);
    history::note(tx, event_id, &by, ChangeKind::HostInvited, vec![]).await?;
    Ok(row)
}

/// Refuses more people than `limits.hosts` who host an event or are asked to, and so rolls back what made it more.
async fn check_room(app: &App, tx: &Tx, event_id: Uuid) -> Result<(), Refusal> {
    let hosts = event_host::Entity::find()
        .filter(event_host::Column::EventId.eq(event_id))
        .filter(event_host::Column::PersonId.is_not_null());
    let asked = host_invitation::Entity::find().filter(still_open(event_id, tx.now()));
    let many = hosts.count(tx.db()).await? + asked.count(tx.db()).await?;
    let most = app.config.limits.hosts;
    if many > most as u64 {
        let problem = format!("would have more than {most} hosts, those who are invited included");
        return Err(Refusal::input(&["input"], problem));
    }
    Ok(())
}

async fn of_attendee(tx: &Tx, event_id: Uuid, rsvp_id: Uuid) -> Result<Uuid, Refusal> {
    let row = rsvp::Entity::find_by_id(rsvp_id)
        .filter(rsvp::Column::EventId.eq(event_id))
        .one(tx.db())
        .await?;
    row.map(|row| row.person_id).ok_or(Refusal::NotFound("attendee"))
}

/// Sends the mail of an open or expired invitation again, with new links; earlier ones work no more. For hosts and
/// organizers. NOT_FOUND, WRONG_STATE, RATE_LIMITED.
pub async fn resend(app: &App, actor: &Actor, id: Uuid) -> Result<HostInvitation, Refusal> {
    let event = require_invitation(app, actor, id).await?;
    app.limits.host_invitation(actor.member()?.id).await?;
    // Whoever follows a link takes it first, and then the event.
    let row = again(|| {
        app.write(async |tx| {
            lock_event(tx, event.row.id).await?;
            let row = unanswered(tx, id).await?;
            forget_links(tx, id).await?;
            tx.enqueue(&Job::SendHostInvitation { invitation_id: id }, tx.now())
                .await?;
            let row = host_invitation::ActiveModel {
                id: Unchanged(row.id),
                expires_at: Set(tx.now() + life(app)),
                ..Default::default()
            };
            let row = row.update(tx.db()).await?;
            check_room(app, tx, event.row.id).await?;
            Ok(row)
        })
    })
    .await?;
    show(app, actor, row, &event.row.title)
}

/// Takes an invitation back that nobody answered. For hosts and organizers. NOT_FOUND, WRONG_STATE.
pub async fn revoke(app: &App, actor: &Actor, id: Uuid) -> Result<HostInvitation, Refusal> {
    let event = require_invitation(app, actor, id).await?;
    let row = again(|| {
        app.write(async |tx| {
            lock_event(tx, event.row.id).await?;
            unanswered(tx, id).await?;
            forget_links(tx, id).await?;
            close(tx, id, Status::Revoked, None).await
        })
    })
    .await?;
    show(app, actor, row, &event.row.title)
}

/// Invitations to an event that nobody answered and that have not expired, oldest first: `limits.hosts` at most.
/// For hosts and organizers.
pub async fn of_event(app: &App, actor: &Actor, event_id: Uuid) -> Result<Vec<HostInvitation>, Refusal> {
    let event = require_edit(app, actor, event_id).await?;
    let rows = host_invitation::Entity::find()
        .filter(still_open(event_id, app.clock.now()))
        .order_by_asc(host_invitation::Column::Id)
        .all(app.db.reader())
        .await?;
    let rows = rows.into_iter();
    rows.map(|row| show(app, actor, row, &event.row.title)).collect()
}

async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<HostInvitation, Refusal> {
    let event = require_invitation(app, actor, id).await?;
    let row = find_row(app.db.reader(), id).await?;
    show(app, actor, row, &event.row.title)
}

/// The event of an invitation, for its hosts and for organizers.
async fn require_invitation(app: &App, actor: &Actor, id: Uuid) -> Result<Loaded, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let row = find_row(app.db.reader(), id).await?;
    let event = require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("invitation"))
}

async fn find_row(db: &impl ConnectionTrait, id: Uuid) -> Result<host_invitation::Model, Refusal> {
    let row = host_invitation::Entity::find_by_id(id).one(db).await?;
    row.ok_or(Refusal::NotFound("invitation"))
}

/// One that nobody answered, expired or not.
async fn unanswered(tx: &Tx, id: Uuid) -> Result<host_invitation::Model, Refusal> {
    let row = find_row(tx.db(), id).await?;
    match row.status {
        Status::Open => Ok(row),
        Status::Accepted | Status::Declined | Status::Revoked => {
            Err(Refusal::WrongState(Reason::InvitationClosed))
        }
    }
}

/// Takes back what somebody asked who is no host any more: of one event, or of all. The caller has the events' rows.
pub(super) async fn revoke_of(tx: &Tx, asker: Uuid, event_id: Option<Uuid>) -> Result<(), Refusal> {
    let of_event = event_id.map(|id| host_invitation::Column::EventId.eq(id));
    host_invitation::Entity::update_many()
        .set(host_invitation::ActiveModel {
            status: Set(Status::Revoked),
            closed_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .filter(host_invitation::Column::InvitedBy.eq(asker))
        .filter(host_invitation::Column::Status.eq(Status::Open))
        .filter(Condition::all().add_option(of_event))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn close(
    tx: &Tx,
    id: Uuid,
    status: Status,
    person_id: Option<Uuid>,
) -> Result<host_invitation::Model, Refusal> {
    let row = host_invitation::ActiveModel {
        id: Unchanged(id),
        status: Set(status),
        person_id: person_id.map_or(sea_orm::ActiveValue::NotSet, |id| Set(Some(id))),
        closed_at: Set(Some(tx.now())),
        ..Default::default()
    };
    Ok(row.update(tx.db()).await?)
}

async fn forget_links(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    link::Entity::delete_many()
        .filter(link::Column::HostInvitationId.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

fn still_open(event_id: Uuid, now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(host_invitation::Column::EventId.eq(event_id))
        .add(host_invitation::Column::Status.eq(Status::Open))
        .add(host_invitation::Column::ExpiresAt.gt(now))
}

fn show(
    app: &App,
    actor: &Actor,
    row: host_invitation::Model,
    event_title: &str,
) -> Result<HostInvitation, Refusal> {
    let details = open_details(app, &row)?;
    let typed_it = row.invited_by.is_some() && row.invited_by == actor.person_id();
    Ok(HostInvitation {
        public_name: details.public_name,
        email: details.email.filter(|_| typed_it),
        event_title: event_title.to_owned(),
        row,
    })
}

pub(crate) fn open_details(app: &App, row: &host_invitation::Model) -> Result<Details, Refusal> {
    app.keys.open(details_slot(&row.id), &row.details)
}

fn life(app: &App) -> TimeDelta {
    TimeDelta::days(app.config.events.host_invitation_days)
}

fn details_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "host_invitation.details",
        row: id,
    }
}
