//! Writing facts, and what follows from them.

use std::collections::{BTreeSet, HashMap};

use entity::{FactKind, attendance, attendance_fact, person};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use uuid::Uuid;

use super::{By, Folded, NewFact, What, fold, rows::attendances};
use crate::{
    app::{App, Tx},
    domain::event,
    refusal::Refusal,
};

/// Facts that are written by one statement.
const CHUNK: usize = 500;

/// A fact as it is kept.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The fact: of one that was sent before, the first.
    pub fact: attendance_fact::Model,
    /// What follows from all there are; none for an UNDO whose fact has not come yet.
    pub attendance: Option<attendance::Model>,
    /// Whether it was not known before.
    pub is_new: bool,
}

/// Records facts of one event, in the order they are given, and says what became of each. What is known stays as it is. The
/// dates are the event's: the caller has looked.
///
/// Takes the rows of the people, then that of the event, so that facts of one event come one after another, then those of
/// attendance by id. To be run by `app::again`.
pub async fn record(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    by: By,
    facts: &[NewFact],
) -> Result<Vec<Recorded>, Refusal> {
    let people = facts.iter().filter_map(|fact| fact.what.whom()?.person_id());
    take(tx, event_id, people.collect()).await?;
    let mut recorded = vec![];
    for facts in facts.chunks(CHUNK) {
        recorded.extend(record_some(app, tx, event_id, by, facts).await?);
    }
    tx.rsvp_changed(event_id);
    Ok(recorded)
}

/// Keeps people from being erased or merged while this transaction lasts, and then takes the event's row.
pub(in crate::domain) async fn take(tx: &Tx, event_id: Uuid, people: BTreeSet<Uuid>) -> Result<(), Refusal> {
    person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(people))
        .order_by_asc(person::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>()
        .all(tx.db())
        .await?;
    event::lock_event(tx, event_id).await
}

async fn record_some(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    by: By,
    facts: &[NewFact],
) -> Result<Vec<Recorded>, Refusal> {
    let known = named(
        tx,
        event_id,
        facts.iter().map(|fact| (&fact.client_id, &fact.nonce)),
    )
    .await?;
    let mut fresh: Vec<&NewFact> = vec![];
    let mut names = BTreeSet::new();
    for fact in facts {
        let name = (fact.client_id.clone(), fact.nonce.clone());
        if !known.contains_key(&name) && names.insert(name) {
            fresh.push(fact);
        }
    }
    let about = attendances(app, tx, event_id, &fresh).await?;
    insert(tx, event_id, by, &fresh, &about).await?;
    attach(tx, event_id, &fresh).await?;
    let kept = named(
        tx,
        event_id,
        facts.iter().map(|fact| (&fact.client_id, &fact.nonce)),
    )
    .await?;
    let touched: BTreeSet<Uuid> = kept.values().filter_map(|fact| fact.attendance_id).collect();
    let rows = refold(tx, &touched).await?;
    let mut is_first = names;
    let show = |fact: &NewFact| {
        let name = (fact.client_id.clone(), fact.nonce.clone());
        let kept = kept
            .get(&name)
            .ok_or_else(|| Refusal::internal("a fact is gone"))?;
        Ok(Recorded {
            attendance: kept.attendance_id.and_then(|id| rows.get(&id).cloned()),
            fact: kept.clone(),
            is_new: is_first.remove(&name),
        })
    };
    facts.iter().map(show).collect()
}

/// The facts of these names that there are.
pub(in crate::domain) async fn named<'a>(
    tx: &Tx,
    event_id: Uuid,
    names: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<HashMap<(String, String), attendance_fact::Model>, Refusal> {
    let nonces: BTreeSet<&String> = names.map(|(_, nonce)| nonce).collect();
    let rows = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::EventId.eq(event_id))
        .filter(attendance_fact::Column::Nonce.is_in(nonces))
        .all(tx.db())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.client_id.clone(), row.nonce.clone()), row))
        .collect())
}

