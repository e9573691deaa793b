//! Lists of RSVPs: one's own, and those to an event for its hosts.

use std::collections::HashMap;

use chrono::DateTime;
use entity::{RsvpStatus, Visibility, event as event_rows, event_host, rsvp, timeslot};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, JoinType, Order, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::name_of;
use crate::{
    app::App,
    domain::{
        Actor,
        event::{self, When},
        invitation,
        page::{Page, PageArgs, RowCursor, past},
        person::Name,
    },
    refusal::Refusal,
};

/// What a host sees of an RSVP to their own event: the name it was given under, and no address.
#[derive(Clone, Debug)]
pub struct Attendee {
    /// The RSVP.
    pub row: rsvp::Model,
    /// The name.
    pub name: Name,
}

/// The signed-in person's RSVPs: upcoming ones soonest first, past ones latest first.
pub async fn mine(
    app: &App,
    actor: &Actor,
    when: When,
    page: &PageArgs,
) -> Result<Page<rsvp::Model>, Refusal> {
    let me = actor.member()?.id;
    let (start, id) = (timeslot::Column::StartsAt, rsvp::Column::Id);
    let now = app.clock.now();
    let timeslot_of: RelationDef = rsvp::Entity::belongs_to(timeslot::Entity)
        .from(rsvp::Column::TimeslotId)
        .to(timeslot::Column::Id)
        .into();
    let query = rsvp::Entity::find()
        .join(JoinType::InnerJoin, timeslot_of)
        .select_also(timeslot::Entity)
        .filter(mine_and_known(me));
    let ends = timeslot::Column::EndsAt;
    let (part, order) = match when {
        When::Upcoming => (ends.gt(now), page.order(Order::Asc)),
        When::Past => (ends.lte(now), page.order(Order::Desc)),
    };
    let mut query = query
        .filter(part)
        .order_by(start, order.clone())
        .order_by(id, order.clone());
    if let Some(cursor) = &page.past {
        let time = DateTime::from_timestamp_micros(cursor.key).unwrap_or_default();
        let same = start.eq(time).and(past(&order, id, cursor.id));
        query = query.filter(past(&order, start, time).or(same));
    }
    let rows = query.limit(page.limit()).all(app.db.reader()).await?;
    let both = |(row, slot): (rsvp::Model, Option<timeslot::Model>)| Some((row, slot?.starts_at));
    let page = page.cut(rows.into_iter().filter_map(both).collect(), |(row, start)| {
        RowCursor {
            key: start.timestamp_micros(),
            id: row.id,
        }
    });
    Ok(page.map(|(row, _)| row))
}

/// RSVPs of somebody, without those that were refused or never confirmed, to an event of which they may not know: one that was
/// taken down, or a private one that they were not invited to. What is left out is what `event::find` would not find.
fn mine_and_known(me: Uuid) -> Condition {
    let is_open = Condition::any()
        .add(event_rows::Column::Visibility.ne(Visibility::Private))
        .add(rsvp::Column::EventId.in_subquery(invitation::events_of(me)));
    let known = Condition::any()
        .add(rsvp::Column::Status.is_not_in([RsvpStatus::Refused, RsvpStatus::PendingConfirmation]))
        .add(Expr::exists(
            Query::select()
                .expr(Expr::val(1))
                .from(event_rows::Entity)
                .and_where(
                    Expr::col((event_rows::Entity, event_rows::Column::Id))
                        .equals((rsvp::Entity, rsvp::Column::EventId)),
                )
                .and_where(event_rows::Column::SuppressedAt.is_null())
                .cond_where(is_open)
                .to_owned(),
        ))
        .add(rsvp::Column::EventId.in_subquery(hosted_by(me)));
    Condition::all().add(rsvp::Column::PersonId.eq(me)).add(known)
}

fn hosted_by(me: Uuid) -> SelectStatement {
    let hosts = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::EventId)
        .filter(event_host::Column::PersonId.eq(me));
    hosts.into_query()
}

/// One of the signed-in person's own RSVPs. NOT_FOUND for anybody else's.
pub async fn find_mine(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    let row = rsvp::Entity::find_by_id(id)
        .filter(mine_and_known(me))
        .one(app.db.reader())
        .await?;
    row.ok_or(Refusal::NotFound("RSVP"))
}

/// The signed-in person's RSVPs to each of some events; none for somebody who is not signed in.
pub async fn viewer_rsvps(
    app: &App,
    actor: &Actor,
    events: &[Uuid],
) -> Result<HashMap<Uuid, Vec<rsvp::Model>>, Refusal> {
    let mut by_event: HashMap<Uuid, Vec<rsvp::Model>> = HashMap::new();
    let Some(me) = actor.person_id() else {
        return Ok(by_event);
    };
    let rows = rsvp::Entity::find()
        .filter(mine_and_known(me))
        .filter(rsvp::Column::EventId.is_in(events.iter().copied()))
        .order_by_asc(rsvp::Column::Id)
        .all(app.db.reader())
        .await?;
    for row in rows {
        by_event.entry(row.event_id).or_default().push(row);
    }
    Ok(by_event)
}

/// An RSVP to an event that the actor runs. NOT_FOUND for any other: that somebody answered is nobody else's business.
pub async fn find_attendee(app: &App, actor: &Actor, id: Uuid) -> Result<Attendee, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let row = rsvp::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("attendee"))?;
    let event = event::require_rsvps(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("attendee"))?;
    named(app, row)
}

pub(super) fn named(app: &App, row: rsvp::Model) -> Result<Attendee, Refusal> {
    Ok(Attendee {
        name: name_of(app, &row)?,
        row,
    })
}

/// How many RSVPs of an event stand somewhere.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Count {
    /// Of which event.
    pub event_id: Uuid,
    /// Where they stand.
    pub status: RsvpStatus,
    /// How many there are.
    pub rsvps: i64,
    /// How many people they bring.
    pub people: i64,
}

/// Counts by status of those of `events` that the actor runs; events nobody answered for have none. One statement beside
/// those that find out what the actor runs.
pub async fn counts(app: &App, actor: &Actor, events: &[Uuid]) -> Result<HashMap<Uuid, Vec<Count>>, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Ok(HashMap::new());
    }
    let access = event::access(app, actor, events).await?;
    let mut by_event: HashMap<Uuid, Vec<Count>> = access
        .into_iter()
        .filter(|(_, access)| access.may_see_rsvps())
        .map(|(id, _)| (id, vec![]))
        .collect();
    if by_event.is_empty() {
        return Ok(by_event);
    }
    let counts: Vec<Count> = rsvp::Entity::find()
        .select_only()
        .columns([rsvp::Column::EventId, rsvp::Column::Status])
        .column_as(rsvp::Column::Id.count(), "rsvps")
        .column_as(rsvp::Column::PartySize.sum(), "people")
        .filter(rsvp::Column::EventId.is_in(by_event.keys().copied()))
        .group_by(rsvp::Column::EventId)
        .group_by(rsvp::Column::Status)
        .order_by_asc(rsvp::Column::Status)
        .into_model()
        .all(app.db.reader())
        .await?;
    for count in counts {
        by_event.entry(count.event_id).or_default().push(count);
    }
    Ok(by_event)
}
