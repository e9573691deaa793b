//! What is told of what is done in other ways than by one request about one RSVP.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{create, in_both_modes, kinds, receiver::Receiver};
use crate::{
    account::{another_device, erase},
    rsvps::rsvp,
};

/// That an event is off is known by a time, and time goes on while it is called off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_is_told_while_time_goes_on() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        create(admin, &receiver.url(), &["EVENT_CANCELLED"]).await;
        let host = world.activist("Wren").await;
        let (one, other) = (
            world.event(&host, json!({})).await,
            world.event(&host, json!({})).await,
        );
        let clock = world.app.clock.clone();
        let running = tokio::spawn(async move {
            loop {
                clock.advance(TimeDelta::microseconds(1));
                tokio::task::yield_now().await;
            }
        });
        host.mutate("cancelEvent", json!({"id": one.id}), "event { id }")
            .await
            .data();
        let both = json!({"ids": [one.id, other.id]});
        admin
            .mutate("bulkCancelEvents", both, "results { reason }")
            .await
            .data();
        running.abort();
        world.drain().await;
        let told = receiver.take();
        assert_eq!(kinds(&told), ["event.cancelled"; 2]);
        let mut about: Vec<_> = told
            .iter()
            .map(|told| told.json()["data"]["eventId"].clone())
            .collect();
        about.sort_by_key(Value::to_string);
        let mut expected = [json!(one.id), json!(other.id)];
        expected.sort_by_key(Value::to_string);
        assert_eq!(about, expected, "each once");
    })
    .await;
}

/// Whoever keeps a copy of an event hears that it was taken down, and finds nothing when they look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_down_is_told() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        create(admin, &receiver.url(), &["EVENT_UPDATED", "EVENT_CANCELLED"]).await;
        let cursor = admin.ask("{ changes { cursor } }", Value::Null).await;
        let why = json!({"id": made.id, "category": "SPAM", "reason": "No raffles."});
        admin.mutate("suppressEvent", why, "event { id }").await.data();
        world.drain().await;
        let told = receiver.take();
        assert_eq!(kinds(&told), ["event.updated"]);
        assert_eq!(told[0].json()["data"]["eventId"], json!(made.id));
        let query = "query($after: String) { changes(after: $after) { changes { eventId event { id } } } }";
        let after = json!({"after": cursor.at("/changes/cursor")});
        let changes = world.anonymous().ask(query, after).await;
        let changes = changes.at("/changes/changes").as_array().unwrap().clone();
        assert_eq!(
            changes.last().unwrap(),
            &json!({"eventId": made.id, "event": null})
        );
        // What becomes of it while it is down is nobody's business.
        world.advance(TimeDelta::seconds(1));
        let soon = json!({"id": made.timeslot, "startsAt": "2030-01-18T01:00:00Z"});
        host.mutate("updateTimeslot", soon, "event { id }").await.data();
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }")
            .await
            .data();
        world.drain().await;
        assert_eq!(kinds(&receiver.take()), [""; 0]);
    })
    .await;
}

/// Who is let in by what another does is told of, and so is an RSVP that goes with its person. Of seats that stay when
/// somebody is erased nothing is told, so that nobody learns from the time which of them were of one person.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_cause_is_told() {
    in_both_modes(async |world, admin| {
        let receiver = Receiver::start().await;
        create(admin, &receiver.url(), &["RSVP_CREATED", "RSVP_UPDATED"]).await;
        let heard = async || {
            world.drain().await;
            let told = receiver.take();
            let about = |told: &super::Told| told.json()["data"]["attendeeId"].as_str().unwrap().to_owned();
            (kinds(&told), told.iter().map(about).collect::<Vec<_>>())
        };
        let host = world.activist("Finch").await;
        let (wren, robin) = (world.activist("Wren").await, world.activist("Robin").await);
        let tomorrow = json!([{"startsAt": "2030-01-16T12:00:00Z", "endsAt": "2030-01-16T13:00:00Z"}]);
        let over = world.event(&host, json!({"timeslots": tomorrow})).await;
        let slot =
            json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 2}]);
        let to_come = world
            .event(&host, json!({"timeslots": slot, "waitlistOfferHours": 0}))
            .await;
        rsvp(&wren, &over, 1).await.data();
        heard().await;
        let id = rsvp(&wren, &to_come, 2).await.text("/rsvp/rsvp/id");
        let (created, wrens) = heard().await;
        rsvp(&robin, &to_come, 1).await.data();
        let (waits, robins) = heard().await;
        assert_eq!(
            (created.concat(), waits.concat()),
            ("rsvp.created".to_owned(), "rsvp.created".to_owned())
        );
        wren.mutate("cancelRsvp", json!({"id": id}), "status")
            .await
            .data();
        let (updated, mut both) = heard().await;
        let mut expected = [wrens.concat(), robins.concat()];
        both.sort();
        expected.sort();
        assert_eq!(
            (updated, both),
            (vec!["rsvp.updated".to_owned(); 2], expected.to_vec())
        );

        world.advance(TimeDelta::days(1) + TimeDelta::hours(2));
        let wren = another_device(world, &wren).await;
        erase(world, &wren).await.data();
        assert_eq!(heard().await, (vec!["rsvp.updated".to_owned()], wrens));
    })
    .await;
}
