//! From a notice to a job for each person: some hundred in a transaction, however many they are.

use std::collections::HashSet;

use entity::{notice, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::dates;
use crate::{
    app::{App, Tx},
    domain::rsvp::ACTIVE,
    outbox::{self, Job},
    refusal::Refusal,
};

/// People for whom a job is left in one transaction.
const CHUNK: u64 = 500;

/// Leaves a job for each of the next people who answered for the `date`th date of a notice, and one for those after them.
/// Who answered for several of its dates is told of all of them by the RSVP for the first.
pub(crate) async fn spread(app: &App, id: Uuid, date: usize, after: Option<Uuid>) -> Result<(), Refusal> {
    app.write(async |tx| {
        let Some(row) = notice::Entity::find_by_id(id).one(tx.db()).await? else {
            return Ok(());
        };
        let slots: Vec<Uuid> = dates(&row)?.iter().map(|date| date.timeslot_id).collect();
        let (earlier, rest) = slots.split_at(date.min(slots.len()));
        let Some(slot_id) = rest.first() else {
            return Ok(());
        };
        // By the index that keeps a person from answering twice for one date.
        let mut answers = rsvp::Entity::find()
            .select_only()
            .columns([rsvp::Column::Id, rsvp::Column::PersonId])
            .filter(rsvp::Column::TimeslotId.eq(*slot_id))
            .filter(rsvp::Column::Status.is_in(ACTIVE));
        if let Some(after) = after {
            answers = answers.filter(rsvp::Column::PersonId.gt(after));
        }
        let answers: Vec<(Uuid, Uuid)> = answers
            .order_by_asc(rsvp::Column::PersonId)
            .limit(CHUNK)
            .into_tuple()
            .all(tx.db())
            .await?;
        let told = of_earlier(tx, id, earlier, &answers).await?;
        let mut jobs = vec![];
        for (rsvp_id, person_id) in &answers {
            if !told.contains(person_id) {
                let (rsvp_id, notice_id) = (*rsvp_id, id);
                let key = key(id, rsvp_id);
                jobs.push((Job::SendNotice { rsvp_id, notice_id }, tx.now(), key));
            }
        }
        let next = match answers.last() {
            Some((_, last)) if answers.len() as u64 == CHUNK => (date, Some(*last)),
            _ => (date + 1, None),
        };
        if next.0 < slots.len() {
            let key = format!("spread:{id}:{}:{:?}", next.0, next.1);
            let (date, after) = next;
            let job = Job::SpreadNotice {
                notice_id: id,
                date,
                after,
            };
            jobs.push((job, tx.now(), key));
        }
        tx.enqueue_each(&jobs).await
    })
    .await
}

/// Which job it is that tells somebody, by the RSVP they are told by.
fn key(notice_id: Uuid, rsvp_id: Uuid) -> String {
    format!("notice:{notice_id}:{rsvp_id}")
}

/// Those of these people for whom a job was left because of an earlier date of the notice. Not all who answered for one: they
/// may have done so only when everybody had been told of it.
async fn of_earlier(
    tx: &Tx,
    notice_id: Uuid,
    slots: &[Uuid],
    answers: &[(Uuid, Uuid)],
) -> Result<HashSet<Uuid>, Refusal> {
    if slots.is_empty() || answers.is_empty() {
        return Ok(HashSet::new());
    }
    let earlier: Vec<(Uuid, Uuid)> = rsvp::Entity::find()
        .select_only()
        .columns([rsvp::Column::Id, rsvp::Column::PersonId])
        .filter(rsvp::Column::PersonId.is_in(answers.iter().map(|(_, person_id)| *person_id)))
        .filter(rsvp::Column::TimeslotId.is_in(slots.iter().copied()))
        .into_tuple()
        .all(tx.db())
        .await?;
    let keys: Vec<String> = earlier
        .iter()
        .map(|(rsvp_id, _)| key(notice_id, *rsvp_id))
        .collect();
    let left = outbox::those_left(tx.db(), &keys).await?;
    let is_left = |(rsvp_id, _): &&(Uuid, Uuid)| left.contains(&key(notice_id, *rsvp_id));
    Ok(earlier
        .iter()
        .filter(is_left)
        .map(|(_, person_id)| *person_id)
        .collect())
}
