//! Tells one person what changed of what they answered for.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, LinkPurpose, Purpose, RsvpStatus, timeslot};
use uuid::Uuid;

use super::{
    JobError,
    rsvp_letter::{Draft, Kind, Rows, load, send},
};
use crate::{
    app::App,
    domain::{
        address::Address,
        event::notice::{self, Date, Mine},
        link::About,
        reminder,
    },
    letter::{Change, Template, lines},
    outbox::{self, Job},
};

/// How often a notice of an event that was taken down looks whether it is back.
const DOWN: TimeDelta = TimeDelta::hours(1);

pub(super) async fn run(app: &App, id: Uuid, rsvp_id: Uuid, notice_id: Uuid) -> Result<(), JobError> {
    let Some(rows) = load(app, rsvp_id).await? else {
        return Ok(()); // whose it was is erased
    };
    if rows.event.suppressed_at.is_some() && rows.event.status == EventStatus::Cancelled {
        tracing::info!(job = %id, "a notice of an event that was taken down");
        return Ok(());
    }
    let Some(told) = notice::told(app, notice_id, &rows.event).await? else {
        return Ok(());
    };
    let mine = notice::dates_of(app, rows.rsvp.person_id, &told.dates).await?;
    if mine.is_empty() {
        tracing::info!(job = %id, "a notice no longer fits");
        return Ok(());
    }
    let now = app.clock.now();
    let later = match rows.event.status {
        // It may be back, and then they must not come at the old hour.
        EventStatus::Suppressed if mine.iter().any(|mine| mine.slot.ends_at > now) => Some(now + DOWN),
        EventStatus::Suppressed => return Ok(()),
        _ => rests(app, &rows, &mine),
    };
    if let Some(later) = later {
        let job = Job::SendNotice { rsvp_id, notice_id };
        let key = format!("notice:{notice_id}:{rsvp_id}:{}", later.timestamp());
        return Ok(outbox::enqueue(app.db.writer(), &job, now, later, Some(key)).await?);
    }
    let coming: Vec<_> = mine
        .iter()
        .filter(|mine| mine.rsvp.status == RsvpStatus::Registered)
        .map(|mine| (&mine.rsvp, &mine.slot))
        .collect();
    let mut draft = Draft::new(app, &rows, &coming)?;
    let is_off =
        |slot: &timeslot::Model| rows.event.status == EventStatus::Cancelled || slot.cancelled_at.is_some();
    let changes = mine.iter().map(|mine| Change {
        when: rows.span(mine.slot.starts_at, mine.slot.ends_at),
        starts: rows.start(mine.slot.starts_at),
        was: was(&rows, &mine.slot, &mine.date),
        cancelled: is_off(&mine.slot),
    });
    draft.values.changes = changes.collect();
    draft.values.place_changed = told.is_elsewhere;
    draft.values.message = told.message.as_deref().map(lines);
    if !coming.is_empty() {
        let slots: Vec<_> = coming.iter().map(|(_, slot)| *slot).collect();
        draft.attach(app, &rows, &slots);
    }
    let on: Vec<_> = mine.iter().filter(|mine| !is_off(&mine.slot)).collect();
    // Of several dates it could not say which one is taken back.
    if let [only] = on.as_slice() {
        let about = About::Rsvp(only.rsvp.id);
        draft.values.link = draft.link_until(app, LinkPurpose::CancelRsvp, about, only.slot.ends_at)?;
    }
    let kind = Kind {
        template: match on.is_empty() {
            true => Template::EventCancelled,
            false => Template::EventChanged,
        },
        purpose: Purpose::Notice,
        occasion: Some(format!("NOTICE {notice_id}")),
        unconfirmed: false, // it has been confirmed, or there would be no such RSVP
    };
    send(app, id, &rows, draft, kind).await
}

/// Until when a text waits, so that it wakes nobody; not if a date begins before that, or would have. Mails wait for nothing.
fn rests(app: &App, rows: &Rows, mine: &[Mine]) -> Option<DateTime<Utc>> {
    let Address::Phone(_) = rows.contact.value else {
        return None;
    };
    let (settings, now) = (&app.config.messages, app.clock.now());
    let morning = reminder::awake(settings, now, rows.zone());
    let starts = mine
        .iter()
        .flat_map(|mine| [Some(mine.slot.starts_at), mine.date.was.map(|was| was.0)]);
    let first = starts.flatten().filter(|at| *at > now).min()?;
    let in_time = first > morning + TimeDelta::minutes(settings.lead_minutes);
    (morning > now && in_time).then_some(morning)
}

/// The time before, if it was another one.
fn was(rows: &Rows, slot: &timeslot::Model, date: &Date) -> Option<String> {
    let (starts_at, ends_at) = date.was?;
    let is_other = (starts_at, ends_at) != (slot.starts_at, slot.ends_at);
    is_other.then(|| rows.span(starts_at, ends_at))
}
