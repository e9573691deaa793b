//! What was decided about somebody's events.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{StaffRole, host_standing as standing, person as people};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::Tier;
use crate::{
    app::{App, Tx},
    domain::{Actor, audit, person},
    refusal::Refusal,
};

/// How a host stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who.
    pub person_id: Uuid,
    /// Given name and initial, if they told them.
    pub name: Option<String>,
    /// How well they are known.
    pub tier: Tier,
    /// What organizers decided, if they decided anything.
    pub row: Option<standing::Model>,
}

/// How these people stand as hosts: all of them for organizers, and for others themselves alone.
pub async fn standings(app: &App, actor: &Actor, ids: &[Uuid]) -> Result<HashMap<Uuid, Standing>, Refusal> {
    if actor.is(StaffRole::Organizer) {
        return of(app, ids).await;
    }
    let me = actor.person_id().filter(|me| ids.contains(me));
    of(app, me.as_slice()).await
}

pub(super) async fn of(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, Standing>, Refusal> {
    let rows = standing::Entity::find().filter(standing::Column::PersonId.is_in(ids.iter().copied()));
    let rows = rows.all(app.db.reader()).await?.into_iter();
    let mut rows: HashMap<Uuid, standing::Model> = rows.map(|row| (row.person_id, row)).collect();
    let found = people::Entity::find().filter(people::Column::Id.is_in(ids.iter().copied()));
    let mut stands = HashMap::new();
    for found in found.all(app.db.reader()).await? {
        let row = rows.remove(&found.id);
        let name = found.name.as_ref();
        let name = name
            .map(|sealed| person::open_name(app, found.id, sealed))
            .transpose()?;
        let standing = Standing {
            person_id: found.id,
            name: name.map(|name| name.short()),
            tier: Tier::of(app, found.created_at, row.as_ref()),
            row,
        };
        stands.insert(found.id, standing);
    }
    Ok(stands)
}

/// The row of somebody, made when it is not there. The caller keeps the person from going away.
pub(super) async fn row(tx: &Tx, person_id: Uuid) -> Result<standing::Model, Refusal> {
    let new = standing::ActiveModel {
        person_id: Set(person_id),
        approved: Set(0),
        streak: Set(0),
        trusted_at: Set(None),
        trusted_by: Set(None),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
    };
    let unless_there = OnConflict::column(standing::Column::PersonId)
        .do_nothing()
        .to_owned();
    standing::Entity::insert(new)
        .on_conflict(unless_there)
        .exec_without_returning(tx.db())
        .await?;
    find(tx.db(), person_id).await?.ok_or(Refusal::NotFound("host"))
}

async fn find(db: &impl ConnectionTrait, person_id: Uuid) -> Result<Option<standing::Model>, Refusal> {
    Ok(standing::Entity::find_by_id(person_id).one(db).await?)
}

/// Counts that an organizer approved an event of these people; with `hosts.trusted_after_approved`, enough of them make
/// somebody trusted.
pub(crate) async fn approved(app: &App, tx: &Tx, people: &[Uuid]) -> Result<(), Refusal> {
    for id in people {
        row(tx, *id).await?;
    }
    let add = |column| Expr::col(column).add(1);
    standing::Entity::update_many()
        .col_expr(standing::Column::Approved, add(standing::Column::Approved))
        .col_expr(standing::Column::Streak, add(standing::Column::Streak))
        .col_expr(standing::Column::ChangedAt, Expr::value(tx.now()))
        .filter(standing::Column::PersonId.is_in(people.iter().copied()))
        .exec(tx.db())
        .await?;
    let enough = app.config.hosts.trusted_after_approved;
    if enough == 0 {
        return Ok(());
    }
    let now_trusted = standing::Entity::find()
        .filter(standing::Column::PersonId.is_in(people.iter().copied()))
        .filter(standing::Column::Streak.gte(enough))
        .filter(standing::Column::TrustedAt.is_null());
    for host in now_trusted.all(tx.db()).await? {
        standing::Entity::update_many()
            .col_expr(standing::Column::TrustedAt, Expr::value(tx.now()))
            .filter(standing::Column::PersonId.eq(host.person_id))
            .exec(tx.db())
            .await?;
        audit::record(tx, &Actor::System, "host.trust", &[host.person_id]).await?;
    }
    Ok(())
}

/// Counts that an event of these people was sent back or taken down: trust that came of approvals is lost.
pub(crate) async fn rejected(tx: &Tx, people: &[Uuid]) -> Result<(), Refusal> {
    let of_them = || standing::Column::PersonId.is_in(people.iter().copied());
    standing::Entity::update_many()
        .col_expr(standing::Column::Streak, Expr::value(0))
        .col_expr(standing::Column::ChangedAt, Expr::value(tx.now()))
        .filter(of_them())
        .exec(tx.db())
        .await?;
    let earned = standing::Entity::find()
        .filter(of_them())
        .filter(standing::Column::TrustedAt.is_not_null())
        .filter(standing::Column::TrustedBy.is_null());
    for host in earned.all(tx.db()).await? {
        standing::Entity::update_many()
            .col_expr(standing::Column::TrustedAt, Expr::value(None::<DateTime<Utc>>))
            .filter(standing::Column::PersonId.eq(host.person_id))
            .exec(tx.db())
            .await?;
        audit::record(tx, &Actor::System, "host.distrust", &[host.person_id]).await?;
    }
    Ok(())
}

/// What `from` earned is that of `to`, who are one person; trust only if both had it, or `to` had. The caller has both
/// people's rows.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    standing::Entity::update_many()
        .col_expr(standing::Column::TrustedBy, Expr::value(to))
        .filter(standing::Column::TrustedBy.eq(from))
        .exec(tx.db())
        .await?;
    let Some(theirs) = find(tx.db(), from).await? else {
        return Ok(());
    };
    let mine = row(tx, to).await?;
    standing::Entity::update_many()
        .col_expr(
            standing::Column::Approved,
            Expr::value(mine.approved + theirs.approved),
        )
        .col_expr(standing::Column::ChangedAt, Expr::value(tx.now()))
        .filter(standing::Column::PersonId.eq(to))
        .exec(tx.db())
        .await?;
    Ok(())
}
