//! Invitations by mail: to addresses that a host knows, within a budget, and answered by a link of each one's own.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    EventStatus, InvitationStatus, JoinPolicy,
    invitation::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::{Pass, make_token, page_of, pass, token_of};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        address::Address,
        email::Email,
        event::{self, Loaded, text},
        host,
        idempotency::{self, IdempotencyKey},
        page::{Page, PageArgs},
        person,
    },
    limits::Client,
    outbox::Job,
    refusal::{Problems, Reason, Refusal},
    sealed::Slot,
};

/// Keeps tokens of mails apart from others.
const SCOPE: &str = "invitation.token";
/// What a note must not have: a mail with our name on it leads to our pages alone.
const ADDRESSES: [&str; 2] = ["://", "www."];

/// Invites people by mail, with a note. Who was invited before is not invited again, unless that was taken back. For hosts of a
/// published event, and for organizers: at most `invitations.contacts` at once, and `invitations.per_host_and_day`, or
/// fewer of a new host.
/// BAD_USER_INPUT, NOT_FOUND, CONFLICT, RATE_LIMITED; WRONG_STATE (EVENT_NOT_PUBLISHED, EVENT_CANCELLED, EVENT_ENDED,
/// JOIN_ELSEWHERE).
pub async fn invite(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    contacts: &[Email],
    note: Option<&str>,
    key: Option<&IdempotencyKey>,
) -> Result<Vec<Model>, Refusal> {
    let again = async |_| {
        event::require_edit(app, actor, event_id).await?;
        let mut rows = vec![];
        for email in contacts {
            rows.extend(find_contact(app, app.db.reader(), event_id, email).await?);
        }
        Ok(rows)
    };
    let action = async || invite_once(app, actor, event_id, contacts, note, key).await;
    idempotency::run(app, key, action, again).await
}

async fn invite_once(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    contacts: &[Email],
    note: Option<&str>,
    key: Option<&IdempotencyKey>,
) -> Result<Vec<Model>, Refusal> {
    let me = actor.member()?.id;
    let loaded = event::require_edit(app, actor, event_id).await?;
    let expires_at = last_end(&loaded, app.clock.now())?;
    let limits = &app.config.invitations;
    let note = note
        .map(|note| note.trim().to_owned())
        .filter(|note| !note.is_empty());
    let mut problems = Problems::default();
    let most = limits.contacts;
    problems.check(
        (1..=most).contains(&contacts.len()),
        "input.contacts",
        format!("must be 1 to {most}"),
    );
    text(&mut problems, "input.note", note.as_ref(), limits.note);
    let has_address = note.as_ref().is_some_and(|note| {
        let note = note.to_lowercase();
        ADDRESSES.iter().any(|part| note.contains(part))
    });
    problems.check(!has_address, "input.note", "must not have links");
    problems.finish()?;
    app.write(async |tx| {
        idempotency::claim(tx, key, None).await?;
        person::lock(tx, &[me]).await?; // so that of many at once none goes over the budget
        event::lock_event(tx, event_id).await?;
        let most = host::invitations_per_day(app, tx, actor).await?;
        let mut left = budget(tx, me, most).await?;
        let mut rows: Vec<Model> = vec![];
        for email in contacts {
            let before = find_contact(app, tx.db(), event_id, email).await?;
            let row = match before {
                Some(row) if row.status != InvitationStatus::Revoked => row,
                before => {
                    if left == 0 {
                        let limit = format!("You can invite {most} addresses in 24 hours");
                        return Err(Refusal::Budget(limit, DAY.num_seconds().unsigned_abs()));
                    }
                    left -= 1;
                    let id = before.as_ref().map_or_else(Uuid::now_v7, |before| before.id);
                    let mut row = new_row(app, tx, (id, event_id, me), email, note.as_ref(), expires_at)?;
                    let today = before
                        .as_ref()
                        .filter(|before| before.created_at > tx.now() - DAY);
                    row.mails = Set(today.map_or(0, |before| before.mails) + 1);
                    let row = match before {
                        None => row.insert(tx.db()).await?,
                        Some(_) => row.update(tx.db()).await?,
                    };
                    let job = Job::SendInvitation {
                        invitation_id: row.id,
                    };
                    tx.enqueue(&job, tx.now()).await?;
                    row
                }
            };
            if rows.iter().all(|other| other.id != row.id) {
                rows.push(row);
            }
        }
        Ok(rows)
    })
    .await
}

const DAY: TimeDelta = TimeDelta::hours(24);

/// Until when an answer makes sense.
fn last_end(loaded: &Loaded, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let standing = loaded.timeslots.iter().filter(|slot| slot.cancelled_at.is_none());
    let end = standing.map(|slot| slot.ends_at).max();
    match loaded.row.status {
        EventStatus::Cancelled => Err(Refusal::WrongState(Reason::EventCancelled)),
        EventStatus::Approved if loaded.row.join_policy == JoinPolicy::External => {
            Err(Refusal::WrongState(Reason::JoinElsewhere))
        }
        EventStatus::Approved => end
            .filter(|end| *end > now)
            .ok_or(Refusal::WrongState(Reason::EventEnded)),
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected | EventStatus::Suppressed => {
            Err(Refusal::WrongState(Reason::EventNotPublished))
        }
    }
}

/// How many of `most` somebody may still invite today.
async fn budget(tx: &Tx, me: Uuid, most: u64) -> Result<u64, Refusal> {
    let today = Entity::find()
        .select_only()
        .column_as(Column::Mails.sum(), "mails")
        .filter(Column::InvitedBy.eq(me))
        .filter(Column::CreatedAt.gt(tx.now() - DAY))
        .into_tuple::<Option<i64>>();
    let used = today.one(tx.db()).await?.flatten().unwrap_or_default();
    Ok(most.saturating_sub(used.unsigned_abs()))
}

