//! Whom to thank for having come.

use entity::{attendance, rsvp};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Attended, closed, standing};
use crate::refusal::Refusal;

/// Whether the person of an RSVP is thanked: if they were seen. Where nobody said anything about anybody on that date, all
/// who were registered are.
pub(crate) async fn is_thanked(db: &impl ConnectionTrait, row: &rsvp::Model) -> Result<bool, Refusal> {
    let seen = attendance::Entity::find()
        .filter(attendance::Column::RsvpId.eq(row.id))
        .one(db)
        .await?;
    let is_closed = closed(db, std::iter::once(row.timeslot_id))
        .await?
        .contains(&row.timeslot_id);
    match standing(row.status, seen.and_then(|seen| seen.came), is_closed) {
        Some(Attended::Came) => Ok(true),
        Some(Attended::NoShow) | None => Ok(false),
        Some(Attended::Unknown) => {
            let said = attendance::Entity::find().filter(
                Condition::all()
                    .add(attendance::Column::TimeslotId.eq(row.timeslot_id))
                    .add(attendance::Column::Came.is_not_null()),
            );
            Ok(said.one(db).await?.is_none())
        }
    }
}
