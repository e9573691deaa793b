//! Black-box tests.

#[cfg(test)]
mod delivery;
