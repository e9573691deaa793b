//! How the hosts of an event are reached: by what they show, and by messages that are passed on without anybody's address.

use entity::{ChangeKind, ContactVisibility, EventStatus, event, event_host, host_message};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Access, Loaded, content, find, history, require_edit, require_reach, timeslots::bump_standing};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        email::Email,
        idempotency::{self, IdempotencyKey},
        person,
    },
    outbox::Job,
    refusal::{Problems, Reason, Refusal},
    sealed::Slot,
};

/// How a host wants to be reached. Prints nothing of itself.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostContact {
    /// A mail address.
    pub email: Option<String>,
    /// A telephone number, as it is written.
    pub phone: Option<String>,
}

/// Says how the hosts are reached, and who may read it; nothing of it is needed to be written to. For hosts and organizers.
/// It goes when whoever said it hosts the event no more. BAD_USER_INPUT, NOT_FOUND, WRONG_STATE.
pub async fn set_contact(
    app: &App,
    actor: &Actor,
    id: Uuid,
    visibility: ContactVisibility,
    mut contact: HostContact,
) -> Result<Loaded, Refusal> {
    let event = require_edit(app, actor, id).await?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    let mut problems = Problems::default();
    if let Some(email) = &mut contact.email {
        match Email::parse(email, &[]) {
            Ok(parsed) => parsed.reveal().clone_into(email),
            Err(_) => problems.add("input.email", "must be an email address"),
        }
    }
    if let Some(phone) = &contact.phone {
        let is_number = (5..=30).contains(&phone.len())
            && phone.chars().any(|c| c.is_ascii_digit())
            && phone.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c));
        problems.check(is_number, "input.phone", "must be a telephone number");
    }
    let shows = contact != HostContact::default();
    problems.check(
        shows || visibility == ContactVisibility::Relayed,
        "input",
        "needs email or phone unless visibility is RELAYED",
    );
    problems.finish()?;
    let sealed = shows.then(|| app.keys.seal(slot(&id), &contact)).transpose()?;
    let by = history::By::of(actor, &event.hosts);
    app.write(async |tx| {
        bump_standing(tx, id).await?;
        event::Entity::update_many()
            .set(event::ActiveModel {
                contact_by: Set(actor.person_id().filter(|_| shows)),
                contact: Set(sealed.clone()),
                contact_visibility: Set(visibility),
                ..Default::default()
            })
            .filter(event::Column::Id.eq(id))
            .exec(tx.db())
            .await?;
        let told = vec![history::FieldChange::hidden("contact")];
        history::note(tx, id, &by, ChangeKind::Edited, told).await
    })
    .await?;
    find(app, actor, id).await
}

/// How the hosts are reached, as far as `access` may know.
pub fn readable_contact(
    app: &App,
    row: &event::Model,
    access: Access,
) -> Result<Option<HostContact>, Refusal> {
    let may = match row.contact_visibility {
        ContactVisibility::Public => true,
        ContactVisibility::AfterRsvp => access.may_read_private(),
        ContactVisibility::Relayed => access.may_edit(),
    };
    let sealed = row.contact.as_ref().filter(|_| may);
    sealed
        .map(|sealed| app.keys.open(slot(&row.id), sealed))
        .transpose()
}

/// Passes `text` on to everybody who hosts an event, by mail, under the sender's given name and initial; their address only
/// if they share it. BAD_USER_INPUT, NOT_FOUND; WRONG_STATE, also when nobody can be written to; RATE_LIMITED.
pub async fn message(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    text: &str,
    shares_address: bool,
    key: Option<&IdempotencyKey>,
) -> Result<(), Refusal> {
    let action = async || {
        let me = actor.member()?.id;
        let event = find(app, actor, event_id).await?;
        check(app, text)?;
        if !matches!(event.row.status, EventStatus::Approved | EventStatus::Cancelled) {
            return Err(Refusal::WrongState(Reason::EventNotPublished));
        }
        let others = |host: &&event_host::Model| host.person_id.is_some_and(|id| id != me);
        let hosts: Vec<_> = event.hosts.iter().filter(others).collect();
        if hosts.is_empty() {
            return Err(Refusal::WrongState(Reason::NobodyToWriteTo));
        }
        reachable(app, me).await?;
        if person::short_name(app, app.db.reader(), me).await?.is_none() {
            return Err(Refusal::input(
                &["input"],
                "is sent under your name, and your profile has none",
            ));
        }
        app.limits.host_message(me).await?;
        app.write(async |tx| {
            idempotency::claim(tx, key, None).await?;
            let id = insert(app, tx, (event_id, me), text, None, shares_address).await?;
            let to = |host: &&event_host::Model| Job::SendHostMessage {
                message_id: id,
                host_id: Some(host.id),
            };
            tx.enqueue_all(&hosts.iter().map(to).collect::<Vec<_>>()).await
        })
        .await
    };
    idempotency::run(app, key, action, async |_| Ok(())).await
}

