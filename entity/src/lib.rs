//! Rows of the Turnout database, one file per table, and the value types stored in them.
//!
//! Nothing here decides anything: rules live in `api::domain`, and what a client sees is written by hand in
//! `api::graphql`, so that a new column never becomes a public field by accident.
//!
//! Conventions: ids are UUID v7; times are UTC with microseconds and end in `_at`; `version` counts the changes of a
//! row and `changed_at` says when the last one was; columns of type [`SealedBytes`] are encrypted.

mod guests;
mod review_category;
mod rsvp_values;
mod sealed_bytes;
mod values;

pub mod announcement;
pub mod attendee_export;
pub mod audit;
pub mod calendar_link;
pub mod campaign;
pub mod campaign_guidelines;
pub mod consent;
pub mod contact_point;
pub mod event;
pub mod event_change;
pub mod event_host;
pub mod event_mute;
pub mod guidelines_acceptance;
pub mod host_invitation;
pub mod host_link;
pub mod host_message;
pub mod host_standing;
pub mod idempotency_key;
pub mod invitation;
pub mod invitation_link;
pub mod link;
pub mod message;
pub mod notice;
pub mod number;
pub mod outbox;
pub mod person;
pub mod postal_code;
pub mod publication;
pub mod refresh_token;
pub mod rsvp;
pub mod series;
pub mod session;
pub mod sign_in_code;
pub mod signing_key;
pub mod staff_role;
pub mod suppression;
pub mod text_ask;
pub mod timeslot;
pub mod webhook;
pub mod webhook_delivery;

pub use event_change::{ChangeKind, ChangeRole, ChangeSource};
pub use guests::{AttendeeVisibility, InvitationStatus};
pub use host_invitation::HostInvitationStatus;
pub use host_message::ContactVisibility;
pub use review_category::ReviewCategory;
pub use rsvp_values::{RsvpStatus, WaitlistRule};
pub use sealed_bytes::SealedBytes;
pub use values::{
    AccessibilityFeature, AccessibilityStatus, AddressVisibility, Channel, CodePurpose, ConsentSource,
    EventStatus, EventType, HostKind, JoinPolicy, Lane, LinkPurpose, MessageState, PlacePrecision, Purpose,
    StaffRole, Visibility, WebhookEnd, WebhookKind,
};
