//! How many of those who said yes come to the events of a host.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use entity::{StaffRole, attendance_close, event_host};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};
use uuid::Uuid;

use super::counts::counts;
use crate::{app::App, domain::Actor, refusal::Refusal};

/// Dates that are counted together.
const CHUNK: usize = 1000;

/// What came of the dates of a host that were closed within `hosts.turnout_days`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnout {
    /// How many dates.
    pub dates: i64,
    /// RSVPs that were registered for them.
    pub expected: i64,
    /// How many of those came.
    pub came: i64,
    /// How many came without being registered.
    pub others: i64,
}

/// That of these people: of all of them for organizers, and for others of themselves alone.
pub async fn turnouts(app: &App, actor: &Actor, people: &[Uuid]) -> Result<HashMap<Uuid, Turnout>, Refusal> {
    let me = actor.person_id();
    let of_all = actor.is(StaffRole::Organizer);
    let people: Vec<Uuid> = people
        .iter()
        .copied()
        .filter(|id| of_all || me == Some(*id))
        .collect();
    let closed_of: RelationDef = event_host::Entity::belongs_to(attendance_close::Entity)
        .from(event_host::Column::EventId)
        .to(attendance_close::Column::EventId)
        .into();
    let since = app.clock.now() - TimeDelta::days(app.config.hosts.turnout_days);
    let dates: Vec<(Option<Uuid>, Uuid)> = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::PersonId)
        .column(attendance_close::Column::TimeslotId)
        .join(JoinType::InnerJoin, closed_of)
        .filter(event_host::Column::PersonId.is_in(people.iter().copied()))
        .filter(attendance_close::Column::ClosedAt.gt(since))
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let closed: BTreeSet<Uuid> = dates.iter().map(|(_, date)| *date).collect();
    let closed: Vec<Uuid> = closed.into_iter().collect();
    let mut counted = HashMap::new();
    for some in closed.chunks(CHUNK) {
        counted.extend(counts(app.db.reader(), some).await?);
    }
    let mut turnouts: HashMap<Uuid, Turnout> =
        people.into_iter().map(|id| (id, Turnout::default())).collect();
    for (host, date) in dates {
        let Some(turnout) = host.and_then(|host| turnouts.get_mut(&host)) else {
            continue;
        };
        let of_date = counted.get(&date).copied().unwrap_or_default();
        turnout.dates += 1;
        turnout.expected += of_date.expected;
        turnout.came += of_date.came;
        turnout.others += of_date.others;
    }
    Ok(turnouts)
}
