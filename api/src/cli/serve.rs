//! `turnout serve` and `turnout work`: start, wait for a signal, stop in order.

use std::{net::TcpListener, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use api::{app::App, bus, clock::Clock, config::Config, db, demo, graphql, http, telemetry, worker};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// How often signing keys are looked at.
const KEYS: Duration = Duration::from_secs(3600);

/// Serves until the process is told to stop: then sockets are closed, no connection is accepted any more, the requests that have begun are
/// finished, and the worker stops last.
pub async fn serve(config: Config, demo: bool, with_worker: bool) -> Result<()> {
    let told = told_to_stop()?;
    telemetry::start(&config.log)?;
    check_schema(&config).await?;
    let listener =
        TcpListener::bind(&config.listen).with_context(|| format!("listening on {}", config.listen))?;
    let address = listener.local_addr()?;
    let app = App::start(config, Clock::System).await?;
    if demo {
        demo::load(&app).await.context("loading the demo")?;
    }
    let (server, sockets) = http::serve(Arc::clone(&app), graphql::schema(&app), listener)?;
    let handle = server.handle();
    let mut server = tokio::spawn(server);
    let mut background = Background::start(&app, with_worker);
    super::print(&welcome(&app.config, &format!("http://{address}")))?;

    let ended = tokio::select! {
        () = told => Ok(()),
        ended = &mut server => ended?.context("serving"),
        ended = background.ended() => ended,
    };
    tracing::info!("stopping");
    sockets.close();
    handle.stop(true).await;
    ended.and(background.stop().await)
}

/// Runs jobs until the process is told to stop.
pub async fn work(config: Config) -> Result<()> {
    let told = told_to_stop()?;
    telemetry::start(&config.log)?;
    check_schema(&config).await?;
    let app = App::start(config, Clock::System).await?;
    let mut background = Background::start(&app, true);
    tracing::info!("working");
    let ended = tokio::select! {
        () = told => Ok(()),
        ended = background.ended() => ended,
    };
    tracing::info!("stopping");
    ended.and(background.stop().await)
}

/// What runs beside the server until it is told to stop.
struct Background {
    stop: watch::Sender<bool>,
    worker: JoinHandle<Result<()>>,
    others: JoinSet<()>,
}

impl Background {
    fn start(app: &Arc<App>, with_worker: bool) -> Self {
        let (stop, stopped) = watch::channel(false);
        let worker = match with_worker {
            true => tokio::spawn(worker::run(Arc::clone(app), stopped.clone())),
            false => {
                let relay = worker::relay(Arc::clone(app), stopped.clone());
                tokio::spawn(async {
                    relay.await;
                    Ok(())
                })
            }
        };
        let mut others = JoinSet::new();
        others.spawn(bus::listen(Arc::clone(app), stopped.clone()));
        others.spawn(bus::keep_fresh(Arc::clone(app), stopped.clone()));
        others.spawn(keep_keys(Arc::clone(app), stopped));
        Self { stop, worker, others }
    }

    /// Waits for an end of the worker that nobody asked for.
    async fn ended(&mut self) -> Result<()> {
        (&mut self.worker).await?.context("the worker")
    }

    async fn stop(mut self) -> Result<()> {
        self.stop.send_replace(true);
        while self.others.join_next().await.is_some() {}
        if self.worker.is_finished() {
            Ok(())
        } else {
            self.worker.await?
        }
    }
}

/// Takes notice of a new period of signing keys.
async fn keep_keys(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(KEYS) => {}
            _ = stop.wait_for(|&stop| stop) => return,
        }
        if let Err(refusal) = app.signer.refresh(&app.db, &app.keys, app.clock.now()).await {
            tracing::warn!(error = ?refusal, "signing keys could not be read; the next hour tries again");
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
    let query = r#"{"query":"{ nearbyEvents(near: {postalCode: {code: \"50309\"}}, first: 3) { edges { distanceMetres node { title } } } }"}"#;
    let mut text = format!(
        "Turnout listens on {base}\n\n  curl {base}/graphql -H 'content-type: application/json' -d '{query}'\n"
    );
    if config.is_on(config.graphql.graphiql) {
        text.push_str(&format!("  {base}/ to write queries in a browser\n"));
    }
    if !config.is_production() {
        text.push_str("  turnout token --email you@example.org prints an access token, to act as somebody\n");
    }
    text
}
