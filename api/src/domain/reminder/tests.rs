//! When people are reminded, across changes of the clock and between zones.

use chrono_tz::{
    America::{New_York, Santiago},
    Asia::Tokyo,
    Pacific::Honolulu,
};

use super::*;
use crate::config::Config;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn slot(starts_at: &str) -> timeslot::Model {
    timeslot::Model {
        id: Uuid::nil(),
        event_id: Uuid::nil(),
        starts_at: utc(starts_at),
        ends_at: utc(starts_at) + TimeDelta::hours(2),
        capacity: None,
        taken: 0,
        held: 0,
        waitlist_first: false,
        cancelled_at: None,
        origin_id: None,
        series_id: None,
        occurrence: None,
        excepted_at: None,
        version: 1,
        changed_at: utc(starts_at),
    }
}

#[test]
fn the_hour_is_that_of_the_clock_across_its_changes() {
    let settings = Config::with(&[]).unwrap().messages;
    // In New York the clock is put forward on March 8, and back on November 1.
    for (starts_at, day_before, day_of) in [
        (
            "2026-03-08T22:00:00Z",
            "2026-03-07T16:00:00Z",
            "2026-03-08T13:00:00Z",
        ),
        (
            "2026-03-09T22:00:00Z",
            "2026-03-08T15:00:00Z",
            "2026-03-09T13:00:00Z",
        ),
        (
            "2026-11-01T23:00:00Z",
            "2026-10-31T15:00:00Z",
            "2026-11-01T14:00:00Z",
        ),
        (
            "2026-11-02T23:00:00Z",
            "2026-11-01T16:00:00Z",
            "2026-11-02T14:00:00Z",
        ),
    ] {
        let slot = slot(starts_at);
        let now = slot.starts_at - TimeDelta::hours(47);
        let due = |reminder: Reminder| reminder.due(&settings, &slot, New_York, now);
        assert_eq!(due(Reminder::DayBefore), Some(utc(day_before)), "{starts_at}");
        assert_eq!(due(Reminder::DayOf), Some(utc(day_of)), "{starts_at}");
    }
}

#[test]
fn nobody_is_reminded_too_late() {
    let settings = Config::with(&[]).unwrap().messages;
    // At half past nine, and at one in the morning.
    for early in ["2026-05-05T13:30:00Z", "2026-05-05T05:00:00Z"] {
        let slot = slot(early);
        let now = slot.starts_at - TimeDelta::hours(30);
        assert_eq!(
            Reminder::DayOf.due(&settings, &slot, New_York, now),
            None,
            "{early}"
        );
        assert!(Reminder::DayBefore.due(&settings, &slot, New_York, now).is_some());
    }
    let slot = slot("2026-05-05T22:00:00Z");
    let that_day = utc("2026-05-05T04:00:00Z");
    assert_eq!(
        Reminder::DayBefore.due(&settings, &slot, New_York, that_day),
        None
    );
    assert!(
        Reminder::DayOf
            .due(&settings, &slot, New_York, that_day)
            .is_some()
    );
    let near = slot.starts_at - TimeDelta::minutes(59);
    assert_eq!(Reminder::DayOf.due(&settings, &slot, New_York, near), None);
}

#[test]
fn people_are_woken_in_their_daytime() {
    let settings = Config::with(&[]).unwrap().messages;
    for (at, zone, awake_at) in [
        ("2026-05-05T15:00:00Z", New_York, "2026-05-05T15:00:00Z"),
        ("2026-05-05T12:59:00Z", New_York, "2026-05-05T13:00:00Z"),
        ("2026-05-05T23:59:00Z", New_York, "2026-05-05T23:59:00Z"),
        ("2026-05-06T00:00:00Z", New_York, "2026-05-06T13:00:00Z"),
        ("2026-05-05T15:00:00Z", Honolulu, "2026-05-05T19:00:00Z"),
        ("2026-05-05T15:00:00Z", Tokyo, "2026-05-06T00:00:00Z"),
        // The nights in which the clock is put forward and back.
        ("2026-03-08T01:00:00Z", New_York, "2026-03-08T13:00:00Z"),
        ("2026-11-01T01:00:00Z", New_York, "2026-11-01T14:00:00Z"),
        ("2026-09-06T04:00:00Z", Santiago, "2026-09-06T12:00:00Z"),
    ] {
        assert_eq!(awake(&settings, utc(at), zone), utc(awake_at), "{at} in {zone}");
    }
    let early = Config::with(&[("messages.waking_from", "2".to_owned())])
        .unwrap()
        .messages;
    let skipped = awake(&early, utc("2026-03-08T05:30:00Z"), New_York);
    assert_eq!(
        skipped,
        utc("2026-03-08T07:00:00Z"),
        "two o'clock does not come that night"
    );
}
