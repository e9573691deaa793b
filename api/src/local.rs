//! What the clock on the wall shows.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// When a clock in `zone` shows `local`. Of a time that comes twice the first is meant; one that is skipped is read
/// as if the clock had not been put forward yet: 2:30 becomes 3:30.
pub fn at_local(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => time.to_utc(),
        MappedLocalTime::None => {
            let day = TimeDelta::days(1);
            let before = zone.from_local_datetime(&(local - day)).earliest();
            before.map_or_else(|| local.and_utc(), |before| before.to_utc() + day)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{
        America::{New_York, Phoenix, Santiago},
        Australia::Lord_Howe,
        Europe::Berlin,
        Pacific::Apia,
    };

    use super::*;

    #[test]
    fn skipped_and_repeated_times_are_decided() {
        for (zone, local, utc) in [
            (New_York, "2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),
            (New_York, "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            (New_York, "2026-07-01T18:00:00", "2026-07-01T22:00:00Z"),
            (Berlin, "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            (Berlin, "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
            // By half an hour: 2:15 becomes 2:45.
            (Lord_Howe, "2026-10-04T02:15:00", "2026-10-03T15:45:00Z"),
            (Lord_Howe, "2026-04-05T01:45:00", "2026-04-04T14:45:00Z"),
            // At midnight, so that the day begins at one.
            (Santiago, "2026-09-06T00:30:00", "2026-09-06T04:30:00Z"),
            // A whole day.
            (Apia, "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"),
            (Phoenix, "2026-03-08T02:30:00", "2026-03-08T09:30:00Z"),
        ] {
            let time = at_local(local.parse().unwrap(), zone);
            assert_eq!(time, utc.parse::<DateTime<Utc>>().unwrap(), "{local} in {zone}");
        }
    }
}
