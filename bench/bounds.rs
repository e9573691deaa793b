//! How long the map takes on one thread for what a map of a box shows, for counting all that is found, and for finding
//! words, among all events.
//!
//! `bounds`, with the settings of `turnout serve` in the environment. Prints the number of events on the map, then a line
//! `WHAT: MICROSECONDS FOUND` for each measurement: the median time of one, and how many events, clusters, days or hits
//! came.

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
    map::{BoundingBox, Near, Order, Search, View},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::EventType;

/// How often each is timed.
const SAMPLES: usize = 101;

const WORLD: BoundingBox = BoundingBox {
    north: 90.0,
    south: -90.0,
    east: 180.0,
    west: -180.0,
};

/// The part of New York that a screen shows at zoom 11.
const CITY: BoundingBox = BoundingBox {
    north: 40.95,
    south: 40.45,
    east: -73.35,
    west: -74.65,
};

fn everything(now: DateTime<Utc>) -> Search {
    Search {
        near: None,
        from: now,
        until: Some(now + TimeDelta::days(400)),
        types: vec![],
        campaigns: vec![],
        text: None,
        virtual_: None,
        has_seats: false,
        accessible: false,
        order: Order::Start,
        past: None,
        backward: false,
        size: 20,
    }
}

/// Median microseconds of `run`, and what it found.
fn measure(run: impl Fn() -> usize) -> (f64, usize) {
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let begun = Instant::now();
        black_box(run());
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_unstable_by(f64::total_cmp);
    (times.get(SAMPLES / 2).copied().unwrap_or_default(), run())
}

#[tokio::main]
async fn main() -> Result<()> {
    let app = App::start(Config::load(None, &[])?, Clock::System).await?;
    let mut out = stdout().lock();
    writeln!(out, "{}", app.map.len())?;
    let now = app.clock.now();
    let all = everything(now);
    let week = Search {
        until: Some(now + TimeDelta::days(7)),
        ..all.clone()
    };
    let typed = Search {
        types: vec![EventType::Canvass, EventType::PhoneBank],
        ..all.clone()
    };
    let seats = Search {
        has_seats: true,
        ..all.clone()
    };
    let saying = |text: &str| Search {
        text: Some(text.to_owned()),
        ..all.clone()
    };
    let near = Search {
        near: Some(Near {
            latitude: 40.7308,
            longitude: -73.9973,
            radius_metres: 50_000.0,
        }),
        ..all.clone()
    };
    for (part, within, zoom) in [("world", WORLD, 2), ("city", CITY, 11)] {
        let view = View {
            within,
            zoom,
            limit: 200,
        };
        for (name, search) in [
            ("all", &all),
            ("a week", &week),
            ("two types", &typed),
            ("free seats", &seats),
            ("words", &saying("commun")),
        ] {
            let (micros, found) = measure(|| {
                let pins = app.map.pins(search, &view, now);
                pins.events.len() + pins.clusters.len()
            });
            writeln!(out, "pins, {part}, {name}: {micros:.1} {found}")?;
        }
        let (micros, found) = measure(|| app.map.facets(&all, Some(&within), now).days.len());
        writeln!(out, "facets, {part}: {micros:.1} {found}")?;
    }
    for (name, search) in [
        ("everywhere", &all),
        ("within 50 km", &near),
        ("everywhere, free seats", &seats),
        ("everywhere, words", &saying("commun")),
    ] {
        let (micros, found) = measure(|| app.map.facets(search, None, now).days.len());
        writeln!(out, "facets, {name}: {micros:.1} {found}")?;
    }
    for text in ["a", "commun", "badger", "zzz", "saturday phone", "s c m l"] {
        let (micros, found) = measure(|| app.map.search(&saying(text), now).hits.len());
        writeln!(out, "search, {text}: {micros:.1} {found}")?;
    }
    Ok(())
}
