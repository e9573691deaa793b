//! Recurrence rules: on which days something is.
//!
//! A rule is the part of RFC 5545's RRULE that gives days: FREQ (DAILY to YEARLY), INTERVAL, COUNT or UNTIL, BYMONTH,
//! BYMONTHDAY, BYDAY, BYSETPOS and WKST. Days are days of a calendar; the time on the clock is always the same, and which
//! instant that is, is found out by [`at_local`](crate::local::at_local). The reasons are in decision 12.

mod days;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};

use chrono::{NaiveDate, TimeDelta, Weekday};

/// On which days something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    frequency: Frequency,
    /// Every so many days, weeks, months or years.
    interval: u32,
    end: End,
    by_month: Vec<u32>,
    /// Days of the month, from its end if negative.
    by_month_day: Vec<i32>,
    by_day: Vec<ByDay>,
    /// Which of the days of a period, from its last if negative.
    by_set_pos: Vec<i32>,
    week_start: Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Count(usize),
    /// The last day on which it may be.
    On(NaiveDate),
}

/// A day of the week; the `nth` of its month or year, from the end if negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ByDay {
    nth: Option<i32>,
    weekday: Weekday,
}

impl Rule {
    /// The same rule, ending on `day`.
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.end = End::On(day);
        self
    }

    /// The rule whose days are those of this one, all so many days later, if there is such a rule: what is on a day of
    /// the month cannot be moved, as months differ in length.
    pub fn shifted(&self, days: i64) -> Option<Self> {
        let by_months = matches!(self.frequency, Frequency::Monthly | Frequency::Yearly);
        if days != 0 && (by_months || !self.by_month.is_empty() || !self.by_month_day.is_empty()) {
            return None;
        }
        let end = match self.end {
            End::Count(count) => End::Count(count),
            End::On(day) => End::On(day.checked_add_signed(TimeDelta::try_days(days)?)?),
        };
        let turn = |weekday: Weekday| (0..days.rem_euclid(7)).fold(weekday, |weekday, _| weekday.succ());
        let by_day = self.by_day.iter().map(|by| ByDay {
            weekday: turn(by.weekday),
            ..*by
        });
        Some(Self {
            end,
            by_day: by_day.collect(),
            // So that the same days are in one week, where that counts.
            week_start: if self.interval > 1 || !self.by_set_pos.is_empty() {
                turn(self.week_start)
            } else {
                self.week_start
            },
            ..self.clone()
        })
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.frequency.as_str())?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::On(day) => write!(f, ";UNTIL={}", day.format("%Y%m%d"))?,
        }
        list(f, "BYMONTH", &self.by_month)?;
        list(f, "BYMONTHDAY", &self.by_month_day)?;
        list(f, "BYDAY", &self.by_day)?;
        list(f, "BYSETPOS", &self.by_set_pos)?;
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", two_letters(self.week_start))?;
        }
        Ok(())
    }
}

fn list<T: Display>(f: &mut fmt::Formatter<'_>, name: &str, values: &[T]) -> fmt::Result {
    if values.is_empty() {
        return Ok(());
    }
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    write!(f, ";{name}={}", values.join(","))
}

impl Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(two_letters(self.weekday))
    }
}

impl Frequency {
    const ALL: [Self; 4] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly];

    fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }
}

const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

fn two_letters(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}
