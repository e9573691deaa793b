//! The controls: what a first draft would do is caught by the same check in the same crowd. Were it not, a race that
//! finds nothing would mean nothing.

use std::time::Duration;

use api::app::App;
use entity::{RsvpStatus, SealedBytes, rsvp, timeslot};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, EntityTrait};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::crowd::{Crowd, Wrong, answer, check, dates, rows};

/// Long enough for everybody to count before anybody inserts.
const THOUGHT: Duration = Duration::from_millis(200);

/// Counts, thinks, then inserts what the count allowed.
async fn count_then_insert(app: &App, slot: Uuid, person: Uuid, party: i32, thought: impl Future) {
    let row = timeslot::Entity::find_by_id(slot).one(app.db.writer()).await;
    let row = row.unwrap().unwrap();
    let taken: i32 = rows(app, slot).await.iter().map(|row| row.seats).sum();
    thought.await;
    let fits = row.capacity.is_none_or(|capacity| taken + party <= capacity);
    let now = app.clock.now();
    let guest = rsvp::Model {
        id: Uuid::now_v7(),
        timeslot_id: slot,
        event_id: row.event_id,
        person_id: person,
        status: if fits {
            RsvpStatus::Registered
        } else {
            RsvpStatus::Waitlisted
        },
        party_size: party,
        seats: if fits { party } else { 0 },
        name: SealedBytes(vec![]),
        details: None,
        offer_expires_at: None,
        waitlisted_at: (!fits).then_some(now),
        referrer: None,
        approved_at: None,
        listed: false,
        share_code: None,
        shared_by: None,
        confirmed_at: None,
        attendance_confirmed_at: None,
        version: 1,
        changed_at: now,
        created_at: now,
    };
    let guest = rsvp::ActiveModel::from(guest).reset_all();
    guest.insert(app.db.writer()).await.unwrap();
}

scenario! {
    /// Counting first and inserting later sells seats twice.
    async fn counting_first_oversells(world) {
        let crowd = Crowd::gather(world, 50).await;
        let (slots, _) = dates(world, &[5]).await;
        let guests = crowd.ids.iter().enumerate().map(|(number, person)| {
            let app = &crowd.processes[number % crowd.processes.len()];
            count_then_insert(app, slots[0], *person, 1, sleep(THOUGHT))
        });
        join_all(guests).await;
        let wrong = check(&world.app, slots[0]).await.unwrap_err();
        assert!(matches!(wrong, Wrong::Over { sold, capacity: 5 } if sold > 5), "{wrong:?}");
        crowd.leave().await;
    }
}

scenario! {
    /// Queueing up without looking again leaves a seat empty that was given back meanwhile.
    async fn queueing_without_a_second_look_undersells(world) {
        let crowd = Crowd::gather(world, 2).await;
        let (slots, _) = dates(world, &[1]).await;
        let first = answer(&crowd.people[0], slots[0], 1).await;
        assert_eq!(first.at("/rsvp/status"), "REGISTERED");
        let id = first.text("/rsvp/rsvp/id");
        let cancels = async {
            crowd.people[0].mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        };
        count_then_insert(&world.app, slots[0], crowd.ids[1], 1, cancels).await;
        let wrong = check(&world.app, slots[0]).await.unwrap_err();
        assert_eq!(wrong, Wrong::Under { free: 1, waiting: 1 });
        world.drain().await;
        crowd.leave().await;
    }
}
