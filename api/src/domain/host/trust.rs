//! Trust in a host: given and taken back by organizers.

use chrono::{DateTime, Utc};
use entity::{StaffRole, event_host, host_standing as standing};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::standing::{Standing, of, row};
use crate::{
    app::{App, Tx},
    domain::{
        Actor, audit,
        event::text,
        page::{Page, PageArgs, RowCursor, past},
        person,
    },
    refusal::{Problems, Refusal},
};

/// Lets somebody publish without review; they host, or hosted. Doing it again changes nothing. Recorded. FORBIDDEN for
/// anybody but organizers; NOT_FOUND for who never hosted.
pub async fn trust(app: &App, actor: &Actor, person_id: Uuid) -> Result<Standing, Refusal> {
    actor.require(StaffRole::Organizer)?;
    app.write(async |tx| {
        is_host(tx, person_id).await?;
        let before = row(tx, person_id).await?;
        // Trust that came of approvals becomes an organizer's word.
        if before.trusted_at.is_some() && before.trusted_by.is_some() {
            return Ok(());
        }
        standing::Entity::update_many()
            .col_expr(standing::Column::TrustedAt, Expr::value(tx.now()))
            .col_expr(standing::Column::TrustedBy, Expr::value(actor.person_id()))
            .col_expr(standing::Column::ChangedAt, Expr::value(tx.now()))
            .filter(standing::Column::PersonId.eq(person_id))
            .exec(tx.db())
            .await?;
        audit::record(tx, actor, "host.trust", &[person_id]).await
    })
    .await?;
    one(app, person_id).await
}

/// Takes trust back: what they hand in is reviewed again; what is published stays. Recorded with the reason. FORBIDDEN for
/// anybody but organizers; NOT_FOUND for who never hosted; BAD_USER_INPUT.
pub async fn revoke(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    reason: Option<&str>,
) -> Result<Standing, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let reason = reason.map(|reason| reason.trim().to_owned());
    let mut problems = Problems::default();
    text(
        &mut problems,
        "input.reason",
        reason.as_ref(),
        app.config.limits.text,
    );
    problems.finish()?;
    app.write(async |tx| {
        is_host(tx, person_id).await?;
        if row(tx, person_id).await?.trusted_at.is_none() {
            return Ok(());
        }
        standing::Entity::update_many()
            .col_expr(standing::Column::TrustedAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(standing::Column::TrustedBy, Expr::value(None::<Uuid>))
            .col_expr(standing::Column::Streak, Expr::value(0))
            .col_expr(standing::Column::ChangedAt, Expr::value(tx.now()))
            .filter(standing::Column::PersonId.eq(person_id))
            .exec(tx.db())
            .await?;
        audit::record_why(tx, actor, "host.distrust", &[person_id], reason.as_deref()).await
    })
    .await?;
    one(app, person_id).await
}

/// Keeps a host from being erased meanwhile; NOT_FOUND for who hosts nothing.
async fn is_host(tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
    let hosts = event_host::Entity::find()
        .filter(event_host::Column::PersonId.eq(person_id))
        .one(tx.db())
        .await?;
    match hosts {
        Some(_) if person::keep(tx, person_id).await? => Ok(()),
        _ => Err(Refusal::NotFound("host")),
    }
}

async fn one(app: &App, person_id: Uuid) -> Result<Standing, Refusal> {
    let found = of(app, &[person_id]).await?.remove(&person_id);
    found.ok_or(Refusal::NotFound("host"))
}

/// A host. For organizers. NOT_FOUND for who never hosted.
pub async fn find(app: &App, actor: &Actor, person_id: Uuid) -> Result<Standing, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let hosts = event_host::Entity::find().filter(event_host::Column::PersonId.eq(person_id));
    match hosts.one(app.db.reader()).await? {
        Some(_) => one(app, person_id).await,
        None => Err(Refusal::NotFound("host")),
    }
}

/// Everybody who is trusted, by id, newest first. For organizers; reading it is recorded.
pub async fn trusted(app: &App, actor: &Actor, page: PageArgs) -> Result<Page<Standing>, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let order = page.order(Order::Desc);
    let mut query = standing::Entity::find()
        .select_only()
        .column(standing::Column::PersonId)
        .filter(standing::Column::TrustedAt.is_not_null())
        .order_by(standing::Column::PersonId, order.clone())
        .limit(page.limit());
    if let Some(cursor) = &page.past {
        query = query.filter(past(&order, standing::Column::PersonId, cursor.id));
    }
    let ids: Vec<Uuid> = query.into_tuple().all(app.db.reader()).await?;
    let mut found = of(app, &ids).await?;
    app.write(async |tx| audit::record(tx, actor, "host.list", &ids).await)
        .await?;
    let rows = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(page.cut(rows, |standing: &Standing| RowCursor {
        key: 0,
        id: standing.person_id,
    }))
}
