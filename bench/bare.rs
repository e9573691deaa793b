//! The limit that `nearbyEvents` is measured against: a bare actix handler that answers the same JSON, by serde, from
//! the same map. No GraphQL, no checks, no headers.
//!
//! `bare ADDRESS`, with the settings of `turnout serve` in the environment.

use std::sync::Arc;

use actix_web::{
    App as Site, HttpResponse, HttpServer,
    web::{self, Data, Query},
};
use api::{
    app::App,
    clock::Clock,
    config::Config,
    map::{Hit, Near, Order, Search},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct At {
    latitude: f64,
    longitude: f64,
}

#[derive(Serialize)]
struct Answer<'a> {
    data: Root<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Root<'a> {
    nearby_events: Events<'a>,
}

#[derive(Serialize)]
struct Events<'a> {
    edges: Vec<Edge<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edge<'a> {
    distance_metres: Option<f64>,
    timeslot: Slot,
    node: Node<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Slot {
    starts_at: DateTime<Utc>,
    seats_left: Option<i32>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: String,
    title: &'a str,
    hosts: Vec<Host<'a>>,
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Host<'a> {
    public_name: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    venue: Option<&'a str>,
    locality: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

fn edge(hit: &Hit) -> Edge<'_> {
    let listing = &hit.listing;
    Edge {
        distance_metres: hit.distance_metres,
        timeslot: Slot {
            starts_at: hit.timeslot.starts_at,
            seats_left: hit.timeslot.seats_left(),
        },
        node: Node {
            id: format!("event:{}", listing.id),
            title: &listing.title,
            hosts: listing
                .hosts
                .iter()
                .map(|(_, name)| Host { public_name: name })
                .collect(),
            place: listing.place.as_ref().map(|place| Place {
                venue: place.venue.as_deref(),
                locality: place.locality.as_deref(),
                latitude: place.latitude,
                longitude: place.longitude,
            }),
        },
    }
}

async fn nearby(app: Data<App>, at: Query<At>) -> HttpResponse {
    let now = app.clock.now();
    let search = Search {
        near: Some(Near {
            latitude: at.latitude,
            longitude: at.longitude,
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
        order: Order::Distance,
        past: None,
        backward: false,
        size: 20,
    };
    let page = app.map.search(&search, now);
    let edges = page.hits.iter().map(edge).collect();
    HttpResponse::Ok().json(Answer {
        data: Root {
            nearby_events: Events { edges },
        },
    })
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let app = App::start(Config::load(None, &[])?, Clock::System).await?;
    let server = HttpServer::new(move || {
        Site::new()
            .app_data(Data::from(Arc::clone(&app)))
            .route("/nearby", web::get().to(nearby))
    });
    server.workers(2).bind(address)?.run().await?;
    Ok(())
}
