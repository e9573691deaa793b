//! Reminds one person of a date that they come to, or thanks them for having come.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{LinkPurpose, Purpose, event_role};
use uuid::Uuid;

use super::{
    JobError,
    rsvp_letter::{Draft, Kind, Rows, load, send},
};
use crate::{
    app::App,
    domain::{after, place, reminder, role},
    letter::{self, NextEvent, RoleLine, Template, inert, line, lines},
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
    if reminder == Reminder::Thanks && !after::is_thanked(app.db.writer(), &rows.rsvp).await? {
        tracing::info!(job = %id, "who did not come is not thanked");
        return Ok(());
    }
    let mut draft = Draft::new(app, &rows, &[(&rows.rsvp, &rows.timeslot)])?;
    // Also one that waited for a worker says what is so.
    draft.values.today = rows.is_today(now);
    if reminder == Reminder::Thanks {
        draft.values.next = next(app, &rows).await?;
    } else {
        draft.values.roles = roles(app, &rows).await?;
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

/// What the person does there, in the words of the hosts, which nobody looked at.
async fn roles(app: &App, rows: &Rows) -> Result<Vec<RoleLine>, JobError> {
    let (rsvp, slot) = (&rows.rsvp, &rows.timeslot);
    let held = role::held_at(app.db.writer(), rsvp.person_id, rsvp.event_id, slot.id).await?;
    let line_of = |role: event_role::Model| {
        let span = role.starts_at.zip(role.ends_at);
        let due = role
            .due_at
            .map(|at| letter::moment(rows.language, at, &rows.event.timezone));
        RoleLine {
            title: inert(&line(&role.title)),
            when: span.map(|(start, end)| rows.span(start, end)).or(due),
            brief: (!role.brief.is_empty()).then(|| inert(&lines(&role.brief))),
        }
    };
    Ok(held.into_iter().map(line_of).collect())
}

/// What they may come to next, if they agreed to hear of it.
async fn next(app: &App, rows: &Rows) -> Result<Option<NextEvent>, JobError> {
    let (person_id, channel) = (rows.rsvp.person_id, rows.contact.value.channel());
    let hit = after::next_near(app, &rows.event, person_id, channel).await?;
    Ok(hit.map(|hit| {
        let (listing, slot, page) = (&hit.listing, &hit.timeslot, &app.config.links.event);
        let zone = listing.timezone.name();
        let place = listing.place.clone().unwrap_or_default();
        NextEvent {
            title: line(&listing.title),
            when: letter::span(rows.language, slot.starts_at, slot.ends_at, zone),
            place: place::lines(&place).iter().map(|part| line(part)).collect(),
            link: (!page.is_empty()).then(|| page.replace("{id}", &format!("event:{}", listing.id))),
        }
    }))
}

/// Whether it still says what is so: the date was not moved, and the person comes, or did.
fn fits(rows: &Rows, reminder: Reminder, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let slot = &rows.timeslot;
    let in_time = match reminder {
        Reminder::DayBefore | Reminder::DayOf => now < slot.starts_at,
        Reminder::Thanks => (slot.ends_at..slot.ends_at + LATE).contains(&now),
    };
    let comes = rows.is_coming() || reminder == Reminder::Thanks; // who came is looked at by itself
    comes && rows.stands() && reminder.about(slot) == at && in_time
}
