//! The dates of an event.

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use entity::{ChangeKind, EventStatus, event, timeslot};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;

use super::{
    Loaded, News, find,
    history::{self, By, FieldChange, of_date},
    notice::{self, About},
    proposal, require_change,
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        idempotency::{self, IdempotencyKey},
        rsvp,
    },
    refusal::{Problems, Reason, Refusal},
};

/// A timeslot that lasts longer is taken for a mistake.
pub(super) const LONGEST: TimeDelta = TimeDelta::days(31);
/// Later dates are mistakes, and the last ones a calendar can hold have no local time.
pub(super) const LAST_YEAR: i32 = 2200;

/// A date to add.
#[derive(Clone, Debug)]
pub struct NewTimeslot {
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// End.
    pub ends_at: DateTime<Utc>,
    /// Seats; `None` is unlimited.
    pub capacity: Option<i32>,
}

/// What to change of a date; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TimeslotChange {
    /// A new start.
    pub starts_at: Option<DateTime<Utc>>,
    /// A new end.
    pub ends_at: Option<DateTime<Utc>>,
    /// New seats; `Some(None)` is unlimited.
    pub capacity: Option<Option<i32>>,
}

impl NewTimeslot {
    /// Notes everything that breaks a rule.
    pub(crate) fn check(&self, app: &App, path: &str, problems: &mut Problems) {
        let (starts_at, ends_at) = (self.starts_at.trunc_subsecs(6), self.ends_at.trunc_subsecs(6));
        problems.check(
            ends_at > starts_at,
            &format!("{path}.endsAt"),
            "must be after startsAt",
        );
        problems.check(
            starts_at.year() <= LAST_YEAR,
            &format!("{path}.startsAt"),
            "must be before the year 2201",
        );
        let long = self.ends_at.signed_duration_since(self.starts_at) <= LONGEST;
        problems.check(
            long,
            &format!("{path}.endsAt"),
            "must be within 31 days of startsAt",
        );
        problems.check(
            self.ends_at > app.clock.now(),
            &format!("{path}.endsAt"),
            "must be in the future",
        );
        check_capacity(app, self.capacity, &format!("{path}.capacity"), problems);
    }
}

pub(super) fn check_capacity(app: &App, capacity: Option<i32>, path: &str, problems: &mut Problems) {
    let most = app.config.limits.capacity;
    let fits = capacity.is_none_or(|seats| (1..=most).contains(&seats));
    problems.check(fits, path, format!("must be between 1 and {most}"));
}

/// Adds dates to an event that is not cancelled, at most `limits.timeslots` in all.
pub async fn add_timeslots(
    app: &App,
    actor: &Actor,
    id: Uuid,
    slots: &[NewTimeslot],
    key: Option<&IdempotencyKey>,
) -> Result<Loaded, Refusal> {
    let again = async |_| require_change(app, actor, id).await;
    let action = async || add_once(app, actor, id, slots, key).await;
    idempotency::run(app, key, action, again).await
}

async fn add_once(
    app: &App,
    actor: &Actor,
    id: Uuid,
    slots: &[NewTimeslot],
    key: Option<&IdempotencyKey>,
) -> Result<Loaded, Refusal> {
    let event = require_change(app, actor, id).await?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    let mut problems = Problems::default();
    problems.check(!slots.is_empty(), "input.timeslots", "must not be empty");
    for (i, slot) in slots.iter().enumerate() {
        slot.check(app, &format!("input.timeslots.{i}"), &mut problems);
    }
    problems.finish()?;
    app.write(async |tx| {
        idempotency::claim(tx, key, None).await?;
        bump_standing(tx, id).await?;
        check_room(app, tx, id, slots.len(), "input.timeslots").await?;
        let starts = slots.iter().map(|slot| slot.starts_at.to_rfc3339());
        let starts = starts.collect::<Vec<_>>().join("\n");
        let fields = vec![FieldChange::new("startsAt", starts)];
        let by = By::of(actor, &event.hosts);
        history::note(tx, id, &by, ChangeKind::DatesAdded, fields).await?;
        insert(tx, id, slots).await
    })
    .await?;
    find(app, actor, id).await
}

