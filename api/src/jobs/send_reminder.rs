//! Reminds one person of a date that they come to, or thanks them for having come.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{LinkPurpose, Purpose};
use uuid::Uuid;

use super::{
    JobError,
    rsvp_letter::{Draft, Kind, Rows, load, send},
};
use crate::{
    app::App,
    domain::reminder,
    letter::Template,
    outbox::{self, Job, Reminder},
};

/// Thanks that come later than this would be for something forgotten.
const LATE: TimeDelta = TimeDelta::days(3);

pub(super) async fn run(
    app: &App,
    id: Uuid,
    rsvp_id: Uuid,
    reminder: Reminder,
    at: DateTime<Utc>,
) -> Result<(), JobError> {
    let now = app.clock.now();
    let Some(rows) = load(app, rsvp_id).await? else {
        return Ok(()); // the answer is gone
    };
    if !fits(&rows, reminder, at, now) {
        tracing::info!(job = %id, "a reminder no longer fits");
        // It may again: a date that was moved is moved back, and looked at anew.
        let db = app.db.writer();
        if reminder.about(&rows.timeslot) != at {
            outbox::forget_key(db, &reminder.key(rows.timeslot.id, at)).await?;
        }
        return Ok(outbox::forget_key(db, &reminder.key(rsvp_id, at)).await?);
    }
    let awake = reminder::awake(&app.config.messages, now, rows.zone());
    let of_the_day = Reminder::DayOf.due(
        &app.config.messages,
        &rows.timeslot,
        rows.event.timezone.parse().unwrap_or(Tz::UTC),
        DateTime::<Utc>::MIN_UTC,
    );
    if reminder == Reminder::DayBefore && rows.is_today(awake) && of_the_day.is_some() {
        tracing::info!(job = %id, "a reminder is so late that the next one says the same");
        return Ok(());
    }
    if awake > now {
        // It waited too long for a worker: not in the middle of the night.
        let job = Job::SendReminder {
            rsvp_id,
            reminder,
            at,
        };
        let key = format!("{}:{}", reminder.key(rsvp_id, at), awake.timestamp());
        return Ok(outbox::enqueue(app.db.writer(), &job, now, awake, Some(key)).await?);
    }
    let mut draft = Draft::new(app, &rows, &[(&rows.rsvp, &rows.timeslot)])?;
    // Also one that waited for a worker says what is so.
    draft.values.today = rows.is_today(now);
    if reminder != Reminder::Thanks {
        draft.values.link = draft.link(app, &rows, LinkPurpose::CancelRsvp)?;
        if rows.rsvp.attendance_confirmed_at.is_none() {
            draft.values.confirm = Some(draft.link(app, &rows, LinkPurpose::ConfirmAttendance)?);
        }
    }
    let kind = Kind {
        template: match reminder {
            Reminder::DayBefore => Template::ReminderDayBefore,
            Reminder::DayOf => Template::ReminderDayOf,
            Reminder::Thanks => Template::RsvpThanks,
        },
        purpose: Purpose::Notice,
        occasion: Some(reminder.occasion(at)),
        unconfirmed: false, // who is registered has confirmed
    };
    send(app, id, &rows, draft, kind).await
}

/// Whether it still says what is so: the date was not moved, and the person comes, or did.
fn fits(rows: &Rows, reminder: Reminder, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let slot = &rows.timeslot;
    let in_time = match reminder {
        Reminder::DayBefore | Reminder::DayOf => now < slot.starts_at,
        Reminder::Thanks => (slot.ends_at..slot.ends_at + LATE).contains(&now),
    };
    rows.is_coming() && rows.stands() && reminder.about(slot) == at && in_time
}
