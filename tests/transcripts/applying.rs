//! What a sheet writes into the attendance, once, whoever applies it; and that it can be taken back.

use api::{
    app::App,
    domain::attendance::{self as facts, By, NewFact, What, Whom},
};
use entity::{
    AttendanceSource, RowDecision, SheetMark, StaffRole, attendance, attendance_fact, consent, contact_point,
    person, sheet_row,
};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Paper, came, key, paper, printed, read, rows};
use crate::{
    harness::{Answer, Caller, Made, World},
    rsvps::rsvp,
};

async fn apply(caller: &Caller, paper: &Paper) -> Answer {
    let input = json!({"sheetId": paper.sheet});
    caller
        .mutate("applySheet", input, "rows appliedAt revertedAt")
        .await
}

async fn revert(caller: &Caller, paper: &Paper) -> Answer {
    caller
        .mutate("revertSheet", json!({"sheetId": paper.sheet}), "rows revertedAt")
        .await
}

async fn accept(caller: &Caller, paper: &Paper) {
    let input = json!({"sheetId": paper.sheet, "acceptProposals": true});
    caller.mutate("decideSheetRows", input, "rows").await.data();
}

async fn people(world: &World) -> u64 {
    person::Entity::find().count(world.app.db.reader()).await.unwrap()
}

/// One who came, one who did not, and one who wrote their name.
async fn sheet(world: &World, host: &Caller) -> (Made, Paper, Vec<Uuid>) {
    let made = world.event(host, json!({})).await;
    let mut ids = vec![];
    for (name, party) in [("Robin", 2), ("Heron", 1)] {
        let answer = rsvp(&world.activist(name).await, &made, party).await;
        ids.push(answer.text("/rsvp/rsvp/id"));
    }
    let paper = paper(world, &made).await;
    printed(world, &paper, &made, 1, &ids[0], SheetMark::Ticked).await;
    printed(world, &paper, &made, 2, &ids[1], SheetMark::Empty).await;
    let keyed = json!([{"number": 11, "givenName": "New", "familyName": "Comer", "email": "new@example.org",
        "phone": "+15155550123", "consent": true}]);
    read(host, &paper, keyed).await;
    world.drain().await;
    (made, paper, ids.iter().map(|id| key(id)).collect())
}

scenario! {
    /// Applied, undone, and applied again: the attendance is right each time, and nobody becomes two people.
    async fn a_sheet_is_applied_undone_and_applied_again(world) {
        let wren = world.activist("Wren").await;
        let (made, paper, ids) = sheet(world, &wren).await;
        assert_eq!(revert(&wren, &paper).await.reason(), "SHEET_NOT_APPLIED");
        assert_eq!(apply(&wren, &paper).await.reason(), "SHEET_UNDECIDED");
        accept(&wren, &paper).await;
        let before = people(world).await;
        assert_eq!(apply(&wren, &paper).await.at("/applySheet/rows"), 3);
        let there = [(Some(ids[0]), Some(true), 2), (Some(ids[1]), Some(false), 1), (None, Some(true), 1)];
        assert_eq!(came(world, &made).await, there);
        assert_eq!(people(world).await, before + 1);
        let rows_now = rows(&wren, &paper).await;
        assert_eq!((&rows_now[2]["words"]["familyName"], &rows_now[2]["words"]["email"]), (&json!("Comer"), &Value::Null));
        let kept = attendance_fact::Entity::find().filter(attendance_fact::Column::Source.eq(AttendanceSource::Sheet));
        let kept = kept.all(world.app.db.reader()).await.unwrap();
        assert!(kept.iter().all(|fact| fact.sheet_row_id.is_some() && fact.by_person.is_some()), "{kept:?}");

        apply(&wren, &paper).await.data();
        assert_eq!(came(world, &made).await, there, "again changes nothing");
        let input = json!({"sheetId": paper.sheet, "rows": [{"rowId": rows_now[0]["id"], "decision": "NOT_PRESENT"}]});
        let closed = wren.mutate("decideSheetRows", input.clone(), "rows").await;
        assert_eq!(closed.reason(), "SHEET_CLOSED");

        assert!(revert(&wren, &paper).await.at("/revertSheet/revertedAt").is_string());
        assert!(came(world, &made).await.iter().all(|(_, came, _)| came.is_none()), "nothing is known again");
        revert(&wren, &paper).await.data();
        wren.mutate("decideSheetRows", input, "rows").await.data();
        apply(&wren, &paper).await.data();
        let there = [(Some(ids[0]), Some(false), 1), (Some(ids[1]), Some(false), 1), (None, Some(true), 1)];
        assert_eq!(came(world, &made).await, there);
        assert_eq!(people(world).await, before + 1, "who was made is who they were");
        let history = "query($id: ID!) { event(id: $id) { history(first: 3) { edges { node { kind } } } } }";
        let history = wren.ask(history, json!({"id": made.id})).await;
        let kinds: Vec<_> = history.at("/event/history/edges").as_array().unwrap().iter().map(|edge| edge["node"]["kind"].clone()).collect();
        assert_eq!(json!(kinds), json!(["SHEET_APPLIED", "SHEET_REVERTED", "SHEET_APPLIED"]));
    }
}

