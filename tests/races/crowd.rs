//! Many people at the servers of one deployment, and what must be so of a timeslot afterwards.

use std::sync::Arc;

use actix_web::dev::ServerHandle;
use api::{
    app::App,
    domain::{email::Email, session},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{RsvpStatus, rsvp, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Answer, Caller, World, serve};

/// People without a name or anything else but an account, each at one of the servers in turn.
pub(super) struct Crowd {
    pub(super) people: Vec<Caller>,
    pub(super) ids: Vec<Uuid>,
    pub(super) processes: Vec<Arc<App>>,
    pub(super) urls: Vec<String>,
    server: ServerHandle,
}

impl Crowd {
    /// At two processes over PostgreSQL; SQLite has one writer, so that one process says it all.
    pub(super) async fn gather(world: &World, count: usize) -> Self {
        let mut processes = vec![Arc::clone(&world.app)];
        if world.app.config.is_production() {
            processes.push(world.another_process().await);
        }
        let (url, server) = serve(&processes[processes.len() - 1]);
        let urls = vec![world.url.clone(), url];
        let (mut people, mut ids) = (Vec::new(), Vec::new());
        for number in 0..count {
            let address = format!("p{number}@example.org");
            let email = Email::parse(&address, &[]).unwrap();
            let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
            let url = &urls[number % urls.len()];
            people.push(Caller::new(url, Some(tokens.access_token), &address));
            ids.push(tokens.person_id);
        }
        Self {
            people,
            ids,
            processes,
            urls,
            server,
        }
    }

    pub(super) async fn leave(self) {
        self.server.stop(false).await;
    }
}

/// An event with a timeslot for each of `capacities`: their ids, and the host.
pub(super) async fn dates(world: &World, capacities: &[i32]) -> (Vec<Uuid>, Caller) {
    let start: DateTime<Utc> = "2030-01-18T00:00:00Z".parse().unwrap();
    let slots: Vec<_> = (0i64..)
        .zip(capacities)
        .map(|(day, capacity)| {
            let start = start + TimeDelta::days(day);
            json!({"startsAt": start, "endsAt": start + TimeDelta::hours(2), "capacity": capacity})
        })
        .collect();
    let host = world.activist("Wren").await;
    let made = world.event(&host, json!({"timeslots": slots})).await;
    let event_id: Uuid = made.id.trim_start_matches("event:").parse().unwrap();
    let rows = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.eq(event_id))
        .all(world.app.db.reader());
    let mut rows = rows.await.unwrap();
    rows.sort_by_key(|row| row.starts_at);
    (rows.into_iter().map(|row| row.id).collect(), host)
}

pub(super) async fn answer(caller: &Caller, slot: Uuid, party: i32) -> Answer {
    let input =
        json!({"timeslotId": format!("timeslot:{slot}"), "partySize": party, "name": {"givenName": "Guest"}});
    caller
        .mutate("rsvp", input, "status rsvp { id status partySize }")
        .await
}

/// What can be wrong with a timeslot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// More seats were given away than there are.
    Over { sold: i32, capacity: i32 },
    /// Somebody waits who would fit.
    Under { free: i32, waiting: i32 },
    /// The counters of the timeslot are not those of its RSVPs, or an RSVP holds what it should not.
    Miscounted,
}

/// The seats of a timeslot, counted by its RSVPs.
pub(super) async fn check(app: &App, slot: Uuid) -> Result<(), Wrong> {
    let db = app.db.writer();
    let slot = timeslot::Entity::find_by_id(slot).one(db).await.unwrap().unwrap();
    let rows = rows(app, slot.id).await;
    let sum = |rows: &[rsvp::Model]| rows.iter().map(|row| row.seats).sum::<i32>();
    let sold = sum(&rows);
    let capacity = slot.capacity.unwrap_or(i32::MAX);
    if sold > capacity {
        return Err(Wrong::Over { sold, capacity });
    }
    let waiting = rows.iter().filter(|row| row.status == RsvpStatus::Waitlisted);
    if let Some(waiting) = waiting.map(|row| row.party_size).min()
        && waiting <= capacity - sold
    {
        let free = capacity - sold;
        return Err(Wrong::Under { free, waiting });
    }
    let held: Vec<_> = rows
        .iter()
        .filter(|row| row.status == RsvpStatus::PendingConfirmation)
        .cloned()
        .collect();
    let right = rows.iter().all(|row| match row.status {
        RsvpStatus::Registered | RsvpStatus::Offered => row.seats == row.party_size,
        RsvpStatus::PendingConfirmation => true,
        _ => row.seats == 0,
    });
    if right && (slot.taken, slot.held) == (sold, sum(&held)) {
        Ok(())
    } else {
        Err(Wrong::Miscounted)
    }
}

pub(super) async fn rows(app: &App, slot: Uuid) -> Vec<rsvp::Model> {
    let rows = rsvp::Entity::find().filter(rsvp::Column::TimeslotId.eq(slot));
    rows.all(app.db.writer()).await.unwrap()
}
