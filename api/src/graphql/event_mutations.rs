//! Making, editing, publishing, cancelling and reviewing events.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    enums::ReviewCategory,
    event::Event,
    event_input::{CreateEventInput, UpdateEventInput},
    id::{Kind, key_of},
};
use crate::{
    domain::event::{self, Loaded, NewTimeslot, News, Submission, Why},
    refusal::Refusal,
};

/// The event as it is now.
#[derive(SimpleObject)]
pub struct EventPayload {
    /// The event.
    event: Event,
}

/// An event to publish.
#[derive(InputObject)]
pub struct PublishEventInput {
    /// The event.
    id: ID,
    /// The version that was looked at; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
    /// What you say to the reviewers, at most 2,000 characters.
    note: Option<String>,
}

/// An event to call off.
#[derive(InputObject)]
pub struct CancelEventInput {
    /// The event.
    id: ID,
    /// What the public reads about it, at most 2,000 characters.
    note: Option<String>,
    /// Whether those who come or wait are told by mail, with the note.
    #[graphql(default = true)]
    notify: bool,
}

/// An event to approve.
#[derive(InputObject)]
pub struct ApproveEventInput {
    /// The event.
    id: ID,
    /// The version that was looked at; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
}

/// An event to send back.
#[derive(InputObject)]
pub struct RejectEventInput {
    /// The event.
    id: ID,
    /// The version that was looked at; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
    /// Why, for its hosts, at most 2,000 characters.
    reason: String,
    /// What kind of reason.
    #[graphql(default_with = "ReviewCategory::Other")]
    category: ReviewCategory,
}

/// An event to take down.
#[derive(InputObject)]
pub struct SuppressEventInput {
    /// The event.
    id: ID,
    /// The version that was looked at; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
    /// What kind of reason.
    category: ReviewCategory,
    /// Why, for its hosts, at most 2,000 characters.
    reason: String,
}

/// An event to put back.
#[derive(InputObject)]
pub struct ReinstateEventInput {
    /// The event.
    id: ID,
    /// The version that was looked at; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
}

/// Mutations of hosts.
#[derive(Default)]
pub struct EventMutation;

#[Object]
impl EventMutation {
    /// Makes a draft that the caller hosts. UNAUTHENTICATED, BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE, RATE_LIMITED.
    async fn create_event(&self, ctx: &Context<'_>, input: CreateEventInput) -> Result<EventPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let mut input = input;
        let slots: Vec<NewTimeslot> = std::mem::take(&mut input.timeslots)
            .into_iter()
            .map(Into::into)
            .collect();
        let public_name = input.public_name.take();
        let content = input.into_content()?;
        let actor = actor_of(ctx).await?;
        Ok(event::create(
            app_of(ctx),
            actor,
            &content,
            &slots,
            public_name.as_deref(),
            key.as_ref(),
        )
        .await?
        .into())
    }

    /// Edits an event. For its hosts and for organizers. What a host who is not trusted changes of a published event waits in
    /// `pendingChanges` until an organizer approves it, if it is an `EventField`; the next edit goes on from there.
    /// BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE; RATE_LIMITED when people were told of too many changes within a day.
    async fn update_event(&self, ctx: &Context<'_>, input: UpdateEventInput) -> Result<EventPayload> {
        let mut input = input;
        let id = event_key(&input.id)?;
        let (version, public_name) = (input.expected_version, input.public_name.take());
        let news = News {
            notify: input.notify,
            message: input.message.take(),
        };
        let apply = |content: &mut event::Content| input.apply(content);
        let actor = actor_of(ctx).await?;
        Ok(event::update(
            app_of(ctx),
            actor,
            id,
            version,
            apply,
            public_name.as_deref(),
            &news,
        )
        .await?
        .into())
    }

    /// Hands a draft, or an event that was sent back, in for review; an organizer's, or a trusted host's, is published at once.
    /// Needs a date to come, and a place or a virtual link, and the present guidelines of its campaign accepted. Of an event
    /// that was taken down this asks to have it back. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE, RATE_LIMITED.
    async fn publish_event(&self, ctx: &Context<'_>, input: PublishEventInput) -> Result<EventPayload> {
        let (id, actor) = (event_key(&input.id)?, actor_of(ctx).await?);
        let handed_in = Submission {
            expected_version: input.expected_version,
            note: input.note,
        };
        let published = event::publish(app_of(ctx), actor, id, &handed_in).await?;
        Ok(published.into())
    }

    /// Calls an event off, for good. For its hosts and for organizers. NOT_FOUND, CONFLICT.
    async fn cancel_event(&self, ctx: &Context<'_>, input: CancelEventInput) -> Result<EventPayload> {
        let actor = actor_of(ctx).await?;
        Ok(event::cancel(
            app_of(ctx),
            actor,
            event_key(&input.id)?,
            input.note.as_deref(),
            input.notify,
        )
        .await?
        .into())
    }
}

/// Mutations of organizers.
#[derive(Default)]
pub struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Publishes an event that waits for review, with the changes that wait. For organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT,
    /// WRONG_STATE.
    async fn approve_event(&self, ctx: &Context<'_>, input: ApproveEventInput) -> Result<EventPayload> {
        let (id, actor) = (event_key(&input.id)?, actor_of(ctx).await?);
        let approved = event::approve(app_of(ctx), actor, id, input.expected_version).await?;
        Ok(approved.into())
    }

    /// Sends an event that waits for review back to its hosts; of one that is published, changes that wait are not taken, while
    /// dates that were moved stay so. For organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn reject_event(&self, ctx: &Context<'_>, input: RejectEventInput) -> Result<EventPayload> {
        Ok(event::reject(
            app_of(ctx),
            actor_of(ctx).await?,
            event_key(&input.id)?,
            input.expected_version,
            &Why {
                category: input.category.into(),
                reason: input.reason,
            },
        )
        .await?
        .into())
    }

    /// Takes a published event down without cancelling it: only its hosts, and who answered, know of it until it is put back.
    /// Nobody is written to. Taking it down again changes nothing. Recorded. For organizers. BAD_USER_INPUT, NOT_FOUND,
    /// CONFLICT, WRONG_STATE.
    async fn suppress_event(&self, ctx: &Context<'_>, input: SuppressEventInput) -> Result<EventPayload> {
        let (id, actor) = (event_key(&input.id)?, actor_of(ctx).await?);
        let why = Why {
            category: input.category.into(),
            reason: input.reason,
        };
        let taken = event::suppress(app_of(ctx), actor, id, input.expected_version, &why).await?;
        Ok(taken.into())
    }

    /// Puts an event back that was taken down. Recorded. For organizers. NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn reinstate_event(&self, ctx: &Context<'_>, input: ReinstateEventInput) -> Result<EventPayload> {
        let (id, actor) = (event_key(&input.id)?, actor_of(ctx).await?);
        let back = event::reinstate(app_of(ctx), actor, id, input.expected_version).await?;
        Ok(back.into())
    }
}

fn event_key(id: &ID) -> Result<uuid::Uuid, Refusal> {
    key_of(Kind::Event, id, &["input", "id"])
}

impl From<Loaded> for EventPayload {
    fn from(loaded: Loaded) -> Self {
        Self { event: loaded.into() }
    }
}
