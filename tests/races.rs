//! Many people at once for few seats, at two processes over one database: never too many, never too few.

mod batches;
mod crossing;
mod crowd;
mod naive;

use api::app::App;
use entity::{RsvpStatus, outbox};
use futures_util::future::{BoxFuture, FutureExt, join_all};
use sea_orm::{ActiveEnum, EntityTrait};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Answer, Caller};
use crowd::{Crowd, answer, check, dates, rows};

/// `TEST_RACE_ROUNDS=500 ./test races` asks for more; an event has at most 500 dates.
fn rounds() -> i32 {
    let asked = std::env::var("TEST_RACE_ROUNDS");
    asked.map_or(20, |rounds| rounds.parse().unwrap())
}

/// What people read about it is told by other tests; thousands of mails would only take their time.
async fn forget_mails(app: &App) {
    outbox::Entity::delete_many().exec(app.db.writer()).await.unwrap();
}

/// Everybody was told what is so.
async fn assert_told(app: &App, slot: Uuid, answers: impl IntoIterator<Item = &Answer>) {
    let rows = rows(app, slot).await;
    for told in answers {
        let id: Uuid = told
            .text("/rsvp/rsvp/id")
            .trim_start_matches("rsvp:")
            .parse()
            .unwrap();
        let row = rows.iter().find(|row| row.id == id).unwrap();
        assert_eq!(told.text("/rsvp/status"), row.status.to_value());
    }
}

scenario! {
    /// Fifty at once: as many come as fit, the last seat is given, and everybody was told so.
    async fn the_last_seat_is_given_once(world) {
        let crowd = Crowd::gather(world, 50).await;
        let capacities: Vec<i32> = (0..rounds()).map(|round| 1 + round % 25 * 2).collect();
        let (slots, _) = dates(world, &capacities).await;
        for (round, slot) in slots.iter().enumerate() {
            // In every other round all come alone: then no seat at all may stay empty.
            let sizes = if round % 2 == 0 { 1 } else { 5 };
            let party = |number: usize| i32::try_from(number % sizes).unwrap() + 1;
            let guests = crowd.people.iter().enumerate();
            let answers = join_all(guests.map(|(number, guest)| answer(guest, *slot, party(number)))).await;
            assert_eq!(check(&world.app, *slot).await, Ok(()), "round {round}");
            assert_told(&world.app, *slot, &answers).await;
            let coming: i32 = rows(&world.app, *slot).await.iter().map(|row| row.seats).sum();
            assert!(sizes > 1 || coming == capacities[round], "{coming} in round {round}");
        }
        forget_mails(&world.app).await;
        crowd.leave().await;
    }
}

scenario! {
    /// The same person at both servers at once is one RSVP.
    async fn one_person_answers_twice_at_once(world) {
        let crowd = Crowd::gather(world, 1).await;
        let (slots, _) = dates(world, &[3; 10]).await;
        for slot in slots {
            let asked = (1..=6).map(|number| {
                let guest = crowd.people[0].at(&crowd.urls[number % crowd.urls.len()]);
                async move { answer(&guest, slot, i32::try_from(number % 3).unwrap() + 1).await }
            });
            for told in join_all(asked).await {
                assert_eq!(told.at("/rsvp/status"), "REGISTERED");
            }
            assert_eq!(check(&world.app, slot).await, Ok(()));
            assert_eq!(rows(&world.app, slot).await.len(), 1);
        }
        forget_mails(&world.app).await;
        crowd.leave().await;
    }
}

scenario! {
    /// Cancelling, changing, answering, with and without an account, while the host changes the number of seats:
    /// afterwards nobody waits who fits.
    async fn seats_given_back_are_given_on(world) {
        let crowd = Crowd::gather(world, 50).await;
        let (slots, host) = dates(world, &[12; 8]).await;
        for (round, slot) in slots.into_iter().enumerate() {
            let (early, late) = crowd.people.split_at(25);
            let party = |number: usize| i32::try_from((number * 3 + round) % 4).unwrap() + 1;
            let guests = early.iter().enumerate();
            let first = join_all(guests.map(|(number, guest)| answer(guest, slot, party(number)))).await;
            let mut at_once: Vec<BoxFuture<Answer>> = Vec::new();
            for (number, (guest, told)) in early.iter().zip(&first).enumerate() {
                let id = told.text("/rsvp/rsvp/id");
                at_once.push(match number % 4 {
                    0 => async move { guest.mutate("cancelRsvp", json!({"id": id}), "status").await }.boxed(),
                    1 => async move {
                        let input = json!({"id": id, "partySize": party(number + 1)});
                        guest.mutate("updateRsvp", input, "status").await
                    }.boxed(),
                    2 => answer(guest, slot, party(number + 2)).boxed(),
                    _ => async move {
                        let input = json!({"timeslotId": format!("timeslot:{slot}"), "response": "NO",
                            "name": {"givenName": "Guest"}});
                        guest.mutate("rsvp", input, "status").await
                    }.boxed(),
                });
            }
            for (number, guest) in late.iter().enumerate() {
                at_once.push(answer(guest, slot, party(number)).boxed());
            }
            let stranger = world.anonymous();
            at_once.push(async move {
                let input = json!({"timeslotId": format!("timeslot:{slot}"), "name": {"givenName": "Guest"},
                    "email": format!("stranger{round}@example.org")});
                stranger.mutate("rsvp", input, "status").await
            }.boxed());
            for (number, capacity) in [16, 3, 9, 20, 12].into_iter().enumerate() {
                let host = host.at(&crowd.urls[number % crowd.urls.len()]);
                at_once.push(async move { set_capacity(&host, slot, capacity).await }.boxed());
            }
            for told in join_all(at_once).await {
                // A party that grew, or seats that are given away already, may be refused.
                assert!(told.code_if_any().is_none_or(|code| code == "BAD_USER_INPUT"), "{}", told.body);
            }
            assert_eq!(check(&world.app, slot).await, Ok(()), "round {round}");
            let cancelled = rows(&world.app, slot).await;
            assert_eq!(cancelled.iter().filter(|row| row.status == RsvpStatus::Cancelled).count(), 7);
        }
        forget_mails(&world.app).await;
        crowd.leave().await;
    }
}

async fn set_capacity(host: &Caller, slot: Uuid, capacity: i32) -> Answer {
    let input = json!({"id": format!("timeslot:{slot}"), "capacity": capacity});
    host.mutate("updateTimeslot", input, "event { id }").await
}
