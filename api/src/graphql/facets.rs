//! How what was found divides.

use async_graphql::SimpleObject;

use super::{date::Date, enums::EventType};
use crate::map::Facets;

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
        let of_day = |(day, count)| EventDayCount {
            date: Date(day),
            count,
        };
        Self {
            count: facets.count,
            types: facets.types.into_iter().map(of_type).collect(),
            days: facets.days.into_iter().map(of_day).collect(),
        }
    }
}
