//! Changing one date, it and those after it, or all of a series.

use chrono::TimeDelta;
use entity::{ChangeKind, timeslot};
use uuid::Uuid;

use super::{
    CHANGED, Counts, Definition, Outcome, Scope, SeriesChange, check_duration,
    plan::{Part, Plan, Setting},
    read_local,
    rows::{add, find_row, insert, lock, update, write},
    told,
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        event::{
            Loaded, News, TimeslotChange, find,
            history::FieldChange,
            notice::{self, About},
            proposal, timeslots, update_timeslot,
        },
        rsvp,
    },
    local::at_local,
    refusal::{Problems, Reason, Refusal},
};

/// Changes a date, and with it others of its series; those that are over stay as they were, and so do exceptions unless
/// they are overridden. RSVPs stay with their date. Either all of it is done, or nothing.
pub async fn update_timeslots(
    app: &App,
    actor: &Actor,
    slot_id: Uuid,
    scope: Scope,
    change: &SeriesChange,
    news: &News,
) -> Result<Outcome, Refusal> {
    let (event, slot) = timeslots::editable(app, actor, slot_id).await?;
    let mut problems = Problems::default();
    if let Some(minutes) = change.duration_minutes {
        check_duration(minutes, &mut problems);
    }
    timeslots::check_capacity(app, change.capacity.flatten(), "input.capacity", &mut problems);
    news.check(app, &mut problems);
    let has_rule = change.rule.is_some();
    problems.check(
        !has_rule || scope != Scope::This,
        "input.rule",
        "is for more than one date",
    );
    problems.check(
        slot.series_id.is_some() || scope == Scope::This,
        "input.scope",
        "must be THIS: this date is of no series",
    );
    problems.finish()?;
    let (Some(series_id), true) = (slot.series_id, scope != Scope::This) else {
        return update_this(app, actor, &event, &slot, change, news).await;
    };
    let holds = proposal::holds(app, actor, &event.row).await?;
    let counts = app
        .write(async |tx| {
            timeslots::bump_event(tx, event.row.id).await?;
            let slots = lock(tx, event.row.id, series_id).await?;
            // Its series may have been split since it was found.
            let anchor = slots.iter().find(|slot| slot.id == slot_id).cloned();
            let anchor = anchor.ok_or(CHANGED)?;
            if anchor.cancelled_at.is_some() {
                return Err(Refusal::WrongState(Reason::TimeslotCancelled));
            }
            if anchor.ends_at <= tx.now() {
                return Err(Refusal::WrongState(Reason::EventEnded));
            }
            let row = find_row(tx, series_id).await?;
            let setting = Setting {
                app,
                now: tx.now(),
                zone: event.timezone(),
            };
            let before = Definition::of(&row)?;
            let part = Part::of(slots, &anchor, scope, tx.now());
            let last_before = part.before;
            let plan = part.changed(&setting, &before, &anchor, change)?;
            let told = plan.slots.iter().filter(|(was, is)| is_told(was, is, news));
            let told = About::Dates(told.map(|(was, _)| was).collect());
            notice::changed(app, tx, &event.row, told, news).await?;
            if holds {
                proposal::dates_moved(app, tx, event.row.id, &plan.slots).await?;
            }
            let Some(last) = last_before else {
                update(tx, &row, &plan.definition).await?;
                let counts = store(app, tx, event.row.id, series_id, &plan).await?;
                return tell(tx, actor, &event, &before, &plan, counts).await;
            };
            let rule = before.rule.clone().until(last.date());
            let ended = Definition {
                rule,
                ..before.clone()
            };
            update(tx, &row, &ended).await?;
            let id = Uuid::now_v7();
            insert(tx, event.row.id, id, &plan.definition).await?;
            let counts = store(app, tx, event.row.id, id, &plan).await?;
            tell(tx, actor, &event, &before, &plan, counts).await
        })
        .await?;
    let event = find(app, actor, event.row.id).await?;
    Ok(Outcome { event, counts })
}

