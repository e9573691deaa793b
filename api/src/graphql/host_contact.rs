//! How the hosts of an event are reached.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    event::Event,
    id::{Kind, key_of},
};
use crate::domain::event::{self, contact};

/// Who may read how the hosts of an event are reached.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ContactVisibility")]
pub enum ContactVisibility {
    /// Everybody.
    Public,
    /// People registered for it, and its hosts.
    AfterRsvp,
    /// Its hosts; others write to them by `messageHost`.
    Relayed,
}

/// How the hosts of an event are reached.
#[derive(SimpleObject)]
pub struct HostContact {
    /// A mail address.
    email: Option<String>,
    /// A telephone number, as they wrote it.
    phone: Option<String>,
}

/// How the hosts of an event are reached from now on, as a whole.
#[derive(InputObject)]
pub struct SetHostContactInput {
    /// The event.
    event_id: ID,
    /// Who may read it.
    visibility: ContactVisibility,
    /// A mail address; needed, if there is no phone, unless the visibility is RELAYED.
    email: Option<String>,
    /// A telephone number, 5 to 30 digits and `+-() .`.
    phone: Option<String>,
}

/// The event as it is now.
#[derive(SimpleObject)]
pub struct SetHostContactPayload {
    /// The event.
    event: Event,
}

/// A message to pass on to the hosts of an event.
#[derive(InputObject)]
pub struct MessageHostInput {
    /// The event.
    event_id: ID,
    /// Plain text, at most 2,000 characters. Addresses in it are made unusable.
    text: String,
    /// Whether they get your mail address and may answer to it; otherwise they answer through us.
    #[graphql(default = false)]
    share_address: bool,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// The message is on its way.
#[derive(SimpleObject)]
pub struct MessageHostPayload {
    /// Always true; it may still be that nobody gets it, as when they stopped such mail.
    accepted: bool,
}

/// An answer to a message.
#[derive(InputObject)]
pub struct AnswerHostMessageInput {
    /// The message, by the id in its mail.
    id: ID,
    /// Plain text, at most 2,000 characters. Addresses in it are made unusable.
    text: String,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// The answer is on its way.
#[derive(SimpleObject)]
pub struct AnswerHostMessagePayload {
    /// Always true.
    accepted: bool,
}

/// Mutations about reaching hosts.
#[derive(Default)]
pub struct HostContactMutation;

#[Object]
impl HostContactMutation {
    /// Says how the hosts of an event are reached, and who may read it. For its hosts and for organizers. BAD_USER_INPUT,
    /// NOT_FOUND, WRONG_STATE.
    async fn set_host_contact(
        &self,
        ctx: &Context<'_>,
        input: SetHostContactInput,
    ) -> Result<SetHostContactPayload> {
        let id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let wanted = event::HostContact {
            email: input.email,
            phone: input.phone,
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let event = contact::set_contact(app, actor, id, input.visibility.into(), wanted).await?;
        Ok(SetHostContactPayload { event: event.into() })
    }

    /// Passes a message on to everybody who hosts a published event, by mail, under your given name and initial.
    /// UNAUTHENTICATED, BAD_USER_INPUT, NOT_FOUND, CONFLICT; WRONG_STATE, also when you have not proved to read mail to an
    /// address of yours; RATE_LIMITED.
    async fn message_host(&self, ctx: &Context<'_>, input: MessageHostInput) -> Result<MessageHostPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let (app, actor, shares) = (app_of(ctx), actor_of(ctx).await?, input.share_address);
        contact::message(app, actor, id, &input.text, shares, key.as_ref()).await?;
        Ok(MessageHostPayload { accepted: true })
    }

    /// Answers a message to the hosts of an event, in their name and without your address. For its hosts and for
    /// organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, RATE_LIMITED; WRONG_STATE for hosts of an event that was taken down.
    async fn answer_host_message(
        &self,
        ctx: &Context<'_>,
        input: AnswerHostMessageInput,
    ) -> Result<AnswerHostMessagePayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let id = key_of(Kind::HostMessage, &input.id, &["input", "id"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        contact::reply(app, actor, id, &input.text, key.as_ref()).await?;
        Ok(AnswerHostMessagePayload { accepted: true })
    }
}

impl From<event::HostContact> for HostContact {
    fn from(contact: event::HostContact) -> Self {
        Self {
            email: contact.email,
            phone: contact.phone,
        }
    }
}
