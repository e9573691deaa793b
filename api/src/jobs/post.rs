//! Hands a message to its channel, once, and writes down what became of it.

use entity::{Channel, MessageState};
use sea_orm::ActiveEnum;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    channel::{Mail, Outcome, Text},
    domain::{
        message::{self, Begin, Letter},
        phone::Phone,
    },
    jobs::JobError,
    letter::{Language, Template},
};

/// Claims the message. False when there is nothing to send: it was sent, may have been, or may not be.
pub(super) async fn begin(app: &App, letter: &Letter) -> Result<bool, JobError> {
    let begin = message::begin(app, letter).await?;
    if begin != Begin::Go {
        tracing::info!(message = %letter.id, template = letter.template.name(), ?begin, "a message is not sent");
    }
    Ok(begin == Begin::Go)
}

/// The same for one of an announcement about an event.
pub(super) async fn begin_announced(
    app: &App,
    letter: &Letter,
    about: (Uuid, Uuid),
) -> Result<bool, JobError> {
    let begin = message::begin_announced(app, letter, about).await?;
    if begin != Begin::Go {
        tracing::info!(message = %letter.id, ?begin, "an announcement is not sent");
    }
    Ok(begin == Begin::Go)
}

/// Sends a mail that was claimed.
pub(super) async fn send(app: &App, mail: &Mail) -> Result<(), JobError> {
    settle(app, mail.id, app.channels.send(mail).await).await
}

/// A message as its channel takes it.
pub(super) enum Message {
    Mail(Box<Mail>),
    Text(Text),
}

impl Message {
    /// Sends a message that was claimed.
    pub(super) async fn send(&self, app: &App) -> Result<(), JobError> {
        match self {
            Self::Mail(mail) => send(app, mail).await,
            Self::Text(text) => send_text(app, text).await,
        }
    }
}

/// A text, with how to stop them if it is the first to that number.
pub(super) async fn text(
    app: &App,
    id: Uuid,
    phone: &Phone,
    template: Template,
    language: Language,
    values: &impl Serialize,
) -> Result<Text, JobError> {
    let is_first = message::is_first(app, Channel::Sms, phone.reveal()).await?;
    Ok(Text {
        id,
        to: phone.reveal().to_owned(),
        text: app.letters.text(template, language, values, is_first)?,
    })
}

/// Nothing more goes to a number that takes none.
async fn send_text(app: &App, text: &Text) -> Result<(), JobError> {
    let outcome = app.channels.send_text(text).await;
    if let Outcome::Undeliverable(reason) = outcome {
        let index = app.keys.index(&Channel::Sms.to_value(), &text.to)?;
        message::suppress(app.db.writer(), Channel::Sms, &index, reason, app.clock.now()).await?;
    }
    settle(app, text.id, outcome).await
}

async fn settle(app: &App, id: Uuid, outcome: Outcome) -> Result<(), JobError> {
    let (state, detail) = match outcome {
        Outcome::Sent => (MessageState::Sent, "accepted".to_owned()),
        Outcome::NotSent(reason) => {
            message::release(app, id).await?;
            return Err(JobError::Retry(reason));
        }
        Outcome::Refused(reason) => (MessageState::Failed, reason),
        Outcome::Undeliverable(reason) => (MessageState::Failed, reason.to_owned()),
        Outcome::Unknown(reason) => (MessageState::Unknown, reason),
    };
    if state != MessageState::Sent {
        tracing::warn!(message = %id, detail, ?state, "a message was not accepted");
    }
    Ok(message::settle(app, id, state, &detail).await?)
}
