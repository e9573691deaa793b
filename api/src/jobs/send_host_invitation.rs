//! Asks somebody to host an event, with a link for each answer.

use chrono::{DateTime, Utc};
use entity::{
    Channel, EventStatus, HostInvitationStatus, LinkPurpose, Purpose, contact_point, host_invitation,
};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{JobError, post};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        email::Email,
        event::{self, Loaded, invitations},
        link::{self, About},
        message::Letter,
        person,
    },
    letter::{self, HostInvitationValues, Language, Template, inert, line},
};

/// The rows the mail is about.
struct Rows {
    invitation: host_invitation::Model,
    public_name: String,
    event: Loaded,
    contact: Option<contact_point::Model>,
    email: Email,
    language: Language,
}

pub(super) async fn run(app: &App, id: Uuid, invitation_id: Uuid) -> Result<(), JobError> {
    let now = app.clock.now();
    let Some(rows) = load(app, invitation_id).await?.filter(|rows| fits(rows, now)) else {
        tracing::info!(job = %id, "an invitation to host no longer fits");
        return Ok(());
    };
    let (unsubscribe, stop) = link::unsubscribe(app, &rows.email)?;
    let invited = |purpose| {
        let about = About::HostInvitation(rows.invitation.id);
        link::make(app, purpose, about, rows.invitation.expires_at)
    };
    let (accept, accepts) = invited(LinkPurpose::AcceptHosting)?;
    let (decline, declines) = invited(LinkPurpose::DeclineHosting)?;
    let values = fill(app, &rows, [accept.page, decline.page, unsubscribe.page.clone()]);
    let letter = Letter {
        id,
        channel: Channel::Email,
        // Nobody asked for it.
        purpose: Purpose::Notice,
        template: Template::HostInvitation,
        address: rows.email.reveal().to_owned(),
        person_id: rows.contact.as_ref().map(|contact| contact.person_id),
        rsvp_id: None,
        occasion: None,
        links: vec![accepts, declines, stop],
        unconfirmed: rows
            .contact
            .as_ref()
            .is_none_or(|contact| contact.verified_at.is_none()),
    };
    let words = app
        .letters
        .write(Template::HostInvitation, rows.language, &values)?;
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    let mail = Mail {
        id,
        at: now,
        to: letter.address,
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment: None,
        headers: unsubscribe.headers(),
    };
    post::send(app, &mail).await
}

async fn load(app: &App, id: Uuid) -> Result<Option<Rows>, JobError> {
    let db = app.db.writer();
    let Some(invitation) = host_invitation::Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let Some(event) = event::load(db, &[invitation.event_id])
        .await?
        .remove(&invitation.event_id)
    else {
        return Ok(None);
    };
    let details = invitations::open_details(app, &invitation)?;
    let (contact, email): (Option<contact_point::Model>, Email) = match (invitation.person_id, details.email)
    {
        (_, Some(email)) => {
            let email = Email::stored(email);
            (person::find(app, db, &email.clone().into()).await?, email)
        }
        (Some(id), None) => match person::email_of(app, db, id).await? {
            Some((contact, email)) => (Some(contact), email),
            None => return Ok(None), // nothing reaches them by mail
        },
        (None, None) => return Ok(None),
    };
    let language = match &contact {
        Some(contact) => person::language_of(app, db, contact.person_id).await?,
        None => app.config.language(),
    };
    Ok(Some(Rows {
        language,
        invitation,
        public_name: details.public_name,
        event,
        contact,
        email,
    }))
}

fn fits(rows: &Rows, now: DateTime<Utc>) -> bool {
    rows.invitation.status == HostInvitationStatus::Open
        && rows.invitation.expires_at > now
        && !matches!(
            rows.event.row.status,
            EventStatus::Cancelled | EventStatus::Suppressed
        )
}

fn fill(app: &App, rows: &Rows, [link, decline, unsubscribe]: [String; 3]) -> HostInvitationValues {
    let row = &rows.event.row;
    let next = rows
        .event
        .timeslots
        .iter()
        .find(|slot| slot.cancelled_at.is_none() && slot.ends_at > app.clock.now());
    HostInvitationValues {
        organisation: line(&app.config.organisation),
        // Nobody looked at what was not approved, nor at the name.
        title: match row.status {
            EventStatus::Approved => line(&row.title),
            _ => inert(&line(&row.title)),
        },
        when: next.map(|slot| letter::span(rows.language, slot.starts_at, slot.ends_at, &row.timezone)),
        public_name: inert(&line(&rows.public_name)),
        until: letter::day(rows.language, rows.invitation.expires_at),
        link,
        decline,
        unsubscribe,
    }
}
