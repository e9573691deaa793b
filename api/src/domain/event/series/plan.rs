//! What an edit makes of the dates of a series: decided here, without a database, and written by the actions.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::timeslot;

use super::{Definition, Scope, SeriesChange, read_local, settle};
use crate::{
    app::App,
    domain::recurrence::Rule,
    local::at_local,
    refusal::{Problems, Refusal},
};

/// At most so many dates are named by one problem.
const NAMED: usize = 10;

/// The dates of a series that an edit is about, and those before them.
pub(super) struct Part {
    /// The last occurrence of the part that stays as it was; none when the whole series is meant.
    pub(super) before: Option<NaiveDateTime>,
    /// The first occurrence that is meant.
    cut: NaiveDateTime,
    /// Everything from there on, also what is over or cancelled.
    slots: Vec<timeslot::Model>,
}

/// What becomes of a part.
pub(super) struct Plan {
    pub(super) definition: Definition,
    /// Each date as it was and as it will be.
    pub(super) slots: Vec<(timeslot::Model, timeslot::Model)>,
    pub(super) added: Vec<NaiveDate>,
}

/// When and where an edit happens.
pub(super) struct Setting<'a> {
    pub(super) app: &'a App,
    pub(super) now: DateTime<Utc>,
    /// The event's zone.
    pub(super) zone: Tz,
}

/// Whether a date may still be changed.
pub(super) fn is_live(slot: &timeslot::Model, now: DateTime<Utc>) -> bool {
    slot.cancelled_at.is_none() && slot.ends_at > now
}

/// The occurrence of a date of a series.
pub(super) fn occurrence_of(slot: &timeslot::Model) -> NaiveDateTime {
    slot.occurrence.unwrap_or_else(|| slot.starts_at.naive_utc()) // one of a series has one
}

impl Part {
    /// The part of a series that `scope` means by the date `anchor`.
    pub(super) fn of(
        slots: Vec<timeslot::Model>,
        anchor: &timeslot::Model,
        scope: Scope,
        now: DateTime<Utc>,
    ) -> Self {
        let live = slots
            .iter()
            .filter(|slot| is_live(slot, now))
            .map(occurrence_of)
            .min();
        let cut = match scope {
            Scope::All => live.unwrap_or_else(|| occurrence_of(anchor)),
            Scope::This | Scope::Following => occurrence_of(anchor),
        };
        let (before, slots): (Vec<_>, Vec<_>) = slots.into_iter().partition(|slot| occurrence_of(slot) < cut);
        Self {
            before: before.iter().map(occurrence_of).max(),
            cut,
            slots,
        }
    }

    /// The part with every date called off that is not over, exceptions too: a date that was moved would otherwise
    /// stay, and people would stand before a closed door.
    pub(super) fn cancelled(self, now: DateTime<Utc>) -> Vec<(timeslot::Model, timeslot::Model)> {
        let live = self.slots.into_iter().filter(|slot| is_live(slot, now));
        let off = |slot: timeslot::Model| {
            let after = timeslot::Model {
                cancelled_at: Some(now),
                excepted_at: None,
                ..slot.clone()
            };
            (slot, after)
        };
        live.map(off).collect()
    }

    /// The part after `change`; or all problems with it.
    pub(super) fn changed(
        self,
        at: &Setting<'_>,
        before: &Definition,
        anchor: &timeslot::Model,
        change: &SeriesChange,
    ) -> Result<Plan, Refusal> {
        let mut problems = Problems::default();
        let local_start = change.local_start.as_deref();
        let local_start = local_start.and_then(|text| read_local(text, &mut problems));
        problems.finish()?;
        let time = local_start.unwrap_or(before.local_start).time();
        let moved_by = local_start.map(|local| local.date() - occurrence_of(anchor).date());
        let days = moved_by.unwrap_or_default();
        let zone = if local_start.is_some() {
            at.zone
        } else {
            before.zone
        };
        let shift = |occurrence: NaiveDateTime| (occurrence.date() + days).and_time(time);
        let start = shift(self.cut);
        let except_on = before.except_on.iter().map(|day| *day + days).collect();
        let (rule, wanted) = new_rule(at.app, before, change, (start, zone, days), &except_on)?;
        let definition = Definition {
            rule,
            local_start: wanted
                .as_ref()
                .and_then(BTreeSet::first)
                .map_or(start, |first| first.and_time(time)),
            duration: change
                .duration_minutes
                .map_or(before.duration, |minutes| TimeDelta::minutes(minutes.into())),
            capacity: change.capacity.unwrap_or(before.capacity),
            zone,
            except_on,
        };
        let edit = Edit {
            at,
            before,
            definition: &definition,
            change,
            wanted: wanted.as_ref(),
            is_moved: local_start.is_some(),
        };
        let edited = |slot: timeslot::Model| {
            let occurrence = shift(occurrence_of(&slot));
            let after = edit.apply(&slot, occurrence, slot.id == anchor.id);
            (slot, after)
        };
        let slots: Vec<_> = self.slots.into_iter().map(edited).collect();
        check(&slots, at.now, &definition)?;
        // One that the rule once gave up may come again; one that somebody called off by itself stays off.
        let stands = |slot: &timeslot::Model| slot.cancelled_at.is_none() || slot.excepted_at.is_some();
        let standing = slots.iter().map(|(_, after)| after).filter(|slot| stands(slot));
        let taken: HashSet<NaiveDate> = standing.map(|slot| occurrence_of(slot).date()).collect();
        let added = wanted.into_iter().flatten().filter(|day| !taken.contains(day));
        let added = added
            .filter(|day| definition.slot(*day).ends_at > at.now)
            .collect();
        Ok(Plan {
            definition,
            slots,
            added,
        })
    }
}

