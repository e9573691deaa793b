//! Finding events.

use async_graphql::{
    ComplexObject, Context, Enum, ID, InputObject, Object, OneofObject, Result, SimpleObject,
    connection::PageInfo,
};
use chrono::{DateTime, Utc};

use super::{
    caller::app_of,
    enums::EventType,
    event::Event,
    facets::{self, EventFacets},
    id::{Kind, key_of},
    json::Json,
    page,
    plain::{List, Plain, Selected},
    timeslot::Timeslot,
};
use crate::{
    domain::search::{self, Asked, Filter, Place},
    map::{Hit, Order, Page},
    refusal::Refusal,
};

/// Where to look: exactly one of these.
#[derive(OneofObject)]
pub enum NearInput {
    /// A point.
    Point(PointInput),
    /// The centre of a postal code.
    PostalCode(PostalCodeInput),
}

/// A point on the earth.
#[derive(InputObject)]
pub struct PointInput {
    /// Degrees north, WGS 84, -90 to 90.
    latitude: f64,
    /// Degrees east, WGS 84, -180 to 180.
    longitude: f64,
}

/// A postal code. Those of the USA are built in; others by import.
#[derive(InputObject)]
pub struct PostalCodeInput {
    /// The code.
    code: String,
    /// ISO 3166-1 alpha-2 code of the country.
    #[graphql(default_with = "\"US\".to_owned()")]
    country: String,
}

/// When an event must start.
#[derive(InputObject)]
pub struct WindowInput {
    /// At or after; now by default.
    from: Option<DateTime<Utc>>,
    /// Before; at most 400 days after `from`.
    until: Option<DateTime<Utc>>,
}

/// What comes first; ties go by id.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum EventOrder {
    /// The nearest.
    Distance,
    /// The one that starts soonest.
    Start,
}

/// A page of events that were found.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EventSearchConnection {
    /// Where the page stands in its list.
    page_info: PageInfo,
    /// What is on it, in order.
    edges: List<EventSearchEdge>,
    #[graphql(skip)]
    asked: Asked,
}

#[ComplexObject]
impl EventSearchConnection {
    /// Counts of everything that was found, and not only of this page.
    #[graphql(complexity = "facets::COST + child_complexity")]
    async fn facets(&self, ctx: &Context<'_>) -> EventFacets {
        self.asked.facets(app_of(ctx)).into()
    }
}

/// One event that was found.
#[derive(SimpleObject)]
pub struct EventSearchEdge {
    /// The event.
    node: Event,
    /// Great-circle distance from where was looked, in metres. For a hidden address, that of its approximate place.
    distance_metres: Option<f64>,
    /// The first date of the event that fits what was looked for.
    timeslot: Timeslot,
    /// Where it stands: for `after` and `before`.
    cursor: String,
}

