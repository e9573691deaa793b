//! Events on a map, those that lie close together as one.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{
    caller::app_of,
    enums::EventType,
    event::Event,
    facets::{self, EventFacets},
    json::Json,
    plain::{List, Plain, Selected},
    search::{WindowInput, filter},
    timeslot::Timeslot,
};
use crate::{
    domain::search::{self, Asked},
    map::{self, Pin, Pins},
};

/// A part of the world between two parallels and two meridians, edges included.
#[derive(InputObject)]
pub struct BoxInput {
    /// Degrees north at the top, WGS 84, -90 to 90.
    north: f64,
    /// Degrees north at the bottom, at most `north`.
    south: f64,
    /// Degrees east on the right, WGS 84, -180 to 180.
    east: f64,
    /// Degrees east on the left; greater than `east` when the antimeridian lies between them.
    west: f64,
}

/// A part of the world between two parallels and two meridians.
#[derive(SimpleObject)]
pub struct BoundingBox {
    /// Degrees north at the top, WGS 84.
    north: f64,
    /// Degrees north at the bottom.
    south: f64,
    /// Degrees east on the right.
    east: f64,
    /// Degrees east on the left.
    west: f64,
}

/// What a map shows of a box: each event that was found there once, as itself or in a cluster.
pub struct EventsInBounds {
    events: List<EventPin>,
    clusters: List<EventCluster>,
    count: usize,
    asked: Asked,
}

/// What a map shows of a box: each event that was found there once, as itself or in a cluster.
#[Object]
impl EventsInBounds {
    /// How many events were found.
    async fn count(&self) -> usize {
        self.count
    }
    /// Events to draw one by one, soonest first: all that were found, if they are at most `limit`, otherwise those that are
    /// alone in their tile of the grid.
    async fn events(&self) -> &List<EventPin> {
        &self.events
    }
    /// Where several events are close together, if more than `limit` were found.
    async fn clusters(&self) -> &List<EventCluster> {
        &self.clusters
    }
    /// Counts of everything that was found.
    #[graphql(complexity = "facets::COST + child_complexity")]
    async fn facets(&self, ctx: &Context<'_>) -> EventFacets {
        self.asked.facets(app_of(ctx)).into()
    }
}

/// An event to draw on a map.
#[derive(SimpleObject)]
pub struct EventPin {
    /// The event.
    event: Event,
    /// The first date of the event that fits what was looked for.
    timeslot: Timeslot,
}

/// Several events that are close together: those of one tile, of a grid that is fixed to the world and that a map of the
/// same size and zoom keeps when it is moved.
#[derive(SimpleObject)]
pub struct EventCluster {
    /// Name of the tile, as in web maps: `level/x/y`. To tell the cluster from others, and to know it again.
    tile: String,
    /// How many events, at least two.
    count: usize,
    /// Degrees north, WGS 84: the mean of the events' places.
    latitude: f64,
    /// Degrees east, WGS 84: the mean of the events' places.
    longitude: f64,
    /// The smallest box that holds them: where to zoom to. Asking for it finds them, though of several at one point that
    /// may still be a cluster; `nearbyEvents` around it lists those in pages.
    #[graphql(name = "box")]
    bounds: BoundingBox,
}

/// Queries of a map.
#[derive(Default)]
pub struct BoundsQuery;

#[Object]
impl BoundsQuery {
    /// Events in a part of the world, for a map: published, not over, and open to everybody. Where there are too many to
    /// draw, clusters with their counts. BAD_USER_INPUT.
    #[expect(clippy::too_many_arguments, reason = "they are the filters of the query")]
    #[graphql(complexity = "cost(limit, child_complexity)")]
    async fn events_in_bounds(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "box", desc = "What the map shows.")] within: BoxInput,
        #[graphql(
            desc = "How large the map is drawn, 0 to 22: at 0 the world is 256 pixels wide, and twice as wide with each \
                    more. Round down; add one for libraries that count by tiles of 512 pixels. Clusters are of tiles of 128 \
                    pixels, or larger if the box would touch more than `limit` of those."
        )]
        zoom: i32,
        #[graphql(desc = "At most so many events and clusters, 1 to 300.", default = 200)] limit: i32,
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
    ) -> Result<EventsInBounds> {
        let filter = filter(window, types, &campaigns, text, r#virtual, has_seats, accessible)?;
        let found = search::in_box(app_of(ctx), within.into(), zoom, limit, filter)?;
        Ok(found.into())
    }
}

/// What a box counts for: as many rows as may be shown.
fn cost(limit: i32, child: usize) -> usize {
    let rows = usize::try_from(limit).unwrap_or_default();
    rows.saturating_mul(child).saturating_add(1)
}

impl From<(Pins, Asked)> for EventsInBounds {
    fn from((pins, asked): (Pins, Asked)) -> Self {
        Self {
            count: pins.count(),
            events: List(pins.events.into_iter().map(Into::into).collect()),
            clusters: List(pins.clusters.iter().map(Into::into).collect()),
            asked,
        }
    }
}

impl From<Pin> for EventPin {
    fn from(pin: Pin) -> Self {
        Self {
            timeslot: Timeslot::of_slot(&pin.timeslot, pin.listing.timezone),
            event: Event::of_listing(pin.listing),
        }
    }
}

impl From<&map::Cluster> for EventCluster {
    fn from(cluster: &map::Cluster) -> Self {
        let map::BoundingBox {
            north,
            south,
            east,
            west,
        } = cluster.bounds;
        Self {
            tile: cluster.tile.to_string(),
            count: cluster.count,
            latitude: cluster.latitude,
            longitude: cluster.longitude,
            bounds: BoundingBox {
                north,
                south,
                east,
                west,
            },
        }
    }
}

impl From<BoxInput> for map::BoundingBox {
    fn from(input: BoxInput) -> Self {
        Self {
            north: input.north,
            south: input.south,
            east: input.east,
            west: input.west,
        }
    }
}

impl Plain for EventPin {
    const NAME: &'static str = "EventPin";

    fn write(&self, field: &str, selected: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "event" => selected.object(self.event.listed()?, json),
            "timeslot" => selected.object(&self.timeslot, json),
            _ => None,
        }
    }
}

impl Plain for EventCluster {
    const NAME: &'static str = "EventCluster";

    fn write(&self, field: &str, selected: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "tile" => json.value(&self.tile),
            "count" => json.value(self.count),
            "latitude" => json.value(self.latitude),
            "longitude" => json.value(self.longitude),
            "box" => selected.object(&self.bounds, json),
            _ => None,
        }
    }
}

impl Plain for BoundingBox {
    const NAME: &'static str = "BoundingBox";

    fn write(&self, field: &str, _: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "north" => json.value(self.north),
            "south" => json.value(self.south),
            "east" => json.value(self.east),
            "west" => json.value(self.west),
            _ => None,
        }
    }
}
