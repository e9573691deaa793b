//! One person does several things at once, which take the same rows in different orders.

use futures_util::future::{BoxFuture, FutureExt, join_all};
use serde_json::json;

use super::{
    crowd::{Crowd, answer, check, dates},
    forget_mails,
};
use crate::harness::{Answer, World};

/// Moving to a date while answering for it, and for both, again and again, at two processes: whichever PostgreSQL gives up
/// is done once more, and nobody is told to try again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moving_and_answering_at_once() {
    let world = World::production().await;
    let crowd = Crowd::gather(&world, 6).await;
    for round in 0..super::rounds().min(30) / 2 {
        let (slots, _) = dates(&world, &[30, 30]).await;
        let first = join_all(crowd.people.iter().map(|person| answer(person, slots[0], 1))).await;
        let mut at_once: Vec<BoxFuture<Answer>> = Vec::new();
        for (person, told) in crowd.people.iter().zip(&first) {
            let id = told.at("/rsvp/rsvp/id").clone();
            let to = format!("timeslot:{}", slots[1]);
            let both = slots
                .iter()
                .map(|slot| format!("timeslot:{slot}"))
                .collect::<Vec<_>>();
            let other = person.at(&crowd.urls[0]);
            at_once.push(
                async move {
                    let input = json!({"id": id, "timeslotId": to});
                    person.mutate("moveRsvp", input, "status").await
                }
                .boxed(),
            );
            let there = slots[1];
            at_once.push(async move { answer(&other, there, 2).await }.boxed());
            at_once.push(
                async move {
                    let input =
                        json!({"timeslotIds": both, "mode": "ALL_OR_NONE", "name": {"givenName": "Guest"}});
                    person.mutate("rsvpToAll", input, "results { code }").await
                }
                .boxed(),
            );
        }
        for told in join_all(at_once).await {
            // Who answered there before cannot move there; nothing else is in the way.
            let code = told.code_if_any();
            assert!(
                matches!(code, None | Some("BAD_USER_INPUT" | "CONFLICT")),
                "{round}: {}",
                told.body
            );
        }
        for slot in slots {
            assert_eq!(check(&world.app, slot).await, Ok(()), "round {round}");
        }
        forget_mails(&world.app).await;
    }
    crowd.leave().await;
    world.finish().await;
}
