//! What hosts write to those who answered: who gets it, once, and who does not; how it looks; how often.

use chrono::TimeDelta;
use entity::StaffRole;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Caller, Made, Mail, World},
    rsvps::{answer_by_mail, confirm, rsvp},
};

const SENT: &str = "announcement { id subject text recipients notReached }";
const LIST: &str =
    "query($id: ID!) { announcements(eventId: $id) { edges { node { id subject recipients notReached } } } }";
const AUDIENCE: &str = "query($id: ID!, $filter: AttendeeFilterInput) {
    announcementAudience(eventId: $id, filter: $filter) { people leftOut { reason people } } }";

async fn write(host: &Caller, made: &Made, over: Value) -> Answer {
    let mut input = json!({"eventId": made.id, "subject": "Bring a pen", "text": "See you\n\nat the oak."});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    host.mutate("messageAttendees", input, SENT).await
}

/// The subjects of announcements that an address got, of those that tests send.
fn got(world: &World, name: &str) -> usize {
    let mails = world.mails_to(&format!("{}@example.org", name.to_lowercase()));
    mails
        .iter()
        .filter(|mail| mail.text.contains("wrote to those who answered"))
        .count()
}

/// The last mail to an address, its text with plain line ends.
fn newest(world: &World, address: &str) -> Mail {
    let mail = world.mails_to(address).pop().unwrap();
    Mail {
        text: mail.text.replace("\r\n", "\n"),
        ..mail
    }
}

