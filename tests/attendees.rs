//! What hosts see of those who answered: lists by filter and order, and files of them.

pub(crate) mod export;

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Caller, Made, World},
    rsvps::{answer_by_mail, rsvp},
};

const LIST: &str = "query($id: ID!, $filter: AttendeeFilterInput, $orderBy: AttendeeOrder! = OLDEST, $first: Int = 50, $after: String) {
    event(id: $id) { attendees(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        edges { cursor node { rsvpId name status } } pageInfo { hasNextPage endCursor } } } }";

async fn ask(host: &Caller, made: &Made, filter: Value, order: &str) -> Answer {
    let variables = json!({"id": made.id, "filter": filter, "orderBy": order});
    host.ask(LIST, variables).await
}

/// The given names of those whom a filter leaves.
async fn names(host: &Caller, made: &Made, filter: Value) -> Vec<String> {
    given(&ask(host, made, filter, "OLDEST").await)
}

fn given(answer: &Answer) -> Vec<String> {
    let edges = answer.at("/event/attendees/edges").as_array().unwrap();
    let name = |edge: &Value| edge["node"]["name"].as_str().unwrap().to_owned();
    let names = edges.iter().map(name);
    names
        .map(|name| name.split(' ').next().unwrap().to_owned())
        .collect()
}

