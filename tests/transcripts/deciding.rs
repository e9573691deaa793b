//! Whom the rows of a sheet may mean, and who they are.

use entity::{SheetMark, StaffRole};
use serde_json::{Value, json};

use super::{paper, printed, read, rows};
use crate::{
    harness::{Answer, Caller},
    rsvps::rsvp,
};

async fn decide(caller: &Caller, sheet: &str, said: Value, accept: bool) -> Answer {
    let input = json!({"sheetId": sheet, "rows": said, "acceptProposals": accept});
    caller
        .mutate("decideSheetRows", input, "rows progress { rows decided }")
        .await
}

scenario! {
    /// A name is compared with those who answered for this event and, for a host, with those who answered for their earlier ones:
    /// never with anybody else.
    async fn names_are_compared_with_people_one_knows(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let rook = world.staff("Rook", StaffRole::Transcriber).await;
        let made = world.event(&wren, json!({})).await;
        let earlier = world.event(&wren, json!({"title": "Before"})).await;
        let others = world.event(&finch, json!({"title": "Elsewhere"})).await;
        for (name, event) in [("Robert", &made), ("Alexander", &earlier), ("Elizabeth", &others)] {
            rsvp(&world.activist(name).await, event, 1).await.data();
        }
        let paper = paper(world, &made).await;
        let keyed = json!([
            {"number": 1, "givenName": "Bob", "familyName": "Testpersn"},
            {"number": 2, "givenName": "Alex", "familyName": "Testperson"},
            {"number": 3, "givenName": "Liz", "familyName": "Testperson"}
        ]);
        read(&rook, &paper, keyed).await;
        let seen = rows(&wren, &paper).await;
        let names = |row: &Value| row["candidates"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&seen[0]), ["Robert Testperson"]);
        assert_eq!(seen[0]["candidates"][0]["reasons"], json!(["NICKNAME", "TYPO"]));
        assert_eq!(names(&seen[1]), ["Alexander Testperson"]);
        assert_eq!((&seen[0]["candidates"][0]["earlier"], &seen[1]["candidates"][0]["earlier"]), (&json!(false), &json!(true)));
        assert_eq!(seen[1]["proposal"]["decision"], "MATCH");
        assert_eq!((names(&seen[2]), &seen[2]["proposal"]["decision"]), (vec![], &json!("NEW_PERSON")));

        // Whoever only reads sees initials, and nobody from elsewhere.
        let masked = rows(&rook, &paper).await;
        assert_eq!((names(&masked[0]), names(&masked[1])), (vec!["Robert T.".to_owned()], vec![]));
        assert_eq!((&masked[0]["candidates"][0]["attendeeId"], &masked[0]["proposal"]), (&Value::Null, &Value::Null));
        let input = json!([{"rowId": seen[0]["id"], "decision": "ILLEGIBLE"}]);
        assert_eq!(decide(&rook, &paper.sheet, input, false).await.code(), "NOT_FOUND");

        // Nor may a row be said to be somebody whom one does not know.
        let elsewhere = finch.ask("query($id: ID!) { event(id: $id) { attendees { edges { node { id } } } } }", json!({"id": others.id})).await;
        let stranger = elsewhere.at("/event/attendees/edges/0/node/id");
        let input = json!([{"rowId": seen[2]["id"], "decision": "MATCH", "attendeeId": stranger}]);
        assert_eq!(decide(&wren, &paper.sheet, input, false).await.wrong_fields(), ["input.rows.0.attendeeId"]);
        world.drain().await;
    }
}

scenario! {
    /// What a program is sure of, and what stands out, is proposed; a host accepts all of it, or says otherwise.
    async fn hosts_accept_what_is_proposed(world) {
        let (wren, robin) = (world.activist("Wren").await, world.activist("Robin").await);
        let made = world.event(&wren, json!({})).await;
        let mut ids = vec![];
        for caller in [&robin, &world.activist("Heron").await, &world.activist("Teal").await] {
            ids.push(rsvp(caller, &made, 1).await.text("/rsvp/rsvp/id"));
        }
        let paper = paper(world, &made).await;
        let marks = [SheetMark::Ticked, SheetMark::Empty, SheetMark::Unsure];
        let mut list = vec![];
        for ((number, id), mark) in (1..).zip(&ids).zip(marks) {
            list.push(printed(world, &paper, &made, number, id, mark).await);
        }
        let keyed = json!([
            {"number": 11, "givenName": "New", "familyName": "Comer", "email": "new@example.org"},
            {"number": 12, "givenName": "New", "familyName": "Comer", "email": "new@example.org"},
            {"number": 13, "illegible": true}
        ]);
        read(&wren, &paper, keyed).await;
        let seen = rows(&wren, &paper).await;
        let proposed: Vec<_> = seen.iter().map(|row| row["proposal"]["decision"].clone()).collect();
        assert_eq!(json!(proposed), json!(["MATCH", "NOT_PRESENT", null, "NEW_PERSON", "DUPLICATE", "ILLEGIBLE"]));
        assert_eq!(seen[4]["proposal"]["duplicateOf"], seen[3]["id"]);
        assert_eq!(seen[0]["printedName"], "Robin Testperson");

        let wrong = json!([
            {"rowId": list[0], "decision": "NEW_PERSON"},
            {"rowId": seen[3]["id"], "decision": "NOT_PRESENT"},
            {"rowId": seen[4]["id"], "decision": "DUPLICATE"},
            {"rowId": seen[5]["id"], "decision": "ILLEGIBLE", "duplicateOf": seen[3]["id"]},
            {"rowId": format!("sheet-row:{}", uuid::Uuid::now_v7()), "decision": "ILLEGIBLE"}
        ]);
        let refused = decide(&wren, &paper.sheet, wrong, true).await;
        let expected = ["input.rows.0.decision", "input.rows.1.decision", "input.rows.2.duplicateOf", "input.rows.3.duplicateOf", "input.rows.4.rowId"];
        assert_eq!(refused.wrong_fields(), expected);
        assert!(rows(&wren, &paper).await.iter().all(|row| row["decision"].is_null()), "all or none");

        let first = decide(&wren, &paper.sheet, json!([{"rowId": list[0], "decision": "NOT_PRESENT"}]), true).await;
        assert_eq!(first.at("/decideSheetRows"), &json!({"rows": 5, "progress": {"rows": 6, "decided": 5}}));
        let seen = rows(&wren, &paper).await;
        assert_eq!(seen[0]["decision"], "NOT_PRESENT", "what was said stands");
        assert_eq!(seen[2]["decision"], Value::Null, "of what nobody is sure nothing is decided");
        // Other words are another question.
        let input = json!({"rowId": seen[3]["id"], "givenName": "Somebody", "familyName": "Else"});
        wren.mutate("settleSheetRow", input, "task { id }").await.data();
        assert_eq!(rows(&wren, &paper).await[3]["decision"], Value::Null);
        world.drain().await;
    }
}