scenario! {
    /// Somebody whom an address is of was there, and the host is not told that they were known; of paper that is not ours no
    /// consent is taken.
    async fn a_known_address_tells_nobody(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let made = world.event(&wren, json!({})).await;
        let paper = paper(world, &made).await;
        let keyed = json!([
            {"number": 1, "givenName": "F", "familyName": "Inch", "email": finch.address, "consent": true},
            {"number": 2, "givenName": "Some", "familyName": "Body", "email": "some@example.org", "consent": true},
            {"number": 3, "givenName": "No", "familyName": "Address"}
        ]);
        read(&wren, &paper, keyed).await;
        accept(&wren, &paper).await;
        let before = people(world).await;
        assert_eq!(apply(&wren, &paper).await.at("/applySheet/rows"), 3);
        assert_eq!(people(world).await, before + 2);
        let db = world.app.db.reader();
        let index = world.app.keys.index("EMAIL", &finch.address).unwrap();
        let known = contact_point::Entity::find().filter(contact_point::Column::ValueIndex.eq(index.value));
        let known = known.one(db).await.unwrap().unwrap().person_id;
        let attended = attendance::Entity::find().filter(attendance::Column::PersonId.eq(known));
        assert_eq!(attended.one(db).await.unwrap().unwrap().came, Some(true));
        assert_eq!(consent::Entity::find().count(db).await.unwrap(), 0);
        let seen = rows(&wren, &paper).await;
        assert_eq!(seen[0]["decision"], seen[1]["decision"]);
        assert_eq!((&seen[0]["candidates"], &seen[0]["decision"]), (&json!([]), &json!("NEW_PERSON")));
    }
}

scenario! {
    /// Two hosts and an organizer apply and undo the same sheet at once: each fact is there once, whoever was first.
    async fn two_hosts_at_once_apply_once(world) {
        let wren = world.activist("Wren").await;
        let staff = world.staff("Rook", StaffRole::Organizer).await;
        let (made, paper, _) = sheet(world, &wren).await;
        accept(&wren, &paper).await;
        let before = people(world).await;
        for round in 1..=3_u64 {
            let callers = [&wren, &staff, &wren, &staff, &wren, &staff];
            for answer in join_all(callers.map(|caller| apply(caller, &paper))).await {
                answer.data();
            }
            let wrong = doubled(&world.app, &made).await;
            assert_eq!(wrong, None, "round {round}");
            assert_eq!(people(world).await, before + 1);
            for answer in join_all(callers.map(|caller| revert(caller, &paper))).await {
                answer.data();
            }
            assert!(came(world, &made).await.iter().all(|(_, came, _)| came.is_none()));
        }
    }
}

/// A row of the sheet that stands in the attendance twice.
async fn doubled(app: &App, made: &Made) -> Option<Uuid> {
    let all = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::EventId.eq(key(&made.id)))
        .all(app.db.reader())
        .await
        .unwrap();
    let undone: Vec<_> = all
        .iter()
        .filter_map(|fact| Some((fact.undoes_client.clone()?, fact.undoes_nonce.clone()?)))
        .collect();
    let stands = |fact: &&attendance_fact::Model| {
        fact.undoes_nonce.is_none() && !undone.contains(&(fact.client_id.clone(), fact.nonce.clone()))
    };
    let mut rows: Vec<Uuid> = all
        .iter()
        .filter(stands)
        .filter_map(|fact| fact.sheet_row_id)
        .collect();
    rows.sort();
    rows.windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}

scenario! {
    /// The control: looking first and writing later, as a first draft would, writes a sheet twice, and the same check sees it.
    async fn looking_first_applies_twice(world) {
        let wren = world.activist("Wren").await;
        let (made, paper, _) = sheet(world, &wren).await;
        accept(&wren, &paper).await;
        let naive = async || {
            let standing = entity::sheet_application::Entity::find().count(world.app.db.reader()).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            if standing == 0 {
                write(&world.app, &made, &paper).await;
            }
        };
        join_all([naive(), naive()]).await;
        assert!(doubled(&world.app, &made).await.is_some());
    }
}

/// Writes what the rows say without the sheet's row.
async fn write(app: &App, made: &Made, paper: &Paper) {
    let rows = sheet_row::Entity::find()
        .filter(sheet_row::Column::SheetId.eq(key(&paper.sheet)))
        .filter(sheet_row::Column::Decision.eq(RowDecision::Match))
        .order_by_asc(sheet_row::Column::Id)
        .all(app.db.reader())
        .await
        .unwrap();
    let (client, timeslot_id) = (Uuid::now_v7().to_string(), key(&made.timeslot));
    let fact = |row: sheet_row::Model| NewFact {
        client_id: client.clone(),
        nonce: row.id.to_string(),
        at: app.clock.now(),
        source: AttendanceSource::Sheet,
        what: What::In(
            Whom::Person {
                timeslot_id,
                person_id: row.person_id.unwrap(),
                name: None,
            },
            1,
        ),
        remark: None,
        sheet_row_id: Some(row.id),
    };
    let all: Vec<NewFact> = rows.into_iter().map(fact).collect();
    let event_id = key(&made.id);
    app.write(async |tx| facts::record(app, tx, event_id, By::default(), &all).await)
        .await
        .unwrap();
}
