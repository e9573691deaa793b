//! Where a sequence plays: what is done there, and what is seen.

use std::{
    future::{Future, poll_fn},
    net::{IpAddr, Ipv4Addr},
    pin::pin,
    task::Poll,
    time::Duration,
};

use api::{
    domain::{
        Actor,
        actor::Member,
        device::Device,
        email::Email,
        event::{self, News, TimeslotChange},
        link,
        person::Name,
        rsvp::{self, Answer},
    },
    limits::Client,
    refusal::Refusal,
    sealed,
};
use chrono::TimeDelta;
use entity::{LinkPurpose, RsvpStatus, outbox, timeslot};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    rules::Model,
    steps::{CROWD, Dice, Rules, STEPS, Step},
};
use crate::harness::World;

/// A guest's account.
pub(super) struct Account {
    pub(super) person: Uuid,
    pub(super) email: Email,
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
            address: None,
            language: None,
            referrer: None,
            listed: None,
            invitation: None,
            share_code: None,
        }
    }
}

/// Where a sequence plays.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) accounts: &'a [Account],
    pub(super) event_id: Uuid,
    pub(super) slots: [Uuid; 2],
}

impl Scene<'_> {
    /// Plays one sequence and returns how many were told of seats and offers.
    pub(super) async fn sequence(&self, rules: Rules, seed: u64) -> [usize; 3] {
        let world = self.world;
        let mut dice = Dice(seed);
        let mut models = vec![];
        for slot in self.slots {
            let capacity = dice.capacity();
            set_capacity(world, slot, capacity).await.unwrap();
            models.push(Model::new(rules, capacity));
        }
        let mut steps = Vec::new();
        for number in 0..STEPS {
            let here = if number < CROWD {
                0
            } else {
                usize::from(dice.roll(3) == 0)
            };
            let step = dice.step(number);
            // Some things happen in the same instant.
            world.advance(TimeDelta::seconds(i64::from(dice.roll(3) > 0)));
            if let Step::Wait { minutes } = step {
                world.advance(TimeDelta::minutes(minutes));
            }
            let now = world.now().timestamp();
            let before = models.clone();
            let expected = match step {
                Step::Move { who } => {
                    let (one, other) = models.split_at_mut(1);
                    match here {
                        0 => one[0].move_to(&mut other[0], who, now),
                        _ => other[0].move_to(&mut one[0], who, now),
                    }
                }
                _ => models[here].apply(step, now),
            };
            // Every few steps the process dies on the way, and the same is asked again.
            let killed = (dice.roll(6) == 0).then(|| dice.roll(40));
            steps.push((here, step, killed));
            let story = || format!("seed {seed}, {rules:?}, models {before:?}, steps {steps:?}");
            let mut told = None;
            if let Some(polls) = killed
                && !world.app.config.is_production()
            {
                told = killed_after(polls, self.act(here, step)).await;
                if told.is_none() {
                    let mut seen = self.seen().await;
                    if seen != imagined(&before) && seen != imagined(&models) {
                        tokio::time::sleep(Duration::from_millis(100)).await; // a batch goes on without who asked
                        seen = self.seen().await;
                    }
                    let done = seen == imagined(&models);
                    let part = matches!(step, Step::Wait { .. }); // is several transactions
                    let undone = seen == imagined(&before);
                    assert!(done || part || undone, "half done: {seen:?}, {}", story());
                    if done {
                        continue;
                    }
                }
            }
            let told = match told {
                Some(told) => told, // it came to its end before
                None => self.act(here, step).await,
            };
            let told = told.map_err(|refusal| match refusal {
                Refusal::WrongState(reason) => reason.as_str(),
                other => other.code().as_str(),
            });
            assert_eq!(told, expected, "{}", story());
            assert_eq!(self.seen().await, imagined(&models), "{}", story());
        }
        let mut told = [0; 3];
        for model in models {
            for (sum, more) in told.iter_mut().zip(model.told) {
                *sum += more;
            }
        }
        told
    }

    async fn act(&self, here: usize, step: Step) -> Result<(), Refusal> {
        let app = &self.world.app;
        let slot = self.slots[here];
        let account = |who: usize| &self.accounts[who];
        let row = async |who: usize| row_of(self.world, account(who), slot).await;
        match step {
            Step::Answer { who, party } => {
                let answer = account(who).answer(slot, Some(party));
                rsvp::answer(app, &account(who).actor(), client(), answer, None).await?;
            }
            Step::AnswerByMail { who, party } => {
                let answer = Answer {
                    address: Some(account(who).email.clone().into()),
                    ..account(who).answer(slot, Some(party))
                };
                rsvp::answer(app, &Actor::Anonymous, client(), answer, None).await?;
            }
            Step::Decline { who } => {
                let answer = account(who).answer(slot, None);
                rsvp::answer(app, &account(who).actor(), client(), answer, None).await?;
            }
            Step::Wait { .. } => {
                // An offer ends for who was told of it.
                let mails = outbox::Entity::update_many()
                    .col_expr(outbox::Column::DoneAt, Expr::value(self.world.now()));
                mails.exec(app.db.writer()).await.unwrap();
                for row in rows(self.world, slot).await {
                    rsvp::release_hold(app, row.id).await?;
                }
                rsvp::expire_offers(app, slot).await?;
            }
            Step::SetCapacity { seats } => set_capacity(self.world, slot, seats).await?,
            Step::CallOff => {
                event::cancel_timeslot(app, &Actor::System, slot, &News::default()).await?;
            }
            Step::Confirm { who } => follow(self.world, row(who).await, LinkPurpose::ConfirmRsvp).await?,
            Step::CancelByLink { who } => follow(self.world, row(who).await, LinkPurpose::CancelRsvp).await?,
            Step::Update { who, .. }
            | Step::Cancel { who }
            | Step::Decide { who, .. }
            | Step::AcceptOffer { who }
            | Step::DeclineOffer { who }
            | Step::Move { who } => {
                let (actor, Some(row)) = (account(who).actor(), row(who).await) else {
                    return Ok(());
                };
                let id = row.id;
                match step {
                    Step::Update { party, .. } => {
                        let change = rsvp::Change {
                            party_size: Some(party),
                            listed: None,
                        };
                        rsvp::update(app, &actor, id, Some(row.version), change).await?;
                    }
                    Step::Cancel { .. } => {
                        rsvp::cancel(app, &actor, id).await?;
                    }
                    Step::Decide { approve, .. } => {
                        rsvp::decide(app, &Actor::System, self.event_id, &[id], approve).await?;
                    }
                    // Half of them by the link in the mail.
                    Step::AcceptOffer { .. } if id.as_u128() % 2 == 0 => {
                        follow(self.world, Some(row), LinkPurpose::AcceptOffer).await?;
                    }
                    Step::AcceptOffer { .. } => {
                        rsvp::accept_offer(app, &actor, id).await?;
                    }
                    Step::DeclineOffer { .. } if id.as_u128() % 2 == 0 => {
                        follow(self.world, Some(row), LinkPurpose::DeclineOffer).await?;
                    }
                    Step::DeclineOffer { .. } => {
                        rsvp::decline_offer(app, &actor, id).await?;
                    }
                    _ => {
                        rsvp::move_to(app, &actor, id, self.slots[1 - here], None).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn seen(&self) -> [Picture; 2] {
        let [one, other] = self.slots;
        [self.seen_of(one).await, self.seen_of(other).await]
    }

    async fn seen_of(&self, slot: Uuid) -> Picture {
        let who = |row: &entity::rsvp::Model| {
            let mut people = self.accounts.iter();
            people
                .position(|account| account.person == row.person_id)
                .unwrap()
        };
        let rows = rows(self.world, slot).await;
        let mut waiting: Vec<_> = rows.iter().filter(|row| row.waitlisted_at.is_some()).collect();
        waiting.sort_by_key(|row| (row.waitlisted_at, row.id));
        let offered = rows
            .iter()
            .filter_map(|row| Some((who(row), row.offer_expires_at?.timestamp())));
        let slot = timeslot::Entity::find_by_id(slot)
            .one(self.world.app.db.writer())
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
            offers: offered.collect(),
        }
    }
}

/// Runs `action` as a process would that dies after so many turns of it; `None` when it died.
async fn killed_after<T>(mut turns: u64, action: impl Future<Output = T>) -> Option<T> {
    let mut action = pin!(action);
    poll_fn(|context| match action.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if turns == 0 => Poll::Ready(None),
        Poll::Pending => {
            turns -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Where everybody is.
fn client() -> Client {
    IpAddr::V4(Ipv4Addr::LOCALHOST).into()
}

/// Follows a link as a mail would have brought it.
async fn follow(
    world: &World,
    row: Option<entity::rsvp::Model>,
    purpose: LinkPurpose,
) -> Result<(), Refusal> {
    let Some(row) = row else {
        return Ok(());
    };
    let token = Uuid::now_v7().to_string();
    let link = entity::link::Model {
        token_hash: sealed::hash(&token),
        purpose,
        rsvp_id: Some(row.id),
        party_size: None,
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
    event::update_timeslot(&world.app, &Actor::System, slot, change, &News::default()).await?;
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
    /// Guests, and when their offers end, in seconds.
    offers: Vec<(usize, i64)>,
}

fn imagined(models: &[Model]) -> [Picture; 2] {
    let picture = |model: &Model| {
        let guests = model.guests.iter();
        let offered = guests.clone().filter(|guest| guest.status == RsvpStatus::Offered);
        Picture {
            capacity: model.capacity,
            taken: model.taken(),
            held: model.held(),
            called_off: model.called_off,
            guests: guests
                .map(|guest| (guest.who, guest.status, guest.party, guest.seats))
                .collect(),
            queue: model.queue().into_iter().map(|at| model.guests[at].who).collect(),
            offers: offered.map(|guest| (guest.who, guest.until)).collect(),
        }
    };
    [picture(&models[0]), picture(&models[1])]
}
