//! Host links: an outside person gets some rights at one event, without an account, until a day or until it is taken back.
//!
//! Whoever has the link is an actor of its own kind, which the actions that take it name: it is nobody's account, of no staff,
//! and nothing at any other event.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{ChangeKind, EventStatus, host_link};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    content,
    history::{self, By},
    require_edit, require_reach,
    timeslots::{lock_event, lock_standing},
};
use crate::{
    app::{App, Tx},
    domain::{Actor, actor::Visitor, audit, device::Device},
    refusal::{Problems, Reason, Refusal},
    sealed::{self, Slot},
};

/// How a token begins, so that it can be told from an access token.
pub const PREFIX: &str = "host_";
/// Uses within this time are written down once.
const USED: TimeDelta = TimeDelta::minutes(1);

/// What a link gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// May change what the event says, and its dates.
    pub may_change: bool,
    /// May read who answered.
    pub may_see_rsvps: bool,
}

/// A link, opened.
pub struct HostLink {
    /// The row.
    pub row: host_link::Model,
    /// Whom the hosts gave it to, in their words.
    pub label: String,
}

/// A link and its token, told once.
pub struct Made {
    /// The link.
    pub link: HostLink,
    /// To be sent as `Authorization: Bearer …`.
    pub token: String,
    /// The page of a client that uses it, if the settings name one.
    pub url: Option<String>,
}

/// Makes a link, until a time within `events.host_link_days`, or so long. For hosts and organizers. BAD_USER_INPUT, also when
/// there would be more than `limits.host_links` that work; NOT_FOUND; WRONG_STATE.
pub async fn make(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    label: &str,
    rights: Rights,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Made, Refusal> {
    let event = require_reach(app, actor, event_id).await?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    let (now, days) = (app.clock.now(), app.config.events.host_link_days);
    let latest = now + TimeDelta::days(days);
    let expires_at = expires_at.unwrap_or(latest);
    let label = label.trim().to_owned();
    let mut problems = Problems::default();
    problems.check(!label.is_empty(), "input.label", "must not be empty");
    content::text(&mut problems, "input.label", Some(&label), app.config.limits.name);
    problems.check(rights != Rights::default(), "input.rights", "must not be empty");
    problems.check(
        expires_at > now && expires_at <= latest,
        "input.expiresAt",
        format!("must be within the next {days} days"),
    );
    problems.finish()?;
    let token = format!("{PREFIX}{}", sealed::token()?);
    let id = Uuid::now_v7();
    let row = app
        .write(async |tx| {
            lock_standing(tx, event_id).await?;
            let many = host_link::Entity::find().filter(working(event_id, tx.now()));
            let most = app.config.limits.host_links;
            if many.count(tx.db()).await? >= most as u64 {
                let problem = format!("would have more than {most} links that work");
                return Err(Refusal::input(&["input"], problem));
            }
            let row = host_link::ActiveModel {
                id: Set(id),
                event_id: Set(event_id),
                token_hash: Set(sealed::hash(&token)),
                label: Set(app.keys.seal(label_slot(&id), &label)?),
                may_change: Set(rights.may_change),
                may_see_rsvps: Set(rights.may_see_rsvps),
                created_by: Set(actor.person_id()),
                expires_at: Set(expires_at),
                revoked_at: Set(None),
                last_used_at: Set(None),
                read_at: Set(None),
                created_at: Set(tx.now()),
            };
            let row = host_link::Entity::insert(row)
                .exec_with_returning(tx.db())
                .await?;
            let by = By::of(actor, &event.hosts);
            history::note(tx, event_id, &by, ChangeKind::LinkMade, vec![]).await?;
            Ok(row)
        })
        .await?;
    let page = &app.config.links.host_link;
    let url = (!page.is_empty()).then(|| page.replace("{token}", &token));
    Ok(Made {
        link: HostLink { row, label },
        token,
        url,
    })
}

/// Takes a link back: it gives nothing from the next request on. Again changes nothing. For hosts and organizers. NOT_FOUND.
pub async fn revoke(app: &App, actor: &Actor, id: Uuid) -> Result<HostLink, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let row = host_link::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("link"))?;
    let event = require_edit(app, actor, row.event_id).await;
    let event = event.map_err(|refusal| refusal.hiding("link"))?;
    if row.revoked_at.is_some() {
        return open(app, row);
    }
    let row = app
        .write(async |tx| {
            lock_event(tx, event.row.id).await?;
            let row = host_link::Entity::find_by_id(id).one(tx.db()).await?;
            let row = row.ok_or(Refusal::NotFound("link"))?;
            if row.revoked_at.is_some() {
                return Ok(row); // by somebody else, just now
            }
            let change = host_link::ActiveModel {
                id: Unchanged(id),
                revoked_at: Set(Some(tx.now())),
                ..Default::default()
            };
            let row = change.update(tx.db()).await?;
            let by = By::of(actor, &event.hosts);
            history::note(tx, event.row.id, &by, ChangeKind::LinkRevoked, vec![]).await?;
            Ok(row)
        })
        .await?;
    open(app, row)
}

