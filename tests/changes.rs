//! `changes`: what clients that keep events are told, what they are not told, and that nothing is missed.

use std::{collections::BTreeMap, sync::Arc};

use api::app::App;
use chrono::TimeDelta;
use entity::{event, publication};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::harness::{Answer, Caller, Made, World};

const CHANGES: &str = "query($after: String, $first: Int) { changes(after: $after, first: $first) {
    cursor hasMore resync changes { eventId kind changedAt event { id title version status } } } }";

async fn ask(caller: &Caller, after: Option<&str>, first: i32) -> Answer {
    caller.ask(CHANGES, json!({"after": after, "first": first})).await
}

/// Where a client begins.
async fn begin(caller: &Caller) -> String {
    let answer = ask(caller, None, 50).await;
    assert_eq!(answer.at("/changes/changes"), &json!([]));
    assert_eq!(answer.at("/changes/resync"), false);
    answer.text("/changes/cursor")
}

/// Everything after a cursor, by pages of two, and the cursor at the end.
async fn walk(caller: &Caller, mut after: String) -> (Vec<Value>, String) {
    let mut seen = vec![];
    loop {
        let answer = ask(caller, Some(&after), 2).await;
        let page = answer.at("/changes/changes").as_array().unwrap().clone();
        assert!(page.len() <= 2);
        seen.extend(page);
        after = answer.text("/changes/cursor");
        if answer.at("/changes/hasMore") == &json!(false) {
            return (seen, after);
        }
    }
}

/// Kind and title (null where the event is not told) by event; the last counts.
fn by_event(changes: &[Value]) -> BTreeMap<String, (String, Value)> {
    let line = |change: &Value| {
        let text = |name: &str| change[name].as_str().unwrap().to_owned();
        (text("eventId"), (text("kind"), change["event"]["title"].clone()))
    };
    changes.iter().map(line).collect()
}

async fn retitle(host: &Caller, made: &Made, title: &str) {
    let query = "query($id: ID!) { event(id: $id) { version } }";
    let version = host
        .ask(query, json!({"id": made.id}))
        .await
        .at("/event/version")
        .clone();
    let input = json!({"id": made.id, "expectedVersion": version, "title": title});
    host.mutate("updateEvent", input, "event { id }").await.data();
}

scenario! {
    /// A client that keeps events hears of new ones, of changes, and of what went off the map and how.
    async fn a_client_follows_the_map(world) {
        let (host, client) = (world.activist("Wren").await, world.anonymous());
        let old = world.event(&host, json!({"title": "Old"})).await;
        world.advance(TimeDelta::hours(1));
        let host = world.activist("Wren").await; // tokens are short
        let cursor = begin(&client).await;
        assert_eq!(walk(&client, cursor.clone()).await.0, Vec::<Value>::new());
        let mut made = vec![];
        for title in ["One", "Two", "Three", "Four", "Five"] {
            made.push(world.event(&host, json!({"title": title})).await);
        }
        let (seen, cursor) = walk(&client, cursor).await;
        assert_eq!(by_event(&seen).len(), 5, "{seen:?}");
        assert!(seen.iter().all(|change| change["kind"] == "CHANGED" && change["event"]["status"] == "APPROVED"));

        world.advance(TimeDelta::minutes(5));
        let host = world.activist("Wren").await;
        let (seen, cursor) = walk(&client, cursor).await;
        assert_eq!(by_event(&seen).len(), 5, "what may be late is told once more");
        assert_eq!(walk(&client, cursor.clone()).await.0, Vec::<Value>::new(), "and then no more");
        retitle(&host, &made[0], "One, again").await;
        host.mutate("cancelEvent", json!({"id": made[1].id}), "event { id }").await.data();
        let version = json!({"id": made[2].id, "expectedVersion": made[2].version, "visibility": "UNLISTED"});
        host.mutate("updateEvent", version, "event { id }").await.data();
        host.mutate("cancelTimeslot", json!({"id": old.timeslot}), "event { id }").await.data();
        let (seen, cursor) = walk(&client, cursor).await;
        let expected = [
            (&old.id, ("CHANGED", json!("Old"))), (&made[0].id, ("CHANGED", json!("One, again"))),
            (&made[1].id, ("REMOVED", json!("Two"))), (&made[2].id, ("REMOVED", Value::Null)),
        ];
        let expected = expected.map(|(id, (kind, title))| (id.clone(), (kind.to_owned(), title)));
        assert_eq!(by_event(&seen), BTreeMap::from(expected));

        world.advance(TimeDelta::minutes(5));
        let host = world.activist("Wren").await;
        let (_, cursor) = walk(&client, cursor).await;
        let query = "query($id: ID!) { event(id: $id) { version } }";
        let version = host.ask(query, json!({"id": made[2].id})).await.at("/event/version").clone();
        let public = json!({"id": made[2].id, "expectedVersion": version, "visibility": "PUBLIC"});
        host.mutate("updateEvent", public, "event { id }").await.data();
        let (seen, _) = walk(&client, cursor).await;
        assert_eq!(by_event(&seen), BTreeMap::from([(made[2].id.clone(), ("CHANGED".to_owned(), json!("Three")))]));
        world.drain().await;
    }
}

