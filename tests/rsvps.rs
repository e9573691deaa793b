//! Answering, seats, the waitlist, and RSVPs without an account.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Made, World};

pub(crate) const PAYLOAD: &str = "status rsvp { id version status partySize }";

pub(crate) async fn rsvp(caller: &Caller, made: &Made, party: i32) -> Answer {
    caller
        .mutate(
            "rsvp",
            json!({"timeslotId": made.timeslot, "partySize": party}),
            PAYLOAD,
        )
        .await
}

/// Seats that nobody has or holds, out of the row.
pub(crate) async fn seats_left(world: &World, made: &Made) -> Value {
    use sea_orm::EntityTrait;
    let id = made
        .timeslot
        .trim_start_matches("timeslot:")
        .parse::<uuid::Uuid>()
        .unwrap();
    let slot = entity::timeslot::Entity::find_by_id(id)
        .one(world.app.db.reader())
        .await
        .unwrap()
        .unwrap();
    json!(slot.capacity.map(|capacity| capacity - slot.taken))
}

pub(crate) async fn status(caller: &Caller, made: &Made) -> String {
    const QUERY: &str = "query($id: ID!) { event(id: $id) { viewerRsvps { status } } }";
    caller
        .ask(QUERY, json!({"id": made.id}))
        .await
        .text("/event/viewerRsvps/0/status")
}

/// Somebody without an account answers.
pub(crate) async fn answer_by_mail(world: &World, made: &Made, name: &str, party: i32) -> Answer {
    let input = json!({
        "timeslotId": made.timeslot, "partySize": party, "name": {"givenName": name},
        "email": format!("{}@example.org", name.to_lowercase())
    });
    world.anonymous().mutate("rsvp", input, PAYLOAD).await
}

pub(crate) async fn confirm(world: &World, name: &str) -> Answer {
    world.drain().await;
    let mails = world.mails_to(&format!("{}@example.org", name.to_lowercase()));
    let asked = mails
        .iter()
        .rfind(|mail| mail.subject.starts_with("Please confirm"))
        .unwrap();
    world
        .anonymous()
        .mutate("confirmRsvp", json!({"token": asked.tokens()[0]}), "status")
        .await
}

scenario! {
    /// Answering takes seats for the whole party; the same answer again changes nothing; a mail with a calendar file
    /// confirms it.
    async fn an_answer_takes_seats_and_is_confirmed(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 10).await;
        let finch = world.activist("Finch").await;
        let answer = rsvp(&finch, &made, 3).await;
        assert_eq!(answer.at("/rsvp/status"), "REGISTERED");
        assert_eq!(answer.at("/rsvp/rsvp/partySize"), 3);
        let again = rsvp(&finch, &made, 3).await;
        assert_eq!(again.at("/rsvp/rsvp"), answer.at("/rsvp/rsvp"));
        assert_eq!(seats_left(world, &made).await, 7);
        world.drain().await;
        let mails = world.mails_to("finch@example.org");
        assert_eq!(mails.len(), 1);
        let calendar = mails[0].calendar.as_ref().unwrap();
        assert!(calendar.contains("DTSTART;TZID=America/Chicago:20300117T180000"), "{calendar}");
        assert!(!calendar.contains("ATTENDEE") && calendar.contains("\r\n"));
        assert!(mails[0].text.contains("1 Example Street"), "{}", mails[0].text);
    }
}

