//! Who has a page, and what is settled.

use entity::StaffRole;
use serde_json::{Value, json};

use super::{claim, key_rows, minutes, paper, read, release, rows};
use crate::{
    account::another_device,
    harness::{Caller, World},
};

const ADA: &str = "ada@example.org";

fn ada() -> Value {
    json!([{"number": 1, "givenName": "Ada", "familyName": "Obi", "email": ADA, "consent": true}])
}

async fn work(caller: &Caller) -> Vec<Value> {
    let query =
        "{ sheetWork { edges { node { pageId claimedByViewer readersDone readersWanted reading } } } }";
    let answer = caller.ask(query, Value::Null).await;
    let edges = answer.at("/sheetWork/edges").as_array().unwrap().clone();
    edges.into_iter().map(|edge| edge["node"].clone()).collect()
}

async fn second(host: &Caller, page: &str) {
    let answer = host
        .mutate(
            "requestSecondReading",
            json!({"pageId": page}),
            "task { readersWanted }",
        )
        .await;
    assert_eq!(answer.at("/requestSecondReading/task/readersWanted"), 2);
}

async fn two(world: &World) -> (Caller, Caller) {
    (
        world.staff("Rook", StaffRole::Transcriber).await,
        world.staff("Heron", StaffRole::Transcriber).await,
    )
}

scenario! {
    /// One person has a page at a time; whoever lost it writes nothing any more.
    async fn a_page_is_one_persons(world) {
        let wren = world.activist("Wren").await;
        let made = world.event(&wren, json!({})).await;
        let paper = paper(world, &made).await;
        let (rook, heron) = two(world).await;
        assert_eq!(work(&rook).await.len(), 1);
        let first = claim(&rook, &paper).await;
        let input = json!({"pageId": paper.page});
        let taken = heron.mutate("claimSheetPage", input, "outcome fence until").await;
        assert_eq!(taken.at("/claimSheetPage/outcome"), "TAKEN");
        assert_eq!(taken.at("/claimSheetPage/fence"), &Value::Null);
        assert_eq!((work(&heron).await.len(), work(&rook).await.len()), (0, 1));
        assert_eq!(key_rows(&heron, &paper, &first, ada()).await.code(), "CONFLICT", "with a number of somebody else's");

        // Keying something is a sign of life.
        for _ in 0..2 {
            world.advance(minutes(10));
            let rook = another_device(world, &rook).await;
            key_rows(&rook, &paper, &first, ada()).await.data();
        }
        world.advance(minutes(16));
        let (rook, heron) = (another_device(world, &rook).await, another_device(world, &heron).await);
        assert_eq!(key_rows(&rook, &paper, &first, ada()).await.code(), "CONFLICT", "it was not heard of for too long");
        assert_eq!(work(&heron).await.len(), 1, "and waits again");
        let second = claim(&heron, &paper).await;
        assert!(second.as_i64() > first.as_i64());
        assert_eq!(release(&rook, &paper, &first, true).await.code(), "CONFLICT");

        // On another device of the same person, the first one writes nothing more.
        let third = claim(&heron, &paper).await;
        assert_eq!(key_rows(&heron, &paper, &second, ada()).await.code(), "CONFLICT");
        key_rows(&heron, &paper, &third, ada()).await.data();
        release(&heron, &paper, &third, false).await.data();
        assert_eq!(work(&rook).await.len(), 1, "it was given back before it was done");
        let fourth = claim(&rook, &paper).await;
        let done = release(&rook, &paper, &fourth, true).await;
        assert_eq!(done.at("/releaseSheetPage/task/readersDone"), 1);
        assert_eq!(work(&rook).await, Vec::<Value>::new());
        let again = heron.mutate("claimSheetPage", json!({"pageId": paper.page}), "outcome").await;
        assert_eq!(again.at("/claimSheetPage/outcome"), "DONE");
    }
}

scenario! {
    /// Twenty at once want a page: one gets it.
    async fn of_many_one_gets_a_page(world) {
        let wren = world.activist("Wren").await;
        let made = world.event(&wren, json!({})).await;
        let paper = paper(world, &made).await;
        let mut people = vec![wren];
        for number in 0..7 {
            people.push(world.staff(&format!("Reader{number}"), StaffRole::Transcriber).await);
        }
        let claims = people.iter().map(|person| {
            person.mutate("claimSheetPage", json!({"pageId": paper.page}), "outcome fence")
        });
        let answers = futures_util::future::join_all(claims).await;
        let outcomes: Vec<_> = answers.iter().map(|answer| answer.text("/claimSheetPage/outcome")).collect();
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "CLAIMED").count(), 1, "{outcomes:?}");
    }
}

