//! Log lines, on standard error: standard output belongs to what a command prints.

use std::io::{self, IsTerminal};

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::Log;

/// Sends log lines where `log` says, from now on. Fails when it was called before, or when the filter cannot be read.
pub fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.level).with_context(|| format!("log.level: {:?}", log.level))?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = if log.json {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.with_ansi(io::stderr().is_terminal()).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("log lines: {error}"))
}
