//! Everything that is known of somebody, for themselves: a list for each table that has rows of theirs.
//!
//! A new table with a `person_id` gets a list here, and a line in `tests/account/tables.rs`, which fails without.

mod hosting;
mod invitations;
mod rows;

use chrono::{DateTime, Utc};
use entity::audit as records;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::App,
    domain::{Actor, audit, contact, person},
    refusal::Refusal,
};

/// The kind of record that says which accounts became one.
pub(super) const MERGE: &str = "person.merge";

/// What is not in it, and why.
const NOT_LISTED: [&str; 5] = [
    "Your requests that carried an idempotencyKey: keyed hashes of them are kept for a day.",
    "How often you asked: counted under a keyed hash for at most an hour.",
    "Refresh tokens and mailed links: only hashes of them are kept.",
    "Records of what was done by and to you beyond the newest 10,000.",
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
    invitations: Vec<Value>,
    invitation_links: Vec<Value>,
    rsvps: Vec<Value>,
    hosting: Vec<Value>,
    guidelines: Vec<Value>,
    host_invitations: Vec<Value>,
    host_links: Vec<Value>,
    host_messages: Vec<Value>,
    changes: Vec<Value>,
    standing: Vec<Value>,
    reviews: Vec<Value>,
    exports: Vec<Value>,
    announcements: Vec<Value>,
    muted_events: Vec<Value>,
    staff_roles: Vec<Value>,
    messages: Vec<Value>,
    suppressions: Vec<Value>,
    records: Vec<Value>,
    not_listed: [&'static str; 5],
}

/// Everything that is known of the signed-in person. Reading it is recorded.
pub async fn data(app: &App, actor: &Actor) -> Result<Data, Refusal> {
    let me = actor.member()?.id;
    app.limits.export(me).await?;
    let snapshot = app.db.snapshot().await?; // nobody who writes waits for it
    let db = &snapshot;
    let contacts = contact::of(app, db, me).await?;
    let indexes = contact::indexes(app, &contacts);
    let data = Data {
        at: app.clock.now(),
        person: rows::person(&person::profile_in(app, db, actor).await?),
        contact_points: contacts.iter().map(rows::contact).collect(),
        sessions: rows::sessions(db, me).await?,
        codes: rows::codes(db, me, &indexes).await?,
        calendar_links: rows::calendar_links(db, me).await?,
        consents: rows::consents(db, me).await?,
        invitations: invitations::invitations(app, db, me, &indexes).await?,
        invitation_links: invitations::links(app, db, me).await?,
        rsvps: rows::rsvps(app, db, me).await?,
        hosting: rows::hosting(db, me).await?,
        guidelines: rows::guidelines(db, me).await?,
        host_invitations: hosting::invitations(app, db, me, &indexes).await?,
        host_links: hosting::links(db, me).await?,
        host_messages: hosting::messages(app, db, me).await?,
        changes: hosting::changes(db, me).await?,
        standing: hosting::standing(db, me).await?,
        reviews: rows::reviews(db, me).await?,
        exports: rows::exports(db, me).await?,
        announcements: rows::announcements(app, db, me).await?,
        muted_events: rows::muted_events(db, me).await?,
        staff_roles: rows::staff_roles(db, me).await?,
        messages: rows::messages(db, me, &indexes).await?,
        suppressions: rows::suppressions(db, &indexes).await?,
        records: rows::records(db, &former_ids(db, me).await?).await?,
        not_listed: NOT_LISTED,
    };
    snapshot.rollback().await?;
    app.write(async |tx| audit::record(tx, actor, "person.export", &[me]).await)
        .await?;
    Ok(data)
}

/// The ids somebody had: theirs, and those of accounts that became theirs.
pub(super) async fn former_ids(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Uuid>, Refusal> {
    let merges = records::Entity::find()
        .filter(records::Column::Kind.eq(MERGE))
        .filter(records::Column::Subjects.contains(id.to_string()))
        .order_by_asc(records::Column::Id)
        .all(db)
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
