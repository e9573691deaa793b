//! How people join: where hosts approve, elsewhere, with questions and guests, on several dates.

mod approval;
mod dates;
mod listed;
mod places;
mod sharing;

use serde_json::{Value, json};

use crate::harness::{Caller, Made};

const RSVP: &str =
    "status rsvp { id version partySize guests answers { questionId version label text number choices
    yesNo date } }";

fn questions() -> Value {
    json!([
        {"kind": "TEXT", "label": "What do you eat?", "help": "For the kitchen."},
        {"kind": "NUMBER", "label": "Seats in your car?"},
        {"kind": "CHOICE", "label": "Shirt?", "options": ["S", "M", "L"], "required": true},
        {"kind": "CHOICES", "label": "Days?", "options": ["Friday", "Saturday", "Sunday"]},
        {"kind": "YES_NO", "label": "First time?"},
        {"kind": "DATE", "label": "Since when?"},
    ])
}

/// The ids of an event's questions, in order.
async fn asked(caller: &Caller, event: &str) -> Vec<String> {
    let query =
        "query($id: ID!) { event(id: $id) { questions { id version kind label help options required } } }";
    let answer = caller.ask(query, json!({"id": event})).await;
    let list = answer.at("/event/questions").as_array().unwrap().clone();
    list.iter()
        .map(|question| question["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn version(host: &Caller, made: &Made) -> Value {
    let answer = host
        .ask(
            "query($id: ID!) { event(id: $id) { version } }",
            json!({"id": made.id}),
        )
        .await;
    answer.at("/event/version").clone()
}

scenario! {
    /// Each kind is answered by its own kind of value; hosts and those who answered read it, with the words of then.
    async fn answers_keep_the_question_as_it_was(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"questions": questions()})).await;
        let ids = asked(&world.anonymous(), &made.id).await;
        let finch = world.activist("Finch").await;
        let answers = json!([
            {"questionId": ids[0], "value": {"text": "Anything but nuts"}},
            {"questionId": ids[1], "value": {"number": 2.5}},
            {"questionId": ids[2], "value": {"choices": ["M"]}},
            {"questionId": ids[3], "value": {"choices": ["Friday", "Sunday"]}},
            {"questionId": ids[4], "value": {"yesNo": true}},
            {"questionId": ids[5], "value": {"date": "2024-02-29"}},
        ]);
        let input = json!({"timeslotId": made.timeslot, "partySize": 3, "answers": answers,
            "guests": [{"givenName": "Robin", "familyName": "Testperson"}]});
        let told = finch.mutate("rsvp", input, RSVP).await;
        assert_eq!(told.at("/rsvp/rsvp/guests"), &json!(["Robin Testperson"]));
        let kept = told.at("/rsvp/rsvp/answers").clone();
        assert_eq!(kept[0]["text"], "Anything but nuts");
        assert_eq!(kept[1]["number"], 2.5);
        assert_eq!(kept[3]["choices"], json!(["Friday", "Sunday"]));
        assert_eq!((&kept[4]["yesNo"], &kept[5]["date"]), (&json!(true), &json!("2024-02-29")));
        // The host asks otherwise now; what was answered stays what it was an answer to.
        let edited = json!([{"id": ids[2], "kind": "CHOICE", "label": "T-shirt?", "options": ["M", "XL"]}]);
        let input = json!({"id": made.id, "expectedVersion": version(&host, &made).await, "questions": edited});
        host.mutate("updateEvent", input, "event { id }").await.data();
        let query = "query($id: ID!) { event(id: $id) { questions { id version label }
            attendees { edges { node { guests answers { label version choices } } } } } }";
        let seen = host.ask(query, json!({"id": made.id})).await;
        assert_eq!(seen.at("/event/questions"), &json!([{"id": ids[2], "version": 2, "label": "T-shirt?"}]));
        let attendee = seen.at("/event/attendees/edges/0/node");
        assert_eq!(attendee["answers"][2], json!({"label": "Shirt?", "version": 1, "choices": ["M"]}));
        assert_eq!(attendee["guests"], json!(["Robin Testperson"]));
        world.drain().await;
    }
}

