//! Words, by the sorted list of all and by reading every text.

use proptest::prelude::*;

use super::super::text::{haystack, needles};
use super::*;

/// Words that begin alike, and scripts without spaces.
const WORDS: [&str; 12] = [
    "to",
    "tor",
    "Toronto",
    "Tórshavn",
    "rally",
    "Rallye",
    "東京",
    "京都で集会",
    "集",
    "a",
    "ａｌｌ",
    "ß",
];

fn texts(most: usize) -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(&WORDS[..]), 0..most);
    words.prop_map(|words| words.join(" "))
}

fn saying(id: u128, text: &str) -> Listing {
    let hours = i64::try_from(id % 300).unwrap();
    Listing {
        text: haystack([text].into_iter()),
        ..listing(id, Some((41.0, -93.0)), &[(hours, None)])
    }
}

fn expected(listings: &[Listing], text: &str) -> Vec<u128> {
    let needles = needles(text);
    let mut found: Vec<&Listing> = listings
        .iter()
        .filter(|listing| needles.iter().all(|needle| listing.text.contains(needle)))
        .collect();
    found.sort_by_key(|listing| (listing.timeslots[0].starts_at, listing.id));
    found.iter().map(|listing| listing.id.as_u128()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_sorted_finds_what_reading_finds(all in prop::collection::vec(texts(6), 1..80), text in texts(4)) {
        let listings: Vec<Listing> = (1u128..).zip(&all).map(|(id, text)| saying(id, text)).collect();
        let search = Search { text: Some(text.clone()), size: 100, ..everything(None, Order::Start) };
        let expected = expected(&listings, &text);
        let sorted = snapshot(listings.clone());
        prop_assert_eq!(&ids(&sorted.search(&search, now())), &expected, "{}", text);
        prop_assert_eq!(sorted.facets(&search, None, now()).count, expected.len());
        let changes = listings.into_iter().map(|listing| (listing.id, Some(Arc::new(listing)))).collect();
        let overlaid = snapshot(Vec::new()).with(&changes, now());
        prop_assert_eq!(ids(&overlaid.search(&search, now())), expected, "{}", text);
    }
}

/// So many that one walks to them rather than look at each; and a few far from each other.
#[test]
fn common_words_are_found_in_order() {
    let text = |id: u128| {
        if id.is_multiple_of(700) {
            "Solstice"
        } else if id.is_multiple_of(3) {
            "Rally in Toronto"
        } else {
            "Toronto, 東京で集会"
        }
    };
    let listings: Vec<Listing> = (1..=3000).map(|id| saying(id, text(id))).collect();
    let snapshot = snapshot(listings.clone());
    for (text, order) in [
        ("toron rally", Order::Start),
        ("集会", Order::Start),
        ("集会 in", Order::Start),
        ("ral", Order::Distance),
        ("sol", Order::Start),
        ("s", Order::Start),
    ] {
        let search = Search {
            text: Some(text.to_owned()),
            size: 50,
            ..everything(near(41.0, -93.0, 10.0), order)
        };
        let mut expected = expected(&listings, text);
        if order == Order::Distance {
            expected.sort_unstable(); // all are equally far
        }
        let has_next = expected.len() > 50;
        expected.truncate(50);
        let page = snapshot.search(&search, now());
        assert_eq!(ids(&page), expected, "{text}");
        assert_eq!(page.has_next, has_next, "{text}");
    }
}
