//! What runs later: one file for each kind of job.

use uuid::Uuid;

use crate::{
    app::App,
    domain::{announcement, event::notice, reminder, rsvp},
    outbox::Job,
    refusal::{Code, Refusal},
};

mod deliver_webhook;
pub mod plan_reminders;
mod post;
pub mod retain;
mod rsvp_letter;
mod send_announcement;
mod send_host_invitation;
mod send_host_message;
mod send_invitation;
mod send_notice;
mod send_reminder;
mod send_rsvp_mail;
mod send_sign_in_code;

/// Why a job did not succeed. The texts are stored and logged: no personal data.
#[derive(Debug)]
pub enum JobError {
    /// May succeed later.
    Retry(String),
    /// Will never succeed.
    Fail(String),
}

/// Runs `job`, whose row is `id`, for the `attempt`th time. May be called again for a job that had run to its end,
/// when the worker died before that was written down.
pub async fn run(app: &App, id: Uuid, attempt: i32, job: Job) -> Result<(), JobError> {
    tracing::debug!(job = %id, kind = job.kind(), attempt, "a job begins");
    match job {
        Job::SendSignInCode { code_id, language } => send_sign_in_code::run(app, id, code_id, language).await,
        Job::SendRsvpMail { rsvp_id, mail } => send_rsvp_mail::run(app, id, rsvp_id, mail).await,
        Job::SendHostInvitation { invitation_id } => send_host_invitation::run(app, id, invitation_id).await,
        Job::SendHostMessage { message_id, host_id } => {
            send_host_message::run(app, id, message_id, host_id).await
        }
        Job::SendInvitation { invitation_id } => send_invitation::run(app, id, invitation_id).await,
        Job::ReleaseHold { rsvp_id } => Ok(rsvp::release_hold(app, rsvp_id).await?),
        Job::LetIn { timeslot_id } => Ok(rsvp::let_in_more(app, timeslot_id).await?),
        Job::ExpireOffers { timeslot_id } => Ok(rsvp::expire_offers(app, timeslot_id).await?),
        Job::CloseNotice { notice_id } => Ok(notice::close(app, notice_id).await?),
        Job::SpreadNotice {
            notice_id,
            date,
            after,
        } => Ok(notice::spread(app, notice_id, date, after).await?),
        Job::SendNotice { rsvp_id, notice_id } => send_notice::run(app, id, rsvp_id, notice_id).await,
        Job::PlanReminders => plan_reminders::run(app).await,
        Job::Remind {
            timeslot_id,
            reminder,
            at,
            after,
        } => Ok(reminder::spread(app, reminder, timeslot_id, at, after).await?),
        Job::SendReminder {
            rsvp_id,
            reminder,
            at,
        } => send_reminder::run(app, id, rsvp_id, reminder, at).await,
        Job::SpreadAnnouncement {
            announcement_id,
            part,
        } => Ok(announcement::spread(app, announcement_id, part).await?),
        Job::SendAnnouncement {
            announcement_id,
            rsvp_id,
        } => send_announcement::run(app, id, announcement_id, rsvp_id).await,
        Job::DeliverWebhook { delivery_id } => deliver_webhook::run(app, attempt, delivery_id).await,
        Job::Retain => retain::run(app).await,
    }
}

/// Faults pass; a rule's "no" stays.
impl From<Refusal> for JobError {
    fn from(refusal: Refusal) -> Self {
        match (&refusal, refusal.code()) {
            (Refusal::Internal(cause), _) => Self::Retry(cause.clone()),
            (_, Code::Unavailable | Code::Conflict | Code::RateLimited) => Self::Retry(refusal.to_string()),
            _ => Self::Fail(refusal.to_string()),
        }
    }
}

impl From<sea_orm::DbErr> for JobError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Retry(error.to_string())
    }
}

#[cfg(test)]
pub(crate) mod tests;
