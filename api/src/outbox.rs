//! Jobs, written in the transaction that causes them.
//!
//! *The row is the job; the queue is a doorbell.* A row is claimed by one UPDATE, runs, and is finished. The same path
//! covers the first delivery, a crash between commit and ring, a flushed Redis, an expired lease, a retry and a job
//! that is due later.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{Lane, outbox};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{letter::Language, refusal::Refusal};

mod inspect;
mod work;

pub use inspect::{LaneStats, State, list, reopen, stats};
pub use work::{Claimed, claim, due, fail, finish, retry_at, unring, waiting};

/// Every kind of job. Payloads hold ids and no personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// Sends a one-time code.
    SendSignInCode {
        /// Row of `sign_in_code`.
        code_id: Uuid,
        /// What the client that asked for it speaks.
        #[serde(default)]
        language: Option<Language>,
    },
    /// Tells a person where their RSVP stands.
    SendRsvpMail {
        /// Row of `rsvp`.
        rsvp_id: Uuid,
        /// What to say.
        mail: RsvpMail,
    },
    /// Asks somebody to host an event.
    SendHostInvitation {
        /// Row of `host_invitation`.
        invitation_id: Uuid,
    },
    /// Passes on what was written to the hosts of an event, or what they answer.
    SendHostMessage {
        /// Row of `host_message`.
        message_id: Uuid,
        /// Row of `event_host`: to whom; none for an answer, which goes to whoever wrote.
        host_id: Option<Uuid>,
    },
    /// Invites somebody by mail.
    SendInvitation {
        /// Row of `invitation`.
        invitation_id: Uuid,
    },
    /// Gives back the seats of an RSVP that was not confirmed in time.
    ReleaseHold {
        /// Row of `rsvp`.
        rsvp_id: Uuid,
    },
    /// Goes on giving free seats to those who wait.
    LetIn {
        /// Row of `timeslot`.
        timeslot_id: Uuid,
    },
    /// Passes on seats that were offered and not taken in time.
    ExpireOffers {
        /// Row of `timeslot`.
        timeslot_id: Uuid,
    },
    /// Decides what a notice of changes says, unless further changes put it off.
    CloseNotice {
        /// Row of `notice`.
        notice_id: Uuid,
    },
    /// Leaves a job for each of the next people whom a notice is for.
    SpreadNotice {
        /// Row of `notice`.
        notice_id: Uuid,
        /// Which of its dates.
        date: usize,
        /// The last person before them.
        after: Option<Uuid>,
    },
    /// Tells one person what changed.
    SendNotice {
        /// Row of `rsvp`.
        rsvp_id: Uuid,
        /// Row of `notice`.
        notice_id: Uuid,
    },
    /// Leaves the jobs of dates that are near, then comes back some minutes later.
    PlanReminders,
    /// Leaves a job for each of the next people who come to a date.
    Remind {
        /// Row of `timeslot`.
        timeslot_id: Uuid,
        /// What for.
        reminder: Reminder,
        /// Its start, or its end for thanks. Nothing is done when it is no longer that.
        at: DateTime<Utc>,
        /// The last person before them.
        after: Option<Uuid>,
    },
    /// Reminds or thanks one person.
    SendReminder {
        /// Row of `rsvp`.
        rsvp_id: Uuid,
        /// What for.
        reminder: Reminder,
        /// As in `Remind`.
        at: DateTime<Utc>,
    },
    /// Leaves an announcement for its next people.
    SpreadAnnouncement {
        /// Row of `announcement`.
        announcement_id: Uuid,
        /// Which part of them.
        part: i32,
    },
    /// Sends an announcement to one person.
    SendAnnouncement {
        /// Row of `announcement`.
        announcement_id: Uuid,
        /// One of their RSVPs: a row of `rsvp`.
        rsvp_id: Uuid,
    },
    /// Tells a webhook what happened.
    DeliverWebhook {
        /// Row of `webhook_delivery`.
        delivery_id: Uuid,
    },
    /// Deletes rows whose time is over, then comes back the next day.
    Retain,
}

/// What a mail about an RSVP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RsvpMail {
    /// Please follow the link to confirm.
    PleaseConfirm,
    /// You are coming.
    Registered,
    /// You are on the waitlist.
    Waitlisted,
    /// A seat came free: you are coming.
    Promoted,
    /// A seat came free, and is kept until you say whether you want it.
    Offered,
    /// You did not say so in time.
    OfferExpired,
    /// A host decides whether you come.
    PendingApproval,
    /// The hosts said no.
    Refused,
}

/// What somebody who comes is told without having asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reminder {
    /// On the day before.
    DayBefore,
    /// On the day.
    DayOf,
    /// After the end.
    Thanks,
}

