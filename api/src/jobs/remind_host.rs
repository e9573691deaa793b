//! Reminds a host of what is left to do after a date of their event.

use chrono::{DateTime, Utc};
use entity::{Channel, Purpose};
use uuid::Uuid;

use super::{JobError, post};
use crate::{
    app::App,
    channel::Mail,
    domain::{after, link, message::Letter, person},
    letter::{self, HostClosingValues, Template, line},
};

pub(super) async fn run(
    app: &App,
    id: Uuid,
    (host_id, timeslot_id, ended_at): (Uuid, Uuid, DateTime<Utc>),
) -> Result<(), JobError> {
    let db = app.db.writer();
    let Some(left) = after::left(app, db, host_id, timeslot_id, ended_at).await? else {
        tracing::info!(job = %id, "a host has nothing left to be reminded of");
        return Ok(());
    };
    let Some((contact, email)) = person::email_of(app, db, left.person_id).await? else {
        return Ok(()); // reached by other means only
    };
    let language = person::language_of(app, db, left.person_id).await?;
    let (unsubscribe, stop) = link::unsubscribe(app, &email)?;
    let (row, page) = (&left.event.row, &app.config.links.event);
    let values = HostClosingValues {
        organisation: line(&app.config.organisation),
        title: line(&row.title),
        when: letter::span(language, left.slot.starts_at, left.slot.ends_at, &row.timezone),
        unknown: left.closing.dates.iter().map(after::DateCounts::unknown).sum(),
        roles: left.closing.work.open + left.closing.work.overdue,
        sheets: left.closing.sheets.uploaded - left.closing.sheets.applied,
        post_next: !left.closing.is_next_posted,
        link: (!page.is_empty()).then(|| page.replace("{id}", &format!("event:{}", row.id))),
        unsubscribe: unsubscribe.page.clone(),
    };
    let words = app.letters.write(Template::HostClosing, language, &values)?;
    let letter = Letter {
        id,
        channel: Channel::Email,
        purpose: Purpose::Notice,
        template: Template::HostClosing,
        address: email.reveal().to_owned(),
        person_id: Some(left.person_id),
        rsvp_id: None,
        occasion: None,
        links: vec![stop],
        unconfirmed: contact.verified_at.is_none(),
    };
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    let mail = Mail {
        id,
        at: app.clock.now(),
        to: letter.address,
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment: None,
        headers: unsubscribe.headers(),
    };
    post::send(app, &mail).await
}
