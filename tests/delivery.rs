//! Queue, worker and mail against a real Redis and a real SMTP conversation.
//!
//! Needs `TEST_REDIS_URL`, of a server whose databases 7 and 8 may be emptied.

use std::sync::Arc;
use std::time::Duration;

use api::app::App;
use api::channel::{Attachment, Channels, Mail, Outcome};
use api::clock::Clock;
use api::config::Config;
use api::outbox::{self, Job, State};
use api::queue::Queue;
use api::worker;
use chrono::{DateTime, TimeDelta};
use entity::Lane;
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

#[path = "support/smtp.rs"]
pub(crate) mod smtp;

use smtp::{Mode, SmtpServer};

use crate::harness::process::Folder;

fn redis_url(database: u8) -> String {
    let url = std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL: the address of a Redis for tests");
    format!("{}/{database}", url.trim_end_matches('/'))
}

/// Settings with files in `folder`; of Redis, keys of their own.
fn config(folder: &Folder, flags: &[(&str, String)]) -> Config {
    let folder = folder.0.display();
    let mut all = vec![
        ("database_url", format!("sqlite://{folder}/turnout.db")),
        ("data_dir", folder.to_string()),
        ("redis_prefix", format!("test-{}", Uuid::now_v7())),
    ];
    all.extend(flags.iter().cloned());
    Config::with(&all).unwrap()
}

fn clock() -> Clock {
    Clock::fixed("2026-11-20T10:00:00Z".parse().unwrap())
}

/// Leaves jobs that run to their end without doing anything, because their rows do not exist.
async fn leave_jobs(app: &App, count: usize) {
    let now = app.clock.now();
    for _ in 0..count {
        let job = Job::SendSignInCode {
            code_id: Uuid::now_v7(),
            language: None,
        };
        app.write(async |tx| tx.enqueue(&job, now).await).await.unwrap();
    }
}

async fn done(app: &App) -> Vec<entity::outbox::Model> {
    let rows = outbox::list(app.db.reader(), Some(State::Done), 1000)
        .await
        .unwrap();
    rows.into_iter()
        .filter(|row| !matches!(row.kind.as_str(), "retain" | "plan_reminders"))
        .collect()
}

