//! Black-box tests.
mod delivery;
