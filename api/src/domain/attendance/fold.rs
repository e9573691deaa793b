//! What follows from facts: the same from the same facts, in whatever order and however often they are told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{AttendanceSource, FactKind, attendance_fact};

/// What follows from the facts about one person on one date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Whether they came; none where nothing is known.
    pub came: Option<bool>,
    /// How many came in last.
    pub party_size: Option<i32>,
    /// When they first came in.
    pub first_in_at: Option<DateTime<Utc>>,
    /// When they went out, if they are not in again.
    pub out_at: Option<DateTime<Utc>>,
    /// Where it is first known from.
    pub source: Option<AttendanceSource>,
}

/// What follows from `facts`, which are all that there are about one person on one date, with what takes them back.
///
/// Facts stand in the order of when they happened; those of one moment in that of client and nonce, never in that of
/// arrival. Who was seen was there: being marked as absent counts only for those whom nothing else says anything of, because
/// a device that saw them may be heard of later.
pub fn fold<'a>(facts: impl IntoIterator<Item = &'a attendance_fact::Model>) -> Folded {
    let (mut told, mut undone) = (BTreeMap::new(), BTreeSet::new());
    for fact in facts {
        match (fact.kind, &fact.undoes_client, &fact.undoes_nonce) {
            (FactKind::Undo, Some(client), Some(nonce)) => _ = undone.insert((client, nonce)),
            (FactKind::Undo, ..) => {}
            _ => _ = told.insert((fact.at, &fact.client_id, &fact.nonce), fact),
        }
    }
    told.retain(|(_, client, nonce), _| !undone.contains(&(*client, *nonce)));
    let seen = || told.values().filter(|fact| fact.kind != FactKind::Absent);
    let ins = || seen().filter(|fact| fact.kind == FactKind::In);
    let last = seen().next_back();
    let absent = told.values().next();
    Folded {
        came: match last {
            Some(_) => Some(true),
            None => absent.map(|_| false),
        },
        party_size: ins().next_back().and_then(|fact| fact.party_size),
        first_in_at: ins().next().map(|fact| fact.at),
        out_at: last.filter(|fact| fact.kind == FactKind::Out).map(|fact| fact.at),
        source: seen().next().or(absent).map(|fact| fact.source),
    }
}

#[cfg(test)]
mod tests;