scenario! {
    /// Two people read a page without seeing what the other one read. What they agree on is settled.
    async fn two_who_agree_settle_a_row(world) {
        let wren = world.activist("Wren").await;
        let made = world.event(&wren, json!({})).await;
        let paper = paper(world, &made).await;
        let (rook, heron) = two(world).await;
        second(&wren, &paper.page).await;
        let first = json!([
            {"number": 1, "givenName": "José", "familyName": "Núñez", "email": "Jose@Example.org"},
            {"number": 2, "givenName": "Ada", "familyName": "Obi"},
            {"number": 3, "illegible": true},
            {"number": 4, "givenName": "Only", "familyName": "Once"}
        ]);
        read(&rook, &paper, first).await;
        let again = rook.mutate("claimSheetPage", json!({"pageId": paper.page}), "outcome").await;
        assert_eq!(again.at("/claimSheetPage/outcome"), "READ_BY_YOU");
        assert_eq!(work(&rook).await, Vec::<Value>::new());

        let fence = claim(&heron, &paper).await;
        for row in rows(&heron, &paper).await {
            assert_eq!((&row["words"], &row["readings"]), (&Value::Null, &json!([])), "{row}");
            assert_eq!(row["candidates"], json!([]), "{row}");
        }
        let other = json!([
            {"number": 1, "givenName": "jose", "familyName": "NUNEZ", "email": "jose@example.org"},
            {"number": 2, "givenName": "Ada", "familyName": "Obo"},
            {"number": 3, "illegible": true}
        ]);
        key_rows(&heron, &paper, &fence, other).await.data();
        release(&heron, &paper, &fence, true).await.data();
        let states = |rows: &[Value]| rows.iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let seen = rows(&wren, &paper).await;
        assert_eq!(states(&seen), ["SETTLED", "DIFFERS", "SETTLED", "DIFFERS"]);
        assert_eq!(seen[0]["words"]["givenName"], "José");
        assert_eq!(seen[1]["readings"].as_array().unwrap().len(), 2);
        assert_eq!(seen[1]["words"], Value::Null);
        let mine = rows(&heron, &paper).await;
        assert_eq!(mine[1]["readings"][0]["words"]["familyName"], "Obo");
        assert_eq!(mine[1]["readings"].as_array().unwrap().len(), 1);

        // A host says what stands there.
        let row = seen[1]["id"].clone();
        let input = json!({"rowId": row, "givenName": "Ada", "familyName": "Obi"});
        assert_eq!(rook.mutate("settleSheetRow", input.clone(), "task { id }").await.code(), "NOT_FOUND");
        wren.mutate("settleSheetRow", input, "task { id }").await.data();
        assert_eq!(rows(&wren, &paper).await[1]["words"]["familyName"], "Obi");
        let progress = "query($id: ID!) { sheetProgress(eventId: $id) { pages pagesRead rows settled differing decided } }";
        let progress = wren.ask(progress, json!({"id": made.id})).await;
        let expected = json!({"pages": 1, "pagesRead": 1, "rows": 4, "settled": 3, "differing": 1, "decided": 0});
        assert_eq!(progress.at("/sheetProgress"), &expected);
    }
}

scenario! {
    /// What a program reads is seen by hosts, and settles nothing.
    async fn programs_propose(world) {
        let wren = world.activist("Wren").await;
        let made = world.event(&wren, json!({})).await;
        let paper = paper(world, &made).await;
        let (rook, heron) = two(world).await;
        let input = json!({"pageId": paper.page, "rows": ada()});
        assert_eq!(wren.mutate("proposeSheetReadings", input.clone(), "task { id }").await.code(), "FORBIDDEN");
        rook.mutate("proposeSheetReadings", input, "task { id }").await.data();
        let seen = rows(&wren, &paper).await;
        assert_eq!((&seen[0]["state"], &seen[0]["readings"][0]["source"]), (&json!("OPEN"), &json!("MACHINE")));
        assert_eq!(rows(&heron, &paper).await[0]["readings"], json!([]), "whoever reads it reads it afresh");
        read(&heron, &paper, json!([{"number": 1, "givenName": "Ada", "familyName": "Oba"}])).await;
        assert_eq!(rows(&wren, &paper).await[0]["words"]["familyName"], "Oba");
    }
}

scenario! {
    /// All that is wrong is said at once; and nobody else knows of the page.
    async fn what_is_keyed_is_checked(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({})).await;
        let paper = paper(world, &made).await;
        let fence = claim(&wren, &paper).await;
        let bad = json!([
            {"number": 0, "givenName": "Ada"},
            {"number": 2},
            {"number": 2, "givenName": "x".repeat(101)},
            {"number": 3, "email": "not one", "phone": "12"},
            {"number": 4, "illegible": true, "givenName": "Ada"},
            {"number": 5, "givenName": "A\u{7}"}
        ]);
        let answer = key_rows(&wren, &paper, &fence, bad).await;
        let wrong = answer.wrong_fields();
        let expected = [
            "input.rows.0.number", "input.rows.1", "input.rows.2.number", "input.rows.2.givenName",
            "input.rows.3.email", "input.rows.3.phone", "input.rows.4.illegible", "input.rows.5.givenName",
        ];
        for path in expected {
            assert!(wrong.contains(&path.to_owned()), "{path}: {wrong:?}");
        }
        let many: Vec<Value> = (1..=101).map(|number| json!({"number": number, "givenName": "A"})).collect();
        assert_eq!(key_rows(&wren, &paper, &fence, json!(many)).await.wrong_fields(), ["input.rows"]);
        assert_eq!(rows(&wren, &paper).await, Vec::<Value>::new(), "nothing was kept");
        assert_eq!(key_rows(&finch, &paper, &fence, ada()).await.code(), "NOT_FOUND");
        assert_eq!(work(&finch).await, Vec::<Value>::new());
        assert_eq!(work(&wren).await.len(), 1);
    }
}
