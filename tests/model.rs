//! Random sequences of everything that touches seats, against a model in memory; see its file for the rules.
//!
//! `TEST_MODEL_SEQUENCES=10000 ./test model` plays more of them than a change needs.

mod line;
mod rules;
mod scene;
mod steps;

use api::{
    domain::{email::Email, session},
    outbox::{Job, RsvpMail},
};
use chrono::TimeDelta;
use entity::{outbox, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::harness::World;
use scene::{Account, Scene};
use steps::{GUESTS, Rules};

/// Timeslots of one event; a sequence plays on two of them.
const DATES: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequences_embedded() {
    let world = World::embedded().await;
    play(&world, asked().unwrap_or(200)).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequences_production() {
    let world = World::production().await;
    play(&world, asked().unwrap_or(4_000) / 100).await;
    world.finish().await;
}

fn asked() -> Option<usize> {
    let asked = std::env::var("TEST_MODEL_SEQUENCES").ok()?;
    Some(asked.parse().unwrap())
}

/// So many sequences, each on two dates, under rules that differ by event.
async fn play(world: &World, sequences: usize) {
    let mut accounts = Vec::new();
    for number in 0..GUESTS {
        let email = Email::parse(&format!("g{number}@example.org"), &[]).unwrap();
        let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
        let person = tokens.person_id;
        accounts.push(Account { person, email });
    }
    let events = sequences.div_ceil(DATES / 2).max(6);
    let mut seed = 0;
    for number in 0..events {
        let rules = Rules {
            strict: number % 2 == 1,
            offers: number / 2 % 2 == 1,
            approval: number % 3 == 2,
        };
        let (event_id, slots) = dates(world, rules).await;
        let mut told = [0; 3];
        for pair in slots.chunks_exact(2).take(sequences.div_ceil(events)) {
            seed += 1;
            let scene = Scene {
                world,
                accounts: &accounts,
                event_id,
                slots: [pair[0], pair[1]],
            };
            for (sum, more) in told.iter_mut().zip(scene.sequence(rules, seed).await) {
                *sum += more;
            }
        }
        assert_eq!(mails(world).await, told, "event {number}: nobody is told twice");
        outbox::Entity::delete_many()
            .exec(world.app.db.writer())
            .await
            .unwrap();
    }
}

async fn dates(world: &World, rules: Rules) -> (Uuid, Vec<Uuid>) {
    // A month is as early as offers begin.
    let start = world.now() + TimeDelta::days(if rules.offers { 29 } else { 90 });
    let slot = json!({"startsAt": start, "endsAt": start + TimeDelta::hours(2)});
    let input = json!({
        "timeslots": vec![slot; DATES],
        "waitlistRule": if rules.strict { "STRICT" } else { "SKIP" },
        "waitlistOfferHours": if rules.offers { 720 } else { 0 },
        "joinPolicy": if rules.approval { "APPROVAL" } else { "OPEN" },
    });
    let made = world.event(&world.activist("Wren").await, input).await;
    let event_id: Uuid = made.id.trim_start_matches("event:").parse().unwrap();
    let rows = timeslot::Entity::find().filter(timeslot::Column::EventId.eq(event_id));
    let rows = rows.all(world.app.db.writer()).await.unwrap();
    (event_id, rows.into_iter().map(|row| row.id).collect())
}

/// How many mails tell somebody that a seat came free, that one is offered, and that an offer is over.
async fn mails(world: &World) -> [usize; 3] {
    let jobs = outbox::Entity::find().all(world.app.db.writer()).await.unwrap();
    let mut told = [0; 3];
    for job in jobs {
        if job.unique_key.is_some() {
            continue; // somebody asked with their address, and they are reminded
        }
        let job: Job = serde_json::from_str(&job.payload).unwrap();
        let Job::SendRsvpMail { mail, .. } = job else {
            continue;
        };
        match mail {
            RsvpMail::Promoted => told[0] += 1,
            RsvpMail::Offered => told[1] += 1,
            RsvpMail::OfferExpired => told[2] += 1,
            _ => {}
        }
    }
    told
}
