//! Campaigns as clients see them.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{campaign, guidelines_acceptance};

use super::{
    caller::{app_of, loaders_of},
    id::{Kind, global, key_of},
    page::{self, Rows},
};
use crate::{
    domain::{campaign as campaigns, page::PageArgs, text},
    refusal::Refusal,
};

/// What organizers call for. Events are part of it, and keep to its guidelines.
pub struct Campaign(campaign::Model);

/// That the viewer accepted the guidelines of a campaign.
#[derive(SimpleObject)]
pub struct GuidelinesAcceptance {
    /// Which version of them.
    version: i32,
    /// When.
    accepted_at: DateTime<Utc>,
}

/// What organizers call for. Events are part of it, and keep to its guidelines.
#[Object]
impl Campaign {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Campaign, self.0.id)
    }
    /// Counts the changes of the campaign; goes into `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
    /// One line.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Markdown whose raw HTML is escaped.
    async fn description(&self) -> String {
        text::safe_markdown(&self.0.description)
    }
    /// The description as sanitised HTML.
    async fn description_html(&self) -> String {
        text::safe_html(&self.0.description)
    }
    /// What its events keep to: Markdown whose raw HTML is escaped. Empty when there is nothing to accept. NOT_FOUND for a
    /// version that there is not.
    async fn guidelines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, such as one that was accepted; the present one by default.")]
        version: Option<i32>,
    ) -> Option<Result<String>> {
        Some(
            self.guidelines_in(ctx, version)
                .await
                .map(|text| text::safe_markdown(&text)),
        )
    }
    /// The present guidelines as sanitised HTML.
    async fn guidelines_html(&self) -> String {
        text::safe_html(&self.0.guidelines)
    }
    /// Which version of its guidelines is the present one: what `acceptGuidelines` takes.
    async fn guidelines_version(&self) -> i32 {
        self.0.guidelines_version
    }
    /// What the viewer accepted last of its guidelines; null when that is nothing, or nobody is signed in.
    async fn viewer_acceptance(&self, ctx: &Context<'_>) -> Option<Result<GuidelinesAcceptance>> {
        let accepted = async || loaders_of(ctx).await?.acceptances.load_one(self.0.id).await;
        match accepted().await {
            Ok(row) => row.map(|row| Ok(row.into())),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
    /// Since when it takes no new events.
    async fn archived_at(&self) -> Option<DateTime<Utc>> {
        self.0.archived_at
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

impl Campaign {
    async fn guidelines_in(&self, ctx: &Context<'_>, version: Option<i32>) -> Result<String> {
        match version {
            Some(version) if version != self.0.guidelines_version => {
                Ok(campaigns::guidelines(app_of(ctx), self.0.id, version).await?)
            }
            _ => Ok(self.0.guidelines.clone()),
        }
    }
}

/// Queries of campaigns.
#[derive(Default)]
pub struct CampaignQuery;

#[Object]
impl CampaignQuery {
    /// One campaign. NOT_FOUND.
    async fn campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the campaign.")] id: ID,
    ) -> Option<Result<Campaign>> {
        Some(one(ctx, &id).await)
    }

    /// Campaigns, newest first.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn campaigns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
        #[graphql(desc = "Also those that take no new events.", default = false)] include_archived: bool,
    ) -> Result<Rows<Campaign>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        all(ctx, include_archived, page).await
    }
}

async fn one(ctx: &Context<'_>, id: &ID) -> Result<Campaign> {
    let id = key_of(Kind::Campaign, id, &["id"])?;
    Ok(campaigns::find(app_of(ctx), id).await?.into())
}

async fn all(
    ctx: &Context<'_>,
    archived_too: bool,
    page: Result<PageArgs, Refusal>,
) -> Result<Rows<Campaign>> {
    let rows = campaigns::list(app_of(ctx), archived_too, page?).await?;
    Ok(page::rows(rows, Campaign::from))
}

impl From<campaign::Model> for Campaign {
    fn from(row: campaign::Model) -> Self {
        Self(row)
    }
}

impl From<guidelines_acceptance::Model> for GuidelinesAcceptance {
    fn from(row: guidelines_acceptance::Model) -> Self {
        Self {
            version: row.version,
            accepted_at: row.created_at,
        }
    }
}
