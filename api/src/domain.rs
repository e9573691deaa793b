//! stub

pub mod event;
pub mod gate;
pub mod message;
pub mod rsvp;
