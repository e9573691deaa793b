//! Tells a webhook what happened, as often as it takes while there are attempts left.

use std::time::Duration;

use uuid::Uuid;

use super::JobError;
use crate::{
    app::App,
    channel::http::{Failure, Post},
    domain::webhook::{self, Attempt, Begin},
};

pub(super) async fn run(app: &App, attempt: i32, delivery_id: Uuid) -> Result<(), JobError> {
    let is_last = attempt >= app.config.worker.attempts;
    let sending = match webhook::begin(app, delivery_id).await? {
        Begin::Send(sending) => sending,
        Begin::Done => return Ok(()),
        Begin::Rest if is_last => return Ok(webhook::give_up(app, delivery_id).await?),
        Begin::Rest => return Err(JobError::Retry("the receiver fails, and others wait".to_owned())),
    };
    let post = Post {
        url: &sending.url,
        headers: &sending.headers,
        body: sending.body,
        reach: webhook::reach(app),
        deadline: Duration::from_secs(app.config.webhooks.deadline_seconds),
    };
    let (attempt, is_last) = match app.http.send(&post).await {
        Ok(answer) if (200..300).contains(&answer.status) => (Attempt::Taken(answer.status), is_last),
        Ok(answer) => (Attempt::Refused(answer.status), is_last || answer.status == 410),
        Err(failure @ Failure::NotAllowed(_)) => (Attempt::Failed(failure.reason()), true),
        Err(failure) => (Attempt::Failed(failure.reason()), is_last),
    };
    webhook::settle(app, delivery_id, attempt, is_last).await?;
    match attempt {
        // That it was given up is in the list of its deliveries; nobody has to look after the job.
        _ if is_last => Ok(()),
        Attempt::Taken(_) => Ok(()),
        Attempt::Refused(status) => Err(JobError::Retry(format!("the receiver answered {status}"))),
        Attempt::Failed(reason) => Err(JobError::Retry(reason.to_owned())),
    }
}
