//! Which events are found, when many are asked: by a few bytes of each that lie close together, and only where those do not
//! tell, by the event itself.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Utc};
use entity::{AccessibilityStatus, EventType};
use uuid::Uuid;

use super::{
    bits::Bits,
    index::Index,
    listing::{Counter, Listing},
    search::Query,
};

/// So many events, and one in so many, are left out one by one of sums that were made beforehand.
const FEW: usize = 1000;
const FEW_SHARE: usize = 32;

/// What is known of every event without looking at it.
#[derive(Default)]
pub(super) struct Briefs {
    /// By position.
    all: Vec<Brief>,
    /// Last start and position, by start.
    by_last: Vec<(i64, u32)>,
    /// The campaigns there are events of, in order; by its place here a brief names its own.
    campaigns: Vec<Uuid>,
    /// Campaign and position, of events that are part of one.
    by_campaign: Vec<(u32, u32)>,
}

/// Of an event that is part of no campaign.
const NO_CAMPAIGN: u32 = u32::MAX;

/// They lie close together so that many can be asked in little time.
const _: () = assert!(size_of::<Brief>() <= 48);

struct Brief {
    /// The first start of a timeslot that was not over when this was made, in microseconds since 1970.
    first: i64,
    /// The last start of any.
    last: i64,
    /// The day of `first` in the event's time zone, counted from the year 1.
    day: i32,
    /// Capacity of that timeslot, and the count of its seats; None is unlimited.
    seats: Option<(i32, Counter)>,
    /// By its number among the campaigns.
    campaign: u32,
    event_type: EventType,
    is_virtual: bool,
    is_accessible: bool,
}

impl Briefs {
    pub(super) fn build<'a>(listings: impl Iterator<Item = &'a Listing> + Clone, now: DateTime<Utc>) -> Self {
        let mut campaigns: Vec<Uuid> = listings
            .clone()
            .filter_map(|listing| listing.campaign_id)
            .collect();
        campaigns.sort_unstable();
        campaigns.dedup();
        let brief = |listing: &Listing| {
            let campaign = listing.campaign_id.and_then(|id| number_of(&campaigns, id));
            Brief::of(listing, campaign.unwrap_or(NO_CAMPAIGN), now)
        };
        let all: Vec<Brief> = listings.map(brief).collect();
        let by_campaign = (0u32..)
            .zip(&all)
            .map(|(position, brief)| (brief.campaign, position));
        let mut by_campaign: Vec<_> = by_campaign.filter(|(number, _)| *number != NO_CAMPAIGN).collect();
        by_campaign.sort_unstable();
        let by_last = (0u32..).zip(&all).map(|(position, brief)| (brief.last, position));
        let mut by_last: Vec<_> = by_last.collect();
        by_last.sort_unstable();
        Self {
            all,
            by_last,
            campaigns,
            by_campaign,
        }
    }

    /// The campaigns there are events of, by their numbers.
    pub(super) fn campaigns(&self) -> &[Uuid] {
        &self.campaigns
    }

    /// The numbers of those of `ids` that there are events of; nothing when `ids` are not limited.
    pub(super) fn numbers(&self, ids: &[Uuid]) -> Option<Vec<u32>> {
        let numbers = ids.iter().filter_map(|id| number_of(&self.campaigns, *id));
        (!ids.is_empty()).then(|| numbers.collect())
    }

    /// The positions of the events of these campaigns, if there are at most so many.
    pub(super) fn few_of(&self, ids: &[Uuid], most: usize) -> Option<Vec<u32>> {
        let mut few = vec![];
        for number in self.numbers(ids)? {
            let begin = self.by_campaign.partition_point(|(other, _)| *other < number);
            let end = self.by_campaign.partition_point(|(other, _)| *other <= number);
            if few.len() + (end - begin) > most {
                return None;
            }
            let members = self.by_campaign.get(begin..end).unwrap_or_default();
            few.extend(members.iter().map(|(_, position)| *position));
        }
        Some(few)
    }
}

fn number_of(campaigns: &[Uuid], id: Uuid) -> Option<u32> {
    u32::try_from(campaigns.binary_search(&id).ok()?).ok()
}

impl Brief {
    fn of(listing: &Listing, campaign: u32, now: DateTime<Utc>) -> Self {
        let slot = listing.timeslots.iter().find(|slot| slot.ends_at > now);
        let first = slot.map(|slot| slot.starts_at);
        let last = listing.timeslots.last().map(|slot| slot.starts_at);
        Self {
            first: first.map_or(i64::MAX, |start| start.timestamp_micros()),
            last: last.map_or(i64::MIN, |start| start.timestamp_micros()),
            day: first.map_or(0, |start| day_of(listing, start)),
            seats: slot.and_then(|slot| Some((slot.capacity?, slot.seats.clone()))),
            campaign,
            event_type: listing.event_type,
            is_virtual: listing.is_virtual,
            is_accessible: listing.accessibility_status == Some(AccessibilityStatus::Accessible),
        }
    }
}

/// The day of `start` in the event's time zone, counted from the year 1.
fn day_of(listing: &Listing, start: DateTime<Utc>) -> i32 {
    start.with_timezone(&listing.timezone).num_days_from_ce()
}

