//! `turnout import …`

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use api::{
    app::App,
    clock::Clock,
    config::Config,
    import::{mobilize, postal_codes},
};
use chrono::NaiveDate;
use clap::Subcommand;

use super::progress::Progress;

/// What to import.
#[derive(Subcommand)]
pub enum Import {
    /// Events in the shape of the Mobilize API v1, "list events". Running it again updates and never doubles.
    Mobilize {
        /// The JSON file.
        file: PathBuf,
        /// Moves all by whole weeks, so that the first lies on or after this date; local times are kept.
        #[arg(long, value_name = "YYYY-MM-DD")]
        shift_to: Option<NaiveDate>,
    },
    /// Centres of postal codes: a CSV file `country,code,latitude,longitude`. Those of the USA are built in.
    PostalCodes {
        /// The CSV file.
        file: PathBuf,
    },
}

/// Imports, tells how it goes on standard error and what came of it on standard output.
pub async fn run(config: Config, what: Import) -> Result<()> {
    let app = App::start(config, Clock::System).await?;
    match what {
        Import::Mobilize { file, shift_to } => events(&app, &file, shift_to).await,
        Import::PostalCodes { file } => codes(&app, &file).await,
    }
}

async fn events(app: &App, file: &Path, shift_to: Option<NaiveDate>) -> Result<()> {
    let mut progress = Progress::new("events");
    let report = mobilize::import(app, file, shift_to, |done, total| {
        progress.show(done, Some(total))
    })
    .await
    .with_context(|| format!("importing {}", file.display()))?;
    progress.end();
    let mut text = format!(
        "{} events new, {} changed, {} as they were; {} timeslots\n",
        report.created, report.updated, report.unchanged, report.timeslots
    );
    list(&mut text, "left out", &report.left_out);
    list(&mut text, "not taken", &report.refused);
    super::print(&text)
}

async fn codes(app: &App, file: &Path) -> Result<()> {
    let mut progress = Progress::new("lines");
    let report = postal_codes::import(app, file, |taken| progress.show(taken, None)).await?;
    progress.end();
    let mut text = format!("{} postal codes taken\n", report.taken);
    list(&mut text, "not taken", &report.refused);
    super::print(&text)?;
    if report.taken == 0 {
        bail!("nothing was taken");
    }
    Ok(())
}

fn list(text: &mut String, what: &str, complaints: &[impl Display]) {
    for complaint in complaints {
        text.push_str(&format!("{what}: {complaint}\n"));
    }
}