/// One date by itself, which makes it an exception if it is of a series.
async fn update_this(
    app: &App,
    actor: &Actor,
    event: &Loaded,
    slot: &timeslot::Model,
    change: &SeriesChange,
    news: &News,
) -> Result<Outcome, Refusal> {
    let mut problems = Problems::default();
    let local_start = change.local_start.as_deref();
    let local_start = local_start.and_then(|text| read_local(text, &mut problems));
    problems.finish()?;
    let starts_at = local_start.map(|local| at_local(local, event.timezone()));
    let length = change
        .duration_minutes
        .map(|minutes| TimeDelta::minutes(minutes.into()));
    let is_timed = starts_at.is_some() || length.is_some();
    let length = length.unwrap_or(slot.ends_at - slot.starts_at);
    let change = TimeslotChange {
        starts_at,
        ends_at: is_timed.then(|| starts_at.unwrap_or(slot.starts_at) + length),
        capacity: change.capacity,
    };
    let event = update_timeslot(app, actor, slot.id, change, news)
        .await
        .map_err(at_local_start)?;
    let after = event.timeslots.iter().find(|after| after.id == slot.id);
    let counts = Counts {
        changed: usize::from(after.is_some_and(|after| is_changed(slot, after))),
        ..Counts::default()
    };
    Ok(Outcome { event, counts })
}

/// Problems of start and end are those of the local start, which is what was given.
fn at_local_start(refusal: Refusal) -> Refusal {
    let Refusal::Input(mut problems) = refusal else {
        return refusal;
    };
    for problem in &mut problems {
        for part in &mut problem.path {
            if matches!(part.as_str(), "startsAt" | "endsAt") {
                "localStart".clone_into(part);
            }
        }
    }
    Refusal::Input(problems)
}

/// Notes what was changed of a series in the event's history: its rule if that is another one, and how many dates.
async fn tell(
    tx: &Tx,
    actor: &Actor,
    event: &Loaded,
    before: &Definition,
    plan: &Plan,
    counts: Counts,
) -> Result<Counts, Refusal> {
    let rules = (before.rule.to_string(), plan.definition.rule.to_string());
    let mut fields = vec![];
    if rules.0 != rules.1 {
        fields.push(FieldChange {
            field: "rule".to_owned(),
            before: Some(rules.0),
            after: Some(rules.1),
            hidden: false,
        });
    }
    let dates = counts.added + counts.changed + counts.cancelled;
    if dates > 0 {
        fields.push(FieldChange::new("dates", dates));
    }
    told(tx, actor, event, ChangeKind::DatesChanged, fields).await?;
    Ok(counts)
}

/// Writes what became of the dates, which are those of series `id` now.
async fn store(app: &App, tx: &Tx, event_id: Uuid, id: Uuid, plan: &Plan) -> Result<Counts, Refusal> {
    let mut counts = Counts {
        added: plan.added.len(),
        ..Counts::default()
    };
    let mut looked_at = vec![];
    for (before, after) in &plan.slots {
        let after = timeslot::Model {
            series_id: Some(id),
            ..after.clone()
        };
        counts.cancelled += usize::from(before.cancelled_at != after.cancelled_at);
        counts.changed += usize::from(is_changed(before, &after));
        write(tx, before, &after).await?;
        // One that had begun gives no seats; put off, it does again.
        if (before.capacity, before.starts_at) != (after.capacity, after.starts_at) {
            looked_at.push(after.id);
        }
    }
    rsvp::promote_all(app, tx, &looked_at).await?;
    let days = plan.added.iter().copied();
    add(app, tx, event_id, (id, &plan.definition), days, "input.rule").await?;
    Ok(counts)
}

/// Whether those who come to a date hear of it.
fn is_told(before: &timeslot::Model, after: &timeslot::Model, news: &News) -> bool {
    let told = |slot: &timeslot::Model| (slot.starts_at, slot.ends_at, slot.cancelled_at);
    told(before) != told(after) || news.has_words() && before.cancelled_at.is_none()
}

fn is_changed(before: &timeslot::Model, after: &timeslot::Model) -> bool {
    let shown = |slot: &timeslot::Model| (slot.starts_at, slot.ends_at, slot.capacity);
    shown(before) != shown(after)
}
