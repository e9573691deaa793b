//! Links in mails. Only a hash of the token is stored.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{LinkPurpose, link};
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use crate::{
    app::App,
    refusal::Refusal,
    sealed::{self, BlindIndex},
};

/// What a link is about.
pub(super) enum About {
    /// An RSVP.
    Rsvp(Uuid),
    /// An address.
    Address(BlindIndex),
}

/// A link, twice.
pub(super) struct Link {
    /// Our own page, which answers a POST of a mail program (RFC 8058) as well.
    pub own: String,
    /// For people: the client's page, if the settings name one, else our own.
    pub page: String,
}

/// Makes a link that works once, until `expires_at`.
pub(super) async fn make(
    app: &App,
    purpose: LinkPurpose,
    about: About,
    expires_at: DateTime<Utc>,
) -> Result<Link, Refusal> {
    let token = BASE64_URL_SAFE_NO_PAD.encode(sealed::random::<24>()?);
    let (rsvp_id, address) = match about {
        About::Rsvp(id) => (Some(id), None),
        About::Address(index) => (None, Some(index)),
    };
    let (index_key, value_index) = address.map(|index| (index.key, index.value)).unzip();
    let row = link::ActiveModel {
        token_hash: Set(sealed::hash(&token)),
        purpose: Set(purpose),
        rsvp_id: Set(rsvp_id),
        index_key: Set(index_key),
        value_index: Set(value_index),
        expires_at: Set(expires_at),
        used_at: Set(None),
        created_at: Set(app.clock.now()),
    };
    link::Entity::insert(row)
        .exec_without_returning(app.db.writer())
        .await?;
    let own = format!("{}/l/{token}", app.config.base_url());
    let page = match purpose {
        LinkPurpose::ConfirmRsvp => &app.config.links.confirm_rsvp,
        LinkPurpose::CancelRsvp => &app.config.links.cancel_rsvp,
        LinkPurpose::Unsubscribe => &app.config.links.unsubscribe,
    };
    let page = if page.is_empty() {
        own.clone()
    } else {
        page.replace("{token}", &token)
    };
    Ok(Link { own, page })
}
