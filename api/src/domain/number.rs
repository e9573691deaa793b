//! Whole numbers for events, dates and names, for programs that know no other ids. They are given when something is first
//! shown to such a program, and stay.
//!
//! What was imported from Mobilize keeps the number it has there, so that addresses and tables that others hold stay right;
//! our own begin above those.

use std::collections::{HashMap, HashSet};

use entity::{event, number, timeslot};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{app::App, refusal::Refusal, sealed};

/// What `event.origin_system` says of events that were imported from Mobilize.
pub const MOBILIZE: &str = "mobilize";

/// Ours are above, and stay within 31 bits for long.
const OWN: i64 = 1_000_000_000;
const CHUNK: usize = 500;

/// Numbers of what one answer shows.
#[derive(Default)]
pub struct Numbers(HashMap<Uuid, i64>);

impl Numbers {
    /// Of these events with all of their dates, and of these names.
    pub async fn of<'a>(
        app: &App,
        events: impl IntoIterator<Item = (&'a event::Model, &'a [timeslot::Model])>,
        names: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self, Refusal> {
        let (mut numbers, mut own) = (HashMap::new(), Vec::from_iter(names));
        for (row, slots) in events {
            let is_imported = row.origin_system.as_deref() == Some(MOBILIZE);
            let origins = slots.iter().map(|slot| (slot.id, &slot.origin_id));
            for (id, origin) in origins.chain([(row.id, &row.origin_id)]) {
                match origin.as_deref().filter(|_| is_imported).and_then(foreign) {
                    Some(number) => {
                        numbers.insert(id, number);
                    }
                    None => own.push(id),
                }
            }
        }
        own.sort_unstable();
        own.dedup();
        for ids in own.chunks(CHUNK) {
            numbers.extend(given(app, ids).await?);
        }
        Ok(Self(numbers))
    }

    /// The number of one that was asked for.
    pub fn get(&self, id: Uuid) -> i64 {
        self.0.get(&id).copied().unwrap_or_default()
    }
}

/// What a number is of: an event, or something else that has one.
pub async fn id_of(app: &App, number: i64) -> Result<Option<Uuid>, Refusal> {
    if number > OWN {
        let row = number::Entity::find_by_id(number - OWN)
            .one(app.db.reader())
            .await?;
        return Ok(row.map(|row| row.id));
    }
    let id = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::OriginSystem.eq(MOBILIZE))
        .filter(event::Column::OriginId.eq(number.to_string()))
        .into_tuple()
        .one(app.db.reader())
        .await?;
    Ok(id)
}

/// What these numbers of ours are of.
pub async fn ids_of(app: &App, numbers: &[i64]) -> Result<HashSet<Uuid>, Refusal> {
    let own = numbers.iter().filter(|number| **number > OWN);
    let rows = number::Entity::find()
        .filter(number::Column::Value.is_in(own.map(|number| number - OWN)))
        .all(app.db.reader())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What stands for a name of some kind: the same for the same name.
pub fn of_name(kind: &str, name: &str) -> Uuid {
    let hash = sealed::hash(&format!("{kind}\0{name}"));
    let bytes = hash.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A number that something has elsewhere, as it is written there.
pub(crate) fn foreign(origin: &str) -> Option<i64> {
    let number: i64 = origin.parse().ok()?;
    ((1..=OWN).contains(&number) && number.to_string() == origin).then_some(number)
}

async fn given(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, Refusal> {
    let mut numbers = read(app.db.reader(), ids).await?;
    if numbers.len() < ids.len() {
        let missing = ids.iter().filter(|id| !numbers.contains_key(*id));
        let rows: Vec<number::ActiveModel> = missing
            .map(|id| number::ActiveModel {
                value: NotSet,
                id: Set(*id),
            })
            .collect();
        // Somebody else may just have given some.
        let unless_given = OnConflict::column(number::Column::Id).do_nothing().to_owned();
        let all = app.write(async |tx| {
            number::Entity::insert_many(rows)
                .on_conflict(unless_given)
                .exec_without_returning(tx.db())
                .await?;
            read(tx.db(), ids).await
        });
        numbers = all.await?;
    }
    Ok(numbers)
}

async fn read(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, Refusal> {
    let rows = number::Entity::find()
        .filter(number::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, OWN + row.value)).collect())
}
