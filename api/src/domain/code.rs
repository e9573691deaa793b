//! One-time codes: sent to an address, and given back by whoever reads it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{CodePurpose, sign_in_code};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    address::Address,
    idempotency::{self, IdempotencyKey},
    texts::{self, Asked},
};
use crate::{
    app::{App, Tx},
    letter::Language,
    limits::{Client, Doing},
    outbox::Job,
    refusal::Refusal,
    sealed::Slot,
};

/// What a code is for: one for something else does not work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub purpose: CodePurpose,
    /// Who asks for it and alone may use it; nobody yet for signing in.
    pub person_id: Option<Uuid>,
}

/// Sends a code to an address, in the language of who asks, and says until when it works. RATE_LIMITED after `auth.codes_per_address_and_hour` for the
/// address, whatever they are for, and `rates.codes_per_client_and_hour` for who asks; for a phone number see [`texts::ask`]
/// and `rates.texts_per_client_and_hour` as well.
pub(super) async fn request(
    app: &App,
    client: Client,
    address: &Address,
    of: Use,
    language: Option<Language>,
    key: Option<&IdempotencyKey>,
) -> Result<DateTime<Utc>, Refusal> {
    let again = async |code: Option<Uuid>| {
        let code = sign_in_code::Entity::find_by_id(code.unwrap_or_default());
        let row = code.one(app.db.reader()).await?;
        row.map(|row| row.expires_at).ok_or(Refusal::NotFound("code"))
    };
    let action = async || {
        app.limits.check(Doing::Code, client).await?;
        if let Address::Phone(_) = address {
            app.limits.check(Doing::Text, client).await?;
        }
        send(app, address, of, language, key).await
    };
    idempotency::run(app, key, action, again).await
}

async fn send(
    app: &App,
    address: &Address,
    of: Use,
    language: Option<Language>,
    key: Option<&IdempotencyKey>,
) -> Result<DateTime<Utc>, Refusal> {
    app.write(async |tx| {
        let now = tx.now();
        let id = Uuid::now_v7();
        idempotency::claim(tx, key, Some(id)).await?;
        let hour_ago = now - TimeDelta::hours(1);
        let recent = to(app, address).filter(sign_in_code::Column::CreatedAt.gt(hour_ago));
        let asked = recent.count(tx.db()).await?;
        if asked >= app.config.auth.codes_per_address_and_hour {
            return Err(Refusal::RateLimited(3600));
        }
        if let Address::Phone(phone) = address {
            texts::ask(app, tx, phone, Asked::Code(id)).await?;
        }
        let index = address.index(app)?;
        let expires_at = now + TimeDelta::minutes(app.config.auth.code_minutes);
        let row = sign_in_code::ActiveModel {
            id: Set(id),
            purpose: Set(of.purpose),
            person_id: Set(of.person_id),
            channel: Set(address.channel()),
            value: Set(app.keys.seal(value_slot(&id), &address.reveal())?),
            index_key: Set(index.key),
            value_index: Set(index.value.clone()),
            code_hash: Set(None),
            tries: Set(0),
            expires_at: Set(expires_at),
            used_at: Set(None),
            created_at: Set(now),
        };
        sign_in_code::Entity::insert(row)
            .exec_without_returning(tx.db())
            .await?;
        // Requests at the same moment count the same; only one of them is sent.
        let key = format!("code:{}:{}:{asked}", now.timestamp() / 60, hex(&index.value));
        tx.enqueue_once(
            &Job::SendSignInCode {
                code_id: id,
                language,
            },
            key,
        )
        .await?;
        Ok(expires_at)
    })
    .await
}

/// Uses the newest code that was sent to an address for `of`. False when it is wrong, used, too old, or was guessed at too
/// often. A wrong try must stay counted: the caller commits, and refuses afterwards by [`wrong`].
pub(super) async fn spend(
    app: &App,
    tx: &Tx,
    address: &Address,
    of: Use,
    code: &str,
) -> Result<bool, Refusal> {
    let asker = match of.person_id {
        Some(id) => sign_in_code::Column::PersonId.eq(id),
        None => sign_in_code::Column::PersonId.is_null(),
    };
    let newest = to(app, address)
        .filter(sign_in_code::Column::Purpose.eq(of.purpose))
        .filter(asker)
        .filter(sign_in_code::Column::CodeHash.is_not_null()) // those that were sent
        .order_by_desc(sign_in_code::Column::CreatedAt)
        .order_by_desc(sign_in_code::Column::Id);
    let Some(row) = newest.one(tx.db()).await? else {
        return Ok(false);
    };
    let right =
        count_try(app, tx, row.id).await? && row.code_hash == Some(app.keys.pepper(row.id, code.trim())?);
    if !right || !stamp_used(tx, row.id).await? {
        return Ok(false);
    }
    if let Address::Phone(_) = address {
        texts::used(tx, row.id).await?;
    }
    Ok(true)
}

/// What is said of a code that does not work.
pub(super) fn wrong() -> Refusal {
    Refusal::input(&["input", "code"], "is wrong or has expired")
}

/// Counts one try in the database, so that many at once cannot be more than allowed.
async fn count_try(app: &App, tx: &Tx, id: Uuid) -> Result<bool, Refusal> {
    let counted = sign_in_code::Entity::update_many()
        .col_expr(
            sign_in_code::Column::Tries,
            Expr::col(sign_in_code::Column::Tries).add(1),
        )
        .filter(sign_in_code::Column::Id.eq(id))
        .filter(sign_in_code::Column::Tries.lt(app.config.auth.code_tries))
        .filter(sign_in_code::Column::UsedAt.is_null())
        .filter(sign_in_code::Column::ExpiresAt.gt(tx.now()))
        .exec(tx.db())
        .await?;
    Ok(counted.rows_affected == 1)
}

async fn stamp_used(tx: &Tx, id: Uuid) -> Result<bool, Refusal> {
    let used = sign_in_code::Entity::update_many()
        .col_expr(sign_in_code::Column::UsedAt, Expr::value(tx.now()))
        .filter(sign_in_code::Column::Id.eq(id))
        .filter(sign_in_code::Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(used.rows_affected == 1)
}

/// Codes that were asked for to be sent to an address.
fn to(app: &App, address: &Address) -> Select<sign_in_code::Entity> {
    let any = address.is_in(
        app,
        sign_in_code::Column::IndexKey,
        sign_in_code::Column::ValueIndex,
    );
    sign_in_code::Entity::find().filter(any)
}

/// The address a code goes to, and its row; `None` when it is used, too old or gone.
pub(crate) async fn open(
    app: &App,
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<(sign_in_code::Model, Address)>, Refusal> {
    let row = sign_in_code::Entity::find_by_id(id)
        .filter(sign_in_code::Column::UsedAt.is_null())
        .filter(sign_in_code::Column::ExpiresAt.gt(app.clock.now()))
        .one(db)
        .await?;
    let open = |row: sign_in_code::Model| {
        let text = app.keys.open(value_slot(&row.id), &row.value)?;
        let address = Address::stored(row.channel, text);
        Ok((row, address))
    };
    row.map(open).transpose()
}

/// As a code's job names the address it goes to.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn value_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "sign_in_code.value",
        row: id,
    }
}
