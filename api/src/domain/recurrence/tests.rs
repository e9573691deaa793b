//! Rules against the examples of RFC 5545, against a model that knows each kind of rule by itself, and hostile ones.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use chrono_tz::{America::New_York, Tz};
use proptest::prelude::*;

use super::{Rule, WEEK, two_letters};

const WITHIN: i64 = 400;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn nine() -> NaiveTime {
    NaiveTime::from_hms_opt(9, 0, 0).unwrap()
}

fn parse(text: &str) -> Result<Rule, String> {
    Rule::parse(text, nine(), New_York)
}

fn days(rule: &str, start: &str) -> Vec<NaiveDate> {
    parse(rule).unwrap().days(day(start), WITHIN).unwrap()
}

/// Month and day: `9-2 9-9`.
fn short(days: &[NaiveDate]) -> String {
    let short: Vec<_> = days
        .iter()
        .map(|day| format!("{}-{}", day.month(), day.day()))
        .collect();
    short.join(" ")
}

#[test]
fn the_examples_of_the_standard() {
    for (rule, start, expected) in [
        ("FREQ=DAILY;COUNT=3", "1997-09-02", "9-2 9-3 9-4"),
        (
            "FREQ=DAILY;INTERVAL=10;COUNT=5",
            "1997-09-02",
            "9-2 9-12 9-22 10-2 10-12",
        ),
        ("FREQ=WEEKLY;COUNT=3", "1997-09-02", "9-2 9-9 9-16"),
        (
            "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
            "1997-09-02",
            "9-2 9-4 9-9 9-11 9-16 9-18 9-23 9-25 9-30 10-2",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19970930T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            "1997-09-01",
            "9-1 9-3 9-5 9-15 9-17 9-19 9-29",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            "1997-09-02",
            "9-2 9-4 9-16 9-18 9-30 10-2 10-14 10-16",
        ),
        (
            "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
            "1997-09-05",
            "9-5 10-3 11-7 12-5 1-2 2-6 3-6 4-3 5-1 6-5",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=1SU,-1SU",
            "1997-09-07",
            "9-7 9-28 11-2 11-30 1-4 1-25",
        ),
        (
            "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
            "1997-09-22",
            "9-22 10-20 11-17 12-22 1-19 2-16",
        ),
        (
            "FREQ=MONTHLY;COUNT=4;BYMONTHDAY=-3",
            "1997-09-28",
            "9-28 10-29 11-28 12-29",
        ),
        (
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            "1997-09-30",
            "9-30 10-1 10-31 11-1 11-30 12-1 12-31 1-1 1-31 2-1",
        ),
        (
            "FREQ=MONTHLY;COUNT=2;BYDAY=FR;BYMONTHDAY=13",
            "1997-09-02",
            "2-13 3-13",
        ),
        (
            "FREQ=MONTHLY;COUNT=5;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
            "1997-09-13",
            "9-13 10-11 11-8 12-13 1-10",
        ),
        (
            "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04",
            "9-4 10-7 11-6",
        ),
        (
            "FREQ=MONTHLY;COUNT=7;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "1997-09-29",
            "9-29 10-30 11-27 12-30 1-29 2-26 3-30",
        ),
        (
            "FREQ=YEARLY;COUNT=3;BYDAY=TH;BYMONTH=3",
            "1997-03-13",
            "3-13 3-20 3-27",
        ),
        ("FREQ=YEARLY;COUNT=2;BYDAY=20MO", "1997-05-19", "5-19 5-18"),
        ("FREQ=YEARLY;COUNT=2;BYMONTH=6,7", "1997-06-10", "6-10 7-10"),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05",
            "8-5 8-10 8-19 8-24",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05",
            "8-5 8-17 8-19 8-31",
        ),
        // An impossible day is passed over, not moved.
        (
            "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
            "2007-01-15",
            "1-15 1-30 2-15 3-15 3-30",
        ),
    ] {
        assert_eq!(short(&days(rule, start)), expected, "{rule}");
    }
}

