//! What admins do with webhooks.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    enums::WebhookKind,
    id::{Kind, key_of},
    webhook::{Webhook, WebhookDelivery},
};
use crate::domain::webhook::{self, NewWebhook, WebhookChange};

/// A webhook to make.
#[derive(InputObject)]
pub struct CreateWebhookInput {
    /// Where to: https, and in a public network unless the setting `webhooks.anywhere` says otherwise.
    url: String,
    /// What it is told of.
    kinds: Vec<WebhookKind>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// Changes of a webhook. What is absent stays.
#[derive(InputObject)]
pub struct UpdateWebhookInput {
    /// Which.
    id: ID,
    /// Where to.
    url: Option<String>,
    /// What it is told of.
    kinds: Option<Vec<WebhookKind>>,
    /// Whether anything is sent there. One that is enabled again begins anew; what happened meanwhile is not told.
    enabled: Option<bool>,
}

/// A webhook to remove.
#[derive(InputObject)]
pub struct DeleteWebhookInput {
    /// Which.
    id: ID,
}

/// A webhook to try out.
#[derive(InputObject)]
pub struct TestWebhookInput {
    /// Which; also one that is disabled.
    id: ID,
}

/// A webhook to give a new secret.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// Which.
    id: ID,
}

/// A delivery to send again.
#[derive(InputObject)]
pub struct ReplayWebhookDeliveryInput {
    /// Which.
    id: ID,
}

/// A new webhook.
#[derive(SimpleObject)]
pub struct CreateWebhookPayload {
    /// The webhook.
    webhook: Webhook,
    /// What its deliveries are signed with. It is told only now: null when this request was carried out before.
    secret: Option<String>,
}

/// A webhook as it is now.
#[derive(SimpleObject)]
pub struct UpdateWebhookPayload {
    /// The webhook.
    webhook: Webhook,
}

/// A webhook is gone.
#[derive(SimpleObject)]
pub struct DeleteWebhookPayload {
    /// Always true.
    deleted: bool,
}

/// A webhook has a new secret.
#[derive(SimpleObject)]
pub struct RotateWebhookSecretPayload {
    /// The webhook.
    webhook: Webhook,
    /// The new secret, told only now. Until `previousSecretUntil`, deliveries are signed with the old one as well.
    secret: String,
}

/// Something is sent to a webhook.
#[derive(SimpleObject)]
pub struct WebhookDeliveryPayload {
    /// What.
    delivery: WebhookDelivery,
}

/// Mutations of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Makes a webhook: from now on it is told of what happens; other processes know of it within 5 seconds. For admins.
    /// BAD_USER_INPUT, CONFLICT.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        input: CreateWebhookInput,
    ) -> Result<CreateWebhookPayload> {
        let actor = actor_of(ctx).await?;
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let new = NewWebhook {
            url: input.url,
            kinds: input.kinds.into_iter().map(Into::into).collect(),
        };
        let (row, secret) = webhook::create(app_of(ctx), actor, new, key.as_ref()).await?;
        Ok(CreateWebhookPayload {
            webhook: row.into(),
            secret: secret.map(|secret| secret.reveal().to_owned()),
        })
    }

    /// Changes a webhook, disables it, or enables it again. For admins. NOT_FOUND, BAD_USER_INPUT.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        input: UpdateWebhookInput,
    ) -> Result<UpdateWebhookPayload> {
        let id = key_of(Kind::Webhook, &input.id, &["input", "id"])?;
        let change = WebhookChange {
            url: input.url,
            kinds: input
                .kinds
                .map(|kinds| kinds.into_iter().map(Into::into).collect()),
            enabled: input.enabled,
        };
        let row = webhook::update(app_of(ctx), actor_of(ctx).await?, id, change).await?;
        Ok(UpdateWebhookPayload { webhook: row.into() })
    }

    /// Removes a webhook, with what is known of its deliveries. For admins. NOT_FOUND.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        input: DeleteWebhookInput,
    ) -> Result<DeleteWebhookPayload> {
        let id = key_of(Kind::Webhook, &input.id, &["input", "id"])?;
        webhook::delete(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(DeleteWebhookPayload { deleted: true })
    }

    /// Sends a webhook a delivery that says nothing. For admins. NOT_FOUND.
    async fn test_webhook(
        &self,
        ctx: &Context<'_>,
        input: TestWebhookInput,
    ) -> Result<WebhookDeliveryPayload> {
        let id = key_of(Kind::Webhook, &input.id, &["input", "id"])?;
        let row = webhook::test(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(WebhookDeliveryPayload { delivery: row.into() })
    }

    /// Gives a webhook a new secret. For admins. NOT_FOUND.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let id = key_of(Kind::Webhook, &input.id, &["input", "id"])?;
        let (row, secret) = webhook::rotate(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(RotateWebhookSecretPayload {
            webhook: row.into(),
            secret: secret.reveal().to_owned(),
        })
    }

    /// Sends a delivery again that was taken or given up, under the same `webhook-id`. For admins. NOT_FOUND; CONFLICT while
    /// it is under way.
    async fn replay_webhook_delivery(
        &self,
        ctx: &Context<'_>,
        input: ReplayWebhookDeliveryInput,
    ) -> Result<WebhookDeliveryPayload> {
        let id = key_of(Kind::WebhookDelivery, &input.id, &["input", "id"])?;
        let row = webhook::replay(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(WebhookDeliveryPayload { delivery: row.into() })
    }
}
