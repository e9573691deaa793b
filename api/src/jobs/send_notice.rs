//! Tells one person what changed of what they answered for.

use entity::{EventStatus, LinkPurpose, Purpose};
use uuid::Uuid;

use super::{
    JobError,
    rsvp_letter::{Draft, Kind, Rows, load, send},
};
use crate::{
    app::App,
    domain::event::notice::{self, Date},
    letter::{Change, Template, lines},
};

pub(super) async fn run(app: &App, id: Uuid, rsvp_id: Uuid, notice_id: Uuid) -> Result<(), JobError> {
    let Some(rows) = load(app, rsvp_id).await? else {
        return Ok(()); // whose it was is erased
    };
    let Some(told) = notice::told(app, notice_id, &rows.event).await? else {
        return Ok(());
    };
    let slots = notice::dates_of(app, rows.rsvp.person_id, &told.dates).await?;
    if slots.is_empty() {
        tracing::info!(job = %id, "a notice no longer fits");
        return Ok(());
    }
    let mut draft = Draft::new(app, &rows, rows.is_coming())?;
    let off = rows.event.status == EventStatus::Cancelled;
    let changes = slots.iter().map(|(slot, date)| Change {
        when: rows.span(slot.starts_at, slot.ends_at),
        was: was(&rows, slot, date),
        cancelled: off || slot.cancelled_at.is_some(),
    });
    draft.values.changes = changes.collect();
    draft.values.place_changed = told.is_elsewhere;
    draft.values.message = told.message.as_deref().map(lines);
    if rows.is_coming() {
        let slots: Vec<_> = slots.iter().map(|(slot, _)| slot).collect();
        draft.attach(app, &rows, &slots);
    }
    let all_off = draft.values.changes.iter().all(|change| change.cancelled);
    if !all_off {
        draft.values.link = draft.link(app, &rows, LinkPurpose::CancelRsvp)?;
    }
    let kind = Kind {
        template: match all_off {
            true => Template::EventCancelled,
            false => Template::EventChanged,
        },
        purpose: Purpose::Notice,
        occasion: Some(format!("NOTICE {notice_id}")),
        unconfirmed: false, // it has been confirmed, or there would be no such RSVP
    };
    send(app, id, &rows, draft, kind).await
}

/// The time before, if it was another one.
fn was(rows: &Rows, slot: &entity::timeslot::Model, date: &Date) -> Option<String> {
    let (starts_at, ends_at) = date.was?;
    let is_other = (starts_at, ends_at) != (slot.starts_at, slot.ends_at);
    is_other.then(|| rows.span(starts_at, ends_at))
}
