//! Sends one announcement of a host to one person.

use chrono::TimeDelta;
use entity::{Channel, LinkPurpose, Purpose, announcement, event, rsvp};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{JobError, post, rsvp_letter};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        announcement::{self as announcements, Content},
        email::Email,
        link::{self, About},
        message::Letter,
        person,
    },
    letter::{AnnouncementValues, Language, Template, line, lines},
};

/// How long one may stop further ones by the link in a mail. The law asks for 30 days.
const STOP: TimeDelta = TimeDelta::days(90);

/// The rows an announcement to one person is made of.
struct Rows {
    announcement: announcement::Model,
    content: Content,
    event: event::Model,
    hosts: String,
    person_id: Uuid,
    email: Email,
    is_verified: bool,
    language: Language,
    /// Where answers go.
    reply_to: Option<Email>,
}

pub(super) async fn run(app: &App, id: Uuid, announcement_id: Uuid, rsvp_id: Uuid) -> Result<(), JobError> {
    let Some(rows) = load(app, announcement_id, rsvp_id).await? else {
        tracing::info!(job = %id, "an announcement no longer fits");
        return Ok(());
    };
    let (now, template) = (app.clock.now(), Template::Announcement);
    let (stop, link) = link::make(app, LinkPurpose::MuteEvent, About::Rsvp(rsvp_id), now + STOP)?;
    let letter = Letter {
        id,
        channel: Channel::Email,
        purpose: Purpose::Notice,
        template,
        address: rows.email.reveal().to_owned(),
        person_id: Some(rows.person_id),
        // Not among what hosts see of an RSVP: who muted the event keeps that to themselves.
        rsvp_id: None,
        occasion: None,
        links: vec![link],
        unconfirmed: !rows.is_verified,
    };
    let values = AnnouncementValues {
        organisation: line(&app.config.organisation),
        title: line(&rows.event.title),
        hosts: rows.hosts,
        subject: line(&rows.content.subject),
        text: lines(&rows.content.text),
        may_reply: rows.reply_to.is_some(),
        stop: stop.page.clone(),
    };
    let words = app.letters.write(template, rows.language, &values)?;
    let about = (rows.announcement.id, rows.event.id);
    if !post::begin_announced(app, &letter, about).await? {
        return Ok(());
    }
    let mut headers = stop.headers();
    headers.extend(
        rows.reply_to
            .map(|email| ("Reply-To", format!("<{}>", email.reveal()))),
    );
    let mail = Mail {
        id,
        at: now,
        to: rows.email.reveal().to_owned(),
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment: None,
        headers,
    };
    post::send(app, &mail).await
}

async fn load(app: &App, announcement_id: Uuid, rsvp_id: Uuid) -> Result<Option<Rows>, JobError> {
    // On the writer's side: a reader may lag behind the commit that left this job.
    let db = app.db.writer();
    let announcement = announcement::Entity::find_by_id(announcement_id).one(db).await?;
    let rsvp = rsvp::Entity::find_by_id(rsvp_id).one(db).await?;
    let (Some(announcement), Some(rsvp)) = (announcement, rsvp) else {
        return Ok(None); // it or who answered was erased
    };
    let content = announcements::open(app, &announcement)?;
    let event = event::Entity::find_by_id(announcement.event_id).one(db).await?;
    let fits = |event: &event::Model| {
        announcements::may_go(&announcement, &content, event) && announcements::is_for(&content, &rsvp)
    };
    let Some(event) = event.filter(fits) else {
        return Ok(None);
    };
    let Some((contact, email)) = person::email_of(app, db, rsvp.person_id).await? else {
        return Ok(None);
    };
    let hosts = rsvp_letter::hosts(db, event.id).await?;
    let author = announcement.person_id.filter(|_| content.shows_address);
    let reply_to = match author {
        Some(id) => person::email_of(app, db, id).await?.map(|(_, email)| email),
        None => None,
    };
    Ok(Some(Rows {
        person_id: rsvp.person_id,
        language: person::language_of(app, db, rsvp.person_id).await?,
        is_verified: contact.verified_at.is_some(),
        announcement,
        content,
        event,
        hosts,
        email,
        reply_to,
    }))
}
