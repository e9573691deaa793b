//! Invitations to an event, for which it need not be public: by a link, which is whoever's who has it, and by mail, which
//! is one person's.
//!
//! **A token is worth what its bearer says with it.** It reads the event; an answer with it makes the one who answers a
//! guest, by a row with their id, and from then on they need no token. Whoever answers by the token of a mail has proved
//! to read that address. A token is made of its row's id by a keyed hash, so that hosts may read a link again, and stored
//! as a hash.
//!
//! **Inviting tells nothing of who was invited.** No person is made and none is looked up for the host, and the answer is
//! the same whether the address is known, wants no mail, or comes already.

mod links;
mod mailed;
mod people;
mod redeem;

pub use links::{NewLink, find_link, links, make_link, revoke_link, url_of};
pub use mailed::{decline, find as find_invitation, invitations, invite, revoke, shown_contact};
pub(crate) use mailed::{note_of, open_contact, page};
pub(crate) use people::{forget, hand_over, retain, take_back};
pub(crate) use redeem::{confirm, redeem};

use std::collections::HashSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::{InvitationStatus, contact_point, invitation, invitation_link};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::SelectStatement,
};
use uuid::Uuid;

use super::{
    email::Email,
    event::{self, Loaded},
};
use crate::{
    app::App,
    limits::{Client, Doing},
    refusal::{Reason, Refusal},
    sealed,
};

/// What a token is good for. Prints nothing of it.
#[derive(Clone, Debug)]
pub enum Pass {
    /// A link.
    Link(Box<invitation_link::Model>),
    /// A mail.
    Mail(Box<invitation::Model>),
}

/// What the bearer of a token sees.
pub struct Shown {
    /// What the token is good for.
    pub pass: Pass,
    /// The event.
    pub event: Loaded,
    /// What the host wrote.
    pub note: Option<String>,
}

impl Pass {
    /// The event it is to.
    pub fn event_id(&self) -> Uuid {
        match self {
            Self::Link(link) => link.event_id,
            Self::Mail(invitation) => invitation.event_id,
        }
    }

    /// Whether a host invited this very person, and so has decided.
    pub fn is_personal(&self) -> bool {
        matches!(self, Self::Mail(_))
    }

    /// The address its bearer has proved to read.
    pub(crate) fn address(&self, app: &App) -> Result<Option<Email>, Refusal> {
        match self {
            Self::Link(_) => Ok(None),
            Self::Mail(invitation) => open_contact(app, invitation),
        }
    }
}

/// What a token is good for. NOT_FOUND when it never was one or was taken back, RATE_LIMITED when a client tries too many of
/// these; WRONG_STATE (LINK_EXPIRED).
pub async fn pass(app: &App, client: Client, token: &str) -> Result<Pass, Refusal> {
    let (hash, db) = (sealed::hash(token), app.db.reader());
    let link = invitation_link::Entity::find()
        .filter(invitation_link::Column::TokenHash.eq(hash.clone()))
        .filter(invitation_link::Column::RevokedAt.is_null());
    let mail = invitation::Entity::find()
        .filter(invitation::Column::TokenHash.eq(hash))
        .filter(invitation::Column::Status.ne(InvitationStatus::Revoked));
    let (pass, expires_at) = if let Some(link) = link.one(db).await? {
        let expires_at = link.expires_at;
        (Pass::Link(Box::new(link)), expires_at)
    } else if let Some(invitation) = mail.one(db).await? {
        let expires_at = invitation.expires_at;
        (Pass::Mail(Box::new(invitation)), expires_at)
    } else {
        app.limits.check(Doing::Invitation, client).await?;
        return Err(Refusal::NotFound("invitation"));
    };
    match expires_at {
        Some(at) if at <= app.clock.now() => Err(Refusal::WrongState(Reason::LinkExpired)),
        _ => Ok(pass),
    }
}