fn new_row(
    app: &App,
    tx: &Tx,
    (id, event_id, me): (Uuid, Uuid, Uuid),
    email: &Email,
    note: Option<&String>,
    expires_at: DateTime<Utc>,
) -> Result<ActiveModel, Refusal> {
    let index = app.keys.index(person::SCOPE, email.reveal())?;
    let token_hash = make_token(app, SCOPE, id)?;
    let note = note.map(|note| app.keys.seal(note_slot(&id), note));
    Ok(ActiveModel {
        id: Set(id),
        event_id: Set(event_id),
        person_id: Set(None),
        link_id: Set(None),
        contact: Set(Some(app.keys.seal(contact_slot(&id), &email.reveal())?)),
        index_key: Set(Some(index.key)),
        value_index: Set(Some(index.value)),
        note: Set(note.transpose()?),
        token_hash: Set(Some(token_hash)),
        status: Set(InvitationStatus::Invited),
        invited_by: Set(Some(me)),
        mails: Set(1),
        expires_at: Set(Some(expires_at)),
        answered_at: Set(None),
        created_at: Set(tx.now()),
    })
}

async fn find_contact(
    app: &App,
    db: &impl ConnectionTrait,
    event_id: Uuid,
    email: &Email,
) -> Result<Option<Model>, Refusal> {
    let rows = Entity::find()
        .filter(Column::EventId.eq(event_id))
        .filter(Address::from(email.clone()).is_in(app, Column::IndexKey, Column::ValueIndex));
    Ok(rows.one(db).await?)
}

/// Takes an invitation back: its link works no more, and who has not answered does not know of a private event any more.
/// Whoever answered has an RSVP, which is another thing. Doing it again changes nothing. For hosts and organizers. NOT_FOUND.
pub async fn revoke(app: &App, actor: &Actor, id: Uuid) -> Result<Model, Refusal> {
    find(app, actor, id).await?;
    app.write(async |tx| {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(InvitationStatus::Revoked))
            .filter(Column::Id.eq(id))
            .exec(tx.db())
            .await?;
        let row = Entity::find_by_id(id).one(tx.db()).await?;
        row.ok_or(Refusal::NotFound("invitation"))
    })
    .await
}

/// Says no to an invitation by mail, for whoever has its token; RSVPs that were given stay. Doing it again changes nothing.
/// Refused as [`pass`]; NOT_FOUND for a link.
pub async fn decline(app: &App, client: Client, token: &str) -> Result<Model, Refusal> {
    let Pass::Mail(row) = pass(app, client, token).await? else {
        return Err(Refusal::NotFound("invitation"));
    };
    app.write(async |tx| {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(InvitationStatus::Declined))
            .col_expr(Column::AnsweredAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(row.id))
            .filter(Column::Status.eq(InvitationStatus::Invited))
            .exec(tx.db())
            .await?;
        let row = Entity::find_by_id(row.id).one(tx.db()).await?;
        row.ok_or(Refusal::NotFound("invitation"))
    })
    .await
}

/// An invitation by mail to an event that the actor runs. UNAUTHENTICATED, NOT_FOUND.
pub async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<Model, Refusal> {
    actor.member()?;
    let row = Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.filter(|row| row.token_hash.is_some());
    let row = row.ok_or(Refusal::NotFound("invitation"))?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("invitation"))?;
    Ok(row)
}

/// Invitations by mail to an event, newest first. For its hosts and for organizers.
pub async fn invitations(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Page<Model>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    let rows = Entity::find()
        .filter(Column::EventId.eq(event_id))
        .filter(Column::TokenHash.is_not_null());
    let rows = page.by_id(rows, Column::Id, Order::Desc);
    Ok(page.cut_by_id(rows.all(app.db.reader()).await?, |row| row.id))
}

/// The address as the actor, who runs the event, may read it: whole for who typed it in, its first letter and its domain for
/// others; none once it is deleted.
pub fn shown_contact(app: &App, actor: &Actor, row: &Model) -> Result<Option<String>, Refusal> {
    let is_mine = actor.person_id().is_some_and(|me| row.invited_by == Some(me));
    let shown = |email: Email| {
        let whole = email.reveal();
        match whole.split_once('@') {
            Some((name, domain)) if !is_mine => {
                format!("{}…@{domain}", name.chars().next().unwrap_or_default())
            }
            _ => whole.to_owned(),
        }
    };
    Ok(open_contact(app, row)?.map(shown))
}

pub(crate) fn open_contact(app: &App, row: &Model) -> Result<Option<Email>, Refusal> {
    let Some(contact) = &row.contact else {
        return Ok(None);
    };
    let text = app.keys.open(contact_slot(&row.id), contact)?;
    Ok(Some(Email::stored(text)))
}

pub(crate) fn note_of(app: &App, row: &Model) -> Result<Option<String>, Refusal> {
    let note = row.note.as_ref();
    note.map(|note| app.keys.open(note_slot(&row.id), note))
        .transpose()
}

/// The page that the mail leads to.
pub(crate) fn page(app: &App, row: &Model) -> Option<String> {
    let hash = row.token_hash.as_ref()?;
    Some(page_of(app, &token_of(app, SCOPE, row.id, hash)?))
}

fn contact_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "invitation.contact",
        row: id,
    }
}

fn note_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "invitation.note",
        row: id,
    }
}
