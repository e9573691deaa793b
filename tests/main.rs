//! Black-box tests: GraphQL and HTTP against a listening server, in both modes.
//!
//! `scenario!` makes `name::embedded` (SQLite, in-process queue) and `name::production` (PostgreSQL, Redis) of one
//! function. `./test` starts the servers that production needs and says where they are.

// As in the program: the schema's types are deep.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should fail where it stands"
)]

#[macro_use]
mod harness;

mod account;
mod announcements;
mod attendees;
mod authorization;
mod bounds;
mod caching;
mod campaigns;
mod changes;
mod clients;
mod contract;
mod delivery;
mod durability;
mod events;
mod feeds;
mod freshness;
mod fuzz;
mod hosts;
mod idempotency;
mod invitations;
mod joining;
mod layers;
mod links;
mod messages;
mod migrations;
mod mobilize;
mod model;
mod outage;
mod plain;
mod races;
mod rates;
mod review;
mod rsvps;
mod search;
mod seed;
mod series;
mod sign_in;
mod smoke;
mod staff;
mod statements;
mod strangers;
mod subscriptions;
mod texts;
mod waitlist;
mod webhooks;