scenario! {
    /// When the seats are gone, the next ones wait, and are promoted in order when seats come free.
    async fn the_waitlist_is_first_in_first_out(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 2).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        assert_eq!(rsvp(&a, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        assert_eq!(rsvp(&b, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        assert_eq!(rsvp(&c, &made, 1).await.at("/rsvp/status"), "WAITLISTED");
        world.advance(TimeDelta::seconds(1));
        assert_eq!(rsvp(&d, &made, 1).await.at("/rsvp/status"), "WAITLISTED");
        let id = rsvp(&a, &made, 1).await.text("/rsvp/rsvp/id");
        let cancelled = a.mutate("cancelRsvp", json!({"id": id}), PAYLOAD).await;
        assert_eq!(cancelled.at("/cancelRsvp/status"), "CANCELLED");
        assert_eq!(status(&c, &made).await, "REGISTERED");
        assert_eq!(status(&d, &made).await, "WAITLISTED");
        world.drain().await;
        let mails = world.mails_to("crake@example.org");
        assert!(mails.last().unwrap().calendar.is_some());
        assert_eq!(rsvp(&a, &made, 1).await.at("/rsvp/status"), "WAITLISTED", "coming back means the end of the queue");
        world.drain().await;
    }
}

scenario! {
    /// A party that does not fit keeps its place, and a smaller one behind it may go first: no seat stays empty.
    async fn the_waitlist_respects_parties(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 3).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        rsvp(&a, &made, 3).await.data();
        for (waiting, party) in [(&b, 3), (&c, 2), (&d, 1)] {
            assert_eq!(rsvp(waiting, &made, party).await.at("/rsvp/status"), "WAITLISTED");
            world.advance(TimeDelta::seconds(1));
        }
        let id = rsvp(&a, &made, 3).await.text("/rsvp/rsvp/id");
        a.mutate("updateRsvp", json!({"id": id, "partySize": 1}), PAYLOAD).await.data();
        assert_eq!(status(&b, &made).await, "WAITLISTED", "three do not fit into two seats");
        assert_eq!(status(&c, &made).await, "REGISTERED");
        assert_eq!(status(&d, &made).await, "WAITLISTED");
        assert_eq!(seats_left(world, &made).await, 0);
        a.mutate("cancelRsvp", json!({"id": id}), PAYLOAD).await.data();
        assert_eq!(status(&b, &made).await, "WAITLISTED");
        assert_eq!(status(&d, &made).await, "REGISTERED");
        world.drain().await;
    }
}

scenario! {
    /// More seats from the host go to those who wait.
    async fn raising_the_capacity_promotes(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 1).await;
        let (a, b) = (world.activist("Auk").await, world.activist("Booby").await);
        rsvp(&a, &made, 1).await.data();
        assert_eq!(rsvp(&b, &made, 2).await.at("/rsvp/status"), "WAITLISTED");
        host.mutate("updateTimeslot", json!({"id": made.timeslot, "capacity": 3}), "event { id }").await.data();
        assert_eq!(status(&b, &made).await, "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 0);
        world.drain().await;
    }
}

scenario! {
    /// A larger party that does not fit is refused and nothing changes; a stale version is a conflict.
    async fn party_sizes_change_within_the_seats(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 4).await;
        let finch = world.activist("Finch").await;
        let id = rsvp(&finch, &made, 2).await.text("/rsvp/rsvp/id");
        let too_many = finch.mutate("updateRsvp", json!({"id": id, "partySize": 5}), PAYLOAD).await;
        assert_eq!(too_many.wrong_fields(), ["input.partySize"]);
        assert_eq!(seats_left(world, &made).await, 2);
        let more = finch.mutate("updateRsvp", json!({"id": id, "partySize": 4, "expectedVersion": 1}), PAYLOAD).await;
        assert_eq!(more.at("/updateRsvp/rsvp/version"), 2);
        let stale = finch.mutate("updateRsvp", json!({"id": id, "partySize": 1, "expectedVersion": 1}), PAYLOAD).await;
        assert_eq!(stale.code(), "CONFLICT");
        for party in [0, 21] {
            assert_eq!(rsvp(&finch, &made, party).await.wrong_fields(), ["input.partySize"]);
        }
        let stranger = world.activist("Jay").await;
        for mutation in ["updateRsvp", "cancelRsvp"] {
            let mut input = json!({"id": id});
            if mutation == "updateRsvp" { input["partySize"] = json!(1); }
            assert_eq!(stranger.mutate(mutation, input, PAYLOAD).await.code(), "NOT_FOUND");
        }
        world.drain().await;
    }
}

scenario! {
    /// Without an account: the link in the mail confirms, once, and the answer never tells whether the address is known.
    async fn an_answer_without_an_account_is_confirmed_by_link(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 100).await;
        world.activist("Known").await;
        let known = answer_by_mail(world, &made, "Known", 1).await;
        let unknown = answer_by_mail(world, &made, "Stranger", 2).await;
        assert_eq!(known.body, unknown.body);
        assert_eq!(unknown.at("/rsvp"), &json!({"status": "PENDING_CONFIRMATION", "rsvp": null}));
        assert_eq!(seats_left(world, &made).await, 97, "held until they confirm");
        assert_eq!(confirm(world, "Stranger").await.at("/confirmRsvp/status"), "REGISTERED");
        assert_eq!(confirm(world, "Stranger").await.reason(), "LINK_USED");
        world.drain().await;
        assert_eq!(seats_left(world, &made).await, 97);
        let mails = world.mails_to("stranger@example.org");
        assert_eq!(mails.len(), 2, "one asks, one confirms");
        let cancel = world.anonymous().mutate("cancelRsvp", json!({"token": mails[1].tokens()[0]}), PAYLOAD).await;
        assert_eq!(cancel.at("/cancelRsvp/status"), "CANCELLED");
        assert_eq!(seats_left(world, &made).await, 99);
        let junk = world.anonymous().mutate("confirmRsvp", json!({"token": "AAAA"}), "status").await;
        assert_eq!(junk.code(), "NOT_FOUND");
    }
}

