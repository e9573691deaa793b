//! How long the map takes for one search, on one thread: nearest first and soonest first, where there are many events
//! and where there are few; and the last ones of everywhere. Run over databases of different sizes it shows how a search grows.
//!
//! `scale`, with the settings of `turnout serve` in the environment. Prints the number of events on the map, then a
//! line `ORDER PLACES MICROSECONDS HITS` for each measurement: the median time of one search, and the hits of a page.

use std::{
    hint::black_box,
    io::{Write, stdout},
    time::Instant,
};

use anyhow::Result;
use api::{
    app::App,
    clock::Clock,
    config::Config,
    map::{Near, Order, Search},
};
use chrono::{DateTime, TimeDelta, Utc};

/// New York, Los Angeles, Chicago, Houston, Philadelphia, Phoenix.
const DENSE: [(f64, f64); 6] = [
    (40.7308, -73.9973),
    (34.0522, -118.2437),
    (41.8832, -87.6324),
    (29.7604, -95.3698),
    (39.9526, -75.1652),
    (33.4484, -112.0740),
];

/// Bangor, Fargo, Boise, Grand Island, Rapid City, and Glasgow in Montana.
const SPARSE: [(f64, f64); 6] = [
    (44.8016, -68.7712),
    (46.8772, -96.7898),
    (43.6150, -116.2023),
    (40.9250, -98.3420),
    (44.0805, -103.2310),
    (48.1970, -106.6367),
];

/// Searches that are timed together, and how often that is done.
const BATCH: usize = 300;
const SAMPLES: usize = 101;

fn around(place: (f64, f64), order: Order, now: DateTime<Utc>) -> Search {
    Search {
        near: Some(Near {
            latitude: place.0,
            longitude: place.1,
            radius_metres: 50_000.0,
        }),
        from: now,
        until: Some(now + TimeDelta::days(400)),
        types: vec![],
        campaigns: vec![],
        text: None,
        virtual_: None,
        has_seats: false,
        accessible: false,
        order,
        past: None,
        backward: false,
        size: 20,
    }
}

/// The last page of all events.
fn last(now: DateTime<Utc>) -> Search {
    Search {
        near: None,
        backward: true,
        ..around((0.0, 0.0), Order::Start, now)
    }
}

/// Median microseconds of one search, and hits of a page on average.
fn measure(app: &App, searches: &[Search], now: DateTime<Utc>) -> (f64, f64) {
    let pages = searches.iter().map(|search| app.map.search(search, now));
    let hits: usize = pages.map(|page| page.hits.len()).sum();
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let begun = Instant::now();
        for search in searches.iter().cycle().take(BATCH) {
            black_box(app.map.search(black_box(search), now));
        }
        times.push(begun.elapsed().as_secs_f64() * 1e6 / BATCH as f64);
    }
    times.sort_unstable_by(f64::total_cmp);
    let median = times.get(SAMPLES / 2).copied().unwrap_or_default();
    (median, hits as f64 / searches.len() as f64)
}

#[tokio::main]
async fn main() -> Result<()> {
    let app = App::start(Config::load(None, &[])?, Clock::System).await?;
    let mut out = stdout().lock();
    writeln!(out, "{}", app.map.len())?;
    let now = app.clock.now();
    for (name, order) in [("nearest", Order::Distance), ("soonest", Order::Start)] {
        for (where_, places) in [("dense", &DENSE), ("sparse", &SPARSE)] {
            let searches = places.map(|place| around(place, order, now));
            let (micros, hits) = measure(&app, &searches, now);
            writeln!(out, "{name} {where_} {micros:.2} {hits:.1}")?;
        }
    }
    let (micros, hits) = measure(&app, &[last(now)], now);
    writeln!(out, "last everywhere {micros:.2} {hits:.1}")?;
    Ok(())
}
