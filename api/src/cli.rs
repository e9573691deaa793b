//! Subcommands.

mod export;
mod import;
mod operate;
mod progress;
mod seed;
mod serve;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Result;
use api::{
    config::Config,
    db::{self, Change},
    graphql,
};
use clap::{Args, Parser, Subcommand};

/// The backend behind an events map. Without arguments to `serve` it needs no services and keeps everything in ./data.
#[derive(Parser)]
#[command(name = "turnout", version)]
pub struct Arguments {
    /// A file of settings, laid over the defaults (`turnout config` prints them).
    #[arg(long, global = true, env = "TURNOUT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the API and a worker, and prints where to look first.
    Serve(Serve),
    /// Runs a worker only.
    Work,
    /// Changes the database's schema.
    Migrate {
        #[command(subcommand)]
        action: Option<Migrate>,
    },
    /// Imports events or postal codes. May run while the service does, which sees it within two seconds.
    Import {
        #[command(subcommand)]
        what: import::Import,
    },
    /// Writes events into a file for other systems, or for another Turnout. May run while the service does.
    Export {
        #[command(subcommand)]
        what: export::Export,
    },
    /// Fills an empty database with an invented world, the same for the same numbers: for measuring and for trying out.
    ///
    /// Nobody is written to: all addresses end in @example.org, and no jobs are left. It refuses a database that holds
    /// people or events. If it is interrupted, make the database anew before running it again.
    Seed(seed::Seed),
    /// Prints an access token for the person of an address, who need not exist yet. It lasts ten minutes.
    Token {
        /// The address.
        #[arg(long)]
        email: String,
        /// A role to grant as well: how the first ADMIN comes to be.
        #[arg(long, value_name = "ROLE")]
        staff: Option<operate::Role>,
    },
    /// Looks at jobs.
    Jobs {
        #[command(subcommand)]
        what: Option<operate::Jobs>,
    },
    /// Prints the GraphQL schema.
    Schema,
    /// Prints the settings in force, secrets masked.
    Config,
}

#[derive(Args)]
struct Serve {
    /// Where to listen, instead of the setting `listen`.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Loads invented events near a dozen cities, to have something to see.
    #[arg(long)]
    demo: bool,
    /// Leaves the jobs to `turnout work`.
    #[arg(long)]
    no_worker: bool,
}

#[derive(Subcommand)]
enum Migrate {
    /// Makes every change that is pending (the default). Several at once are safe.
    Up,
    /// Takes the newest change back, with its data.
    Down,
    /// Lists the changes.
    Status,
}

/// Does what `arguments` say.
pub async fn run(arguments: Arguments) -> Result<()> {
    let load = |flags: &[(&str, String)]| Config::load(arguments.config.as_deref(), flags);
    match arguments.command {
        Command::Serve(Serve {
            listen,
            demo,
            no_worker,
        }) => {
            let flags: Vec<_> = listen.map(|listen| ("listen", listen)).into_iter().collect();
            serve::serve(load(&flags)?, demo, !no_worker).await
        }
        Command::Work => serve::work(load(&[])?).await,
        Command::Migrate { action } => migrate(&load(&[])?, action.unwrap_or(Migrate::Up)).await,
        Command::Import { what } => import::run(load(&[])?, what).await,
        Command::Export { what } => export::run(load(&[])?, what).await,
        Command::Seed(plan) => seed::run(load(&[])?, plan).await,
        Command::Token { email, staff } => operate::token(load(&[])?, &email, staff).await,
        Command::Jobs { what } => operate::jobs(&load(&[])?, what.unwrap_or(operate::Jobs::List)).await,
        Command::Schema => print(&graphql::printed()),
        Command::Config => print(&load(&[])?.to_string()),
    }
}

async fn migrate(config: &Config, action: Migrate) -> Result<()> {
    match action {
        Migrate::Up => db::migrate(config, Change::Up).await?,
        Migrate::Down => db::migrate(config, Change::Down).await?,
        Migrate::Status => {}
    }
    let changes = db::changes(config).await?;
    let line =
        |(name, done): &(String, bool)| format!("{} {name}\n", if *done { "done   " } else { "pending" });
    print(&changes.iter().map(line).collect::<String>())
}

/// Writes what a command was asked for. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
