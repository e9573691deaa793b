//! Adding the dates of a rule: which they are, at what time, and what is refused.

use serde_json::{Value, json};

use super::{COUNTS, counts, dates, locals, message, series};
use crate::harness::World;

scenario! {
    /// A rule makes dates like any others, which know what they were made of; sent again, it makes no more.
    async fn a_rule_makes_dates(world) {
        let host = world.activist("Wren").await;
        let made = world.draft(&host, json!({"timeslots": []})).await;
        let mut input = series(&made.id, "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", "2030-01-15T19:00");
        input["capacity"] = json!(12);
        input["exceptOn"] = json!(["2030-01-17"]);
        input["idempotencyKey"] = json!("series-0001");
        for _ in 0..2 {
            let added = host.mutate("addSeries", input.clone(), COUNTS).await;
            assert_eq!(counts(&added), [3, 0, 0]);
        }
        let dates = dates(&host, &made.id).await;
        assert_eq!(locals(&dates), "01-15T19:00 01-22T19:00 01-24T19:00");
        for date in &dates {
            let (_, rule, occurrence, is_exception) = date.occurrence.as_ref().unwrap();
            assert_eq!((date.minutes, date.capacity), (120, Some(12)));
            assert_eq!((rule.as_str(), occurrence, is_exception), ("FREQ=WEEKLY;UNTIL=20300124;BYDAY=TU,TH", &date.local, &false));
        }
        let query = "query($id: ID!) { node(id: $id) { id ... on Series { rule localStart durationMinutes capacity } } }";
        let node = host.ask(query, json!({"id": dates[0].occurrence.as_ref().unwrap().0})).await;
        let expected = json!({"localStart": "2030-01-15T19:00:00", "durationMinutes": 120, "capacity": 12});
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&node.at("/node")[name], value, "{name}");
        }
        let slot = json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z"}]);
        host.mutate("addTimeslots", json!({"eventId": made.id, "timeslots": slot}), "event { id }").await.data();
        let plain = super::dates(&host, &made.id).await;
        assert_eq!(plain.iter().filter(|date| date.occurrence.is_none()).count(), 1, "a date by itself");
    }
}

/// Where, the local start of three days in a row, and the hours at which they start.
const NIGHTS: [(&str, &str, [&str; 3]); 7] = [
    (
        "America/New_York",
        "2030-03-09T02:30:00",
        ["03-09T07:30", "03-10T07:30", "03-11T06:30"],
    ),
    (
        "America/New_York",
        "2030-11-02T01:30:00",
        ["11-02T05:30", "11-03T05:30", "11-04T06:30"],
    ),
    (
        "Europe/Berlin",
        "2030-03-30T02:30:00",
        ["03-30T01:30", "03-31T01:30", "04-01T00:30"],
    ),
    (
        "Europe/Berlin",
        "2030-10-26T02:30:00",
        ["10-26T00:30", "10-27T00:30", "10-28T01:30"],
    ),
    (
        "Australia/Lord_Howe",
        "2030-10-05T02:15:00",
        ["10-04T15:45", "10-05T15:45", "10-06T15:15"],
    ),
    (
        "Australia/Lord_Howe",
        "2030-04-06T01:45:00",
        ["04-05T14:45", "04-06T14:45", "04-07T15:15"],
    ),
    (
        "America/Phoenix",
        "2030-03-09T02:30:00",
        ["03-09T09:30", "03-10T09:30", "03-11T09:30"],
    ),
];

scenario! {
    /// Over both nights of the year on which clocks change: skipped times are later by as much, repeated ones the first.
    async fn local_times_stay(world) {
        let host = world.activist("Wren").await;
        for (zone, start, expected) in NIGHTS {
            let made = world.draft(&host, json!({"timeslots": [], "timezone": zone})).await;
            host.mutate("addSeries", series(&made.id, "FREQ=DAILY;COUNT=3", start), COUNTS).await.data();
            let dates = dates(&host, &made.id).await;
            let utc: Vec<_> = dates.iter().map(|date| date.starts_at.format("%m-%dT%H:%M").to_string()).collect();
            assert_eq!(utc, expected, "{zone}");
            assert!(dates.iter().all(|date| date.minutes == 120), "{zone}");
        }
        let made = world.draft(&host, json!({"timeslots": []})).await;
        let evenings = series(&made.id, "FREQ=WEEKLY;COUNT=50", "2030-01-22T19:00:00");
        host.mutate("addSeries", evenings, COUNTS).await.data();
        let dates = dates(&host, &made.id).await;
        assert!(dates.iter().all(|date| date.local.ends_with("T19:00:00")));
        assert_ne!(dates[0].starts_at.time(), dates[20].starts_at.time(), "there is summer in between");
    }
}

