//! Links that hosts make and give to whom they like.

use chrono::{DateTime, Utc};
use entity::invitation_link::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, sea_query::Expr,
};
use uuid::Uuid;

use super::{make_token, page_of, token_of};
use crate::{
    app::App,
    domain::{
        Actor,
        event::{self, text},
        idempotency::{self, IdempotencyKey},
        page::{Page, PageArgs},
    },
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// Keeps tokens of links apart from others.
const SCOPE: &str = "invitation_link.token";

/// A link to make.
#[derive(Clone, Debug, Default)]
pub struct NewLink {
    /// What its hosts call it, at most `limits.name` characters. Nobody else reads it.
    pub label: Option<String>,
    /// When it stops working; never when none.
    pub expires_at: Option<DateTime<Utc>>,
    /// How many people may answer with it; as many as like when none.
    pub most_uses: Option<i32>,
}

/// Makes a link by which whoever has it is invited. At most `invitations.links` of an event that were not taken back.
/// For its hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT.
pub async fn make_link(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    wanted: &NewLink,
    key: Option<&IdempotencyKey>,
) -> Result<Model, Refusal> {
    let again = async |id: Option<Uuid>| find_link(app, actor, id.unwrap_or_default()).await;
    let action = async || make_once(app, actor, event_id, wanted, key).await;
    idempotency::run(app, key, action, again).await
}

async fn make_once(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    wanted: &NewLink,
    key: Option<&IdempotencyKey>,
) -> Result<Model, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    let label = wanted.label.as_ref().map(|label| label.trim().to_owned());
    let label = label.filter(|label| !label.is_empty());
    let mut problems = Problems::default();
    text(
        &mut problems,
        "input.label",
        label.as_ref(),
        app.config.limits.name,
    );
    let is_to_come = wanted.expires_at.is_none_or(|at| at > app.clock.now());
    problems.check(is_to_come, "input.expiresAt", "must be in the future");
    let most = app.config.limits.capacity;
    let is_number = wanted.most_uses.is_none_or(|uses| (1..=most).contains(&uses));
    problems.check(
        is_number,
        "input.mostUses",
        format!("must be between 1 and {most}"),
    );
    problems.finish()?;
    let id = Uuid::now_v7();
    let token_hash = make_token(app, SCOPE, id)?;
    let label = label
        .map(|label| app.keys.seal(label_slot(&id), &label))
        .transpose()?;
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        event::lock_event(tx, event_id).await?; // so that of many at once none is one too many
        let standing = Entity::find()
            .filter(Column::EventId.eq(event_id))
            .filter(Column::RevokedAt.is_null());
        let most = app.config.invitations.links;
        if standing.count(tx.db()).await? >= most {
            let problem = format!("has {most} links already: take one back first");
            return Err(Refusal::input(&["input", "eventId"], problem));
        }
        let row = ActiveModel {
            id: Set(id),
            event_id: Set(event_id),
            made_by: Set(actor.person_id()),
            label: Set(label.clone()),
            token_hash: Set(token_hash.clone()),
            expires_at: Set(wanted.expires_at),
            most_uses: Set(wanted.most_uses),
            uses: Set(0),
            revoked_at: Set(None),
            created_at: Set(tx.now()),
        };
        Ok(Entity::insert(row).exec_with_returning(tx.db()).await?)
    })
    .await
}

/// Takes a link back; whoever answered with it stays a guest. Doing it again changes nothing. For hosts and organizers.
/// NOT_FOUND.
pub async fn revoke_link(app: &App, actor: &Actor, id: Uuid) -> Result<Model, Refusal> {
    find_link(app, actor, id).await?;
    app.write(async |tx| {
        Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(id))
            .filter(Column::RevokedAt.is_null())
            .exec(tx.db())
            .await?;
        let row = Entity::find_by_id(id).one(tx.db()).await?;
        row.ok_or(Refusal::NotFound("invitation link"))
    })
    .await
}

/// A link of an event that the actor runs. UNAUTHENTICATED, NOT_FOUND.
pub async fn find_link(app: &App, actor: &Actor, id: Uuid) -> Result<Model, Refusal> {
    actor.member()?;
    let row = Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("invitation link"))?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("invitation link"))?;
    Ok(row)
}

/// Links of an event, newest first. For its hosts and for organizers.
pub async fn links(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Page<Model>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    let rows = Entity::find().filter(Column::EventId.eq(event_id));
    let rows = page.by_id(rows, Column::Id, Order::Desc);
    Ok(page.cut_by_id(rows.all(app.db.reader()).await?, |row| row.id))
}

/// Its address and its label, for those who run the event.
pub fn url_of(app: &App, row: &Model) -> Result<(String, Option<String>), Refusal> {
    let token = token_of(app, SCOPE, row.id, &row.token_hash)
        .ok_or_else(|| Refusal::internal("the key of a token is gone"))?;
    let label = row.label.as_ref();
    let label = label
        .map(|label| app.keys.open(label_slot(&row.id), label))
        .transpose()?;
    Ok((page_of(app, &token), label))
}

fn label_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "invitation_link.label",
        row: id,
    }
}
