//! How long reminding everybody who comes to one large date takes: leaving a job for each, and running these.
//!
//! `reminders PEOPLE`, with the settings of `turnout serve` in the environment, over an empty database of its own. Prints
//! `left PEOPLE SECONDS` and `sent MESSAGES SECONDS`, with one worker and mails as files.

use std::{
    env,
    io::{Write, stdout},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use api::{
    app::App,
    clock::Clock,
    config::Config,
    domain::{email::Email, person::Name},
    jobs::plan_reminders,
    outbox,
    sealed::Slot,
    worker,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    AddressVisibility, Channel, EventStatus, EventType, JoinPolicy, MessageState, RsvpStatus, Visibility,
    contact_point, event, message, person, rsvp, timeslot,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use uuid::Uuid;

/// An hour before those in New York are reminded of the next evening.
const NOW: &str = "2030-05-14T14:00:00Z";
const START: &str = "2030-05-15T22:00:00Z";
const CHUNK: usize = 500;

#[tokio::main]
async fn main() -> Result<()> {
    let people: usize = env::args().nth(1).map_or(Ok(100_000), |count| count.parse())?;
    let app = App::start(Config::load(None, &[])?, Clock::fixed(NOW.parse()?)).await?;
    fill(&app, people).await?;
    let mut out = stdout().lock();
    plan_reminders::schedule(&app, app.clock.now()).await?;
    app.clock.advance(TimeDelta::hours(1));
    let begun = Instant::now();
    leave(&app).await?;
    writeln!(out, "left {people} {:.1}", begun.elapsed().as_secs_f64())?;
    let begun = Instant::now();
    worker::drain(&app).await?;
    let sent = message::Entity::find().filter(message::Column::State.eq(MessageState::Sent));
    let sent = sent.count(app.db.writer()).await?;
    writeln!(out, "sent {sent} {:.1}", begun.elapsed().as_secs_f64())?;
    Ok(())
}

/// Runs what leaves jobs, and not these.
async fn leave(app: &Arc<App>) -> Result<()> {
    let lease = TimeDelta::minutes(2);
    loop {
        let now = app.clock.now();
        let ids = outbox::waiting(&app.db, entity::Lane::Soon, now, 1).await?;
        if ids.is_empty() {
            return Ok(());
        }
        for job in outbox::claim(&app.db, &ids, now, lease).await? {
            let what = serde_json::from_str(&job.payload)?;
            let done = api::jobs::run(app, job.id, job.attempt, what).await;
            done.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            outbox::finish(&app.db, &job, now).await?;
        }
    }
}

/// One event with one date, and people with an address each, who come.
async fn fill(app: &App, people: usize) -> Result<()> {
    let (db, now) = (app.db.writer(), app.clock.now() - TimeDelta::days(1));
    let starts_at: DateTime<Utc> = START.parse()?;
    let (event_id, timeslot_id) = (Uuid::now_v7(), Uuid::now_v7());
    let private = Slot {
        column: "event.private",
        row: &event_id,
    };
    let row = event::ActiveModel {
        id: Set(event_id),
        status: Set(EventStatus::Approved),
        title: Set("A march of many".to_owned()),
        description: Set(String::new()),
        event_type: Set(EventType::Rally),
        tags: Set("[]".to_owned()),
        accessibility_features: Set("[]".to_owned()),
        visibility: Set(Visibility::Public),
        address_visibility: Set(AddressVisibility::Public),
        join_policy: Set(JoinPolicy::Open),
        timezone: Set("America/New_York".to_owned()),
        is_virtual: Set(false),
        address_lines: Set("[]".to_owned()),
        private: Set(app.keys.seal(private, &serde_json::json!({}))?),
        version: Set(1),
        changed_at: Set(now),
        created_at: Set(now),
        ..Default::default()
    };
    event::Entity::insert(row).exec_without_returning(db).await?;
    let row = timeslot::ActiveModel {
        id: Set(timeslot_id),
        event_id: Set(event_id),
        starts_at: Set(starts_at),
        ends_at: Set(starts_at + TimeDelta::hours(2)),
        taken: Set(i32::try_from(people)?),
        held: Set(0),
        waitlist_first: Set(false),
        version: Set(1),
        changed_at: Set(now),
        ..Default::default()
    };
    timeslot::Entity::insert(row).exec_without_returning(db).await?;
    for begin in (0..people).step_by(CHUNK) {
        let (mut persons, mut contacts, mut rsvps) = (vec![], vec![], vec![]);
        for number in begin..people.min(begin + CHUNK) {
            let (person_id, contact_id, rsvp_id) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
            persons.push(person::ActiveModel {
                id: Set(person_id),
                language: Set("en".to_owned()),
                languages: Set("[]".to_owned()),
                shuffle: Set(0),
                version: Set(1),
                changed_at: Set(now),
                created_at: Set(now),
                ..Default::default()
            });
            let email = Email::parse(&format!("marcher{number}@example.org"), &[])?;
            let address = Slot {
                column: "contact_point.value",
                row: &contact_id,
            };
            let index = app.keys.index("EMAIL", email.reveal())?;
            let contact = contact_point::Model {
                id: contact_id,
                person_id,
                channel: Channel::Email,
                value: app.keys.seal(address, &email.reveal())?,
                index_key: index.key,
                value_index: index.value,
                verified_at: Some(now),
                created_at: now,
            };
            contacts.push(contact.into_active_model().reset_all());
            let name = Slot {
                column: "rsvp.name",
                row: &rsvp_id,
            };
            let marcher = Name {
                given: "Marcher".to_owned(),
                family: String::new(),
            };
            rsvps.push(rsvp::ActiveModel {
                id: Set(rsvp_id),
                timeslot_id: Set(timeslot_id),
                event_id: Set(event_id),
                person_id: Set(person_id),
                status: Set(RsvpStatus::Registered),
                party_size: Set(1),
                seats: Set(1),
                name: Set(app.keys.seal(name, &marcher)?),
                version: Set(1),
                changed_at: Set(now),
                created_at: Set(now),
                ..Default::default()
            });
        }
        person::Entity::insert_many(persons)
            .exec_without_returning(db)
            .await?;
        contact_point::Entity::insert_many(contacts)
            .exec_without_returning(db)
            .await?;
        rsvp::Entity::insert_many(rsvps)
            .exec_without_returning(db)
            .await?;
    }
    app.db.analyze().await.context("counting what is in the tables")
}
