//! Moves old events into the present by whole weeks, so that weekdays and local times stay what they were.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{import::draft::Draft, local::at_local};

/// Moves all drafts by the same number of weeks: the one that puts the earliest timeslot, by the date where it takes
/// place, on `date` or less than a week after it.
pub fn to(drafts: &mut [Draft], date: NaiveDate) {
    let first = drafts
        .iter()
        .flat_map(|draft| draft.timeslots.iter().map(|slot| (slot, draft.zone)))
        .map(|(slot, zone)| slot.starts_at.with_timezone(&zone).date_naive())
        .min();
    let Some(first) = first else { return };
    let days = i64::from(date.num_days_from_ce()) - i64::from(first.num_days_from_ce());
    // Rounded up, also when it is negative.
    let by = TimeDelta::weeks(-(-days).div_euclid(7));
    for draft in drafts {
        for slot in &mut draft.timeslots {
            (slot.starts_at, slot.ends_at) = shifted(slot.starts_at, slot.ends_at, draft.zone, by);
        }
    }
}

/// Start and end by the clock on the wall; where that would end before the start (a start in the hour that is
/// skipped, an end in the one that was repeated), the duration is kept instead.
fn shifted(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    zone: Tz,
    by: TimeDelta,
) -> (DateTime<Utc>, DateTime<Utc>) {
    if by.is_zero() {
        return (starts_at, ends_at);
    }
    let shift = |time: DateTime<Utc>| at_local(time.with_timezone(&zone).naive_local() + by, zone);
    let (start, end) = (shift(starts_at), shift(ends_at));
    if end > start {
        (start, end)
    } else {
        (start, start + (ends_at - starts_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_wall_clock_stays_across_both_changes() {
        let weeks = |from: &str, to: &str, weeks| {
            let (start, end) = shifted(utc(from), utc(to), New_York, TimeDelta::weeks(weeks));
            format!(
                "{} {}",
                start.with_timezone(&New_York),
                end.with_timezone(&New_York)
            )
        };
        // 18:00 to 20:00 in winter, then in summer.
        assert_eq!(
            weeks("2026-03-02T23:00:00Z", "2026-03-03T01:00:00Z", 1),
            "2026-03-09 18:00:00 EDT 2026-03-09 20:00:00 EDT"
        );
        assert_eq!(
            weeks("2026-10-28T22:00:00Z", "2026-10-29T00:00:00Z", 1),
            "2026-11-04 18:00:00 EST 2026-11-04 20:00:00 EST"
        );
        // 2:45 to 3:15, into the night without a 2:45.
        assert_eq!(
            weeks("2026-03-01T07:45:00Z", "2026-03-01T08:15:00Z", 1),
            "2026-03-08 03:45:00 EDT 2026-03-08 04:15:00 EDT"
        );
        // 1:45 (first) to 1:15 (second), out of the night that has both.
        assert_eq!(
            weeks("2026-11-01T05:45:00Z", "2026-11-01T06:15:00Z", 1),
            "2026-11-08 01:45:00 EST 2026-11-08 02:15:00 EST"
        );
    }
}
