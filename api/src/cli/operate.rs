//! `turnout token` and `turnout jobs`: for operators and scripts.

use anyhow::{Context, Result, ensure};
use api::{
    app::App,
    clock::Clock,
    config::Config,
    db::Db,
    domain::{Actor, email::Email, session, staff},
    outbox::{self, State},
};
use clap::{Subcommand, ValueEnum};
use entity::StaffRole;
use uuid::Uuid;

/// Roles of staff, as the command line names them.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    Admin,
    Organizer,
    Recruiter,
    Caller,
    Transcriber,
}

/// What to do with jobs.
#[derive(Subcommand)]
pub enum Jobs {
    /// Lists jobs that failed for good (the default).
    List,
    /// Counts jobs by lane.
    Stats,
    /// Opens a failed job again.
    Retry {
        /// Its id, from the list.
        id: Uuid,
    },
}

/// Prints an access token for the person of an address, who is made if there is none, and grants a role if asked to.
pub async fn token(config: Config, email: &str, role: Option<Role>) -> Result<()> {
    let app = App::start(config, Clock::System).await?;
    let email = Email::parse(email, &["email"])?;
    if let Some(role) = role {
        staff::grant(&app, &Actor::System, &email, role.into(), None).await?;
    }
    let tokens = session::open_for_operator(&app, &email).await?;
    super::print(&format!("{}\n", tokens.access_token))
}

/// Looks at the outbox.
pub async fn jobs(config: &Config, what: Jobs) -> Result<()> {
    let db = Db::connect(config).await?;
    match what {
        Jobs::List => {
            let failed = outbox::list(db.reader(), Some(State::Failed), 1000).await?;
            let line = |job: &entity::outbox::Model| {
                let error = job.last_error.as_deref().unwrap_or_default();
                format!(
                    "{} {} after {} attempts: {error}\n",
                    job.id, job.kind, job.attempts
                )
            };
            super::print(&failed.iter().map(line).collect::<String>())
        }
        Jobs::Stats => {
            let line = |lane: &outbox::LaneStats| {
                let oldest = lane
                    .oldest_due
                    .map(|at| format!(", oldest due {}", at.to_rfc3339()))
                    .unwrap_or_default();
                format!(
                    "{}: {} open, {} done, {} failed{oldest}\n",
                    lane.lane, lane.open, lane.done, lane.failed
                )
            };
            super::print(
                &outbox::stats(db.reader())
                    .await?
                    .iter()
                    .map(line)
                    .collect::<String>(),
            )
        }
        Jobs::Retry { id } => {
            let opened = outbox::reopen(db.writer(), id, Clock::System.now())
                .await
                .context("opening it again")?;
            ensure!(opened, "there is no failed job with this id");
            Ok(())
        }
    }
}

impl From<Role> for StaffRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Organizer => Self::Organizer,
            Role::Recruiter => Self::Recruiter,
            Role::Caller => Self::Caller,
            Role::Transcriber => Self::Transcriber,
        }
    }
}
