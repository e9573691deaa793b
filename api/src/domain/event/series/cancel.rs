//! Calling off one date, it and those after it, or all of a series.

use entity::ChangeKind;
use uuid::Uuid;

use super::{
    CHANGED, Counts, Definition, Outcome, Scope,
    plan::{Part, occurrence_of},
    rows::{find_row, lock, update, write},
    told,
};
use crate::{
    app::App,
    domain::{
        Actor,
        event::{News, cancel_timeslot, find, history::FieldChange, notice, timeslots},
    },
    refusal::{Problems, Refusal},
};

/// Calls a date off, and with it others of its series, exceptions included; those that are over stay as they were.
/// Calling them off again changes nothing.
pub async fn cancel_timeslots(
    app: &App,
    actor: &Actor,
    slot_id: Uuid,
    scope: Scope,
    news: &News,
) -> Result<Outcome, Refusal> {
    let (event, slot) = timeslots::editable(app, actor, slot_id).await?;
    if scope == Scope::This {
        let counts = Counts {
            cancelled: usize::from(slot.cancelled_at.is_none()),
            ..Counts::default()
        };
        let event = cancel_timeslot(app, actor, slot_id, news).await?;
        return Ok(Outcome { event, counts });
    }
    let Some(series_id) = slot.series_id else {
        let problem = "must be THIS: this date is of no series";
        return Err(Refusal::input(&["input", "scope"], problem));
    };
    let mut problems = Problems::default();
    news.check(app, &mut problems);
    problems.finish()?;
    let counts = app
        .write(async |tx| {
            timeslots::lock_event(tx, event.row.id).await?;
            let slots = lock(tx, event.row.id, series_id).await?;
            let anchor = slots.iter().find(|slot| slot.id == slot_id).cloned();
            let days: Vec<_> = slots.iter().map(occurrence_of).collect();
            let part = Part::of(slots, &anchor.ok_or(CHANGED)?, scope, tx.now());
            let slots = part.cancelled(tx.now());
            let Some(first) = slots.iter().map(|(before, _)| occurrence_of(before)).min() else {
                return Ok(Counts::default()); // called off before, or over
            };
            timeslots::bump_event(tx, event.row.id).await?;
            // The rule ends where dates are called off, and not where they took place.
            if let Some(last) = days.into_iter().filter(|day| *day < first).max() {
                let row = find_row(tx, series_id).await?;
                let before = Definition::of(&row)?;
                let rule = before.rule.clone().until(last.date());
                update(tx, &row, &Definition { rule, ..before }).await?;
            }
            for (before, after) in &slots {
                write(tx, before, after).await?;
            }
            let off = slots.iter().map(|(before, _)| before).collect();
            notice::dates_off(app, tx, &event.row, off, news).await?;
            let fields = vec![FieldChange::new("dates", slots.len())];
            told(tx, actor, &event, ChangeKind::DatesCancelled, fields).await?;
            Ok(Counts {
                cancelled: slots.len(),
                ..Counts::default()
            })
        })
        .await?;
    let event = find(app, actor, event.row.id).await?;
    Ok(Outcome { event, counts })
}
