//! Invites somebody by mail, for a host.

use chrono::{DateTime, Utc};
use entity::{Channel, EventStatus, InvitationStatus, Purpose, invitation};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{JobError, post};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        event::{self as events, Loaded},
        invitation as invitations, link,
        message::Letter,
        person, place,
    },
    letter::{self, InvitationValues, Language, Template, inert, line, lines},
    map::Listing,
};

/// Dates that a mail names; the page has all of them.
const DATES: usize = 5;

pub(super) async fn run(app: &App, id: Uuid, invitation_id: Uuid) -> Result<(), JobError> {
    let (now, db) = (app.clock.now(), app.db.writer());
    let row = invitation::Entity::find_by_id(invitation_id).one(db).await?;
    let Some(row) = row.filter(|row| row.status == InvitationStatus::Invited) else {
        tracing::info!(job = %id, "an invitation no longer fits");
        return Ok(());
    };
    let event = events::load(db, &[row.event_id]).await?.remove(&row.event_id);
    let (Some(event), Some(email), Some(page)) = (
        event.filter(|event| event.row.status == EventStatus::Approved),
        invitations::open_contact(app, &row)?,
        invitations::page(app, &row),
    ) else {
        tracing::info!(job = %id, "an invitation no longer fits");
        return Ok(());
    };
    let known = person::find(app, db, &email.clone().into()).await?;
    let language = match &known {
        Some(contact) => person::language_of(app, db, contact.person_id).await?,
        None => app.config.language(),
    };
    let dates = dates(&event, language, now);
    if dates.is_empty() {
        return Ok(());
    }
    let (unsubscribe, stop) = link::unsubscribe(app, &email)?;
    let values = InvitationValues {
        organisation: line(&app.config.organisation),
        title: line(&event.row.title),
        summary: event.row.summary.as_deref().map(lines),
        hosts: hosts(&event),
        more: dates.len() > DATES,
        dates: dates.into_iter().take(DATES).collect(),
        place: public_place(&event),
        note: invitations::note_of(app, &row)?.map(|note| inert(&lines(&note))),
        link: page,
        unsubscribe: unsubscribe.page.clone(),
    };
    let words = app.letters.write(Template::Invitation, language, &values)?;
    let letter = Letter {
        id,
        channel: Channel::Email,
        purpose: Purpose::Invitation,
        template: Template::Invitation,
        address: email.reveal().to_owned(),
        // Whose address it is counts only here, for their language and consent, and is told nobody.
        person_id: known.map(|contact| contact.person_id),
        rsvp_id: None,
        occasion: None,
        links: vec![stop],
        unconfirmed: true, // they did not ask for it
    };
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    let mail = Mail {
        id,
        at: now,
        to: email.reveal().to_owned(),
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment: None,
        headers: unsubscribe.headers(),
    };
    post::send(app, &mail).await
}

fn dates(event: &Loaded, language: Language, now: DateTime<Utc>) -> Vec<String> {
    let to_come = |slot: &&entity::timeslot::Model| slot.cancelled_at.is_none() && slot.starts_at > now;
    let slots = event.timeslots.iter().filter(to_come);
    // One more than a mail names, so that it can say so.
    slots
        .take(DATES + 1)
        .map(|slot| letter::span(language, slot.starts_at, slot.ends_at, &event.row.timezone))
        .collect()
}

fn hosts(event: &Loaded) -> String {
    let names = event.hosts.iter().map(|host| line(&host.public_name));
    names.collect::<Vec<_>>().join(", ")
}

fn public_place(event: &Loaded) -> Vec<String> {
    let place = Listing::of(&event.row, &[], &[]).place.unwrap_or_default();
    place::lines(&place).iter().map(|part| line(part)).collect()
}
