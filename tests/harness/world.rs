//! A running server with a clock, an inbox and a database of its own.

use std::{net::TcpListener, sync::Arc};

use actix_web::dev::ServerHandle;
use api::{
    app::App,
    clock::Clock,
    config::Config,
    domain::{Actor, email::Email, session, staff},
    graphql, http, worker,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{StaffRole, contact_point, outbox};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{Backend, Caller, Mail, Text, inbox};

/// When every world begins: a Tuesday at noon.
const NOW: &str = "2030-01-15T12:00:00Z";

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) url: String,
    backend: Backend,
    server: ServerHandle,
}

impl World {
    pub(crate) async fn embedded() -> Self {
        Self::with(Backend::embedded(), &[]).await
    }

    pub(crate) async fn production() -> Self {
        Self::with(Backend::production().await, &[]).await
    }

    /// A world whose settings differ in some.
    pub(crate) async fn with(backend: Backend, settings: &[(&'static str, &str)]) -> Self {
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let app = start(&backend, settings, Clock::fixed(now)).await;
        Self::serving(backend, app)
    }

    /// A world whose clock is this machine's, for running beside the real program.
    pub(crate) async fn at_present(backend: Backend) -> Self {
        let app = start(&backend, &[], Clock::System).await;
        Self::serving(backend, app)
    }

    /// Another process of the same deployment: same database, Redis and clock, its own map.
    pub(crate) async fn another_process(&self) -> Arc<App> {
        self.another_process_with(&[]).await
    }

    /// Another process whose settings differ in some.
    pub(crate) async fn another_process_with(&self, settings: &[(&'static str, &str)]) -> Arc<App> {
        start(&self.backend, settings, self.app.clock.clone()).await
    }

    fn serving(backend: Backend, app: Arc<App>) -> Self {
        let (url, server) = serve(&app);
        Self {
            app,
            url,
            backend,
            server,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// Ends every connection to PostgreSQL, as its restart does.
    pub(crate) async fn hang_up(&self) {
        self.backend.hang_up().await;
    }

    /// Runs every job that is due.
    pub(crate) async fn drain(&self) {
        worker::drain(&self.app).await.unwrap();
    }

    /// All mails so far, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        inbox::read(&self.backend.folder.0.join("outbox"))
    }

    /// Mails to an address so far.
    pub(crate) fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails()
            .into_iter()
            .filter(|mail| mail.to.contains(address))
            .collect()
    }

    /// Texts to a number so far, oldest first.
    pub(crate) fn texts_to(&self, number: &str) -> Vec<Text> {
        let mut texts = inbox::texts(&self.backend.folder.0.join("outbox"));
        texts.retain(|text| text.to == number);
        texts
    }

    pub(crate) fn anonymous(&self) -> Caller {
        Caller::new(&self.url, None, "")
    }

    /// A signed-in person with that given name, and `name@example.org` as address, which they have proved to read.
    pub(crate) async fn activist(&self, name: &str) -> Caller {
        let caller = self.newcomer(name).await;
        self.prove(&Email::parse(&caller.address, &[]).unwrap()).await;
        caller
    }

    /// The same who never proved anything.
    pub(crate) async fn newcomer(&self, name: &str) -> Caller {
        let address = format!("{}@example.org", name.to_lowercase());
        let email = Email::parse(&address, &[]).unwrap();
        let tokens = session::open_for_operator(&self.app, &email).await.unwrap();
        let caller = Caller::new(&self.url, Some(tokens.access_token), &address);
        let input = json!({"name": {"givenName": name, "familyName": "Testperson"}});
        let answer = caller
            .ask(
                "mutation($input: UpdateViewerInput!) { updateViewer(input: $input) { viewer { id } } }",
                json!({"input": input}),
            )
            .await;
        answer.data();
        caller
    }

    /// What signing in by a code proves, which nobody here does.
    async fn prove(&self, email: &Email) {
        let index = self.app.keys.index("EMAIL", email.reveal()).unwrap();
        contact_point::Entity::update_many()
            .col_expr(contact_point::Column::VerifiedAt, Expr::value(self.now()))
            .filter(contact_point::Column::ValueIndex.eq(index.value))
            .filter(contact_point::Column::VerifiedAt.is_null())
            .exec(self.app.db.writer())
            .await
            .unwrap();
    }

    /// A signed-in member of staff.
    pub(crate) async fn staff(&self, name: &str, role: StaffRole) -> Caller {
        let caller = self.activist(name).await;
        let email = Email::parse(&caller.address, &[]).unwrap();
        staff::grant(&self.app, &Actor::System, &email, role, None)
            .await
            .unwrap();
        caller
    }

    /// Stops the server and removes everything; fails when a due job was left behind, or one has failed.
    pub(crate) async fn finish(self) {
        let left = outbox::Entity::find()
            .filter(outbox::Column::DoneAt.is_null())
            .filter(
                Condition::any()
                    .add(outbox::Column::FailedAt.is_not_null())
                    .add(outbox::Column::DueAt.lte(self.now())),
            )
            .all(self.app.db.reader())
            .await
            .unwrap();
        self.server.stop(false).await;
        let kinds: Vec<_> = left.iter().map(|job| (&job.kind, &job.last_error)).collect();
        assert!(kinds.is_empty(), "jobs were left behind: {kinds:?}");
        self.app.db.clone().close().await.unwrap();
        self.backend.remove().await;
    }
}

async fn start(backend: &Backend, settings: &[(&'static str, &str)], clock: Clock) -> Arc<App> {
    let mut all = backend.settings.clone();
    for (name, value) in settings {
        all.retain(|(given, _)| given != name);
        all.push((name, (*value).to_owned()));
    }
    App::start(Config::with(&all).unwrap(), clock).await.unwrap()
}

/// A server for `app` on a free port, and its address.
pub(crate) fn serve(app: &Arc<App>) -> (String, ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (server, _) = http::serve(Arc::clone(app), graphql::schema(app), listener).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    (url, handle)
}