/// An event with two dates and a question; Finch and Jay come to the first, Robin waits for it, and Owl says no to the other.
async fn answered(world: &World, host: &Caller) -> (Made, Vec<Caller>, String) {
    let dates = json!([
        {"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 5},
        {"startsAt": "2030-01-19T00:00:00Z", "endsAt": "2030-01-19T02:00:00Z"}
    ]);
    let questions = json!([
        {"kind": "TEXT", "label": "What do you eat?"},
        {"kind": "CHOICES", "label": "Days?", "options": ["Friday", "Saturday", "Sunday"]}
    ]);
    let made = world
        .event(host, json!({"timeslots": dates, "questions": questions}))
        .await;
    let query = "query($id: ID!) { event(id: $id) { questions { id } timeslots { edges { node { id } } } } }";
    let read = host.ask(query, json!({"id": made.id})).await;
    let other = read.text("/event/timeslots/edges/1/node/id");
    let [food, days] = [0, 1].map(|i| read.text(&format!("/event/questions/{i}/id")));
    let mut people = vec![];
    for (name, answer) in [
        (
            "Finch",
            json!({"timeslotId": made.timeslot, "partySize": 3,
                "guests": [{"givenName": "Señora", "familyName": "Testpeña"}],
                "answers": [{"questionId": food, "value": {"text": "Anything but NUTS"}},
                    {"questionId": days, "value": {"choices": ["Friday", "Sunday"]}}]}),
        ),
        (
            "Jay",
            json!({"timeslotId": made.timeslot, "partySize": 2,
                "answers": [{"questionId": days, "value": {"choices": ["Friday"]}}]}),
        ),
        ("Robin", json!({"timeslotId": made.timeslot})),
        ("Owl", json!({"timeslotId": other, "response": "NO"})),
    ] {
        let person = world.activist(name).await;
        person.mutate("rsvp", answer, "status").await.data();
        people.push(person);
        world.advance(TimeDelta::seconds(10));
    }
    world.drain().await;
    (made, people, other)
}

scenario! {
    /// Each filter, alone and together; and what is sealed is looked for as well.
    async fn hosts_filter(world) {
        let host = world.activist("Wren").await;
        let (made, people, other) = answered(world, &host).await;
        let asked = host.ask("query($id: ID!) { event(id: $id) { questions { id } } }", json!({"id": made.id})).await;
        let [food, days] = [0, 1].map(|i| asked.text(&format!("/event/questions/{i}/id")));
        let finch = people[0].ask("{ viewer { rsvps { edges { node { id } } } } }", Value::Null).await;
        let finch = finch.text("/viewer/rsvps/edges/0/node/id");
        let at = |seconds| (world.now() - TimeDelta::seconds(seconds)).to_rfc3339();
        for (filter, expected) in [
            (json!({}), vec!["Finch", "Jay", "Robin", "Owl"]),
            (json!({"statuses": ["WAITLISTED", "DECLINED"]}), vec!["Robin", "Owl"]),
            (json!({"statuses": []}), vec!["Finch", "Jay", "Robin", "Owl"]),
            (json!({"timeslotIds": [other]}), vec!["Owl"]),
            (json!({"rsvpIds": [finch]}), vec!["Finch"]),
            (json!({"answeredSince": at(20)}), vec!["Robin", "Owl"]),
            (json!({"changedSince": at(10), "statuses": ["WAITLISTED"]}), vec![]),
            (json!({"hasAddress": true}), vec!["Finch", "Jay", "Robin", "Owl"]),
            (json!({"hasAddress": false}), vec![]),
            (json!({"text": "finch testp"}), vec!["Finch"]),
            (json!({"text": "SENORA PENA"}), vec!["Finch"]),
            (json!({"text": "testperson", "statuses": ["DECLINED"]}), vec!["Owl"]),
            (json!({"text": "%"}), vec![]),
            (json!({"answer": {"questionId": food}}), vec!["Finch"]),
            (json!({"answer": {"questionId": food, "value": {"text": "nuts"}}}), vec!["Finch"]),
            (json!({"answer": {"questionId": food, "value": {"text": "bread"}}}), vec![]),
            (json!({"answer": {"questionId": days, "value": {"choices": ["Friday"]}}}), vec!["Finch", "Jay"]),
            (json!({"answer": {"questionId": days, "value": {"choices": ["Friday", "Sunday"]}}}), vec!["Finch"]),
        ] {
            assert_eq!(names(&host, &made, filter.clone()).await, expected, "{filter}");
        }
        for (filter, wrong) in [
            (json!({"text": " "}), "filter.text"),
            (json!({"answeredSince": "-262143-01-01T00:00:00Z"}), "filter.answeredSince"),
            (json!({"text": "a".repeat(201)}), "filter.text"),
            (json!({"timeslotIds": [made.id]}), "filter.timeslotIds.0"),
            (json!({"rsvpIds": vec![finch.clone(); 101]}), "filter.rsvpIds"),
            (json!({"answer": {"questionId": made.id}}), "filter.answer.questionId"),
            (json!({"answer": {"questionId": food, "value": {"text": "n".repeat(201)}}}), "filter.answer.value"),
        ] {
            assert_eq!(ask(&host, &made, filter.clone(), "OLDEST").await.wrong_fields(), [wrong], "{filter}");
        }
        let both = "query($id: ID!) { event(id: $id) { attendees(status: DECLINED, filter: {}) { edges { cursor } } } }";
        assert_eq!(host.ask(both, json!({"id": made.id})).await.wrong_fields(), ["filter"]);
        let filter = json!({"text": "finch"});
        assert_eq!(ask(&people[0], &made, filter.clone(), "OLDEST").await.code(), "FORBIDDEN");
        assert_eq!(ask(&world.anonymous(), &made, filter, "OLDEST").await.code(), "UNAUTHENTICATED");
    }
}

scenario! {
    /// Each order from the beginning and in pages of one, and the same with a filter that opens what is sealed.
    async fn hosts_sort(world) {
        let host = world.activist("Wren").await;
        let (made, people, _) = answered(world, &host).await;
        rsvp(&people[1], &made, 1).await.data();
        for filter in [json!({}), json!({"text": "testperson"})] {
            for (order, expected) in [
                ("OLDEST", ["Finch", "Jay", "Robin", "Owl"]),
                ("NEWEST", ["Owl", "Robin", "Jay", "Finch"]),
                ("LAST_CHANGED", ["Robin", "Jay", "Owl", "Finch"]),
                ("LARGEST_PARTY", ["Finch", "Owl", "Robin", "Jay"]),
            ] {
                assert_eq!(given(&ask(&host, &made, filter.clone(), order).await), expected, "{order}");
                let (mut walked, mut after) = (vec![], Value::Null);
                loop {
                    let page = json!({"id": made.id, "filter": filter, "orderBy": order, "first": 1, "after": after});
                    let page = host.ask(LIST, page).await;
                    walked.extend(given(&page));
                    after = page.at("/event/attendees/pageInfo/endCursor").clone();
                    if page.at("/event/attendees/pageInfo/hasNextPage") == false {
                        break;
                    }
                }
                assert_eq!(walked, expected, "{order} {filter}");
            }
        }
        world.drain().await;
    }
}

scenario! {
    /// Who was registered for a date that is over: for hosts of their own events, for organizers of any.
    async fn who_came_before(world) {
        let (host, other) = (world.activist("Wren").await, world.activist("Other").await);
        let soon = json!([{"startsAt": "2030-01-16T00:00:00Z", "endsAt": "2030-01-16T02:00:00Z"}]);
        let mine = world.event(&host, json!({"timeslots": soon})).await;
        let theirs = world.event(&other, json!({"timeslots": soon})).await;
        let off = world.event(&host, json!({"timeslots": soon})).await;
        let (finch, jay, owl) = (world.activist("Finch").await, world.activist("Jay").await, world.activist("Owl").await);
        rsvp(&finch, &mine, 1).await.data();
        rsvp(&jay, &theirs, 1).await.data();
        rsvp(&owl, &off, 1).await.data();
        host.mutate("cancelEvent", json!({"id": off.id}), "event { id }").await.data();
        let next = world.event(&host, json!({})).await;
        for person in [&finch, &jay, &owl] {
            rsvp(person, &next, 1).await.data();
        }
        assert!(names(&host, &next, json!({"cameBefore": true})).await.is_empty(), "nothing is over yet");
        world.drain().await;
        world.advance(TimeDelta::days(1));
        let (host, organizer) = (world.activist("Wren").await, world.staff("Organizer", StaffRole::Organizer).await);
        assert_eq!(names(&host, &next, json!({"cameBefore": true})).await, ["Finch"]);
        assert_eq!(names(&host, &next, json!({"cameBefore": false})).await, ["Jay", "Owl"]);
        assert_eq!(names(&organizer, &next, json!({"cameBefore": true})).await, ["Finch", "Jay"]);
        let link = json!({"eventId": next.id, "label": "The door", "rights": ["VIEW_RSVPS"]});
        let link = host.mutate("createHostLink", link, "token").await.text("/createHostLink/token");
        let door = Caller::new(&world.url, Some(link), "");
        assert!(names(&door, &next, json!({"cameBefore": true})).await.is_empty(), "a link is to one event");
        world.drain().await;
    }
}

scenario! {
    /// A page of events with those who answered for each, and how many: as many statements for twenty as for five. Of
    /// events that somebody else runs, they are FORBIDDEN.
    async fn events_are_read_together(world) {
        let (host, other, finch) = (world.activist("Wren").await, world.activist("Other").await, world.activist("Finch").await);
        for i in 0..20 {
            let made = world.event(&host, json!({"title": format!("Event {i}")})).await;
            rsvp(&finch, &made, 1).await.data();
            answer_by_mail(world, &made, "Robin", 1).await.data();
        }
        let hidden = world.event(&other, json!({})).await;
        world.drain().await;
        let query = "query($first: Int!) { viewer { hosting(first: $first) { edges { node {
            rsvpCounts { status rsvps } attendees(first: 1, orderBy: NEWEST) { edges { node { name status } }
                pageInfo { hasNextPage } } } } } } }";
        let mut fewest = vec![];
        for first in [5, 20] {
            let mut few = u64::MAX;
            for _ in 0..4 {
                let before = world.app.db.statements();
                let answer = host.ask(query, json!({"first": first})).await;
                few = few.min(world.app.db.statements() - before);
                let edges = answer.at("/viewer/hosting/edges").as_array().unwrap();
                assert_eq!(edges.len(), first);
                for edge in edges {
                    let node = &edge["node"];
                    assert_eq!(node["rsvpCounts"].as_array().unwrap().len(), 2);
                    assert_eq!(node["attendees"]["edges"][0]["node"]["name"], "Robin");
                    assert_eq!(node["attendees"]["edges"].as_array().unwrap().len(), 1);
                    assert_eq!(node["attendees"]["pageInfo"]["hasNextPage"], true);
                }
            }
            fewest.push(few);
        }
        assert_eq!(fewest[0], fewest[1], "statements");
        let query = "query($mine: ID!, $theirs: ID!) { one: event(id: $theirs) { attendees { edges { cursor } } }
            other: event(id: $mine) { attendees { edges { cursor } } } }";
        let mine = host.ask("{ viewer { hosting(first: 1) { edges { node { id } } } } }", Value::Null).await;
        let mine = mine.text("/viewer/hosting/edges/0/node/id");
        let answer = host.ask(query, json!({"mine": mine, "theirs": hidden.id})).await;
        assert_eq!(answer.code(), "FORBIDDEN");
        assert_eq!(answer.body["data"]["one"]["attendees"], Value::Null);
        assert_eq!(answer.body["data"]["other"]["attendees"]["edges"].as_array().unwrap().len(), 2);
    }
}

/// What is sealed is opened for so many RSVPs at most; a narrower filter helps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_are_opened() {
    use crate::harness::Backend;
    let world = World::with(Backend::embedded(), &[("limits.opened", "3")]).await;
    let host = world.activist("Wren").await;
    let (made, ..) = answered(&world, &host).await;
    let refused = ask(&host, &made, json!({"text": "finch"}), "OLDEST").await;
    assert_eq!(refused.wrong_fields(), ["filter"]);
    assert!(refused.body.to_string().contains("at most 3 RSVPs"));
    let fewer = json!({"text": "finch", "statuses": ["REGISTERED"]});
    assert_eq!(names(&host, &made, fewer).await, ["Finch"]);
    world.finish().await;
}
