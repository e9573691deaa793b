//! The days that a rule gives: each day of the calendar is looked at once, within a bounded time, so that no rule takes
//! long, whatever it asks for.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::{End, Frequency, Rule};

impl Rule {
    /// The days of the rule on and after `start`, in order. What is wrong, as the end of a sentence, when there is none,
    /// or when not all lie within `within` days of `start`.
    pub fn days(&self, start: NaiveDate, within: i64) -> Result<Vec<NaiveDate>, String> {
        let last = start + TimeDelta::days(within);
        let mut days = match self.end {
            End::On(day) if day > last => {
                return Err(format!("must end within {within} days of its first date"));
            }
            End::On(day) => self.between(start, day),
            End::Count(_) => self.between(start, last),
        };
        if days.is_empty() {
            return Err(format!("gives no date within {within} days of its start"));
        }
        if let End::Count(count) = self.end {
            if days.len() < count {
                let found = days.len();
                return Err(format!("gives only {found} dates within {within} days"));
            }
            days.truncate(count);
        }
        Ok(days)
    }

    /// The days on and after `start` up to `last`, however many.
    fn between(&self, start: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let first = self.begin(start);
        let mut found = vec![];
        // The days of one period, of which BYSETPOS chooses.
        let (mut current, mut period) = (0, vec![]);
        for day in first.iter_days() {
            let number = self.number(first, day);
            if number != current {
                found.append(&mut self.chosen(&period));
                period.clear();
                current = number;
                if day > last {
                    break;
                }
            }
            if number % i64::from(self.interval) == 0 && self.fits(start, day) {
                period.push(day);
            }
        }
        found.retain(|day| (start..=last).contains(day));
        found
    }

    /// The first day of the period with `day`.
    fn begin(&self, day: NaiveDate) -> NaiveDate {
        let begin = match self.frequency {
            Frequency::Daily => Some(day),
            Frequency::Weekly => Some(day.week(self.week_start).first_day()),
            Frequency::Monthly => day.with_day(1),
            Frequency::Yearly => day.with_ordinal(1),
        };
        begin.unwrap_or(day)
    }

    /// How many periods after that of `first`, with which one begins.
    fn number(&self, first: NaiveDate, day: NaiveDate) -> i64 {
        let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month());
        match self.frequency {
            Frequency::Daily => (day - first).num_days(),
            Frequency::Weekly => (day - first).num_days() / 7,
            Frequency::Monthly => months(day) - months(first),
            Frequency::Yearly => i64::from(day.year()) - i64::from(first.year()),
        }
    }

    /// Whether all BY parts allow this day; what they leave open is as at the start.
    fn fits(&self, start: NaiveDate, day: NaiveDate) -> bool {
        let no_days = self.by_month_day.is_empty() && self.by_day.is_empty();
        let by_month = match self.frequency {
            Frequency::Yearly if self.by_month.is_empty() && no_days => day.month() == start.month(),
            _ => self.by_month.is_empty() || self.by_month.contains(&day.month()),
        };
        let by_month_day = match self.frequency {
            Frequency::Monthly | Frequency::Yearly if no_days => day.day() == start.day(),
            _ => self.by_month_day.is_empty() || self.by_month_day.iter().any(|nth| is_month_day(day, *nth)),
        };
        let by_day = match self.frequency {
            Frequency::Weekly if self.by_day.is_empty() => day.weekday() == start.weekday(),
            _ => self.by_day.is_empty() || self.is_by_day(day),
        };
        by_month && by_month_day && by_day
    }

    fn is_by_day(&self, day: NaiveDate) -> bool {
        let in_month = self.frequency == Frequency::Monthly || !self.by_month.is_empty();
        let (number, of) = match in_month {
            true => (day.day(), u32::from(day.num_days_in_month())),
            false => (day.ordinal(), if day.leap_year() { 366 } else { 365 }),
        };
        let nth = i64::from((number - 1) / 7 + 1);
        let nth_from_end = -i64::from((of - number) / 7 + 1);
        self.by_day.iter().any(|by| {
            let counted = by.nth.map(i64::from);
            day.weekday() == by.weekday && counted.is_none_or(|by| by == nth || by == nth_from_end)
        })
    }

    fn chosen(&self, period: &[NaiveDate]) -> Vec<NaiveDate> {
        let len = period.len() as i64;
        let is_chosen = |index: i64| {
            let at = |pos: &i32| i64::from(*pos) == index + 1 || i64::from(*pos) == index - len;
            self.by_set_pos.is_empty() || self.by_set_pos.iter().any(at)
        };
        let numbered = (0..).zip(period);
        numbered
            .filter(|(i, _)| is_chosen(*i))
            .map(|(_, day)| *day)
            .collect()
    }
}

fn is_month_day(day: NaiveDate, nth: i32) -> bool {
    let number = i64::from(day.day());
    let from_end = number - i64::from(day.num_days_in_month()) - 1;
    i64::from(nth) == number || i64::from(nth) == from_end
}
