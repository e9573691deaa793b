//! Adding the dates of a rule to an event.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use entity::{ChangeKind, EventStatus};
use uuid::Uuid;

use super::{
    Definition, NewSeries, Outcome, check_duration, read_local,
    rows::{add, insert},
    settle, told,
};
use crate::{
    app::App,
    domain::{
        Actor,
        event::{find, history::FieldChange, require_change, timeslots},
        idempotency::{self, IdempotencyKey},
        recurrence::Rule,
    },
    refusal::{Problems, Reason, Refusal},
};

/// Adds the dates of a rule to an event that is not cancelled, at most `limits.timeslots` in all, within
/// `limits.series_days`.
pub async fn add_series(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    new: &NewSeries,
    key: Option<&IdempotencyKey>,
) -> Result<Outcome, Refusal> {
    let again = async |id: Option<Uuid>| {
        let event = require_change(app, actor, event_id).await?;
        let added = event.timeslots.iter().filter(|slot| slot.series_id == id).count();
        Ok(Outcome::adding(event, added))
    };
    let action = async || add_once(app, actor, event_id, new, key).await;
    idempotency::run(app, key, action, again).await
}

async fn add_once(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    new: &NewSeries,
    key: Option<&IdempotencyKey>,
) -> Result<Outcome, Refusal> {
    let event = require_change(app, actor, event_id).await?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    let (definition, days) = new.read(app, event.timezone())?;
    let id = Uuid::now_v7();
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        timeslots::bump_event(tx, event_id).await?;
        insert(tx, event_id, id, &definition).await?;
        let fields = vec![
            FieldChange::new("rule", &definition.rule),
            FieldChange::new("dates", days.len()),
        ];
        told(tx, actor, &event, ChangeKind::DatesAdded, fields).await?;
        let days = days.iter().copied();
        add(app, tx, event_id, (id, &definition), days, "input.rule").await
    })
    .await?;
    Ok(Outcome::adding(find(app, actor, event_id).await?, days.len()))
}

impl NewSeries {
    /// What the series says, and its days; or all problems with it.
    fn read(&self, app: &App, zone: Tz) -> Result<(Definition, Vec<NaiveDate>), Refusal> {
        let mut problems = Problems::default();
        check_duration(self.duration_minutes, &mut problems);
        timeslots::check_capacity(app, self.capacity, "input.capacity", &mut problems);
        let local_start = read_local(&self.local_start, &mut problems);
        let most = app.config.limits.timeslots;
        let few = self.except_on.len() <= most;
        problems.check(few, "input.exceptOn", format!("has more than {most} days"));
        let mut except_on = BTreeSet::new();
        for (i, text) in self.except_on.iter().take(most).enumerate() {
            match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
                Ok(day) if (1970..=timeslots::LAST_YEAR).contains(&day.year()) => _ = except_on.insert(day),
                _ => problems.add(&format!("input.exceptOn.{i}"), "must be a day like 2030-01-31"),
            }
        }
        let time = local_start.map_or(NaiveTime::MIN, |local| local.time());
        let rule = match Rule::parse(&self.rule, time, zone) {
            Ok(rule) => Some(rule),
            Err(problem) => {
                problems.add("input.rule", problem);
                None
            }
        };
        let (Some(local_start), Some(rule), true) = (local_start, rule, problems.is_empty()) else {
            return Err(problems.into_refusal());
        };
        let (rule, days) = settle(app, rule, local_start.date(), &except_on)?;
        let definition = Definition {
            rule,
            local_start: days
                .first()
                .map_or(local_start, |day| day.and_time(local_start.time())),
            duration: TimeDelta::minutes(self.duration_minutes.into()),
            capacity: self.capacity,
            zone,
            except_on,
        };
        let over = days
            .first()
            .is_none_or(|day| definition.slot(*day).ends_at <= app.clock.now());
        problems.check(!over, "input.localStart", "must be in the future");
        problems.finish()?;
        Ok((definition, days))
    }
}
