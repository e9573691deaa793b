//! `GET /graphql` with an upgrade: queries, mutations and subscriptions over one WebSocket, by the protocol
//! `graphql-transport-ws`.
//!
//! Our own handler, because the integration crate's answers with other close codes than the protocol's, buffers
//! without bound, and never looks again at who is asking.

mod connection;
mod inlet;
mod message;
mod operation;
mod outlet;
mod wire;

pub use wire::keep_handle;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::{
        StatusCode,
        header::{HOST, HeaderMap, ORIGIN, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    },
    rt,
    web::{Data, Payload},
};
use async_graphql::Executor;
use tokio::sync::watch;

use self::{connection::Connection, message::Close, wire::Wire};
use super::{
    edge,
    endpoint::Endpoint,
    media::{Media, unauthenticated},
    rates,
};
use crate::{
    config::{Config, Subscriptions},
    graphql::errors,
    limits::{Client, Who},
    refusal::{Code, Refusal},
};

/// The only subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// When somebody who has too many sockets may try again, in seconds.
const PAUSE: u64 = 10;

/// The open sockets of one server; cheap to clone.
#[derive(Clone, Default)]
pub struct Sockets(Arc<Open>);

struct Open {
    count: Mutex<Count>,
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct Count {
    all: usize,
    of_client: HashMap<Client, usize>,
}

/// One of the sockets there may be; given back when it is dropped.
struct Place {
    sockets: Sockets,
    client: Client,
}

/// Whether a request wants another protocol than HTTP.
pub fn is_upgrade(context: &guard::GuardContext<'_>) -> bool {
    let upgrade = context.head().headers().get(UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Opens a socket, unless this was tried too often, the page it comes from may not call, the token is no good, or there are
/// too many. Trying counts for the client, whoever the token names: a signature would have to be checked to know.
pub async fn open<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    sockets: Data<Sockets>,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let config = &endpoint.app.config;
    let request_id = edge::request_id(&http);
    let client = endpoint.client(&http);
    if let Some(standing) = endpoint.app.limits.request(Who::Client(client))
        && let Some(seconds) = standing.retry_after
    {
        let mut response = too_many(&Refusal::RateLimited(seconds), &request_id);
        rates::tell(&mut response, standing);
        return response;
    }
    if !may_call(config, http.headers()) {
        let error = errors::error(Code::Forbidden, "Pages of this origin may not open a socket.");
        return Media::Json.refuse(StatusCode::FORBIDDEN, error);
    }
    let claims = match endpoint.claims(http.headers()) {
        Ok(claims) => claims,
        Err(refusal) => return unauthenticated(Media::Json, &refusal, &request_id),
    };
    let device = Endpoint::<S>::device(http.headers());
    let place = match sockets.enter(client, &config.subscriptions) {
        Ok(place) => place,
        Err(refusal) => return too_many(&refusal, &request_id),
    };
    let speaks_ours = offers_protocol(http.headers());
    let (response, wire) = match Wire::accept(&http, payload, config.subscriptions.message_limit).await {
        Ok(accepted) => accepted,
        Err(error) => return error.error_response(),
    };
    let connection = Connection::new(endpoint, claims, client, device, request_id);
    let closing = sockets.0.closing.subscribe();
    rt::spawn(async move {
        let _place = place;
        if speaks_ours {
            connection.run(wire, closing).await;
        } else {
            wire.close(Close::PROTOCOL).await;
        }
    });
    response
}

impl Sockets {
    /// Closes all of them, and lets none be opened any more.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.count().all
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn enter(&self, client: Client, limits: &Subscriptions) -> Result<Place, Refusal> {
        let mut count = self.count();
        if *self.0.closing.borrow() || count.all >= limits.sockets {
            return Err(Refusal::Unavailable);
        }
        let open = count.of_client.get(&client).copied().unwrap_or_default();
        if open >= limits.sockets_per_client {
            return Err(Refusal::RateLimited(PAUSE));
        }
        count.of_client.insert(client, open + 1);
        count.all += 1;
        Ok(Place {
            sockets: self.clone(),
            client,
        })
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Open {
    fn default() -> Self {
        Self {
            count: Mutex::default(),
            closing: watch::Sender::new(false),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut count = self.sockets.count();
        count.all -= 1;
        if let Some(open) = count.of_client.get_mut(&self.client) {
            *open -= 1;
            if *open == 0 {
                count.of_client.remove(&self.client);
            }
        }
    }
}

/// Browsers ask nobody before they open a socket, so the origin is looked at here: one that may call, or our own.
fn may_call(config: &Config, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true; // no browser
    };
    let allowed = &config.http.cors_origins;
    let is_allowed = |allowed: &String| allowed == "*" || allowed.as_bytes() == origin.as_bytes();
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_same = match (origin.split_once("://"), host) {
        (Some((_, authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    };
    let is_public = || {
        let public = config.base_url();
        let rest = public.strip_prefix(origin);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    allowed.iter().any(is_allowed) || is_same || is_public()
}

fn offers_protocol(headers: &HeaderMap) -> bool {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == PROTOCOL)
}

fn too_many(refusal: &Refusal, request_id: &str) -> HttpResponse {
    let (status, seconds) = match refusal {
        Refusal::RateLimited(seconds) => (StatusCode::TOO_MANY_REQUESTS, *seconds),
        _ => (StatusCode::SERVICE_UNAVAILABLE, PAUSE),
    };
    let mut response = Media::Json.refuse(status, errors::from_refusal(refusal, request_id));
    rates::tell_to_wait(&mut response, seconds);
    response
}
