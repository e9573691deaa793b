//! Notices of changes: to those who answered, once for several edits, and about how things are in the end.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Made, Mail, World, event_input},
    rsvps::rsvp,
};

/// The host moves a date. (Tokens are older than they may be after some minutes.)
async fn move_to(world: &World, slot: &str, starts_at: &str, ends_at: &str, over: Value) {
    let mut input = json!({"id": slot, "startsAt": starts_at, "endsAt": ends_at});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    let host = world.activist("Host").await;
    host.mutate("updateTimeslot", input, "event { id }").await.data();
}

async fn edit(world: &World, made: &Made, over: Value) {
    let host = world.activist("Host").await;
    let now = host
        .ask(
            "query($id: ID!) { event(id: $id) { version } }",
            json!({"id": made.id}),
        )
        .await;
    let mut input = json!({"id": made.id, "expectedVersion": now.at("/event/version")});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    host.mutate("updateEvent", input, "event { id }").await.data();
}

/// What came to an address since its first `before` mails, after notices went out.
async fn news(world: &World, address: &str, before: usize) -> Vec<Mail> {
    world.advance(TimeDelta::minutes(6));
    world.drain().await;
    world.mails_to(address).split_off(before)
}

/// An event with one seat, which Wren has; Finch waits.
async fn one_comes_one_waits(world: &World, over: Value) -> Made {
    let host = world.activist("Host").await;
    let slot = json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 1}]);
    let mut input = json!({"timeslots": slot});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    let made = world.event(&host, input).await;
    for name in ["Wren", "Finch"] {
        rsvp(&world.activist(name).await, &made, 1).await.data();
    }
    world.drain().await;
    made
}

