//! Sessions: families of refresh tokens that are rotated on every use.
//!
//! A used-up token that comes back means that two parties hold it: the whole session ends (RFC 9700, 4.14.2). Within
//! a short grace the same successor is given again, because the first answer may have been lost on the way.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{refresh_token, session};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

mod mine;

pub use mine::{Session, find_mine, mine};

use super::{Actor, device::Device, email::Email, person};
use crate::{
    app::{App, Tx},
    limits::{Client, Doing},
    refusal::Refusal,
    sealed::{self, Slot},
};

/// What a signed-in device keeps.
#[derive(Clone)]
pub struct Tokens {
    /// Goes with every request, as `Authorization: Bearer`.
    pub access_token: String,
    /// When the access token ends.
    pub access_expires_at: DateTime<Utc>,
    /// Used once, for the next pair.
    pub refresh_token: String,
    /// Who signed in.
    pub person_id: Uuid,
}

/// Opens a session on `device` for a person who proved who they are.
pub(crate) async fn open(app: &App, tx: &Tx, person_id: Uuid, device: Device) -> Result<Tokens, Refusal> {
    let now = tx.now();
    let id = Uuid::now_v7();
    let row = session::ActiveModel {
        id: Set(id),
        person_id: Set(person_id),
        device: Set(device.name()),
        last_used_at: Set(now),
        expires_at: Set(now + TimeDelta::days(app.config.auth.session_days)),
        revoked_at: Set(None),
        created_at: Set(now),
    };
    session::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    let token = new_token()?;
    store(app, tx, id, &token).await?;
    tokens(app, person_id, id, token, now)
}

/// A session for the person of an address, made when there is none: for the operator's command line, which proves by
/// reaching the database that it may.
pub async fn open_for_operator(app: &App, email: &Email) -> Result<Tokens, Refusal> {
    app.write(async |tx| {
        let contact = person::find_or_create(app, tx, &email.clone().into(), None).await?;
        open(app, tx, contact.person_id, Device::default()).await
    })
    .await
}

/// Exchanges a refresh token for a new pair. UNAUTHENTICATED when it is unknown, too old, or was used before; in the
/// last case the session ends. RATE_LIMITED when that happens too often at one address; a good token is exchanged all the
/// same, because a network may have one address for all its people.
pub async fn refresh(app: &App, client: Client, token: &str) -> Result<Tokens, Refusal> {
    let exchanged = app.write(async |tx| exchange(app, tx, token).await).await?;
    if exchanged.is_none() {
        app.limits.check(Doing::Refresh, client).await?;
    }
    exchanged.ok_or(Refusal::Unauthenticated)
}

/// `None` is a refusal whose writes must stay.
async fn exchange(app: &App, tx: &Tx, token: &str) -> Result<Option<Tokens>, Refusal> {
    let now = tx.now();
    let hash = sealed::hash(token);
    let successor = new_token()?;
    let replaced = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::ReplacedAt, Expr::value(now))
        .col_expr(
            refresh_token::Column::Successor,
            Expr::value(app.keys.seal(slot(&row_name(&hash)), &successor)?.0),
        )
        .filter(refresh_token::Column::TokenHash.eq(hash.clone()))
        .filter(refresh_token::Column::ReplacedAt.is_null())
        .exec(tx.db())
        .await?
        .rows_affected;
    let Some(row) = refresh_token::Entity::find_by_id(hash.clone())
        .one(tx.db())
        .await?
    else {
        return Ok(None);
    };
    let session = session::Entity::find_by_id(row.session_id).one(tx.db()).await?;
    let Some(session) = session.filter(|session| session.revoked_at.is_none() && session.expires_at > now)
    else {
        return Ok(None);
    };
    if row.expires_at <= now {
        return Ok(None);
    }
    let next = if replaced == 1 {
        store(app, tx, session.id, &successor).await?;
        touch(tx, session.id).await?;
        successor
    } else {
        let grace = TimeDelta::seconds(app.config.auth.refresh_grace_seconds);
        match (&row.successor, row.replaced_at) {
            (Some(sealed), Some(at)) if now - at <= grace => {
                let next: String = app.keys.open(slot(&row_name(&hash)), sealed)?;
                if is_used(tx, &next).await? {
                    end(tx, session.id).await?;
                    return Ok(None);
                }
                next
            }
            _ => {
                end(tx, session.id).await?;
                return Ok(None);
            }
        }
    };
    tokens(app, session.person_id, session.id, next, now).map(Some)
}

/// Whether a token was exchanged before.
async fn is_used(tx: &Tx, token: &str) -> Result<bool, Refusal> {
    let row = refresh_token::Entity::find_by_id(sealed::hash(token))
        .one(tx.db())
        .await?;
    Ok(row.is_none_or(|row| row.replaced_at.is_some()))
}

async fn end(tx: &Tx, session_id: Uuid) -> Result<(), Refusal> {
    tracing::warn!(session = %session_id, "a used-up refresh token came back: the session ends");
    revoke(tx.db(), session::Column::Id.eq(session_id), tx.now()).await
}

/// Ends the session this request came with.
pub async fn sign_out(app: &App, actor: &Actor) -> Result<(), Refusal> {
    let id = actor.member()?.session_id;
    app.write(async |tx| revoke(tx.db(), session::Column::Id.eq(id), tx.now()).await)
        .await
}

/// Ends one session of the signed-in person, who lost the device, say. Ending it again changes nothing. NOT_FOUND when it
/// is nobody's or another's.
pub async fn end_mine(app: &App, actor: &Actor, id: Uuid) -> Result<(), Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| {
        let row = session::Entity::find_by_id(id).one(tx.db()).await?;
        if row.is_none_or(|row| row.person_id != me) {
            return Err(Refusal::NotFound("session"));
        }
        revoke(tx.db(), session::Column::Id.eq(id), tx.now()).await
    })
    .await
}

/// Ends every session of the signed-in person.
pub async fn sign_out_everywhere(app: &App, actor: &Actor) -> Result<(), Refusal> {
    let id = actor.member()?.id;
    app.write(async |tx| revoke(tx.db(), session::Column::PersonId.eq(id), tx.now()).await)
        .await
}

async fn revoke(
    db: &impl ConnectionTrait,
    which: sea_orm::sea_query::SimpleExpr,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(which)
        .filter(session::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

async fn touch(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(tx.now()))
        .filter(session::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn store(app: &App, tx: &Tx, session_id: Uuid, token: &str) -> Result<(), Refusal> {
    let row = refresh_token::ActiveModel {
        token_hash: Set(sealed::hash(token)),
        session_id: Set(session_id),
        expires_at: Set(tx.now() + TimeDelta::days(app.config.auth.refresh_idle_days)),
        replaced_at: Set(None),
        successor: Set(None),
        created_at: Set(tx.now()),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

fn tokens(
    app: &App,
    person_id: Uuid,
    session: Uuid,
    token: String,
    now: DateTime<Utc>,
) -> Result<Tokens, Refusal> {
    let (access_token, access_expires_at) = app.signer.sign(person_id, session, now)?;
    Ok(Tokens {
        access_token,
        access_expires_at,
        refresh_token: token,
        person_id,
    })
}

fn new_token() -> Result<String, Refusal> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed::random::<32>()?))
}

fn row_name(hash: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hash)
}

fn slot(row: &String) -> Slot<'_> {
    Slot {
        column: "refresh_token.successor",
        row,
    }
}
