//! Several devices at once. The control does what a first draft would, and is caught by the same check.

use std::time::Duration;

use api::{app::App, domain::attendance::fold};
use entity::{AttendanceSource, FactKind, attendance, attendance_fact};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    batches::{code, soon, tell},
    key, rows,
};
use crate::{harness::World, rsvps::rsvp};

/// What stands in a row is what follows from the facts there are.
async fn check(world: &World, row: &attendance::Model) -> Result<(), String> {
    let facts = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::AttendanceId.eq(row.id))
        .all(world.app.db.reader())
        .await
        .unwrap();
    let folded = fold(&facts);
    let stands = (row.came, row.first_in_at, row.out_at, row.party_size);
    let follows = (
        folded.came,
        folded.first_in_at,
        folded.out_at,
        folded.party_size.unwrap_or(1),
    );
    (stands == follows)
        .then_some(())
        .ok_or_else(|| format!("{stands:?} of {} facts, not {follows:?}", facts.len()))
}

scenario! {
    /// Twenty devices check the same person in at once: one is told that they are, the others that they were; or all are kept.
    async fn many_at_once_check_one_in(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        for force in [false, true] {
            let event = soon(world, &wren).await;
            rsvp(&finch, &event, 2).await.data();
            let code = code(&finch, &event).await;
            let told = (0..20).map(|device| {
                let at = world.now() - chrono::TimeDelta::minutes(device);
                let item = json!([{"nonce": "1", "code": code, "force": force, "at": at, "partySize": 1 + device % 5}]);
                let (wren, event) = (&wren, &event);
                async move { tell(wren, event, &format!("device {device}"), item).await.at("/checkIn/results/0").clone() }
            });
            let told = join_all(told).await;
            assert_eq!(told.iter().filter(|one| one["accepted"] == true).count(), 1);
            let kept = told.iter().filter(|one| one["kept"] == true).count();
            assert_eq!(kept, if force { 20 } else { 1 });
            let all = rows(world, &event).await;
            assert_eq!(all.len(), 1);
            check(world, &all[0]).await.unwrap();
            if force {
                let first = world.now() - chrono::TimeDelta::minutes(19);
                assert_eq!(all[0].first_in_at.map(|at| at.timestamp()), Some(first.timestamp()));
            }
        }
        world.drain().await;
    }
}

/// Reads all facts, thinks, adds one, and writes what follows from those it knows.
async fn without_a_lock(app: &App, row: Uuid, event: Uuid, slot: Uuid, number: u32) {
    let mut facts = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::AttendanceId.eq(row))
        .all(app.db.writer())
        .await
        .unwrap();
    // The one who saw them last thinks longest.
    sleep(Duration::from_millis(400) - Duration::from_millis(20) * number).await;
    let now = app.clock.now();
    let fact = attendance_fact::Model {
        id: Uuid::now_v7(),
        attendance_id: Some(row),
        event_id: event,
        timeslot_id: Some(slot),
        kind: FactKind::In,
        at: now - chrono::TimeDelta::minutes(number.into()),
        received_at: now,
        source: AttendanceSource::Host,
        client_id: format!("naive {number}"),
        nonce: "1".to_owned(),
        undoes_client: None,
        undoes_nonce: None,
        party_size: Some(1),
        remark: None,
        by_person: None,
        by_link: None,
        sheet_row_id: None,
    };
    facts.push(fact.clone());
    let fact = attendance_fact::ActiveModel::from(fact).reset_all();
    fact.insert(app.db.writer()).await.unwrap();
    let folded = fold(&facts);
    let known = attendance::Entity::find_by_id(row).one(app.db.writer()).await;
    let mut change: attendance::ActiveModel = known.unwrap().unwrap().into();
    change.came = Set(folded.came);
    change.first_in_at = Set(folded.first_in_at);
    change.out_at = Set(folded.out_at);
    change.party_size = Set(folded.party_size.unwrap_or(1));
    change.update(app.db.writer()).await.unwrap();
}

scenario! {
    /// The control: without the lock, facts that were there are not in what follows from them.
    async fn without_a_lock_facts_are_lost(world) {
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = soon(world, &wren).await;
        rsvp(&finch, &event, 1).await.data();
        let item = json!([{"nonce": "1", "code": code(&finch, &event).await}]);
        tell(&wren, &event, "list", item).await.data();
        let row = rows(world, &event).await.remove(0);
        let all = (1..=10).map(|number| without_a_lock(&world.app, row.id, key(&event.id), key(&event.timeslot), number));
        join_all(all).await;
        let row = rows(world, &event).await.remove(0);
        check(world, &row).await.unwrap_err();
        world.drain().await;
    }
}
