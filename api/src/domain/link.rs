//! Links in mails: made by the job that sends the mail, kept as a hash, followed once.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Channel, LinkPurpose, RsvpStatus, host_invitation, link, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    announcement,
    email::Email,
    event::{self, invitations},
    message, person, rsvp as rsvps,
};
use crate::{
    app::{App, Tx, again},
    refusal::{Reason, Refusal},
    sealed::{self, BlindIndex},
};

/// How long an address may be unsubscribed by the link in a mail. The law asks for 30 days.
const UNSUBSCRIBE: TimeDelta = TimeDelta::days(90);

/// What a link is about.
pub(crate) enum About {
    /// An RSVP.
    Rsvp(Uuid),
    /// An invitation to host.
    HostInvitation(Uuid),
    /// An RSVP, and for how many it is confirmed.
    Party(Uuid, i32),
    /// An address.
    Address(BlindIndex),
}

/// A link, twice.
pub(crate) struct Link {
    /// Our own page, which answers a POST of a mail program (RFC 8058) as well.
    pub own: String,
    /// For people: the client's page, if the settings name one, else our own.
    pub page: String,
}

impl Link {
    /// The headers by which mail programs offer it as one click (RFC 8058).
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("List-Unsubscribe", format!("<{}>", self.own)),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ]
    }
}

/// What a link would do, for a page that asks first.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What following it does.
    pub purpose: LinkPurpose,
    /// Title of the event it is about, where it is about one.
    pub event_title: Option<String>,
}

/// What following a link did.
#[derive(Clone, Debug)]
pub enum Followed {
    /// An RSVP was confirmed or cancelled, or an offer to it answered.
    Rsvp(Box<rsvp::Model>),
    /// Somebody said once more that they will be there.
    AttendanceConfirmed(Box<rsvp::Model>),
    /// The address gets no more optional mail.
    Unsubscribed,
    /// Whoever reads mail to the address hosts the event.
    HostingAccepted,
    /// They do not want to.
    HostingDeclined,
    /// The person gets no more announcements about an event.
    Muted,
}

/// Makes a link that works once, until `expires_at`, and the row that belongs to it, for [`message::begin`] to store: links
/// of a message that is never sent, as to somebody who is erased at this moment, do not exist.
pub(crate) fn make(
    app: &App,
    purpose: LinkPurpose,
    about: About,
    expires_at: DateTime<Utc>,
) -> Result<(Link, link::Model), Refusal> {
    let token = sealed::token()?;
    let (rsvp_id, party_size, host_invitation_id, address) = match about {
        About::Rsvp(id) => (Some(id), None, None, None),
        About::Party(id, party_size) => (Some(id), Some(party_size), None, None),
        About::HostInvitation(id) => (None, None, Some(id), None),
        About::Address(index) => (None, None, None, Some(index)),
    };
    let (index_key, value_index) = address.map(|index| (index.key, index.value)).unzip();
    let row = link::Model {
        token_hash: sealed::hash(&token),
        purpose,
        rsvp_id,
        host_invitation_id,
        party_size,
        index_key,
        value_index,
        expires_at,
        used_at: None,
        created_at: app.clock.now(),
    };
    let own = format!("{}/l/{token}", app.config.base_url());
    let page = match purpose {
        LinkPurpose::ConfirmRsvp => &app.config.links.confirm_rsvp,
        LinkPurpose::CancelRsvp => &app.config.links.cancel_rsvp,
        LinkPurpose::AcceptOffer => &app.config.links.accept_offer,
        LinkPurpose::DeclineOffer => &app.config.links.decline_offer,
        LinkPurpose::ConfirmAttendance => &app.config.links.confirm_attendance,
        LinkPurpose::Unsubscribe | LinkPurpose::MuteEvent => &app.config.links.unsubscribe,
        LinkPurpose::AcceptHosting => &app.config.links.accept_hosting,
        LinkPurpose::DeclineHosting => &app.config.links.decline_hosting,
    };
    let page = if page.is_empty() {
        own.clone()
    } else {
        page.replace("{token}", &token)
    };
    Ok((Link { own, page }, row))
}

/// Makes the link by which an address gets no more optional mail. It belongs into every mail about an RSVP or an event.
pub(crate) fn unsubscribe(app: &App, email: &Email) -> Result<(Link, link::Model), Refusal> {
    let index = app.keys.index(person::SCOPE, email.reveal())?;
    let until = app.clock.now() + UNSUBSCRIBE;
    make(app, LinkPurpose::Unsubscribe, About::Address(index), until)
}

