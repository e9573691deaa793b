//! One operation on a socket: executed once, and if it follows something, again whenever that changes.

use std::{
    hash::{BuildHasher, RandomState},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix_web::web::Data;
use async_graphql::{Executor, Extensions, Request, Variables};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, sleep_until},
};

use super::{
    message::{self, Close},
    wire::{Outbound, Stuck},
};
use crate::{
    auth::{Claims, Pass},
    domain::device::Device,
    graphql::{
        errors,
        precheck::{Answer, Transport},
    },
    http::endpoint::{Answered, Endpoint, operation_name, who},
    limits::Client,
    refusal::{Code, Refusal},
    watch::Watch,
};

/// Until a delivery that was one too many is tried again.
const TOO_SOON: Duration = Duration::from_secs(1);

/// What an operation needs of its socket.
pub struct Operation<S> {
    /// The process, and the schema.
    pub endpoint: Data<Endpoint<S>>,
    /// Who asks.
    pub claims: Option<Claims>,
    /// From where.
    pub client: Client,
    /// With what.
    pub device: Device,
    /// Executions at the same time on one socket.
    pub turns: Rc<Semaphore>,
    /// Where answers go.
    pub outbound: Outbound,
    /// Under this id.
    pub id: String,
    /// Finds it in the log.
    pub request_id: String,
}

/// How it ended.
pub enum Ended {
    /// Everything was said under this id.
    Operation(String),
    /// The whole socket must be closed.
    Socket(Close),
    /// The peer takes nothing.
    Stuck,
}

/// The parts of a request that each execution takes anew.
struct Asked {
    query: String,
    operation_name: Option<String>,
    variables: Variables,
    extensions: Extensions,
}

impl<S: Executor> Operation<S> {
    /// Until everything is said.
    pub async fn run(mut self, request: Request) -> Ended {
        match self.follow(request).await {
            Ok(ended) => ended,
            Err(Stuck) => Ended::Stuck,
        }
    }

    async fn follow(&mut self, mut request: Request) -> Result<Ended, Stuck> {
        let app = Arc::clone(&self.endpoint.app);
        let watch = Arc::new(app.watchers.watch());
        let interval = Duration::from_millis(app.config.subscriptions.interval_millis);
        self.endpoint.write_out(&mut request);
        let (name, begun) = (operation_name(&request), Instant::now());
        let asked = Asked::of(request);
        let who = who(self.claims.as_ref(), self.client);
        let standing = app.limits.request(who);
        if let Some(seconds) = standing.and_then(|standing| standing.retry_after) {
            let error = errors::from_refusal(&Refusal::RateLimited(seconds), &self.request_id);
            return self.end(message::error(&self.id, &[error])).await;
        }
        let hasher = RandomState::new();
        let (turns, mut last) = (Rc::clone(&self.turns), None);
        loop {
            if self
                .claims
                .as_ref()
                .is_some_and(|claims| claims.is_over(app.clock.now()))
            {
                return Ok(Ended::Socket(Close::TOKEN_OVER));
            }
            let turn = turns.acquire().await;
            let delivery = match last {
                None => None,
                Some(_) => Some(self.endpoint.deliveries.acquire().await),
            };
            watch.catch_up();
            let deadline = self.endpoint.deadline();
            let execution = self.execute(asked.request(&watch));
            let outcome = self.endpoint.in_time(execution, deadline, &self.request_id).await;
            drop(delivery);
            if last.is_none() {
                let (request_id, operation) = (&self.request_id, name.as_deref());
                let millis = begun.elapsed().as_millis();
                tracing::info!(target: "api::access", millis, request_id, operation, "answered over a socket");
            }
            let answer = match outcome {
                Ok(answered) => answered.answer,
                Err(failure) => {
                    let error = failure.error(&self.request_id);
                    return self.end(message::error(&self.id, &[error])).await;
                }
            };
            let has_data = answer.response.data != async_graphql::Value::Null;
            if !answer.executed || (answer.subscribes && !has_data) {
                if last.is_some() && self.claims.is_some() && says_signed_out(&answer) {
                    return Ok(Ended::Socket(Close::SESSION_OVER));
                }
                return self.end(message::error(&self.id, &answer.response.errors)).await;
            }
            let Ok(text) = message::next(&self.id, &answer.response) else {
                return Ok(Ended::Socket(Close::FAULT));
            };
            let hash = hasher.hash_one(&text);
            if last.replace(hash) != Some(hash) {
                self.outbound.send(text).await?;
            }
            drop(turn);
            if !answer.subscribes {
                return self.end(message::complete(&self.id)).await;
            }
            let earliest = Instant::now() + interval;
            watch.changed().await;
            sleep_until(earliest).await;
            // One that is too many comes later, with all that changed meanwhile.
            while app
                .limits
                .delivery(who)
                .is_some_and(|standing| standing.retry_after.is_some())
            {
                sleep(TOO_SOON).await;
            }
        }
    }

    fn execute(&self, request: Request) -> impl Future<Output = Answered> {
        let (claims, client) = (self.claims.clone(), self.client);
        self.endpoint.execute(
            request,
            claims.map(Pass::Session),
            client,
            self.device,
            Transport::Socket,
            &self.request_id,
        )
    }

    async fn end(&mut self, text: String) -> Result<Ended, Stuck> {
        self.outbound.send(text).await?;
        Ok(Ended::Operation(self.id.clone()))
    }
}

impl Asked {
    fn of(request: Request) -> Self {
        Self {
            query: request.query,
            operation_name: request.operation_name,
            variables: request.variables,
            extensions: request.extensions,
        }
    }

    fn request(&self, watch: &Arc<Watch>) -> Request {
        let mut request = Request::new(self.query.as_str())
            .variables(self.variables.clone())
            .data(Arc::clone(watch));
        request.operation_name.clone_from(&self.operation_name);
        request.extensions.clone_from(&self.extensions);
        request
    }
}

fn says_signed_out(answer: &Answer) -> bool {
    let code = async_graphql::Value::from(Code::Unauthenticated.as_str());
    answer.response.errors.iter().any(|error| {
        let extensions = error.extensions.as_ref();
        extensions.and_then(|extensions| extensions.get("code")) == Some(&code)
    })
}
