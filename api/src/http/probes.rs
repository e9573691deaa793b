//! For those who run the service, and for those who check its tokens.

use std::{future::Future, time::Duration};

use actix_web::{HttpResponse, Responder, http::header::CACHE_CONTROL, web::Data};
use chrono::TimeDelta;
use serde::Serialize;

use crate::{app::App, clock, domain::texts};

/// What does not answer within this time doesn't answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How far this machine's clock may be from the database's: the map's repair reads by time.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// `/healthz`: the process is alive.
pub async fn alive() -> &'static str {
    "ok"
}

/// `/` where GraphiQL is off.
pub async fn name() -> &'static str {
    "Turnout. The API is at /graphql.\n"
}

/// `/.well-known/jwks.json`: the keys that access tokens are checked with.
pub async fn keys(app: Data<App>) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(app.signer.jwks())
}

/// `/readyz`: whether requests may be sent here. The map needs no check, it is read before the listener answers.
pub async fn ready(app: Data<App>) -> impl Responder {
    let mut problems: Vec<&'static str> = Vec::new();
    match within(app.db.time()).await {
        None => problems.push("the database does not answer"),
        Some(now) => {
            if (now - clock::system_now()).abs() > CLOCK_TOLERANCE {
                problems.push("the clock is more than 2 s from the database's");
            }
            problems.extend(schema_problem(&app).await);
        }
    }
    // Without Redis everything still works, only later: no reason to take every process away from the balancer.
    let redis = within(app.queue.ping()).await;
    let readiness = Readiness {
        ready: problems.is_empty(),
        slow: redis.is_none().then_some("Redis does not answer"),
        texts: within(texts::problem(&app)).await.flatten(),
        problems,
    };
    let mut answer = if readiness.ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(readiness)
}

/// The embedded mode brings its schema up to date itself, at the start.
async fn schema_problem(app: &App) -> Option<&'static str> {
    if !app.config.is_production() {
        return None;
    }
    match within(app.db.pending_migrations()).await {
        Some(0) => None,
        Some(_) => Some("the schema is out of date: run `turnout migrate up`"),
        None => Some("the schema's version cannot be read"),
    }
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    problems: Vec<&'static str>,
    /// What is missing for speed only.
    #[serde(skip_serializing_if = "Option::is_none")]
    slow: Option<&'static str>,
    /// Why nobody can ask for texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<&'static str>,
}

async fn within<T, E: std::fmt::Display>(check: impl Future<Output = Result<T, E>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            None
        }
        Err(_) => None,
    }
}
