//! How what was found divides.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use uuid::Uuid;

use super::{
    caller::loaders_of,
    campaign::Campaign,
    date::Date,
    enums::EventType,
    id::{Kind, global},
};
use crate::{map::Facets, refusal::Refusal};

/// What facets count for, for each row of the list they stand beside: everything that is found is looked at for them.
pub(super) const COST: usize = 30;

/// Counts of everything that was found.
#[derive(SimpleObject)]
pub struct EventFacets {
    /// How many events were found.
    count: usize,
    /// How many there are of each type, the most frequent first; as if `types` had not been given, so that it shows what
    /// another choice would find. Types without any are left out.
    types: Vec<EventTypeCount>,
    /// How many there are of each campaign, the most frequent first and at most 50; as if `campaigns` had not been given.
    /// Campaigns without any are left out.
    campaigns: Vec<EventCampaignCount>,
    /// How many there are by day, by the first date of each event that fits, so that each is counted once. Days without
    /// any are left out, and there are never more than the window has.
    days: Vec<EventDayCount>,
}

/// How many events of one type were found.
#[derive(SimpleObject)]
pub struct EventTypeCount {
    /// The type.
    event_type: EventType,
    /// How many events.
    count: usize,
}

/// How many events of one campaign were found.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EventCampaignCount {
    #[graphql(skip)]
    id: Uuid,
    /// How many events.
    count: usize,
}

#[ComplexObject]
impl EventCampaignCount {
    /// Global id of the campaign.
    async fn campaign_id(&self) -> ID {
        global(Kind::Campaign, self.id)
    }
    /// The campaign.
    async fn campaign(&self, ctx: &Context<'_>) -> Result<Campaign> {
        let found = loaders_of(ctx).await?.campaigns.load_one(self.id).await?;
        Ok(found.ok_or(Refusal::NotFound("campaign"))?.into())
    }
}

/// How many events were found by a date on one day.
#[derive(SimpleObject)]
pub struct EventDayCount {
    /// The day, in the time zone of each event.
    date: Date,
    /// How many events.
    count: usize,
}

impl From<Facets> for EventFacets {
    fn from(facets: Facets) -> Self {
        let of_type = |(event_type, count): (entity::EventType, usize)| EventTypeCount {
            event_type: event_type.into(),
            count,
        };
        let of_campaign = |(id, count)| EventCampaignCount { id, count };
        let of_day = |(day, count)| EventDayCount {
            date: Date(day),
            count,
        };
        Self {
            count: facets.count,
            types: facets.types.into_iter().map(of_type).collect(),
            campaigns: facets.campaigns.into_iter().map(of_campaign).collect(),
            days: facets.days.into_iter().map(of_day).collect(),
        }
    }
}
