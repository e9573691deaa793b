//! Answers that wait for one transaction are written together, or each alone.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use entity::timeslot;
use futures_util::future::join_all;
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect, sea_query::LockType};
use serde_json::json;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{
    assert_told,
    crowd::{Crowd, answer, check, dates, rows},
    forget_mails,
};
use crate::harness::{Caller, World};

/// As many as are read before all of them wait.
const READS: u64 = 2;

/// Keeps everybody from writing for a timeslot (and on SQLite, at all) until it is rolled back.
async fn hold(world: &World, slot: Uuid) -> DatabaseTransaction {
    let transaction = world.app.db.begin().await.unwrap();
    let row = timeslot::Entity::find_by_id(slot).lock(LockType::NoKeyUpdate);
    row.one(&transaction).await.unwrap();
    transaction
}

/// Lets go when so many answers wait.
async fn let_go(world: &World, transaction: DatabaseTransaction, before: u64, answers: usize) {
    while world.app.db.statements() < before + READS * answers as u64 {
        sleep(Duration::from_millis(5)).await;
    }
    sleep(Duration::from_millis(50)).await; // from the last look to the queue
    transaction.rollback().await.unwrap();
}

/// As many people as asked for, all at this world's own process.
async fn gather(world: &World, count: usize) -> (Crowd, Vec<Caller>) {
    let crowd = Crowd::gather(world, count).await;
    let here = crowd.people.iter().map(|person| person.at(&world.url)).collect();
    (crowd, here)
}

scenario! {
    /// Of those who come while one is being written, each costs the two reads, and all of them a few writes.
    async fn those_who_wait_are_written_together(world) {
        let (crowd, people) = gather(world, 21).await;
        let (slots, _) = dates(world, &[30; 5]).await;
        let held = hold(world, slots[0]).await;
        let before = world.app.db.statements();
        let asked = people.iter().enumerate().map(|(number, person)| answer(person, slots[number % 5], 1));
        let (told, ()) = tokio::join!(join_all(asked), let_go(world, held, before, people.len()));
        let written = world.app.db.statements() - before - READS * people.len() as u64;
        assert!(written < 40, "{written} statements for 21 answers");
        assert!(told.iter().all(|told| told.at("/rsvp/status") == "REGISTERED"));
        for (number, slot) in slots.iter().enumerate() {
            assert_eq!(check(&world.app, *slot).await, Ok(()));
            assert_told(&world.app, *slot, told.iter().skip(number).step_by(5)).await;
        }
        forget_mails(&world.app).await;
        crowd.leave().await;
    }
}

scenario! {
    /// One asks twice at once, and there are too few seats for all: each gets what is so, as if it had come alone.
    async fn what_cannot_be_written_together_is_written_alone(world) {
        let (crowd, mut people) = gather(world, 12).await;
        let (slots, _) = dates(world, &[30, 4]).await;
        people.push(people[0].at(&world.url));
        let held = hold(world, slots[0]).await;
        let before = world.app.db.statements();
        let asked = people.iter().enumerate().map(|(number, person)| answer(person, slots[number % 2], 1));
        let (told, ()) = tokio::join!(join_all(asked), let_go(world, held, before, people.len()));
        let coming = told.iter().filter(|told| told.at("/rsvp/status") == "REGISTERED").count();
        assert_eq!(coming, 7 + 4, "all of the first timeslot, twice the same among them, and four of six");
        assert_eq!(told[0].at("/rsvp/rsvp/id"), told[12].at("/rsvp/rsvp/id"));
        for (number, slot) in slots.iter().enumerate() {
            assert_eq!(check(&world.app, *slot).await, Ok(()));
            assert_told(&world.app, *slot, told.iter().skip(number).step_by(2)).await;
        }
        forget_mails(&world.app).await;
        crowd.leave().await;
    }
}