#[test]
fn a_start_that_does_not_fit_is_no_date() {
    assert_eq!(
        short(&days("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", "2030-01-15")),
        "1-16 1-21 1-23"
    );
    assert_eq!(
        short(&days("FREQ=MONTHLY;BYDAY=2TU;COUNT=2", "2030-01-15")),
        "2-12 3-12"
    );
}

#[test]
fn until_is_a_day_an_instant_or_a_local_time() {
    let last = |until: &str| {
        let days = days(&format!("FREQ=DAILY;UNTIL={until}"), "2030-01-15");
        short(&days[days.len() - 1..])
    };
    assert_eq!(last("20300120"), "1-20");
    // 9:00 in New York is 14:00 UTC.
    assert_eq!(last("20300120T140000Z"), "1-20");
    assert_eq!(last("20300120T135959Z"), "1-19");
    assert_eq!(last("20300121T030000Z"), "1-20", "the evening before, there");
    assert_eq!(last("20300120T090000"), "1-20");
    assert_eq!(last("20300120T085959"), "1-19");
}

#[test]
fn what_is_wrong_is_said() {
    for (rule, problem) in [
        ("", "must have FREQ"),
        ("weekly", "must be NAME=VALUE"),
        ("FREQ=SECONDLY;COUNT=3", "must have FREQ"),
        ("FREQ=MINUTELY;COUNT=3", "must have FREQ"),
        ("FREQ=HOURLY;COUNT=3", "must have FREQ"),
        ("FREQ=DAILY", "must have COUNT or UNTIL"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20300101", "both COUNT and UNTIL"),
        ("FREQ=DAILY;COUNT=0", "has a COUNT"),
        ("FREQ=DAILY;COUNT=+3", "has a COUNT"),
        ("FREQ=DAILY;COUNT=99999999999999999999", "has a COUNT"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "has COUNT twice"),
        ("FREQ=DAILY;COUNT=3;INTERVAL=0", "has a INTERVAL"),
        ("FREQ=DAILY;COUNT=3;BYHOUR=9", "no parts but"),
        ("FREQ=YEARLY;COUNT=3;BYWEEKNO=20", "no parts but"),
        ("FREQ=YEARLY;COUNT=3;BYEASTER=1", "no parts but"),
        ("FREQ=DAILY;UNTIL=2030-01-01", "has an UNTIL"),
        ("FREQ=DAILY;UNTIL=20300230", "has an UNTIL"),
        ("FREQ=DAILY;UNTIL=20300131T120000ZZ", "has an UNTIL"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=2TU", "no numbers in BYDAY"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=", "has a BYDAY"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=é", "has a BYDAY"),
        ("FREQ=WEEKLY;COUNT=3;BYMONTHDAY=3", "BYMONTHDAY with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=6TU", "has a BYDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=32", "has a BYMONTHDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=--1", "has a BYMONTHDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYSETPOS=1", "BYSETPOS without"),
    ] {
        let said = parse(rule).unwrap_err();
        assert!(said.contains(problem), "{rule}: {said}");
    }
    let long = format!("FREQ=MONTHLY;COUNT=3;BYMONTHDAY={}", vec!["1"; 300].join(","));
    assert!(parse(&long).unwrap_err().contains("500 characters"));
}

#[test]
fn hostile_rules_end_soon() {
    let begun = std::time::Instant::now();
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31;COUNT=9999",
        "FREQ=YEARLY;INTERVAL=9999;BYMONTH=2;BYMONTHDAY=29;COUNT=9999",
        "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=4;UNTIL=20310101",
        "FREQ=YEARLY;BYDAY=53MO;BYSETPOS=366;COUNT=2",
        "FREQ=DAILY;COUNT=9999",
        "FREQ=DAILY;UNTIL=99991231",
        "FREQ=DAILY;UNTIL=00010101",
    ] {
        for _ in 0..10 {
            parse(rule).unwrap().days(day("2030-01-15"), WITHIN).unwrap_err();
        }
    }
    // Eighty of them, in a debug build, beside other tests.
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

/// Every so many of these; day by day, without the code above.
fn naive(kind: usize, interval: i64, start: NaiveDate, chosen: &[Weekday], number: u32) -> Vec<NaiveDate> {
    let monday = |day: NaiveDate| day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
    let months = |day: NaiveDate| i64::from(day.year() * 12) + i64::from(day.month());
    let all = (0..=WITHIN).map(|number| start + TimeDelta::days(number));
    let is_in = |day: &NaiveDate| match kind {
        0 => (*day - start).num_days() % interval == 0,
        1 => (monday(*day) - monday(start)).num_days() / 7 % interval == 0 && chosen.contains(&day.weekday()),
        // The nth such weekday: as many weeks before are still in the month.
        2 => {
            let before = |weeks: u32| *day - TimeDelta::days(i64::from(weeks) * 7);
            let nth = before(number - 1).month() == day.month() && before(number).month() != day.month();
            (months(*day) - months(start)) % interval == 0 && chosen.contains(&day.weekday()) && nth
        }
        // So many days before the first of the next month.
        _ => {
            let later = *day + TimeDelta::days(i64::from(number));
            (months(*day) - months(start)) % interval == 0 && later.day() == 1 && later.month() != day.month()
        }
    };
    all.filter(is_in).collect()
}

proptest! {
    #[test]
    fn days_are_those_of_a_naive_model(
        kind in 0..4usize,
        interval in 1..5i64,
        offset in 0..3000i64,
        weekdays in proptest::sample::subsequence(WEEK.to_vec(), 1..7),
        number in 1..=4u32,
        until in 0..=WITHIN,
    ) {
        let start = day("2026-01-01") + TimeDelta::days(offset);
        let names: Vec<String> = weekdays.iter().map(|day| two_letters(*day).to_owned()).collect();
        let nth: Vec<String> = names.iter().map(|name| format!("{number}{name}")).collect();
        let by = match kind {
            0 => "FREQ=DAILY".to_owned(),
            1 => format!("FREQ=WEEKLY;BYDAY={}", names.join(",")),
            2 => format!("FREQ=MONTHLY;BYDAY={}", nth.join(",")),
            _ => format!("FREQ=MONTHLY;BYMONTHDAY=-{number}"),
        };
        let last = start + TimeDelta::days(until);
        let text = format!("{by};INTERVAL={interval};UNTIL={}", last.format("%Y%m%d"));
        let rule = parse(&text).unwrap();
        let all = naive(kind, interval, start, &weekdays, number);
        let expected: Vec<_> = all.iter().copied().filter(|day| *day <= last).collect();
        let found = rule.days(start, WITHIN);
        prop_assert_eq!(found.clone().unwrap_or_default(), expected, "{}", text);

        // COUNT gives the first so many of the same.
        let count = all.len() / 2 + 1;
        let counted = parse(&format!("{by};INTERVAL={interval};COUNT={count}")).unwrap().days(start, WITHIN);
        prop_assert_eq!(counted.unwrap_or_default(), all.get(..count).unwrap_or_default());

        // As it is printed it is the same rule.
        prop_assert_eq!(Rule::parse(&rule.to_string(), NaiveTime::MIN, Tz::UTC).unwrap(), rule.clone());

        // Moved by days, it gives the same days, moved.
        if let Some(moved) = rule.shifted(-9) {
            prop_assert!(kind < 2);
            let back = |day: NaiveDate| day - TimeDelta::days(9);
            let found = found.map(|days| days.into_iter().map(back).collect::<Vec<_>>());
            prop_assert_eq!(moved.days(back(start), WITHIN), found);
        }
    }
}
