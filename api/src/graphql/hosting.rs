//! Hosting an event with others.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{LinkPurpose, event_host};
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, idempotency_key},
    enums::HostKind,
    event::Event,
    id::{Kind, global, key_of},
};
use crate::{
    domain::{
        Actor,
        email::Email,
        event::{self, Loaded, Whom, invitations},
        link,
    },
    refusal::Refusal,
};

/// A host, for those who run the event.
#[derive(SimpleObject)]
pub struct TeamMember {
    /// Global id, for removing them and handing over.
    id: ID,
    /// A person, or an organisation.
    kind: HostKind,
    /// What they are called at the event.
    public_name: String,
    /// Since when.
    since: DateTime<Utc>,
    /// Whether they decide who hosts the event.
    is_first: bool,
    /// Whether they are the viewer.
    is_viewer: bool,
}

/// Where an invitation to host stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::HostInvitationStatus")]
pub enum HostInvitationStatus {
    /// Nobody answered it yet.
    Open,
    /// Whoever was asked hosts the event.
    Accepted,
    /// Whoever was asked said no.
    Declined,
    /// The hosts took it back.
    Revoked,
}

/// Somebody is asked to host an event as well.
#[derive(SimpleObject)]
pub struct HostInvitation {
    /// Global id.
    id: ID,
    /// Where it stands.
    status: HostInvitationStatus,
    /// Title of the event.
    event_title: String,
    /// What they are called at the event unless they choose otherwise.
    public_name: String,
    /// The address it was sent to; null for everybody but who typed it.
    email: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
}

/// Somebody to ask, by exactly one of `email`, `personId` and `attendeeId`.
#[derive(InputObject)]
pub struct InviteHostInput {
    /// The event.
    event_id: ID,
    /// A mail address, of an account or not.
    email: Option<String>,
    /// An account: the id that its owner reads in `viewer`.
    person_id: Option<ID>,
    /// Somebody who answered for this event.
    attendee_id: Option<ID>,
    /// What they are called at the event unless they choose otherwise.
    public_name: String,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// An invitation to send again.
#[derive(InputObject)]
pub struct ResendHostInvitationInput {
    /// The invitation.
    id: ID,
}

/// An invitation to take back.
#[derive(InputObject)]
pub struct RevokeHostInvitationInput {
    /// The invitation.
    id: ID,
}

/// The invitation as it is now.
#[derive(SimpleObject)]
pub struct HostInvitationPayload {
    /// The invitation.
    invitation: HostInvitation,
}

/// An invitation to accept, by exactly one of `id` and `token`.
#[derive(InputObject)]
pub struct AcceptHostInvitationInput {
    /// The invitation, of the viewer.
    id: Option<ID>,
    /// What stands in the mailed link.
    token: Option<String>,
    /// With `id`: what you want to be called at the event.
    public_name: Option<String>,
}

/// An invitation was accepted.
#[derive(SimpleObject)]
pub struct AcceptHostInvitationPayload {
    /// The event; null when a token was used.
    event: Option<Event>,
    /// Always true.
    accepted: bool,
}

/// An invitation to decline, by exactly one of `id` and `token`.
#[derive(InputObject)]
pub struct DeclineHostInvitationInput {
    /// The invitation, of the viewer.
    id: Option<ID>,
    /// What stands in the mailed link.
    token: Option<String>,
}

/// An invitation was declined.
#[derive(SimpleObject)]
pub struct DeclineHostInvitationPayload {
    /// Always true.
    declined: bool,
}

/// A host to remove.
#[derive(InputObject)]
pub struct RemoveHostInput {
    /// The host, from `Event.team`.
    host_id: ID,
}

/// A host to hand over to.
#[derive(InputObject)]
pub struct HandOverEventInput {
    /// The host, from `Event.team`.
    host_id: ID,
}

/// The event with its hosts as they are now.
#[derive(SimpleObject)]
pub struct TeamPayload {
    /// The event.
    event: Event,
}

/// An event not to host any more.
#[derive(InputObject)]
pub struct LeaveEventInput {
    /// The event.
    event_id: ID,
}

/// The viewer does not host the event any more.
#[derive(SimpleObject)]
pub struct LeaveEventPayload {
    /// Always true.
    left: bool,
}

/// Mutations of hosts about hosts.
#[derive(Default)]
pub struct HostingMutation;

#[Object]
impl HostingMutation {
    /// Asks somebody by mail to host an event as well. Who was asked and has not answered is not asked again. For its hosts
    /// and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE, RATE_LIMITED.
    async fn invite_host(&self, ctx: &Context<'_>, input: InviteHostInput) -> Result<HostInvitationPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let (whom, name) = (input.whom()?, &input.public_name);
        let invited = invitations::invite(app, actor, event_id, &whom, name, key.as_ref()).await?;
        Ok(invited.into())
    }

