//! Making another event like one that is there.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    event_input::{patch, set},
    event_mutations::EventPayload,
    id::{Kind, key_of},
    place::EventPlaceInput,
};
use crate::domain::event::{self, Content, Duplicate};

/// An event to make another one like it of. What is absent is as it is there; null removes it.
#[derive(InputObject)]
pub struct DuplicateEventInput {
    /// The event to begin with.
    id: ID,
    /// Start of the first date on the clocks of the new event's time zone, without an offset: `2030-01-31T19:00:00`. All
    /// dates that are not cancelled come along, as far from each other as they are. Without it, and without `keepDates`, the
    /// new event has no dates.
    local_start: Option<String>,
    /// Whether dates that are not over come along as they are, at the same times of the clock.
    #[graphql(default)]
    keep_dates: bool,
    /// One line, at most 200 characters.
    title: Option<String>,
    /// Where it is, as a whole.
    #[graphql(default)]
    place: MaybeUndefined<EventPlaceInput>,
    /// Where to take part online.
    #[graphql(default)]
    virtual_url: MaybeUndefined<String>,
    /// IANA name of the time zone, for another place.
    timezone: Option<String>,
    /// How you want to be called as its host; otherwise as at the first event, or your given name and initial.
    public_name: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// `duplicateEvent`.
#[derive(Default)]
pub struct DuplicateMutation;

#[Object]
impl DuplicateMutation {
    /// Makes a draft with everything of an event but its RSVPs, its review and, unless they are asked for, its dates; at
    /// another place if one is given. The caller hosts it; sponsors come along, other hosts do not. For hosts of the event
    /// and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT.
    async fn duplicate_event(&self, ctx: &Context<'_>, input: DuplicateEventInput) -> Result<EventPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let id = key_of(Kind::Event, &input.id, &["input", "id"])?;
        let wanted = Duplicate {
            local_start: input.local_start,
            keep_dates: input.keep_dates,
            public_name: input.public_name,
        };
        let apply = |content: &mut Content| {
            set(&mut content.title, input.title);
            patch(&mut content.place, input.place);
            patch(&mut content.virtual_url, input.virtual_url);
            set(&mut content.timezone, input.timezone);
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        Ok(event::duplicate(app, actor, id, &wanted, apply, key.as_ref())
            .await?
            .into())
    }
}