/// What a link would do. Looking consumes nothing. NOT_FOUND, LINK_USED, LINK_EXPIRED.
pub async fn preview(app: &App, token: &str) -> Result<Preview, Refusal> {
    let row = link::Entity::find_by_id(sealed::hash(token))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("link"))?;
    still_good(&row, app.clock.now())?;
    let event_title = match event_of(app, &row).await? {
        Some(id) => event::load(app.db.reader(), &[id]).await?.remove(&id),
        None => None,
    };
    Ok(Preview {
        purpose: row.purpose,
        event_title: event_title.map(|event| event.row.title),
    })
}

async fn event_of(app: &App, row: &link::Model) -> Result<Option<Uuid>, Refusal> {
    let db = app.db.reader();
    if let Some(id) = row.rsvp_id {
        let rsvp = rsvp::Entity::find_by_id(id).one(db).await?;
        // Whom a host refused need not know any more what the event is called.
        let rsvp = rsvp.filter(|row| row.status != RsvpStatus::Refused);
        return Ok(rsvp.map(|row| row.event_id));
    }
    if let Some(id) = row.host_invitation_id {
        let invitation = host_invitation::Entity::find_by_id(id).one(db).await?;
        return Ok(invitation.map(|row| row.event_id));
    }
    Ok(None)
}

/// Follows a link made for one of `purposes`. Works once. NOT_FOUND; WRONG_STATE (LINK_USED, LINK_EXPIRED, …).
pub async fn follow(app: &App, token: &str, purposes: &[LinkPurpose]) -> Result<Followed, Refusal> {
    again(|| {
        app.write(async |tx| {
            let hash = sealed::hash(token);
            let row = link::Entity::find_by_id(hash.clone()).one(tx.db()).await?;
            let row = row
                .filter(|row| purposes.contains(&row.purpose))
                .ok_or(Refusal::NotFound("link"))?;
            still_good(&row, tx.now())?;
            let used = link::Entity::update_many()
                .col_expr(link::Column::UsedAt, Expr::value(tx.now()))
                .filter(link::Column::TokenHash.eq(hash))
                .filter(link::Column::UsedAt.is_null())
                .exec(tx.db())
                .await?;
            if used.rows_affected == 0 {
                return Err(Refusal::WrongState(Reason::LinkUsed));
            }
            if let Some(id) = row.host_invitation_id {
                return answer_invitation(app, tx, row.purpose, id).await;
            }
            match (row.purpose, row.rsvp_id, row.index_key.zip(row.value_index)) {
                (LinkPurpose::ConfirmRsvp, Some(id), _) => rsvps::confirm(app, tx, id, row.party_size)
                    .await
                    .map(|row| Followed::Rsvp(Box::new(row))),
                (LinkPurpose::CancelRsvp, Some(id), _) => rsvps::cancel_in(app, tx, id, None)
                    .await
                    .map(|row| Followed::Rsvp(Box::new(row))),
                (LinkPurpose::ConfirmAttendance, Some(id), _) => rsvps::confirm_attendance_in(tx, id, None)
                    .await
                    .map(|row| Followed::AttendanceConfirmed(Box::new(row))),
                (LinkPurpose::AcceptOffer, Some(id), _) => rsvps::accept_in(tx, id, None)
                    .await
                    .map(|row| Followed::Rsvp(Box::new(row))),
                (LinkPurpose::DeclineOffer, Some(id), _) => rsvps::decline_in(app, tx, id, None)
                    .await
                    .map(|row| Followed::Rsvp(Box::new(row))),
                (LinkPurpose::MuteEvent, Some(id), _) => {
                    if let Some(rsvp) = rsvp::Entity::find_by_id(id).one(tx.db()).await? {
                        announcement::mute(tx, rsvp.event_id, rsvp.person_id).await?;
                    }
                    Ok(Followed::Muted)
                }
                (LinkPurpose::Unsubscribe, _, Some((key, value))) => {
                    message::suppress(
                        tx.db(),
                        Channel::Email,
                        &BlindIndex { key, value },
                        "LINK",
                        tx.now(),
                    )
                    .await?;
                    Ok(Followed::Unsubscribed)
                }
                _ => Err(Refusal::internal("a link without a target")),
            }
        })
    })
    .await
}

async fn answer_invitation(app: &App, tx: &Tx, purpose: LinkPurpose, id: Uuid) -> Result<Followed, Refusal> {
    if purpose == LinkPurpose::AcceptHosting {
        invitations::accept_by_link(app, tx, id).await?;
        return Ok(Followed::HostingAccepted);
    }
    invitations::decline_by_link(tx, id).await?;
    Ok(Followed::HostingDeclined)
}

fn still_good(row: &link::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    match row {
        row if row.used_at.is_some() => Err(Refusal::WrongState(Reason::LinkUsed)),
        row if row.expires_at <= now => Err(Refusal::WrongState(Reason::LinkExpired)),
        _ => Ok(()),
    }
}