scenario! {
    /// Unconfirmed RSVPs hold at most a tenth of the seats, and for an hour only; confirming later works while there
    /// are seats.
    async fn unconfirmed_answers_hold_few_seats_and_not_for_long(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 4).await;
        for name in ["Auk", "Booby", "Crake"] {
            answer_by_mail(world, &made, name, 1).await.data();
        }
        assert_eq!(seats_left(world, &made).await, 2, "two may be held, the third waits for its link");
        world.drain().await;
        world.advance(TimeDelta::minutes(61));
        world.drain().await;
        assert_eq!(seats_left(world, &made).await, 4);
        answer_by_mail(world, &made, "Auk", 1).await.data();
        assert_eq!(seats_left(world, &made).await, 4, "the same once more holds nothing once more");
        assert_eq!(confirm(world, "Crake").await.at("/confirmRsvp/status"), "REGISTERED");
        rsvp(&world.activist("Finch").await, &made, 3).await.data();
        assert_eq!(confirm(world, "Auk").await.at("/confirmRsvp/status"), "WAITLISTED");
        assert_eq!(seats_left(world, &made).await, 0);
        world.drain().await;
    }
}

scenario! {
    /// A cancelled event takes nobody: not by a link from before, not by a larger party, not from the waitlist.
    async fn a_cancelled_event_takes_nobody(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 20).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = rsvp(&finch, &made, 18).await.text("/rsvp/rsvp/id");
        answer_by_mail(world, &made, "Stranger", 1).await.data();
        assert_eq!(rsvp(&jay, &made, 4).await.at("/rsvp/status"), "WAITLISTED");
        world.drain().await;
        host.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        assert_eq!(confirm(world, "Stranger").await.reason(), "EVENT_CANCELLED");
        let smaller = finch.mutate("updateRsvp", json!({"id": id, "partySize": 1}), PAYLOAD).await;
        assert_eq!(smaller.reason(), "EVENT_CANCELLED");
        finch.mutate("cancelRsvp", json!({"id": id}), PAYLOAD).await.data();
        assert_eq!(status(&jay, &made).await, "WAITLISTED");
        world.drain().await;
    }
}

scenario! {
    /// Declining needs an account or a link; it frees the seats; saying yes again takes them back.
    async fn declining_and_coming_back(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 2).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &made, 2).await.data();
        let no = json!({"timeslotId": made.timeslot, "response": "NO"});
        assert_eq!(finch.mutate("rsvp", no.clone(), PAYLOAD).await.at("/rsvp/status"), "DECLINED");
        assert_eq!(finch.mutate("rsvp", no.clone(), PAYLOAD).await.at("/rsvp/status"), "DECLINED");
        assert_eq!(seats_left(world, &made).await, 2);
        assert_eq!(rsvp(&finch, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 1);
        let anonymous = world.anonymous().mutate("rsvp", no, PAYLOAD).await;
        assert_eq!(anonymous.wrong_fields(), ["input.name", "input.email", "input.response"]);
        world.drain().await;
    }
}

scenario! {
    /// Nobody answers for what has begun; whoever answered may still cancel until it is over.
    async fn answers_end_with_the_start(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 5).await;
        let finch = world.activist("Finch").await;
        let id = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        world.drain().await;
        world.advance(TimeDelta::hours(60) + TimeDelta::minutes(5));
        let finch = world.activist("Finch").await;
        let late = world.activist("Jay").await;
        assert_eq!(rsvp(&late, &made, 1).await.reason(), "EVENT_STARTED");
        finch.mutate("cancelRsvp", json!({"id": id}), PAYLOAD).await.data();
        world.advance(TimeDelta::hours(2));
        let late = world.activist("Jay").await;
        assert_eq!(rsvp(&late, &made, 1).await.reason(), "EVENT_STARTED");
    }
}

