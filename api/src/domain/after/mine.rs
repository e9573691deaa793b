//! Where somebody was, as they read it.

use chrono::DateTime;
use entity::{attendance, timeslot};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    RelationDef,
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        Actor,
        page::{Page, PageArgs, RowCursor, past},
    },
    refusal::Refusal,
};

/// That somebody was at a date, or was said not to have been.
#[derive(Clone, Debug)]
pub struct Mine {
    /// What is known.
    pub row: attendance::Model,
    /// The date.
    pub slot: timeslot::Model,
}

impl Mine {
    /// How long they were there, in whole minutes: from when they came in until they went out. None where one of them is not
    /// known, and where the clocks of two devices say that they went before they came.
    pub fn minutes(&self) -> Option<i64> {
        let stay = self.row.out_at? - self.row.first_in_at?;
        Some(stay.num_minutes()).filter(|minutes| *minutes >= 0)
    }
}

/// What is known of where the signed-in person was, the latest date first. UNAUTHENTICATED.
pub async fn mine(app: &App, actor: &Actor, page: &PageArgs) -> Result<Page<Mine>, Refusal> {
    let (start, id) = (timeslot::Column::StartsAt, attendance::Column::Id);
    let order = page.order(Order::Desc);
    let mut query = known(actor.member()?.id)
        .order_by(start, order.clone())
        .order_by(id, order.clone());
    if let Some(cursor) = &page.past {
        let time = DateTime::from_timestamp_micros(cursor.key).unwrap_or_default();
        let same = start.eq(time).and(past(&order, id, cursor.id));
        query = query.filter(past(&order, start, time).or(same));
    }
    let rows = query.limit(page.limit()).all(app.db.reader()).await?;
    let both = |(row, slot): (attendance::Model, Option<timeslot::Model>)| Some(Mine { row, slot: slot? });
    Ok(
        page.cut(rows.into_iter().filter_map(both).collect(), |mine| RowCursor {
            key: mine.slot.starts_at.timestamp_micros(),
            id: mine.row.id,
        }),
    )
}

/// One of those. UNAUTHENTICATED; NOT_FOUND for anybody else's.
pub async fn find_mine(app: &App, actor: &Actor, id: Uuid) -> Result<Mine, Refusal> {
    let query = known(actor.member()?.id).filter(attendance::Column::Id.eq(id));
    match query.one(app.db.reader()).await? {
        Some((row, Some(slot))) => Ok(Mine { row, slot }),
        _ => Err(Refusal::NotFound("attendance")),
    }
}

fn known(me: Uuid) -> sea_orm::SelectTwo<attendance::Entity, timeslot::Entity> {
    let date_of: RelationDef = attendance::Entity::belongs_to(timeslot::Entity)
        .from(attendance::Column::TimeslotId)
        .to(timeslot::Column::Id)
        .into();
    attendance::Entity::find()
        .join(JoinType::InnerJoin, date_of)
        .select_also(timeslot::Entity)
        .filter(
            Condition::all()
                .add(attendance::Column::PersonId.eq(me))
                .add(attendance::Column::Came.is_not_null()),
        )
}
