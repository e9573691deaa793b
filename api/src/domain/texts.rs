//! Texts that somebody asks for without proving who they are, and how many there may be.
//!
//! Texts cost money, and some numbers earn it: who has a share in a block of them asks for codes there by the thousand
//! ("pumping"). So those asked for are counted, by the first digits of the number and in all; and because who pumps never
//! uses a code, it is watched how many are used. Nothing depends on whether a number is known.

use chrono::{DateTime, TimeDelta, Utc};
use entity::text_ask;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::phone::Phone;
use crate::{
    app::{App, Tx},
    refusal::Refusal,
    sealed::BlindIndex,
};

const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::days(1);
/// Keeps indexes of first digits apart from those of numbers.
const SCOPE: &str = "SMS.prefix";

/// What a text is asked for to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Bring the code of this row.
    Code(Uuid),
    /// Bring a link.
    Link,
}

/// Why no texts may be asked for at the moment, for whoever runs the service. Nothing of it names a number.
pub async fn problem(app: &App) -> Result<Option<&'static str>, Refusal> {
    if !app.config.texts() {
        return Ok(None);
    }
    let asks = recent(app, app.db.reader(), app.clock.now()).await?;
    Ok(stop(app, &asks, app.clock.now()))
}

/// Counts a text that is about to be left for sending to `phone`. RATE_LIMITED when there were too many to numbers that
/// begin alike (`sms.asks_per_prefix_and_hour`), too many in all (`sms.asks_per_hour`), or too few of the codes were used
/// (`sms.used_percent`). Transactions at the same moment do not see each other and may together be a few more.
pub(super) async fn ask(app: &App, tx: &Tx, phone: &Phone, asked: Asked) -> Result<(), Refusal> {
    let (settings, now) = (&app.config.sms, tx.now());
    let prefix = phone.prefix(settings.prefix_digits);
    let alike = alike(app, tx.db(), prefix, now).await?;
    let of_hour = alike.iter().filter(|ask| ask.created_at > now - HOUR).count();
    if of_hour >= settings.asks_per_prefix_and_hour || unused(app, &alike, now, settings.used_minimum) {
        tracing::warn!(asked = alike.len(), "no more texts to numbers that begin alike");
        return Err(Refusal::RateLimited(3600));
    }
    if let Some(problem) = stop(app, &recent(app, tx.db(), now).await?, now) {
        tracing::error!(problem, "nobody may ask for texts");
        return Err(Refusal::RateLimited(3600));
    }
    let BlindIndex { key, value } = app.keys.index(SCOPE, prefix)?;
    let row = text_ask::ActiveModel {
        id: Set(match asked {
            Asked::Code(id) => id,
            Asked::Link => Uuid::now_v7(),
        }),
        index_key: Set(key),
        prefix_index: Set(value),
        is_code: Set(asked != Asked::Link),
        used_at: Set(None),
        created_at: Set(now),
    };
    text_ask::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Notes that the code of a row was used.
pub(super) async fn used(tx: &Tx, code_id: Uuid) -> Result<(), Refusal> {
    text_ask::Entity::update_many()
        .col_expr(text_ask::Column::UsedAt, Expr::value(tx.now()))
        .filter(text_ask::Column::Id.eq(code_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Those of the last hour, the newest first, at most as many as there may be.
async fn recent(
    app: &App,
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<text_ask::Model>, Refusal> {
    let rows = text_ask::Entity::find()
        .filter(text_ask::Column::CreatedAt.gt(now - HOUR))
        .order_by_desc(text_ask::Column::CreatedAt)
        .limit(app.config.sms.asks_per_hour);
    Ok(rows.all(db).await?)
}

/// Those of the last day to numbers that begin alike, as many as tell enough.
async fn alike(
    app: &App,
    db: &impl ConnectionTrait,
    prefix: &str,
    now: DateTime<Utc>,
) -> Result<Vec<text_ask::Model>, Refusal> {
    let settings = &app.config.sms;
    let indexes = app.keys.indexes(SCOPE, prefix).into_iter();
    let most = settings.asks_per_prefix_and_hour.max(settings.used_minimum);
    let rows = text_ask::Entity::find()
        .filter(text_ask::Column::PrefixIndex.is_in(indexes.map(|index| index.value)))
        .filter(text_ask::Column::CreatedAt.gt(now - DAY))
        .order_by_desc(text_ask::Column::CreatedAt)
        .limit(2 * most as u64);
    Ok(rows.all(db).await?)
}

/// Why nobody may ask any more, if so.
fn stop(app: &App, recent: &[text_ask::Model], now: DateTime<Utc>) -> Option<&'static str> {
    let settings = &app.config.sms;
    if recent.len() as u64 >= settings.asks_per_hour {
        return Some("more texts were asked for within an hour than sms.asks_per_hour");
    }
    // Of all numbers together it takes more to be sure.
    let is_pumped = unused(app, recent, now, 5 * settings.used_minimum);
    is_pumped.then_some("fewer codes that were sent by text are used than sms.used_percent")
}

/// Whether of at least `minimum` codes, which there was time to use, too few were.
fn unused(app: &App, asks: &[text_ask::Model], now: DateTime<Utc>, minimum: usize) -> bool {
    let late = now - TimeDelta::minutes(app.config.auth.code_minutes);
    let counts = |ask: &&text_ask::Model| ask.is_code && (ask.created_at <= late || ask.used_at.is_some());
    let codes: Vec<_> = asks.iter().filter(counts).collect();
    let used = codes.iter().filter(|ask| ask.used_at.is_some()).count();
    codes.len() >= minimum && used * 100 < codes.len() * app.config.sms.used_percent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::tests::start;

    async fn asks(app: &App, number: &str, asked: Asked) -> Result<(), Refusal> {
        let phone = Phone::parse(&app.config, number, &["phone"]).unwrap();
        app.write(async |tx| ask(app, tx, &phone, asked).await).await
    }

    fn refused(outcome: &Result<(), Refusal>) -> bool {
        matches!(outcome, Err(Refusal::RateLimited(3600)))
    }

    #[tokio::test]
    async fn numbers_that_begin_alike_share_a_limit() {
        let app = start().await;
        for _ in 0..app.config.sms.asks_per_prefix_and_hour {
            asks(&app, "+15155550123", Asked::Link).await.unwrap();
        }
        assert!(refused(&asks(&app, "+15155550199", Asked::Link).await));
        asks(&app, "+15155560123", Asked::Link).await.unwrap();
        app.clock.advance(TimeDelta::minutes(61));
        asks(&app, "+15155550199", Asked::Link).await.unwrap();
    }

    #[tokio::test]
    async fn nobody_may_ask_any_more_when_too_many_did() {
        let app = start().await;
        assert_eq!(problem(&app).await.unwrap(), None);
        for number in 0..app.config.sms.asks_per_hour {
            let phone = Phone::stored(format!("+1{}5550123", 200 + number));
            app.write(async |tx| ask(&app, tx, &phone, Asked::Link).await)
                .await
                .unwrap();
        }
        assert!(refused(&asks(&app, "+17135550123", Asked::Link).await));
        assert!(
            problem(&app)
                .await
                .unwrap()
                .unwrap()
                .contains("sms.asks_per_hour")
        );
        app.clock.advance(TimeDelta::minutes(61));
        assert_eq!(problem(&app).await.unwrap(), None);
        asks(&app, "+17135550123", Asked::Link).await.unwrap();
    }

    #[tokio::test]
    async fn where_codes_are_not_used_no_more_are_sent() {
        let app = start().await;
        let minimum = app.config.sms.used_minimum;
        let mut ids = vec![];
        for _ in 0..minimum {
            ids.push(Uuid::now_v7());
            asks(&app, "+15155550123", Asked::Code(ids[ids.len() - 1]))
                .await
                .unwrap();
            app.clock.advance(TimeDelta::minutes(5));
        }
        app.clock.advance(TimeDelta::minutes(10));
        assert!(
            refused(&asks(&app, "+15155550124", Asked::Link).await),
            "none of {minimum} was used"
        );
        asks(&app, "+17135550123", Asked::Link).await.unwrap();
        let share = minimum * app.config.sms.used_percent / 100 + 1;
        for id in &ids[..share] {
            app.write(async |tx| used(tx, *id).await).await.unwrap();
        }
        asks(&app, "+15155550124", Asked::Link).await.unwrap();
    }
}