scenario! {
    /// Whoever comes, waits or asks gets one mail, however many dates they answered for; a repeat sends nothing.
    async fn each_gets_one(world) {
        let host = world.activist("Wren").await;
        let dates = json!([
            {"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 1},
            {"startsAt": "2030-01-19T00:00:00Z", "endsAt": "2030-01-19T02:00:00Z"}
        ]);
        let made = world.event(&host, json!({"timeslots": dates})).await;
        let (finch, jay, owl) = (world.activist("Finch").await, world.activist("Jay").await, world.activist("Owl").await);
        let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
        let dates = host.ask(query, json!({"id": made.id})).await;
        let all = json!({"timeslotIds": [made.timeslot, dates.at("/event/timeslots/edges/1/node/id")], "mode": "EACH"});
        finch.mutate("rsvpToAll", all, "results { code }").await.data();
        rsvp(&jay, &made, 1).await.data(); // waits
        owl.mutate("rsvp", json!({"timeslotId": made.timeslot, "response": "NO"}), "status").await.data();
        answer_by_mail(world, &made, "Robin", 1).await.data(); // never confirms
        world.drain().await;
        let audience = host.ask(AUDIENCE, json!({"id": made.id})).await;
        assert_eq!(audience.at("/announcementAudience/people"), 2);
        let few = audience.at("/announcementAudience/leftOut").as_array().unwrap();
        assert_eq!(few.len(), 4);
        assert!(few.iter().all(|reason| reason["people"].is_null()), "nobody can tell who: {few:?}");
        let key = json!({"idempotencyKey": "bring-a-pen"});
        let sent = write(&host, &made, key.clone()).await;
        assert_eq!(sent.at("/messageAttendees/announcement/recipients"), 2);
        let again = write(&host, &made, key).await;
        assert_eq!(again.at("/messageAttendees/announcement/id"), sent.at("/messageAttendees/announcement/id"));
        world.drain().await;
        let counts = ["Finch", "Jay", "Owl", "Robin", "Wren"].map(|name| got(world, name));
        assert_eq!(counts, [1, 1, 0, 0, 0]);
        let mail = newest(world, "finch@example.org");
        assert_eq!(mail.subject, "Bring a pen");
        assert!(mail.text.contains("Host of Tests wrote to those who answered for Calls for clean water:"), "{}", mail.text);
        assert!(mail.text.contains("See you\n\nat the oak.") && mail.text.contains("cannot be answered"), "{}", mail.text);
        assert!(mail.raw.contains("List-Unsubscribe-Post") && !mail.raw.contains("Reply-To"), "{}", mail.raw);
        let list = host.ask(LIST, json!({"id": made.id})).await;
        assert_eq!(list.at("/announcements/edges/0/node/recipients"), 2);
        assert_eq!(list.at("/announcements/edges").as_array().unwrap().len(), 1);
        // What was left to send is looked at again: who takes it back meanwhile gets nothing.
        write(&host, &made, json!({"subject": "Again"})).await.data();
        finch.mutate("rsvp", json!({"timeslotId": made.timeslot, "response": "NO"}), "status").await.data();
        let second = dates.at("/event/timeslots/edges/1/node/id");
        finch.mutate("rsvp", json!({"timeslotId": second, "response": "NO"}), "status").await.data();
        world.drain().await;
        assert_eq!((got(world, "Finch"), got(world, "Jay")), (1, 2));
    }
}

scenario! {
    /// To some: by status, date or choice; and never to who does not come.
    async fn some_are_chosen(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 1).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let coming = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        rsvp(&jay, &made, 1).await.data();
        world.drain().await;
        write(&host, &made, json!({"filter": {"statuses": ["WAITLISTED"]}})).await.data();
        world.drain().await;
        assert_eq!((got(world, "Finch"), got(world, "Jay")), (0, 1));
        write(&host, &made, json!({"filter": {"rsvpIds": [coming]}})).await.data();
        world.drain().await;
        assert_eq!((got(world, "Finch"), got(world, "Jay")), (1, 1));
        write(&host, &made, json!({"filter": {"text": "jay"}, "showMyAddress": true})).await.data();
        world.drain().await;
        assert_eq!((got(world, "Finch"), got(world, "Jay")), (1, 2));
        let mail = world.mails_to("jay@example.org").pop().unwrap();
        assert!(mail.raw.contains("Reply-To: <wren@example.org>"), "{}", mail.raw);
        for (over, wrong) in [
            (json!({"filter": {"statuses": ["DECLINED"]}}), vec!["input.filter.statuses"]),
            (json!({"filter": {"statuses": ["REGISTERED", "PENDING_CONFIRMATION"]}}), vec!["input.filter.statuses"]),
            (json!({"filter": {"text": "nobody"}}), vec!["input.filter"]),
            (json!({"subject": " ", "text": ""}), vec!["input.subject", "input.text"]),
            (json!({"subject": "a\nBcc: b", "text": "a".repeat(5_001)}), vec!["input.text", "input.subject"]),
            (json!({"subject": "a".repeat(201), "text": "bell\u{7}"}), vec!["input.subject", "input.text"]),
        ] {
            assert_eq!(write(&host, &made, over.clone()).await.wrong_fields(), wrong, "{over}");
        }
        let single = host.ask(AUDIENCE, json!({"id": made.id, "filter": {"text": "jay"}})).await;
        assert_eq!(single.at("/announcementAudience"), &json!({"people": 1, "leftOut": []}));
    }
}

