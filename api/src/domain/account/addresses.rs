//! A further address for an account. If another account has it, that one becomes part of this one: who reads what
//! goes to the address could sign in there, so both are theirs.

use chrono::{DateTime, Utc};
use entity::{
    CodePurpose, attendee_export, calendar_link, consent, contact_point, message, person as people,
    sign_in_code, staff_role,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};
use uuid::Uuid;

use super::data::{MERGE, former_ids};
use crate::{
    app::{App, Tx, again},
    domain::{
        Actor,
        address::Address,
        announcement, audit, campaign,
        code::{self, Use},
        contact, event, host,
        idempotency::IdempotencyKey,
        invitation,
        person::{self, Name},
        rsvp,
    },
    limits::{Client, Doing},
    refusal::{Reason, Refusal},
};

/// What came of adding an address.
#[derive(Debug)]
pub struct Added {
    /// Whether another account had it, which is now part of this one.
    pub merged: bool,
}

/// Sends a code to an address that the signed-in person wants to add, and says until when it works. The same for every
/// address. RATE_LIMITED.
pub async fn request_address_code(
    app: &App,
    actor: &Actor,
    client: Client,
    address: &Address,
    key: Option<&IdempotencyKey>,
) -> Result<DateTime<Utc>, Refusal> {
    code::request(app, client, address, to_add(actor.member()?.id), None, key).await
}

/// Adds an address to the signed-in person's account, by the code that was sent to it. BAD_USER_INPUT when the code is
/// wrong, used, too old, or was guessed at too often, or when there would be more than `limits.contact_points` addresses.
/// WRONG_STATE (STAFF_ACCOUNT) when the address is of an account that holds staff roles: these are given to a person, and
/// do not move to another account by themselves. CONFLICT, RATE_LIMITED.
pub async fn add_address(
    app: &App,
    actor: &Actor,
    client: Client,
    address: &Address,
    code: &str,
) -> Result<Added, Refusal> {
    let me = actor.member()?.id;
    app.limits.check(Doing::SignIn, client).await?;
    // A wrong try must be counted, so it commits and refuses afterwards.
    let added = again(|| {
        app.write(async |tx| {
            let contact = person::find(app, tx.db(), address).await?;
            let owner = contact.as_ref().map(|contact| contact.person_id);
            // Before the code, so that of two accounts that take each other in one waits for the other.
            let ids: Vec<Uuid> = [me]
                .into_iter()
                .chain(owner.filter(|owner| *owner != me))
                .collect();
            let people = person::lock(tx, &ids).await?;
            if !code::spend(app, tx, address, to_add(me), code).await? {
                return Ok(None);
            }
            if person::find(app, tx.db(), address).await? != contact {
                return Err(Refusal::Conflict(
                    "The address came to another account at the same moment.",
                ));
            }
            let merged = match contact {
                None => {
                    contact::add(app, tx, me, address).await?;
                    false
                }
                Some(contact) if contact.person_id == me => {
                    contact::prove(tx, contact.id).await?;
                    false
                }
                Some(contact) => {
                    merge(app, tx, actor, &people, me, contact.person_id).await?;
                    true
                }
            };
            let many = contact_point::Entity::find()
                .filter(contact_point::Column::PersonId.eq(me))
                .count(tx.db())
                .await?;
            let most = app.config.limits.contact_points;
            if many > most as u64 {
                let problem = format!("would be more than {most} addresses of one account");
                let field = match address {
                    Address::Email(_) => "email",
                    Address::Phone(_) => "phone",
                };
                return Err(Refusal::input(&["input", field], problem));
            }
            Ok(Some(Added { merged }))
        })
    });
    added.await?.ok_or_else(code::wrong)
}

fn to_add(me: Uuid) -> Use {
    Use {
        purpose: CodePurpose::AddAddress,
        person_id: Some(me),
    }
}

