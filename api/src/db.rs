//! Connections to the database, and the write transaction.
//!
//! SQLite has one writer: a pool of one connection for writing and others, `query_only`, for reading. PostgreSQL has
//! one pool for both. Everything else is the same on both.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
    sqlx::{self, Connection as _},
};

use crate::config::Config;

/// A transaction is cut off after this time, so that nothing commits behind the overlap of the map's repair.
pub const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);
/// KiB, as SQLite has it. The system keeps the file in memory anyway; but a long transaction should not spill.
const READER_CACHE: &str = "-250";
const WRITER_CACHE: &str = "-1000";
/// A connection that was used so recently is taken to be alive. If it is not, [`is_lost`] knows.
const TRUSTED: Duration = Duration::from_secs(1);
/// Any number that nothing else locks.
const MIGRATION_LOCK: i64 = 7_088_686_711;

/// The database.
#[derive(Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    readers: usize,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Connects; in the embedded mode also makes the file and brings its schema up to date.
    pub async fn connect(config: &Config) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let db = if config.is_production() {
            let connection = open(postgres_options(config), &statements).await?;
            Self {
                writer: connection.clone(),
                reader: connection,
                readers: config.database_connections as usize,
                statements,
            }
        } else {
            make_folder_of(&config.database_url)?;
            let writer = open(sqlite_options(config, false), &statements).await?;
            Migrator::up(&writer, None)
                .await
                .context("bringing the schema up to date")?;
            Self {
                writer,
                reader: open(sqlite_options(config, true), &statements).await?,
                readers: sqlite_readers() as usize,
                statements,
            }
        };
        Ok(db)
    }

    /// For reading outside of a transaction.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// How many connections [`Self::reader`] has.
    pub fn readers(&self) -> usize {
        self.readers
    }

    /// For single statements that write, of the worker and the relay. Actions use [`crate::app::App::write`].
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a write transaction. On SQLite it takes the write lock at once: a transaction that reads first and
    /// writes later would fail when another writes in between.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer.begin_with_options(options).await
    }

    /// A transaction that only reads, and sees the same moment throughout.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        // On SQLite any transaction that only reads is one.
        let is_postgres = self.reader.get_database_backend() == DatabaseBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: is_postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: is_postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        self.reader.begin_with_options(options).await
    }

    /// How many statements were run since the start.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The database's own time; on SQLite that is this machine's.
    #[expect(clippy::disallowed_methods, reason = "this file and migrations may write SQL")]
    pub async fn time(&self) -> Result<DateTime<Utc>, DbErr> {
        if self.reader.get_database_backend() == DatabaseBackend::Sqlite {
            self.reader.ping().await?;
            return Ok(crate::clock::system_now());
        }
        let statement = Statement::from_string(DatabaseBackend::Postgres, "SELECT now() AS now");
        let row = self.reader.query_one_raw(statement).await?;
        row.ok_or_else(|| DbErr::Custom("no row".to_owned()))?
            .try_get("", "now")
    }

    /// Counts what is in the tables, for PostgreSQL to plan by: it does so by itself, but minutes after many rows came.
    #[expect(clippy::disallowed_methods, reason = "this file and migrations may write SQL")]
    pub async fn analyze(&self) -> Result<(), DbErr> {
        if self.writer.get_database_backend() == DatabaseBackend::Postgres {
            self.writer.execute_unprepared("ANALYZE").await?;
        }
        Ok(())
    }

    /// Changes whose schema is not there yet.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        Ok(Migrator::get_pending_migrations(&self.writer).await?.len())
    }

    /// Lets the connections go.
    pub async fn close(self) -> Result<(), DbErr> {
        self.reader.close().await?;
        self.writer.close().await
    }
}

/// A way to change the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Everything that is pending.
    Up,
    /// The newest one back.
    Down,
}

/// Changes the schema, on a connection of its own that no timeout cuts off. Several processes may do so at once: one
/// does, the others wait and then find nothing to do.
pub async fn migrate(config: &Config, change: Change) -> Result<()> {
    let db = open_for_changes(config).await?;
    match change {
        Change::Up => Migrator::up(&db, None).await?,
        Change::Down => Migrator::down(&db, Some(1)).await?,
    }
    db.close().await?;
    Ok(())
}

/// Every change of the schema, oldest first, and whether it was made.
pub async fn changes(config: &Config) -> Result<Vec<(String, bool)>> {
    let db = open_for_changes(config).await?;
    let pending = Migrator::get_pending_migrations(&db).await?;
    db.close().await?;
    let is_done = |name: &str| pending.iter().all(|other| other.name() != name);
    Ok(Migrator::migrations()
        .iter()
        .map(|change| (change.name().to_owned(), is_done(change.name())))
        .collect())
}

