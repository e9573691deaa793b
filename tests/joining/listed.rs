//! Who may know who comes.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Caller, Made},
    rsvps::{answer_by_mail, confirm, rsvp},
};

const WHO: &str = "query($id: ID!, $first: Int, $after: String) { event(id: $id) { comingCount attendeeVisibility
    participants(first: $first, after: $after) { edges { node { id name timeslotId } cursor } pageInfo { hasNextPage endCursor } } } }";

async fn who(caller: &Caller, made: &Made) -> Answer {
    caller.ask(WHO, json!({"id": made.id})).await
}

fn names(answer: &Answer) -> Vec<String> {
    let edges = answer.at("/event/participants/edges").as_array().unwrap().iter();
    edges
        .map(|edge| edge["node"]["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn come(caller: &Caller, made: &Made, listed: Option<bool>) -> Answer {
    let mut input = json!({"timeslotId": made.timeslot, "partySize": 2});
    if let Some(listed) = listed {
        input["listed"] = json!(listed);
    }
    caller.mutate("rsvp", input, "status rsvp { id listed }").await
}

scenario! {
    /// By default, nobody but hosts knows so much as how many come.
    async fn by_default_nobody_knows(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let finch = world.activist("Finch").await;
        come(&finch, &made, Some(true)).await.data();
        for caller in [&world.anonymous(), &finch, &world.activist("Jay").await] {
            let seen = who(caller, &made).await;
            assert_eq!((seen.at("/event/comingCount"), seen.at("/event/participants")), (&Value::Null, &Value::Null));
        }
        assert_eq!(who(&host, &made).await.at("/event/comingCount"), 2);
        world.drain().await;
    }
}

scenario! {
    /// A count is for everybody; those who have not confirmed are not in it.
    async fn a_count_is_for_everybody(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"attendeeVisibility": "COUNT"})).await;
        let finch = world.activist("Finch").await;
        come(&finch, &made, Some(true)).await.data();
        answer_by_mail(world, &made, "Jay", 5).await.data();
        for caller in [&world.anonymous(), &finch] {
            let seen = who(caller, &made).await;
            assert_eq!((seen.at("/event/comingCount"), seen.at("/event/participants")), (&json!(2), &Value::Null));
        }
        world.drain().await;
    }
}

scenario! {
    /// A list is for those who come, of those who agreed, by first name and initial; no page, cursor or id tells of others.
    async fn a_list_is_of_those_who_agreed(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"attendeeVisibility": "ATTENDEES"})).await;
        let mut guests = vec![];
        for (name, listed) in [("Auk", Some(true)), ("Booby", None), ("Crake", Some(false)), ("Dove", Some(true))] {
            let guest = world.activist(name).await;
            let id = come(&guest, &made, listed).await.text("/rsvp/rsvp/id");
            guests.push((guest, id));
        }
        for (caller, _) in &guests {
            assert_eq!(names(&who(caller, &made).await), ["Auk T.", "Dove T."]);
        }
        let stranger = world.activist("Stranger").await;
        for caller in [&stranger, &world.anonymous()] {
            let seen = who(caller, &made).await;
            assert_eq!((seen.at("/event/comingCount"), seen.at("/event/participants")), (&json!(8), &Value::Null));
        }
        // Pages are of those who agreed alone: the one who did not is no reason for a further page.
        let crake = &guests[2].0;
        let first = crake.ask(WHO, json!({"id": made.id, "first": 1})).await;
        assert_eq!(names(&first), ["Auk T."]);
        let after = first.at("/event/participants/pageInfo/endCursor");
        let second = crake.ask(WHO, json!({"id": made.id, "first": 1, "after": after})).await;
        assert_eq!(names(&second), ["Dove T."]);
        assert_eq!(second.at("/event/participants/pageInfo/hasNextPage"), false);
        let node = "query($id: ID!) { node(id: $id) { ... on Participant { name } } }";
        for (place, (_, id)) in guests.iter().enumerate() {
            let id = id.replace("rsvp:", "participant:");
            let seen = crake.ask(node, json!({"id": id})).await;
            match place {
                0 | 3 => assert!(seen.text("/node/name").ends_with(" T.")),
                _ => assert_eq!(seen.code(), "NOT_FOUND"),
            }
            assert_eq!(stranger.ask(node, json!({"id": id})).await.code(), "NOT_FOUND");
        }
        world.drain().await;
    }
}

scenario! {
    /// One may agree later, and take it back; who leaves is on no list, and reads none.
    async fn agreeing_is_ones_own(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"attendeeVisibility": "ATTENDEES"})).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = come(&finch, &made, None).await.text("/rsvp/rsvp/id");
        rsvp(&jay, &made, 1).await.data();
        assert_eq!(names(&who(&jay, &made).await), Vec::<String>::new());
        assert_eq!(come(&finch, &made, Some(true)).await.at("/rsvp/rsvp/listed"), true, "by answering again");
        assert_eq!(names(&who(&jay, &made).await), ["Finch T."]);
        let change = async |input: Value| finch.mutate("updateRsvp", input, "rsvp { listed partySize }").await;
        let off = change(json!({"id": id, "listed": false})).await;
        assert_eq!(off.at("/updateRsvp/rsvp"), &json!({"listed": false, "partySize": 2}));
        assert_eq!(names(&who(&jay, &made).await), Vec::<String>::new());
        assert_eq!(change(json!({"id": id})).await.wrong_fields(), ["input"]);
        change(json!({"id": id, "listed": true, "partySize": 3})).await.data();
        assert_eq!(names(&who(&jay, &made).await), ["Finch T."]);
        // An address that was typed in lists nobody.
        let robin = json!({"timeslotId": made.timeslot, "listed": true, "email": "robin@example.org", "name": {"givenName": "Robin"}});
        world.anonymous().mutate("rsvp", robin, "status").await.data();
        assert_eq!(confirm(world, "Robin").await.at("/confirmRsvp/status"), "REGISTERED");
        assert_eq!(names(&who(&jay, &made).await), ["Finch T."]);
        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        assert_eq!(names(&who(&jay, &made).await), Vec::<String>::new());
        assert_eq!(who(&finch, &made).await.at("/event/participants"), &Value::Null);
        world.drain().await;
    }
}
