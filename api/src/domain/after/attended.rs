//! Whether those who answered came: what they said and what was seen, side by side.

use std::collections::HashMap;

use entity::{RsvpStatus, attendance, attendance_close, rsvp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::closed;
use crate::{app::App, refusal::Refusal};

/// Whether somebody who answered came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attended {
    /// They were seen, whatever they had answered.
    Came,
    /// They were registered, and were not there: somebody said so, or the date is closed without their having been seen.
    NoShow,
    /// They are registered, and nobody has said anything yet.
    Unknown,
}

/// What follows for somebody whose RSVP stands so, of whom it is known whether they came, or not, on a date that is closed or
/// not. None for those who were not expected and did not come.
pub(crate) fn standing(status: RsvpStatus, came: Option<bool>, is_closed: bool) -> Option<Attended> {
    match (came, status == RsvpStatus::Registered) {
        (Some(true), _) => Some(Attended::Came),
        (Some(false), true) => Some(Attended::NoShow),
        (None, true) if is_closed => Some(Attended::NoShow),
        (None, true) => Some(Attended::Unknown),
        (_, false) => None,
    }
}

/// Whether those of some RSVPs came, which whoever asks has. Two statements.
pub async fn attended(app: &App, rsvps: &[Uuid]) -> Result<HashMap<Uuid, Attended>, Refusal> {
    let db = app.db.reader();
    let rows: Vec<(Uuid, Uuid, RsvpStatus)> = rsvp::Entity::find()
        .select_only()
        .columns([rsvp::Column::Id, rsvp::Column::TimeslotId])
        .column(rsvp::Column::Status)
        .filter(rsvp::Column::Id.is_in(rsvps.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let seen: Vec<(Option<Uuid>, Option<bool>)> = attendance::Entity::find()
        .select_only()
        .columns([attendance::Column::RsvpId, attendance::Column::Came])
        .filter(attendance::Column::RsvpId.is_in(rsvps.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let seen: HashMap<Option<Uuid>, Option<bool>> = seen.into_iter().collect();
    let closed = closed(db, rows.iter().map(|(_, date, _)| *date)).await?;
    let stands = rows.into_iter().filter_map(|(id, date, status)| {
        let came = seen.get(&Some(id)).copied().flatten();
        Some((id, standing(status, came, closed.contains(&date))?))
    });
    Ok(stands.collect())
}

/// RSVPs of which any of these holds: what [`standing`] says, for the database.
pub(crate) fn condition(wanted: &[Attended]) -> Condition {
    let is_registered = || rsvp::Column::Status.eq(RsvpStatus::Registered);
    let one = |attended: &Attended| match attended {
        Attended::Came => Condition::all().add(seen(true)),
        Attended::NoShow => Condition::all()
            .add(is_registered())
            .add(seen(true).not())
            .add(seen(false).or(is_closed())),
        Attended::Unknown => Condition::all()
            .add(is_registered())
            .add(seen(true).not())
            .add(seen(false).not())
            .add(is_closed().not()),
    };
    wanted.iter().map(one).fold(Condition::any(), Condition::add)
}

/// Whether it is known of the person of an RSVP that they came, or that they did not.
fn seen(came: bool) -> SimpleExpr {
    let of_it = |column| Expr::col((attendance::Entity, column));
    Expr::exists(
        exists(attendance::Entity)
            .and_where(of_it(attendance::Column::RsvpId).equals((rsvp::Entity, rsvp::Column::Id)))
            .and_where(of_it(attendance::Column::Came).eq(came))
            .to_owned(),
    )
}

/// Whether the date of an RSVP is closed, and it is not forgotten who came.
fn is_closed() -> SimpleExpr {
    let of_it = |column| Expr::col((attendance_close::Entity, column));
    let date = (rsvp::Entity, rsvp::Column::TimeslotId);
    Expr::exists(
        exists(attendance_close::Entity)
            .and_where(of_it(attendance_close::Column::TimeslotId).equals(date))
            .and_where(of_it(attendance_close::Column::ForgottenAt).is_null())
            .to_owned(),
    )
}

fn exists(table: impl EntityTrait) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(table.table_ref())
        .to_owned()
}

/// As a record names them, and a file.
impl Attended {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Came => "CAME",
            Self::NoShow => "NO_SHOW",
            Self::Unknown => "UNKNOWN",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_means_something_only_once_a_date_is_closed() {
        use RsvpStatus::{Cancelled, Declined, Registered, Waitlisted};
        for (status, came, is_closed, expected) in [
            (Registered, None, false, Some(Attended::Unknown)),
            (Registered, None, true, Some(Attended::NoShow)),
            (Registered, Some(false), false, Some(Attended::NoShow)),
            (Registered, Some(true), true, Some(Attended::Came)),
            (Cancelled, Some(true), false, Some(Attended::Came)),
            (Cancelled, Some(false), true, None),
            (Declined, None, true, None),
            (Waitlisted, None, true, None),
        ] {
            assert_eq!(
                standing(status, came, is_closed),
                expected,
                "{status:?} {came:?} {is_closed}"
            );
        }
    }
}