scenario! {
    /// Monthly by the nth weekday, by the last day, and what has no such day.
    async fn months_are_understood(world) {
        let host = world.activist("Wren").await;
        for (rule, expected) in [
            ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "02-12T19:00 03-12T19:00 04-09T19:00"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "01-31T19:00 02-28T19:00 03-31T19:00"),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20300401T000000Z", "01-31T19:00 02-28T19:00 03-29T19:00"),
        ] {
            let made = world.draft(&host, json!({"timeslots": []})).await;
            host.mutate("addSeries", series(&made.id, rule, super::TUESDAYS), COUNTS).await.data();
            assert_eq!(locals(&dates(&host, &made.id).await), expected, "{rule}");
        }
    }
}

scenario! {
    /// What is wrong is named, all at once; no rule takes long, makes too much, or never ends.
    async fn what_cannot_be_is_refused(world) {
        let host = world.activist("Wren").await;
        let made = world.draft(&host, json!({"timeslots": []})).await;
        let good = series(&made.id, "FREQ=WEEKLY;COUNT=4", super::TUESDAYS);
        let with = |name: &str, value: Value| {
            let mut input = good.clone();
            input[name] = value;
            input
        };
        for (input, wrong) in [
            (with("rule", json!("FREQ=HOURLY;COUNT=4")), "rule"),
            (with("rule", json!("FREQ=DAILY")), "rule"),
            (with("rule", json!("FREQ=DAILY;COUNT=402")), "rule"),
            (with("rule", json!("FREQ=DAILY;UNTIL=20310301")), "rule"),
            (with("rule", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1")), "rule"),
            (with("localStart", json!("2030-01-22T19:00:00Z")), "localStart"),
            (with("localStart", json!("2030-01-14T19:00:00")), "localStart"),
            (with("localStart", json!("9999-01-14T19:00:00")), "localStart"),
            (with("durationMinutes", json!(0)), "durationMinutes"),
            (with("durationMinutes", json!(44_641)), "durationMinutes"),
            (with("capacity", json!(0)), "capacity"),
            (with("exceptOn", json!(["tomorrow"])), "exceptOn.0"),
        ] {
            let answer = host.mutate("addSeries", input.clone(), COUNTS).await;
            assert_eq!(answer.wrong_fields(), [format!("input.{wrong}")], "{input}");
        }
        let all = json!(["2030-01-22", "2030-01-29", "2030-02-05", "2030-02-12"]);
        assert_eq!(host.mutate("addSeries", with("exceptOn", all), COUNTS).await.wrong_fields(), ["input.rule"]);
        let mut several = with("rule", json!("FREQ=SECONDLY"));
        several["durationMinutes"] = json!(-1);
        several["localStart"] = json!("soon");
        let mut wrong = host.mutate("addSeries", several, COUNTS).await.wrong_fields();
        wrong.sort();
        assert_eq!(wrong, ["input.durationMinutes", "input.localStart", "input.rule"]);

        host.mutate("addSeries", with("rule", json!("FREQ=DAILY;COUNT=401")), COUNTS).await.data();
        let more = host.mutate("addSeries", with("rule", json!("FREQ=DAILY;COUNT=100")), COUNTS).await;
        assert_eq!(more.wrong_fields(), ["input.rule"]);
        assert!(message(&more).contains("more than 500 dates"), "{}", message(&more));
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        assert_eq!(host.mutate("addSeries", good, COUNTS).await.reason(), "EVENT_CANCELLED");
    }
}

/// Many dates cost as many statements as few.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_are_read_and_written_together() {
    let world = World::embedded().await;
    let host = world.activist("Wren").await;
    let mut run = vec![];
    for count in [5, 90] {
        let made = world.draft(&host, json!({"timeslots": []})).await;
        let input = series(&made.id, &format!("FREQ=DAILY;COUNT={count}"), super::TUESDAYS);
        let before = world.app.db.statements();
        host.mutate("addSeries", input, COUNTS).await.data();
        let between = world.app.db.statements();
        assert_eq!(dates(&host, &made.id).await.len(), count);
        run.push((between - before, world.app.db.statements() - between));
    }
    assert_eq!(run[0], run[1]);
    world.finish().await;
}
