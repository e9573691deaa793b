//! Invitations: what hosts see of them, and what the bearer of a token sees.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{invitation, invitation_link};

use super::{
    caller::{actor_of, app_of, client_of},
    enums::InvitationStatus,
    event::Event,
    id::{Kind, global},
};
use crate::domain::invitation::{self as domain, Pass, Shown};

/// Somebody whom a host invited by mail. Says nothing of them but what they answered.
pub struct Invitation(invitation::Model);

/// Somebody whom a host invited by mail. Says nothing of them but what they answered.
#[Object]
impl Invitation {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Invitation, self.0.id)
    }
    /// The address, as it was typed in, for whoever did; its first letter and its domain for others who run the event. Null some
    /// time after the event.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let shown = async || Ok(domain::shown_contact(app_of(ctx), actor_of(ctx).await?, &self.0)?);
        shown().await.transpose()
    }
    /// Where it stands. Whether a mail arrived, or was wanted, is not told.
    async fn status(&self) -> InvitationStatus {
        self.0.status.into()
    }
    /// When it was answered.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
    /// When they were invited.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

impl From<invitation::Model> for Invitation {
    fn from(row: invitation::Model) -> Self {
        Self(row)
    }
}

/// A link by which whoever has it is invited to an event.
pub struct InvitationLink(invitation_link::Model);

/// A link by which whoever has it is invited to an event.
#[Object]
impl InvitationLink {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::InvitationLink, self.0.id)
    }
    /// What its hosts call it.
    async fn label(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let (_, label) = match domain::url_of(app_of(ctx), &self.0) {
            Ok(told) => told,
            Err(refusal) => return Some(Err(refusal.into())),
        };
        label.map(Ok)
    }
    /// Its address: whoever has it reads the event and may answer.
    async fn url(&self, ctx: &Context<'_>) -> Result<String> {
        let (url, _) = domain::url_of(app_of(ctx), &self.0)?;
        Ok(url)
    }
    /// When it stops working; null for never.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }
    /// How many people may answer with it; null for as many as like.
    async fn most_uses(&self) -> Option<i32> {
        self.0.most_uses
    }
    /// How many people answered with it; who has no account, once they followed the link in their mail.
    async fn uses(&self) -> i32 {
        self.0.uses
    }
    /// When it was taken back.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

impl From<invitation_link::Model> for InvitationLink {
    fn from(row: invitation_link::Model) -> Self {
        Self(row)
    }
}

/// How somebody came to a token.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum InvitationKind {
    /// By a link, which anybody may have.
    Link,
    /// By a mail to one person.
    Mail,
}

/// What a token invites to, for its bearer.
#[derive(SimpleObject)]
pub struct InvitationOffer {
    /// The event, as somebody may read it who does not come yet.
    event: Event,
    /// How the token was given.
    kind: InvitationKind,
    /// Of a mail: where the invitation stands.
    status: Option<InvitationStatus>,
    /// Of a mail: what the host wrote.
    note: Option<String>,
    /// When the token stops working; null for never.
    expires_at: Option<DateTime<Utc>>,
}

/// `invitation`.
#[derive(Default)]
pub struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// What a token invites to. It goes into `rsvp(input: {invitation: …})` with an answer; reading uses nothing up. Send it by
    /// POST, where it is in no log and no history. NOT_FOUND, WRONG_STATE (LINK_EXPIRED), RATE_LIMITED.
    async fn invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the link.")] token: String,
    ) -> Option<Result<InvitationOffer>> {
        // Asking where it came from keeps the answer out of every cache.
        let shown = domain::show(app_of(ctx), client_of(ctx), &token).await;
        Some(shown.map(Into::into).map_err(Into::into))
    }
}

impl From<Shown> for InvitationOffer {
    fn from(shown: Shown) -> Self {
        let (kind, status, expires_at) = match &shown.pass {
            Pass::Link(link) => (InvitationKind::Link, None, link.expires_at),
            Pass::Mail(row) => (InvitationKind::Mail, Some(row.status.into()), row.expires_at),
        };
        Self {
            event: shown.event.into(),
            kind,
            status,
            note: shown.note,
            expires_at,
        }
    }
}
