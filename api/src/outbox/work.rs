//! What the relay and the worker do with rows: ring, claim, finish, put off, give up.
//!
//! Whoever claimed a row holds it under the number of the attempt. When its lease ran out and somebody else claimed
//! the row, the number is another one, and whatever the late holder writes changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Lane, outbox};
use sea_orm::sea_query::{ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::db::Db;

/// An id that waits in a queue is not rung again before this time has passed.
const RING_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// Longer texts of errors are cut.
const ERROR_LENGTH: usize = 500;

/// A row that was claimed, until its lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The job's id.
    pub id: Uuid,
    /// Counts claims, this one included; fences off earlier ones.
    pub attempt: i32,
    /// Name of the job.
    pub kind: String,
    /// JSON of [`super::Job`].
    pub payload: String,
}

/// Ids of `lane` to ring now, at most `limit`, the longest due first. They are stamped under a condition, so
/// that two relays do not ring the same one, and come back when nobody claimed them within a minute.
pub async fn due(db: &Db, lane: Lane, now: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, DbErr> {
    let quiet = Condition::any()
        .add(outbox::Column::RungAt.is_null())
        .add(outbox::Column::RungAt.lte(now - RING_AGAIN));
    let ids: Vec<Uuid> = outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Id)
        .filter(open(now).add(outbox::Column::Lane.eq(lane)).add(quiet.clone()))
        .order_by(outbox::Column::DueAt, Order::Asc)
        .order_by(outbox::Column::Id, Order::Asc)
        .limit(limit)
        .into_tuple()
        .all(db.reader())
        .await?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let free = candidates(open(now).add(quiet.clone()).add(outbox::Column::Id.is_in(ids)));
    let rows = outbox::Entity::update_many()
        .col_expr(outbox::Column::RungAt, now.into())
        .filter(outbox::Column::Id.in_subquery(free))
        .filter(open(now).add(quiet))
        .exec_with_returning(db.writer())
        .await?;
    Ok(in_order(rows).into_iter().map(|row| row.id).collect())
}

