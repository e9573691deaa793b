//! What became of an event's review, and what waits for one.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{app_of, loaders_of},
    enums::ReviewCategory,
    host::HostStanding,
    id::{Kind, global},
};
use crate::{
    domain::{
        event::{self, Changes, Difference, Loaded},
        host, text,
    },
    refusal::Refusal,
};

/// What became of a review.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EventReview {
    #[graphql(skip)]
    event: Arc<Loaded>,
    /// When the event, or the changes that wait, were handed in.
    submitted_at: Option<DateTime<Utc>>,
    /// When it was decided.
    reviewed_at: Option<DateTime<Utc>>,
    /// Who decided: the global id of a person; null when nobody had to.
    reviewer_id: Option<ID>,
    /// Why it was sent back.
    rejection_reason: Option<String>,
    /// What kind of reason it was, for sending it back or taking it down.
    category: Option<ReviewCategory>,
    /// When it was taken down.
    suppressed_at: Option<DateTime<Utc>>,
    /// Why it was taken down.
    suppression_reason: Option<String>,
    /// Since when one of its hosts is known to read mail to an address of theirs; null while none is.
    host_verified_at: Option<DateTime<Utc>>,
    /// What its hosts say to the reviewers.
    host_note: Option<String>,
}

/// What a reviewer should know of an event.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Flag")]
pub enum ReviewFlag {
    /// None of its hosts is more than new.
    NewHost,
    /// A host of it made another event with the same words within a day.
    DuplicateText,
    /// It was taken down, and its hosts want it back.
    Appeal,
}

#[ComplexObject]
impl EventReview {
    /// The people who host it, and what was decided about them before: all of them for organizers, and a host themselves.
    async fn hosts(&self, ctx: &Context<'_>) -> Result<Vec<HostStanding>> {
        let people = host::people(&self.event.hosts);
        let loaders = loaders_of(ctx).await?;
        let mut found = loaders.standings.load_many(people.iter().copied()).await?;
        let found = people.iter().filter_map(|id| found.remove(id));
        Ok(found.map(HostStanding::from).collect())
    }
    /// What to look at twice; for organizers, empty for others.
    async fn flags(&self, ctx: &Context<'_>) -> Result<Vec<ReviewFlag>> {
        let flags = loaders_of(ctx).await?.flags.load_one(self.event.row.id).await?;
        Ok(flags.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

impl EventReview {
    pub(super) fn of(event: Arc<Loaded>, host_verified_at: Option<DateTime<Utc>>) -> Self {
        let row = &event.row;
        Self {
            submitted_at: row.submitted_at,
            reviewed_at: row.reviewed_at,
            reviewer_id: row.reviewed_by.map(|id| global(Kind::Person, id)),
            rejection_reason: row.rejection_reason.clone(),
            category: row.review_category.map(Into::into),
            suppressed_at: row.suppressed_at,
            suppression_reason: row.suppression_reason.clone(),
            host_verified_at,
            host_note: row.host_note.clone(),
            event,
        }
    }
}

/// A field whose change goes to review, when who changes it is not trusted.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Field")]
pub enum EventField {
    /// `title`
    Title,
    /// `summary`
    Summary,
    /// `description`
    Description,
    /// `tags`
    Tags,
    /// `imageUrl`
    ImageUrl,
    /// `accessibilityNotes`
    AccessibilityNotes,
    /// `place`
    Place,
    /// `virtualUrl`
    VirtualUrl,
    /// `instructions`
    Instructions,
    /// `gathering`
    Gathering,
    /// `joinPolicy`
    JoinPolicy,
    /// `externalUrl`
    ExternalUrl,
    /// `questions`
    Questions,
    /// `campaign`
    Campaign,
    /// `timezone`
    Timezone,
    /// `publicName` of a host.
    PublicName,
    /// The time of a date.
    Timeslots,
}

/// One difference between what is published and what its hosts want, as text.
#[derive(SimpleObject)]
pub struct EventDifference {
    /// Where.
    field: EventField,
    /// What is published; of a date, when it was when it was approved. Empty when there is nothing.
    before: String,
    /// What it would be; of a date, when it is now.
    after: String,
}

/// What the hosts of a published event want to change. It is published once an organizer approves it; dates alone are moved
/// already.
#[derive(SimpleObject)]
pub struct PendingChanges {
    /// Since when it waits; null when it was not taken.
    waiting_since: Option<DateTime<Utc>>,
    /// Field by field.
    changes: Vec<EventDifference>,
    /// What those who come are told with it once it is published, in the hosts' words; null when nothing.
    message: Option<String>,
    /// When it was not taken.
    refused_at: Option<DateTime<Utc>>,
    /// What kind of reason there was for not taking it.
    refusal_category: Option<ReviewCategory>,
    /// Why it was not taken.
    refusal_reason: Option<String>,
}

/// What waits of an event; the caller may edit it.
pub(super) fn pending(ctx: &Context<'_>, event: &Loaded) -> Result<Option<PendingChanges>, Refusal> {
    Ok(event::changes(app_of(ctx), event)?.map(Into::into))
}

impl From<Changes> for PendingChanges {
    fn from(changes: Changes) -> Self {
        let refused = changes.refused.as_ref();
        Self {
            waiting_since: changes.since,
            message: changes.message,
            refused_at: refused.map(|refused| refused.at),
            refusal_category: refused.and_then(|refused| refused.category()).map(Into::into),
            refusal_reason: refused.map(|refused| refused.reason.clone()),
            changes: changes.list.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Difference> for EventDifference {
    fn from(change: Difference) -> Self {
        let shown = |value: String| match change.field {
            event::Field::Description => text::safe_markdown(&value),
            event::Field::Campaign => value.parse().map_or(value, |id| global(Kind::Campaign, id).0),
            _ => value,
        };
        Self {
            field: change.field.into(),
            before: shown(change.before),
            after: shown(change.after),
        }
    }
}
