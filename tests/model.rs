//! Random sequences of everything that touches seats, against a model in memory; see its file for the rules.

mod rules;

use std::net::{IpAddr, Ipv4Addr};

use api::{
    domain::{
        Actor,
        actor::Member,
        device::Device,
        email::Email,
        event::{self, TimeslotChange},
        link,
        person::Name,
        rsvp::{self, Answer},
        session,
    },
    limits::Client,
    outbox::{Job, RsvpMail},
    refusal::Refusal,
    sealed,
};
use chrono::TimeDelta;
use entity::{LinkPurpose, RsvpStatus, outbox, timeslot};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::harness::World;
use rules::{Model, Step};

const GUESTS: usize = 12;
const STEPS: usize = 26;
/// First so many guests answer, so that there is a waitlist to begin with.
const CROWD: usize = 10;
/// Timeslots of one event.
const DATES: u64 = 10;

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn capacity(&mut self) -> Option<i32> {
        let seats = i32::try_from(self.roll(9)).unwrap();
        // Sometimes so many that a tenth is more than two.
        match self.roll(12) {
            0 => None,
            1 => Some(40 + seats),
            _ => Some(1 + seats),
        }
    }

    fn step(&mut self, number: usize) -> Step {
        let who = usize::try_from(self.roll(GUESTS as u64)).unwrap();
        let party = i32::try_from(self.roll(4)).unwrap() + 1;
        match self.roll(40) {
            _ if number < CROWD => Step::Answer { who: number, party },
            0..=11 => Step::Answer { who, party },
            12..=16 => Step::AnswerByMail { who, party },
            17..=19 => Step::Decline { who },
            20..=23 => Step::Confirm { who },
            24..=28 => Step::Update { who, party },
            29..=31 => Step::Cancel { who },
            32 => Step::CancelByLink { who },
            33..=35 => Step::Wait {
                minutes: [20, 40, 61][usize::try_from(self.roll(3)).unwrap()],
            },
            36..=38 => Step::SetCapacity {
                seats: self.capacity(),
            },
            // Nothing much happens afterwards, so it comes rarely.
            _ if self.roll(3) == 0 => Step::CallOff,
            _ => Step::Answer { who, party },
        }
    }
}

/// A guest's account.
struct Account {
    person: Uuid,
    email: Email,
}

impl Account {
    fn actor(&self) -> Actor {
        Actor::Person(Member {
            id: self.person,
            session_id: Uuid::nil(),
            roles: vec![],
            device: Device::default(),
        })
    }

