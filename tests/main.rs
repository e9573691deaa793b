//! Black-box tests: GraphQL and HTTP against a listening server, in both modes.
//!
//! `scenario!` makes `name::embedded` (SQLite, in-process queue) and `name::production` (PostgreSQL, Redis) of one
//! function. `./test` starts the servers that production needs and says where they are.

#[macro_use]
mod harness;

mod authorization;
mod contract;
mod events;
mod http;
mod import;
mod layers;
mod links;
mod map;
mod migrations;
mod messages;
mod queue;
mod races;
mod rsvps;
mod sign_in;
mod smoke;
mod staff;
mod statements;
