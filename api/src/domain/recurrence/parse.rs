//! Reading a rule as it is written in RFC 5545.

use std::{collections::BTreeMap, ops::RangeInclusive, str::FromStr};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

use super::{ByDay, End, Frequency, Rule, WEEK, two_letters};
use crate::local::at_local;

/// Longer ones say nothing that a shorter one could not.
const LONGEST: usize = 500;
const PARTS: [&str; 9] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYMONTH",
    "BYMONTHDAY",
    "BYDAY",
    "BYSETPOS",
    "WKST",
];

impl Rule {
    /// Reads a rule, with or without `RRULE:` before it. `time` and `zone` tell on which day an UNTIL with a time ends
    /// it. What is wrong, as the end of a sentence, when it is none, has parts that are not supported, or has no end.
    pub fn parse(text: &str, time: NaiveTime, zone: Tz) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("has more than {LONGEST} characters"));
        }
        let text = text.trim().to_ascii_uppercase();
        let parts = parts(text.strip_prefix("RRULE:").unwrap_or(&text))?;
        let get = |name: &str| parts.get(name).copied();
        let frequency = Frequency::ALL
            .into_iter()
            .find(|frequency| get("FREQ") == Some(frequency.as_str()))
            .ok_or("must have FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")?;
        let end = match (get("COUNT"), get("UNTIL")) {
            (Some(count), None) => End::Count(one("COUNT", count, 1..=9999)?),
            (None, Some(until)) => End::On(last_day(until, time, zone)?),
            (None, None) => return Err("must have COUNT or UNTIL: it has to end".to_owned()),
            (Some(_), Some(_)) => return Err("must not have both COUNT and UNTIL".to_owned()),
        };
        let rule = Self {
            frequency,
            interval: get("INTERVAL").map_or(Ok(1), |text| one("INTERVAL", text, 1..=9999))?,
            end,
            by_month: get("BYMONTH").map_or(Ok(vec![]), |text| many("BYMONTH", text, 1..=12))?,
            by_month_day: get("BYMONTHDAY").map_or(Ok(vec![]), |text| signed("BYMONTHDAY", text, 31))?,
            by_day: get("BYDAY").map_or(Ok(vec![]), |text| by_day(text, frequency))?,
            by_set_pos: get("BYSETPOS").map_or(Ok(vec![]), |text| signed("BYSETPOS", text, 366))?,
            week_start: get("WKST").map_or(Ok(Weekday::Mon), |text| weekday("WKST", text))?,
        };
        if frequency == Frequency::Weekly && !rule.by_month_day.is_empty() {
            return Err("must not have BYMONTHDAY with FREQ=WEEKLY".to_owned());
        }
        let by_any = rule.by_month.len() + rule.by_month_day.len() + rule.by_day.len() > 0;
        if !rule.by_set_pos.is_empty() && !by_any {
            return Err("must not have BYSETPOS without another BY part".to_owned());
        }
        Ok(rule)
    }
}

/// `A=1;B=2`, each name once.
fn parts(text: &str) -> Result<BTreeMap<&str, &str>, String> {
    let mut parts = BTreeMap::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or("must be NAME=VALUE;NAME=VALUE…")?;
        let Some(known) = PARTS.iter().find(|known| **known == name) else {
            return Err(format!("must have no parts but {}", PARTS.join(", ")));
        };
        if parts.insert(*known, value).is_some() {
            return Err(format!("has {known} twice"));
        }
    }
    Ok(parts)
}

fn one<T: FromStr + PartialOrd>(name: &str, text: &str, range: RangeInclusive<T>) -> Result<T, String> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| plain && range.contains(number));
    number.ok_or_else(|| format!("has a {name} that is not a number in its range"))
}

fn many<T: FromStr + PartialOrd + Clone>(
    name: &str,
    text: &str,
    range: RangeInclusive<T>,
) -> Result<Vec<T>, String> {
    text.split(',')
        .map(|text| one(name, text, range.clone()))
        .collect()
}

/// Numbers from 1 to `most`, and from the end.
fn signed(name: &str, text: &str, most: i32) -> Result<Vec<i32>, String> {
    text.split(',').map(|text| signed_one(name, text, most)).collect()
}

fn signed_one(name: &str, text: &str, most: i32) -> Result<i32, String> {
    match text.strip_prefix('-') {
        Some(rest) => one(name, rest, 1..=most).map(|number: i32| -number),
        None => one(name, text.strip_prefix('+').unwrap_or(text), 1..=most),
    }
}

fn by_day(text: &str, frequency: Frequency) -> Result<Vec<ByDay>, String> {
    let most = match frequency {
        Frequency::Daily | Frequency::Weekly => 0,
        Frequency::Monthly => 5,
        Frequency::Yearly => 53,
    };
    let day = |text: &str| {
        let (nth, name) = text
            .split_at_checked(text.len().saturating_sub(2))
            .unwrap_or(("", text));
        let weekday = weekday("BYDAY", name)?;
        let nth = match nth {
            "" => None,
            _ if most == 0 => {
                return Err("must have no numbers in BYDAY unless FREQ is MONTHLY or YEARLY".to_owned());
            }
            nth => Some(signed_one("BYDAY", nth, most)?),
        };
        Ok(ByDay { nth, weekday })
    };
    text.split(',').map(day).collect()
}

fn weekday(name: &str, text: &str) -> Result<Weekday, String> {
    let found = WEEK.into_iter().find(|weekday| two_letters(*weekday) == text);
    found.ok_or_else(|| format!("has a {name} that is not of MO, TU, WE, TH, FR, SA, SU"))
}

/// The last day on which `time` in `zone` is not after UNTIL: a day, an instant, or a local time.
fn last_day(text: &str, time: NaiveTime, zone: Tz) -> Result<NaiveDate, String> {
    let wrong = || "has an UNTIL that is not a time like 20300131T235959Z or 20300131".to_owned();
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y%m%d")
        && text.len() == 8
    {
        return Ok(day);
    }
    let read = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").map_err(|_| wrong());
    let until: DateTime<Utc> = match text.strip_suffix('Z') {
        Some(utc) => read(utc)?.and_utc(),
        None => at_local(read(text)?, zone),
    };
    let day = until.with_timezone(&zone).date_naive();
    match at_local(day.and_time(time), zone) <= until {
        true => Ok(day),
        false => day.checked_sub_days(Days::new(1)).ok_or_else(wrong),
    }
}
