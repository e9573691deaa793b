//! How many were expected on dates, and how many came: also where it is forgotten who.

use std::collections::HashMap;

use entity::{RsvpStatus, attendance, rsvp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::refusal::Refusal;

/// How many answered for a date and came to it: each an RSVP or a walk-in, with whoever they brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Were registered.
    pub expected: i64,
    /// Were registered and came.
    pub came: i64,
    /// Were registered, and somebody said that they were not there.
    pub absent: i64,
    /// Came without being registered.
    pub others: i64,
}

/// The counts of some dates; dates of which nothing is known have none. Two statements.
pub(super) async fn counts(
    db: &impl ConnectionTrait,
    dates: &[Uuid],
) -> Result<HashMap<Uuid, Counts>, Refusal> {
    let seen_of: RelationDef = rsvp::Entity::belongs_to(attendance::Entity)
        .from(rsvp::Column::Id)
        .to(attendance::Column::RsvpId)
        .into();
    let expected: Vec<(Uuid, Option<bool>, i64)> = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::TimeslotId)
        .column(attendance::Column::Came)
        .column_as(rsvp::Column::Id.count(), "number")
        .join(JoinType::LeftJoin, seen_of)
        .filter(rsvp::Column::TimeslotId.is_in(dates.iter().copied()))
        .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
        .group_by(rsvp::Column::TimeslotId)
        .group_by(attendance::Column::Came)
        .into_tuple()
        .all(db)
        .await?;
    let mut counts: HashMap<Uuid, Counts> = HashMap::new();
    for (date, came, number) in expected {
        let of_date = counts.entry(date).or_default();
        of_date.expected += number;
        match came {
            Some(true) => of_date.came += number,
            Some(false) => of_date.absent += number,
            None => {}
        }
    }
    // Of what is long ago only that so many came is left, and how many of them were expected.
    let came: Vec<(Uuid, Option<bool>, i64)> = attendance::Entity::find()
        .select_only()
        .columns([attendance::Column::TimeslotId, attendance::Column::WasExpected])
        .column_as(attendance::Column::Id.count(), "number")
        .filter(attendance::Column::TimeslotId.is_in(dates.iter().copied()))
        .filter(Expr::col((attendance::Entity, attendance::Column::Came)).eq(true))
        .group_by(attendance::Column::TimeslotId)
        .group_by(attendance::Column::WasExpected)
        .into_tuple()
        .all(db)
        .await?;
    for (date, was_expected, number) in came {
        let of_date = counts.entry(date).or_default();
        of_date.others += number;
        if was_expected == Some(true) {
            of_date.came += number;
        }
    }
    for of_date in counts.values_mut() {
        of_date.others -= of_date.came;
    }
    Ok(counts)
}