    /// Sends an invitation that nobody answered again, with a new term; earlier mails work no more. For the event's hosts
    /// and for organizers. BAD_USER_INPUT, NOT_FOUND, WRONG_STATE, RATE_LIMITED.
    async fn resend_host_invitation(
        &self,
        ctx: &Context<'_>,
        input: ResendHostInvitationInput,
    ) -> Result<HostInvitationPayload> {
        let (actor, id) = (actor_of(ctx).await?, invitation_key(&input.id)?);
        Ok(invitations::resend(app_of(ctx), actor, id).await?.into())
    }

    /// Takes an invitation back that nobody answered. For the event's hosts and for organizers. NOT_FOUND, WRONG_STATE.
    async fn revoke_host_invitation(
        &self,
        ctx: &Context<'_>,
        input: RevokeHostInvitationInput,
    ) -> Result<HostInvitationPayload> {
        let (actor, id) = (actor_of(ctx).await?, invitation_key(&input.id)?);
        Ok(invitations::revoke(app_of(ctx), actor, id).await?.into())
    }

    /// Hosts an event that you were invited to; by the token of the mail without signing in, for the account of the address
    /// it was sent to. UNAUTHENTICATED, BAD_USER_INPUT, NOT_FOUND, WRONG_STATE.
    async fn accept_host_invitation(
        &self,
        ctx: &Context<'_>,
        input: AcceptHostInvitationInput,
    ) -> Result<AcceptHostInvitationPayload> {
        let app = app_of(ctx);
        let event = match either(input.id.as_ref(), input.token.as_deref())? {
            Which::Token(token) => {
                link::follow(app, token, &[LinkPurpose::AcceptHosting]).await?;
                None
            }
            Which::Id(id) => {
                let (actor, name) = (actor_of(ctx).await?, input.public_name.as_deref());
                Some(invitations::accept(app, actor, id, name).await?.into())
            }
        };
        Ok(AcceptHostInvitationPayload {
            event,
            accepted: true,
        })
    }

    /// Declines an invitation; by the token of the mail without signing in. UNAUTHENTICATED, BAD_USER_INPUT, NOT_FOUND,
    /// WRONG_STATE.
    async fn decline_host_invitation(
        &self,
        ctx: &Context<'_>,
        input: DeclineHostInvitationInput,
    ) -> Result<DeclineHostInvitationPayload> {
        let app = app_of(ctx);
        match either(input.id.as_ref(), input.token.as_deref())? {
            Which::Token(token) => {
                link::follow(app, token, &[LinkPurpose::DeclineHosting]).await?;
            }
            Which::Id(id) => invitations::decline(app, actor_of(ctx).await?, id).await?,
        }
        Ok(DeclineHostInvitationPayload { declined: true })
    }

