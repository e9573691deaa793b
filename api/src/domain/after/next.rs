//! The next event near one that is over, for those who agreed to hear of events. It is looked for around the public place of
//! what they came to, never around where somebody lives.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::{Channel, Purpose, event, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    app::App,
    domain::consent,
    map::{Hit, Listing, Near, Order, Search},
    refusal::Refusal,
};

/// So many are looked at, the soonest first.
const MOST: usize = 20;

/// The soonest event that begins within `messages.next_event_days` near the public place of `over`, of its campaign before all
/// others; of its campaign and online where it had no place. None for those who do not want to hear of events by this channel,
/// and none that they answered for or cannot come to.
pub(crate) async fn next_near(
    app: &App,
    over: &event::Model,
    person_id: Uuid,
    channel: Channel,
) -> Result<Option<Hit>, Refusal> {
    let (db, settings) = (app.db.writer(), &app.config.messages);
    if settings.next_event_km <= 0.0
        || !consent::is_granted(db, person_id, channel, Purpose::Recruitment).await?
    {
        return Ok(None);
    }
    let answered: Vec<Uuid> = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::EventId)
        .filter(rsvp::Column::PersonId.eq(person_id))
        .into_tuple()
        .all(db)
        .await?;
    let mut known: HashSet<Uuid> = answered.into_iter().collect();
    known.insert(over.id);
    let now = app.clock.now();
    let near = near(over, settings.next_event_km);
    let soonest = |campaigns: Vec<Uuid>| {
        let search = Search {
            virtual_: near.is_none().then_some(true),
            near,
            from: now,
            until: Some(now + TimeDelta::days(settings.next_event_days)),
            types: vec![],
            campaigns,
            text: None,
            has_seats: true,
            accessible: false,
            order: Order::Start,
            past: None,
            backward: false,
            size: MOST,
        };
        let hits = app.map.search(&search, now).hits;
        hits.into_iter().find(|hit| !known.contains(&hit.listing.id))
    };
    let of_campaign = over.campaign_id.and_then(|id| soonest(vec![id]));
    Ok(match near {
        Some(_) => of_campaign.or_else(|| soonest(vec![])),
        None => of_campaign,
    })
}

fn near(over: &event::Model, km: f64) -> Option<Near> {
    let place = Listing::of(over, &[], &[]).place?;
    Some(Near {
        latitude: place.latitude?,
        longitude: place.longitude?,
        radius_metres: km * 1000.0,
    })
}
