//! What was changed of an event, by whom and from where: a row in the transaction of the change, for its hosts and for
//! organizers.
//!
//! It is no audit. That one is kept for good and holds ids; this one says what stood there before, for
//! `retention.event_history` days, and goes with its event.

mod difference;
mod list;

pub use difference::FieldChange;
pub(crate) use difference::{difference, of_date};
pub use list::{Change, find_change, history};

use entity::{ChangeKind, ChangeRole, ChangeSource, event_change, event_host};
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use crate::{app::Tx, domain::Actor, refusal::Refusal};

/// Who does something to an event, and as what.
#[derive(Clone, Debug)]
pub(crate) struct By {
    role: ChangeRole,
    person_id: Option<Uuid>,
    link_id: Option<Uuid>,
    device: Option<String>,
}

impl By {
    /// `actor` at an event with these hosts. Whoever may do something there without being one of them is of the staff.
    pub(crate) fn of(actor: &Actor, hosts: &[event_host::Model]) -> Self {
        let hosts_it = |id| hosts.iter().any(|host| host.person_id == Some(id));
        let role = match actor {
            Actor::Person(member) if hosts_it(member.id) => ChangeRole::Host,
            Actor::Person(_) => ChangeRole::Organizer,
            Actor::Visitor(_) => ChangeRole::Link,
            Actor::Anonymous | Actor::System => ChangeRole::System,
        };
        Self {
            role,
            ..Self::host(actor)
        }
    }

    /// `actor` as a host, of an event that has none yet.
    pub(crate) fn host(actor: &Actor) -> Self {
        Self {
            role: ChangeRole::Host,
            person_id: actor.person_id(),
            link_id: match actor {
                Actor::Visitor(visitor) => Some(visitor.link_id),
                _ => None,
            },
            device: actor.device().name(),
        }
    }

    /// Somebody who becomes a host by a link, signed in or not.
    pub(crate) fn newcomer(person_id: Uuid) -> Self {
        Self {
            role: ChangeRole::Host,
            person_id: Some(person_id),
            link_id: None,
            device: None,
        }
    }

    /// An import.
    pub(crate) fn system() -> Self {
        Self {
            role: ChangeRole::System,
            person_id: None,
            link_id: None,
            device: None,
        }
    }
}

/// Notes what was done to an event by a request about it.
pub(crate) async fn note(
    tx: &Tx,
    event_id: Uuid,
    by: &By,
    kind: ChangeKind,
    fields: Vec<FieldChange>,
) -> Result<(), Refusal> {
    note_all(tx, ChangeSource::Api, [(event_id, by.clone(), kind, fields)]).await
}

/// Notes what was done to some events, by one statement.
pub(crate) async fn note_all(
    tx: &Tx,
    source: ChangeSource,
    changes: impl IntoIterator<Item = (Uuid, By, ChangeKind, Vec<FieldChange>)>,
) -> Result<(), Refusal> {
    let row = |(event_id, by, kind, fields): (Uuid, By, ChangeKind, Vec<FieldChange>)| {
        Ok(event_change::ActiveModel {
            id: Set(Uuid::now_v7()),
            event_id: Set(event_id),
            at: Set(tx.now()),
            kind: Set(kind),
            source: Set(source),
            role: Set(by.role),
            person_id: Set(by.person_id),
            host_link_id: Set(by.link_id),
            device: Set(by.device),
            fields: Set(serde_json::to_string(&fields).map_err(Refusal::internal)?),
        })
    };
    let rows = changes
        .into_iter()
        .map(row)
        .collect::<Result<Vec<_>, Refusal>>()?;
    if !rows.is_empty() {
        event_change::Entity::insert_many(rows)
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}
