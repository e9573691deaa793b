//! Changing one date of a series, it and those after it, or all of them, while people have answered.

use chrono::TimeDelta;
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{Date, TUESDAYS, counts, dates, locals, message, update, weekly};
use crate::harness::{Caller, World};

const FIVE: &str = "FREQ=WEEKLY;COUNT=5";

async fn coming(caller: &Caller, date: &Date, party: i32) -> String {
    let input = json!({"timeslotId": date.id, "partySize": party});
    caller.mutate("rsvp", input, "status").await.text("/rsvp/status")
}

fn is_exception(date: &Date) -> bool {
    date.occurrence.as_ref().unwrap().3
}

fn rule(date: &Date) -> &str {
    &date.occurrence.as_ref().unwrap().1
}

scenario! {
    /// A date that has begun lets nobody in. Put off, it is for those who wait before it is for others; on many dates at once
    /// by jobs, and until these come nobody passes.
    async fn a_date_that_is_put_off_is_for_those_who_wait(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, "FREQ=WEEKLY;COUNT=9").await;
        let (finch, jay, robin) = (world.activist("Finch").await, world.activist("Jay").await, world.activist("Robin").await);
        let first = dates(&host, &made.id).await.remove(0);
        let input = json!({"timeslotId": first.id, "partySize": 2});
        let told = finch.mutate("rsvp", input, "rsvp { id }").await;
        assert_eq!(coming(&jay, &first, 2).await, "WAITLISTED");
        world.advance(first.starts_at + TimeDelta::minutes(30) - world.now());
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        finch.mutate("cancelRsvp", json!({"id": told.at("/rsvp/rsvp/id")}), "status").await.data();
        assert_eq!(crate::rsvps::status(&world.activist("Jay").await, &made).await, "WAITLISTED");
        let later = json!({"id": first.id, "scope": "ALL", "localStart": "2030-01-23T19:00:00"});
        assert_eq!(counts(&update(&host, later).await), [0, 9, 0]);
        let robin = { drop(robin); world.activist("Robin").await };
        assert_eq!(coming(&robin, &first, 1).await, "WAITLISTED", "the seats are Jay's");
        assert!(["REGISTERED", "OFFERED"].contains(&crate::rsvps::status(&world.activist("Jay").await, &made).await.as_str()));

        let last = dates(&host, &made.id).await.pop().unwrap();
        assert_eq!(coming(&finch, &last, 2).await, "REGISTERED");
        assert_eq!(coming(&robin, &last, 1).await, "WAITLISTED");
        let more = json!({"id": last.id, "scope": "ALL", "capacity": 3});
        update(&host, more).await.data();
        let jay = world.activist("Jay").await;
        assert_eq!(coming(&jay, &last, 1).await, "WAITLISTED", "nobody passes before the job comes");
        world.drain().await;
        let list = "query($id: ID!) { event(id: $id) { viewerRsvps { status timeslot { id } } } }";
        let robins = robin.ask(list, json!({"id": made.id})).await;
        let rows = robins.at("/event/viewerRsvps").as_array().unwrap().clone();
        let at_last = rows.iter().find(|row| row["timeslot"]["id"] == json!(last.id)).unwrap();
        assert_eq!(at_last["status"], "REGISTERED");
    }
}