/// The event that a token invites to, as its bearer may know it; refused as [`pass`].
pub async fn show(app: &App, client: Client, token: &str) -> Result<Shown, Refusal> {
    let pass = pass(app, client, token).await?;
    let mut found = event::load(app.db.reader(), &[pass.event_id()]).await?;
    let event = found
        .remove(&pass.event_id())
        .filter(|event| event::is_published(&event.row))
        .ok_or(Refusal::NotFound("invitation"))?;
    let note = match &pass {
        Pass::Link(_) => None,
        Pass::Mail(invitation) => note_of(app, invitation)?,
    };
    Ok(Shown { pass, event, note })
}

/// Those of `events` that somebody was invited to: as a guest, or by mail to an address they have proved to read.
pub(crate) async fn invited_to(
    db: &impl ConnectionTrait,
    person_id: Uuid,
    events: &[Uuid],
) -> Result<HashSet<Uuid>, Refusal> {
    let rows = of_person(person_id)
        .select_only()
        .column(invitation::Column::EventId)
        .filter(invitation::Column::EventId.is_in(events.iter().copied()));
    let rows: Vec<Uuid> = rows.into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

/// The same as a statement inside of another one.
pub(crate) fn events_of(person_id: Uuid) -> SelectStatement {
    let rows = of_person(person_id)
        .select_only()
        .column(invitation::Column::EventId);
    rows.into_query()
}

/// How somebody is invited to an event, if they are: whether by mail.
pub(crate) async fn is_invited_personally(
    db: &impl ConnectionTrait,
    person_id: Uuid,
    event_id: Uuid,
) -> Result<Option<bool>, Refusal> {
    let tokens: Vec<Option<Vec<u8>>> = of_person(person_id)
        .filter(invitation::Column::EventId.eq(event_id))
        .select_only()
        .column(invitation::Column::TokenHash)
        .into_tuple()
        .all(db)
        .await?;
    Ok((!tokens.is_empty()).then(|| tokens.iter().any(Option::is_some)))
}

fn of_person(person_id: Uuid) -> sea_orm::Select<invitation::Entity> {
    invitation::Entity::find()
        .filter(theirs(person_id))
        .filter(invitation::Column::Status.ne(InvitationStatus::Revoked))
        .filter(unconfirmed().not())
}

/// Rows of a person, or of an address that they have proved.
fn theirs(person_id: Uuid) -> Condition {
    let addresses = contact_point::Entity::find()
        .select_only()
        .column(contact_point::Column::ValueIndex)
        .filter(contact_point::Column::PersonId.eq(person_id))
        .filter(contact_point::Column::VerifiedAt.is_not_null())
        .into_query();
    let by_address = Condition::all()
        .add(invitation::Column::PersonId.is_null())
        .add(invitation::Column::ValueIndex.in_subquery(addresses));
    Condition::any()
        .add(invitation::Column::PersonId.eq(person_id))
        .add(by_address)
}

/// Rows of those for whom somebody answered by a link, who have not said yet that it was them.
fn unconfirmed() -> Condition {
    Condition::all()
        .add(invitation::Column::TokenHash.is_null())
        .add(invitation::Column::Status.eq(InvitationStatus::Invited))
}

/// What is stored of the token of a new row.
fn make_token(app: &App, scope: &str, id: Uuid) -> Result<Vec<u8>, Refusal> {
    let token = BASE64_URL_SAFE_NO_PAD.encode(app.keys.index(scope, &id.to_string())?.value);
    Ok(sealed::hash(&token))
}

/// The token of a row again, whichever key it was made with.
fn token_of(app: &App, scope: &str, id: Uuid, hash: &[u8]) -> Option<String> {
    let tokens = app.keys.indexes(scope, &id.to_string()).into_iter();
    let mut tokens = tokens.map(|index| BASE64_URL_SAFE_NO_PAD.encode(index.value));
    tokens.find(|token| sealed::hash(token) == hash)
}

/// Where the bearer of a token reads the event and answers: the client's page, if the settings name one, else our own.
fn page_of(app: &App, token: &str) -> String {
    match app.config.links.invitation.as_str() {
        "" => format!("{}/i/{token}", app.config.base_url()),
        page => page.replace("{token}", token),
    }
}
