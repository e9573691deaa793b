//! Passes on what somebody wrote to the hosts of an event, or what they answer.

use entity::{Channel, Purpose, host_message};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{JobError, post};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        event::{self, contact},
        link,
        message::Letter,
        person,
    },
    letter::{HostMessageValues, Template, inert, line, lines},
};

pub(super) async fn run(
    app: &App,
    id: Uuid,
    message_id: Uuid,
    host_id: Option<Uuid>,
) -> Result<(), JobError> {
    let (now, db) = (app.clock.now(), app.db.writer());
    let Some(row) = host_message::Entity::find_by_id(message_id).one(db).await? else {
        return Ok(());
    };
    let Some(event) = event::load(db, &[row.event_id]).await?.remove(&row.event_id) else {
        return Ok(());
    };
    let is_answer = row.answers.is_some();
    if event.row.suppressed_at.is_some_and(|at| row.created_at < at) {
        return Ok(()); // what was on its way when it was taken down
    }
    let to = match row.answers {
        Some(question) => host_message::Entity::find_by_id(question)
            .one(db)
            .await?
            .map(|question| question.person_id),
        // Whoever hosts it no more is not written to.
        None => {
            let host = event.hosts.iter().find(|host| Some(host.id) == host_id);
            host.and_then(|host| host.person_id)
        }
    };
    let Some(person_id) = to else { return Ok(()) };
    let Some((contact, email)) = person::email_of(app, db, person_id).await? else {
        return Ok(()); // reached by other means only
    };
    let host = |id| event.hosts.iter().find(|host| host.person_id == Some(id));
    let (template, purpose) = match is_answer {
        true => (Template::HostAnswer, Purpose::Reply),
        false => (Template::HostMessage, Purpose::Notice),
    };
    let sender = person::email_of(app, db, row.person_id).await?;
    let shared = sender.filter(|_| row.shares_address).map(|(_, email)| email);
    let name = match host(row.person_id).filter(|_| is_answer) {
        Some(host) => host.public_name.clone(),
        None if is_answer => app.config.organisation.clone(),
        None => person::short_name(app, db, row.person_id)
            .await?
            .unwrap_or_default(),
    };
    let (unsubscribe, link) = link::unsubscribe(app, &email)?;
    let page = &app.config.links.host_message;
    let values = HostMessageValues {
        organisation: line(&app.config.organisation),
        title: line(&event.row.title),
        name: inert(&line(&name)),
        words: inert(&lines(&contact::body(app, &row)?)),
        address: shared.as_ref().map(|email| email.reveal().to_owned()),
        answer: (!page.is_empty()).then(|| page.replace("{id}", &row.id.to_string())),
        unsubscribe: unsubscribe.page.clone(),
    };
    let language = person::language_of(app, db, person_id).await?;
    let words = app.letters.write(template, language, &values)?;
    let letter = Letter {
        id,
        channel: Channel::Email,
        purpose,
        template,
        address: email.reveal().to_owned(),
        person_id: Some(person_id),
        rsvp_id: None,
        occasion: None,
        links: vec![link],
        unconfirmed: contact.verified_at.is_none(),
    };
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    let mut headers = unsubscribe.headers();
    if let Some(email) = &shared {
        headers.push(("Reply-To", email.reveal().to_owned()));
    }
    let mail = Mail {
        id,
        at: now,
        to: letter.address,
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment: None,
        headers,
    };
    post::send(app, &mail).await
}