/// Answers a message, in the name of the hosts and without anybody's address. For hosts and organizers. BAD_USER_INPUT,
/// NOT_FOUND, RATE_LIMITED; WRONG_STATE for hosts of an event that was taken down.
pub async fn reply(
    app: &App,
    actor: &Actor,
    message_id: Uuid,
    text: &str,
    key: Option<&IdempotencyKey>,
) -> Result<(), Refusal> {
    let action = async || {
        let me = actor.member()?.id;
        let row = host_message::Entity::find_by_id(message_id)
            .filter(host_message::Column::Answers.is_null())
            .one(app.db.reader())
            .await?;
        let row = row.ok_or(Refusal::NotFound("message"))?;
        let event = require_reach(app, actor, row.event_id).await;
        event.map_err(|refusal| refusal.hiding("message"))?;
        check(app, text)?;
        app.limits.host_message(me).await?;
        app.write(async |tx| {
            idempotency::claim(tx, key, None).await?;
            let id = insert(app, tx, (row.event_id, me), text, Some(row.id), false).await?;
            let job = Job::SendHostMessage {
                message_id: id,
                host_id: None,
            };
            tx.enqueue(&job, tx.now()).await
        })
        .await
    };
    idempotency::run(app, key, action, async |_| Ok(())).await
}

/// Takes off events how their hosts are reached, where somebody said so who is no host any more: of one event, or of all.
/// The caller has the events' rows.
pub(super) async fn forget_of(tx: &Tx, person_id: Uuid, event_id: Option<Uuid>) -> Result<(), Refusal> {
    let of_event = event_id.map(|id| event::Column::Id.eq(id));
    event::Entity::update_many()
        .set(event::ActiveModel {
            contact: Set(None),
            contact_by: Set(None),
            contact_visibility: Set(ContactVisibility::Relayed),
            ..Default::default()
        })
        .filter(event::Column::ContactBy.eq(person_id))
        .filter(Condition::all().add_option(of_event))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Somebody can be answered only at an address that they read.
async fn reachable(app: &App, me: Uuid) -> Result<(), Refusal> {
    match person::email_of(app, app.db.reader(), me).await? {
        Some((contact, _)) if contact.verified_at.is_some() => Ok(()),
        _ => Err(Refusal::WrongState(Reason::AddressNotVerified)),
    }
}

fn check(app: &App, text: &str) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    problems.check(!text.trim().is_empty(), "input.text", "must not be empty");
    content::text(
        &mut problems,
        "input.text",
        Some(&text.to_owned()),
        app.config.limits.text,
    );
    problems.finish()
}

async fn insert(
    app: &App,
    tx: &Tx,
    (event_id, person_id): (Uuid, Uuid),
    text: &str,
    answers: Option<Uuid>,
    shares_address: bool,
) -> Result<Uuid, Refusal> {
    let id = Uuid::now_v7();
    let row = host_message::ActiveModel {
        id: Set(id),
        event_id: Set(event_id),
        person_id: Set(person_id),
        answers: Set(answers),
        body: Set(app.keys.seal(body_slot(&id), &text.trim())?),
        shares_address: Set(shares_address),
        created_at: Set(tx.now()),
    };
    host_message::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    Ok(id)
}

/// The text of a message.
pub(crate) fn body(app: &App, row: &host_message::Model) -> Result<String, Refusal> {
    app.keys.open(body_slot(&row.id), &row.body)
}

/// Makes everything that somebody wrote to hosts that of another account.
pub(crate) async fn hand_over_messages(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    host_message::Entity::update_many()
        .col_expr(host_message::Column::PersonId, Expr::value(to))
        .filter(host_message::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}

fn slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "event.contact",
        row: id,
    }
}

fn body_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "host_message.body",
        row: id,
    }
}