/// One connection, which on PostgreSQL holds a lock until it is closed.
#[expect(clippy::disallowed_methods, reason = "this file and migrations may write SQL")]
async fn open_for_changes(config: &Config) -> Result<DatabaseConnection> {
    if !config.is_production() {
        make_folder_of(&config.database_url)?;
        return open(sqlite_options(config, false), &Arc::default()).await;
    }
    let mut options = ConnectOptions::new(&config.database_url);
    options
        .sqlx_logging(false)
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .set_application_name("turnout migrate");
    let db = open(options, &Arc::default()).await?;
    db.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        .await
        .context("waiting for another process that changes the schema")?;
    Ok(db)
}

/// Waits for other transactions that hold `key`, and holds it until this one ends, for what has no row to be locked. On
/// SQLite there is one write transaction at a time anyway.
#[expect(clippy::disallowed_methods, reason = "this file and migrations may write SQL")]
pub async fn hold(db: &impl ConnectionTrait, key: i64) -> Result<(), DbErr> {
    if db.get_database_backend() == DatabaseBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1)";
        let statement = Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, [key.into()]);
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// Whether `error` says that a row with the same unique key exists.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
    )
}

/// Whether `error` says that a row belongs to one that does not exist.
pub fn is_foreign_key_violation(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// Whether `error` says that a CHECK constraint was broken; SeaORM does not tell those apart.
pub fn is_check_violation(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| code == "275" || code == "23514")
}

/// Whether `error` says that this transaction and another waited for each other, and that this one was ended.
pub fn is_deadlock(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| code == "40P01" || code == "40001")
}

/// Whether `error` is a lock that was not had in time, or a statement that was cut off: the same may work when it is tried
/// again.
pub fn is_passing(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| matches!(code.as_str(), "55P03" | "57014" | "25P03" | "5" | "517"))
}

/// Whether `error` says that no connection was to be had, or that the one in use was lost, as when PostgreSQL is
/// restarted. Whether a statement was carried out is then not known.
pub fn is_lost(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
        || matches!(cause_of(error), Some(sqlx::Error::Io(_)))
        || code_of(error).is_some_and(|code| {
            code.starts_with("08") || matches!(code.as_str(), "57P01" | "57P02" | "57P03")
        })
}

fn code_of(error: &DbErr) -> Option<String> {
    cause_of(error)?
        .as_database_error()
        .and_then(|error| error.code())
        .map(|code| code.into_owned())
}

fn cause_of(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

async fn open(options: ConnectOptions, statements: &Arc<AtomicU64>) -> Result<DatabaseConnection> {
    let mut connection = Database::connect(options)
        .await
        .context("connecting to the database")?;
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
    Ok(connection)
}

fn postgres_options(config: &Config) -> ConnectOptions {
    let mut options = ConnectOptions::new(&config.database_url);
    let seconds = format!("{}s", TRANSACTION_TIMEOUT.as_secs());
    options
        .sqlx_logging(false)
        .max_connections(config.database_connections)
        .acquire_timeout(Duration::from_secs(5))
        .statement_timeout(TRANSACTION_TIMEOUT)
        .set_application_name("turnout")
        .map_sqlx_postgres_pool_opts(|pool| {
            // A round trip before each use would cost as much as a statement: only connections that lay idle are tried.
            pool.test_before_acquire(false)
                .before_acquire(|connection, meta| {
                    Box::pin(async move {
                        if meta.idle_for > TRUSTED {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
        })
        .map_sqlx_postgres_opts(move |options| {
            options.options([("idle_in_transaction_session_timeout", seconds.as_str())])
        });
    options
}

/// Each has a thread that reads and, for what it reads, memory of its own: more than there are cores only take room.
fn sqlite_readers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    u32::try_from(cores).unwrap_or(u32::MAX).clamp(2, 4)
}

fn sqlite_options(config: &Config, reading: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(&config.database_url);
    options
        .sqlx_logging(false)
        .test_before_acquire(false) // a file does not hang up
        .max_connections(if reading { sqlite_readers() } else { 1 })
        .acquire_timeout(TRANSACTION_TIMEOUT)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(!reading)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
                .pragma("cache_size", if reading { READER_CACHE } else { WRITER_CACHE })
                .pragma("query_only", if reading { "on" } else { "off" })
        });
    options
}

fn make_folder_of(url: &str) -> Result<()> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or_default();
    match Path::new(path).parent() {
        Some(folder) => make_private_folder(folder).with_context(|| folder.display().to_string()),
        None => Ok(()),
    }
}

/// Only the owner may look into a folder that is made here; one that exists stays as it is.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;
    use crate::refusal::{Code, Refusal};

    #[test]
    fn a_connection_that_breaks_is_no_fault_of_ours() {
        let broken = || Arc::new(sqlx::Error::Io(Error::from(ErrorKind::ConnectionReset)));
        for error in [
            DbErr::Query(RuntimeErr::SqlxError(broken())),
            DbErr::Exec(RuntimeErr::SqlxError(broken())),
        ] {
            assert_eq!(Refusal::from(error).code(), Code::Unavailable);
        }
        let ours = DbErr::Query(RuntimeErr::SqlxError(Arc::new(sqlx::Error::ColumnNotFound(
            String::new(),
        ))));
        assert_eq!(Refusal::from(ours).code(), Code::InternalServerError);
    }
}
