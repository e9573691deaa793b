//! Requests that may be sent again: a client names one with a key of its own, and however often it arrives, it is
//! carried out once.
//!
//! A key belongs to its caller (a person, or a client without a token) and mutation, and is kept for 24 hours. Kept are a
//! keyed hash of the input and the id of what was made, never the answer: a repeat reads it again, as it is now and as the
//! caller may see it now. A request that fails leaves no key. One that arrives while the first is under way waits for it.

use chrono::TimeDelta;
use entity::idempotency_key::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::Actor;
use crate::{
    app::{App, Tx},
    limits::Client,
    refusal::Refusal,
};

/// Keys are kept for so long.
pub(crate) const KEPT: TimeDelta = TimeDelta::hours(24);
const SHORTEST: usize = 8;
const LONGEST: usize = 255;

/// A request's name, and what it asks for.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    id: Vec<u8>,
    input: Vec<u8>,
}

impl IdempotencyKey {
    /// The name `key` that a caller gives to a request of `mutation` with `input` (any text that is the same for the
    /// same input). BAD_USER_INPUT unless it has 8 to 255 visible ASCII characters.
    pub fn new(
        app: &App,
        actor: &Actor,
        client: Client,
        mutation: &str,
        key: &str,
        input: &str,
    ) -> Result<Self, Refusal> {
        let is_key = (SHORTEST..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !is_key {
            let problem =
                format!("must have {SHORTEST} to {LONGEST} visible ASCII characters, such as a UUID");
            return Err(Refusal::input(&["input", "idempotencyKey"], problem));
        }
        let caller = match actor {
            Actor::Person(member) => member.id.to_string(),
            Actor::Visitor(visitor) => visitor.link_id.to_string(),
            Actor::Anonymous | Actor::System => client.to_be_hashed(),
        };
        Ok(Self {
            id: app
                .keys
                .index("idempotency_key.id", &format!("{caller} {mutation} {key}"))?
                .value,
            input: app.keys.index("idempotency_key.input", input)?.value,
        })
    }
}

/// Notes, in the transaction that carries the requests of `keys` out, that this is done; an error when one of them was
/// done before. `result` is what [`run`] gets to read again.
pub(crate) async fn claim(
    tx: &Tx,
    keys: impl IntoIterator<Item = &IdempotencyKey>,
    result: Option<Uuid>,
) -> Result<(), Refusal> {
    let mut keys: Vec<&IdempotencyKey> = keys.into_iter().collect();
    if keys.is_empty() {
        return Ok(());
    }
    // Each waits for whoever is about to insert the same, so all take theirs in one order.
    keys.sort_by_key(|key| &key.id);
    let rows = keys.iter().map(|key| ActiveModel {
        id: Set(key.id.clone()),
        input: Set(key.input.clone()),
        result_id: Set(result),
        created_at: Set(tx.now()),
    });
    // A key that is too old may be used again.
    let unless_kept = OnConflict::column(Column::Id)
        .update_columns([Column::Input, Column::ResultId, Column::CreatedAt])
        .action_and_where(Expr::col((Entity, Column::CreatedAt)).lte(tx.now() - KEPT))
        .to_owned();
    let insert = Entity::insert_many(rows).on_conflict(unless_kept);
    match insert.exec_without_returning(tx.db()).await? {
        claimed if claimed == keys.len() as u64 => Ok(()),
        _ => Err(Refusal::Conflict("This request was carried out before.")),
    }
}

/// Carries a request out by `action`, which claims `key` in its transaction; or, when that was done before, answers by
/// `again`, which gets the id that was claimed with. CONFLICT when the key was used for another input.
pub(crate) async fn run<T>(
    app: &App,
    key: Option<&IdempotencyKey>,
    action: impl AsyncFnOnce() -> Result<T, Refusal>,
    again: impl AsyncFnOnce(Option<Uuid>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    // The key is looked up last: a first request, which is nearly every one, pays no statement for it; and what was
    // possible once is answered even if it is no longer possible.
    let (refusal, key) = match (action().await, key) {
        (Err(refusal), Some(key)) => (refusal, key),
        (result, _) => return result,
    };
    let done = Entity::find_by_id(key.id.clone())
        .filter(Column::CreatedAt.gt(app.clock.now() - KEPT))
        .one(app.db.reader())
        .await?;
    match done {
        None => Err(refusal),
        Some(done) if done.input != key.input => Err(Refusal::Conflict(
            "This idempotencyKey was used for another input.",
        )),
        Some(done) => again(done.result_id).await,
    }
}
