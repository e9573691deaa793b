//! One change of many events, for organizers.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of},
    enums::{AddressVisibility, EventType, Visibility},
    error_codes::{ErrorCode, WrongStateReason},
    event::Event,
    id::{Kind, global, key_of},
};
use crate::{
    domain::event::{self, BulkChange, Loaded},
    refusal::Refusal,
};

/// What to change of many events. What is absent stays as it is.
#[derive(InputObject)]
pub struct BulkUpdateEventsInput {
    /// The events, 1 to 100.
    ids: Vec<ID>,
    /// Tags that each gets unless it has them.
    #[graphql(default)]
    add_tags: Vec<String>,
    /// Tags that each loses if it has them.
    #[graphql(default)]
    remove_tags: Vec<String>,
    /// What kind of event.
    event_type: Option<EventType>,
    /// Who may find it.
    visibility: Option<Visibility>,
    /// Who may read the exact place.
    address_visibility: Option<AddressVisibility>,
    /// The campaign they are part of; null takes them out of theirs.
    #[graphql(default)]
    campaign_id: MaybeUndefined<ID>,
}

/// Events to call off.
#[derive(InputObject)]
pub struct BulkCancelEventsInput {
    /// The events, 1 to 100.
    ids: Vec<ID>,
    /// What the public reads about it, at most 2,000 characters; also recorded as the reason.
    note: Option<String>,
    /// Whether those who come or wait are told by mail, with the note.
    #[graphql(default = true)]
    notify: bool,
}

/// What became of each event.
#[derive(SimpleObject)]
pub struct BulkEventsPayload {
    /// One for each event, in the order of the ids.
    results: Vec<BulkEventResult>,
}

/// What became of one event: either it is as was asked, or there is a code that says why not.
#[derive(SimpleObject)]
pub struct BulkEventResult {
    /// Global id of the event.
    event_id: ID,
    /// The event as it is now; null when it was refused.
    event: Option<Event>,
    /// NOT_FOUND, WRONG_STATE, BAD_USER_INPUT, or CONFLICT when somebody else changed it at the same moment; null when it
    /// was not refused.
    code: Option<ErrorCode>,
    /// Beside WRONG_STATE: why.
    reason: Option<WrongStateReason>,
    /// A sentence in English for people; null when it was not refused.
    message: Option<String>,
}

impl From<(Uuid, Result<Loaded, Refusal>)> for BulkEventResult {
    fn from((id, result): (Uuid, Result<Loaded, Refusal>)) -> Self {
        let refusal = result.as_ref().err();
        Self {
            event_id: global(Kind::Event, id),
            code: refusal.map(|refusal| refusal.code().into()),
            reason: match refusal {
                Some(Refusal::WrongState(reason)) => Some((*reason).into()),
                _ => None,
            },
            message: refusal.map(Refusal::to_string),
            event: result.ok().map(Event::from),
        }
    }
}

impl From<event::BulkResults> for BulkEventsPayload {
    fn from(results: event::BulkResults) -> Self {
        let results = results.into_iter().map(BulkEventResult::from).collect();
        Self { results }
    }
}

/// Mutations of many events.
#[derive(Default)]
pub struct BulkMutation;

#[Object]
impl BulkMutation {
    /// Changes many events alike, all that can be in one transaction: one that cannot be changed does not keep the others
    /// from it, and says why. Recorded. For organizers. BAD_USER_INPUT, FORBIDDEN; NOT_FOUND or WRONG_STATE about the campaign.
    async fn bulk_update_events(
        &self,
        ctx: &Context<'_>,
        input: BulkUpdateEventsInput,
    ) -> Result<BulkEventsPayload> {
        let ids = event_keys(&input.ids)?;
        let change = BulkChange {
            add_tags: input.add_tags,
            remove_tags: input.remove_tags,
            event_type: input.event_type.map(Into::into),
            visibility: input.visibility.map(Into::into),
            address_visibility: input.address_visibility.map(Into::into),
            campaign_id: match &input.campaign_id {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(id) => {
                    Some(Some(key_of(Kind::Campaign, id, &["input", "campaignId"])?))
                }
            },
        };
        let results = event::bulk_update(app_of(ctx), actor_of(ctx).await?, &ids, &change).await?;
        Ok(results.into())
    }

    /// Calls many events off, for good, all that can be in one transaction; those that are off already count as done.
    /// Recorded. For organizers. BAD_USER_INPUT, FORBIDDEN.
    async fn bulk_cancel_events(
        &self,
        ctx: &Context<'_>,
        input: BulkCancelEventsInput,
    ) -> Result<BulkEventsPayload> {
        let ids = event_keys(&input.ids)?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let results = event::bulk_cancel(app, actor, &ids, input.note.as_deref(), input.notify).await?;
        Ok(results.into())
    }
}

fn event_keys(ids: &[ID]) -> Result<Vec<Uuid>, Refusal> {
    let numbered = ids.iter().enumerate();
    let key = |(i, id): (usize, &ID)| key_of(Kind::Event, id, &["input", "ids", &i.to_string()]);
    numbered.map(key).collect()
}
