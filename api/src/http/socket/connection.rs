//! One socket from its first message to its last: who it is, what runs on it, and when it must be closed.

use std::{collections::HashMap, rc::Rc, time::Duration};

use actix_web::web::Data;
use async_graphql::{Executor, Request};
use serde_json::{Map, Value};
use tokio::{
    sync::{Semaphore, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, interval, interval_at, sleep_until},
};

use super::{
    message::{self, Close, FromClient},
    operation::{Ended, Operation},
    wire::{Inbound, Outbound, Received, Wire},
};
use crate::{
    app::App,
    auth::Claims,
    config::Subscriptions,
    domain::{Actor, device::Device},
    graphql::errors,
    http::endpoint::Endpoint,
    limits::Client,
    refusal::{Code, Refusal},
};

/// Executions at the same time on one socket; further ones wait.
const TURNS: usize = 4;
/// How often a token's age is looked at.
const GLANCE: Duration = Duration::from_secs(1);

/// One socket.
pub struct Connection<S> {
    endpoint: Data<Endpoint<S>>,
    /// Of the request that opened it, then of `connection_init`.
    claims: Option<Claims>,
    client: Client,
    device: Device,
    request_id: String,
    is_initialised: bool,
    /// Operations, and the look at the session.
    tasks: JoinSet<Ended>,
    running: HashMap<String, AbortHandle>,
    turns: Rc<Semaphore>,
    count: u64,
}

/// How a socket comes to its end.
enum End {
    /// We close it.
    Close(Close),
    /// The peer said that it wants to part.
    Part(Option<actix_ws::CloseReason>),
    /// There is nobody to say anything to.
    Cut,
}

impl<S: Executor> Connection<S> {
    /// A socket of `client`, with what the request's token says.
    pub fn new(
        endpoint: Data<Endpoint<S>>,
        claims: Option<Claims>,
        client: Client,
        device: Device,
        request_id: String,
    ) -> Self {
        Self {
            endpoint,
            claims,
            client,
            device,
            request_id,
            is_initialised: false,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            turns: Rc::new(Semaphore::new(TURNS)),
            count: 0,
        }
    }

    /// Speaks over `wire` until either side ends it, or `closing` does.
    pub async fn run(mut self, mut wire: Wire, mut closing: watch::Receiver<bool>) {
        let mut outbound = wire.outbound.clone();
        let end = tokio::select! {
            biased;
            _ = closing.wait_for(|&closing| closing) => End::Close(Close::RESTART),
            end = self.converse(&mut wire.inbound, &mut outbound) => end,
        };
        drop(self); // whatever still runs
        match end {
            End::Close(close) => {
                tracing::debug!(code = close.code, reason = close.reason, "a socket is closed");
                wire.close(close).await;
            }
            End::Part(reason) => wire.part(reason).await,
            End::Cut => wire.cut(),
        }
    }

