//! Whatever dies between a promise and its mail: the mail goes out, and once.

mod killed;

use std::{fs, time::Duration};

use api::{
    app::App,
    outbox::{self, Job, State},
    worker,
};
use chrono::TimeDelta;
use entity::{Lane, MessageState, message, outbox as jobs};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use tokio::runtime::Builder;
use uuid::Uuid;

use crate::{
    delivery::smtp::{Mode, SmtpServer},
    harness::{Backend, Background, Caller, Made, World, eventually, redis_url},
    rsvps::rsvp,
};

const SOON: Duration = Duration::from_secs(20);

async fn open_jobs(app: &App) -> Vec<jobs::Model> {
    outbox::list(app.db.writer(), Some(State::Open), 1000)
        .await
        .unwrap()
}

/// So many people who said that they come; nobody has been told yet.
async fn guests(world: &World, count: usize) -> Vec<Caller> {
    let made = world.event_with_seats(&world.activist("Wren").await, 100).await;
    let mut guests = Vec::new();
    for number in 0..count {
        let guest = world.activist(&format!("Guest{number}")).await;
        assert_eq!(rsvp(&guest, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        guests.push(guest);
    }
    assert_eq!(world.mails().len(), 0);
    guests
}

/// Waits until nothing is to be done any more; then everybody has one mail.
async fn assert_all_told_once(world: &World, guests: &[Caller]) {
    let done = async || {
        let open = open_jobs(&world.app).await;
        open.iter()
            .all(|job| matches!(job.kind.as_str(), "retain" | "plan_reminders")) // comes again every day
    };
    eventually(SOON, "every job is done", done).await;
    for guest in guests {
        assert_eq!(world.mails_to(&guest.address).len(), 1, "{}", guest.address);
    }
    assert_eq!(world.mails().len(), guests.len());
}

scenario! {
    /// The process dies after the commit and before it rings: nobody ever hears the bell. The next process finds the job.
    async fn a_process_dies_between_commit_and_bell(world) {
        let guests = guests(world, 1).await;
        let next = world.another_process().await;
        let worker = Background::worker(&next);
        assert_all_told_once(world, &guests).await;
        worker.stop().await;
        world.drain().await;
        assert_eq!(world.mails().len(), 1);
    }
}

scenario! {
    /// Two processes at work on the same rows: each job is claimed once, each mail goes out once.
    async fn two_workers_share_the_jobs(world) {
        let guests = guests(world, 30).await;
        let second = world.another_process().await;
        let workers = [Background::worker(&world.app), Background::worker(&second)];
        assert_all_told_once(world, &guests).await;
        for worker in workers {
            worker.stop().await;
        }
        world.drain().await;
        let done = outbox::list(world.app.db.writer(), Some(State::Done), 100).await.unwrap();
        assert!(done.len() >= 30 && done.iter().all(|job| job.attempts == 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_redis_loses_and_doubles_nothing() {
    // A database of Redis for this test alone, since all of it is flushed.
    let url = format!("{}/9", redis_url().trim_end_matches('/'));
    let world = World::with(Backend::production().await, &[("redis_url", &url)]).await;
    let guests = guests(&world, 10).await;
    let relay = Background::relay(&world.app);
    let rung = async || world.app.queue.len(Lane::Soon).await.unwrap() == guests.len();
    eventually(SOON, "all ids wait in Redis", rung).await;
    relay.stop().await;

    let client = redis::Client::open(url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let _: () = redis::cmd("FLUSHDB").query_async(&mut connection).await.unwrap();
    assert_eq!(world.app.queue.len(Lane::Soon).await.unwrap(), 0);

    world.advance(TimeDelta::seconds(61)); // ids that nobody took are rung again after a minute
    let second = world.another_process_with(&[("redis_url", &url)]).await;
    let workers = [Background::worker(&world.app), Background::worker(&second)];
    assert_all_told_once(&world, &guests).await;
    for worker in workers {
        worker.stop().await;
    }
    world.drain().await;
    world.finish().await;
}

/// Runs what is due, hour by hour, until everything that can fail has failed.
async fn let_time_pass(world: &World) {
    for _ in 0..12 {
        world.drain().await;
        world.advance(TimeDelta::hours(1));
    }
}

async fn only_failed(app: &App) -> jobs::Model {
    let mut failed = outbox::list(app.db.writer(), Some(State::Failed), 10)
        .await
        .unwrap();
    assert_eq!(failed.len(), 1);
    failed.remove(0)
}

scenario! {
    /// A job that nobody can read stands in nobody's way, ends failed, and runs once it can be read.
    async fn an_unreadable_job_stands_in_nobodys_way(world) {
        let poison = jobs::ActiveModel {
            id: Set(Uuid::now_v7()),
            lane: Set(Lane::Now),
            kind: Set("send_fax".to_owned()),
            payload: Set(r#"{"SendFax":{}}"#.to_owned()),
            attempts: Set(0),
            due_at: Set(world.now()),
            created_at: Set(world.now()),
            ..Default::default()
        };
        let poison = poison.insert(world.app.db.writer()).await.unwrap();
        let guests = guests(world, 3).await;
        world.drain().await;
        for guest in &guests {
            assert_eq!(world.mails_to(&guest.address).len(), 1);
        }
        let_time_pass(world).await;
        let failed = only_failed(&world.app).await;
        assert_eq!(failed.id, poison.id);
        assert_eq!(failed.attempts, world.app.config.worker.attempts);

        let mut readable = failed.into_active_model();
        readable.payload = Set(serde_json::to_string(&Job::ReleaseHold { rsvp_id: Uuid::now_v7() }).unwrap());
        readable.update(world.app.db.writer()).await.unwrap();
        assert!(outbox::reopen(world.app.db.writer(), poison.id, world.now()).await.unwrap());
        assert!(!outbox::reopen(world.app.db.writer(), poison.id, world.now()).await.unwrap());
        world.drain().await;
    }
}

scenario! {
    /// A mail that cannot go out for hours ends failed; opened again when the cause is gone, it goes out once.
    async fn a_job_that_always_fails_can_be_opened_again(world) {
        let outbox_folder = world.app.config.data_dir.join("outbox");
        fs::create_dir_all(outbox_folder.parent().unwrap()).unwrap();
        fs::write(&outbox_folder, "no folder").unwrap();
        let guests = guests(world, 1).await;
        let_time_pass(world).await;
        let failed = only_failed(&world.app).await;
        assert!(failed.last_error.unwrap().contains("could not be written"));

        fs::remove_file(&outbox_folder).unwrap();
        world.drain().await;
        assert_eq!(world.mails().len(), 0, "given up is given up");
        assert!(outbox::reopen(world.app.db.writer(), failed.id, world.now()).await.unwrap());
        world.drain().await;
        assert_all_told_once(world, &guests).await;
    }
}

scenario! {
    /// A worker that died before it began: its claim runs out, and then another one does the job.
    async fn a_claim_runs_out(world) {
        let guests = guests(world, 1).await;
        let ids: Vec<Uuid> = open_jobs(&world.app).await.iter().map(|job| job.id).collect();
        let lease = TimeDelta::seconds(world.app.config.worker.lease_seconds);
        let dead = outbox::claim(&world.app.db, &ids, world.now(), lease).await.unwrap();
        assert_eq!(dead.len(), 1);
        world.drain().await;
        assert_eq!(world.mails().len(), 0, "somebody else holds it");
        world.advance(lease);
        world.drain().await;
        assert_all_told_once(world, &guests).await;
        assert!(!outbox::finish(&world.app.db, &dead[0], world.now()).await.unwrap(), "too late");
    }
}

scenario! {
    /// A worker dies while the mail server has the mail and has not answered: nobody knows whether it went out, so it is
    /// not sent again, and that is written down.
    async fn a_worker_dies_while_sending(world) {
        guests(world, 1).await;
        let silent = SmtpServer::start(Mode::Silent);
        let mut config = world.app.config.clone();
        config.mail.url = silent.url();
        let clock = world.app.clock.clone();
        let machine = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        machine.spawn(async {
            let app = App::start(config, clock).await.unwrap();
            worker::drain(&app).await.unwrap();
        });
        eventually(SOON, "the mail was handed over", async || silent.taken().len() == 1).await;
        machine.shutdown_background();

        let answering = SmtpServer::start(Mode::Accept);
        let next = world.another_process_with(&[("mail.url", &answering.url())]).await;
        worker::drain(&next).await.unwrap();
        world.advance(TimeDelta::seconds(world.app.config.worker.lease_seconds));
        worker::drain(&next).await.unwrap();
        assert_eq!((silent.taken().len(), answering.taken().len()), (1, 0));
        let messages = message::Entity::find().all(world.app.db.writer()).await.unwrap();
        let states: Vec<_> = messages.iter().map(|message| message.state).collect();
        assert_eq!(states, [MessageState::Unknown]);
    }
}