/// Forgets that ids were rung, because the queue that held them is gone.
pub async fn unring(db: &Db) -> Result<(), DbErr> {
    outbox::Entity::update_many()
        .col_expr(outbox::Column::RungAt, None::<DateTime<Utc>>.into())
        .filter(outbox::Column::RungAt.is_not_null())
        .filter(outbox::Column::DoneAt.is_null())
        .filter(outbox::Column::FailedAt.is_null())
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Ids of `lane` that are due, rung or not, the longest due first.
pub async fn waiting(db: &Db, lane: Lane, now: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, DbErr> {
    outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Id)
        .filter(open(now).add(outbox::Column::Lane.eq(lane)))
        .order_by(outbox::Column::DueAt, Order::Asc)
        .order_by(outbox::Column::Id, Order::Asc)
        .limit(limit)
        .into_tuple()
        .all(db.writer())
        .await
}

/// Claims those of `ids` that are due, until `now + lease`. Those that are done, given up or held by somebody else
/// are left out.
pub async fn claim(
    db: &Db,
    ids: &[Uuid],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Vec<Claimed>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let free = candidates(open(now).add(outbox::Column::Id.is_in(ids.iter().copied())));
    let rows = outbox::Entity::update_many()
        .col_expr(
            outbox::Column::Attempts,
            outbox::Column::Attempts.into_expr().add(1),
        )
        .col_expr(outbox::Column::DueAt, (now + lease).into())
        .filter(outbox::Column::Id.in_subquery(free))
        .filter(open(now))
        .exec_with_returning(db.writer())
        .await?;
    let claimed = |row: outbox::Model| Claimed {
        id: row.id,
        attempt: row.attempts,
        kind: row.kind,
        payload: row.payload,
    };
    Ok(in_order(rows).into_iter().map(claimed).collect())
}

/// The job is done. False when the claim had been lost to another worker.
pub async fn finish(db: &Db, job: &Claimed, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let update = held(job).col_expr(outbox::Column::DoneAt, now.into());
    Ok(update.exec(db.writer()).await?.rows_affected == 1)
}

/// The job shall run again at `when`. False when the claim had been lost to another worker.
pub async fn retry_at(db: &Db, job: &Claimed, when: DateTime<Utc>, error: &str) -> Result<bool, DbErr> {
    let update = held(job)
        .col_expr(outbox::Column::DueAt, when.into())
        .col_expr(outbox::Column::RungAt, None::<DateTime<Utc>>.into())
        .col_expr(outbox::Column::LastError, cut(error).into());
    Ok(update.exec(db.writer()).await?.rows_affected == 1)
}

/// The job is given up. False when the claim had been lost to another worker.
pub async fn fail(db: &Db, job: &Claimed, now: DateTime<Utc>, error: &str) -> Result<bool, DbErr> {
    let update = held(job)
        .col_expr(outbox::Column::FailedAt, now.into())
        .col_expr(outbox::Column::LastError, cut(error).into());
    Ok(update.exec(db.writer()).await?.rows_affected == 1)
}

/// Neither done nor given up, and due.
fn open(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(outbox::Column::DoneAt.is_null())
        .add(outbox::Column::FailedAt.is_null())
        .add(outbox::Column::DueAt.lte(now))
}

/// Rows to update, leaving out those that another statement is just updating: two that lock the same rows in another
/// order would be a deadlock on PostgreSQL. SQLite has one writer and no such clause; the builder leaves it out. Never add
/// a LIMIT: PostgreSQL may run the subquery more than once, and would then update more rows than that.
fn candidates(condition: Condition) -> SelectStatement {
    Query::select()
        .column(outbox::Column::Id)
        .from(outbox::Entity)
        .cond_where(condition)
        .order_by(outbox::Column::DueAt, Order::Asc)
        .order_by(outbox::Column::Id, Order::Asc)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned()
}

/// The claim's row, as long as nobody else claimed it.
fn held(job: &Claimed) -> sea_orm::UpdateMany<outbox::Entity> {
    outbox::Entity::update_many()
        .filter(outbox::Column::Id.eq(job.id))
        .filter(outbox::Column::Attempts.eq(job.attempt))
        .filter(outbox::Column::DoneAt.is_null())
        .filter(outbox::Column::FailedAt.is_null())
}

/// RETURNING has no order of its own. Ids count up with time.
fn in_order(mut rows: Vec<outbox::Model>) -> Vec<outbox::Model> {
    rows.sort_by_key(|row| row.id);
    rows
}

fn cut(error: &str) -> String {
    error.chars().take(ERROR_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::tests::{enqueue_retain, start};
    use crate::outbox::{State, list};

    const LEASE: TimeDelta = TimeDelta::seconds(120);

    #[tokio::test]
    async fn a_row_is_claimed_once_and_again_when_its_lease_ran_out() {
        let app = start().await;
        let id = enqueue_retain(&app, "a").await;
        let now = app.clock.now();
        let first = claim(&app.db, &[id, id], now, LEASE).await.unwrap();
        assert_eq!(first.len(), 1);
        assert!(claim(&app.db, &[id], now, LEASE).await.unwrap().is_empty());
        let later = now + LEASE;
        let second = claim(&app.db, &[id], later, LEASE).await.unwrap();
        assert_eq!(second[0].attempt, 2);
        assert!(
            !finish(&app.db, &first[0], later).await.unwrap(),
            "the late one is fenced off"
        );
        assert!(!retry_at(&app.db, &first[0], later, "late").await.unwrap());
        assert!(!fail(&app.db, &first[0], later, "late").await.unwrap());
        assert!(finish(&app.db, &second[0], later).await.unwrap());
        assert!(
            claim(&app.db, &[id], later + LEASE, LEASE)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            list(app.db.reader(), Some(State::Done), 10).await.unwrap().len(),
            1
        );
    }

    #[tokio::test]
    async fn a_row_is_rung_once_a_minute_until_it_is_claimed() {
        let app = start().await;
        let id = enqueue_retain(&app, "a").await;
        let now = app.clock.now();
        assert_eq!(due(&app.db, Lane::Soon, now, 10).await.unwrap(), [id]);
        assert!(due(&app.db, Lane::Soon, now, 10).await.unwrap().is_empty());
        assert!(due(&app.db, Lane::Now, now, 10).await.unwrap().is_empty());
        let later = now + RING_AGAIN;
        assert_eq!(due(&app.db, Lane::Soon, later, 10).await.unwrap(), [id]);
        assert_eq!(waiting(&app.db, Lane::Soon, now, 10).await.unwrap(), [id]);
        claim(&app.db, &[id], later, LEASE).await.unwrap();
        assert!(
            due(&app.db, Lane::Soon, later + RING_AGAIN, 10)
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn a_limit_takes_the_oldest() {
        let app = start().await;
        let first = enqueue_retain(&app, "a").await;
        let second = enqueue_retain(&app, "b").await;
        let now = app.clock.now();
        assert_eq!(due(&app.db, Lane::Soon, now, 1).await.unwrap(), [first]);
        assert_eq!(due(&app.db, Lane::Soon, now, 1).await.unwrap(), [second]);
    }
}
