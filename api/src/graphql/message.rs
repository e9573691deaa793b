//! Messages to people: their words.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, loaders_of},
    consent::Channel,
};
use crate::{
    domain::message,
    letter::{self, Words},
};

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "letter::Template")]
pub enum MessageTemplate {
    /// A code to sign in.
    SignInCode,
    /// A code to add an address.
    AddAddressCode,
    /// A code to erase an account.
    EraseCode,
    /// Please confirm your RSVP.
    RsvpPleaseConfirm,
    /// You are coming.
    RsvpRegistered,
    /// A seat came free: you are coming.
    RsvpPromoted,
    /// You are on the waitlist.
    RsvpWaitlisted,
    /// A seat came free, and is kept for a while.
    RsvpOffered,
    /// It was not taken in time.
    RsvpOfferExpired,
    /// A host decides whether you come.
    RsvpPendingApproval,
    /// The hosts said no.
    RsvpRefused,
    /// Tomorrow you are coming.
    ReminderDayBefore,
    /// Today you are coming.
    ReminderDayOf,
    /// Thank you for coming.
    RsvpThanks,
    /// A date or the place changed, or the hosts have something to say.
    EventChanged,
    /// What somebody answered for does not take place.
    EventCancelled,
    /// Would you host this with us?
    HostInvitation,
    /// Somebody writes to the hosts.
    HostMessage,
    /// The hosts answer.
    HostAnswer,
    /// What a host wrote to those who answered.
    Announcement,
    /// A host invites you.
    Invitation,
}

/// The words of a message, about an invented event.
#[derive(SimpleObject)]
pub struct MessagePreview {
    /// Of the mail.
    subject: String,
    /// Plain text.
    text: String,
    /// A whole HTML document. What was filled in is escaped.
    html: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::MessageState")]
pub enum MessageState {
    /// It is on its way; nothing more is known yet.
    Sending,
    /// The next server took it.
    Sent,
    /// It was refused for good: there is no such address, or nobody takes mail there.
    Failed,
    /// The answer was lost. It is not sent again.
    Unknown,
    /// It was not sent: the person wants no such messages, or there were too many.
    Suppressed,
}

/// A message about an RSVP, and what became of it. No address is part of it.
pub struct Delivery(entity::message::Model);

/// A message about an RSVP, and what became of it. No address is part of it.
#[Object]
impl Delivery {
    /// What it said; null for what this version no longer sends.
    async fn template(&self) -> Option<MessageTemplate> {
        letter::Template::named(&self.0.template).map(Into::into)
    }
    /// How it went.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }
    /// What became of it.
    async fn state(&self) -> MessageState {
        self.0.state.into()
    }
    /// When that was known; until then, when it was handed over.
    async fn at(&self) -> DateTime<Utc> {
        self.0.settled_at.unwrap_or(self.0.sending_at)
    }
}

/// The messages about an RSVP that the caller has, newest first.
pub(super) async fn deliveries(ctx: &Context<'_>, rsvp_id: Uuid) -> Result<Vec<Delivery>> {
    let rows = loaders_of(ctx).await?.messages.load_one(rsvp_id).await?;
    Ok(rows.unwrap_or_default().into_iter().map(Delivery).collect())
}

/// `messagePreview`
#[derive(Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// How a message reads, with the operator's words where there are any. For organizers. UNAUTHENTICATED, FORBIDDEN,
    /// BAD_USER_INPUT.
    async fn message_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message.")] template: MessageTemplate,
        #[graphql(
            desc = "BCP 47 tag of its language: English or Spanish.",
            default_with = "\"en\".to_owned()"
        )]
        language: String,
    ) -> Option<Result<MessagePreview>> {
        Some(preview(ctx, template, &language).await)
    }
}

async fn preview(ctx: &Context<'_>, template: MessageTemplate, language: &str) -> Result<MessagePreview> {
    let actor = actor_of(ctx).await?;
    Ok(message::preview(app_of(ctx), actor, template.into(), language)?.into())
}

impl From<Words> for MessagePreview {
    fn from(words: Words) -> Self {
        let Words { subject, text, html } = words;
        Self { subject, text, html }
    }
}
