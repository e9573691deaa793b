//! Changes of the schema: there and back on both databases, with the same result.

use std::collections::BTreeSet;

use api::db;
use entity::timeslot;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait,
    QueryFilter, Statement, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Made, World, drop_database, empty_database, unique};

const POSTGRES_COLUMNS: &str =
    "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END
    AS name FROM information_schema.columns WHERE table_schema = 'public'";
const SQLITE_COLUMNS: &str =
    "SELECT t.name || '.' || c.name || CASE WHEN c.\"notnull\" OR c.pk THEN '' ELSE ' null' END AS name
    FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
const POSTGRES_INDEXES: &str =
    "SELECT indexname || CASE WHEN indexdef LIKE '%UNIQUE%' THEN ' unique' ELSE '' END
    || CASE WHEN indexdef LIKE '% WHERE %' THEN ' partial' ELSE '' END AS name
    FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'";
const SQLITE_INDEXES: &str = "SELECT name || CASE WHEN sql LIKE '%UNIQUE%' THEN ' unique' ELSE '' END
    || CASE WHEN sql LIKE '% WHERE %' THEN ' partial' ELSE '' END AS name
    FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'";

#[expect(
    clippy::disallowed_methods,
    reason = "only SQL can ask a database what it has"
)]
async fn names(db: &DatabaseConnection, sql: &str) -> BTreeSet<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
}

/// Columns and indexes after going up, down all the way, and up again.
async fn up_down_up(
    db: &DatabaseConnection,
    columns: &str,
    indexes: &str,
) -> (BTreeSet<String>, BTreeSet<String>) {
    Migrator::up(db, None).await.unwrap();
    let there = (names(db, columns).await, names(db, indexes).await);
    Migrator::down(db, None).await.unwrap();
    let left = names(db, columns).await;
    let ours = |name: &&String| !name.starts_with("seaql_migrations.");
    assert_eq!(left.iter().find(ours), None, "left behind");
    Migrator::up(db, None).await.unwrap();
    assert_eq!((names(db, columns).await, names(db, indexes).await), there);
    assert!(Migrator::get_pending_migrations(db).await.unwrap().is_empty());
    there
}

#[tokio::test]
async fn both_databases_get_the_same_schema() {
    let file = std::env::temp_dir().join(format!("turnout-test-{}.db", unique()));
    let sqlite = Database::connect(format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .unwrap();
    let embedded = up_down_up(&sqlite, SQLITE_COLUMNS, SQLITE_INDEXES).await;
    sqlite.close().await.unwrap();
    std::fs::remove_file(&file).unwrap();

    let (name, url) = empty_database().await;
    let postgres = Database::connect(url).await.unwrap();
    let production = up_down_up(&postgres, POSTGRES_COLUMNS, POSTGRES_INDEXES).await;
    postgres.close().await.unwrap();
    drop_database(&name).await;

    assert_eq!(embedded.0, production.0, "columns");
    assert_eq!(embedded.1, production.1, "indexes");
    assert!(embedded.0.contains("timeslot.capacity null") && embedded.0.contains("timeslot.taken"));
    assert!(
        embedded.1.contains("rsvp_timeslot_id_person_id unique"),
        "{:?}",
        embedded.1
    );
}

/// Writes a column of a timeslot past all rules.
async fn write(
    world: &World,
    made: &Made,
    column: timeslot::Column,
    value: impl Into<sea_orm::Value>,
) -> Result<u64, DbErr> {
    let id: Uuid = made.timeslot.trim_start_matches("timeslot:").parse().unwrap();
    let update = timeslot::Entity::update_many()
        .col_expr(column, Expr::value(value))
        .filter(timeslot::Column::Id.eq(id));
    Ok(update.exec(world.app.db.writer()).await?.rows_affected)
}

scenario! {
    /// Were all code wrong, the database would still not sell a seat twice.
    async fn the_database_refuses_overselling(world) {
        use timeslot::Column::{Capacity, EndsAt, Held, StartsAt, Taken};
        let made = world.event_with_seats(&world.activist("Wren").await, 3).await;
        assert_eq!(write(world, &made, Taken, 3).await.unwrap(), 1, "all seats may go");
        let start = world.now() + chrono::TimeDelta::days(400);
        for (what, refused) in [
            ("a fourth seat", write(world, &made, Taken, 4).await),
            ("fewer seats than were given away", write(world, &made, Capacity, 2).await),
            ("more held than taken", write(world, &made, Held, 4).await),
            ("less than none held", write(world, &made, Held, -1).await),
            ("less than none taken", write(world, &made, Taken, -1).await),
            ("an end before the start", write(world, &made, EndsAt, world.now()).await),
            ("a start after the end", write(world, &made, StartsAt, start).await),
        ] {
            let error = refused.expect_err(what);
            assert!(db::is_check_violation(&error), "{what}: {error}");
        }
        assert_eq!(write(world, &made, Capacity, None::<i32>).await.unwrap(), 1, "no limit");
        assert_eq!(write(world, &made, Taken, 4).await.unwrap(), 1, "without a limit");
    }
}

scenario! {
    /// An RSVP takes no seat or one for each of its party, and a person answers once for a date.
    async fn the_database_refuses_wrong_parties(world) {
        use entity::rsvp;
        let made = world.event_with_seats(&world.activist("Wren").await, 3).await;
        let finch = world.activist("Finch").await;
        finch.mutate("rsvp", json!({"timeslotId": made.timeslot, "partySize": 2}), "status").await.data();
        world.drain().await;
        for (column, value) in [(rsvp::Column::Seats, 1), (rsvp::Column::PartySize, 0), (rsvp::Column::PartySize, 3)] {
            let update = rsvp::Entity::update_many().col_expr(column, Expr::value(value));
            let error = update.exec(world.app.db.writer()).await.unwrap_err();
            assert!(db::is_check_violation(&error), "{column:?} = {value}: {error}");
        }
        let row = rsvp::Entity::find().one(world.app.db.reader()).await.unwrap().unwrap();
        let twice = rsvp::ActiveModel { id: Set(Uuid::now_v7()), ..row.into() };
        let error = rsvp::Entity::insert(twice).exec_without_returning(world.app.db.writer()).await.unwrap_err();
        assert!(db::is_unique_violation(&error), "{error}");
    }
}
