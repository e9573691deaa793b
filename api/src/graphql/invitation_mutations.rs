//! Inviting, taking invitations back, and saying no to one.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, client_of, idempotency_key},
    enums::InvitationStatus,
    id::{Kind, key_of},
    invitation::{Invitation, InvitationLink},
};
use crate::domain::{
    email::Email,
    invitation::{self, NewLink},
};

/// A link to make.
#[derive(InputObject)]
pub struct CreateInvitationLinkInput {
    /// The event.
    event_id: ID,
    /// What its hosts call it, at most 100 characters; nobody else reads it.
    label: Option<String>,
    /// When it stops working; never when absent.
    expires_at: Option<DateTime<Utc>>,
    /// How many people may answer with it; as many as like when absent.
    most_uses: Option<i32>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A link to take back.
#[derive(InputObject)]
pub struct RevokeInvitationLinkInput {
    /// The link.
    id: ID,
}

/// A link as it is now.
#[derive(SimpleObject)]
pub struct InvitationLinkPayload {
    /// The link.
    invitation_link: InvitationLink,
}

/// People to invite.
#[derive(InputObject)]
pub struct InviteToEventInput {
    /// The event, which must be published.
    event_id: ID,
    /// Their mail addresses, 1 to 20.
    contacts: Vec<String>,
    /// What you write to them, at most 500 characters, without links.
    note: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// Who was invited.
#[derive(SimpleObject)]
pub struct InviteToEventPayload {
    /// One for each address, in their order. Whether an address is known, or wants no mail, makes no difference.
    invitations: Vec<Invitation>,
}

/// An invitation to take back.
#[derive(InputObject)]
pub struct RevokeInvitationInput {
    /// The invitation.
    id: ID,
}

/// An invitation as it is now.
#[derive(SimpleObject)]
pub struct RevokeInvitationPayload {
    /// The invitation.
    invitation: Invitation,
}

/// An invitation to say no to.
#[derive(InputObject)]
pub struct DeclineInvitationInput {
    /// The token of the mailed link.
    token: String,
}

/// What was said.
#[derive(SimpleObject)]
pub struct DeclineInvitationPayload {
    /// DECLINED; ANSWERED when an RSVP was given before, which stays.
    status: InvitationStatus,
}

/// Mutations of invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Makes a link by which whoever has it reads the event and may answer, even if it is private or only for those invited. For its
    /// hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT.
    async fn create_invitation_link(
        &self,
        ctx: &Context<'_>,
        input: CreateInvitationLinkInput,
    ) -> Result<InvitationLinkPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let wanted = NewLink {
            label: input.label,
            expires_at: input.expires_at,
            most_uses: input.most_uses,
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let row = invitation::make_link(app, actor, event_id, &wanted, key.as_ref()).await?;
        Ok(row.into())
    }

    /// Takes a link back. Whoever answered with it stays a guest. For hosts and organizers. NOT_FOUND.
    async fn revoke_invitation_link(
        &self,
        ctx: &Context<'_>,
        input: RevokeInvitationLinkInput,
    ) -> Result<InvitationLinkPayload> {
        let id = key_of(Kind::InvitationLink, &input.id, &["input", "id"])?;
        let row = invitation::revoke_link(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(row.into())
    }

    /// Invites people by mail, each by a link of their own; who was invited before gets no second mail. For hosts and
    /// organizers, within a daily budget. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE, RATE_LIMITED.
    async fn invite_to_event(
        &self,
        ctx: &Context<'_>,
        input: InviteToEventInput,
    ) -> Result<InviteToEventPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let contacts = Email::parse_all(&input.contacts, &["input", "contacts"])?;
        let (app, actor, note) = (app_of(ctx), actor_of(ctx).await?, input.note.as_deref());
        let rows = invitation::invite(app, actor, event_id, &contacts, note, key.as_ref()).await?;
        Ok(InviteToEventPayload {
            invitations: rows.into_iter().map(Into::into).collect(),
        })
    }

    /// Takes an invitation back; an RSVP that was given stays. For hosts and organizers. NOT_FOUND.
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        input: RevokeInvitationInput,
    ) -> Result<RevokeInvitationPayload> {
        let id = key_of(Kind::Invitation, &input.id, &["input", "id"])?;
        let row = invitation::revoke(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(RevokeInvitationPayload {
            invitation: row.into(),
        })
    }

    /// Says no to an invitation by mail. (Yes is said by `rsvp`, with the same token.) NOT_FOUND, WRONG_STATE, RATE_LIMITED.
    async fn decline_invitation(
        &self,
        ctx: &Context<'_>,
        input: DeclineInvitationInput,
    ) -> Result<DeclineInvitationPayload> {
        let row = invitation::decline(app_of(ctx), client_of(ctx), &input.token).await?;
        Ok(DeclineInvitationPayload {
            status: row.status.into(),
        })
    }
}

impl From<entity::invitation_link::Model> for InvitationLinkPayload {
    fn from(row: entity::invitation_link::Model) -> Self {
        Self {
            invitation_link: row.into(),
        }
    }
}
