//! The `turnout` command.

fn main() {}
