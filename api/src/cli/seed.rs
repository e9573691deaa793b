//! `turnout seed`

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use api::{
    app::App,
    clock::Clock,
    config::Config,
    seed::{self, Plan},
};
use chrono::{DateTime, NaiveTime, Utc};
use clap::Args;

use super::progress::Progress;

/// How large the world is, and which.
#[derive(Args)]
pub struct Seed {
    /// How many people; at least 10. The first is an ADMIN, the next ones are ORGANIZERs, then come RECRUITERs.
    #[arg(long, default_value_t = 10_000)]
    people: u32,
    /// How many events, whatever their status.
    #[arg(long, default_value_t = 500)]
    events: u32,
    /// How many of them begin within 30 days [default: 40 in a hundred]. The others began within the last 700 days.
    #[arg(long)]
    upcoming: Option<u32>,
    /// How many RSVPs, whatever their status.
    #[arg(long, default_value_t = 20_000)]
    rsvps: u32,
    /// Another number makes another world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When it is in that world [default: the last midnight in UTC]. The same time is needed for the same world.
    #[arg(long, value_name = "RFC 3339")]
    at: Option<DateTime<Utc>>,
}

/// Makes it, tells how it goes on standard error and what came of it on standard output.
pub async fn run(config: Config, plan: Seed) -> Result<()> {
    let begun = Instant::now();
    let app = App::start(config, Clock::System).await?;
    let midnight = app.clock.now().date_naive().and_time(NaiveTime::MIN).and_utc();
    let forty_percent = u64::from(plan.events) * 2 / 5;
    let plan = Plan {
        people: plan.people,
        events: plan.events,
        upcoming: plan.upcoming.unwrap_or(u32::try_from(forty_percent)?),
        rsvps: plan.rsvps,
        seed: plan.seed,
        at: plan.at.unwrap_or(midnight),
    };
    let mut progress: Option<(&str, Progress)> = None;
    let report = seed::run(&app, plan, |what, done, total| {
        if progress.as_ref().is_none_or(|(shown, _)| *shown != what) {
            if let Some((_, last)) = &mut progress {
                last.end();
            }
            progress = Some((what, Progress::new(what)));
        }
        if let Some((_, progress)) = &mut progress {
            progress.show(done, Some(total));
        }
    })
    .await;
    if let Some((_, last)) = &mut progress {
        last.end();
    }
    let report = report?;
    // What is still in SQLite's log goes into the file.
    if let Some(app) = Arc::into_inner(app) {
        app.db.close().await?;
    }
    super::print(&format!(
        "{} people, {} events with {} dates, {} RSVPs, {} mails in the ledger, {} suppressed addresses; {:.1} s\n\n  \
         turnout token --email {} prints an access token of an admin,\n  \
         and with another number one of somebody else\n",
        report.people,
        report.events,
        report.timeslots,
        report.rsvps,
        report.messages,
        report.suppressions,
        begun.elapsed().as_secs_f64(),
        seed::email(0),
    ))
}