scenario! {
    /// Three edits within some minutes are one mail, with the time before the first and after the last. Those that come to
    /// nothing, that nobody shall hear of, or that move neither time nor place, are none.
    async fn several_edits_are_one_notice(world) {
        let made = one_comes_one_waits(world, json!({})).await;
        for (start, end) in [("01", "03"), ("02", "04"), ("03", "05")] {
            let time = |hour| format!("2030-01-18T{hour}:00:00Z");
            move_to(world, &made.timeslot, &time(start), &time(end), json!({})).await;
            world.advance(TimeDelta::minutes(2));
            world.drain().await;
        }
        assert_eq!(world.mails_to("wren@example.org").len(), 1, "not yet");
        for address in ["wren@example.org", "finch@example.org"] {
            let mails = news(world, address, 1).await;
            assert_eq!(mails.len(), 1, "{address}");
            assert_eq!(mails[0].subject, "Please note: Calls for clean water");
            let text = &mails[0].text;
            assert!(text.contains("Thursday, January 17, 2030, 9:00 PM to 11:00 PM CST"), "{text}");
            assert!(text.contains("instead of Thursday, January 17, 2030, 6:00 PM to 8:00 PM CST"), "{text}");
            assert!(mails[0].raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        }
        let calendar = world.mails_to("wren@example.org")[1].calendar.clone().unwrap();
        assert!(calendar.contains("DTSTART;TZID=America/Chicago:20300117T210000"), "{calendar}");
        assert!(world.mails_to("finch@example.org")[1].calendar.is_none(), "who waits has no date yet");

        move_to(world, &made.timeslot, "2030-01-18T05:00:00Z", "2030-01-18T06:00:00Z", json!({})).await;
        move_to(world, &made.timeslot, "2030-01-18T03:00:00Z", "2030-01-18T05:00:00Z", json!({})).await;
        assert_eq!(news(world, "wren@example.org", 2).await.len(), 0, "it is as it was");
        move_to(world, &made.timeslot, "2030-01-18T04:00:00Z", "2030-01-18T05:00:00Z", json!({"notify": false})).await;
        edit(world, &made, json!({"title": "Calls for cleaner water"})).await;
        assert_eq!(news(world, "wren@example.org", 2).await.len(), 0);
        assert_eq!(entity_count(world).await, 1, "what says nothing leaves nothing");
    }
}

async fn entity_count(world: &World) -> usize {
    use sea_orm::EntityTrait;
    let rows = entity::notice::Entity::find().all(world.app.db.reader()).await;
    rows.unwrap().len()
}

scenario! {
    /// What the hosts say goes to everybody who answered, as text, also when nothing else changes.
    async fn hosts_say_something(world) {
        let made = one_comes_one_waits(world, json!({})).await;
        let words = "Bring <b>boots</b>.\nhttps://example.org/map";
        edit(world, &made, json!({"message": words})).await;
        for address in ["wren@example.org", "finch@example.org"] {
            let mail = news(world, address, 1).await.remove(0);
            assert!(mail.text.contains("The hosts say:\r\n\r\nBring <b>boots</b>.") || mail.text.contains("The hosts say:\n\nBring <b>boots</b>."), "{}", mail.text);
            assert!(mail.html.contains("Bring &lt;b&gt;boots"), "{}", mail.html);
            assert!(!mail.text.contains("instead of") && !mail.text.contains("another place"), "{}", mail.text);
        }
        let host = world.activist("Host").await;
        let long = "x".repeat(2001);
        let input = json!({"id": made.timeslot, "message": long});
        assert_eq!(host.mutate("updateTimeslot", input, "event { id }").await.wrong_fields(), ["input.message"]);
        let input = json!({"id": made.timeslot, "message": "a\u{7}b"});
        assert_eq!(host.mutate("cancelTimeslot", input, "event { id }").await.wrong_fields(), ["input.message"]);
    }
}

scenario! {
    /// Another place is told exactly to whom may know it, and to others as everybody knows it. Who wants no such mail gets none.
    async fn another_place(world) {
        let made = one_comes_one_waits(world, json!({"addressVisibility": "AFTER_RSVP"})).await;
        let mut place = event_input(json!({}))["place"].clone();
        place["addressLines"] = json!(["2 Hidden Street"]);
        edit(world, &made, json!({"place": place})).await;
        let wren = news(world, "wren@example.org", 1).await.remove(0);
        assert!(wren.text.contains("another place now") && wren.text.contains("2 Hidden Street"), "{}", wren.text);
        let finch = world.mails_to("finch@example.org").remove(1);
        assert!(!finch.raw.contains("Hidden Street"), "{}", finch.text);
        assert!(finch.text.contains("Des Moines"), "{}", finch.text);

        let stop = json!({"token": wren.tokens().pop().unwrap()});
        world.anonymous().mutate("unsubscribe", stop, "unsubscribed").await.data();
        edit(world, &made, json!({"message": "Once more."})).await;
        assert_eq!(news(world, "finch@example.org", 2).await.len(), 1);
        assert_eq!(world.mails_to("wren@example.org").len(), 2);
        let query = "query($id: ID!) { event(id: $id) { attendees { edges { node { name deliveries { template channel state } } } } } }";
        let seen = world.activist("Host").await.ask(query, json!({"id": made.id})).await;
        let of = |name: &str| {
            let edges = seen.at("/event/attendees/edges").as_array().unwrap().clone();
            let node = edges.into_iter().find(|edge| edge["node"]["name"].as_str().unwrap().starts_with(name));
            let list = node.unwrap()["node"]["deliveries"].as_array().unwrap().clone();
            list.into_iter().map(|one| format!("{} {}", one["template"].as_str().unwrap(), one["state"].as_str().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(of("Wren"), ["EVENT_CHANGED SUPPRESSED", "EVENT_CHANGED SENT", "RSVP_REGISTERED SENT"]);
        assert_eq!(of("Finch"), ["EVENT_CHANGED SENT", "EVENT_CHANGED SENT", "RSVP_WAITLISTED SENT"]);
    }
}

scenario! {
    /// What is called off is told with the note, and taken out of calendars; or not at all.
    async fn called_off(world) {
        let made = one_comes_one_waits(world, json!({})).await;
        let host = world.activist("Host").await;
        let input = json!({"id": made.id, "note": "The library burned down."});
        host.mutate("cancelEvent", input, "event { id }").await.data();
        let wren = news(world, "wren@example.org", 1).await.remove(0);
        assert_eq!(wren.subject, "Cancelled: Calls for clean water");
        assert!(wren.text.contains("The library burned down.") && wren.text.contains("6:00 PM to 8:00 PM"), "{}", wren.text);
        assert!(wren.calendar.unwrap().contains("STATUS:CANCELLED"));
        assert_eq!(world.mails_to("finch@example.org").len(), 2);

        let host = world.activist("Host").await;
        let quiet = world.event(&host, json!({})).await;
        rsvp(&world.activist("Robin").await, &quiet, 1).await.data();
        world.drain().await;
        host.mutate("cancelEvent", json!({"id": quiet.id, "notify": false}), "event { id }").await.data();
        assert_eq!(news(world, "robin@example.org", 1).await.len(), 0);
    }
}

scenario! {
    /// Who answered for several dates hears of all of them in one mail, and of no others.
    async fn several_dates_are_one_mail(world) {
        let host = world.activist("Host").await;
        let day = |day: u32| json!({"startsAt": format!("2030-01-{day}T18:00:00Z"), "endsAt": format!("2030-01-{day}T19:00:00Z")});
        let made = world.event(&host, json!({"timeslots": [day(18), day(19), day(20)]})).await;
        let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
        let slots = host.ask(query, json!({"id": made.id})).await;
        let slot = |i: usize| slots.text(&format!("/event/timeslots/edges/{i}/node/id"));
        for (name, dates) in [("Wren", vec![0, 1]), ("Finch", vec![2])] {
            let caller = world.activist(name).await;
            for date in dates {
                caller.mutate("rsvp", json!({"timeslotId": slot(date)}), "status").await.data();
            }
        }
        world.drain().await;
        for date in [0, 1] {
            host.mutate("cancelTimeslot", json!({"id": slot(date)}), "event { id }").await.data();
        }
        let mails = news(world, "wren@example.org", 2).await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.starts_with("Cancelled:"), "{}", mails[0].subject);
        for day in ["January 18", "January 19"] {
            assert!(mails[0].text.contains(day), "{}", mails[0].text);
        }
        assert_eq!(world.mails_to("finch@example.org").len(), 1);
    }
}

scenario! {
    /// Who comes to one date and waits for another gets only the first for the calendar. What hosts say in two edits is all said.
    async fn only_what_somebody_comes_to_is_in_their_calendar(world) {
        let host = world.activist("Host").await;
        let day = |day: u32| json!({"startsAt": format!("2030-01-{day}T18:00:00Z"), "endsAt": format!("2030-01-{day}T19:00:00Z"), "capacity": 1});
        let made = world.event(&host, json!({"timeslots": [day(18), day(19)]})).await;
        let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
        let slots = host.ask(query, json!({"id": made.id})).await;
        let slot = |i: usize| slots.text(&format!("/event/timeslots/edges/{i}/node/id"));
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        for (caller, date) in [(&finch, 0), (&wren, 0), (&wren, 1)] {
            caller.mutate("rsvp", json!({"timeslotId": slot(date)}), "status").await.data();
        }
        world.drain().await;
        edit(world, &made, json!({"message": "Bring boots."})).await;
        edit(world, &made, json!({"message": "And a coat."})).await;
        let mail = news(world, "wren@example.org", 2).await.remove(0);
        assert!(mail.text.contains("Bring boots.") && mail.text.contains("And a coat."), "{}", mail.text);
        assert!(mail.text.contains("January 18") && mail.text.contains("January 19"), "{}", mail.text);
        let calendar = mail.calendar.unwrap();
        assert!(calendar.contains("DTSTART;TZID=America/Chicago:20300119T") && !calendar.contains("20300118T"), "{calendar}");
        assert!(!mail.text.contains("Can't come"), "it could not say to which date");
    }
}

scenario! {
    /// Nobody is told of changes all day long, but is of what is called off.
    async fn only_so_many_notices_a_day(world) {
        let made = one_comes_one_waits(world, json!({})).await;
        let most = usize::try_from(world.app.config.messages.notices_per_event_and_day).unwrap();
        for number in 0..most {
            edit(world, &made, json!({"message": format!("News {number}.")})).await;
            assert_eq!(news(world, "wren@example.org", 1 + number).await.len(), 1);
        }
        let host = world.activist("Host").await;
        let input = json!({"id": made.timeslot, "message": "Once more."});
        let told = host.mutate("updateTimeslot", input, "event { id }").await;
        assert_eq!(told.code(), "RATE_LIMITED");
        edit(world, &made, json!({"message": "Never said.", "notify": false})).await;
        host.mutate("cancelEvent", json!({"id": made.id, "note": "Sorry."}), "event { id }").await.data();
        let mails = news(world, "wren@example.org", 1 + most).await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].text.contains("Sorry.") && !mails[0].text.contains("Never said."), "{}", mails[0].text);
    }
}
