//! `turnout serve` and `turnout work`: start, wait for a signal, stop in order.

use std::{net::TcpListener, sync::Arc};

use anyhow::{Context, Result, ensure};
use api::{app::App, clock::Clock, config::Config, db, graphql, http, telemetry, worker};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

/// Serves until the process is told to stop: then no connection is accepted any more, the requests that have begun are
/// finished, and the worker stops last.
pub async fn serve(config: Config, with_worker: bool) -> Result<()> {
    let told = told_to_stop()?;
    telemetry::start(&config.log)?;
    check_schema(&config).await?;
    let listener =
        TcpListener::bind(&config.listen).with_context(|| format!("listening on {}", config.listen))?;
    let address = listener.local_addr()?;
    let app = App::start(config, Clock::System).await?;
    let server = http::serve(Arc::clone(&app), graphql::schema(&app.config), listener)?;
    let handle = server.handle();
    let mut server = tokio::spawn(server);
    let mut worker = Worker::start(&app, with_worker);
    super::print(&welcome(&app.config, &format!("http://{address}")))?;

    let ended = tokio::select! {
        () = told => Ok(()),
        ended = &mut server => ended?.context("serving"),
        ended = worker.ended() => ended,
    };
    tracing::info!("stopping");
    handle.stop(true).await;
    ended.and(worker.stop().await)
}

/// Runs jobs until the process is told to stop.
pub async fn work(config: Config) -> Result<()> {
    let told = told_to_stop()?;
    telemetry::start(&config.log)?;
    check_schema(&config).await?;
    let app = App::start(config, Clock::System).await?;
    let mut worker = Worker::start(&app, true);
    tracing::info!("working");
    let ended = tokio::select! {
        () = told => Ok(()),
        ended = worker.ended() => ended,
    };
    tracing::info!("stopping");
    ended.and(worker.stop().await)
}

/// A worker beside, and how to stop it.
struct Worker {
    stop: watch::Sender<bool>,
    /// None: there is none, or its end was seen.
    task: Option<JoinHandle<Result<()>>>,
}

impl Worker {
    fn start(app: &Arc<App>, wanted: bool) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = wanted.then(|| tokio::spawn(worker::run(Arc::clone(app), stopped)));
        Self { stop, task }
    }

    /// Waits for an end that nobody asked for; without a worker, for ever.
    async fn ended(&mut self) -> Result<()> {
        let Some(task) = &mut self.task else {
            return std::future::pending().await;
        };
        let ended = task.await;
        self.task = None;
        ended?.context("the worker")
    }

    async fn stop(mut self) -> Result<()> {
        self.stop.send_replace(true);
        match self.task.take() {
            Some(task) => task.await?,
            None => Ok(()),
        }
    }
}

/// In production the schema is changed by an operator, not by whichever process starts first.
async fn check_schema(config: &Config) -> Result<()> {
    if config.is_production() {
        let pending = db::changes(config)
            .await?
            .iter()
            .filter(|(_, done)| !done)
            .count();
        ensure!(
            pending == 0,
            "{pending} changes of the schema are pending; run `turnout migrate up` first"
        );
    }
    Ok(())
}

/// SIGTERM or SIGINT. Registered at once, so that a signal during the start is not lost.
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn welcome(config: &Config, base: &str) -> String {
    let mut text = format!(
        "Turnout listens on {base}\n\
         \n\
         \x20 curl {base}/graphql -H 'content-type: application/json' \\\n\
         \x20   -d '{{\"query\":\"{{ nearbyEvents(near: {{ postalCode: \\\"50309\\\" }}, first: 3) \
         {{ edges {{ node {{ title }} }} }} }}\"}}'\n"
    );
    if config.is_on(config.graphql.graphiql) {
        text.push_str(&format!("  {base}/ to write queries in a browser\n"));
    }
    if !config.is_production() {
        text.push_str("  turnout token --email you@example.org prints an access token, to act as somebody\n");
    }
    text
}
