//! What the measurement of RSVPs begins with: dates that nobody has answered for, with room for everybody, and people
//! who are signed in. Neither goes through the API, which would take an hour of codes and mails.
//!
//! `tokens PEOPLE TIMESLOTS`, with the settings of `turnout serve` in the environment; before the server starts, which
//! then finds the dates on its map. Prints `timeslot ID` for each date, then `person SESSION TOKEN` for each person.

use std::io::{BufWriter, Write, stdout};

use anyhow::{Context, Result, ensure};
use api::{
    app::{App, Tx},
    clock::Clock,
    config::Config,
    refusal::Refusal,
};
use chrono::TimeDelta;
use entity::{EventStatus, Visibility, event, person, session, timeslot};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// More than can be asked for in a run.
const ROOM: i32 = 1_000_000_000;
/// How many rows one statement inserts.
const CHUNK: usize = 1000;

/// One date for each of the first published events, and again from the first when there are too few.
async fn add_timeslots(app: &App, count: usize) -> Result<Vec<Uuid>> {
    let events: Vec<Uuid> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::Status.eq(EventStatus::Approved))
        .filter(event::Column::Visibility.eq(Visibility::Public))
        .order_by_asc(event::Column::Id)
        .limit(count as u64)
        .into_tuple()
        .all(app.db.reader())
        .await?;
    ensure!(!events.is_empty(), "there are no published events");
    let now = app.clock.now();
    let rows: Vec<timeslot::Model> = events
        .iter()
        .cycle()
        .take(count)
        .map(|event_id| timeslot::Model {
            id: Uuid::now_v7(),
            event_id: *event_id,
            starts_at: now + TimeDelta::days(30),
            ends_at: now + TimeDelta::days(30) + TimeDelta::hours(2),
            capacity: Some(ROOM),
            taken: 0,
            held: 0,
            waitlist_first: false,
            cancelled_at: None,
            origin_id: None,
            series_id: None,
            occurrence: None,
            excepted_at: None,
            version: 1,
            changed_at: now,
        })
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    insert(app, rows).await?;
    Ok(ids)
}

/// A session for each of the first people who have a name.
async fn open_sessions(app: &App, count: usize) -> Result<Vec<session::Model>> {
    let people: Vec<Uuid> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Name.is_not_null())
        .order_by_asc(person::Column::Id)
        .limit(count as u64)
        .into_tuple()
        .all(app.db.reader())
        .await?;
    ensure!(
        people.len() == count,
        "only {} people of {count} are there",
        people.len()
    );
    let now = app.clock.now();
    let row = |person_id: &Uuid| session::Model {
        id: Uuid::now_v7(),
        person_id: *person_id,
        device: None,
        last_used_at: now,
        expires_at: now + TimeDelta::days(app.config.auth.session_days),
        revoked_at: None,
        created_at: now,
    };
    let rows: Vec<session::Model> = people.iter().map(row).collect();
    insert(app, rows.clone()).await?;
    Ok(rows)
}

async fn insert<M, A>(app: &App, rows: Vec<M>) -> Result<()>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
{
    let mut rows: Vec<A> = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .collect();
    let insert_all = async |tx: &Tx| -> Result<(), Refusal> {
        while !rows.is_empty() {
            let chunk = rows.split_off(rows.len().saturating_sub(CHUNK));
            A::Entity::insert_many(chunk)
                .exec_without_returning(tx.db())
                .await?;
        }
        Ok(())
    };
    Ok(app.write(insert_all).await?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut counts = std::env::args().skip(1).map(|count| count.parse::<usize>());
    let mut next = || counts.next().context("usage: tokens PEOPLE TIMESLOTS");
    let (people, timeslots) = (next()??, next()??);
    let app = App::start(Config::load(None, &[])?, Clock::System).await?;
    let mut out = BufWriter::new(stdout().lock());
    for id in add_timeslots(&app, timeslots).await? {
        writeln!(out, "timeslot {id}")?;
    }
    for session in open_sessions(&app, people).await? {
        let (token, _) = app.signer.sign(session.person_id, session.id, app.clock.now())?;
        writeln!(out, "person {} {token}", session.id)?;
    }
    out.flush()?;
    Ok(())
}
