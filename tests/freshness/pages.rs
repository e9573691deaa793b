//! Walking all pages while events come, change and go.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use tokio::time::sleep;

use super::*;
use crate::harness::event_input;

const STANDING: usize = 40;
/// So many come and go meanwhile.
const COME: usize = 25;
/// Somebody reads a page for so long, and others write.
const READING: Duration = Duration::from_millis(30);

/// An event so many kilometres north of Des Moines.
fn at(kilometres: f64, title: &str, day: i64) -> Value {
    let start: DateTime<Utc> = "2030-01-18T00:00:00Z".parse().unwrap();
    let start = start + TimeDelta::days(day);
    json!({
        "title": title,
        "place": {"locality": "Des Moines", "latitude": 41.5868 + kilometres / 111.2, "longitude": -93.625},
        "timeslots": [{"startsAt": start, "endsAt": start + TimeDelta::hours(2)}]
    })
}

/// Ids of all pages, seven at a time.
async fn walk(caller: &Caller, order: &str) -> Vec<String> {
    const QUERY: &str =
        "query($order: EventOrder!, $after: String) { nearbyEvents(near: {point: {latitude: 41.5868,
        longitude: -93.625}}, orderBy: $order, first: 7, after: $after) {
        edges { node { id } } pageInfo { hasNextPage endCursor } } }";
    let mut ids = Vec::new();
    let mut after = Value::Null;
    loop {
        let answer = caller.ask(QUERY, json!({"order": order, "after": after})).await;
        let edges = answer.at("/nearbyEvents/edges").as_array().unwrap();
        ids.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()),
        );
        if answer.at("/nearbyEvents/pageInfo/hasNextPage") == false {
            return ids;
        }
        sleep(READING).await;
        after = answer.at("/nearbyEvents/pageInfo/endCursor").clone();
    }
}

/// Does something with an event and returns its new version.
async fn act(host: &Caller, mutation: &str, input: Value) -> Value {
    let answer = host.mutate(mutation, input, "event { id version }").await;
    answer.at(&format!("/{mutation}/event")).clone()
}

/// Events come between those that stand, move and go, and those that stand get other titles.
async fn disturb(host: &Caller, standing: &mut [Value]) {
    for count in 0..COME {
        let kilometres = |step: usize| (count * step % 40) as f64 + 0.5;
        let day = i64::try_from(count % 30).unwrap();
        let input = event_input(at(kilometres(1), "Comes and goes", day));
        let id = act(host, "createEvent", input).await["id"].clone();
        let comes = act(host, "publishEvent", json!({"id": id})).await;
        let place = at(kilometres(7), "", 0)["place"].clone();
        let moves = json!({"id": id, "expectedVersion": comes["version"], "place": place});
        act(host, "updateEvent", moves).await;
        let stands = &mut standing[count % STANDING];
        let title = format!("Stands, as it did {count} events ago");
        let renamed = json!({"id": stands["id"], "expectedVersion": stands["version"], "title": title});
        *stands = act(host, "updateEvent", renamed).await;
        if count % 3 > 0 {
            act(host, "cancelEvent", json!({"id": id})).await;
        }
    }
}

scenario! {
    /// What stood throughout is found once by every walk. (What moves meanwhile may be met again where it went.)
    async fn walking_all_pages_during_writes(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let mut standing = Vec::new();
        for number in 0..STANDING {
            let day = i64::try_from(number * 7 % 30).unwrap();
            let made = world.draft(&organizer, at(number as f64, "Stands", day)).await;
            standing.push(act(&organizer, "publishEvent", json!({"id": made.id})).await);
        }
        let ids: Vec<String> = standing.iter().map(|made| made["id"].as_str().unwrap().to_owned()).collect();
        let done = AtomicBool::new(false);
        let writes = async {
            disturb(&organizer, &mut standing).await;
            done.store(true, Ordering::Relaxed);
        };
        let walks = async {
            let mut walks = 0;
            while !done.load(Ordering::Relaxed) {
                let found = walk(&world.anonymous(), ["DISTANCE", "START"][walks % 2]).await;
                let mut stood: Vec<&String> = found.iter().filter(|id| ids.contains(id)).collect();
                let count = stood.len();
                stood.sort();
                stood.dedup();
                assert_eq!(count, stood.len(), "an event was repeated");
                assert_eq!(count, STANDING, "an event was lost");
                walks += 1;
            }
            walks
        };
        let ((), walks) = tokio::join!(writes, walks);
        assert!(walks >= 4, "only {walks} walks meanwhile");
    }
}
