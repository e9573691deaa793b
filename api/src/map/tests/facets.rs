//! Counts, against a scan.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::model::{apply, edits, events, scan, searches};
use super::*;

const TYPES: [EventType; 3] = [EventType::Canvass, EventType::Rally, EventType::Training];

/// The same events, of several types and in several time zones.
fn varied(listings: Vec<Listing>) -> Vec<Listing> {
    let zones = [
        Tz::UTC,
        Tz::Pacific__Kiritimati,
        Tz::America__Los_Angeles,
        Tz::Asia__Kathmandu,
    ];
    let vary = |(number, listing): (usize, Listing)| Listing {
        event_type: TYPES[number % 3],
        timezone: zones[number % 4],
        ..listing
    };
    listings.into_iter().enumerate().map(vary).collect()
}

/// What a scan counts.
fn expected<'a>(listings: impl Iterator<Item = &'a Listing> + Clone, search: &Search) -> Facets {
    let by_id: BTreeMap<Uuid, &Listing> = listings.clone().map(|listing| (listing.id, listing)).collect();
    let mut types: BTreeMap<EventType, usize> = BTreeMap::new();
    let mut campaigns: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    let mut count = 0;
    let of_all_campaigns = Search {
        campaigns: vec![],
        ..search.clone()
    };
    for (id, slot) in scan(listings, &of_all_campaigns) {
        let listing = by_id[&id];
        let of_type = search.types.is_empty() || search.types.contains(&listing.event_type);
        let of_campaign = search.campaigns.is_empty()
            || listing
                .campaign_id
                .is_some_and(|id| search.campaigns.contains(&id));
        if of_campaign {
            *types.entry(listing.event_type).or_default() += 1;
        }
        if let Some(id) = listing.campaign_id.filter(|_| of_type) {
            *campaigns.entry(id).or_default() += 1;
        }
        if of_type && of_campaign {
            count += 1;
            let slot = listing.timeslots.iter().find(|other| other.id == slot).unwrap();
            let day = slot.starts_at.with_timezone(&listing.timezone).date_naive();
            *days.entry(day).or_default() += 1;
        }
    }
    let mut types: Vec<_> = types.into_iter().collect();
    types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut campaigns: Vec<_> = campaigns.into_iter().collect();
    campaigns.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Facets {
        count,
        types,
        campaigns,
        days: days.into_iter().collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn all_that_is_found_is_counted(
        listings in events(120), search in searches(), wanted in prop::sample::subsequence(TYPES.to_vec(), 0..3)
    ) {
        let listings = varied(listings);
        let snapshot = snapshot(listings.clone());
        let search = Search { types: wanted, ..search };
        prop_assert_eq!(snapshot.facets(&search, None, now()), expected(listings.iter(), &search), "{:?}", search);
        let everywhere = Search { near: None, ..search };
        let eastern = BoundingBox { north: 41.0, south: -10.0, east: 180.0, west: -74.5 };
        let in_it = listings.iter().filter(|listing| listing.coordinates().is_some_and(|(latitude, longitude)| {
            (-10.0..=41.0).contains(&latitude) && (longitude >= -74.5 || longitude == -180.0)
        }));
        let found = snapshot.facets(&everywhere, Some(&eastern), now());
        prop_assert_eq!(found, expected(in_it, &everywhere));
    }

    #[test]
    fn changes_are_counted(listings in events(60), edits in edits(), search in searches()) {
        let listings = varied(listings);
        let mut overlaid = snapshot(listings.clone());
        let mut plain = listings.into_iter().map(|listing| (listing.id, listing)).collect();
        apply(&mut overlaid, &mut plain, &edits);
        prop_assert_eq!(overlaid.facets(&search, None, now()), expected(plain.values(), &search));
    }
}
