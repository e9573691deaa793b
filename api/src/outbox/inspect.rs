//! For operators: which jobs there are, how many, and opening a failed one again.

use chrono::{DateTime, Utc};
use entity::{Lane, outbox};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter,
    QueryOrder, QuerySelect, sea_query::ExprTrait,
};
use uuid::Uuid;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits, or runs just now.
    Open,
    /// Finished.
    Done,
    /// Given up.
    Failed,
}

/// How many jobs of a lane there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStats {
    /// The lane's name.
    pub lane: String,
    /// Waiting or running.
    pub open: u64,
    /// Finished and not yet deleted.
    pub done: u64,
    /// Given up.
    pub failed: u64,
    /// When the one that waits longest was due; null when nothing waits. May lie ahead.
    pub oldest_due: Option<DateTime<Utc>>,
}

/// The newest jobs in `state`, or in any, at most `limit`.
pub async fn list(
    db: &impl ConnectionTrait,
    state: Option<State>,
    limit: u64,
) -> Result<Vec<outbox::Model>, DbErr> {
    outbox::Entity::find()
        .filter(state.map_or_else(Condition::all, is))
        .order_by_desc(outbox::Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Counts, for every lane.
pub async fn stats(db: &impl ConnectionTrait) -> Result<Vec<LaneStats>, DbErr> {
    let open = counts(db, State::Open).await?;
    let done = counts(db, State::Done).await?;
    let failed = counts(db, State::Failed).await?;
    let of = |counts: &[Count], lane: Lane| {
        let found = counts.iter().find(|(name, ..)| *name == lane.to_value());
        found.map_or((0, None), |(_, count, due)| (count.unsigned_abs(), *due))
    };
    let lane_stats = |lane: Lane| LaneStats {
        lane: lane.to_value(),
        open: of(&open, lane).0,
        done: of(&done, lane).0,
        failed: of(&failed, lane).0,
        oldest_due: of(&open, lane).1,
    };
    Ok(Lane::iter().map(lane_stats).collect())
}

/// Lets a failed job run again, now, with all its attempts. False when there is no such failed job.
pub async fn reopen(db: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let update = outbox::Entity::update_many()
        .col_expr(outbox::Column::FailedAt, None::<DateTime<Utc>>.into())
        .col_expr(outbox::Column::RungAt, None::<DateTime<Utc>>.into())
        .col_expr(outbox::Column::DueAt, now.into())
        .col_expr(outbox::Column::Attempts, 0.into())
        .filter(outbox::Column::Id.eq(id))
        .filter(is(State::Failed));
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Lane, number of jobs, earliest due.
type Count = (String, i64, Option<DateTime<Utc>>);

async fn counts(db: &impl ConnectionTrait, state: State) -> Result<Vec<Count>, DbErr> {
    outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Lane)
        .column_as(outbox::Column::Id.count(), "count")
        .column_as(outbox::Column::DueAt.into_expr().min(), "due_at")
        .filter(is(state))
        .group_by(outbox::Column::Lane)
        .into_tuple()
        .all(db)
        .await
}

fn is(state: State) -> Condition {
    let (done, failed) = (outbox::Column::DoneAt, outbox::Column::FailedAt);
    Condition::all().add(match state {
        State::Open => done.is_null().and(failed.is_null()),
        State::Done => done.is_not_null(),
        State::Failed => failed.is_not_null(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::jobs::tests::{enqueue_retain, start};
    use crate::outbox::{claim, fail};

    #[tokio::test]
    async fn a_failed_job_is_listed_counted_and_opened_again() {
        let app = start().await;
        let id = enqueue_retain(&app, "a").await;
        enqueue_retain(&app, "b").await;
        let now = app.clock.now();
        let lease = TimeDelta::seconds(60);
        let claimed = claim(&app.db, &[id], now, lease).await.unwrap();
        fail(&app.db, &claimed[0], now, &"x".repeat(1000)).await.unwrap();
        let failed = list(app.db.reader(), Some(State::Failed), 10).await.unwrap();
        assert_eq!((failed.len(), failed[0].id), (1, id));
        assert_eq!(failed[0].last_error.as_ref().unwrap().len(), 500);
        let soon = stats(app.db.reader()).await.unwrap().remove(1);
        let expected = LaneStats {
            lane: "SOON".to_owned(),
            open: 1,
            done: 0,
            failed: 1,
            oldest_due: Some(now),
        };
        assert_eq!(soon, expected);
        assert!(reopen(app.db.writer(), id, now).await.unwrap());
        assert!(!reopen(app.db.writer(), id, now).await.unwrap());
        assert_eq!(claim(&app.db, &[id], now, lease).await.unwrap()[0].attempt, 1);
    }

    #[tokio::test]
    async fn a_second_job_with_the_same_key_is_dropped() {
        let app = start().await;
        let first = enqueue_retain(&app, "a").await;
        assert_eq!(enqueue_retain(&app, "a").await, first);
        assert_eq!(list(app.db.reader(), None, 10).await.unwrap().len(), 1);
    }
}