scenario! {
    /// This: an exception. Following: a series of their own. All: without the exception, unless it is overridden. RSVPs
    /// and the waitlist stay with their dates, wherever those go.
    async fn this_following_and_all(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, FIVE).await;
        let before = dates(&host, &made.id).await;
        assert_eq!(locals(&before), "01-22T19:00 01-29T19:00 02-05T19:00 02-12T19:00 02-19T19:00");
        let (finch, jay, robin) = (world.activist("Finch").await, world.activist("Jay").await, world.activist("Robin").await);
        assert_eq!(coming(&finch, &before[1], 2).await, "REGISTERED");
        assert_eq!(coming(&jay, &before[1], 1).await, "WAITLISTED");
        assert_eq!(coming(&robin, &before[3], 2).await, "REGISTERED");

        let this = json!({"id": before[0].id, "scope": "THIS", "localStart": "2030-01-23T18:00:00", "durationMinutes": 60});
        assert_eq!(counts(&update(&host, this).await), [0, 1, 0]);
        let after = dates(&host, &made.id).await;
        assert_eq!(locals(&after), "01-23T18:00 01-29T19:00 02-05T19:00 02-12T19:00 02-19T19:00");
        assert!(is_exception(&after[0]) && after[1..].iter().all(|date| !is_exception(date)));
        assert_eq!((after[0].minutes, after[0].occurrence.as_ref().unwrap().2.as_str()), (60, TUESDAYS));

        let too_few = update(&host, json!({"id": before[4].id, "scope": "ALL", "capacity": 1, "durationMinutes": 30})).await;
        assert_eq!(too_few.wrong_fields(), ["input.capacity"]);
        assert!(message(&too_few).contains("2030-01-29, 2030-02-12"), "{}", message(&too_few));
        assert_eq!(dates(&host, &made.id).await, after, "nothing was changed");

        // From Tuesdays at seven to Wednesdays at eight.
        let following = json!({"id": before[2].id, "scope": "FOLLOWING", "localStart": "2030-02-06T20:00:00"});
        assert_eq!(counts(&update(&host, following.clone()).await), [0, 3, 0]);
        assert_eq!(counts(&update(&host, following).await), [0, 0, 0], "once more, it is so already");
        let split = dates(&host, &made.id).await;
        assert_eq!(locals(&split), "01-23T18:00 01-29T19:00 02-06T20:00 02-13T20:00 02-20T20:00");
        let ids: Vec<_> = split.iter().map(|date| &date.id).collect();
        assert_eq!(ids, before.iter().map(|date| &date.id).collect::<Vec<_>>(), "they moved, and are the same");
        assert_eq!((rule(&split[1]), rule(&split[2])), ("FREQ=WEEKLY;UNTIL=20300129", "FREQ=WEEKLY;UNTIL=20300220"));
        let list = "{ viewer { rsvps(first: 5) { edges { node { status timeslot { localStart } } } } } }";
        let mine = robin.ask(list, Value::Null).await;
        assert_eq!(mine.at("/viewer/rsvps/edges/0/node"), &json!({"status": "REGISTERED", "timeslot": {"localStart": "2030-02-13T20:00:00"}}));
        let found = world.anonymous().ask("{ events { edges { node { timeslots { edges { node { localStart } } } } } } }", Value::Null).await;
        assert_eq!(found.at("/events/edges/0/node/timeslots/edges/3/node/localStart"), "2030-02-13T20:00:00", "on the map");

        // More seats: who waits gets one. The exception is left alone, and so is the other series.
        let all = json!({"id": before[1].id, "scope": "ALL", "capacity": 3});
        assert_eq!(counts(&update(&host, all).await), [0, 1, 0]);
        let roomy = dates(&host, &made.id).await;
        assert_eq!(roomy.iter().map(|date| date.capacity).collect::<Vec<_>>(), [2, 3, 2, 2, 2].map(Some));
        assert_eq!(jay.ask(list, Value::Null).await.at("/viewer/rsvps/edges/0/node/status"), "REGISTERED");
        world.drain().await;
        assert!(world.mails_to("jay@example.org").iter().any(|mail| mail.subject.contains("came free")));

        let all = json!({"id": before[1].id, "scope": "ALL", "overrideExceptions": true});
        assert_eq!(counts(&update(&host, all).await), [0, 1, 0]);
        let back = dates(&host, &made.id).await;
        assert_eq!((back[0].local.as_str(), back[0].minutes, back[0].capacity), (TUESDAYS, 120, Some(3)));
        assert!(back.iter().all(|date| !is_exception(date)));
    }
}

scenario! {
    /// Dates that are over stay as they were, and what follows becomes a series of its own.
    async fn what_is_over_stays(world) {
        let made = weekly(world, &world.activist("Wren").await, FIVE).await;
        world.advance(TimeDelta::days(16)); // the last day of January
        let host = world.activist("Wren").await;
        let before = dates(&host, &made.id).await;
        let over = json!({"id": before[1].id, "scope": "ALL", "capacity": 9});
        assert_eq!(update(&host, over).await.reason(), "EVENT_ENDED");
        let past = json!({"id": before[2].id, "scope": "ALL", "localStart": "2030-01-30T19:00:00"});
        let past = update(&host, past).await;
        assert_eq!(past.wrong_fields(), ["input.localStart"]);
        assert!(message(&past).contains("2030-02-05"), "{}", message(&past));
        let all = json!({"id": before[3].id, "scope": "ALL", "localStart": "2030-02-12T18:30:00"});
        assert_eq!(counts(&update(&host, all).await), [0, 3, 0]);
        let after = dates(&host, &made.id).await;
        assert_eq!(locals(&after), "01-22T19:00 01-29T19:00 02-05T18:30 02-12T18:30 02-19T18:30");
        assert_eq!(after[..2].iter().map(rule).collect::<Vec<_>>(), ["FREQ=WEEKLY;UNTIL=20300129"; 2]);
        let off = json!({"id": after[0].id, "scope": "ALL"});
        let off = host.mutate("cancelTimeslots", off, super::COUNTS).await;
        assert_eq!(counts(&off), [0, 0, 0], "all of the first series is over");
    }
}