/// An index, and what is looked for in it.
pub(super) struct Sift<'a> {
    pub(super) index: &'a Index,
    query: &'a Query<'a>,
    /// Those that are not hidden and have the words.
    open: Bits,
    /// Whether the words are all decided by `open`.
    is_decided: bool,
    /// Numbers of the campaigns that are looked for.
    campaigns: Option<Vec<u32>>,
    from: i64,
    until: i64,
    now: i64,
}

impl<'a> Sift<'a> {
    pub(super) fn new(index: &'a Index, query: &'a Query<'a>, hidden: &HashSet<u32>) -> Self {
        let with_words = index.with_words(query);
        let is_decided = query.words.is_empty() || (with_words.is_some() && query.has_single_words());
        let mut open = with_words.unwrap_or_else(|| Bits::all(index.listings().len()));
        for position in hidden {
            open.clear(*position);
        }
        Self {
            index,
            query,
            open,
            is_decided,
            campaigns: index.briefs.numbers(&query.search.campaigns),
            from: micros_from(query.search.from),
            until: query.search.until.map_or(i64::MAX, micros_from),
            now: query.now.timestamp_micros(),
        }
    }

    /// Whether the event at `position` is found, wherever it is.
    pub(super) fn finds(&self, position: u32) -> bool {
        let Some(brief) = self.brief(position).filter(|_| self.open.has(position)) else {
            return false;
        };
        let search = self.query.search;
        if brief.last < self.from
            || !(search.types.is_empty() || search.types.contains(&brief.event_type))
            || search.virtual_.is_some_and(|wanted| brief.is_virtual != wanted)
            || (search.accessible && !brief.is_accessible)
            || !is_among(self.campaigns.as_deref(), brief.campaign)
        {
            return false;
        }
        if brief.first >= self.until {
            return false;
        }
        // What starts later than now is not over.
        let by_last = brief.last > self.now && brief.last < self.until && !search.has_seats;
        if self.is_decided && (by_last || self.is_by_first(brief)) {
            return true;
        }
        let listing = self.index.at(position);
        listing.is_some_and(|listing| self.query.slot_of(listing).is_some())
    }

    /// When the timeslot starts that the event at `position` is found by, wherever it is: microseconds since 1970.
    pub(super) fn start(&self, position: u32) -> Option<i64> {
        let brief = self.brief(position).filter(|_| self.finds(position))?;
        if self.is_by_first(brief) {
            return Some(brief.first);
        }
        let slot = self.query.slot_of(self.index.at(position)?)?;
        Some(slot.starts_at.timestamp_micros())
    }

    /// What counts of an event that is found: its type, its campaign's number, and the day it is found by.
    pub(super) fn type_campaign_and_day(&self, position: u32) -> Option<(EventType, u32, i32)> {
        let brief = self.brief(position)?;
        if self.is_decided && self.is_by_first(brief) {
            return Some((brief.event_type, brief.campaign, brief.day));
        }
        let listing = self.index.at(position)?;
        let slot = self.query.slot_of(listing)?;
        Some((brief.event_type, brief.campaign, day_of(listing, slot.starts_at)))
    }

    /// Of all that have a place, the ranks of those that are not found, in order; nothing when they have to be asked one
    /// by one.
    pub(super) fn exceptions(&self) -> Option<Vec<u32>> {
        let search = self.query.search;
        let by_kind = !search.types.is_empty() || search.virtual_.is_some() || search.accessible;
        if by_kind || self.campaigns.is_some() || !self.query.words.is_empty() || search.has_seats {
            return None;
        }
        // Whose last start lies between them is found by it.
        let by_last = &self.index.briefs.by_last;
        let early = by_last.partition_point(|(last, _)| *last < self.from || *last <= self.now);
        let late = by_last.partition_point(|(last, _)| *last < self.until).max(early);
        let (_, late) = by_last.split_at(late);
        let (early, _) = by_last.split_at(early);
        let hidden = by_last.len() - self.open.count();
        if early.len() + late.len() + hidden > FEW + by_last.len() / FEW_SHARE {
            return None;
        }
        let doubtful = early.iter().chain(late).map(|(_, position)| *position);
        let mut out: Vec<u32> = doubtful
            .filter(|position| !self.finds(*position))
            .chain(self.open.missing())
            .filter_map(|position| self.index.grid.rank(position))
            .collect();
        out.sort_unstable();
        out.dedup();
        Some(out)
    }

    /// All that are not hidden and have the words.
    pub(super) fn open(&self) -> impl Iterator<Item = u32> {
        self.open.iter()
    }

    /// Whether what is left of the event is found by its first timeslot.
    fn is_by_first(&self, brief: &Brief) -> bool {
        let is_free = |(capacity, seats): &(i32, Counter)| seats.get().1 < *capacity;
        brief.first >= self.from
            && brief.first > self.now
            && brief.first < self.until
            && (!self.query.search.has_seats || brief.seats.as_ref().is_none_or(is_free))
    }

    fn brief(&self, position: u32) -> Option<&Brief> {
        self.index.briefs.all.get(position as usize)
    }
}

/// Whether a campaign is one of those that are looked for.
pub(super) fn is_among(wanted: Option<&[u32]>, campaign: u32) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(&campaign))
}

/// The first whole microsecond that is not before `time`.
fn micros_from(time: DateTime<Utc>) -> i64 {
    let micros = time.timestamp_micros();
    micros.saturating_add(i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1000)))
}
