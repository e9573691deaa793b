//! Databases and Redis of one test.

use std::env;

use api::sealed;
use base64::{Engine, prelude::BASE64_STANDARD};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tokio::sync::OnceCell;

use super::process::Folder;

/// Settings of a world, and what to remove when it is over.
pub(crate) struct Backend {
    pub(crate) settings: Vec<(&'static str, String)>,
    pub(crate) folder: Folder,
    database: Option<String>,
}

impl Backend {
    pub(crate) fn embedded() -> Self {
        let folder = Folder::new();
        let settings = vec![
            (
                "database_url",
                format!("sqlite://{}/turnout.db", folder.0.display()),
            ),
            ("data_dir", folder.0.display().to_string()),
        ];
        Self {
            settings: [settings, unlimited()].concat(),
            folder,
            database: None,
        }
    }

    pub(crate) async fn production() -> Self {
        let template = TEMPLATE.get_or_init(make_template).await;
        let name = format!("turnout_test_{}", unique());
        {
            // PostgreSQL copies a template for one at a time.
            static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
            let _one = COPYING.lock().await;
            run(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        }
        let folder = Folder::new();
        let key = |id: &str| format!("{id}:{}", BASE64_STANDARD.encode([7; 32]));
        let settings = vec![
            ("database_url", with_database(&name)),
            ("redis_url", redis_url()),
            ("redis_prefix", unique()),
            ("database_connections", "8".to_owned()),
            ("public_url", "http://turnout.example.org".to_owned()),
            ("data_dir", folder.0.display().to_string()),
            ("key", key("k")),
            ("index_key", key("i")),
            ("sms.enabled", "on".to_owned()),
        ];
        Self {
            settings: [settings, unlimited()].concat(),
            folder,
            database: Some(name),
        }
    }

    /// The same with the limits that are delivered.
    pub(crate) fn limited(mut self) -> Self {
        let limits = ["rates.", "sms.asks", "sms.used"];
        self.settings
            .retain(|(name, _)| !limits.iter().any(|limit| name.starts_with(limit)));
        self
    }

    /// The same with changes reviewed, and hosts limited, as it is delivered.
    pub(crate) fn reviewing(mut self) -> Self {
        let is_ours = |name: &str| name.starts_with("hosts.") || name.starts_with("events.");
        self.settings.retain(|(name, _)| !is_ours(name));
        self
    }

    /// Ends every connection to the database, as a restart of PostgreSQL does.
    pub(crate) async fn hang_up(&self) {
        let name = self.database.as_ref().unwrap();
        let all = format!("SELECT pid FROM pg_stat_activity WHERE datname = '{name}'");
        run(&format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM ({all}) AS own"
        ))
        .await;
    }

    /// Removes database and files.
    pub(crate) async fn remove(self) {
        if let Some(name) = &self.database {
            drop_database(name).await;
        }
    }
}

/// Tests come from one address, and do in seconds what people do in a day.
fn unlimited() -> Vec<(&'static str, String)> {
    [
        "rates.requests_per_client_and_minute",
        "rates.requests_per_person_and_minute",
        "rates.deliveries_per_client_and_minute",
        "rates.deliveries_per_person_and_minute",
        "rates.mutations_per_client_and_minute",
        "rates.mutations_per_person_and_minute",
        "rates.codes_per_client_and_hour",
        "rates.sign_ins_per_client_and_hour",
        "rates.refreshes_per_client_and_minute",
        "rates.rsvps_per_client_and_hour",
        "rates.host_invitations_per_person_and_hour",
        "rates.host_messages_per_person_and_hour",
        "rates.texts_per_client_and_hour",
        "sms.asks_per_prefix_and_hour",
        "sms.asks_per_hour",
        "sms.used_minimum",
        "hosts.new_events_per_day",
        "hosts.new_pending",
        "hosts.new_links",
        "hosts.new_invitations_per_day",
        "hosts.new_announcements_per_day",
        "hosts.trusted_events_per_day",
    ]
    .map(|name| (name, "1000000".to_owned()))
    .into_iter()
    // Most tests are about what a change does, and not about who looks at it.
    .chain([("events.review_edits", "false".to_owned())])
    .collect()
}

/// The Redis that `./test` started.
pub(crate) fn redis_url() -> String {
    needed("TEST_REDIS_URL")
}

/// A new empty database on the PostgreSQL that `./test` started, and its address.
pub(crate) async fn empty_database() -> (String, String) {
    let name = format!("turnout_test_{}", unique());
    run(&format!("CREATE DATABASE {name}")).await;
    let url = with_database(&name);
    (name, url)
}

/// Removes a database made by [`empty_database`].
pub(crate) async fn drop_database(name: &str) {
    run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

/// Letters that no other test uses.
pub(crate) fn unique() -> String {
    sealed::random::<8>()
        .unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// One database is migrated, and copied for each test.
async fn make_template() -> String {
    let name = format!("turnout_template_{}", unique());
    run(&format!("CREATE DATABASE {name}")).await;
    let connection = Database::connect(with_database(&name)).await.unwrap();
    Migrator::up(&connection, None).await.unwrap();
    connection.close().await.unwrap();
    name
}

#[expect(clippy::disallowed_methods, reason = "databases cannot be made without SQL")]
async fn run(sql: &str) {
    let connection: DatabaseConnection = Database::connect(needed("TEST_DATABASE_URL")).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

fn with_database(name: &str) -> String {
    let url = needed("TEST_DATABASE_URL");
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

fn needed(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with ./test"))
}