/// Makes everything of `other` that of `me`, and ends it. The rows of both are taken; events, timeslots and RSVPs follow, in
/// the order of [`person::lock`].
async fn merge(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    rows: &[people::Model],
    me: Uuid,
    other: Uuid,
) -> Result<(), Refusal> {
    let roles = staff_role::Entity::find()
        .filter(staff_role::Column::PersonId.eq(other))
        .filter(staff_role::Column::RevokedAt.is_null());
    if roles.count(tx.db()).await? > 0 {
        return Err(Refusal::WrongState(Reason::StaffAccount));
    }
    event::hand_over(tx, other, me).await?;
    rsvp::hand_over(app, tx, other, me).await?;
    invitation::hand_over(tx, other, me).await?;
    hand_over_records(tx, other, me).await?;
    // New rows, so that messages go on to the address that they went to.
    let contacts = contact::of(app, tx.db(), other).await?;
    contact_point::Entity::delete_many()
        .filter(contact_point::Column::PersonId.eq(other))
        .exec(tx.db())
        .await?;
    for contact in contacts {
        contact::add(app, tx, me, &contact.value).await?;
    }
    let mut concerned = vec![me];
    concerned.extend(former_ids(tx.db(), other).await?);
    audit::record(tx, actor, MERGE, &concerned).await?;
    complete(app, tx, rows, me, other).await?;
    // Sessions go with it.
    people::Entity::delete_by_id(other).exec(tx.db()).await?;
    Ok(())
}

/// What was said, granted and sent.
async fn hand_over_records(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    // Of two calendar links the one of who stays goes on.
    if calendar_link::Entity::find_by_id(to)
        .one(tx.db())
        .await?
        .is_none()
    {
        calendar_link::Entity::update_many()
            .col_expr(calendar_link::Column::PersonId, Expr::value(to))
            .filter(calendar_link::Column::PersonId.eq(from))
            .exec(tx.db())
            .await?;
    }
    announcement::hand_over(tx, from, to).await?;
    attendee_export::Entity::update_many()
        .col_expr(attendee_export::Column::PersonId, Expr::value(to))
        .filter(attendee_export::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    consent::Entity::update_many()
        .col_expr(consent::Column::PersonId, Expr::value(to))
        .filter(consent::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    message::Entity::update_many()
        .col_expr(message::Column::PersonId, Expr::value(to))
        .filter(message::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    campaign::hand_over(tx, from, to).await?;
    host::hand_over(tx, from, to).await?;
    // Those that were taken back.
    staff_role::Entity::update_many()
        .col_expr(staff_role::Column::PersonId, Expr::value(to))
        .filter(staff_role::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    sign_in_code::Entity::delete_many()
        .filter(sign_in_code::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Takes what the other profile has and this one lacks.
async fn complete(app: &App, tx: &Tx, rows: &[people::Model], me: Uuid, other: Uuid) -> Result<(), Refusal> {
    let row = |id| {
        rows.iter()
            .find(|row| row.id == id)
            .ok_or(Refusal::Unauthenticated)
    };
    let (mine, theirs) = (row(me)?, row(other)?);
    let name = match (&mine.name, &theirs.name) {
        (None, Some(sealed)) => {
            let name: Name = person::open_name(app, other, sealed)?;
            Set(Some(app.keys.seal(person::name_slot(&me), &name)?))
        }
        _ => NotSet,
    };
    let pronouns = match (&mine.pronouns, &theirs.pronouns) {
        (None, Some(sealed)) => {
            let pronouns: String = app.keys.open(person::pronouns_slot(&other), sealed)?;
            Set(Some(app.keys.seal(person::pronouns_slot(&me), &pronouns)?))
        }
        _ => NotSet,
    };
    let change = people::ActiveModel {
        id: Unchanged(me),
        name,
        pronouns,
        cell: Set(mine.cell.or(theirs.cell)),
        version: Set(mine.version + 1),
        changed_at: Set(tx.now()),
        ..Default::default()
    };
    change.update(tx.db()).await?;
    Ok(())
}
