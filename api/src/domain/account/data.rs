//! Everything that is known of somebody, for themselves: a list for each table that has rows of theirs.
//!
//! A new table with a `person_id` gets a list here, and a line in `tests/account/tables.rs`, which fails without.

mod hosting;
mod rows;

use chrono::{DateTime, Utc};
use entity::audit as records;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    domain::{Actor, audit, contact, person},
    refusal::Refusal,
};

/// The kind of record that says which accounts became one.
pub(super) const MERGE: &str = "person.merge";

/// What is not in it, and why.
const NOT_LISTED: [&str; 4] = [
    "Your requests that carried an idempotencyKey: keyed hashes of them are kept for a day.",
    "How often you asked: counted under a keyed hash for at most an hour.",
    "Refresh tokens and mailed links: only hashes of them are kept.",
    "What your events say: you read and change them as their host.",
];

/// Everything that is known of somebody.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    at: DateTime<Utc>,
    person: Value,
    contact_points: Vec<Value>,
    sessions: Vec<Value>,
    codes: Vec<Value>,
    calendar_links: Vec<Value>,
    consents: Vec<Value>,
    rsvps: Vec<Value>,
    hosting: Vec<Value>,
    guidelines: Vec<Value>,
    host_invitations: Vec<Value>,
    host_links: Vec<Value>,
    host_messages: Vec<Value>,
    changes: Vec<Value>,
    reviews: Vec<Value>,
    staff_roles: Vec<Value>,
    messages: Vec<Value>,
    suppressions: Vec<Value>,
    records: Vec<Value>,
    not_listed: [&'static str; 4],
}

/// Everything that is known of the signed-in person. Reading it is recorded.
pub async fn data(app: &App, actor: &Actor) -> Result<Data, Refusal> {
    let me = actor.member()?.id;
    app.limits.export(me).await?;
    app.write(async |tx| {
        let contacts = contact::of(app, tx.db(), me).await?;
        let indexes = contact::indexes(app, &contacts);
        let data = Data {
            at: tx.now(),
            person: rows::person(&person::profile_in(app, tx.db(), actor).await?),
            contact_points: contacts.iter().map(rows::contact).collect(),
            sessions: rows::sessions(tx, me).await?,
            codes: rows::codes(tx, me, &indexes).await?,
            calendar_links: rows::calendar_links(tx, me).await?,
            consents: rows::consents(tx, me).await?,
            rsvps: rows::rsvps(app, tx, me).await?,
            hosting: rows::hosting(tx, me).await?,
            guidelines: rows::guidelines(tx, me).await?,
            host_invitations: hosting::invitations(app, tx, me, &indexes).await?,
            host_links: hosting::links(tx, me).await?,
            host_messages: hosting::messages(app, tx, me).await?,
            changes: hosting::changes(tx, me).await?,
            reviews: rows::reviews(tx, me).await?,
            staff_roles: rows::staff_roles(tx, me).await?,
            messages: rows::messages(tx, me, &indexes).await?,
            suppressions: rows::suppressions(tx, &indexes).await?,
            records: rows::records(tx, &former_ids(tx, me).await?).await?,
            not_listed: NOT_LISTED,
        };
        audit::record(tx, actor, "person.export", &[me]).await?;
        Ok(data)
    })
    .await
}

/// The ids somebody had: theirs, and those of accounts that became theirs.
pub(super) async fn former_ids(tx: &Tx, id: Uuid) -> Result<Vec<Uuid>, Refusal> {
    let merges = records::Entity::find()
        .filter(records::Column::Kind.eq(MERGE))
        .filter(records::Column::Subjects.contains(id.to_string()))
        .order_by_asc(records::Column::Id)
        .all(tx.db())
        .await?;
    let mut ids = vec![id];
    for merge in merges {
        let people: Vec<Uuid> = serde_json::from_str(&merge.subjects).map_err(Refusal::internal)?;
        // The first one is who stayed.
        if people.first() == Some(&id) {
            ids.extend(people.into_iter().skip(1));
        }
    }
    Ok(ids)
}

/// Whether a record was made by one of `ids`, or is about one.
fn concerns(ids: &[Uuid]) -> Condition {
    let about = |id: &Uuid| records::Column::Subjects.contains(id.to_string());
    let by = Condition::any().add(records::Column::ActorId.is_in(ids.iter().copied()));
    ids.iter().map(about).fold(by, Condition::add)
}
