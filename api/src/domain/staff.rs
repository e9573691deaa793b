//! Staff roles: granted and taken back by an admin, or by the operator's command line.

use entity::{StaffRole, staff_role};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, Order, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    Actor, audit,
    email::Email,
    idempotency::{self, IdempotencyKey},
    page::{Page, PageArgs},
    person,
};
use crate::{
    app::{App, Tx},
    db,
    refusal::Refusal,
};

/// Grants `role` to the person of an address, who may not have signed in yet. Granting it again changes nothing.
/// FORBIDDEN for anybody but an admin.
pub async fn grant(
    app: &App,
    actor: &Actor,
    email: &Email,
    role: StaffRole,
    key: Option<&IdempotencyKey>,
) -> Result<staff_role::Model, Refusal> {
    actor.require(StaffRole::Admin)?;
    let again = async |grant: Option<Uuid>| {
        let grant = staff_role::Entity::find_by_id(grant.unwrap_or_default());
        let row = grant.one(app.db.reader()).await?;
        row.ok_or(Refusal::NotFound("staff role"))
    };
    let action = async || grant_once(app, actor, email, role, key).await;
    idempotency::run(app, key, action, again).await
}

async fn grant_once(
    app: &App,
    actor: &Actor,
    email: &Email,
    role: StaffRole,
    key: Option<&IdempotencyKey>,
) -> Result<staff_role::Model, Refusal> {
    app.write(async |tx| {
        let person_id = person::find_or_create(app, tx, &email.clone().into(), None)
            .await?
            .person_id;
        let held = staff_role::Entity::find()
            .filter(staff_role::Column::PersonId.eq(person_id))
            .filter(staff_role::Column::Role.eq(role))
            .filter(staff_role::Column::RevokedAt.is_null())
            .one(tx.db())
            .await?;
        let id = held.as_ref().map_or_else(Uuid::now_v7, |held| held.id);
        // Not first, unlike elsewhere: a role that is held already is the result. Only admins come here.
        idempotency::claim(tx, key, Some(id)).await?;
        if let Some(held) = held {
            return Ok(held);
        }
        let row = staff_role::ActiveModel {
            id: Set(id),
            person_id: Set(person_id),
            role: Set(role),
            granted_by: Set(actor.person_id()),
            revoked_at: Set(None),
            created_at: Set(tx.now()),
        };
        audit::record(tx, actor, "staff_role.grant", &[person_id]).await?;
        let granted = staff_role::Entity::insert(row).exec_with_returning(tx.db()).await;
        granted.map_err(|error| match error {
            error if db::is_unique_violation(&error) => {
                Refusal::Conflict("The role was granted at the same moment.")
            }
            error => error.into(),
        })
    })
    .await
}

/// Takes a role back. NOT_FOUND when nobody holds it; FORBIDDEN for anybody but an admin.
pub async fn revoke(app: &App, actor: &Actor, id: Uuid) -> Result<staff_role::Model, Refusal> {
    actor.require(StaffRole::Admin)?;
    app.write(async |tx| {
        let mut row = held(tx, id).await?;
        staff_role::Entity::update_many()
            .col_expr(staff_role::Column::RevokedAt, Expr::value(tx.now()))
            .filter(staff_role::Column::Id.eq(id))
            .filter(staff_role::Column::RevokedAt.is_null())
            .exec(tx.db())
            .await?;
        audit::record(tx, actor, "staff_role.revoke", &[row.person_id]).await?;
        row.revoked_at = Some(tx.now());
        Ok(row)
    })
    .await
}

/// Everybody who holds a role, by id, newest first. For admins; reading it is recorded.
pub async fn list(
    app: &App,
    actor: &Actor,
    page: PageArgs,
) -> Result<Page<(staff_role::Model, Option<String>)>, Refusal> {
    actor.require(StaffRole::Admin)?;
    app.write(async |tx| {
        let query = staff_role::Entity::find().filter(staff_role::Column::RevokedAt.is_null());
        let query = page.by_id(query, staff_role::Column::Id, Order::Desc);
        let rows = query.all(tx.db()).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.person_id).collect();
        let emails = person::emails_of(app, tx.db(), &ids).await?;
        let name = |row: staff_role::Model| {
            let email = emails
                .get(&row.person_id)
                .map(|(_, email)| email.reveal().to_owned());
            (row, email)
        };
        let named = rows.into_iter().map(name).collect();
        audit::record(tx, actor, "staff_role.list", &ids).await?;
        Ok(page.cut_by_id(named, |(row, _)| row.id))
    })
    .await
}

/// A role that is held. For admins; reading it is recorded.
pub async fn find(
    app: &App,
    actor: &Actor,
    id: Uuid,
) -> Result<(staff_role::Model, Option<String>), Refusal> {
    actor.require(StaffRole::Admin)?;
    app.write(async |tx| {
        let row = held(tx, id).await?;
        let email = person::email_of(app, tx.db(), row.person_id).await?;
        audit::record(tx, actor, "staff_role.read", &[row.person_id]).await?;
        Ok((row, email.map(|(_, email)| email.reveal().to_owned())))
    })
    .await
}

async fn held(tx: &Tx, id: Uuid) -> Result<staff_role::Model, Refusal> {
    let row = staff_role::Entity::find_by_id(id)
        .filter(staff_role::Column::RevokedAt.is_null())
        .one(tx.db())
        .await?;
    row.ok_or(Refusal::NotFound("staff role"))
}
