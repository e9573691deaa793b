//! What the viewer may be written for.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use crate::domain::consent::{Change, Standing};

/// How a person is reached.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::Channel")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// Text message.
    Sms,
    /// A call by a person.
    Call,
}

/// What a person may be written for. Messages about what they just did need no consent.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ConsentPurpose {
    /// News of what they said yes to: changes, reminders. Granted by answering for an event, until it is withdrawn.
    Notice,
    /// Being asked to take part in something. Needs to be granted.
    Recruitment,
    /// Being invited to an event by one of its hosts, who knows the address. Granted until it is withdrawn; hosts are not told.
    Invitation,
}

/// Whether somebody may be written for a purpose by a channel.
#[derive(SimpleObject)]
pub struct Consent {
    /// By which channel.
    channel: Channel,
    /// For what.
    purpose: ConsentPurpose,
    /// Whether it is granted.
    granted: bool,
    /// Since when; null while the person said nothing.
    since: Option<DateTime<Utc>>,
    /// Names the text that was shown; null while the person said nothing.
    text_version: Option<String>,
    /// Whether STOP was said at an address of this channel. Then nothing optional comes there, whatever is granted.
    suppressed: bool,
}

/// A consent to grant or withdraw.
#[derive(InputObject)]
pub struct UpdateConsentInput {
    /// By which channel.
    channel: Channel,
    /// For what.
    purpose: ConsentPurpose,
    /// Grant it; or withdraw it.
    granted: bool,
    /// Names the text that was shown, such as `2030-01`: 1 to 64 visible ASCII characters. It is kept as proof.
    text_version: String,
}

/// A consent was granted or withdrawn.
#[derive(SimpleObject)]
pub struct UpdateConsentPayload {
    /// As it is now.
    pub(super) consent: Consent,
}

impl From<UpdateConsentInput> for Change {
    fn from(input: UpdateConsentInput) -> Self {
        Self {
            channel: input.channel.into(),
            purpose: match input.purpose {
                ConsentPurpose::Notice => entity::Purpose::Notice,
                ConsentPurpose::Recruitment => entity::Purpose::Recruitment,
                ConsentPurpose::Invitation => entity::Purpose::Invitation,
            },
            granted: input.granted,
            text_version: input.text_version,
        }
    }
}

impl From<Standing> for Consent {
    fn from(standing: Standing) -> Self {
        Self {
            channel: standing.channel.into(),
            purpose: match standing.purpose {
                entity::Purpose::Recruitment => ConsentPurpose::Recruitment,
                entity::Purpose::Invitation => ConsentPurpose::Invitation,
                _ => ConsentPurpose::Notice, // no consent is kept for others
            },
            granted: standing.granted,
            since: standing.said.as_ref().map(|said| said.created_at),
            text_version: standing.said.map(|said| said.text_version),
            suppressed: standing.suppressed,
        }
    }
}