scenario! {
    /// Whoever listens to changes learns of no event that was never on the map, whatever becomes of it, and however they
    /// are signed in.
    async fn what_was_never_public_is_not_told(world) {
        let host = world.activist("Wren").await;
        let cursor = begin(&host).await;
        let draft = world.draft(&host, json!({})).await;
        retitle(&host, &draft, "Draft").await;
        host.mutate("cancelEvent", json!({"id": draft.id}), "event { id }").await.data();
        let waiting = world.draft(&host, json!({})).await;
        host.mutate("publishEvent", json!({"id": waiting.id}), "event { id }").await.data();
        let unlisted = world.event(&host, json!({"visibility": "UNLISTED"})).await;
        retitle(&host, &unlisted, "Unlisted").await;
        host.mutate("cancelEvent", json!({"id": unlisted.id}), "event { id }").await.data();
        for caller in [&host, &world.anonymous()] {
            assert_eq!(walk(caller, cursor.clone()).await.0, Vec::<Value>::new());
        }
        world.drain().await;
    }
}

scenario! {
    /// A cursor that is too old to say what has gone says so; one that is none is refused.
    async fn old_cursors_say_so(world) {
        let client = world.anonymous();
        let cursor = begin(&client).await;
        world.advance(TimeDelta::days(89));
        assert_eq!(ask(&client, Some(&cursor), 1).await.at("/changes/resync"), false);
        world.advance(TimeDelta::days(2));
        let answer = ask(&client, Some(&cursor), 1).await;
        assert_eq!(answer.at("/changes/resync"), true);
        let fresh = answer.text("/changes/cursor");
        assert_eq!(ask(&client, Some(&fresh), 1).await.at("/changes/resync"), false);
        for bad in ["", "x", "!!!!", &"A".repeat(5_000), "\u{202e}\u{0}"] {
            assert_eq!(ask(&client, Some(bad), 1).await.wrong_fields(), ["after"], "{bad:.10}");
        }
        for size in [0, -1, 101] {
            assert_eq!(ask(&client, None, size).await.wrong_fields(), ["first"], "{size}");
        }
    }
}

scenario! {
    /// A change that was committed late, behind what was read, is found by the next walk; so is one that is committed while
    /// somebody walks.
    async fn what_is_late_is_not_missed(world) {
        let (host, client) = (world.activist("Wren").await, world.anonymous());
        let cursor = begin(&client).await;
        let late = world.event(&host, json!({"title": "Late"})).await;
        let late = late.id.trim_start_matches("event:").parse::<Uuid>().unwrap();
        let row = publication::Entity::find_by_id(late).one(world.app.db.reader()).await.unwrap().unwrap();
        publication::Entity::delete_by_id(late).exec(world.app.db.writer()).await.unwrap();
        world.advance(TimeDelta::seconds(29));
        for title in ["A", "B", "C"] {
            world.event(&host, json!({"title": title})).await;
        }
        let first = ask(&client, Some(&cursor), 2).await;
        assert_eq!(first.at("/changes/hasMore"), true);
        let row = publication::ActiveModel::from(row).reset_all();
        publication::Entity::insert(row).exec_without_returning(world.app.db.writer()).await.unwrap();
        let (rest, cursor) = walk(&client, first.text("/changes/cursor")).await;
        assert_eq!(rest.len(), 1, "its place was passed on this walk");
        let (seen, _) = walk(&client, cursor).await;
        let titles: Vec<_> = seen.iter().map(|change| change["event"]["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Late", "A", "B", "C"], "in the order of their times");
        world.drain().await;
    }
}

/// Two transactions at once: the one that began first is committed last, after somebody has read what the other wrote.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_lasts_is_not_missed() {
    let world = World::production().await;
    let (host, client) = (world.activist("Wren").await, world.anonymous());
    let slow = world.event(&host, json!({"title": "Slow"})).await;
    world.advance(TimeDelta::minutes(5));
    let cursor = begin(&client).await;
    let (_, cursor) = walk(&client, cursor).await;
    let id = slow.id.trim_start_matches("event:").parse::<Uuid>().unwrap();
    let (written, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let task = tokio::spawn(retitle_slowly(
        Arc::clone(&world.app),
        id,
        Arc::clone(&written),
        Arc::clone(&go),
    ));
    written.notified().await;
    world.advance(TimeDelta::seconds(20));
    world.event(&host, json!({"title": "Quick"})).await;
    let (seen, cursor) = walk(&client, cursor).await;
    assert_eq!(seen.len(), 1);
    go.notify_one();
    task.await.unwrap();
    let (seen, _) = walk(&client, cursor).await;
    let titles: Vec<_> = seen.iter().map(|change| &change["event"]["title"]).collect();
    assert_eq!(titles, ["Slower", "Quick"]);
    world.drain().await;
    world.finish().await;
}

async fn retitle_slowly(app: Arc<App>, id: Uuid, written: Arc<Notify>, go: Arc<Notify>) {
    app.write(async |tx| {
        event::Entity::update_many()
            .col_expr(event::Column::Title, Expr::value("Slower"))
            .col_expr(event::Column::Version, Expr::value(100))
            .col_expr(event::Column::ChangedAt, Expr::value(tx.now()))
            .filter(event::Column::Id.eq(id))
            .exec(tx.db())
            .await?;
        tx.event_changed(id);
        written.notify_one();
        go.notified().await;
        Ok(())
    })
    .await
    .unwrap();
}
