//! Making and editing campaigns, and accepting their guidelines.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use entity::campaign;
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, idempotency_key},
    campaign::Campaign,
    event_input::set,
    id::{Kind, key_of},
};
use crate::{
    domain::campaign::{self as campaigns, Content},
    refusal::Refusal,
};

/// A new campaign.
#[derive(InputObject)]
pub struct CreateCampaignInput {
    /// One line, at most 200 characters.
    name: String,
    /// Markdown, at most 20,000 characters.
    #[graphql(default)]
    description: String,
    /// What its events keep to: Markdown, at most 20,000 characters. Hosts accept it before they publish an event into the
    /// campaign; when it is empty, they need not.
    #[graphql(default)]
    guidelines: String,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// Changes of a campaign; what is absent or null stays as it is.
#[derive(InputObject)]
pub struct UpdateCampaignInput {
    /// The campaign.
    id: ID,
    /// The version the change was made for; CONFLICT when it is no longer that.
    expected_version: i32,
    /// One line, at most 200 characters.
    name: Option<String>,
    /// Markdown, at most 20,000 characters.
    description: Option<String>,
    /// Another text is a new version: hosts accept it before they publish the next event. What is published stays.
    guidelines: Option<String>,
}

/// A campaign to close for new events.
#[derive(InputObject)]
pub struct ArchiveCampaignInput {
    /// The campaign.
    id: ID,
}

/// A campaign to open again.
#[derive(InputObject)]
pub struct RestoreCampaignInput {
    /// The campaign.
    id: ID,
}

/// Guidelines to accept.
#[derive(InputObject)]
pub struct AcceptGuidelinesInput {
    /// The campaign.
    campaign_id: ID,
    /// The version that was read: `guidelinesVersion`. CONFLICT when there is a newer one.
    version: i32,
}

/// The campaign as it is now.
#[derive(SimpleObject)]
pub struct CampaignPayload {
    /// The campaign.
    campaign: Campaign,
}

/// Mutations of campaigns.
#[derive(Default)]
pub struct CampaignMutation;

#[Object]
impl CampaignMutation {
    /// Makes a campaign. Recorded. For organizers. BAD_USER_INPUT, FORBIDDEN, CONFLICT.
    async fn create_campaign(
        &self,
        ctx: &Context<'_>,
        input: CreateCampaignInput,
    ) -> Result<CampaignPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let content = Content {
            name: input.name,
            description: input.description,
            guidelines: input.guidelines,
        };
        let made = campaigns::create(app_of(ctx), actor_of(ctx).await?, content, key.as_ref());
        Ok(made.await?.into())
    }

    /// Edits a campaign. Recorded. For organizers. BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, CONFLICT.
    async fn update_campaign(
        &self,
        ctx: &Context<'_>,
        input: UpdateCampaignInput,
    ) -> Result<CampaignPayload> {
        let (id, version) = (campaign_key(&input.id, "id")?, input.expected_version);
        let apply = |content: &mut Content| {
            set(&mut content.name, input.name);
            set(&mut content.description, input.description);
            set(&mut content.guidelines, input.guidelines);
        };
        let changed = campaigns::update(app_of(ctx), actor_of(ctx).await?, id, version, apply);
        Ok(changed.await?.into())
    }

    /// Closes a campaign for new events; those it has stay. Closing it again changes nothing. Recorded. For organizers.
    /// FORBIDDEN, NOT_FOUND, CONFLICT.
    async fn archive_campaign(
        &self,
        ctx: &Context<'_>,
        input: ArchiveCampaignInput,
    ) -> Result<CampaignPayload> {
        archive(ctx, &input.id, true).await
    }

    /// Opens a campaign for new events again. Recorded. For organizers. FORBIDDEN, NOT_FOUND, CONFLICT.
    async fn restore_campaign(
        &self,
        ctx: &Context<'_>,
        input: RestoreCampaignInput,
    ) -> Result<CampaignPayload> {
        archive(ctx, &input.id, false).await
    }

    /// Accepts the present guidelines of a campaign, which is kept with the version and the time. Accepting them again
    /// changes nothing. UNAUTHENTICATED, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn accept_guidelines(
        &self,
        ctx: &Context<'_>,
        input: AcceptGuidelinesInput,
    ) -> Result<CampaignPayload> {
        let (actor, id) = (
            actor_of(ctx).await?,
            campaign_key(&input.campaign_id, "campaignId")?,
        );
        Ok(campaigns::accept(app_of(ctx), actor, id, input.version)
            .await?
            .into())
    }
}

async fn archive(ctx: &Context<'_>, id: &ID, archived: bool) -> Result<CampaignPayload> {
    let id = campaign_key(id, "id")?;
    Ok(
        campaigns::archive(app_of(ctx), actor_of(ctx).await?, id, archived)
            .await?
            .into(),
    )
}

fn campaign_key(id: &ID, field: &str) -> Result<Uuid, Refusal> {
    key_of(Kind::Campaign, id, &["input", field])
}

impl From<campaign::Model> for CampaignPayload {
    fn from(row: campaign::Model) -> Self {
        Self { campaign: row.into() }
    }
}
