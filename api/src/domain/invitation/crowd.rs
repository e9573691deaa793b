//! Inviting everybody who came to one event to another one, each by a link of their own.
//!
//! Hosts know these people by name and not by address, so a row has the person, and neither address nor its index: it tells
//! nobody where its mail goes. Each of them is invited once, however often the host asks; the mail asks for consent when it is
//! sent, and is not sent to who was invited by their address before.

use entity::{
    Channel, InvitationStatus, attendance, contact_point, event_host,
    invitation::{ActiveModel, Column, Entity, Model},
    rsvp,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{OnConflict, SelectStatement},
};
use uuid::Uuid;

use super::{
    mailed::{SCOPE, last_end},
    make_token,
};
use crate::{
    app::App,
    domain::{
        Actor, event,
        idempotency::{self, IdempotencyKey},
    },
    outbox::Job,
    refusal::Refusal,
};

/// People of one part.
const PART: u64 = 500;

/// Of those who came, how many are invited, and how many are not, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Who are invited now, but for those who want no invitations.
    pub people: u64,
    /// Who have answered for the other event already, or host it.
    pub answered: u64,
    /// Who were invited to it before, and have not answered.
    pub invited_before: u64,
}

/// Invites everybody who came to `from` to `to`, by jobs, some hundred at a time. For who hosts both, and for organizers.
/// NOT_FOUND, FORBIDDEN, BAD_USER_INPUT; WRONG_STATE for what cannot be answered for, as [`super::invite`], and for hosts of an event
/// that was taken down.
pub async fn invite_attendees(
    app: &App,
    actor: &Actor,
    from: Uuid,
    to: Uuid,
    key: Option<&IdempotencyKey>,
) -> Result<Crowd, Refusal> {
    let once_more = async |_| {
        event::require_reach(app, actor, from).await?;
        event::require_reach(app, actor, to).await?;
        count(app.db.reader(), from, to).await
    };
    let action = async || {
        event::require_reach(app, actor, from).await?;
        let next = event::require_reach(app, actor, to).await?;
        if from == to {
            return Err(Refusal::input(&["input", "toEventId"], "must be another event"));
        }
        last_end(&next, app.clock.now())?;
        let me = actor.person_id();
        let host = next
            .hosts
            .iter()
            .find(|host| host.person_id.is_some() && host.person_id == me);
        let host_id = host.map(|host| host.id);
        app.write(async |tx| {
            idempotency::claim(tx, key, None).await?;
            let crowd = count(tx.db(), from, to).await?;
            let job = Job::InviteAttendees {
                from,
                to,
                host_id,
                after: None,
            };
            tx.enqueue(&job, tx.now()).await?;
            Ok(crowd)
        })
        .await
    };
    idempotency::run(app, key, action, once_more).await
}

async fn count(db: &impl ConnectionTrait, from: Uuid, to: Uuid) -> Result<Crowd, Refusal> {
    let person = attendance::Column::PersonId;
    let has_answered = Condition::any()
        .add(person.in_subquery(answered(to)))
        .add(person.in_subquery(hosting(to)));
    let was_invited = Condition::any()
        .add(person.in_subquery(invited(to)))
        .add(person.in_subquery(invited_by_address(to)));
    let number = async |which: Condition| {
        let people = came(from).filter(which).select_only().distinct().column(person);
        people.into_tuple::<Uuid>().count(db).await
    };
    let unanswered = Condition::all().add(has_answered.clone().not());
    Ok(Crowd {
        answered: number(has_answered).await?,
        invited_before: number(unanswered.clone().add(was_invited.clone())).await?,
        people: number(
            unanswered
                .add(was_invited.not())
                .add(person.in_subquery(reachable())),
        )
        .await?,
    })
}

