//! What is left to do for the hosts of an event after it.

use chrono::{DateTime, Utc};
use entity::{
    EventStatus, SheetState, attendance_close, attendance_sheet, closing_dismissal, event as events,
    event_host, timeslot,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect,
    RelationDef, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    counts::{Counts, counts},
    hours::{Work, work},
};
use crate::{
    app::App,
    domain::{
        Actor,
        event::{self, Loaded},
    },
    refusal::Refusal,
};

/// So many dates are looked at, the last first.
const DATES: usize = 20;

/// What is left to do after an event.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Its last dates that are over and were not called off, the last first; at most 20.
    pub dates: Vec<DateCounts>,
    /// Whether nobody who was registered for them is unknown to have come or not.
    pub is_recorded: bool,
    /// Whether it has a date to come, or another event of one of its hosts has.
    pub is_next_posted: bool,
    /// Its sheets of paper, those of no use left out.
    pub sheets: Sheets,
    /// What was done in roles, and what nobody has said yet.
    pub work: Work,
    /// When the hosts said that they want to hear no more of it.
    pub dismissed_at: Option<DateTime<Utc>>,
}

/// Sheets of paper on which those who came are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sheets {
    /// How many there are.
    pub uploaded: i64,
    /// How many of them are in the attendance.
    pub applied: i64,
}

/// Who answered for a date and who came, side by side.
#[derive(Clone, Debug)]
pub struct DateCounts {
    /// The date.
    pub slot: timeslot::Model,
    /// How many.
    pub counts: Counts,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

impl DateCounts {
    /// Those registered who did not come, as far as that is known.
    pub fn no_shows(&self) -> i64 {
        match self.closed_at {
            Some(_) => self.counts.expected - self.counts.came,
            None => self.counts.absent,
        }
    }

    /// Those registered of whom nothing is known.
    pub fn unknown(&self) -> i64 {
        self.counts.expected - self.counts.came - self.no_shows()
    }
}

impl Closing {
    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        let sheets = self.sheets.uploaded == self.sheets.applied;
        sheets && self.is_recorded && self.is_next_posted && self.work.open == 0 && self.work.overdue == 0
    }
}

/// What is left to do after an event. None before a date of it is over, and for those who are neither host nor organizer.
pub async fn closing(app: &App, actor: &Actor, event_id: Uuid) -> Result<Option<Closing>, Refusal> {
    let access = event::access(app, actor, &[event_id]).await?;
    if !access.values().any(|access| access.may_edit()) {
        return Ok(None);
    }
    let event = event::find(app, actor, event_id).await?;
    of_event(app, app.db.reader(), &event).await
}

/// The same, whoever asks.
pub(super) async fn of_event(
    app: &App,
    db: &impl ConnectionTrait,
    event: &Loaded,
) -> Result<Option<Closing>, Refusal> {
    let now = app.clock.now();
    let is_over = |slot: &&timeslot::Model| slot.cancelled_at.is_none() && slot.ends_at <= now;
    let mut over: Vec<timeslot::Model> = event.timeslots.iter().filter(is_over).cloned().collect();
    over.sort_by_key(|slot| std::cmp::Reverse((slot.ends_at, slot.id)));
    over.truncate(DATES);
    if over.is_empty() {
        return Ok(None);
    }
    let ids: Vec<Uuid> = over.iter().map(|slot| slot.id).collect();
    let counted = counts(db, &ids).await?;
    let closed = attendance_close::Entity::find()
        .filter(attendance_close::Column::TimeslotId.is_in(ids))
        .all(db)
        .await?;
    let date = |slot: timeslot::Model| DateCounts {
        counts: counted.get(&slot.id).copied().unwrap_or_default(),
        closed_at: closed
            .iter()
            .find(|row| row.timeslot_id == slot.id)
            .map(|row| row.closed_at),
        slot,
    };
    let dates: Vec<DateCounts> = over.into_iter().map(date).collect();
    let dismissed = closing_dismissal::Entity::find_by_id(event.row.id)
        .one(db)
        .await?;
    Ok(Some(Closing {
        is_recorded: dates.iter().all(|date| date.unknown() == 0),
        is_next_posted: is_next_posted(db, event, now).await?,
        sheets: sheets(db, event.row.id).await?,
        work: work(db, event.row.id, now).await?,
        dismissed_at: dismissed.map(|row| row.dismissed_at),
        dates,
    }))
}

async fn sheets(db: &impl ConnectionTrait, event_id: Uuid) -> Result<Sheets, Refusal> {
    let states: Vec<(SheetState, i64)> = attendance_sheet::Entity::find()
        .select_only()
        .column(attendance_sheet::Column::State)
        .column_as(attendance_sheet::Column::Id.count(), "number")
        .filter(attendance_sheet::Column::EventId.eq(event_id))
        .filter(attendance_sheet::Column::State.ne(SheetState::Rejected))
        .group_by(attendance_sheet::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let applied = states.iter().filter(|(state, _)| *state == SheetState::Applied);
    Ok(Sheets {
        applied: applied.map(|(_, number)| number).sum(),
        uploaded: states.iter().map(|(_, number)| number).sum(),
    })
}

/// Whether people can come to something else of the same hosts.
async fn is_next_posted(
    db: &impl ConnectionTrait,
    event: &Loaded,
    now: DateTime<Utc>,
) -> Result<bool, Refusal> {
    let is_to_come = |slot: &timeslot::Model| slot.cancelled_at.is_none() && slot.ends_at > now;
    if event.row.status == EventStatus::Approved && event.timeslots.iter().any(is_to_come) {
        return Ok(true);
    }
    let hosted: RelationDef = timeslot::Entity::belongs_to(event_host::Entity)
        .from(timeslot::Column::EventId)
        .to(event_host::Column::EventId)
        .into();
    let of: RelationDef = timeslot::Entity::belongs_to(events::Entity)
        .from(timeslot::Column::EventId)
        .to(events::Column::Id)
        .into();
    let hosts = event.hosts.iter().filter_map(|host| host.person_id);
    let next = timeslot::Entity::find()
        .join(JoinType::InnerJoin, hosted)
        .join(JoinType::InnerJoin, of)
        .filter(event_host::Column::PersonId.is_in(hosts))
        .filter(events::Column::Id.ne(event.row.id))
        .filter(events::Column::Status.eq(EventStatus::Approved))
        .filter(timeslot::Column::CancelledAt.is_null())
        .filter(timeslot::Column::EndsAt.gt(now))
        .one(db)
        .await?;
    Ok(next.is_some())
}

/// Says that the hosts of an event want to hear no more of what is left to do after it. Doing it again changes nothing. For
/// hosts and organizers. NOT_FOUND, FORBIDDEN.
pub async fn dismiss(app: &App, actor: &Actor, event_id: Uuid) -> Result<Loaded, Refusal> {
    let event = event::require_edit(app, actor, event_id).await?;
    app.write(async |tx| {
        let unless_said = OnConflict::column(closing_dismissal::Column::EventId)
            .do_nothing()
            .to_owned();
        let row = closing_dismissal::ActiveModel {
            event_id: Set(event_id),
            dismissed_at: Set(tx.now()),
        };
        closing_dismissal::Entity::insert(row)
            .on_conflict(unless_said)
            .exec_without_returning(tx.db())
            .await?;
        Ok(())
    })
    .await?;
    Ok(event)
}
