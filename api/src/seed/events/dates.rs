//! When an event takes place.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Plan, is_upcoming};
use crate::{local::at_local, seed::dice::Dice};

/// An event to come begins at most so many days after the world's present ...
const AHEAD_DAYS: u32 = 28;
/// ... and one of the past ended at least so many days before it, so that a late evening in the west is over too.
const BEFORE_DAYS: (u32, u32) = (2, 700);

/// Start and end of each date: one mostly, else up to four, a day or a week apart. Of an event to come all are to
/// come, the first within 30 days; of one of the past all are over, the last within 700.
pub fn of(plan: &Plan, number: u32, zone: Tz, dice: &mut Dice) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let count = match dice.below(100) {
        0..=79 => 1,
        80..=91 => 2,
        92..=96 => 3,
        _ => 4,
    };
    let apart = i64::from(dice.pick(&[1, 7, 7]));
    let hour = dice.pick(&[9, 10, 11, 13, 14, 16, 17, 18, 18, 18, 19, 19]);
    let time = NaiveTime::from_hms_opt(hour, dice.pick(&[0, 0, 30]), 0).unwrap_or_default();
    let length = TimeDelta::minutes(dice.pick(&[60, 90, 120, 120, 180]));
    let (day, step) = if is_upcoming(plan, number) {
        // Not today, so that it is still to come at the end of the day.
        (i64::from(dice.between(1, AHEAD_DAYS)), apart)
    } else {
        let (least, most) = BEFORE_DAYS;
        (-i64::from(dice.between(least, most)), -apart)
    };
    let today = plan.at.date_naive();
    let of = |index| {
        let date = today + TimeDelta::days(day + step * index);
        let start = at_local(date.and_time(time), zone);
        (start, start + length)
    };
    let mut dates: Vec<_> = (0..count).map(of).collect();
    dates.sort_unstable();
    dates
}