scenario! {
    /// `viewer { rsvps }` by start, with event and timeslot, upcoming and past; the referrer is kept, sealed off from all.
    async fn own_rsvps_are_listed(world) {
        const RSVPS: &str = "query($when: When!) { viewer { rsvps(when: $when) { edges { node {
            status event { title } timeslot { startsAt } } } } } }";
        let host = world.activist("Wren").await;
        let finch = world.activist("Finch").await;
        let slot = |day: u32| json!([{"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z")}]);
        for day in [20, 18, 19] {
            let made = world.event(&host, json!({"timeslots": slot(day), "title": format!("Day {day}")})).await;
            let input = json!({"timeslotId": made.timeslot, "referrer": {"utmSource": "newsletter"}});
            finch.mutate("rsvp", input, PAYLOAD).await.data();
        }
        world.drain().await;
        let titles = |answer: &Answer| -> Vec<String> {
            let edges = answer.at("/viewer/rsvps/edges").as_array().unwrap();
            edges.iter().map(|edge| edge["node"]["event"]["title"].as_str().unwrap().to_owned()).collect()
        };
        let upcoming = finch.ask(RSVPS, json!({"when": "UPCOMING"})).await;
        assert_eq!(titles(&upcoming), ["Day 18", "Day 19", "Day 20"]);
        world.advance(TimeDelta::days(4));
        let finch = world.activist("Finch").await;
        assert_eq!(titles(&finch.ask(RSVPS, json!({"when": "UPCOMING"})).await), ["Day 20"]);
        assert_eq!(titles(&finch.ask(RSVPS, json!({"when": "PAST"})).await), ["Day 19", "Day 18"]);
        use sea_orm::EntityTrait;
        let rows = entity::rsvp::Entity::find().all(world.app.db.reader()).await.unwrap();
        assert!(rows.iter().all(|row| row.referrer.as_deref().unwrap().contains("newsletter")));
    }
}

scenario! {
    /// A host reads names, parties and statuses of their own event, and no addresses; others do not.
    async fn hosts_see_who_comes(world) {
        const ATTENDEES: &str = "query($id: ID!, $status: RsvpStatus) { event(id: $id) { attendees(status: $status) {
            edges { node { name partySize status } } } } }";
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 2).await;
        rsvp(&world.activist("Finch").await, &made, 2).await.data();
        rsvp(&world.activist("Jay").await, &made, 1).await.data();
        world.drain().await;
        let answer = host.ask(ATTENDEES, json!({"id": made.id})).await;
        assert_eq!(answer.at("/event/attendees/edges"), &json!([
            {"node": {"name": "Finch Testperson", "partySize": 2, "status": "REGISTERED"}},
            {"node": {"name": "Jay Testperson", "partySize": 1, "status": "WAITLISTED"}},
        ]));
        assert!(!answer.body.to_string().contains("example.org"));
        let waiting = host.ask(ATTENDEES, json!({"id": made.id, "status": "WAITLISTED"})).await;
        assert_eq!(waiting.at("/event/attendees/edges").as_array().unwrap().len(), 1);
        let stranger = world.activist("Crow").await;
        assert_eq!(stranger.ask(ATTENDEES, json!({"id": made.id})).await.code(), "FORBIDDEN");
        assert_eq!(world.anonymous().ask(ATTENDEES, json!({"id": made.id})).await.code(), "UNAUTHENTICATED");
    }
}

scenario! {
    /// Whoever types in an address first does not decide what its owner confirms: the newest answer waits, and a link
    /// confirms what its mail said.
    async fn a_link_confirms_what_its_mail_says(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 100).await;
        answer_by_mail(world, &made, "Stranger", 7).await.data();
        assert_eq!(seats_left(world, &made).await, 93);
        answer_by_mail(world, &made, "Stranger", 2).await.data();
        assert_eq!(seats_left(world, &made).await, 98, "the newest counts");
        world.drain().await;
        let mails = world.mails_to("stranger@example.org");
        let asked = mails.iter().rfind(|mail| mail.text.contains("A party of 2,")).unwrap();
        // Somebody else again, after the owner has read it.
        answer_by_mail(world, &made, "Stranger", 9).await.data();
        let confirmed = world.anonymous().mutate("confirmRsvp", json!({"token": asked.tokens()[0]}), "status").await;
        assert_eq!(confirmed.at("/confirmRsvp/status"), "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 98, "two, as the mail said");
        answer_by_mail(world, &made, "Stranger", 5).await.data();
        assert_eq!(seats_left(world, &made).await, 98, "what its owner said stays");
        world.drain().await;
        world.advance(TimeDelta::minutes(61));
        world.drain().await;
        assert_eq!(seats_left(world, &made).await, 98, "nothing is held any more, and nothing is given back");
    }
}
