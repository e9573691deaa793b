//! Hands a mail to its channel, once, and writes down what became of it.

use entity::MessageState;

use crate::{
    app::App,
    channel::{Mail, Outcome},
    domain::message::{self, Begin, Letter},
    jobs::JobError,
};

/// Claims the message. False when there is nothing to send: it was sent, may have been, or may not be.
pub(super) async fn begin(app: &App, letter: &Letter) -> Result<bool, JobError> {
    let begin = message::begin(app, letter).await?;
    if begin != Begin::Go {
        tracing::info!(message = %letter.id, template = letter.template.name(), ?begin, "a message is not sent");
    }
    Ok(begin == Begin::Go)
}

/// Sends a message that was claimed.
pub(super) async fn send(app: &App, mail: &Mail) -> Result<(), JobError> {
    let (state, detail) = match app.channels.send(mail).await {
        Outcome::Sent => (MessageState::Sent, "accepted".to_owned()),
        Outcome::NotSent(reason) => {
            message::release(app, mail.id).await?;
            return Err(JobError::Retry(reason));
        }
        Outcome::Refused(reason) => (MessageState::Failed, reason),
        Outcome::Unknown(reason) => (MessageState::Unknown, reason),
    };
    if state != MessageState::Sent {
        tracing::warn!(message = %mail.id, detail, ?state, "a message was not accepted");
    }
    Ok(message::settle(app, mail.id, state, &detail).await?)
}
