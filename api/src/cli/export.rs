//! `turnout export …`

use std::path::PathBuf;

use anyhow::{Context, Result};
use api::{app::App, clock::Clock, config::Config, export::mobilize};
use clap::Subcommand;

use super::progress::Progress;

/// What to export.
#[derive(Subcommand)]
pub enum Export {
    /// Published events in the shape of the Mobilize API v1, "list events", which `turnout import mobilize` reads back.
    Mobilize {
        /// The file to make. It must not exist; only its owner may read it.
        file: PathBuf,
        /// Also events that are on no list, and the hidden addresses, links and instructions of all. Keep such a file as
        /// carefully as the keys.
        #[arg(long)]
        private: bool,
    },
}

/// Exports, tells how it goes on standard error and what came of it on standard output.
pub async fn run(config: Config, what: Export) -> Result<()> {
    let app = App::start(config, Clock::System).await?;
    let Export::Mobilize { file, private } = what;
    let mut progress = Progress::new("events");
    let report = mobilize::write(&app, &file, private, |done, total| {
        progress.show(done, Some(total));
    })
    .await
    .with_context(|| format!("exporting to {}", file.display()))?;
    progress.end();
    super::print(&format!(
        "{} events, {} timeslots\n",
        report.events, report.timeslots
    ))
}
