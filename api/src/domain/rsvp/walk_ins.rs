//! Those who came to an event without an RSVP, for exports of who answered.

use chrono::{DateTime, Utc};
use entity::attendance;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::Filter;
use crate::refusal::Refusal;

/// How many of them a filter means, who were known at a time.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    event_id: Uuid,
    filter: &Filter,
    until: DateTime<Utc>,
) -> Result<u64, Refusal> {
    match filter.has_walk_ins() {
        true => Ok(found(event_id, filter, until).count(db).await?),
        false => Ok(0),
    }
}

/// The next of them after one, in the order in which they became known.
pub(super) async fn next(
    db: &impl ConnectionTrait,
    event_id: Uuid,
    filter: &Filter,
    until: DateTime<Utc>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<attendance::Model>, Refusal> {
    if !filter.has_walk_ins() {
        return Ok(vec![]);
    }
    let mut rows = found(event_id, filter, until);
    if let Some(after) = after {
        rows = rows.filter(attendance::Column::Id.gt(after));
    }
    let rows = rows.order_by_asc(attendance::Column::Id).limit(most);
    Ok(rows.all(db).await?)
}

/// Who is forgotten is nobody's row, and in no list.
fn found(event_id: Uuid, filter: &Filter, until: DateTime<Utc>) -> sea_orm::Select<attendance::Entity> {
    let rows = attendance::Entity::find()
        .filter(attendance::Column::EventId.eq(event_id))
        .filter(attendance::Column::RsvpId.is_null())
        .filter(
            Condition::any()
                .add(attendance::Column::PersonId.is_not_null())
                .add(attendance::Column::Name.is_not_null()),
        )
        .filter(attendance::Column::Came.eq(true))
        .filter(attendance::Column::CreatedAt.lte(until));
    match filter.timeslots.is_empty() {
        true => rows,
        false => rows.filter(attendance::Column::TimeslotId.is_in(filter.timeslots.iter().copied())),
    }
}