async fn wait_until_done(app: &App, count: usize) {
    let begun = Instant::now();
    while done(app).await.len() < count {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "only {} are done",
            done(app).await.len()
        );
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_pop_waits_longer_than_the_client_would_and_takes_chunks() {
    let folder = Folder::new();
    let queue = Queue::connect(&config(&folder, &[("redis_url", redis_url(8))]))
        .await
        .unwrap();
    queue.ping().await.unwrap();
    let ids: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
    let begun = Instant::now();
    let (popped, ()) = tokio::join!(queue.pop(Lane::Now, 1, Duration::from_secs(5)), async {
        sleep(Duration::from_millis(1500)).await;
        queue.push(Lane::Now, &ids).await.unwrap();
    });
    assert_eq!(popped.unwrap(), ids[..1]);
    assert!(begun.elapsed() < Duration::from_secs(3));
    let wait = Duration::from_millis(100);
    assert_eq!(queue.len(Lane::Now).await.unwrap(), 4);
    assert!(
        queue.pop(Lane::Bulk, 9, wait).await.unwrap().is_empty(),
        "lanes are apart"
    );
    assert_eq!(queue.pop(Lane::Now, 3, wait).await.unwrap(), ids[1..4]);
    assert_eq!(queue.pop(Lane::Now, 3, wait).await.unwrap(), ids[4..]);
    assert!(queue.pop(Lane::Now, 3, wait).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_redis_loses_nothing() {
    let folder = Folder::new();
    let app = App::start(config(&folder, &[("redis_url", redis_url(7))]), clock())
        .await
        .unwrap();
    leave_jobs(&app, 10).await;
    let (stop, stopped) = watch::channel(false);
    let relay = tokio::spawn(worker::relay(Arc::clone(&app), stopped));
    let begun = Instant::now();
    while app.queue.len(Lane::Now).await.unwrap() < 10 {
        assert!(begun.elapsed() < Duration::from_secs(5), "nothing was rung");
        sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    relay.await.unwrap();

    let client = redis::Client::open(redis_url(7)).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let _: () = redis::cmd("FLUSHDB").query_async(&mut connection).await.unwrap();
    assert_eq!(app.queue.len(Lane::Now).await.unwrap(), 0);

    app.clock.advance(TimeDelta::seconds(61));
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(worker::run(Arc::clone(&app), stopped));
    wait_until_done(&app, 10).await;
    stop.send(true).unwrap();
    worker.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_run_while_redis_is_away() {
    let flags = [("redis_url", "redis://127.0.0.1:1".to_owned())];
    let folder = Folder::new();
    let app = App::start(config(&folder, &flags), clock()).await.unwrap();
    let begun = Instant::now();
    leave_jobs(&app, 3).await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "a commit never waits for Redis"
    );
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(worker::run(Arc::clone(&app), stopped));
    wait_until_done(&app, 3).await;
    stop.send(true).unwrap();
    worker.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_run_each_job_once() {
    let folder = Folder::new();
    let config = config(&folder, &[("redis_url", redis_url(8))]);
    let first = App::start(config.clone(), clock()).await.unwrap();
    let second = App::start(config, clock()).await.unwrap();
    leave_jobs(&first, 100).await;
    let (stop, stopped) = watch::channel(false);
    let workers = [&first, &second].map(|app| tokio::spawn(worker::run(Arc::clone(app), stopped.clone())));
    wait_until_done(&first, 100).await;
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap().unwrap();
    }
    assert!(done(&first).await.iter().all(|job| job.attempts == 1));
}

#[tokio::test]
async fn many_changes_of_one_event_are_few_messages() {
    let folder = Folder::new();
    let config = config(&folder, &[("redis_url", redis_url(8))]);
    let channel = format!("{{{}}}:events", config.redis_prefix);
    let client = redis::Client::open(config.redis_url.as_str()).unwrap();
    let mut subscription = client.get_async_pubsub().await.unwrap();
    subscription.subscribe(&channel).await.unwrap();
    let bus = api::bus::Bus::connect(&config).await.unwrap();
    let event = Uuid::now_v7();
    for _ in 0..100 {
        bus.publish(std::iter::once(event)).await;
        sleep(Duration::from_millis(2)).await;
    }
    let mut messages = subscription.into_on_message();
    let mut count = 0;
    while let Ok(Some(message)) = timeout(Duration::from_millis(600), messages.next()).await {
        assert_eq!(message.get_payload_bytes()[16..], event.as_bytes()[..]);
        count += 1;
    }
    assert!((1..=4).contains(&count), "{count} messages");
}

fn mail() -> Mail {
    Mail {
        id: Uuid::now_v7(),
        at: DateTime::UNIX_EPOCH,
        to: "wren@example.org".to_owned(),
        subject: "Grüße".to_owned(),
        text: "first\n.\n..dots\nlast".to_owned(),
        html: "<p>Grüße</p>".to_owned(),
        attachment: Some(Attachment {
            name: "event.ics",
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(),
        }),
        headers: Vec::new(),
    }
}

async fn send(url: String) -> Outcome {
    let folder = Folder::new();
    Channels::new(&config(&folder, &[("mail.url", url)]))
        .unwrap()
        .send(&mail())
        .await
}

#[tokio::test]
async fn a_server_gets_the_mail_as_it_was_written() {
    let server = SmtpServer::start(Mode::Accept);
    assert_eq!(send(server.url()).await, Outcome::Sent);
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].recipients, ["wren@example.org"]);
    assert!(
        taken[0].text.contains("first\n.\n..dots\nlast"),
        "{}",
        taken[0].text
    );
    assert!(taken[0].text.is_ascii(), "nothing depends on 8BITMIME");
}

#[tokio::test]
async fn a_refusal_is_final_and_a_delay_is_not() {
    let later = SmtpServer::start(Mode::TryLater);
    assert!(matches!(send(later.url()).await, Outcome::NotSent(_)));
    let never = SmtpServer::start(Mode::Refuse);
    let refused = send(never.url()).await;
    assert!(
        matches!(&refused, Outcome::Refused(reason) if reason.contains("550")),
        "{refused:?}"
    );
    assert!(later.taken().is_empty() && never.taken().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_was_not_sent_anything() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert!(matches!(
        send(format!("smtp://{nobody}")).await,
        Outcome::NotSent(_)
    ));
}

#[tokio::test]
async fn without_an_answer_nobody_knows() {
    let server = SmtpServer::start(Mode::CloseAfterData);
    assert!(matches!(send(server.url()).await, Outcome::Unknown(_)));
    assert_eq!(server.taken().len(), 1, "this one was in fact taken");
    let server = SmtpServer::start(Mode::Silent);
    let begun = Instant::now();
    assert!(matches!(send(server.url()).await, Outcome::Unknown(_)));
    assert!(begun.elapsed() < Duration::from_secs(12));
}