    fn answer(&self, slot: Uuid, party: Option<i32>) -> Answer {
        Answer {
            timeslot_id: slot,
            coming: party.is_some(),
            party_size: party.unwrap_or(1),
            name: Some(Name {
                given: "Guest".to_owned(),
                family: String::new(),
            }),
            guests: None,
            answers: None,
            email: None,
            language: None,
            referrer: None,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequences_embedded() {
    let world = World::embedded().await;
    play(&world, 20).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequences_production() {
    let world = World::production().await;
    play(&world, 4).await;
    world.finish().await;
}

/// A sequence for each date of `events` events.
async fn play(world: &World, events: u64) {
    let mut accounts = Vec::new();
    for number in 0..GUESTS {
        let email = Email::parse(&format!("g{number}@example.org"), &[]).unwrap();
        let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
        let person = tokens.person_id;
        accounts.push(Account { person, email });
    }
    for number in 0..events {
        let slots = dates(world).await;
        let mut promoted = 0;
        for (seed, slot) in (number * DATES..).zip(slots) {
            promoted += sequence(world, &accounts, slot, seed).await;
        }
        assert_eq!(promotions_told(world).await, promoted, "event {number}");
        outbox::Entity::delete_many()
            .exec(world.app.db.writer())
            .await
            .unwrap();
    }
}

async fn dates(world: &World) -> Vec<Uuid> {
    let start = world.now() + TimeDelta::days(90);
    let slot = json!({"startsAt": start, "endsAt": start + TimeDelta::hours(2)});
    let slots = vec![slot; usize::try_from(DATES).unwrap()];
    let made = world
        .event(&world.activist("Wren").await, json!({"timeslots": slots}))
        .await;
    let event_id: Uuid = made.id.trim_start_matches("event:").parse().unwrap();
    let rows = timeslot::Entity::find().filter(timeslot::Column::EventId.eq(event_id));
    let rows = rows.all(world.app.db.writer()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

/// How many mails tell somebody that a seat came free.
async fn promotions_told(world: &World) -> usize {
    let jobs = outbox::Entity::find().all(world.app.db.writer()).await.unwrap();
    let tells = |job: &outbox::Model| {
        let job: Job = serde_json::from_str(&job.payload).unwrap();
        matches!(
            job,
            Job::SendRsvpMail {
                mail: RsvpMail::Promoted,
                ..
            }
        )
    };
    jobs.iter().filter(|job| tells(job)).count()
}

/// Plays one sequence and returns how many were promoted.
async fn sequence(world: &World, accounts: &[Account], slot: Uuid, seed: u64) -> usize {
    let mut dice = Dice(seed);
    let capacity = dice.capacity();
    set_capacity(world, slot, capacity).await.unwrap();
    let mut model = Model::new(capacity);
    let mut steps = Vec::new();
    for number in 0..STEPS {
        let step = dice.step(number);
        steps.push(step);
        // Some things happen in the same instant.
        world.advance(TimeDelta::seconds(i64::from(dice.roll(3) > 0)));
        if let Step::Wait { minutes } = step {
            world.advance(TimeDelta::minutes(minutes));
        }
        let expected = model.apply(step, world.now().timestamp());
        let done = act(world, accounts, slot, step).await;
        let told = done.map_err(|refusal| match refusal {
            Refusal::WrongState(reason) => reason.as_str(),
            other => other.code().as_str(),
        });
        let story = || format!("seed {seed}, capacity {capacity:?}, steps {steps:?}");
        assert_eq!(told, expected, "{}", story());
        assert_eq!(seen(world, accounts, slot).await, imagined(&model), "{}", story());
    }
    model.promoted
}

/// Where everybody is.
fn client() -> Client {
    IpAddr::V4(Ipv4Addr::LOCALHOST).into()
}

async fn act(world: &World, accounts: &[Account], slot: Uuid, step: Step) -> Result<(), Refusal> {
    let app = &world.app;
    match step {
        Step::Answer { who, party } => {
            let account = &accounts[who];
            rsvp::answer(
                app,
                &account.actor(),
                client(),
                account.answer(slot, Some(party)),
                None,
            )
            .await?;
        }
        Step::AnswerByMail { who, party } => {
            let answer = Answer {
                email: Some(accounts[who].email.clone()),
                ..accounts[who].answer(slot, Some(party))
            };
            rsvp::answer(app, &Actor::Anonymous, client(), answer, None).await?;
        }
        Step::Decline { who } => {
            let account = &accounts[who];
            rsvp::answer(app, &account.actor(), client(), account.answer(slot, None), None).await?;
        }
        Step::Confirm { who } => follow(world, &accounts[who], slot, LinkPurpose::ConfirmRsvp).await?,
        Step::CancelByLink { who } => follow(world, &accounts[who], slot, LinkPurpose::CancelRsvp).await?,
        Step::Update { who, party } => {
            if let Some(row) = row_of(world, &accounts[who], slot).await {
                rsvp::update(app, &accounts[who].actor(), row.id, Some(row.version), party).await?;
            }
        }
        Step::Cancel { who } => {
            if let Some(row) = row_of(world, &accounts[who], slot).await {
                rsvp::cancel(app, &accounts[who].actor(), row.id).await?;
            }
        }
        Step::Wait { .. } => {
            for row in rows(world, slot).await {
                rsvp::release_hold(app, row.id).await?;
            }
        }
        Step::SetCapacity { seats } => set_capacity(world, slot, seats).await?,
        Step::CallOff => {
            event::cancel_timeslot(app, &Actor::System, slot).await?;
        }
    }
    Ok(())
}

/// Follows a link as a mail would have brought it.
async fn follow(world: &World, account: &Account, slot: Uuid, purpose: LinkPurpose) -> Result<(), Refusal> {
    let Some(row) = row_of(world, account, slot).await else {
        return Ok(());
    };
    let token = Uuid::now_v7().to_string();
    let link = entity::link::Model {
        token_hash: sealed::hash(&token),
        purpose,
        rsvp_id: Some(row.id),
        host_invitation_id: None,
        index_key: None,
        value_index: None,
        expires_at: world.now() + TimeDelta::hours(1),
        used_at: None,
        created_at: world.now(),
    };
    let link = entity::link::ActiveModel::from(link).reset_all();
    link.insert(world.app.db.writer()).await.unwrap();
    link::follow(&world.app, &token, &[purpose]).await?;
    Ok(())
}

async fn set_capacity(world: &World, slot: Uuid, seats: Option<i32>) -> Result<(), Refusal> {
    let change = TimeslotChange {
        capacity: Some(seats),
        ..TimeslotChange::default()
    };
    event::update_timeslot(&world.app, &Actor::System, slot, change).await?;
    Ok(())
}

/// RSVPs in the order in which they were made.
async fn rows(world: &World, slot: Uuid) -> Vec<entity::rsvp::Model> {
    let rows = entity::rsvp::Entity::find().filter(entity::rsvp::Column::TimeslotId.eq(slot));
    let mut rows = rows.all(world.app.db.writer()).await.unwrap();
    rows.sort_by_key(|row| row.id);
    rows
}

async fn row_of(world: &World, account: &Account, slot: Uuid) -> Option<entity::rsvp::Model> {
    let mut rows = rows(world, slot).await.into_iter();
    rows.find(|row| row.person_id == account.person)
}

/// Everything that is compared, of a timeslot or of the model of one.
#[derive(Debug, PartialEq)]
struct Picture {
    capacity: Option<i32>,
    taken: i32,
    held: i32,
    called_off: bool,
    /// Guest, status, party, seats.
    guests: Vec<(usize, RsvpStatus, i32, i32)>,
    /// Guests, first come first.
    queue: Vec<usize>,
}

fn imagined(model: &Model) -> Picture {
    let guests = model.guests.iter();
    Picture {
        capacity: model.capacity,
        taken: model.taken(),
        held: model.held(),
        called_off: model.called_off,
        guests: guests
            .map(|guest| (guest.who, guest.status, guest.party, guest.seats))
            .collect(),
        queue: model.queue().into_iter().map(|at| model.guests[at].who).collect(),
    }
}

async fn seen(world: &World, accounts: &[Account], slot: Uuid) -> Picture {
    let who = |row: &entity::rsvp::Model| {
        let mut people = accounts.iter();
        people
            .position(|account| account.person == row.person_id)
            .unwrap()
    };
    let rows = rows(world, slot).await;
    let mut waiting: Vec<_> = rows.iter().filter(|row| row.waitlisted_at.is_some()).collect();
    waiting.sort_by_key(|row| (row.waitlisted_at, row.id));
    let slot = timeslot::Entity::find_by_id(slot)
        .one(world.app.db.writer())
        .await;
    let slot = slot.unwrap().unwrap();
    Picture {
        capacity: slot.capacity,
        taken: slot.taken,
        held: slot.held,
        called_off: slot.cancelled_at.is_some(),
        guests: rows
            .iter()
            .map(|row| (who(row), row.status, row.party_size, row.seats))
            .collect(),
        queue: waiting.into_iter().map(who).collect(),
    }
}
