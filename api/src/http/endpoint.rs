//! What every transport has in common: who asks, what is executed, and until when.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, USER_AGENT},
    },
};
use async_graphql::{Executor, Request, ServerError, parser::types::OperationType};
use futures_util::FutureExt;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use super::address;
use crate::{
    app::App,
    auth::{Claims, Pass},
    domain::{device::Device, event::links},
    graphql::{
        Caller, errors,
        precheck::{Answer, Checked, Transport},
    },
    limits::{Client, Standing, Who},
    refusal::{Code, Refusal},
    sealed,
};

/// What the handlers work with; one for all threads.
pub struct Endpoint<S> {
    /// The process.
    pub app: Arc<App>,
    /// Deliveries to followers that are executed at the same time: as many as leave half of the database's connections
    /// to requests.
    pub deliveries: Semaphore,
    schema: Checked<S>,
}

/// An answer, and what a transport says beside it.
pub struct Answered {
    /// To the request.
    pub answer: Answer,
    /// Whether everybody who is not signed in gets the same.
    pub public: bool,
    /// Where the caller stands with a limit that not all requests have.
    pub standing: Option<Standing>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug)]
pub enum Failure {
    /// A field panicked.
    Fault,
    /// The deadline passed.
    Late,
}

impl<S: Executor> Endpoint<S> {
    /// Puts the checks before `schema`.
    pub fn new(app: Arc<App>, schema: S) -> Self {
        let schema = Checked::new(schema, &app.config.graphql);
        Self {
            deliveries: Semaphore::new((app.db.readers() / 2).max(1)),
            app,
            schema,
        }
    }

    /// Writes out the document of a request that names it by its hash, for one that is executed more than once.
    pub fn write_out(&self, request: &mut Request) {
        self.schema.write_out(request);
    }

    /// Until when a request that begins now is answered.
    pub fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.app.config.http.deadline_seconds)
    }

    /// Checks and executes `request` for a caller who is read anew. Requests of all kinds are counted before, by whoever
    /// received this one; mutations are counted here.
    pub async fn execute(
        &self,
        mut request: Request,
        pass: Option<Pass>,
        client: Client,
        device: Device,
        transport: Transport,
        request_id: &str,
    ) -> Answered {
        let config = &self.app.config;
        let claims = pass.as_ref().and_then(Pass::claims);
        if claims.is_none() && !config.is_on(config.graphql.anonymous_introspection) {
            request = request.disable_introspection();
        }
        let who = who(claims, client);
        let caller = Caller::new(pass, client).on(device);
        let personal = caller.personal();
        let accepted = match self.schema.accept(request.data(caller), transport) {
            Ok(accepted) => accepted,
            Err(refused) => return Answered::refusal(*refused, None),
        };
        let standing = match accepted.operation {
            OperationType::Mutation => self.app.limits.mutation(who).await,
            OperationType::Query | OperationType::Subscription => None,
        };
        if let Some(seconds) = standing.and_then(|standing| standing.retry_after) {
            let error = errors::from_refusal(&Refusal::RateLimited(seconds), request_id);
            return Answered::refusal(Answer::refusal(error), standing);
        }
        let introspects = accepted.introspects;
        let answer = self.schema.execute(accepted, request_id).await;
        let is_whole = answer.executed && answer.response.is_ok();
        Answered {
            answer,
            public: is_whole && !introspects && !personal.is_set(),
            standing,
        }
    }

    /// What `execution` answers, unless it panics or takes too long.
    pub async fn in_time<T>(
        &self,
        execution: impl Future<Output = T>,
        deadline: Instant,
        request_id: &str,
    ) -> Result<T, Failure> {
        match timeout_at(deadline, AssertUnwindSafe(execution).catch_unwind()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => {
                tracing::error!(request_id, "a field panicked");
                Err(Failure::Fault)
            }
            Err(_) => {
                tracing::warn!(request_id, "given up at the deadline");
                Err(Failure::Late)
            }
        }
    }

    /// Where a request comes from.
    pub fn client(&self, http: &HttpRequest) -> Client {
        let trusted = &self.app.config.http.trusted_proxies;
        address::of_client(http.peer_addr(), http.headers(), trusted).into()
    }

    /// What the device that sends a request is called, and speaks.
    pub fn device(headers: &HeaderMap) -> Device {
        let sent = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let device = sent(USER_AGENT).map(Device::of).unwrap_or_default();
        device.speaking(sent(ACCEPT_LANGUAGE).unwrap_or_default())
    }

    /// Of the token, if one is sent. A token that is no good is refused, even where none is needed: the client should
    /// know that it is not signed in.
    pub fn pass(&self, headers: &HeaderMap) -> Result<Option<Pass>, Refusal> {
        let mut sent = headers.get_all(AUTHORIZATION);
        let Some(value) = sent.next() else {
            return Ok(None);
        };
        match (value.to_str(), sent.next()) {
            (Ok(value), None) => match bearer(value) {
                // Whether it works is looked at by the first field that needs to know.
                Some(token) if token.starts_with(links::PREFIX) => {
                    Ok(Some(Pass::HostLink(sealed::hash(token))))
                }
                _ => self.claims_of(value).map(Pass::Session).map(Some),
            },
            _ => Err(Refusal::Unauthenticated),
        }
    }

    /// Of the token of a session, if one is sent: for a transport on which host links are not served.
    pub fn claims(&self, headers: &HeaderMap) -> Result<Option<Claims>, Refusal> {
        match self.pass(headers)? {
            Some(Pass::Session(claims)) => Ok(Some(claims)),
            Some(Pass::HostLink(_)) => Err(Refusal::Unauthenticated),
            None => Ok(None),
        }
    }

    /// Of the token in `Bearer …`.
    pub fn claims_of(&self, authorization: &str) -> Result<Claims, Refusal> {
        let token = bearer(authorization).ok_or(Refusal::Unauthenticated)?;
        self.app.signer.verify(token, self.app.clock.now())
    }
}

impl Answered {
    fn refusal(answer: Answer, standing: Option<Standing>) -> Self {
        Self {
            answer,
            public: false,
            standing,
        }
    }
}

impl Failure {
    /// What the client is told.
    pub fn error(self, request_id: &str) -> ServerError {
        match self {
            Self::Fault => errors::internal(request_id),
            Self::Late => errors::error(Code::Unavailable, "This took too long; try again."),
        }
    }

    /// The same as a status of HTTP.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Late => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Whose requests are counted together: a person's, or those of everybody at an address who sends no token.
pub fn who(claims: Option<&Claims>, client: Client) -> Who {
    match claims {
        Some(claims) => Who::Person(claims.sub),
        None => Who::Client(client),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The name of the operation, for the log: what the client says, or what stands at the document's start. Only what can
/// be a name counts, so that nothing else gets into the log.
pub fn operation_name(request: &Request) -> Option<String> {
    let first = || {
        let document = request.query.trim_start();
        let after = ["query", "mutation", "subscription"]
            .iter()
            .find_map(|keyword| document.strip_prefix(keyword))?;
        let name = after.strip_prefix(char::is_whitespace)?.trim_start();
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        Some(name.split_at(end.unwrap_or(name.len())).0)
    };
    let given = request.operation_name.as_deref().filter(|name| !name.is_empty());
    let name = given.or_else(first)?;
    let is_name = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| name.to_owned())
}