    /// Takes another host off an event. For its first host and for organizers; FORBIDDEN for other hosts, who may only leave.
    /// NOT_FOUND, WRONG_STATE.
    async fn remove_host(&self, ctx: &Context<'_>, input: RemoveHostInput) -> Result<TeamPayload> {
        let (actor, id) = (actor_of(ctx).await?, host_key(&input.host_id)?);
        Ok(event::remove_host(app_of(ctx), actor, id).await?.into())
    }

    /// Does not host an event any more. Whoever hosted it first hands it on to the oldest of the others. NOT_FOUND;
    /// WRONG_STATE when nobody else hosts it.
    async fn leave_event(&self, ctx: &Context<'_>, input: LeaveEventInput) -> Result<LeaveEventPayload> {
        let id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        event::leave(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(LeaveEventPayload { left: true })
    }

    /// Makes another host the first one, who decides who hosts the event. For its first host and for organizers; FORBIDDEN
    /// for other hosts. BAD_USER_INPUT, NOT_FOUND.
    async fn hand_over_event(&self, ctx: &Context<'_>, input: HandOverEventInput) -> Result<TeamPayload> {
        let (actor, id) = (actor_of(ctx).await?, host_key(&input.host_id)?);
        Ok(event::pass_on(app_of(ctx), actor, id).await?.into())
    }
}

/// The hosts of an event as those who run it see them.
pub(super) fn team(event: &Loaded, actor: &Actor) -> Vec<TeamMember> {
    let (first, me) = (event::first_host(&event.hosts), actor.person_id());
    let show = |host: &event_host::Model| TeamMember {
        id: global(Kind::Host, host.id),
        kind: host.kind.into(),
        public_name: host.public_name.clone(),
        since: host.created_at,
        is_first: Some(host.id) == first,
        is_viewer: host.person_id.is_some() && host.person_id == me,
    };
    event.hosts.iter().map(show).collect()
}

impl InviteHostInput {
    fn whom(&self) -> Result<Whom, Refusal> {
        match (&self.email, &self.person_id, &self.attendee_id) {
            (Some(email), None, None) => Ok(Whom::Email(Email::parse(email, &["input", "email"])?)),
            (None, Some(id), None) => Ok(Whom::Person(key_of(Kind::Person, id, &["input", "personId"])?)),
            (None, None, Some(id)) => {
                let id = key_of(Kind::Attendee, id, &["input", "attendeeId"])?;
                Ok(Whom::Attendee(id))
            }
            _ => {
                let problem = "needs one of email, personId and attendeeId";
                Err(Refusal::input(&["input"], problem))
            }
        }
    }
}

enum Which<'a> {
    Id(Uuid),
    Token(&'a str),
}

fn either<'a>(id: Option<&ID>, token: Option<&'a str>) -> Result<Which<'a>, Refusal> {
    match (id, token) {
        (Some(id), None) => invitation_key(id).map(Which::Id),
        (None, Some(token)) => Ok(Which::Token(token)),
        _ => Err(Refusal::input(&["input"], "needs one of id and token")),
    }
}

fn invitation_key(id: &ID) -> Result<Uuid, Refusal> {
    key_of(Kind::HostInvitation, id, &["input", "id"])
}

fn host_key(id: &ID) -> Result<Uuid, Refusal> {
    key_of(Kind::Host, id, &["input", "hostId"])
}

impl From<event::HostInvitation> for HostInvitation {
    fn from(invitation: event::HostInvitation) -> Self {
        Self {
            id: global(Kind::HostInvitation, invitation.row.id),
            status: invitation.row.status.into(),
            event_title: invitation.event_title,
            public_name: invitation.public_name,
            email: invitation.email,
            created_at: invitation.row.created_at,
            expires_at: invitation.row.expires_at,
        }
    }
}

impl From<event::HostInvitation> for HostInvitationPayload {
    fn from(invitation: event::HostInvitation) -> Self {
        Self {
            invitation: invitation.into(),
        }
    }
}

impl From<Loaded> for TeamPayload {
    fn from(event: Loaded) -> Self {
        Self { event: event.into() }
    }
}