scenario! {
    /// STOP, a consent that was withdrawn, and the link of an earlier one each hold; from five on, they are counted.
    async fn who_wants_none_gets_none(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let other = world.event(&host, json!({"title": "Another"})).await;
        let mut people = vec![];
        for i in 0..6 {
            let person = world.activist(&format!("Person{i}")).await;
            rsvp(&person, &made, 1).await.data();
            rsvp(&person, &other, 1).await.data();
            people.push(person);
        }
        answer_by_mail(world, &made, "Robin", 1).await.data();
        confirm(world, "Robin").await.data();
        write(&host, &made, json!({})).await.data();
        world.drain().await;
        assert_eq!((got(world, "Robin"), got(world, "Person0")), (1, 1));
        let mute = async |address: &str| {
            let mails = world.mails_to(address);
            let mail = mails.iter().rfind(|mail| mail.text.contains("wrote to those")).unwrap();
            let token = mail.tokens().pop().unwrap();
            let url = format!("{}/l/{token}", world.url);
            let page = reqwest::get(&url).await.unwrap().text().await.unwrap();
            assert!(page.contains("Calls for clean water"), "{page}");
            reqwest::Client::new().post(&url).send().await.unwrap().status().as_u16()
        };
        assert_eq!(mute("person0@example.org").await, 200, "one click");
        let stop = world.mails_to("robin@example.org")[0].tokens().pop().unwrap();
        world.anonymous().mutate("unsubscribe", json!({"token": stop}), "unsubscribed").await.data();
        let no = json!({"channel": "EMAIL", "purpose": "NOTICE", "granted": false, "textVersion": "1"});
        people[1].mutate("updateConsent", no.clone(), "consent { granted }").await.data();
        write(&host, &made, json!({"subject": "Second"})).await.data();
        write(&host, &other, json!({"subject": "Elsewhere"})).await.data();
        world.drain().await;
        let counts = ["Robin", "Person0", "Person1", "Person2"].map(|name| got(world, name));
        assert_eq!(counts, [1, 2, 1, 3], "muted is one event");
        let list = host.ask(LIST, json!({"id": made.id})).await;
        assert!(list.at("/announcements/edges/0/node/notReached").is_null(), "three could be told apart");
        for person in &people[2..] {
            person.mutate("updateConsent", no.clone(), "consent { granted }").await.data();
        }
        let audience = host.ask(AUDIENCE, json!({"id": made.id})).await;
        let expected = json!([{"reason": "NO_ADDRESS", "people": null}, {"reason": "STOPPED", "people": null},
            {"reason": "NO_CONSENT", "people": 5}, {"reason": "MUTED", "people": null}]);
        assert_eq!(audience.at("/announcementAudience/leftOut"), &expected);
        people[1].mutate("updateConsent", json!({"channel": "EMAIL", "purpose": "NOTICE", "granted": true, "textVersion": "2"}),
            "consent { granted }").await.data();
        let audience = host.ask(AUDIENCE, json!({"id": made.id})).await;
        assert!(audience.at("/announcementAudience/leftOut/2/people").is_null(), "the last word counts");
        write(&host, &made, json!({"subject": "Third"})).await.data();
        world.drain().await;
        assert_eq!(got(world, "Person1"), 2);
        let list = host.ask(LIST, json!({"id": made.id})).await;
        assert_eq!(list.at("/announcements/edges/0/node/notReached"), 5, "of six");
        write(&host, &made, json!({"subject": "Fourth", "filter": {"hasAddress": true}})).await.data();
        world.drain().await;
        let list = host.ask(LIST, json!({"id": made.id})).await;
        let newest = list.at("/announcements/edges/0/node");
        assert_eq!((newest["subject"].as_str(), &newest["notReached"]), (Some("Fourth"), &Value::Null), "it may mean single people");
    }
}

scenario! {
    /// Whatever is in it, it is text.
    async fn hostile_words_are_text(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"title": "<img src=x>\u{202E}"})).await;
        rsvp(&world.activist("Finch").await, &made, 1).await.data();
        world.drain().await;
        let over = json!({"subject": "<b>\u{202E}Subject</b> {{ 7*7 }}", "text": "<script>alert(1)</script>\r\n.\r\n{{ stop }} \u{2066}x"});
        write(&host, &made, over).await.data();
        world.drain().await;
        let mail = newest(world, "finch@example.org");
        assert_eq!(mail.subject, "<b> Subject</b> {{ 7*7 }}");
        assert!(mail.text.contains("<script>alert(1)</script>\n.\n{{ stop }}  x"), "{}", mail.text);
        assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{}", mail.html);
        assert!(!mail.text.contains(['\u{202E}', '\u{2066}', '\r']) && !mail.html.contains('\u{202E}'));
    }
}

