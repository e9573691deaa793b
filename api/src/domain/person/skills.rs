//! What people say that they can do, in their own words, and whether the hosts of what they come to read it.

use std::collections::HashMap;

use entity::{person, person_skill, rsvp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    domain::{Actor, event, role::skill},
    refusal::Refusal,
};

/// The skills of somebody, in alphabetical order.
pub(crate) async fn of(db: &impl ConnectionTrait, person_id: Uuid) -> Result<Vec<String>, Refusal> {
    let rows = person_skill::Entity::find()
        .filter(person_skill::Column::PersonId.eq(person_id))
        .order_by_asc(person_skill::Column::Skill)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.skill).collect())
}

/// The skills of the signed-in person. UNAUTHENTICATED.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<String>, Refusal> {
    of(app.db.reader(), actor.member()?.id).await
}

/// Writes what somebody can do, in place of what was there.
pub(super) async fn write(tx: &Tx, person_id: Uuid, skills: &[String]) -> Result<(), Refusal> {
    person_skill::Entity::delete_many()
        .filter(person_skill::Column::PersonId.eq(person_id))
        .exec(tx.db())
        .await?;
    let mut skills: Vec<String> = skills.iter().map(|text| skill(text)).collect();
    skills.sort();
    skills.dedup();
    let rows = skills
        .into_iter()
        .map(|skill| person_skill::Model { person_id, skill }.into());
    let rows: Vec<person_skill::ActiveModel> = rows.collect();
    if !rows.is_empty() {
        person_skill::Entity::insert_many(rows)
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}

/// The skills of those of some RSVPs who show them, by RSVP, for those who run the events; nothing for others.
pub async fn of_attendees(
    app: &App,
    actor: &Actor,
    rsvps: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>, Refusal> {
    let answers: Vec<(Uuid, Uuid, Uuid)> = rsvp::Entity::find()
        .select_only()
        .columns([rsvp::Column::Id, rsvp::Column::EventId, rsvp::Column::PersonId])
        .filter(rsvp::Column::Id.is_in(rsvps.iter().copied()))
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let events: Vec<Uuid> = answers.iter().map(|(_, event, _)| *event).collect();
    let access = event::access(app, actor, &events).await?;
    let people = answers.iter().map(|(_, _, person)| *person);
    let shown: Vec<Uuid> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(people))
        .filter(person::Column::ShowsSkills.eq(true))
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let rows = person_skill::Entity::find()
        .filter(person_skill::Column::PersonId.is_in(shown))
        .order_by_asc(person_skill::Column::Skill)
        .all(app.db.reader())
        .await?;
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (id, event_id, person_id) in answers {
        if access
            .get(&event_id)
            .copied()
            .is_some_and(event::Access::may_edit)
        {
            let theirs = rows.iter().filter(|row| row.person_id == person_id);
            found.insert(id, theirs.map(|row| row.skill.clone()).collect());
        }
    }
    Ok(found)
}

/// What `from` can do, `to` can, who are one person. The caller has both people's rows.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    let mut both = of(tx.db(), to).await?;
    let theirs = of(tx.db(), from).await?;
    if theirs.is_empty() {
        return Ok(());
    }
    both.extend(theirs);
    write(tx, to, &both).await
}