scenario! {
    /// A new rule adds the dates it gives and calls off those it does not. One that a rule gave up comes again when a
    /// later one gives it; one that the host called off by itself does not.
    async fn rules_grow_and_shrink(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, FIVE).await;
        let first = dates(&host, &made.id).await;
        let with = |scope: &str, rule: &str| json!({"id": first[0].id, "scope": scope, "rule": rule});

        let more = update(&host, with("ALL", "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20300207")).await;
        assert_eq!(counts(&more), [3, 0, 2]);
        assert_eq!(locals(&dates(&host, &made.id).await), "01-22T19:00 01-24T19:00 01-29T19:00 01-31T19:00 02-05T19:00 02-07T19:00");
        let moved = dates(&host, &made.id).await;
        let by_hand = json!({"id": moved[2].id, "scope": "THIS"});
        assert_eq!(counts(&host.mutate("cancelTimeslots", by_hand, super::COUNTS).await), [0, 0, 1]);

        let longer = update(&host, with("ALL", FIVE)).await;
        assert_eq!(counts(&longer), [2, 0, 3]);
        let after = dates(&host, &made.id).await;
        assert_eq!(locals(&after), "01-22T19:00 02-05T19:00 02-12T19:00 02-19T19:00");
        assert_eq!((&after[0].id, &after[1].id), (&first[0].id, &first[2].id), "those on days of both rules stay");
        assert!(after[2].id != first[3].id, "what was called off is so for good; a new date takes its place");
        assert!(after.iter().all(|date| date.capacity == Some(2) && rule(date) == "FREQ=WEEKLY;UNTIL=20300219"));

        for (input, wrong) in [
            (with("ALL", "FREQ=MINUTELY;COUNT=2"), "input.rule"),
            (with("THIS", FIVE), "input.rule"),
            (json!({"id": first[0].id, "scope": "ALL", "durationMinutes": 0}), "input.durationMinutes"),
            (json!({"id": first[0].id, "scope": "FOLLOWING", "localStart": "eight"}), "input.localStart"),
            (json!({"id": first[0].id, "scope": "THIS", "localStart": "2030-01-01T19:00"}), "input.localStart"),
        ] {
            assert_eq!(update(&host, input.clone()).await.wrong_fields(), [wrong], "{input}");
        }
        update(&host, with("ALL", "FREQ=MONTHLY;BYDAY=4TU;COUNT=2")).await.data();
        let day = json!({"id": first[0].id, "scope": "ALL", "localStart": "2030-01-23T19:00"});
        assert_eq!(update(&host, day).await.wrong_fields(), ["input.localStart"], "the fourth Wednesday may be another week");
    }
}

scenario! {
    /// A series that moves to another time stays there over a change of the clock.
    async fn moved_times_are_local_too(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, "FREQ=WEEKLY;COUNT=10").await;
        let before = dates(&host, &made.id).await;
        let moved = json!({"id": before[0].id, "scope": "ALL", "localStart": "2030-01-22T20:30:00"});
        assert_eq!(counts(&update(&host, moved).await), [0, 10, 0]);
        for (before, after) in before.iter().zip(dates(&host, &made.id).await) {
            assert_eq!(after.starts_at - before.starts_at, TimeDelta::minutes(90));
            assert!(after.local.ends_with("T20:30:00") && after.minutes == 120);
        }
    }
}

scenario! {
    /// Edits of a series and answers for its dates, all at once: none is lost, none waits for the other for ever, and
    /// seats are what the answers take.
    async fn all_at_once(world) {
        let host = world.activist("Wren").await;
        let made = weekly(world, &host, "FREQ=WEEKLY;COUNT=8").await;
        let before = dates(&host, &made.id).await;
        let guests = join_all((0..8).map(|n| async move { world.activist(&format!("Guest{n}")).await })).await;
        let edits = join_all((0..8).map(|n| {
            let scope = if n % 2 == 0 { "ALL" } else { "FOLLOWING" };
            let local = before[n].local.replace("19:00", &format!("1{n}:15"));
            update(&host, json!({"id": before[n].id, "scope": scope, "localStart": local, "capacity": 3 + n}))
        }));
        let answers = join_all(guests.iter().flat_map(|guest| before.iter().map(move |date| coming(guest, date, 2))));
        let (edits, answers) = tokio::join!(edits, answers);
        for edit in &edits {
            assert!(matches!(edit.code_if_any(), None | Some("CONFLICT" | "BAD_USER_INPUT")), "{}", edit.body);
        }
        assert!(edits.iter().any(|edit| edit.code_if_any().is_none()));
        assert_eq!(answers.len(), 64);
        assert!(answers.iter().all(|status| status == "REGISTERED" || status == "WAITLISTED"));
        world.drain().await;
        for date in &before {
            check_seats(world, date).await;
        }
    }
}

async fn check_seats(world: &World, date: &Date) {
    use entity::{RsvpStatus, rsvp, timeslot};
    let id: uuid::Uuid = date.id.trim_start_matches("timeslot:").parse().unwrap();
    let slot = timeslot::Entity::find_by_id(id)
        .one(world.app.db.writer())
        .await
        .unwrap()
        .unwrap();
    let rsvps = rsvp::Entity::find().filter(rsvp::Column::TimeslotId.eq(id));
    let rsvps = rsvps.all(world.app.db.writer()).await.unwrap();
    assert_eq!(slot.taken, rsvps.iter().map(|rsvp| rsvp.seats).sum::<i32>());
    let waits = rsvps.iter().any(|rsvp| rsvp.status == RsvpStatus::Waitlisted);
    let left = slot.capacity.unwrap() - slot.taken;
    assert!(
        left >= 0 && (!waits || left < 2),
        "{left} seats are left, and somebody waits for two"
    );
}
