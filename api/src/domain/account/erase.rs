//! The end of an account: everything that says who somebody is goes, in one transaction; what has to stay is told.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    CodePurpose, host_invitation, link, message, outbox, person as people, sign_in_code, suppression,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    app::{App, Tx, again},
    domain::{
        Actor, audit,
        code::{self, Use},
        contact, event,
        idempotency::{self, IdempotencyKey},
        invitation, person, rsvp,
    },
    limits::{Client, Doing},
    refusal::Refusal,
};

/// Something that is left of an account.
#[derive(Clone, Debug)]
pub struct Residue {
    /// What.
    pub kind: ResidueKind,
    /// How many; none where nobody can count them.
    pub count: Option<usize>,
    /// Until when; none for good.
    pub until: Option<DateTime<Utc>>,
}

/// What may be left of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidueKind {
    /// Seats on dates that are over.
    Seats,
    /// Events that are over, without their host.
    Events,
    /// Addresses that said STOP, as keyed hashes.
    Suppressions,
    /// That messages were sent, without to whom.
    Messages,
    /// The record of what was done, by ids that name nobody any more.
    Audit,
    /// Keyed hashes of requests.
    Requests,
    /// Back-ups, and mails that were sent.
    Copies,
}

/// Sends a code to the address of the signed-in person, by which they can erase their account, and says until when it
/// works. RATE_LIMITED.
pub async fn request_erasure_code(
    app: &App,
    actor: &Actor,
    client: Client,
    key: Option<&IdempotencyKey>,
) -> Result<DateTime<Utc>, Refusal> {
    let me = actor.member()?.id;
    let reached = contact::reach(app, app.db.reader(), me)
        .await?
        .ok_or_else(|| Refusal::internal("a person without an address"))?;
    code::request(app, client, &reached.value, to_erase(me), None, key).await
}

/// Erases the signed-in person, by the code that was sent to their address, and says what is left. BAD_USER_INPUT when the
/// code is wrong, used, too old, or was guessed at too often. WRONG_STATE (SOLE_HOST) when they alone host an event to come.
/// RATE_LIMITED.
pub async fn erase(app: &App, actor: &Actor, client: Client, code: &str) -> Result<Vec<Residue>, Refusal> {
    let me = actor.member()?.id;
    app.limits.check(Doing::SignIn, client).await?;
    // A wrong try must be counted, so it commits and refuses afterwards.
    let residue = again(|| {
        app.write(async |tx| {
            person::lock(tx, &[me]).await?;
            let reached = contact::reach(app, tx.db(), me)
                .await?
                .ok_or(Refusal::Unauthenticated)?;
            if !code::spend(app, tx, &reached.value, to_erase(me), code).await? {
                return Ok(None);
            }
            erase_in(app, tx, actor, me).await.map(Some)
        })
    });
    residue.await?.ok_or_else(code::wrong)
}

fn to_erase(me: Uuid) -> Use {
    Use {
        purpose: CodePurpose::Erase,
        person_id: Some(me),
    }
}

/// The caller has the person's row; events, timeslots and RSVPs follow, in the order of [`person::lock`].
async fn erase_in(app: &App, tx: &Tx, actor: &Actor, me: Uuid) -> Result<Vec<Residue>, Refusal> {
    let events = event::leave_all(app, tx, me).await?;
    let seats = rsvp::forget(app, tx, me).await?;
    let contacts = contact::of(app, tx.db(), me).await?;
    let indexes = contact::indexes(app, &contacts);
    let messages = forget_messages(tx, me, &indexes).await?;
    forget_addresses(tx, me, &indexes).await?;
    invitation::forget(tx, me, &indexes).await?;
    let suppressions = suppression::Entity::find()
        .filter(suppression::Column::ValueIndex.is_in(indexes))
        .count(tx.db())
        .await?;
    audit::record(tx, actor, "person.erase", &[me]).await?;
    // Addresses, sessions with their tokens, consents and roles go with it.
    people::Entity::delete_by_id(me).exec(tx.db()).await?;
    let counted = [
        (ResidueKind::Seats, seats),
        (ResidueKind::Events, events),
        (
            ResidueKind::Suppressions,
            usize::try_from(suppressions).unwrap_or_default(),
        ),
        (
            ResidueKind::Messages,
            usize::try_from(messages).unwrap_or_default(),
        ),
    ];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    let residue = |kind, count, until| Residue { kind, count, until };
    let mut left: Vec<Residue> = counted
        .map(|(kind, count)| residue(kind, Some(count), None))
        .collect();
    left.push(residue(ResidueKind::Audit, None, None));
    // A day, and the day until they are looked through.
    let requests = tx.now() + idempotency::KEPT + TimeDelta::days(1);
    left.push(residue(ResidueKind::Requests, None, Some(requests)));
    left.push(residue(ResidueKind::Copies, None, None));
    Ok(left)
}

/// That they were sent, and what became of them, stays; to whom, even as a hash, does not.
async fn forget_messages(tx: &Tx, me: Uuid, indexes: &[Vec<u8>]) -> Result<u64, Refusal> {
    let to_them = Condition::any()
        .add(message::Column::PersonId.eq(me))
        .add(message::Column::ValueIndex.is_in(indexes.iter().cloned()));
    let forgotten = message::Entity::update_many()
        .col_expr(message::Column::PersonId, Expr::value(None::<Uuid>))
        .col_expr(message::Column::ValueIndex, Expr::value(Vec::<u8>::new()))
        .col_expr(message::Column::RsvpId, Expr::value(None::<Uuid>))
        .col_expr(message::Column::Occasion, Expr::value(None::<String>))
        .filter(to_them)
        .exec(tx.db())
        .await?;
    Ok(forgotten.rows_affected)
}

/// Codes and links that were sent to the addresses, and the names of the jobs that sent them.
async fn forget_addresses(tx: &Tx, me: Uuid, indexes: &[Vec<u8>]) -> Result<(), Refusal> {
    let to_them = Condition::any()
        .add(sign_in_code::Column::PersonId.eq(me))
        .add(sign_in_code::Column::ValueIndex.is_in(indexes.iter().cloned()));
    sign_in_code::Entity::delete_many()
        .filter(to_them)
        .exec(tx.db())
        .await?;
    link::Entity::delete_many()
        .filter(link::Column::ValueIndex.is_in(indexes.iter().cloned()))
        .exec(tx.db())
        .await?;
    host_invitation::Entity::delete_many()
        .filter(host_invitation::Column::ValueIndex.is_in(indexes.iter().cloned()))
        .exec(tx.db())
        .await?;
    for index in indexes {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::UniqueKey, Expr::value(None::<String>))
            .filter(outbox::Column::UniqueKey.contains(code::hex(index)))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}
