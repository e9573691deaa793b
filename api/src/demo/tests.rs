//! The sample data is complete, and a further start adds only what is over.

use std::collections::HashSet;

use chrono::{TimeDelta, Timelike};
use entity::{event, event_host, person, rsvp, timeslot};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::*;
use crate::import::testing::TestApp;

async fn slots(app: &App) -> Vec<timeslot::Model> {
    timeslot::Entity::find().all(app.db.reader()).await.unwrap()
}

#[tokio::test]
async fn there_is_something_to_see_and_a_second_start_adds_nothing() {
    let app = TestApp::start("2026-03-01T12:00:00Z").await;
    load(&app).await.unwrap();
    let events = event::Entity::find().all(app.db.reader()).await.unwrap();
    assert_eq!(events.len(), CITIES.len() * EVENTS_PER_CITY);
    let first = slots(&app).await;
    assert!(first.iter().all(|slot| slot.ends_at > app.clock.now()));
    let full = |slot: &&timeslot::Model| slot.capacity == Some(slot.taken);
    assert!(first.iter().any(|slot| full(&slot)) && first.iter().any(|slot| !full(&slot)));

    app.clock.advance(TimeDelta::hours(1));
    load(&app).await.unwrap();
    assert_eq!(event::Entity::find().all(app.db.reader()).await.unwrap(), events);
    assert_eq!(slots(&app).await, first);
    let people = person::Entity::find().count(app.db.reader()).await.unwrap();
    assert_eq!(people, (CITIES.len() + GUESTS.len()) as u64);
    let hosts = event_host::Entity::find().count(app.db.reader()).await.unwrap();
    assert_eq!(hosts, events.len() as u64);
}

#[tokio::test]
async fn dates_that_are_over_come_again_and_stay_as_history() {
    let app = TestApp::start("2026-03-01T12:00:00Z").await;
    load(&app).await.unwrap();
    let first = slots(&app).await;
    app.clock.advance(TimeDelta::days(10));
    load(&app).await.unwrap();
    let second = slots(&app).await;
    assert!(second.len() > first.len());
    assert!(second.iter().all(|slot| slot.cancelled_at.is_none()));
    let over = first
        .iter()
        .filter(|slot| slot.ends_at <= app.clock.now())
        .count();
    assert_eq!(second.len(), first.len() + over);
    // Taken seats are those of RSVPs.
    let rows = rsvp::Entity::find().all(app.db.reader()).await.unwrap();
    for slot in second {
        let seats: i32 = rows
            .iter()
            .filter(|row| row.timeslot_id == slot.id)
            .map(|row| row.seats)
            .sum();
        assert_eq!(slot.taken, seats);
    }
}

#[test]
fn dates_are_in_the_evening_to_come_and_one_a_day() {
    let now = "2026-03-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
    for hour in 0..CYCLE * 24 {
        let now = now + TimeDelta::hours(i64::from(hour));
        for (number, city) in CITIES.iter().enumerate() {
            for scene in &SCENES {
                let slots = timeslots(number, city, scene, now);
                let days: HashSet<&str> = slots.iter().map(|slot| slot.origin_id.as_str()).collect();
                assert_eq!(days.len(), slots.len());
                for slot in &slots {
                    assert_eq!(slot.starts_at.with_timezone(&city.zone).hour(), scene.hour);
                    assert!(slot.ends_at > now && slot.starts_at < now + TimeDelta::days(30));
                }
            }
        }
    }
}

#[test]
fn no_scene_has_more_parties_than_there_are_seats_or_guests() {
    for scene in &SCENES {
        assert!(scene.parties.len() <= GUESTS.len(), "{}", scene.title);
        let taken = scene.parties.iter().sum::<i32>();
        assert!(
            scene.capacity.is_none_or(|seats| taken <= seats),
            "{}",
            scene.title
        );
    }
}
