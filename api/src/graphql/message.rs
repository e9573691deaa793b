//! Messages to people: their words.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use super::caller::{actor_of, app_of};
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
    /// Would you host this with us?
    HostInvitation,
    /// Somebody writes to the hosts.
    HostMessage,
    /// The hosts answer.
    HostAnswer,
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
