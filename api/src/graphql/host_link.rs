//! Host links: some rights at one event for somebody without an account.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of},
    event::Event,
    id::{Kind, global, key_of},
};
use crate::domain::{
    Actor,
    event::{
        self, Rights,
        links::{self, Made},
    },
};

/// What a host link gives.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum HostLinkRight {
    /// Changing what the event says, and its dates; neither publishing it nor calling it off.
    Change,
    /// Reading who answered; neither deciding about them nor writing to them.
    ViewRsvps,
}

/// A secret link that gives whoever has it some rights at one event.
#[derive(SimpleObject)]
pub struct HostLink {
    /// Global id.
    id: ID,
    /// Whom the hosts gave it to, in their words.
    label: String,
    /// What it gives.
    rights: Vec<HostLinkRight>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Until when it works.
    expires_at: DateTime<Utc>,
    /// When it was taken back.
    revoked_at: Option<DateTime<Utc>>,
    /// When it was used last, to the minute; null if it never was.
    last_used_at: Option<DateTime<Utc>>,
}

/// What the host link gives that a request is sent with.
#[derive(SimpleObject)]
pub struct HostPass {
    /// The event.
    event: Event,
    /// What may be done there.
    rights: Vec<HostLinkRight>,
}

/// A link to make.
#[derive(InputObject)]
pub struct CreateHostLinkInput {
    /// The event.
    event_id: ID,
    /// Whom it is for, at most 100 characters; only hosts and organizers read it.
    label: String,
    /// What it gives, one or more.
    rights: Vec<HostLinkRight>,
    /// Until when it works: at most 90 days, unless the operator says otherwise, and so long when absent.
    expires_at: Option<DateTime<Utc>>,
}

/// The link, told once.
#[derive(SimpleObject)]
pub struct CreateHostLinkPayload {
    /// The link.
    host_link: HostLink,
    /// To be sent as `Authorization: Bearer …`. It is told only here.
    token: String,
    /// The page of a client that uses it; null if the operator names none.
    url: Option<String>,
}

/// A link to take back.
#[derive(InputObject)]
pub struct RevokeHostLinkInput {
    /// The link.
    id: ID,
}

/// The link was taken back.
#[derive(SimpleObject)]
pub struct RevokeHostLinkPayload {
    /// The link.
    host_link: HostLink,
}

/// `hostPass`.
#[derive(Default)]
pub struct HostLinkQuery;

#[Object]
impl HostLinkQuery {
    /// What the host link gives that this request is sent with; null for a request without one.
    async fn host_pass(&self, ctx: &Context<'_>) -> Option<Result<HostPass>> {
        pass(ctx).await.transpose()
    }
}

async fn pass(ctx: &Context<'_>) -> Result<Option<HostPass>> {
    let actor = actor_of(ctx).await?;
    let Actor::Visitor(visitor) = actor else {
        return Ok(None);
    };
    let event = event::find(app_of(ctx), actor, visitor.event_id).await?;
    Ok(Some(HostPass {
        event: event.into(),
        rights: show(visitor.rights),
    }))
}

/// Mutations of host links.
#[derive(Default)]
pub struct HostLinkMutation;

#[Object]
impl HostLinkMutation {
    /// Makes a secret link that gives somebody without an account some rights at an event. Sending it again makes another.
    /// For its hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, WRONG_STATE.
    async fn create_host_link(
        &self,
        ctx: &Context<'_>,
        input: CreateHostLinkInput,
    ) -> Result<CreateHostLinkPayload> {
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let rights = Rights {
            may_change: input.rights.contains(&HostLinkRight::Change),
            may_see_rsvps: input.rights.contains(&HostLinkRight::ViewRsvps),
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let made = links::make(app, actor, event_id, &input.label, rights, input.expires_at).await?;
        Ok(made.into())
    }

    /// Takes a link back, from the next request on. For the event's hosts and for organizers. NOT_FOUND.
    async fn revoke_host_link(
        &self,
        ctx: &Context<'_>,
        input: RevokeHostLinkInput,
    ) -> Result<RevokeHostLinkPayload> {
        let id = key_of(Kind::HostLink, &input.id, &["input", "id"])?;
        let link = links::revoke(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(RevokeHostLinkPayload {
            host_link: link.into(),
        })
    }
}

fn show(rights: Rights) -> Vec<HostLinkRight> {
    let all = [
        (rights.may_change, HostLinkRight::Change),
        (rights.may_see_rsvps, HostLinkRight::ViewRsvps),
    ];
    all.into_iter()
        .filter_map(|(has, right)| has.then_some(right))
        .collect()
}

impl From<event::HostLink> for HostLink {
    fn from(link: event::HostLink) -> Self {
        let row = link.row;
        Self {
            id: global(Kind::HostLink, row.id),
            label: link.label,
            rights: show(Rights {
                may_change: row.may_change,
                may_see_rsvps: row.may_see_rsvps,
            }),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        }
    }
}

impl From<Made> for CreateHostLinkPayload {
    fn from(made: Made) -> Self {
        Self {
            host_link: made.link.into(),
            token: made.token,
            url: made.url,
        }
    }
}
