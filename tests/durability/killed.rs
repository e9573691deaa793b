//! The real program, killed without warning right after it answered.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::*;

/// `turnout serve` over the files of a world.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let config = &world.app.config;
        let mut child = Command::new(env!("CARGO_BIN_EXE_turnout"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("DATABASE_URL", &config.database_url)
            .env("TURNOUT_DATA_DIR", &config.data_dir)
            .env("TURNOUT_WORKER_LEASE_SECONDS", "1")
            .env_remove("REDIS_URL")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("it ended at once").unwrap();
        let url = first.split(' ').next_back().unwrap().to_owned();
        assert!(url.starts_with("http://"), "{first}");
        Self { child, url }
    }

    /// SIGKILL: no line of ours runs any more.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn event(world: &World) -> Made {
    let start = world.now() + TimeDelta::days(30);
    let slots = json!([{"startsAt": start, "endsAt": start + TimeDelta::hours(2)}]);
    world
        .event(&world.activist("Wren").await, json!({"timeslots": slots}))
        .await
}

async fn said_yes(world: &World) -> usize {
    let rows = entity::rsvp::Entity::find()
        .all(world.app.db.writer())
        .await
        .unwrap();
    rows.iter().filter(|row| row.seats == 1).count()
}

/// Waits until nothing is left to do: within seconds, although the dead program had rung what it did not do.
async fn until_done(world: &World) {
    let done = async || {
        open_jobs(&world.app)
            .await
            .iter()
            .all(|job| matches!(job.kind.as_str(), "retain" | "plan_reminders"))
    };
    eventually(SOON, "every job is done", done).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_after_the_answer_sends_the_mail_when_it_is_back() {
    let world = World::at_present(Backend::embedded()).await;
    let made = event(&world).await;
    let guest = world.activist("Finch").await;
    let program = Program::start(&world, &["--no-worker"]);
    let answer = rsvp(&guest.at(&program.url), &made, 1).await;
    program.kill();
    assert_eq!(answer.at("/rsvp/status"), "REGISTERED");
    assert_eq!((said_yes(&world).await, world.mails().len()), (1, 0));

    let program = Program::start(&world, &[]);
    until_done(&world).await;
    assert_eq!(world.mails_to("finch@example.org").len(), 1);
    assert_eq!(world.mails().len(), 1);
    program.kill();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_again_and_again_loses_no_answer_and_doubles_no_mail() {
    let world = World::at_present(Backend::embedded()).await;
    let made = event(&world).await;
    let mut guests = Vec::new();
    for number in 0..5 {
        let guest = world.activist(&format!("Guest{number}")).await;
        let program = Program::start(&world, &[]);
        let answer = rsvp(&guest.at(&program.url), &made, 1).await;
        program.kill();
        assert_eq!(answer.at("/rsvp/status"), "REGISTERED");
        guests.push(guest);
    }
    assert_eq!(said_yes(&world).await, guests.len());

    let program = Program::start(&world, &[]);
    until_done(&world).await;
    program.kill();
    let messages = message::Entity::find().all(world.app.db.writer()).await.unwrap();
    let count = |state| messages.iter().filter(|message| message.state == state).count();
    let (sent, unknown) = (count(MessageState::Sent), count(MessageState::Unknown));
    assert_eq!(sent + unknown, guests.len(), "every message came to an end");
    for guest in &guests {
        assert!(world.mails_to(&guest.address).len() <= 1, "{}", guest.address);
    }
    assert!((sent..=guests.len()).contains(&world.mails().len()));
    world.finish().await;
}