/// Refuses more than `limits.timeslots` for an event, cancelled ones included.
pub(super) async fn check_room(
    app: &App,
    tx: &Tx,
    id: Uuid,
    added: usize,
    path: &str,
) -> Result<(), Refusal> {
    let most = app.config.limits.timeslots;
    let standing = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.eq(id))
        .count(tx.db())
        .await?;
    let mut problems = Problems::default();
    let fits = standing + added as u64 <= most as u64;
    problems.check(
        fits,
        path,
        format!("would be more than {most} dates for this event"),
    );
    problems.finish()
}

/// Changes a date; moved far by somebody who is not trusted, a published event goes back to review. Seats already given away
/// cannot be taken back this way; seats that come free go to the waitlist.
pub async fn update_timeslot(
    app: &App,
    actor: &Actor,
    slot_id: Uuid,
    change: TimeslotChange,
    news: &News,
) -> Result<Loaded, Refusal> {
    let (event, _) = editable(app, actor, slot_id).await?;
    let holds = proposal::holds(app, actor, &event.row).await?;
    app.write(async |tx| {
        bump_event(tx, event.row.id).await?;
        let slot = rsvp::lock(tx, slot_id).await?;
        if slot.cancelled_at.is_some() {
            return Err(Refusal::WrongState(Reason::TimeslotCancelled));
        }
        if slot.ends_at <= tx.now() {
            return Err(Refusal::WrongState(Reason::EventEnded));
        }
        let wanted = NewTimeslot {
            starts_at: change.starts_at.unwrap_or(slot.starts_at),
            ends_at: change.ends_at.unwrap_or(slot.ends_at),
            capacity: change.capacity.unwrap_or(slot.capacity),
        };
        let is_same = (wanted.starts_at, wanted.ends_at, wanted.capacity)
            == (slot.starts_at, slot.ends_at, slot.capacity);
        let mut problems = Problems::default();
        wanted.check(app, "input", &mut problems);
        news.check(app, &mut problems);
        let fits = wanted.capacity.is_none_or(|seats| seats >= slot.taken);
        let problem = format!("must be at least {}: so many seats are given away", slot.taken);
        problems.check(fits, "input.capacity", problem);
        problems.finish()?;
        let row = timeslot::ActiveModel {
            id: Unchanged(slot_id),
            starts_at: Set(wanted.starts_at.trunc_subsecs(6)),
            ends_at: Set(wanted.ends_at.trunc_subsecs(6)),
            capacity: Set(wanted.capacity),
            excepted_at: Set(if is_same {
                slot.excepted_at
            } else {
                excepted_at(tx, &slot)
            }),
            version: Set(slot.version + 1),
            changed_at: Set(tx.now()),
            ..Default::default()
        };
        let after = row.update(tx.db()).await?;
        if !is_same {
            let by = By::of(actor, &event.hosts);
            let fields = of_date(&slot, &after);
            history::note(tx, event.row.id, &by, ChangeKind::DatesChanged, fields).await?;
        }
        let is_moved = (wanted.starts_at, wanted.ends_at) != (slot.starts_at, slot.ends_at);
        if is_moved || news.has_words() {
            notice::changed(app, tx, &event.row, About::Dates(vec![&slot]), news).await?;
        }
        if holds {
            proposal::dates_moved(app, tx, event.row.id, &[(slot, after)]).await?;
        }
        rsvp::promote(app, tx, slot_id).await
    })
    .await?;
    find(app, actor, event.row.id).await
}

/// Calls one date off. Calling it off again changes nothing. WRONG_STATE (EVENT_ENDED) for one that is over.
pub async fn cancel_timeslot(
    app: &App,
    actor: &Actor,
    slot_id: Uuid,
    news: &News,
) -> Result<Loaded, Refusal> {
    let (event, slot) = editable(app, actor, slot_id).await?;
    if slot.cancelled_at.is_some() {
        return Ok(event);
    }
    let mut problems = Problems::default();
    news.check(app, &mut problems);
    problems.finish()?;
    app.write(async |tx| {
        lock_event(tx, event.row.id).await?;
        let slot = rsvp::lock(tx, slot_id).await?;
        if slot.cancelled_at.is_some() {
            return Ok(()); // by somebody else, just now
        }
        if slot.ends_at <= tx.now() {
            return Err(Refusal::WrongState(Reason::EventEnded));
        }
        bump_event(tx, event.row.id).await?;
        let row = timeslot::ActiveModel {
            id: Unchanged(slot_id),
            cancelled_at: Set(Some(tx.now())),
            excepted_at: Set(excepted_at(tx, &slot)),
            version: Set(slot.version + 1),
            changed_at: Set(tx.now()),
            ..Default::default()
        };
        row.update(tx.db()).await?;
        notice::dates_off(app, tx, &event.row, vec![&slot], news).await?;
        let fields = vec![FieldChange::new("startsAt", slot.starts_at.to_rfc3339())];
        let by = By::of(actor, &event.hosts);
        history::note(tx, event.row.id, &by, ChangeKind::DatesCancelled, fields).await
    })
    .await?;
    find(app, actor, event.row.id).await
}

