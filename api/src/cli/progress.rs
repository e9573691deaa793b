//! How far a long command is, on standard error.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Between two lines, where there is no terminal.
const PAUSE: Duration = Duration::from_secs(2);
const BAR: usize = 30;

/// A bar on a terminal; elsewhere a line now and then.
pub struct Progress {
    what: &'static str,
    terminal: bool,
    shown: Instant,
}

impl Progress {
    pub fn new(what: &'static str) -> Self {
        Self {
            what,
            terminal: io::stderr().is_terminal(),
            shown: Instant::now(),
        }
    }

    /// `done` of them, out of `total` if that is known.
    pub fn show(&mut self, done: usize, total: Option<usize>) {
        let last = total == Some(done);
        if !self.terminal && !last && self.shown.elapsed() < PAUSE {
            return;
        }
        self.shown = Instant::now();
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        let line = format!("{done}{of} {}", self.what);
        // Nobody to read it is no reason to stop.
        let _ = match (self.terminal, total) {
            (true, Some(total)) => write!(io::stderr(), "{} {line}\r", bar(done, total)),
            (true, None) => write!(io::stderr(), "{line}\r"),
            (false, _) => writeln!(io::stderr(), "{line}"),
        };
    }

    pub fn end(&mut self) {
        if self.terminal {
            let _ = writeln!(io::stderr());
        }
    }
}

fn bar(done: usize, total: usize) -> String {
    let full = (done * BAR / total.max(1)).min(BAR);
    format!("[{}{}]", "#".repeat(full), ".".repeat(BAR - full))
}