    async fn converse(&mut self, inbound: &mut Inbound, outbound: &mut Outbound) -> End {
        let limits = self.limits().clone();
        let init_until = Instant::now() + Duration::from_secs(limits.init_seconds);
        let period = Duration::from_secs(limits.ping_seconds.max(1));
        let mut ping = interval_at(Instant::now() + period, period);
        let mut was_heard = true;
        loop {
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok(Ended::Operation(id)) => drop(self.running.remove(&id)),
                    Ok(Ended::Socket(close)) => return End::Close(close),
                    Ok(Ended::Stuck) => return End::Cut,
                    Err(error) if error.is_cancelled() => {}
                    Err(_) => return End::Close(Close::FAULT),
                },
                received = inbound.next() => {
                    was_heard = true;
                    if let Err(end) = self.hear(received, outbound).await {
                        return end;
                    }
                }
                () = sleep_until(init_until), if !self.is_initialised => {
                    return End::Close(Close::INIT_TIMEOUT);
                }
                _ = ping.tick() => {
                    if !std::mem::take(&mut was_heard) || outbound.ping().await.is_err() {
                        return End::Cut;
                    }
                }
            }
        }
    }

    async fn hear(&mut self, received: Received, outbound: &mut Outbound) -> Result<(), End> {
        match received {
            Received::Text(text) => {
                let message = FromClient::read(&text).ok_or(End::Close(Close::BAD_MESSAGE))?;
                let answer = self.answer(message, outbound).map_err(End::Close)?;
                match answer {
                    Some(answer) => outbound.send(answer).await.map_err(|_| End::Cut),
                    None => Ok(()),
                }
            }
            Received::Ping(bytes) => outbound.pong(&bytes).await.map_err(|_| End::Cut),
            Received::Pong => Ok(()),
            Received::Close(reason) => Err(End::Part(reason)),
            Received::Wrong(close) => Err(End::Close(close)),
            Received::Gone => Err(End::Cut),
        }
    }

    /// What is answered to a message at once.
    fn answer(&mut self, message: FromClient, outbound: &Outbound) -> Result<Option<String>, Close> {
        match message {
            FromClient::Init(_) if self.is_initialised => Err(Close::SECOND_INIT),
            FromClient::Init(payload) => {
                self.claims = self.claims_of(&payload)?;
                self.is_initialised = true;
                if let Some(claims) = self.claims.clone() {
                    self.tasks
                        .spawn_local(until_signed_out(self.endpoint.clone(), claims));
                }
                Ok(Some(message::ack()))
            }
            FromClient::Ping(payload) => Ok(Some(message::pong(payload))),
            FromClient::Pong => Ok(None),
            FromClient::Subscribe(..) if !self.is_initialised => Err(Close::EARLY),
            FromClient::Subscribe(id, _) if self.running.contains_key(&id) => Err(Close::DUPLICATE),
            FromClient::Subscribe(id, _) if self.running.len() >= self.limits().operations => {
                let limit = self.limits().operations;
                let text = format!("At most {limit} operations run on one socket at the same time.");
                let error = errors::error(Code::RateLimited, text);
                Ok(Some(message::error(&id, &[error])))
            }
            FromClient::Subscribe(id, request) => {
                self.begin(id, *request, outbound);
                Ok(None)
            }
            FromClient::Complete(id) => {
                if let Some(operation) = self.running.remove(&id) {
                    operation.abort();
                }
                Ok(None)
            }
        }
    }

    /// Whose the socket is: by the payload's `authorization`, or else by the header of the request.
    fn claims_of(&self, payload: &Map<String, Value>) -> Result<Option<Claims>, Close> {
        let mut given = payload
            .iter()
            .filter(|(name, value)| name.eq_ignore_ascii_case("authorization") && !value.is_null());
        let claims = match (given.next(), given.next()) {
            (None, _) => self.claims.clone(),
            (Some((_, Value::String(authorization))), None) => {
                let claims = self.endpoint.claims_of(authorization);
                Some(claims.map_err(|_| Close::BAD_TOKEN)?)
            }
            _ => return Err(Close::BAD_TOKEN),
        };
        match &claims {
            Some(claims) if claims.is_over(self.app().clock.now()) => Err(Close::TOKEN_OVER),
            _ => Ok(claims),
        }
    }

    fn begin(&mut self, id: String, request: Request, outbound: &Outbound) {
        self.count += 1;
        let operation = Operation {
            endpoint: self.endpoint.clone(),
            claims: self.claims.clone(),
            client: self.client,
            device: self.device,
            turns: Rc::clone(&self.turns),
            outbound: outbound.clone(),
            id: id.clone(),
            request_id: format!("{}.{}", self.request_id, self.count),
        };
        let running = self.tasks.spawn_local(operation.run(request));
        self.running.insert(id, running);
    }

    fn app(&self) -> &App {
        &self.endpoint.app
    }

    fn limits(&self) -> &Subscriptions {
        &self.app().config.subscriptions
    }
}

/// Waits until the token is too old, its session has ended, or a role was taken back. A database that does not answer
/// changes nothing here: without it, nothing is delivered either.
async fn until_signed_out<S: Executor>(endpoint: Data<Endpoint<S>>, claims: Claims) -> Ended {
    let app = &endpoint.app;
    let every = app.config.subscriptions.session_seconds.max(1);
    let mut roles = None;
    let mut glances = interval(GLANCE);
    for glance in 0.. {
        glances.tick().await;
        if claims.is_over(app.clock.now()) {
            return Ended::Socket(Close::TOKEN_OVER);
        }
        if glance % every != 0 {
            continue;
        }
        match Actor::of(app, &claims).await {
            Ok(Actor::Person(member)) => {
                let held = roles.get_or_insert_with(|| member.roles.clone());
                if held.iter().any(|role| !member.roles.contains(role)) {
                    return Ended::Socket(Close::ROLE_GONE);
                }
            }
            Err(Refusal::Unauthenticated) => return Ended::Socket(Close::SESSION_OVER),
            Ok(_) | Err(_) => {}
        }
    }
    Ended::Socket(Close::TOKEN_OVER)
}
