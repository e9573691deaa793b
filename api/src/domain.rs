//! Rules and actions. An action that is not open to everybody takes the app and the actor first and decides permission inside.
//!
//! Nothing here knows of GraphQL, HTTP or Redis; jobs and commands call the same actions.

pub mod account;
pub mod actor;
pub mod address;
pub mod announcement;
mod audit;
pub mod calendar;
pub mod campaign;
pub(crate) mod code;
pub mod consent;
pub mod contact;
pub mod device;
pub mod email;
pub mod event;
pub mod gate;
pub mod host;
pub mod idempotency;
pub mod invitation;
pub mod keywords;
pub mod link;
pub mod message;
pub mod number;
pub mod page;
pub mod person;
pub mod phone;
pub mod place;
pub mod publication;
pub mod recurrence;
pub(crate) mod reminder;
pub mod rsvp;
pub mod search;
pub mod session;
pub mod sign_in;
pub mod staff;
pub mod text;
pub mod texts;
pub mod webhook;

pub use actor::Actor;