/// The rule that holds from now on, and its days if it is a new one.
fn new_rule(
    app: &App,
    before: &Definition,
    change: &SeriesChange,
    (start, zone, days): (NaiveDateTime, Tz, TimeDelta),
    except_on: &BTreeSet<NaiveDate>,
) -> Result<(Rule, Option<BTreeSet<NaiveDate>>), Refusal> {
    let Some(text) = &change.rule else {
        let problem = "is on another day, which this rule cannot follow: give a new rule as well";
        let shifted = before.rule.shifted(days.num_days());
        let rule = shifted.ok_or_else(|| Refusal::input(&["input", "localStart"], problem))?;
        return Ok((rule, None));
    };
    let rule = Rule::parse(text, start.time(), zone);
    let rule = rule.map_err(|problem| Refusal::input(&["input", "rule"], problem))?;
    let (rule, days) = settle(app, rule, start.date(), except_on)?;
    Ok((rule, Some(days.into_iter().collect())))
}

/// An edit of one date after the other.
struct Edit<'a> {
    at: &'a Setting<'a>,
    before: &'a Definition,
    definition: &'a Definition,
    change: &'a SeriesChange,
    wanted: Option<&'a BTreeSet<NaiveDate>>,
    is_moved: bool,
}

impl Edit<'_> {
    fn apply(&self, slot: &timeslot::Model, occurrence: NaiveDateTime, is_anchor: bool) -> timeslot::Model {
        // Those that are left alone keep their place in the series, or its rule would give their day again.
        let mut after = timeslot::Model {
            occurrence: Some(occurrence),
            ..slot.clone()
        };
        let is_exception = slot.excepted_at.is_some();
        let follows = !is_exception || is_anchor || self.change.override_exceptions;
        if !is_live(slot, self.at.now) || !follows {
            return after;
        }
        if self
            .wanted
            .is_some_and(|wanted| !wanted.contains(&occurrence.date()))
        {
            after.cancelled_at = Some(self.at.now);
            after.excepted_at = None;
            return after;
        }
        let is_brought_back = is_exception && self.change.override_exceptions;
        let is_moved = self.is_moved || is_brought_back;
        if is_moved {
            after.starts_at = at_local(occurrence, self.definition.zone);
            after.excepted_at = None;
        }
        if is_moved || self.change.duration_minutes.is_some() {
            after.ends_at = after.starts_at + self.definition.duration;
        }
        let own = if is_brought_back {
            self.before.capacity
        } else {
            slot.capacity
        };
        after.capacity = self.change.capacity.unwrap_or(own);
        after
    }
}

/// Refuses the whole edit, naming the dates that are in its way.
fn check(
    slots: &[(timeslot::Model, timeslot::Model)],
    now: DateTime<Utc>,
    definition: &Definition,
) -> Result<(), Refusal> {
    let name = |wrong: Vec<&timeslot::Model>| {
        let day = |slot: &&timeslot::Model| slot.starts_at.with_timezone(&definition.zone).date_naive();
        let more = wrong.len().saturating_sub(NAMED);
        let days: BTreeSet<NaiveDate> = wrong.iter().take(NAMED).map(day).collect();
        let days: Vec<String> = days.iter().map(NaiveDate::to_string).collect();
        match more {
            0 => days.join(", "),
            more => format!("{} and {more} more", days.join(", ")),
        }
    };
    let changed = || {
        slots
            .iter()
            .filter(|(before, after)| is_live(before, now) && after.cancelled_at.is_none())
    };
    let mut problems = Problems::default();
    let over: Vec<_> = changed()
        .filter(|(before, after)| after.ends_at <= now && before.ends_at != after.ends_at)
        .map(|(before, _)| before)
        .collect();
    let path = "input.localStart";
    problems.check(
        over.is_empty(),
        path,
        format!("would be over already for {}", name(over)),
    );
    let full: Vec<_> = changed()
        .filter(|(_, after)| after.capacity.is_some_and(|seats| seats < after.taken))
        .map(|(before, _)| before)
        .collect();
    let problem = format!("is less than the seats given away on {}", name(full.clone()));
    problems.check(full.is_empty(), "input.capacity", problem);
    problems.finish()
}
