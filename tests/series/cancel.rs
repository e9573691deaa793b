//! Calling off one date of a series, it and those after it, or all of them.

use chrono::TimeDelta;
use serde_json::json;

use super::{COUNTS, counts, dates, locals, series, update, weekly};
use crate::harness::{Answer, Caller};

async fn cancel(host: &Caller, id: &str, scope: &str) -> Answer {
    host.mutate("cancelTimeslots", json!({"id": id, "scope": scope}), COUNTS)
        .await
}

scenario! {
    /// Each scope calls off what it says, exceptions included, and a repeat changes nothing.
    async fn each_scope(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, "FREQ=WEEKLY;COUNT=6").await;
        let before = dates(&host, &made.id).await;
        let guest = world.activist("Finch").await;
        guest.mutate("rsvp", json!({"timeslotId": before[4].id}), "status").await.data();
        for expected in [1, 0] {
            assert_eq!(counts(&cancel(&host, &before[1].id, "THIS").await), [0, 0, expected]);
        }
        // The last one was moved before the others; it is still the last of its series.
        let moved = json!({"id": before[5].id, "scope": "THIS", "localStart": "2030-01-20T19:00:00"});
        update(&host, moved).await.data();
        for expected in [3, 0] {
            assert_eq!(counts(&cancel(&host, &before[3].id, "FOLLOWING").await), [0, 0, expected]);
        }
        let after = dates(&host, &made.id).await;
        assert_eq!(locals(&after), "01-22T19:00 02-05T19:00");
        assert_eq!(after[0].occurrence.as_ref().unwrap().1, "FREQ=WEEKLY;UNTIL=20300205");
        let again = guest.mutate("rsvp", json!({"timeslotId": before[4].id}), "status").await;
        assert_eq!(again.reason(), "TIMESLOT_CANCELLED");
        assert_eq!(update(&host, json!({"id": before[4].id, "scope": "ALL", "capacity": 9})).await.reason(), "TIMESLOT_CANCELLED");
        assert_eq!(counts(&cancel(&host, &before[2].id, "ALL").await), [0, 0, 2]);
        assert!(dates(&host, &made.id).await.is_empty());
        let version = async || host.ask("query($id: ID!) { event(id: $id) { version } }", json!({"id": made.id})).await;
        let done = version().await;
        for scope in ["ALL", "FOLLOWING"] {
            assert_eq!(counts(&cancel(&host, &before[2].id, scope).await), [0, 0, 0]);
        }
        assert_eq!(version().await.data(), done.data(), "nothing to read again for others");
        world.drain().await;
    }
}

scenario! {
    /// A date of no series is meant by itself only, and one that is over is not called off.
    async fn what_cannot_be_called_off(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        for scope in ["FOLLOWING", "ALL"] {
            assert_eq!(cancel(&host, &made.timeslot, scope).await.wrong_fields(), ["input.scope"]);
            let change = json!({"id": made.timeslot, "scope": scope, "capacity": 3});
            assert_eq!(update(&host, change).await.wrong_fields(), ["input.scope"]);
        }
        host.mutate("addSeries", series(&made.id, "FREQ=DAILY;COUNT=3", "2030-01-19T19:00"), COUNTS).await.data();
        world.advance(TimeDelta::days(5)); // two of the four dates are over
        let host = world.activist("Wren").await;
        assert_eq!(cancel(&host, &made.timeslot, "THIS").await.reason(), "EVENT_ENDED");
        let alone = host.mutate("cancelTimeslot", json!({"id": made.timeslot}), "event { id }").await;
        assert_eq!(alone.reason(), "EVENT_ENDED");
        let before = dates(&host, &made.id).await;
        assert_eq!(counts(&cancel(&host, &before[1].id, "ALL").await), [0, 0, 2]);
        assert_eq!(locals(&dates(&host, &made.id).await), "01-17T18:00 01-19T19:00");
    }
}
