//! How all that is found divides by kind, by campaign and by day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::EventType;
use sea_orm::Iterable;
use uuid::Uuid;

use super::{
    search::Search,
    sift::{Sift, is_among},
};

/// So many campaigns are counted apart.
const MOST_CAMPAIGNS: usize = 50;

/// Counts of everything that was found, and not only of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facets {
    /// How many events.
    pub count: usize,
    /// How many of each type, whichever types were asked for, the most frequent first; types of which there is none are
    /// left out.
    pub types: Vec<(EventType, usize)>,
    /// How many of each campaign, whichever campaigns were asked for, the most frequent first and at most 50; campaigns of
    /// which there is none are left out.
    pub campaigns: Vec<(Uuid, usize)>,
    /// How many by the day on which the timeslot starts that an event is found by, in the event's time zone, by day; days
    /// without any are left out.
    pub days: Vec<(NaiveDate, usize)>,
}

/// Counts events one by one.
pub(super) struct Tally<'a> {
    /// What was asked for; the walk is over all types and campaigns.
    asked: &'a Search,
    count: usize,
    by_type: Vec<usize>,
    by_campaign: BTreeMap<Uuid, usize>,
    /// From `first_day` on.
    by_day: Vec<usize>,
    first_day: i32,
}

impl<'a> Tally<'a> {
    /// `first_day` is the earliest that can come, counted from the year 1.
    pub(super) fn new(asked: &'a Search, first_day: i32) -> Self {
        Self {
            asked,
            count: 0,
            by_type: vec![0; EventType::iter().count()],
            by_campaign: BTreeMap::new(),
            by_day: Vec::new(),
            first_day,
        }
    }

    /// Counts those of the positions that `walk` shows which are found.
    pub(super) fn add(&mut self, sift: &Sift<'_>, walk: impl FnOnce(&mut dyn FnMut(u32))) {
        let briefs = &sift.index.briefs;
        let wanted = briefs.numbers(&self.asked.campaigns);
        let mut by_number = vec![0; briefs.campaigns().len()];
        walk(&mut |position| {
            if sift.finds(position)
                && let Some(found) = sift.type_campaign_and_day(position)
            {
                self.count_one(found, wanted.as_deref(), &mut by_number);
            }
        });
        let counted = briefs.campaigns().iter().zip(by_number);
        for (id, count) in counted.filter(|(_, count)| *count > 0) {
            *self.by_campaign.entry(*id).or_default() += count;
        }
    }

    fn count_one(
        &mut self,
        (event_type, campaign, day): (EventType, u32, i32),
        wanted: Option<&[u32]>,
        by_number: &mut [usize],
    ) {
        let of_type = self.asked.types.is_empty() || self.asked.types.contains(&event_type);
        let of_campaign = is_among(wanted, campaign);
        if of_campaign && let Some(count) = self.by_type.get_mut(event_type as usize) {
            *count += 1;
        }
        if of_type && let Some(count) = by_number.get_mut(campaign as usize) {
            *count += 1;
        }
        if !of_type || !of_campaign {
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
        let mut campaigns: Vec<_> = self.by_campaign.into_iter().collect();
        campaigns.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        campaigns.truncate(MOST_CAMPAIGNS);
        let days = (self.first_day..)
            .zip(self.by_day)
            .filter(|(_, count)| *count > 0);
        Facets {
            count: self.count,
            types,
            campaigns,
            days: days
                .filter_map(|(day, count)| Some((NaiveDate::from_num_days_from_ce_opt(day)?, count)))
                .collect(),
        }
    }
}
