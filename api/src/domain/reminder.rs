//! Reminders of the day before and of the day, and thanks afterwards.
//!
//! Nothing is left for a date until it is near: every few minutes the dates that begin within two days, or ended within one,
//! are looked at by an index, and each gets one job for each reminder, by a key that has its start in it. When that is due, it
//! leaves a job for each person who comes, some hundred in a transaction. So a date that is moved has other keys, and what was
//! left for the old start finds that it no longer fits. Nobody hears of the same start twice: `message.occasion`.

mod spread;

pub(crate) use spread::{plan, spread};

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use entity::timeslot;
use uuid::Uuid;

use crate::{config::Messages, local::at_local, outbox::Reminder};

impl Reminder {
    /// The time that says which date is meant, also when it is moved.
    pub(crate) fn about(self, slot: &timeslot::Model) -> DateTime<Utc> {
        match self {
            Self::DayBefore | Self::DayOf => slot.starts_at,
            Self::Thanks => slot.ends_at,
        }
    }

    /// What nobody hears of twice for one RSVP.
    pub(crate) fn occasion(self, at: DateTime<Utc>) -> String {
        match self {
            Self::DayBefore => format!("DAY_BEFORE {}", at.timestamp()),
            Self::DayOf => format!("DAY_OF {}", at.timestamp()),
            Self::Thanks => "THANKS".to_owned(),
        }
    }

    /// Names the job for a date or an RSVP.
    pub(crate) fn key(self, id: Uuid, at: DateTime<Utc>) -> String {
        format!("{self:?}:{id}:{}", at.timestamp())
    }

    /// When those are told who live where the event is, if they are: not when it is about to begin, and the day before
    /// only as long as it is that day.
    pub(crate) fn due(
        self,
        settings: &Messages,
        slot: &timeslot::Model,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let day = slot.starts_at.with_timezone(&zone).date_naive();
        let last = last(settings, slot);
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        match self {
            Self::DayBefore => {
                let due = at_local(day.pred_opt()?.and_time(hour(settings.day_before_hour)), zone);
                let today = at_local(NaiveDateTime::new(day, NaiveTime::MIN), zone);
                (now < today && due <= last).then_some(due)
            }
            Self::DayOf => {
                let due = at_local(day.and_time(hour(settings.day_of_hour)), zone);
                (now <= last && due <= last).then_some(due)
            }
            Self::Thanks => Some(slot.ends_at + TimeDelta::minutes(settings.thanks_minutes)),
        }
    }
}

/// The last moment for a reminder.
fn last(settings: &Messages, slot: &timeslot::Model) -> DateTime<Utc> {
    slot.starts_at - TimeDelta::minutes(settings.lead_minutes)
}

/// The first moment from `at` on at which people in `zone` may be woken: between `messages.waking_from` and
/// `messages.waking_until`.
pub(crate) fn awake(settings: &Messages, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    if (settings.waking_from..settings.waking_until).contains(&local.hour()) {
        return at;
    }
    let mut day = local.date_naive();
    if local.hour() >= settings.waking_until {
        day = day.succ_opt().unwrap_or(day);
    }
    let morning = NaiveTime::from_hms_opt(settings.waking_from, 0, 0).unwrap_or_default();
    at_local(day.and_time(morning), zone).max(at)
}

#[cfg(test)]
mod tests;