/// Invites the next people who came to `from`, and leaves what invites those after them. Doing it again invites nobody twice.
pub(crate) async fn invite_part(
    app: &App,
    from: Uuid,
    to: Uuid,
    host_id: Option<Uuid>,
    after: Option<Uuid>,
) -> Result<(), Refusal> {
    let person = attendance::Column::PersonId;
    app.write(async |tx| {
        event::lock_event(tx, to).await?; // so that two who ask at once come one after the other
        let next = event::load(tx.db(), &[to]).await?.remove(&to);
        let Some(until) = next.as_ref().and_then(|next| last_end(next, tx.now()).ok()) else {
            return Ok(()); // it was called off or taken down meanwhile
        };
        // Who asked hosts it no more: what they asked for rests with them.
        let host = match host_id {
            None => None,
            Some(id) => match event_host::Entity::find_by_id(id).one(tx.db()).await? {
                Some(host) => host.person_id,
                None => return Ok(()),
            },
        };
        let people: Vec<Uuid> = came(from)
            .select_only()
            .distinct()
            .column(person)
            .filter(Condition::all().add_option(after.map(|after| person.gt(after))))
            .order_by_asc(person)
            .limit(PART)
            .into_tuple()
            .all(tx.db())
            .await?;
        let wanted: Vec<Uuid> = came(from)
            .select_only()
            .distinct()
            .column(person)
            .filter(person.is_in(people.iter().copied()))
            .filter(person.in_subquery(reachable()))
            .filter(person.not_in_subquery(answered(to)))
            .filter(person.not_in_subquery(hosting(to)))
            .filter(person.not_in_subquery(invited(to)))
            .filter(person.not_in_subquery(invited_by_address(to)))
            .into_tuple()
            .all(tx.db())
            .await?;
        let row = |person_id: Uuid| {
            let id = Uuid::now_v7();
            Ok(Model {
                id,
                event_id: to,
                person_id: Some(person_id),
                link_id: None,
                contact: None,
                index_key: None,
                value_index: None,
                note: None,
                token_hash: Some(make_token(app, SCOPE, id)?),
                status: InvitationStatus::Invited,
                invited_by: host,
                mails: 0,
                expires_at: Some(until),
                answered_at: None,
                created_at: tx.now(),
            })
        };
        let rows = wanted.into_iter().map(row).collect::<Result<Vec<_>, Refusal>>()?;
        if !rows.is_empty() {
            let jobs = rows.iter().map(|row| Job::SendInvitation {
                invitation_id: row.id,
            });
            tx.enqueue_all(&jobs.collect::<Vec<_>>()).await?;
            // Who became a guest by a link just now has a row: its job finds none of ours.
            let once = OnConflict::columns([Column::EventId, Column::PersonId])
                .do_nothing()
                .to_owned();
            Entity::insert_many(rows.into_iter().map(|row| ActiveModel::from(row).reset_all()))
                .on_conflict(once)
                .exec_without_returning(tx.db())
                .await?;
        }
        match people.last().filter(|_| people.len() as u64 == PART) {
            None => Ok(()),
            Some(last) => {
                let job = Job::InviteAttendees {
                    from,
                    to,
                    host_id,
                    after: Some(*last),
                };
                tx.enqueue(&job, tx.now()).await
            }
        }
    })
    .await
}

/// Whether somebody was invited to the event of `row` by another mail before: by an address of theirs, or as one who came to
/// another event.
pub(crate) async fn is_second(
    db: &impl ConnectionTrait,
    row: &Model,
    person_id: Uuid,
) -> Result<bool, Refusal> {
    let theirs = Condition::any()
        .add(Column::PersonId.eq(person_id))
        .add(Column::ValueIndex.in_subquery(addresses(person_id)));
    let before = Entity::find()
        .filter(Column::EventId.eq(row.event_id))
        .filter(Column::Id.lt(row.id))
        .filter(Column::TokenHash.is_not_null())
        .filter(Column::Status.ne(InvitationStatus::Revoked))
        .filter(theirs);
    // One of the two has no address of its own; whom hosts typed in twice, by two addresses, they meant twice.
    let other_way = match row.contact {
        Some(_) => before.filter(Column::Contact.is_null()),
        None => before,
    };
    Ok(other_way.count(db).await? > 0)
}

/// Of those who came to an event, those who are known.
fn came(event_id: Uuid) -> sea_orm::Select<attendance::Entity> {
    attendance::Entity::find()
        .filter(attendance::Column::EventId.eq(event_id))
        .filter(attendance::Column::Came.eq(true))
        .filter(attendance::Column::PersonId.is_not_null())
}

fn answered(event_id: Uuid) -> SelectStatement {
    let rows = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::PersonId)
        .filter(rsvp::Column::EventId.eq(event_id));
    rows.into_query()
}

fn hosting(event_id: Uuid) -> SelectStatement {
    let rows = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::PersonId)
        .filter(event_host::Column::EventId.eq(event_id))
        .filter(event_host::Column::PersonId.is_not_null());
    rows.into_query()
}

fn invited(event_id: Uuid) -> SelectStatement {
    let rows = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::EventId.eq(event_id))
        .filter(Column::PersonId.is_not_null());
    rows.into_query()
}

fn invited_by_address(event_id: Uuid) -> SelectStatement {
    let indexes = Entity::find()
        .select_only()
        .column(Column::ValueIndex)
        .filter(Column::EventId.eq(event_id))
        .filter(Column::ValueIndex.is_not_null())
        .into_query();
    let rows = contact_point::Entity::find()
        .select_only()
        .column(contact_point::Column::PersonId)
        .filter(contact_point::Column::ValueIndex.in_subquery(indexes));
    rows.into_query()
}

fn addresses(person_id: Uuid) -> SelectStatement {
    let rows = contact_point::Entity::find()
        .select_only()
        .column(contact_point::Column::ValueIndex)
        .filter(contact_point::Column::PersonId.eq(person_id));
    rows.into_query()
}

/// Who has a mail address.
fn reachable() -> SelectStatement {
    let rows = contact_point::Entity::find()
        .select_only()
        .column(contact_point::Column::PersonId)
        .filter(contact_point::Column::Channel.eq(Channel::Email));
    rows.into_query()
}
