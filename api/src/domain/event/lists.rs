//! Lists of events that come from rows: those somebody hosts, and those that wait for review.

use chrono::{DateTime, Utc};
use entity::{EventStatus, StaffRole, event, event_host, timeslot};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, Query},
};

use super::{Loaded, load};
use crate::{
    app::App,
    domain::{
        Actor,
        page::{Page, PageArgs, RowCursor, past},
    },
    refusal::Refusal,
};

/// Which part of somebody's events or RSVPs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Not over yet, drafts without a date included.
    Upcoming,
    /// Over.
    Past,
}

/// Events the actor hosts, newest first. UNAUTHENTICATED without an account.
pub async fn hosting(app: &App, actor: &Actor, when: When, page: &PageArgs) -> Result<Page<Loaded>, Refusal> {
    let me = actor.member()?.id;
    let mine = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::EventId)
        .filter(event_host::Column::PersonId.eq(me))
        .into_query();
    let id = event::Column::Id;
    let upcoming = Condition::any()
        .add(has_slots(Some(app.clock.now())))
        .add(has_slots(None).not());
    let upcoming = if when == When::Upcoming {
        upcoming
    } else {
        upcoming.not()
    };
    let order = page.order(Order::Desc);
    let mut query = event::Entity::find()
        .filter(id.in_subquery(mine))
        .filter(upcoming)
        .order_by(id, order.clone());
    if let Some(cursor) = &page.past {
        query = query.filter(past(&order, id, cursor.id));
    }
    fetch(app, page, query, |_| 0).await
}

/// Events that wait for review, or whose changes do, longest waiting first. For organizers.
pub async fn review_queue(app: &App, actor: &Actor, page: &PageArgs) -> Result<Page<Loaded>, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let (at, id) = (event::Column::SubmittedAt, event::Column::Id);
    let order = page.order(Order::Asc);
    let mut query = event::Entity::find()
        .filter(
            Condition::any()
                .add(event::Column::Status.eq(EventStatus::NeedsApproval))
                .add(event::Column::PendingAt.is_not_null()),
        )
        .order_by(at, order.clone())
        .order_by(id, order.clone());
    if let Some(cursor) = &page.past {
        let time = DateTime::from_timestamp_micros(cursor.key).unwrap_or_default();
        let same = at.eq(time).and(past(&order, id, cursor.id));
        query = query.filter(past(&order, at, time).or(same));
    }
    fetch(app, page, query, |row| {
        row.submitted_at.map_or(0, |at| at.timestamp_micros())
    })
    .await
}

/// Whether an event has a date, or one that ends after `time`: looked up event by event, of which somebody hosts few.
fn has_slots(time: Option<DateTime<Utc>>) -> Expr {
    let column = |column| Expr::col((timeslot::Entity, column));
    let of_event = column(timeslot::Column::EventId).equals((event::Entity, event::Column::Id));
    let mut slots = Query::select();
    slots
        .expr(Expr::val(1))
        .from(timeslot::Entity)
        .and_where(of_event);
    if let Some(time) = time {
        slots.and_where(column(timeslot::Column::EndsAt).gt(time));
    }
    Expr::exists(slots)
}

async fn fetch(
    app: &App,
    page: &PageArgs,
    query: Select<event::Entity>,
    key: impl Fn(&event::Model) -> i64,
) -> Result<Page<Loaded>, Refusal> {
    let rows = query.limit(page.limit()).all(app.db.reader()).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut loaded = load(app.db.reader(), &ids).await?;
    let events = rows.iter().filter_map(|row| loaded.remove(&row.id)).collect();
    Ok(page.cut(events, |event: &Loaded| RowCursor {
        key: key(&event.row),
        id: event.row.id,
    }))
}
