//! The dates of an imported event.

use std::collections::{HashMap, HashSet};

use entity::timeslot;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    domain::rsvp,
    import::{
        Complaint,
        draft::{Draft, TimeslotDraft},
    },
    refusal::Refusal,
};

/// Matches the dates of `draft` with the rows of the event by their ids at the source.
pub async fn save(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    draft: &Draft,
    left_out: &mut Vec<Complaint>,
) -> Result<(), Refusal> {
    // Locked, because seats may be taken meanwhile.
    let old = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.eq(event_id))
        .order_by_asc(timeslot::Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    let of_origin: HashMap<&str, &timeslot::Model> = old
        .iter()
        .filter_map(|slot| Some((slot.origin_id.as_deref()?, slot)))
        .collect();
    let mut added = Vec::new();
    let mut wanted: HashSet<&str> = draft.unreadable_timeslots.iter().map(String::as_str).collect();
    for slot in &draft.timeslots {
        wanted.insert(&slot.origin_id);
        match of_origin.get(slot.origin_id.as_str()) {
            Some(old) => update_timeslot(app, tx, old, slot, (&draft.origin_id, left_out)).await?,
            None => added.push(new_timeslot(tx, event_id, slot)),
        }
    }
    if !added.is_empty() {
        timeslot::Entity::insert_many(added)
            .exec_without_returning(tx.db())
            .await?;
    }
    for (origin_id, slot) in &of_origin {
        // One that is over is history, whether the source still lists it or not.
        if !wanted.contains(origin_id) && slot.cancelled_at.is_none() && slot.ends_at > tx.now() {
            let row = timeslot::ActiveModel {
                cancelled_at: Set(Some(tx.now())),
                ..changed_timeslot(tx, slot)
            };
            row.update(tx.db()).await?;
        }
    }
    Ok(())
}

async fn update_timeslot(
    app: &App,
    tx: &Tx,
    old: &timeslot::Model,
    new: &TimeslotDraft,
    (event, left_out): (&str, &mut Vec<Complaint>),
) -> Result<(), Refusal> {
    let mut complain = |field: &str, reason: String| {
        left_out.push(Complaint {
            row: event.to_owned(),
            field: format!("timeslots.{}{field}", new.origin_id),
            reason,
        });
    };
    if old.cancelled_at.is_some() && new.cancelled_at.is_some() {
        return Ok(());
    }
    if old.cancelled_at.is_some() {
        complain("", "was cancelled here and stays so".to_owned());
        return Ok(());
    }
    if new.cancelled_at.is_some() {
        let row = timeslot::ActiveModel {
            cancelled_at: Set(new.cancelled_at),
            ..changed_timeslot(tx, old)
        };
        row.update(tx.db()).await?;
        return Ok(());
    }
    let capacity = new.capacity.map(|capacity| capacity.max(old.taken));
    if capacity != new.capacity {
        complain(
            ".max_attendees",
            format!("is below the {} seats taken here; those stay", old.taken),
        );
    }
    if (old.starts_at, old.ends_at, old.capacity) != (new.starts_at, new.ends_at, capacity) {
        let row = timeslot::ActiveModel {
            starts_at: Set(new.starts_at),
            ends_at: Set(new.ends_at),
            capacity: Set(capacity),
            ..changed_timeslot(tx, old)
        };
        row.update(tx.db()).await?;
        if (old.capacity, old.starts_at) != (capacity, new.starts_at) {
            rsvp::promote(app, tx, old.id).await?;
        }
    }
    Ok(())
}

fn changed_timeslot(tx: &Tx, old: &timeslot::Model) -> timeslot::ActiveModel {
    timeslot::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        changed_at: Set(tx.now()),
        ..Default::default()
    }
}

fn new_timeslot(tx: &Tx, event_id: Uuid, slot: &TimeslotDraft) -> timeslot::ActiveModel {
    timeslot::ActiveModel {
        id: Set(Uuid::now_v7()),
        event_id: Set(event_id),
        starts_at: Set(slot.starts_at),
        ends_at: Set(slot.ends_at),
        capacity: Set(slot.capacity),
        taken: Set(0),
        held: Set(0),
        waitlist_first: Set(false),
        cancelled_at: Set(slot.cancelled_at),
        origin_id: Set(Some(slot.origin_id.clone())),
        series_id: Set(None),
        occurrence: Set(None),
        excepted_at: Set(None),
        version: Set(1),
        changed_at: Set(tx.now()),
    }
}