/// What is done to one date of a series makes it an exception.
fn excepted_at(tx: &Tx, slot: &timeslot::Model) -> Option<DateTime<Utc>> {
    slot.series_id.map(|_| tx.now())
}

pub(super) async fn editable(
    app: &App,
    actor: &Actor,
    slot_id: Uuid,
) -> Result<(Loaded, timeslot::Model), Refusal> {
    let slot = timeslot::Entity::find_by_id(slot_id).one(app.db.reader()).await?;
    let slot = slot.ok_or(Refusal::NotFound("timeslot"));
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let slot = slot?;
    let event = require_change(app, actor, slot.event_id)
        .await
        .map_err(|refusal| match refusal {
            Refusal::NotFound(_) => Refusal::NotFound("timeslot"),
            other => other,
        })?;
    if event.row.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    Ok((event, slot))
}

/// A change of dates is a change of the event, so that everybody who watches the event's version sees it. Taking the
/// event's row first also keeps two changes of dates apart.
pub(super) async fn bump_event(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    event::Entity::update_many()
        .col_expr(event::Column::Version, Expr::col(event::Column::Version).add(1))
        .col_expr(event::Column::ChangedAt, Expr::value(tx.now()))
        .filter(event::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    tx.event_changed(id);
    Ok(())
}

/// The same for what is not done to an event that was called off. WRONG_STATE.
pub(super) async fn bump_standing(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    bump_event(tx, id).await?;
    require_standing(tx, id).await
}

/// Takes the event's row for what is about it and no change of it, unless it was called off. NOT_FOUND, WRONG_STATE.
pub(super) async fn lock_standing(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    lock_event(tx, id).await?;
    require_standing(tx, id).await
}

/// The caller has the event's row.
async fn require_standing(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    let status = event::Entity::find_by_id(id)
        .select_only()
        .column(event::Column::Status)
        .into_tuple();
    match status.one(tx.db()).await? {
        Some(EventStatus::Cancelled) => Err(Refusal::WrongState(Reason::EventCancelled)),
        _ => Ok(()),
    }
}

/// Takes the event's row for what is about it and no change of it.
pub(crate) async fn lock_event(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    let row = event::Entity::find_by_id(id)
        .select_only()
        .column(event::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>();
    let row = row.one(tx.db()).await?;
    row.map(|_| ()).ok_or(Refusal::NotFound("event"))
}

pub(super) async fn insert(tx: &Tx, event_id: Uuid, slots: &[NewTimeslot]) -> Result<(), Refusal> {
    if slots.is_empty() {
        return Ok(());
    }
    let rows = slots.iter().map(|slot| row(tx, event_id, slot));
    timeslot::Entity::insert_many(rows)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// The row of a new date, which is of no series.
pub(super) fn row(tx: &Tx, event_id: Uuid, slot: &NewTimeslot) -> timeslot::ActiveModel {
    timeslot::ActiveModel {
        id: Set(Uuid::now_v7()),
        event_id: Set(event_id),
        starts_at: Set(slot.starts_at.trunc_subsecs(6)),
        ends_at: Set(slot.ends_at.trunc_subsecs(6)),
        capacity: Set(slot.capacity),
        taken: Set(0),
        held: Set(0),
        waitlist_first: Set(false),
        cancelled_at: Set(None),
        origin_id: Set(None),
        series_id: Set(None),
        occurrence: Set(None),
        excepted_at: Set(None),
        version: Set(1),
        changed_at: Set(tx.now()),
    }
}