/// The links of an event that work, oldest first: `limits.host_links` at most. For hosts and organizers.
pub async fn of_event(app: &App, actor: &Actor, event_id: Uuid) -> Result<Vec<HostLink>, Refusal> {
    require_edit(app, actor, event_id).await?;
    let rows = host_link::Entity::find()
        .filter(working(event_id, app.clock.now()))
        .order_by_asc(host_link::Column::Id)
        .all(app.db.reader())
        .await?;
    rows.into_iter().map(|row| open(app, row)).collect()
}

/// Whoever has the link with this hash of its token; UNAUTHENTICATED when it does not work. Notes that it was used.
pub async fn visitor(app: &App, token_hash: &[u8], device: Device) -> Result<Actor, Refusal> {
    let now = app.clock.now();
    let row = host_link::Entity::find()
        .filter(host_link::Column::TokenHash.eq(token_hash))
        .filter(host_link::Column::RevokedAt.is_null())
        .filter(host_link::Column::ExpiresAt.gt(now))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::Unauthenticated)?;
    if row.last_used_at.is_none_or(|at| at <= now - USED) {
        host_link::Entity::update_many()
            .col_expr(host_link::Column::LastUsedAt, Expr::value(now))
            .filter(host_link::Column::Id.eq(row.id))
            .exec(app.db.writer())
            .await?;
    }
    Ok(Actor::Visitor(Visitor {
        link_id: row.id,
        event_id: row.event_id,
        rights: Rights {
            may_change: row.may_change,
            may_see_rsvps: row.may_see_rsvps,
        },
        read_at: row.read_at,
        device,
    }))
}

/// Takes back the links that somebody made, who is no host any more: of one event, or of all. The caller has the events' rows.
pub(super) async fn revoke_of(tx: &Tx, maker: Uuid, event_id: Option<Uuid>) -> Result<(), Refusal> {
    let of_event = event_id.map(|id| host_link::Column::EventId.eq(id));
    host_link::Entity::update_many()
        .col_expr(host_link::Column::RevokedAt, Expr::value(tx.now()))
        .filter(host_link::Column::CreatedBy.eq(maker))
        .filter(host_link::Column::RevokedAt.is_null())
        .filter(Condition::all().add_option(of_event))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Notes that whoever has a link read who answered for its event, once a minute; nothing for other actors.
pub(crate) async fn note_reading(app: &App, actor: &Actor) -> Result<(), Refusal> {
    let Actor::Visitor(visitor) = actor else {
        return Ok(());
    };
    let since = app.clock.now() - USED;
    if visitor.read_at.is_some_and(|at| at > since) {
        return Ok(());
    }
    let (event, link) = ([visitor.event_id], format!("host link {}", visitor.link_id));
    let read_at = host_link::Column::ReadAt;
    app.write(async |tx| {
        let noted = host_link::Entity::update_many()
            .col_expr(read_at, Expr::value(tx.now()))
            .filter(host_link::Column::Id.eq(visitor.link_id))
            .filter(Condition::any().add(read_at.is_null()).add(read_at.lte(since)))
            .exec(tx.db())
            .await?;
        if noted.rows_affected == 0 {
            return Ok(()); // another field of the same document did
        }
        audit::record_why(tx, actor, "event.attendees_by_link", &event, Some(&link)).await
    })
    .await
}

fn open(app: &App, row: host_link::Model) -> Result<HostLink, Refusal> {
    Ok(HostLink {
        label: app.keys.open(label_slot(&row.id), &row.label)?,
        row,
    })
}

/// What the hosts call some links.
pub(crate) async fn labels(app: &App, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Refusal> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows = host_link::Entity::find()
        .filter(host_link::Column::Id.is_in(ids.iter().copied()))
        .all(app.db.reader())
        .await?;
    let label = |row| open(app, row).map(|link| (link.row.id, link.label));
    rows.into_iter().map(label).collect()
}

fn working(event_id: Uuid, now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(host_link::Column::EventId.eq(event_id))
        .add(host_link::Column::RevokedAt.is_null())
        .add(host_link::Column::ExpiresAt.gt(now))
}

fn label_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "host_link.label",
        row: id,
    }
}
