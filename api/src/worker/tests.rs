//! Jobs that fail, kill their worker, or are run by several at once.

use entity::{message, outbox as rows};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait};

use super::*;
use crate::jobs::tests::{ask_for_code, enqueue_retain, start, start_with};
use crate::outbox::{State, list, stats};

async fn poison(app: &App) -> Uuid {
    let row = rows::ActiveModel {
        id: Set(Uuid::now_v7()),
        lane: Set(Lane::Now),
        kind: Set("poison".to_owned()),
        payload: Set("{}".to_owned()),
        attempts: Set(0),
        due_at: Set(app.clock.now()),
        created_at: Set(app.clock.now()),
        ..Default::default()
    };
    row.insert(app.db.writer()).await.unwrap().id
}

#[test]
fn waits_double_up_to_an_hour() {
    for (attempt, whole) in [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (i32::MAX, 3600)] {
        for _ in 0..100 {
            let wait = back_off(attempt).as_seconds_f64();
            let whole = f64::from(whole);
            assert!((whole / 2.0..=whole).contains(&wait), "{attempt}: {wait}");
        }
    }
}

#[tokio::test]
async fn a_poison_job_ends_failed_and_the_others_go_on() {
    let app = start_with(&[("worker.attempts", "3".to_owned())]).await;
    let id = poison(&app).await;
    ask_for_code(&app, "wren@example.org").await;
    assert_eq!(drain(&app).await.unwrap(), 2);
    for _ in 0..5 {
        app.clock.advance(TimeDelta::hours(1));
        drain(&app).await.unwrap();
    }
    let failed = list(app.db.reader(), Some(State::Failed), 9).await.unwrap();
    assert_eq!((failed.len(), failed[0].id, failed[0].attempts), (1, id, 3));
    assert_eq!(stats(app.db.reader()).await.unwrap()[0].done, 1);
}

#[tokio::test]
async fn a_job_that_kills_its_worker_is_given_up_too() {
    let app = start_with(&[("worker.attempts", "3".to_owned())]).await;
    let id = enqueue_retain(&app, "a").await;
    for _ in 0..3 {
        outbox::claim(&app.db, &[id], app.clock.now(), lease(&app))
            .await
            .unwrap();
        app.clock.advance(lease(&app));
    }
    drain(&app).await.unwrap();
    let failed = list(app.db.reader(), Some(State::Failed), 9).await.unwrap();
    assert_eq!((failed.len(), failed[0].attempts), (1, 4));
}

#[tokio::test]
async fn a_panic_and_an_endless_wait_end_the_job_only() {
    let long = Duration::from_secs(60);
    let panicked = isolated(long, async { panic!("expected by this test") }).await;
    assert!(matches!(panicked, Err(JobError::Retry(_))));
    let endless = isolated(Duration::from_millis(10), std::future::pending()).await;
    assert!(matches!(endless, Err(JobError::Retry(_))));
    assert!(isolated(long, async { Ok(()) }).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_drains_at_once_run_each_job_once() {
    let app = start().await;
    for number in 0..40 {
        ask_for_code(&app, &format!("{number}@example.org")).await;
    }
    let drains = [0, 1].map(|_| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { drain(&app).await.unwrap() })
    });
    let mut count = 0;
    for drain in drains {
        count += drain.await.unwrap();
    }
    assert_eq!(count, 40);
    assert_eq!(message::Entity::find().count(app.db.reader()).await.unwrap(), 40);
    let jobs = list(app.db.reader(), Some(State::Done), 99).await.unwrap();
    assert!(jobs.len() == 40 && jobs.iter().all(|job| job.attempts == 1));
}

#[tokio::test]
async fn a_running_worker_is_woken_by_a_commit_and_stops() {
    let app = start().await;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(run(Arc::clone(&app), stopped));
    sleep(Duration::from_millis(100)).await;
    ask_for_code(&app, "wren@example.org").await;
    let begun = std::time::Instant::now();
    while stats(app.db.reader()).await.unwrap()[0].done == 0 {
        assert!(begun.elapsed() < Duration::from_secs(1), "the bell was not heard");
        sleep(Duration::from_millis(10)).await;
    }
    stop.send(true).unwrap();
    worker.await.unwrap().unwrap();
}

#[tokio::test]
async fn ids_lost_by_the_queue_are_rung_again() {
    let app = start().await;
    ask_for_code(&app, "wren@example.org").await;
    ring(&app).await;
    let lost = app
        .queue
        .pop(Lane::Now, 9, Duration::from_millis(10))
        .await
        .unwrap();
    assert_eq!(lost.len(), 1);
    ring(&app).await;
    assert_eq!(app.queue.len(Lane::Now).await.unwrap(), 0);
    app.clock.advance(TimeDelta::seconds(61));
    ring(&app).await;
    assert_eq!(
        app.queue
            .pop(Lane::Now, 9, Duration::from_millis(10))
            .await
            .unwrap(),
        lost
    );
}