async fn insert(
    tx: &Tx,
    event_id: Uuid,
    by: By,
    facts: &[&NewFact],
    about: &[Option<attendance::Model>],
) -> Result<(), Refusal> {
    let row = |(fact, about): (&&NewFact, &Option<attendance::Model>)| {
        let (undoes_client, undoes_nonce) = match &fact.what {
            What::Undo(client, nonce) => (Some(client.clone()), Some(nonce.clone())),
            _ => (None, None),
        };
        attendance_fact::ActiveModel {
            id: Set(Uuid::now_v7()),
            attendance_id: Set(about.as_ref().map(|row| row.id)),
            event_id: Set(event_id),
            timeslot_id: Set(about.as_ref().map(|row| row.timeslot_id)),
            kind: Set(fact.what.kind()),
            at: Set(fact.at),
            received_at: Set(tx.now()),
            source: Set(fact.source),
            client_id: Set(fact.client_id.clone()),
            nonce: Set(fact.nonce.clone()),
            undoes_client: Set(undoes_client),
            undoes_nonce: Set(undoes_nonce),
            party_size: Set(match fact.what {
                What::In(_, party_size) => Some(party_size),
                _ => None,
            }),
            remark: Set(fact.remark),
            by_person: Set(by.person_id),
            by_link: Set(by.link_id),
            sheet_row_id: Set(fact.sheet_row_id),
        }
    };
    if !facts.is_empty() {
        attendance_fact::Entity::insert_many(facts.iter().zip(about).map(row))
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}

/// Brings facts and what takes them back together, whichever came first.
async fn attach(tx: &Tx, event_id: Uuid, facts: &[&NewFact]) -> Result<(), Refusal> {
    let names = |fact: &&NewFact| match &fact.what {
        What::Undo(_, nonce) => nonce.clone(),
        _ => fact.nonce.clone(),
    };
    let nonces: BTreeSet<String> = facts.iter().map(names).collect();
    let waiting = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::EventId.eq(event_id))
        .filter(attendance_fact::Column::UndoesNonce.is_in(nonces))
        .filter(attendance_fact::Column::AttendanceId.is_null())
        .all(tx.db())
        .await?;
    let undone = waiting
        .iter()
        .filter_map(|undo| Some((undo.undoes_client.as_ref()?, undo.undoes_nonce.as_ref()?)));
    let targets = named(tx, event_id, undone).await?;
    for undo in waiting {
        let name = undo.undoes_client.zip(undo.undoes_nonce);
        let target = name.and_then(|name| targets.get(&name));
        let Some(target) = target.filter(|target| target.kind != FactKind::Undo) else {
            continue;
        };
        let change = attendance_fact::ActiveModel {
            id: Unchanged(undo.id),
            attendance_id: Set(target.attendance_id),
            timeslot_id: Set(target.timeslot_id),
            ..Default::default()
        };
        change.update(tx.db()).await?;
    }
    Ok(())
}

/// Takes these rows, by id, and writes what follows from their facts where that is something else.
pub(super) async fn refold(
    tx: &Tx,
    ids: &BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, attendance::Model>, Refusal> {
    let rows = attendance::Entity::find()
        .filter(attendance::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(attendance::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx.db())
        .await?;
    let facts = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::AttendanceId.is_in(ids.iter().copied()))
        .all(tx.db())
        .await?;
    let mut by_row: HashMap<Uuid, Vec<attendance_fact::Model>> = HashMap::new();
    for fact in facts {
        if let Some(id) = fact.attendance_id {
            by_row.entry(id).or_default().push(fact);
        }
    }
    let mut folded = HashMap::new();
    for row in rows {
        let facts = by_row.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        folded.insert(row.id, store(tx, row, fold(facts)).await?);
    }
    Ok(folded)
}

async fn store(tx: &Tx, row: attendance::Model, folded: Folded) -> Result<attendance::Model, Refusal> {
    let next = attendance::Model {
        came: folded.came,
        party_size: folded.party_size.unwrap_or(1),
        first_in_at: folded.first_in_at,
        out_at: folded.out_at,
        source: folded.source,
        ..row.clone()
    };
    if next == row && row.version > 0 {
        return Ok(row);
    }
    let next = attendance::Model {
        version: row.version + 1,
        changed_at: tx.now(),
        ..next
    };
    let change = attendance::ActiveModel {
        id: Unchanged(next.id),
        came: Set(next.came),
        party_size: Set(next.party_size),
        first_in_at: Set(next.first_in_at),
        out_at: Set(next.out_at),
        source: Set(next.source),
        version: Set(next.version),
        changed_at: Set(next.changed_at),
        ..Default::default()
    };
    Ok(change.update(tx.db()).await?)
}