/// Somebody else's lock keeps only those waiting who answer for the same timeslot. (SQLite has one lock for all.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeslot_that_stays_locked_holds_nobody_else_up() {
    let world = World::production().await;
    let (crowd, people) = gather(&world, 2).await;
    let (slots, _) = dates(&world, &[30; 2]).await;
    let held = hold(&world, slots[0]).await;
    let (busy, free) = (answer(&people[0], slots[0], 1), async {
        sleep(Duration::from_millis(200)).await;
        let told = answer(&people[1], slots[1], 1).await;
        held.rollback().await.unwrap(); // not before that one was answered
        told
    });
    let told = timeout(Duration::from_secs(20), async { tokio::join!(busy, free) }).await;
    let (busy, free) = told.expect("the second waits for the first");
    assert_eq!(busy.at("/rsvp/status"), "REGISTERED");
    assert_eq!(free.at("/rsvp/status"), "REGISTERED");
    for slot in slots {
        assert_eq!(check(&world.app, slot).await, Ok(()));
    }
    forget_mails(&world.app).await;
    crowd.leave().await;
    world.finish().await;
}

/// Calling an event off waits for those whose answers are being written; once it is done, nobody is let in any more, who had
/// waited for the timeslot's row before either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_called_off_while_answers_wait() {
    let world = World::production().await;
    let (crowd, people) = gather(&world, 6).await;
    let (slots, host) = dates(&world, &[30]).await;
    let row = timeslot::Entity::find_by_id(slots[0])
        .one(world.app.db.reader())
        .await;
    let event = format!("event:{}", row.unwrap().unwrap().event_id);
    let held = hold(&world, slots[0]).await;
    let before = world.app.db.statements();
    let is_off = AtomicBool::new(false);
    let asked = join_all(people.iter().map(|person| answer(person, slots[0], 1)));
    let off = async {
        while world.app.db.statements() < before + READS * people.len() as u64 {
            sleep(Duration::from_millis(5)).await;
        }
        sleep(Duration::from_millis(100)).await; // they wait for the row
        let input = json!({"id": event});
        host.mutate("cancelEvent", input, "event { id }").await.data();
        is_off.store(true, Ordering::SeqCst);
    };
    let let_go = async {
        quiet(&world).await;
        let was_off = is_off.load(Ordering::SeqCst);
        held.rollback().await.unwrap();
        was_off
    };
    let (told, (), was_off) = tokio::join!(asked, off, let_go);
    let coming = told.iter().filter(|told| told.code_if_any().is_none()).count();
    assert!(
        !was_off || coming == 0,
        "{coming} were let in after it was called off"
    );
    for told in told.iter().filter(|told| told.code_if_any().is_some()) {
        assert_eq!(told.reason(), "EVENT_CANCELLED");
    }
    assert_eq!(rows(&world.app, slots[0]).await.len(), coming);
    assert_eq!(answer(&people[0], slots[0], 2).await.reason(), "EVENT_CANCELLED");
    forget_mails(&world.app).await;
    crowd.leave().await;
    world.finish().await;
}

/// Waits until no statement has ended for a while: all wait for the same row.
async fn quiet(world: &World) {
    let mut before = u64::MAX;
    while world.app.db.statements() != before {
        before = world.app.db.statements();
        sleep(Duration::from_millis(700)).await;
    }
}

/// After a lock has held a batch up, answers for that timeslot go alone for a while, and hold up nobody: an answer for
/// another timeslot does not wait for the lock a second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeslot_that_was_locked_is_kept_out_of_batches() {
    let world = World::production().await;
    let (crowd, people) = gather(&world, 4).await;
    let (slots, _) = dates(&world, &[30; 2]).await;
    let held = hold(&world, slots[0]).await;
    let busy = answer(&people[0], slots[0], 1);
    let others = async {
        sleep(Duration::from_secs(3)).await; // the batch has given up, and its answer waits alone
        let late = answer(&people[1], slots[0], 1);
        let free = async {
            sleep(Duration::from_millis(300)).await;
            let begun = Instant::now();
            let told = answer(&people[2], slots[1], 1).await;
            (told, begun.elapsed())
        };
        let both = async {
            let (told, took) = free.await;
            held.rollback().await.unwrap();
            (told, took)
        };
        tokio::join!(late, both)
    };
    let told = timeout(Duration::from_secs(20), async { tokio::join!(busy, others) }).await;
    let (busy, (late, (free, took))) = told.expect("somebody waits for good");
    assert!(
        took < Duration::from_secs(1),
        "waited for somebody else's lock: {took:?}"
    );
    for told in [&busy, &late, &free] {
        assert_eq!(told.at("/rsvp/status"), "REGISTERED");
    }
    for slot in slots {
        assert_eq!(check(&world.app, slot).await, Ok(()));
    }
    forget_mails(&world.app).await;
    crowd.leave().await;
    world.finish().await;
}
