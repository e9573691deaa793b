//! The closed sets of webhooks.

use sea_orm::entity::prelude::*;

/// What a webhook is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WebhookKind {
    /// An event was published.
    EventPublished,
    /// An event that is published was changed.
    EventUpdated,
    /// An event was called off.
    EventCancelled,
    /// Somebody answered for a date for the first time.
    RsvpCreated,
    /// An RSVP changed.
    RsvpUpdated,
    /// Nothing: an admin tries the webhook out.
    Test,
}

/// Why nothing is sent to a webhook any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WebhookEnd {
    /// An admin said so.
    Disabled,
    /// It failed for too long.
    Failing,
    /// It answered that it is gone (410).
    Gone,
}
