//! The rows that facts are about: found, or made.

use std::collections::{BTreeSet, HashMap};

use entity::{attendance, rsvp};
use sea_orm::{ActiveModelTrait as _, ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{NewFact, Whom, name_slot};
use crate::{
    app::{App, Tx},
    refusal::Refusal,
};

/// The row that each fact is about, made where it is missing; none for an UNDO.
pub(super) async fn attendances(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    facts: &[&NewFact],
) -> Result<Vec<Option<attendance::Model>>, Refusal> {
    let whom = || facts.iter().filter_map(|fact| fact.what.whom());
    let slots: BTreeSet<Uuid> = whom().filter_map(Whom::timeslot_id).collect();
    let people: BTreeSet<Uuid> = whom().filter_map(Whom::person_id).collect();
    let named = whom().filter_map(|whom| match whom {
        Whom::Row(id) => Some(*id),
        _ => None,
    });
    let of_people = Condition::all()
        .add(attendance::Column::TimeslotId.is_in(slots.iter().copied()))
        .add(attendance::Column::PersonId.is_in(people.iter().copied()));
    let known = attendance::Entity::find()
        .filter(attendance::Column::EventId.eq(event_id))
        .filter(
            Condition::any()
                .add(of_people)
                .add(attendance::Column::Id.is_in(named)),
        )
        .all(tx.db())
        .await?;
    let answers = rsvp::Entity::find()
        .filter(rsvp::Column::TimeslotId.is_in(slots))
        .filter(rsvp::Column::PersonId.is_in(people))
        .all(tx.db())
        .await?;
    let mut rows = Rows {
        answers: answers
            .iter()
            .map(|row| ((row.timeslot_id, row.person_id), row.id))
            .collect(),
        by_person: HashMap::new(),
        by_id: HashMap::new(),
        made: vec![],
    };
    known.into_iter().for_each(|row| rows.know(row));
    let find = |fact: &&NewFact| match fact.what.whom() {
        Some(whom) => rows.find(app, tx, event_id, whom).map(Some),
        None => Ok(None),
    };
    let found: Vec<Option<attendance::Model>> = facts.iter().map(find).collect::<Result<_, Refusal>>()?;
    if !rows.made.is_empty() {
        let made = rows
            .made
            .into_iter()
            .map(|row| attendance::ActiveModel::from(row).reset_all());
        attendance::Entity::insert_many(made)
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(found)
}

/// The rows of an event that facts may be about.
struct Rows {
    answers: HashMap<(Uuid, Uuid), Uuid>,
    by_person: HashMap<(Uuid, Uuid), Uuid>,
    by_id: HashMap<Uuid, attendance::Model>,
    made: Vec<attendance::Model>,
}

impl Rows {
    fn know(&mut self, row: attendance::Model) {
        if let Some(person) = row.person_id {
            self.by_person.insert((row.timeslot_id, person), row.id);
        }
        self.by_id.insert(row.id, row);
    }

    fn find(
        &mut self,
        app: &App,
        tx: &Tx,
        event_id: Uuid,
        whom: &Whom,
    ) -> Result<attendance::Model, Refusal> {
        let (timeslot_id, person_id, rsvp_id, name) = match whom {
            Whom::Row(id) => return self.by_id.get(id).cloned().ok_or(Refusal::NotFound("attendance")),
            Whom::Person {
                timeslot_id,
                person_id,
                name,
            } => {
                let key = (*timeslot_id, *person_id);
                if let Some(row) = self.by_person.get(&key).and_then(|id| self.by_id.get(id)) {
                    return Ok(row.clone());
                }
                let rsvp_id = self.answers.get(&key).copied();
                // The name of an RSVP is the RSVP's.
                let name = name.as_ref().filter(|_| rsvp_id.is_none());
                (*timeslot_id, Some(*person_id), rsvp_id, name)
            }
            Whom::Guest {
                timeslot_id,
                person_id,
                name,
            } => {
                let is_free = |person: &Uuid| {
                    let key = (*timeslot_id, *person);
                    !self.answers.contains_key(&key) && !self.by_person.contains_key(&key)
                };
                (*timeslot_id, person_id.filter(is_free), None, Some(name))
            }
        };
        let id = Uuid::now_v7();
        let row = attendance::Model {
            id,
            event_id,
            timeslot_id,
            person_id,
            rsvp_id,
            name: name.map(|name| app.keys.seal(name_slot(&id), name)).transpose()?,
            came: None,
            party_size: 1,
            first_in_at: None,
            out_at: None,
            source: None,
            was_expected: None,
            version: 0,
            changed_at: tx.now(),
            created_at: tx.now(),
        };
        self.made.push(row.clone());
        self.know(row.clone());
        Ok(row)
    }
}
