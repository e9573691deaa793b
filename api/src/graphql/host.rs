//! Hosts as organizers see them, and as they see themselves.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of},
    id::{Kind, global, key_of},
    page::{self, Rows},
};
use crate::{
    domain::{
        host::{self, Standing},
        page::PageArgs,
    },
    refusal::Refusal,
};

/// How well a host is known.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "host::Tier")]
pub enum HostTier {
    /// No event of theirs was approved yet, or their account is young.
    New,
    /// Some were.
    Known,
    /// An organizer trusts them, or enough were: their events, and changes of these, wait for nobody.
    Trusted,
}

/// A person who hosts: what organizers decided about their events, and what follows.
pub struct HostStanding(Standing);

/// What somebody may do as a host; 0 is as much as they like.
#[derive(SimpleObject)]
pub struct HostLimits {
    /// Events they may make in a day.
    events_per_day: u64,
    /// Events of theirs that may wait for review at the same time.
    pending_at_once: u64,
    /// Links in the texts of one event.
    links: usize,
    /// People they may invite by mail in a day; here 0 is nobody.
    invitations_per_day: u64,
    /// Announcements they may send in a day; here 0 is none.
    announcements_per_day: u64,
}

/// A person who hosts: what organizers decided about their events, and what follows.
#[Object]
impl HostStanding {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::HostStanding, self.0.person_id)
    }
    /// Given name and initial, as they told them.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }
    /// How well they are known.
    async fn tier(&self) -> HostTier {
        self.0.tier.into()
    }
    /// How many of their events organizers approved.
    async fn approved_events(&self) -> i32 {
        self.0.row.as_ref().map_or(0, |row| row.approved)
    }
    /// Since when they are trusted.
    async fn trusted_since(&self) -> Option<DateTime<Utc>> {
        self.0.row.as_ref().and_then(|row| row.trusted_at)
    }
    /// What they may do.
    async fn limits(&self, ctx: &Context<'_>) -> HostLimits {
        let limits = self.0.tier.limits(app_of(ctx));
        HostLimits {
            events_per_day: limits.events_per_day,
            pending_at_once: limits.pending,
            links: limits.links,
            invitations_per_day: limits.invitations_per_day,
            announcements_per_day: limits.announcements_per_day,
        }
    }
}

/// A host to trust.
#[derive(InputObject)]
pub struct TrustHostInput {
    /// The host.
    id: ID,
}

/// A host not to trust any more.
#[derive(InputObject)]
pub struct RevokeHostTrustInput {
    /// The host.
    id: ID,
    /// Why, for the record, at most 2,000 characters.
    reason: Option<String>,
}

/// The host as they stand now.
#[derive(SimpleObject)]
pub struct HostStandingPayload {
    /// The host.
    host: HostStanding,
}

/// Queries of hosts.
#[derive(Default)]
pub struct HostQuery;

#[Object]
impl HostQuery {
    /// Hosts whose events wait for no review, newest account first. For organizers; reading it is recorded.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn trusted_hosts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<HostStanding>>> {
        Some(trusted(ctx, page::args(app_of(ctx), first, after, last, before)).await)
    }
}

async fn trusted(ctx: &Context<'_>, page: Result<PageArgs, Refusal>) -> Result<Rows<HostStanding>> {
    let rows = host::trusted(app_of(ctx), actor_of(ctx).await?, page?).await?;
    Ok(page::rows(rows, HostStanding::from))
}

/// Mutations of hosts' standing.
#[derive(Default)]
pub struct HostMutation;

#[Object]
impl HostMutation {
    /// Lets a host publish, and change what is published, without review. Doing it again changes nothing. Recorded. For
    /// organizers. FORBIDDEN, NOT_FOUND.
    async fn trust_host(&self, ctx: &Context<'_>, input: TrustHostInput) -> Result<HostStandingPayload> {
        let id = key_of(Kind::HostStanding, &input.id, &["input", "id"])?;
        let host = host::trust(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(HostStandingPayload { host: host.into() })
    }

    /// Takes trust back: what the host hands in from now on is reviewed; what is published stays. Recorded. For organizers.
    /// BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
    async fn revoke_host_trust(
        &self,
        ctx: &Context<'_>,
        input: RevokeHostTrustInput,
    ) -> Result<HostStandingPayload> {
        let id = key_of(Kind::HostStanding, &input.id, &["input", "id"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let host = host::revoke(app, actor, id, input.reason.as_deref()).await?;
        Ok(HostStandingPayload { host: host.into() })
    }
}

impl From<Standing> for HostStanding {
    fn from(standing: Standing) -> Self {
        Self(standing)
    }
}