impl Job {
    /// Its name in lists.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SendSignInCode { .. } => "send_sign_in_code",
            Self::SendRsvpMail { .. } => "send_rsvp_mail",
            Self::SendHostInvitation { .. } => "send_host_invitation",
            Self::SendHostMessage { .. } => "send_host_message",
            Self::SendInvitation { .. } => "send_invitation",
            Self::ReleaseHold { .. } => "release_hold",
            Self::LetIn { .. } => "let_in",
            Self::ExpireOffers { .. } => "expire_offers",
            Self::CloseNotice { .. } => "close_notice",
            Self::SpreadNotice { .. } => "spread_notice",
            Self::SendNotice { .. } => "send_notice",
            Self::PlanReminders => "plan_reminders",
            Self::Remind { .. } => "remind",
            Self::SendReminder { .. } => "send_reminder",
            Self::SpreadAnnouncement { .. } => "spread_announcement",
            Self::SendAnnouncement { .. } => "send_announcement",
            Self::DeliverWebhook { .. } => "deliver_webhook",
            Self::Retain => "retain",
        }
    }

    /// Its queue.
    pub fn lane(&self) -> Lane {
        match self {
            // What somebody waits for, or what seats wait for. None of it is behind the mails of others.
            Self::SendSignInCode { .. }
            | Self::SendRsvpMail {
                mail: RsvpMail::PleaseConfirm | RsvpMail::Offered,
                ..
            }
            | Self::ReleaseHold { .. }
            | Self::LetIn { .. }
            | Self::ExpireOffers { .. } => Lane::Now,
            Self::SendRsvpMail { .. }
            | Self::SendHostInvitation { .. }
            | Self::SendHostMessage { .. }
            | Self::SendInvitation { .. }
            | Self::CloseNotice { .. }
            | Self::SpreadNotice { .. }
            | Self::PlanReminders
            | Self::Remind { .. }
            | Self::Retain => Lane::Soon,
            // Everybody who comes to something large, at the same hour.
            Self::SendNotice { .. }
            | Self::SendReminder { .. }
            | Self::SpreadAnnouncement { .. }
            | Self::SendAnnouncement { .. }
            | Self::DeliverWebhook { .. } => Lane::Bulk,
        }
    }
}

/// Writes `job`, to run at `due_at`. With a `unique_key`, a second job of the same key is dropped.
pub async fn enqueue(
    db: &impl ConnectionTrait,
    job: &Job,
    now: DateTime<Utc>,
    due_at: DateTime<Utc>,
    unique_key: Option<String>,
) -> Result<(), Refusal> {
    let on_conflict = OnConflict::column(outbox::Column::UniqueKey)
        .do_nothing()
        .to_owned();
    outbox::Entity::insert(row(job, now, due_at, unique_key)?)
        .on_conflict(on_conflict)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Takes back a job that the same transaction left to run at once, at `now`.
pub async fn withdraw(db: &impl ConnectionTrait, job: &Job, now: DateTime<Utc>) -> Result<(), Refusal> {
    outbox::Entity::delete_many()
        .filter(outbox::Column::Lane.eq(job.lane()))
        .filter(outbox::Column::DueAt.eq(now))
        .filter(outbox::Column::Payload.eq(serde_json::to_string(job).map_err(Refusal::internal)?))
        .exec(db)
        .await?;
    Ok(())
}

/// Lets another job of this unique key be left.
pub async fn forget_key(db: &impl ConnectionTrait, key: &str) -> Result<(), Refusal> {
    outbox::Entity::update_many()
        .col_expr(outbox::Column::UniqueKey, Expr::value(None::<String>))
        .filter(outbox::Column::UniqueKey.eq(key))
        .exec(db)
        .await?;
    Ok(())
}

/// Those of some unique keys of which a job was left, done or not.
pub async fn those_left(db: &impl ConnectionTrait, keys: &[String]) -> Result<HashSet<String>, Refusal> {
    let mut left = HashSet::new();
    for keys in keys.chunks(1_000) {
        let rows = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::UniqueKey)
            .filter(outbox::Column::UniqueKey.is_in(keys.iter().map(String::as_str)))
            .into_tuple::<String>();
        left.extend(rows.all(db).await?);
    }
    Ok(left)
}

/// Those of some jobs of one lane that are yet to be done.
pub async fn waiting_of(db: &impl ConnectionTrait, jobs: &[Job]) -> Result<Vec<Job>, Refusal> {
    let payloads: Result<Vec<String>, _> = jobs.iter().map(serde_json::to_string).collect();
    let rows: Vec<String> = outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Payload)
        .filter(outbox::Column::Lane.is_in(jobs.first().map(Job::lane)))
        .filter(outbox::Column::DoneAt.is_null())
        .filter(outbox::Column::FailedAt.is_null())
        .filter(outbox::Column::Payload.is_in(payloads.map_err(Refusal::internal)?))
        .into_tuple()
        .all(db)
        .await?;
    let read = |row: String| serde_json::from_str(&row).map_err(Refusal::internal);
    rows.into_iter().map(read).collect()
}

/// Writes `jobs`, to run at once.
pub async fn enqueue_all(db: &impl ConnectionTrait, jobs: &[Job], now: DateTime<Utc>) -> Result<(), Refusal> {
    let rows = jobs.iter().map(|job| row(job, now, now, None));
    let rows: Vec<outbox::ActiveModel> = rows.collect::<Result<_, _>>()?;
    outbox::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Writes jobs, each to run at its time, but for those whose unique key is there already.
pub async fn enqueue_each(
    db: &impl ConnectionTrait,
    jobs: &[(Job, DateTime<Utc>, String)],
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let rows = jobs
        .iter()
        .map(|(job, due_at, key)| row(job, now, *due_at, Some(key.clone())));
    let rows: Vec<outbox::ActiveModel> = rows.collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Ok(());
    }
    let on_conflict = OnConflict::column(outbox::Column::UniqueKey)
        .do_nothing()
        .to_owned();
    outbox::Entity::insert_many(rows)
        .on_conflict(on_conflict)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

fn row(
    job: &Job,
    now: DateTime<Utc>,
    due_at: DateTime<Utc>,
    unique_key: Option<String>,
) -> Result<outbox::ActiveModel, Refusal> {
    Ok(outbox::ActiveModel {
        id: Set(Uuid::now_v7()),
        lane: Set(job.lane()),
        kind: Set(job.kind().to_owned()),
        payload: Set(serde_json::to_string(job).map_err(Refusal::internal)?),
        attempts: Set(0),
        due_at: Set(due_at),
        rung_at: NotSet,
        done_at: NotSet,
        failed_at: NotSet,
        last_error: NotSet,
        unique_key: Set(unique_key),
        created_at: Set(now),
    })
}
