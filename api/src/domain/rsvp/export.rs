//! Exports of those who answered: asked for, counted against a budget and recorded. What is given is a link, a secret that
//! works for minutes.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{StaffRole, attendee_export, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Filter, attendees};
use crate::{
    app::{App, Tx},
    domain::{
        Actor, audit, event,
        idempotency::{self, IdempotencyKey},
        person,
    },
    refusal::{Problems, Refusal},
    sealed::{self, Slot},
};

/// What to export, and how.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Which RSVPs.
    pub filter: Filter,
    /// Whether the file begins with a byte order mark, which some spreadsheets need.
    pub byte_order_mark: bool,
    /// Whether mail addresses are in it; for admins.
    pub addresses: bool,
}

/// A link to an export, told once.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its address. Whoever has it reads the export, once.
    pub url: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// How many RSVPs are in the export.
    pub rows: i32,
}

/// Makes a link to an export of those who answered until now. For the event's hosts and for organizers; with addresses for
/// admins. NOT_FOUND; FORBIDDEN; BAD_USER_INPUT; WRONG_STATE for hosts of an event that was taken down; RATE_LIMITED when it would be more than `exports.rows_per_person_and_day`.
/// A repeat with the same key makes a new link to the same export, which counts once.
pub async fn export(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    wanted: &Wanted,
    key: Option<&IdempotencyKey>,
) -> Result<Link, Refusal> {
    let again = async |id: Option<Uuid>| renew(app, actor, id.unwrap_or_default()).await;
    let action = async || export_once(app, actor, event_id, wanted, key).await;
    idempotency::run(app, key, action, again).await
}

async fn export_once(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    wanted: &Wanted,
    key: Option<&IdempotencyKey>,
) -> Result<Link, Refusal> {
    let member = actor.member()?;
    event::require_reach(app, actor, event_id).await?;
    if wanted.addresses {
        actor.require(StaffRole::Admin)?;
    }
    let mut problems = Problems::default();
    wanted.filter.check("input.filter", &mut problems);
    problems.finish()?;
    let (id, now, (token, token_hash)) = (Uuid::now_v7(), app.clock.now(), make_token()?);
    let condition = until(wanted.filter.condition(actor.hosts_only(), now), now);
    let rows = attendees::count(app, event_id, &condition, &wanted.filter)
        .await
        .map_err(below_input)?;
    let rows = i32::try_from(rows).map_err(Refusal::internal)?;
    let row = attendee_export::Model {
        id,
        person_id: member.id,
        session_id: member.session_id,
        event_id,
        asked: app.keys.seal(slot(&id), wanted)?,
        rows,
        token_hash,
        expires_at: now + life(app),
        used_at: None,
        created_at: now,
    };
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        check_budget(app, tx, member.id, rows).await?;
        let why = format!("{rows} RSVPs: {}", wanted.filter.told());
        audit::record_why(tx, actor, "event.export", &[event_id], Some(&why)).await?;
        let insert = attendee_export::Entity::insert(attendee_export::ActiveModel::from(row.clone()));
        insert.exec_without_returning(tx.db()).await?;
        Ok(())
    })
    .await?;
    Ok(link(app, &token, &row))
}

/// A new link to an export of the actor's; the old one works no more.
async fn renew(app: &App, actor: &Actor, id: Uuid) -> Result<Link, Refusal> {
    let member = actor.member()?;
    let row = attendee_export::Entity::find_by_id(id)
        .filter(attendee_export::Column::PersonId.eq(member.id))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("export"))?;
    event::require_reach(app, actor, row.event_id).await?;
    let (token, token_hash) = make_token()?;
    let row = attendee_export::Model {
        session_id: member.session_id,
        token_hash,
        expires_at: app.clock.now() + life(app),
        used_at: None,
        ..row
    };
    app.write(async |tx| {
        attendee_export::Entity::update_many()
            .col_expr(attendee_export::Column::SessionId, Expr::value(row.session_id))
            .col_expr(
                attendee_export::Column::TokenHash,
                Expr::value(row.token_hash.clone()),
            )
            .col_expr(attendee_export::Column::ExpiresAt, Expr::value(row.expires_at))
            .col_expr(
                attendee_export::Column::UsedAt,
                Expr::value(None::<DateTime<Utc>>),
            )
            .filter(attendee_export::Column::Id.eq(row.id))
            .exec(tx.db())
            .await?;
        Ok(())
    })
    .await?;
    Ok(link(app, &token, &row))
}

/// Of two at once, the second one counts the first.
async fn check_budget(app: &App, tx: &Tx, me: Uuid, rows: i32) -> Result<(), Refusal> {
    let most = app.config.exports.rows_per_person_and_day;
    if rows > most {
        let problem = format!("means {rows} RSVPs, of which one person may export at most {most} a day");
        return Err(Refusal::input(&["input", "filter"], problem));
    }
    person::lock(tx, &[me]).await?;
    let day = TimeDelta::days(1);
    let exports: Vec<(DateTime<Utc>, i32)> = attendee_export::Entity::find()
        .filter(attendee_export::Column::PersonId.eq(me))
        .filter(attendee_export::Column::CreatedAt.gt(tx.now() - day))
        .filter(attendee_export::Column::Rows.gt(0))
        .order_by_asc(attendee_export::Column::CreatedAt)
        .select_only()
        .columns([attendee_export::Column::CreatedAt, attendee_export::Column::Rows])
        .into_tuple()
        .all(tx.db())
        .await?;
    let mut left = exports
        .iter()
        .fold(most, |left, (_, exported)| left.saturating_sub(*exported));
    // The oldest count no more first.
    for (created_at, exported) in exports {
        if left >= rows {
            break;
        }
        left = left.saturating_add(exported);
        if left >= rows {
            let wait = created_at + day - tx.now();
            let seconds = u64::try_from(wait.num_seconds()).unwrap_or_default() + 1;
            let limit = format!("One person may export at most {most} RSVPs a day");
            return Err(Refusal::Budget(limit, seconds));
        }
    }
    Ok(())
}

/// Only what was answered until `time`, so that an export is what was counted.
pub(super) fn until(condition: Condition, time: DateTime<Utc>) -> Condition {
    condition.add(rsvp::Column::CreatedAt.lte(time))
}

pub(super) fn life(app: &App) -> TimeDelta {
    TimeDelta::minutes(app.config.exports.link_minutes)
}

fn make_token() -> Result<(String, Vec<u8>), Refusal> {
    let token = sealed::token()?;
    let hash = sealed::hash(&token);
    Ok((token, hash))
}

fn link(app: &App, token: &str, row: &attendee_export::Model) -> Link {
    Link {
        url: format!("{}/exports/{token}.csv", app.config.base_url()),
        expires_at: row.expires_at,
        rows: row.rows,
    }
}

/// Names the input, of which the filter is a part.
fn below_input(refusal: Refusal) -> Refusal {
    let Refusal::Input(mut problems) = refusal else {
        return refusal;
    };
    for problem in &mut problems {
        problem.path.insert(0, "input".to_owned());
    }
    Refusal::Input(problems)
}

pub(super) fn slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "attendee_export.asked",
        row: id,
    }
}
