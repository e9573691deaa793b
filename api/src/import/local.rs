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
    use super::*;

    #[test]
    fn skipped_and_repeated_times_are_decided() {
        for (local, utc) in [
            ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),
            ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            ("2026-07-01T18:00:00", "2026-07-01T22:00:00Z"),
        ] {
            let time = at_local(local.parse().unwrap(), chrono_tz::America::New_York);
            assert_eq!(time, utc.parse::<DateTime<Utc>>().unwrap());
        }
    }
}