/// Queries of the map.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Events around a place: published, not over, and open to everybody. BAD_USER_INPUT.
    #[expect(clippy::too_many_arguments, reason = "they are the filters of the query")]
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn nearby_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to look.")] near: NearInput,
        #[graphql(desc = "Metres, at most 500,000.", default = 50_000.0)] radius: f64,
        #[graphql(desc = "When they must start.")] window: Option<WindowInput>,
        #[graphql(desc = "Any of these types; empty is all.", default)] types: Vec<EventType>,
        #[graphql(desc = "Any of these campaigns, at most 20; empty is all.", default)] campaigns: Vec<ID>,
        #[graphql(desc = "Words that begin words of title, summary, venue, town, hosts or tags.")]
        text: Option<String>,
        #[graphql(desc = "Only events one can (not) take part in online.")] r#virtual: Option<bool>,
        #[graphql(desc = "Only with a free seat.", default = false)] has_seats: bool,
        #[graphql(
            desc = "Only where the host said that the place is accessible.",
            default = false
        )]
        accessible: bool,
        #[graphql(desc = "What comes first.", default_with = "EventOrder::Distance")] order_by: EventOrder,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Result<EventSearchConnection> {
        let app = app_of(ctx);
        let filter = filter(window, types, &campaigns, text, r#virtual, has_seats, accessible)?;
        let place = match near {
            NearInput::Point(point) => Place::Point(point.latitude, point.longitude),
            NearInput::PostalCode(postal) => Place::PostalCode(postal.country, postal.code),
        };
        let order = match order_by {
            EventOrder::Distance => Order::Distance,
            EventOrder::Start => Order::Start,
        };
        let page = page::asked(app, first, after, last, before)?;
        Ok(search::nearby(app, &place, radius, filter, order, page)
            .await?
            .into())
    }

    /// Events anywhere, soonest first: published, not over, and open to everybody. BAD_USER_INPUT.
    #[expect(clippy::too_many_arguments, reason = "they are the filters of the query")]
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When they must start.")] window: Option<WindowInput>,
        #[graphql(desc = "Any of these types; empty is all.", default)] types: Vec<EventType>,
        #[graphql(desc = "Any of these campaigns, at most 20; empty is all.", default)] campaigns: Vec<ID>,
        #[graphql(desc = "Words that begin words of title, summary, venue, town, hosts or tags.")]
        text: Option<String>,
        #[graphql(desc = "Only events one can (not) take part in online.")] r#virtual: Option<bool>,
        #[graphql(desc = "Only with a free seat.", default = false)] has_seats: bool,
        #[graphql(
            desc = "Only where the host said that the place is accessible.",
            default = false
        )]
        accessible: bool,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Result<EventSearchConnection> {
        let app = app_of(ctx);
        let filter = filter(window, types, &campaigns, text, r#virtual, has_seats, accessible)?;
        let page = page::asked(app, first, after, last, before)?;
        Ok(search::everywhere(app, filter, page)?.into())
    }
}

pub(super) fn filter(
    window: Option<WindowInput>,
    types: Vec<EventType>,
    campaigns: &[ID],
    text: Option<String>,
    virtual_: Option<bool>,
    has_seats: bool,
    accessible: bool,
) -> Result<Filter, Refusal> {
    let (from, until) = window.map_or((None, None), |window| (window.from, window.until));
    let types = types.into_iter().map(Into::into).collect();
    let numbered = campaigns.iter().enumerate();
    let key = |(i, id): (usize, &ID)| key_of(Kind::Campaign, id, &["campaigns", &i.to_string()]);
    Ok(Filter {
        from,
        until,
        types,
        campaigns: numbered.map(key).collect::<Result<_, _>>()?,
        text,
        virtual_,
        has_seats,
        accessible,
    })
}

impl From<(Page, Asked)> for EventSearchConnection {
    fn from((page, asked): (Page, Asked)) -> Self {
        let edges: Vec<EventSearchEdge> = page.hits.into_iter().map(Into::into).collect();
        let mut cursors = edges.iter().map(|edge| &edge.cursor);
        Self {
            page_info: page::info(page.has_previous, page.has_next, &mut cursors),
            edges: List(edges),
            asked,
        }
    }
}

impl Plain for EventSearchEdge {
    const NAME: &'static str = "EventSearchEdge";

    fn write(&self, field: &str, selected: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "node" => selected.object(self.node.listed()?, json),
            "distanceMetres" => json.value(self.distance_metres),
            "timeslot" => selected.object(&self.timeslot, json),
            "cursor" => json.value(&self.cursor),
            _ => None,
        }
    }
}

impl From<Hit> for EventSearchEdge {
    fn from(hit: Hit) -> Self {
        Self {
            timeslot: Timeslot::of_slot(&hit.timeslot, hit.listing.timezone),
            distance_metres: hit.distance_metres,
            cursor: hit.cursor.to_string(),
            node: Event::of_listing(hit.listing),
        }
    }
}
