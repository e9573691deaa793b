//! Whose attendance it is, when somebody is erased, found to be somebody else as well, or when all that was long ago.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{RsvpStatus, attendance, attendance_fact, rsvp, timeslot};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, DatabaseConnection, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, LockType, Query, SelectStatement},
};
use uuid::Uuid;

use super::record::refold;
use crate::{app::Tx, refusal::Refusal};

/// Makes what somebody attended nobody's, so that what hosts counted stays right. Says how many dates these are. The caller
/// has the person's row, and their RSVPs are forgotten.
pub(crate) async fn forget(tx: &Tx, person_id: Uuid) -> Result<usize, Refusal> {
    let rows = of(tx, person_id).await?;
    attendance::Entity::update_many()
        .col_expr(attendance::Column::PersonId, Expr::value(None::<Uuid>))
        .col_expr(attendance::Column::Name, Expr::value(None::<Vec<u8>>))
        .filter(attendance::Column::PersonId.eq(person_id))
        .exec(tx.db())
        .await?;
    for row in &rows {
        tx.rsvp_changed(row.event_id);
    }
    Ok(rows.len())
}

/// Makes the attendance of `from` that of `to`. Where both were seen on one date all that was seen counts for one. The caller
/// has both people's rows, and their RSVPs are handed over.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    let mut changed = BTreeSet::new();
    for row in of(tx, from).await? {
        let theirs = attendance::Entity::find()
            .filter(attendance::Column::TimeslotId.eq(row.timeslot_id))
            .filter(attendance::Column::PersonId.eq(to))
            .one(tx.db())
            .await?;
        if let Some(theirs) = theirs {
            attendance_fact::Entity::update_many()
                .col_expr(attendance_fact::Column::AttendanceId, Expr::value(theirs.id))
                .filter(attendance_fact::Column::AttendanceId.eq(row.id))
                .exec(tx.db())
                .await?;
            attendance::Entity::delete_by_id(row.id).exec(tx.db()).await?;
            changed.insert(theirs.id);
        } else {
            let change = attendance::ActiveModel {
                id: Unchanged(row.id),
                person_id: Set(Some(to)),
                ..Default::default()
            };
            change.update(tx.db()).await?;
        }
        tx.rsvp_changed(row.event_id);
    }
    // An RSVP of one of them may be for what the other was seen at.
    attendance::Entity::update_many()
        .col_expr(
            attendance::Column::RsvpId,
            Expr::SubQuery(None, Box::new(answer().into())),
        )
        .filter(attendance::Column::PersonId.eq(to))
        .exec(tx.db())
        .await?;
    refold(tx, &changed).await?;
    attendance_fact::Entity::update_many()
        .col_expr(attendance_fact::Column::ByPerson, Expr::value(to))
        .filter(attendance_fact::Column::ByPerson.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// What the person of a row answered for its date.
fn answer() -> SelectStatement {
    let of_row = |column| Expr::col((attendance::Entity, column));
    Query::select()
        .column((rsvp::Entity, rsvp::Column::Id))
        .from(rsvp::Entity)
        .and_where(
            Expr::col((rsvp::Entity, rsvp::Column::TimeslotId)).eq(of_row(attendance::Column::TimeslotId)),
        )
        .and_where(Expr::col((rsvp::Entity, rsvp::Column::PersonId)).eq(of_row(attendance::Column::PersonId)))
        .to_owned()
}

async fn of(tx: &Tx, person_id: Uuid) -> Result<Vec<attendance::Model>, Refusal> {
    let rows = attendance::Entity::find()
        .filter(attendance::Column::PersonId.eq(person_id))
        .order_by_asc(attendance::Column::Id)
        .lock(LockType::NoKeyUpdate);
    Ok(rows.all(tx.db()).await?)
}

/// Forgets who was at what was over before a time, and when they came and went: that so many came, and how many of them were
/// expected, stays. Says how many facts are gone.
pub(crate) async fn retain(db: &DatabaseConnection, before: DateTime<Utc>) -> Result<u64, Refusal> {
    let over = || {
        let slots = timeslot::Entity::find()
            .select_only()
            .column(timeslot::Column::Id)
            .filter(timeslot::Column::EndsAt.lt(before));
        slots.into_query()
    };
    let registered = Query::select()
        .expr(Expr::val(1))
        .from(rsvp::Entity)
        .and_where(
            Expr::col((rsvp::Entity, rsvp::Column::Id))
                .eq(Expr::col((attendance::Entity, attendance::Column::RsvpId))),
        )
        .and_where(Expr::col((rsvp::Entity, rsvp::Column::Status)).eq(RsvpStatus::Registered.to_value()))
        .to_owned();
    let nothing = || Expr::value(None::<DateTime<Utc>>);
    attendance::Entity::update_many()
        .col_expr(attendance::Column::WasExpected, Expr::exists(registered))
        .col_expr(attendance::Column::PersonId, Expr::value(None::<Uuid>))
        .col_expr(attendance::Column::RsvpId, Expr::value(None::<Uuid>))
        .col_expr(attendance::Column::Name, Expr::value(None::<Vec<u8>>))
        .col_expr(attendance::Column::FirstInAt, nothing())
        .col_expr(attendance::Column::OutAt, nothing())
        .filter(attendance::Column::WasExpected.is_null())
        .filter(attendance::Column::TimeslotId.in_subquery(over()))
        .exec(db)
        .await?;
    // An UNDO whose fact never came is of no date.
    let of_none = Condition::all()
        .add(attendance_fact::Column::TimeslotId.is_null())
        .add(attendance_fact::Column::ReceivedAt.lt(before));
    let facts = attendance_fact::Entity::delete_many().filter(
        Condition::any()
            .add(attendance_fact::Column::TimeslotId.in_subquery(over()))
            .add(of_none),
    );
    Ok(facts.exec(db).await?.rows_affected)
}