scenario! {
    /// Hosts and organizers write and read; for others the event's rules hold, and an announcement does not exist.
    async fn others_do_not_write(world) {
        let (host, other) = (world.activist("Wren").await, world.activist("Other").await);
        let made = world.event(&host, json!({})).await;
        rsvp(&other, &made, 1).await.data();
        world.drain().await;
        for (caller, code) in [(&other, "FORBIDDEN"), (&world.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(write(caller, &made, json!({})).await.code(), code);
            assert_eq!(caller.ask(LIST, json!({"id": made.id})).await.code(), code);
            assert_eq!(caller.ask(AUDIENCE, json!({"id": made.id})).await.code(), code);
        }
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let sent = write(&organizer, &made, json!({})).await.text("/messageAttendees/announcement/id");
        let node = "query($id: ID!) { node(id: $id) { ... on Announcement { subject } } }";
        assert_eq!(host.ask(node, json!({"id": sent})).await.at("/node/subject"), "Bring a pen");
        assert_eq!(other.ask(node, json!({"id": sent})).await.code(), "NOT_FOUND");
        world.drain().await;
    }
}

/// A few a day for an event, and for a person.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_a_day() {
    for backend in [Backend::embedded(), Backend::production().await] {
        let settings = [
            ("rsvp.mails_per_unconfirmed_address_and_hour", "50"),
            ("announcements.per_event_and_day", "2"),
            ("announcements.per_person_and_day", "3"),
        ];
        let world = World::with(backend, &settings).await;
        let host = world.activist("Wren").await;
        let (one, two) = (
            world.event(&host, json!({})).await,
            world.event(&host, json!({})).await,
        );
        let finch = world.activist("Finch").await;
        for made in [&one, &two] {
            rsvp(&finch, made, 1).await.data();
        }
        for made in [&one, &one, &two] {
            write(&host, made, json!({})).await.data();
        }
        let refused = write(&host, &one, json!({})).await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        assert!(
            refused
                .body
                .to_string()
                .contains("At most 2 announcements a day may be sent about one event")
        );
        let refused = write(&host, &two, json!({})).await;
        assert!(
            refused
                .body
                .to_string()
                .contains("At most 3 announcements a day may be sent by one person")
        );
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        write(&organizer, &two, json!({})).await.data();
        world.advance(TimeDelta::days(1));
        let host = world.activist("Wren").await;
        write(&host, &one, json!({})).await.data();
        world.drain().await;
        assert_eq!(got(&world, "Finch"), 5);
        world.finish().await;
    }
}

/// More people than one part has, and a worker that dies after each part was left and before that was written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crowds_come_in_parts() {
    let world = World::embedded().await;
    let host = world.activist("Wren").await;
    let made = world.event(&host, json!({})).await;
    rsvp(&world.activist("Finch").await, &made, 1).await.data();
    world.drain().await;
    crate::attendees::export::many(&world, 1_100, entity::RsvpStatus::Registered).await;
    let sent = write(&host, &made, json!({})).await;
    assert_eq!(sent.at("/messageAttendees/announcement/recipients"), 1_101);
    let id = sent.text("/messageAttendees/announcement/id");
    let id: uuid::Uuid = id.split_once(':').unwrap().1.parse().unwrap();
    for part in [0, 0, 1, 1, 0, 2, 2, 3] {
        api::jobs::run(
            &world.app,
            uuid::Uuid::now_v7(),
            1,
            api::outbox::Job::SpreadAnnouncement {
                announcement_id: id,
                part,
            },
        )
        .await
        .unwrap();
    }
    let row = entity::announcement::Entity::find_by_id(id)
        .one(world.app.db.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.recipients, row.part, row.reached), (1_101, 3, None));
    let jobs = entity::outbox::Entity::find()
        .all(world.app.db.reader())
        .await
        .unwrap();
    let mut to: Vec<_> = jobs
        .iter()
        .filter(|job| job.kind == "send_announcement")
        .map(|job| &job.payload)
        .collect();
    assert_eq!(to.len(), 1_101);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 1_101, "each has one");
    world.drain().await;
    assert_eq!(got(&world, "Finch"), 1);
    world.finish().await;
}
