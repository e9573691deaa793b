//! What all messages about roles have in common.

use entity::{EventStatus, LinkPurpose, Purpose, event_role, link};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{
    JobError,
    post::{self, Message},
};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        address::Address,
        contact::{self, Contact},
        event::{self, Loaded},
        link::{self as links, About, Link},
        message::Letter,
        person,
    },
    letter::{self, Language, RoleValues, Template, inert, line, lines},
    refusal::Refusal,
};

/// The rows a message is about, and to whom it goes.
pub(super) struct Rows {
    pub role: event_role::Model,
    pub event: Loaded,
    pub contact: Contact,
    pub language: Language,
    person_id: Uuid,
}

/// The rows; none when something of them is gone, or the event is down or off, of which other messages tell.
pub(super) async fn load(app: &App, role_id: Uuid, person_id: Uuid) -> Result<Option<Rows>, JobError> {
    let db = app.db.writer();
    let Some(role) = event_role::Entity::find_by_id(role_id).one(db).await? else {
        return Ok(None);
    };
    let event = event::load(db, &[role.event_id]).await?.remove(&role.event_id);
    let is_off =
        |event: &Loaded| matches!(event.row.status, EventStatus::Cancelled | EventStatus::Suppressed);
    let Some(event) = event.filter(|event| !is_off(event)) else {
        return Ok(None);
    };
    let Some(contact) = contact::reach(app, db, person_id).await? else {
        return Ok(None); // erased
    };
    Ok(Some(Rows {
        language: person::language_of(app, db, person_id).await?,
        role,
        event,
        contact,
        person_id,
    }))
}

impl Rows {
    /// What every text may name.
    pub(super) fn values(&self, app: &App) -> RoleValues {
        let (row, role, zone) = (&self.event.row, &self.role, &self.event.row.timezone);
        let title = line(&row.title);
        let span = role.starts_at.zip(role.ends_at);
        let begins = role.starts_at.or(role.due_at);
        RoleValues {
            organisation: line(&app.config.organisation),
            // Nobody looked at what was not approved, nor at roles.
            title: match row.status {
                EventStatus::Approved => title,
                _ => inert(&title),
            },
            role: inert(&line(&role.title)),
            brief: (!role.brief.is_empty()).then(|| inert(&lines(&role.brief))),
            when: span.map(|(start, end)| letter::span(self.language, start, end, zone)),
            due: role.due_at.map(|at| letter::moment(self.language, at, zone)),
            starts: begins.map_or_else(String::new, |at| letter::start(self.language, at, zone)),
            what: String::new(),
            name: None,
            reason: None,
            until: String::new(),
            link: String::new(),
            decline: String::new(),
            unsubscribe: String::new(),
        }
    }

    /// The links that answer an offer, and their rows.
    pub(super) fn answers(
        &self,
        app: &App,
        assignment: &entity::role_assignment::Model,
    ) -> Result<([Link; 2], Vec<link::Model>), Refusal> {
        let until = assignment.expires_at.unwrap_or_else(|| app.clock.now());
        let make = |purpose| links::make(app, purpose, About::Role(assignment.id), until);
        let (accept, accepts) = make(LinkPurpose::AcceptRole)?;
        let (decline, declines) = make(LinkPurpose::DeclineRole)?;
        Ok(([accept, decline], vec![accepts, declines]))
    }

    /// A moment in the zone of the event.
    pub(super) fn moment(&self, at: chrono::DateTime<chrono::Utc>) -> String {
        letter::moment(self.language, at, &self.event.row.timezone)
    }
}

/// Claims the message and sends it, unless it was sent, may have been, or may not be.
pub(super) async fn send(
    app: &App,
    id: Uuid,
    rows: &Rows,
    template: Template,
    mut values: RoleValues,
    mut answers: Vec<link::Model>,
) -> Result<(), JobError> {
    let address = &rows.contact.value;
    let unsubscribe = match address {
        Address::Email(email) => Some(links::unsubscribe(app, email)?),
        Address::Phone(_) => None, // STOP takes its place
    };
    let mut headers = vec![];
    if let Some((link, row)) = unsubscribe {
        headers = link.headers();
        values.unsubscribe = link.page;
        answers.push(row);
    }
    let message = match address {
        Address::Email(email) => {
            let words = app.letters.write(template, rows.language, &values)?;
            Message::Mail(Box::new(Mail {
                id,
                at: app.clock.now(),
                to: email.reveal().to_owned(),
                subject: words.subject,
                text: words.text,
                html: words.html,
                attachment: None,
                headers,
            }))
        }
        Address::Phone(phone) => {
            Message::Text(post::text(app, id, phone, template, rows.language, &values).await?)
        }
    };
    let letter = Letter {
        id,
        channel: address.channel(),
        // Nobody asked for it.
        purpose: Purpose::Notice,
        template,
        address: address.reveal().to_owned(),
        person_id: Some(rows.person_id),
        rsvp_id: None,
        occasion: None,
        links: answers,
        unconfirmed: rows.contact.row.verified_at.is_none(),
    };
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    message.send(app).await
}
