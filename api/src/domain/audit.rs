//! The record of who read or changed what of whom: ids and kinds, never the data itself.

use entity::audit;
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use super::Actor;
use crate::{app::Tx, refusal::Refusal};

/// Notes, in the transaction that does it, that `actor` did what `kind` names to `subjects`: people, or events.
pub(crate) async fn record(tx: &Tx, actor: &Actor, kind: &str, subjects: &[Uuid]) -> Result<(), Refusal> {
    record_why(tx, actor, kind, subjects, None).await
}

/// The same with the reason that was given, which names nobody.
pub(crate) async fn record_why(
    tx: &Tx,
    actor: &Actor,
    kind: &str,
    subjects: &[Uuid],
    reason: Option<&str>,
) -> Result<(), Refusal> {
    let row = audit::ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(tx.now()),
        actor_id: Set(actor.person_id()),
        kind: Set(kind.to_owned()),
        reason: Set(reason.map(str::to_owned)),
        subjects: Set(serde_json::to_string(subjects).map_err(Refusal::internal)?),
    };
    audit::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(())
}
