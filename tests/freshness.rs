//! The map of one process follows what others write: told by Redis, by its own repair when it was not told, and for
//! whoever turns its pages meanwhile.

mod pages;

use std::{sync::Arc, time::Duration};

use api::app::App;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, StaffRole, event};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use crate::{
    harness::{Background, Caller, Made, World, eventually, redis_url, serve, unique},
    rsvps::rsvp,
};

/// By Redis.
const TOLD: Duration = Duration::from_secs(1);
/// By repair, which looks every second.
const REPAIRED: Duration = Duration::from_secs(2);

/// Title and free seats of an event, as somebody finds it at that server.
async fn found(caller: &Caller, made: &Made) -> Option<(String, i64)> {
    const QUERY: &str = "{ events(first: 100) { edges { node { id title } timeslot { seatsLeft } } } }";
    let answer = caller.ask(QUERY, json!({})).await;
    let edges = answer.at("/events/edges").as_array().unwrap().clone();
    let edge = edges
        .into_iter()
        .find(|edge| edge["node"]["id"] == made.id.as_str())?;
    let seats = edge["timeslot"]["seatsLeft"].as_i64().unwrap();
    Some((edge["node"]["title"].as_str().unwrap().to_owned(), seats))
}

/// Whoever looks at `other` sees what happens at the world's own server: an event, its seats, its title, its end.
async fn assert_follows(world: &World, other: &Arc<App>, limit: Duration) {
    let (url, server) = serve(other);
    let there = world.anonymous().at(&url);
    let host = world.activist("Wren").await;
    let made = world.event_with_seats(&host, 5).await;
    let title = "Calls for clean water".to_owned();
    let seen = async |expected: Option<(String, i64)>, what: &str| {
        eventually(limit, what, async || found(&there, &made).await == expected).await;
    };
    seen(Some((title.clone(), 5)), "the event is found").await;
    rsvp(&world.activist("Finch").await, &made, 2).await.data();
    seen(Some((title, 3)), "its seats are taken").await;
    let change = json!({"id": made.id, "expectedVersion": made.version, "title": "Letters for clean water"});
    host.mutate("updateEvent", change, "event { id }").await.data();
    seen(
        Some(("Letters for clean water".to_owned(), 3)),
        "its title is new",
    )
    .await;
    host.mutate("cancelEvent", json!({"id": made.id}), "event { id }")
        .await
        .data();
    seen(None, "it is gone").await;
    world.drain().await;
    server.stop(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_told_by_redis() {
    let world = World::production().await;
    let other = world.another_process().await;
    let listening = Background::listen(&other); // and no repair
    let client = redis::Client::open(redis_url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let channel = format!("{{{}}}:events", world.app.config.redis_prefix);
    let mut subscribed = async || {
        let mut count = redis::cmd("PUBSUB");
        let count = count
            .arg("NUMSUB")
            .arg(&channel)
            .query_async(&mut connection)
            .await;
        let (_, count): (String, i64) = count.unwrap();
        count == 1
    };
    eventually(TOLD * 5, "it listens", async || subscribed().await).await;
    assert_follows(&world, &other, TOLD).await;
    listening.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_find_out_when_redis_does_not_carry_it() {
    let world = World::production().await;
    let prefix = unique();
    let other = world.another_process_with(&[("redis_prefix", &prefix)]).await;
    let background = [Background::listen(&other), Background::keep_fresh(&other)];
    assert_follows(&world, &other, REPAIRED).await;
    for part in background {
        part.stop().await;
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_writes_beside_the_server_is_seen() {
    let world = World::embedded().await;
    let serving = world.another_process().await;
    let fresh = Background::keep_fresh(&serving);
    assert_follows(&world, &serving, REPAIRED).await;
    fresh.stop().await;
    world.finish().await;
}

/// Publishes a draft by hand, at the time `at`, in a transaction that is left open.
async fn publish_by_hand(app: &App, made: &Made, at: DateTime<Utc>) -> sea_orm::DatabaseTransaction {
    let transaction = app.db.begin().await.unwrap();
    let update = event::Entity::update_many()
        .col_expr(event::Column::Status, Expr::value(EventStatus::Approved))
        .col_expr(event::Column::ChangedAt, Expr::value(at))
        .col_expr(event::Column::Version, Expr::col(event::Column::Version).add(1))
        .filter(event::Column::Id.eq(key(made)));
    assert_eq!(update.exec(&transaction).await.unwrap().rows_affected, 1);
    transaction
}

fn key(made: &Made) -> Uuid {
    made.id.trim_start_matches("event:").parse().unwrap()
}

/// Of two transactions, the one with the earlier time commits last, after the other process has looked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_found_all_the_same() {
    let world = World::production().await;
    let prefix = unique();
    let other = world.another_process_with(&[("redis_prefix", &prefix)]).await;
    let host = world.activist("Wren").await;
    let late = world.draft(&host, json!({"title": "Late"})).await;
    let too_late = world.draft(&host, json!({"title": "Too late"})).await;

    // A transaction is cut off after 30 seconds; this one takes nearly all of them.
    let open = publish_by_hand(&world.app, &late, world.now()).await;
    world.advance(TimeDelta::seconds(29));
    let early = world.event(&host, json!({"title": "Early"})).await;
    let now = || other.clock.now();
    assert_eq!(other.map.repair(&other.db, now()).await.unwrap().mended, 1);
    assert!(other.map.get(key(&early)).is_some() && other.map.get(key(&late)).is_none());
    open.commit().await.unwrap();
    assert_eq!(other.map.repair(&other.db, now()).await.unwrap().mended, 1);
    assert!(other.map.get(key(&late)).is_some());

    // No transaction may last that long. If one did, the sweep would find what it wrote, and say so.
    let open = publish_by_hand(&world.app, &too_late, world.now()).await;
    world.advance(TimeDelta::seconds(61));
    assert_eq!(other.map.repair(&other.db, now()).await.unwrap().mended, 0);
    world.advance(TimeDelta::seconds(1));
    open.commit().await.unwrap();
    assert_eq!(other.map.repair(&other.db, now()).await.unwrap().mended, 0);
    assert!(other.map.get(key(&too_late)).is_none());
    assert_eq!(other.map.sweep(&other.db, now()).await.unwrap().len(), 1);
    assert!(other.map.get(key(&too_late)).is_some());
    world.finish().await;
}
