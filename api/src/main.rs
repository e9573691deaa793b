//! The `turnout` command.

// Types of the schema contain each other as deep as it has groups of mutations.
#![recursion_limit = "256"]

mod cli;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    let arguments = cli::Arguments::parse();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(cli::run(arguments))
}