scenario! {
    /// All problems at once, each at its field; and nothing is kept.
    async fn answers_are_checked(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({"questions": questions()})).await;
        let other = world.event(&host, json!({"questions": questions()})).await;
        let ids = asked(&host, &made.id).await;
        let foreign = asked(&host, &other.id).await;
        let finch = world.activist("Finch").await;
        let bad = json!([
            {"questionId": ids[0], "value": {"number": 1}},
            {"questionId": ids[3], "value": {"choices": ["Monday"]}},
            {"questionId": foreign[0], "value": {"text": "x"}},
            {"questionId": ids[4], "value": {"yesNo": true}},
            {"questionId": ids[4], "value": {"yesNo": false}},
        ]);
        let guests = json!([{"givenName": "Robin"}, {"givenName": ""}]);
        let input = json!({"timeslotId": made.timeslot, "partySize": 2, "answers": bad, "guests": guests});
        let refused = finch.mutate("rsvp", input, "status").await;
        let mut fields = refused.wrong_fields();
        fields.sort();
        assert_eq!(fields, [
            "input.answers", "input.answers.0", "input.answers.1", "input.answers.2.questionId",
            "input.answers.4.questionId", "input.guests", "input.guests.1.givenName",
        ]);
        let without = finch.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await;
        assert_eq!(without.wrong_fields(), ["input.answers"], "a required question");
        let no = finch.mutate("rsvp", json!({"timeslotId": made.timeslot, "response": "NO"}), "status").await;
        assert_eq!(no.at("/rsvp/status"), "DECLINED", "a no needs no answers");
        // Once answered, a further answer need not repeat it.
        let shirt = json!([{"questionId": ids[2], "value": {"choices": ["S"]}}]);
        let input = json!({"timeslotId": made.timeslot, "answers": shirt});
        finch.mutate("rsvp", input, "status").await.data();
        let more = finch.mutate("rsvp", json!({"timeslotId": made.timeslot, "partySize": 2}), RSVP).await;
        assert_eq!(more.at("/rsvp/rsvp/answers/0/choices"), &json!(["S"]));
        // Guests and answers are told apart: what is absent stays, what is empty goes, and a smaller party names fewer.
        let guests = json!([{"givenName": "Robin"}]);
        let named = json!({"timeslotId": made.timeslot, "partySize": 2, "guests": guests});
        let named = finch.mutate("rsvp", named, RSVP).await;
        assert_eq!(named.at("/rsvp/rsvp/answers/0/choices"), &json!(["S"]));
        let shirt = json!([{"questionId": ids[2], "value": {"choices": ["L"]}}]);
        let other = json!({"timeslotId": made.timeslot, "partySize": 2, "answers": shirt});
        let other = finch.mutate("rsvp", other, RSVP).await;
        assert_eq!(other.at("/rsvp/rsvp/guests"), &json!(["Robin"]));
        let none = json!({"timeslotId": made.timeslot, "partySize": 2, "answers": []});
        assert_eq!(finch.mutate("rsvp", none, RSVP).await.wrong_fields(), ["input.answers"]);
        let input = json!({"id": other.at("/rsvp/rsvp/id"), "partySize": 1});
        let alone = finch.mutate("updateRsvp", input, RSVP).await;
        assert_eq!(alone.at("/updateRsvp/rsvp/guests"), &json!([]));
        let nobody = json!({"timeslotId": made.timeslot, "partySize": 2, "guests": []});
        assert_eq!(finch.mutate("rsvp", nobody, RSVP).await.at("/rsvp/rsvp/guests"), &json!([]));
        world.drain().await;
    }
}

scenario! {
    /// What a host asks is checked as well.
    async fn questions_are_checked(world) {
        let host = world.activist("Wren").await;
        let bad = json!([
            {"kind": "CHOICE", "label": "Shirt?", "options": ["S"]},
            {"kind": "TEXT", "label": " ", "options": ["a", "b"]},
            {"id": "question:00000000-0000-7000-8000-000000000000", "kind": "TEXT", "label": "Whose?"},
            {"kind": "CHOICES", "label": "Twice?", "options": ["a", "a"]},
        ]);
        let input = json!({"title": "T", "eventType": "ACTION", "timezone": "UTC", "questions": bad,
            "joinPolicy": "EXTERNAL"});
        let refused = host.mutate("createEvent", input, "event { id }").await;
        let mut fields = refused.wrong_fields();
        fields.sort();
        assert!(fields.contains(&"input.externalUrl".to_owned()));
        for field in ["input.questions.0.options", "input.questions.1.label", "input.questions.1.options",
            "input.questions.3.options"] {
            assert!(fields.contains(&field.to_owned()), "{field} in {fields:?}");
        }
    }
}

scenario! {
    /// An event that is joined elsewhere takes no RSVPs.
    async fn joining_elsewhere(world) {
        let host = world.activist("Wren").await;
        let over = json!({"joinPolicy": "EXTERNAL", "externalUrl": "https://tickets.example.org/1"});
        let made = world.event(&host, over).await;
        let query = "query($id: ID!) { event(id: $id) { joinPolicy externalUrl } }";
        let seen = world.anonymous().ask(query, json!({"id": made.id})).await;
        assert_eq!(seen.text("/event/externalUrl"), "https://tickets.example.org/1");
        let finch = world.activist("Finch").await;
        let refused = finch.mutate("rsvp", json!({"timeslotId": made.timeslot}), "status").await;
        assert_eq!(refused.reason(), "JOIN_ELSEWHERE");
        for (path, quoted) in [("ics", "https://tickets.example.org/1"), ("jsonld", "\"url\":\"https://tickets.example.org/1\"")] {
            let page = reqwest::get(format!("{}/events/{}.{path}", world.url, made.id)).await.unwrap();
            let text = page.text().await.unwrap().replace("\r\n ", "");
            assert!(text.contains(quoted), "{text}");
        }
    }
}
