//! What was changed of an event.

use async_graphql::{Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::id::{Kind, global};
use crate::domain::event;

/// What was done to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ChangeKind")]
pub enum ChangeKind {
    /// It was made.
    Created,
    /// What it says was changed.
    Edited,
    /// It was handed in for review.
    Submitted,
    /// It was published.
    Published,
    /// It was sent back.
    Rejected,
    /// It was called off.
    Cancelled,
    /// It was taken down.
    Suppressed,
    /// It was put back.
    Reinstated,
    /// Dates were added.
    DatesAdded,
    /// Dates were changed.
    DatesChanged,
    /// Dates were called off.
    DatesCancelled,
    /// Somebody was asked to host it as well.
    HostInvited,
    /// Somebody hosts it as well.
    HostJoined,
    /// A host left.
    HostLeft,
    /// A host was removed.
    HostRemoved,
    /// Another host is the first one.
    HandedOver,
    /// A host link was made.
    LinkMade,
    /// A host link was taken back.
    LinkRevoked,
}

/// By which way an event was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ChangeSource")]
pub enum ChangeSource {
    /// A request about this event.
    Api,
    /// A request about dates of a series.
    Series,
    /// A request about many events.
    Bulk,
    /// An import.
    Import,
}

/// As what somebody changed an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ChangeRole")]
pub enum ChangeRole {
    /// A host of the event.
    Host,
    /// Somebody of the staff.
    Organizer,
    /// Whoever has a host link.
    Link,
    /// A job, or a command of the operator.
    System,
}

/// Something that was done to an event. Kept for `retention.event_history` days, 400 unless the operator says otherwise.
pub struct EventChange(event::Change);

/// Something that was done to an event. Kept for `retention.event_history` days, 400 unless the operator says otherwise.
#[Object]
impl EventChange {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::EventChange, self.0.row.id)
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.row.at
    }
    /// What was done.
    async fn kind(&self) -> ChangeKind {
        self.0.row.kind.into()
    }
    /// By which way.
    async fn source(&self) -> ChangeSource {
        self.0.row.source.into()
    }
    /// As what they did it.
    async fn role(&self) -> ChangeRole {
        self.0.row.role.into()
    }
    /// What who did it is called at this event; null unless they host it now. Of a host link: whom the hosts gave it to.
    async fn by_name(&self) -> Option<&str> {
        self.0.public_name.as_deref()
    }
    /// Who did it: the global id of a person, for organizers; null for others.
    async fn by_person_id(&self) -> Option<ID> {
        self.0.person_id.map(|id| global(Kind::Person, id))
    }
    /// Whether the viewer did it.
    async fn by_viewer(&self) -> bool {
        self.0.is_mine
    }
    /// The device it was done on, such as `Firefox, Android`; null when that is not known.
    async fn device(&self) -> Option<&str> {
        self.0.row.device.as_deref()
    }
    /// The fields that were changed, by their names in inputs.
    async fn fields(&self) -> Vec<FieldChange> {
        self.0.fields.iter().cloned().map(Into::into).collect()
    }
}

/// A field before and after a change.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// Its name.
    field: String,
    /// What it was, at most 500 characters of it; null for nothing, and for what is not kept.
    before: Option<String>,
    /// What it became, in the same way.
    after: Option<String>,
    /// Whether only that it was changed is kept: places, links and instructions for those coming, names.
    is_hidden: bool,
}

impl From<event::Change> for EventChange {
    fn from(change: event::Change) -> Self {
        Self(change)
    }
}

impl From<event::FieldChange> for FieldChange {
    fn from(change: event::FieldChange) -> Self {
        Self {
            field: change.field,
            before: change.before,
            after: change.after,
            is_hidden: change.hidden,
        }
    }
}
