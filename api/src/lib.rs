//! Turnout: the backend behind an events map.
//!
//! # Where things are
//!
//! A request goes through three files that share a name: `graphql/rsvp.rs` (shape), `domain/rsvp.rs` (rule, then
//! action), `entity/src/rsvp.rs` (row). An action takes the app and the actor first, decides permission inside, runs
//! in one write transaction ([`app::App::write`]) and leaves later work as rows in the [`outbox`].
//!
//! | to find | look in |
//! |---|---|
//! | what a client may ask | [`graphql`], and `schema.graphql` |
//! | who may do what, and the rules | [`domain`] |
//! | how events are found | [`map`] |
//! | who is told of changes | [`watch`], [`bus`] |
//! | what runs later | [`outbox`], [`worker`], [`jobs`] |
//! | how clients reach it | [`http`] |
//! | how dates get into calendars | [`calendar`] |
//! | how tables get into spreadsheets | [`spreadsheet`] |
//! | how people are written to | [`letter`], [`channel`] |
//! | how personal data is kept | [`sealed`], [`cells`] |
//! | what a "no" is | [`refusal`] |

// Types of the schema contain each other as deep as it has groups of mutations; tests beside the code serve it.
#![recursion_limit = "256"]

pub mod app;
pub mod auth;
pub mod bus;
pub mod calendar;
pub mod cells;
pub mod channel;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod domain;
pub mod export;
pub mod graphql;
pub mod http;
pub mod import;
pub mod jobs;
pub mod letter;
pub mod limits;
pub mod local;
pub mod map;
pub mod outbox;
pub mod postal;
pub mod queue;
pub mod refusal;
pub mod sealed;
pub mod seed;
pub mod spreadsheet;
pub mod telemetry;
pub mod watch;
pub mod worker;
