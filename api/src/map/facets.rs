//! How all that is found divides by kind and by day.

use chrono::NaiveDate;
use entity::EventType;
use sea_orm::Iterable;

use super::sift::Sift;

/// Counts of everything that was found, and not only of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facets {
    /// How many events.
    pub count: usize,
    /// How many of each type, whichever types were asked for, the most frequent first; types of which there is none are
    /// left out.
    pub types: Vec<(EventType, usize)>,
    /// How many by the day on which the timeslot starts that an event is found by, in the event's time zone, by day; days
    /// without any are left out.
    pub days: Vec<(NaiveDate, usize)>,
}

/// Counts events one by one.
pub(super) struct Tally<'a> {
    /// What was asked for; the search itself asks for all types.
    types: &'a [EventType],
    count: usize,
    by_type: Vec<usize>,
    /// From `first_day` on.
    by_day: Vec<usize>,
    first_day: i32,
}

impl<'a> Tally<'a> {
    /// `first_day` is the earliest that can come, counted from the year 1.
    pub(super) fn new(types: &'a [EventType], first_day: i32) -> Self {
        Self {
            types,
            count: 0,
            by_type: vec![0; EventType::iter().count()],
            by_day: Vec::new(),
            first_day,
        }
    }

    /// Counts the event at `position` if it is found.
    pub(super) fn add(&mut self, sift: &Sift<'_>, position: u32) {
        if !sift.finds(position) {
            return;
        }
        let Some((event_type, day)) = sift.type_and_day(position) else {
            return;
        };
        if let Some(count) = self.by_type.get_mut(event_type as usize) {
            *count += 1;
        }
        if !self.types.is_empty() && !self.types.contains(&event_type) {
            return;
        }
        self.count += 1;
        let day = usize::try_from(day.saturating_sub(self.first_day)).unwrap_or_default();
        if self.by_day.len() <= day {
            self.by_day.resize(day + 1, 0);
        }
        if let Some(count) = self.by_day.get_mut(day) {
            *count += 1;
        }
    }

    pub(super) fn finish(self) -> Facets {
        let types = EventType::iter()
            .zip(self.by_type)
            .filter(|(_, count)| *count > 0);
        let mut types: Vec<_> = types.collect();
        types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let days = (self.first_day..)
            .zip(self.by_day)
            .filter(|(_, count)| *count > 0);
        Facets {
            count: self.count,
            types,
            days: days
                .filter_map(|(day, count)| Some((NaiveDate::from_num_days_from_ce_opt(day)?, count)))
                .collect(),
        }
    }
}
