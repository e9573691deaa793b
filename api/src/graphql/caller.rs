//! Who makes a request, found out when somebody asks.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, ContextBase, InputType};
use tokio::sync::OnceCell;

use super::loaders::Loaders;
use crate::{
    app::App,
    auth::Pass,
    domain::{Actor, device::Device, event::links, idempotency::IdempotencyKey},
    limits::Client,
    refusal::Refusal,
};

/// Who makes a request. Session and roles are read when a resolver first needs them, so that a query of public lists
/// touches no rows, signed in or not.
pub struct Caller {
    pass: Option<Pass>,
    client: Client,
    device: Device,
    personal: Personal,
    actor: OnceCell<Actor>,
    loaders: OnceCell<Loaders>,
}

/// Whether the answer to a request may depend on who made it. If not, everybody who is not signed in gets the same.
#[derive(Clone, Default)]
pub struct Personal(Arc<AtomicBool>);

impl Personal {
    /// Whether it may, as far as resolvers have asked until now.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Caller {
    /// A request from `client`, with what it shows of who sends it.
    pub fn new(pass: Option<Pass>, client: Client) -> Self {
        let personal = Personal::default();
        if pass.is_some() {
            personal.set();
        }
        Self {
            pass,
            client,
            device: Device::default(),
            personal,
            actor: OnceCell::new(),
            loaders: OnceCell::new(),
        }
    }

    /// The same with what its device is called.
    pub fn on(self, device: Device) -> Self {
        Self { device, ..self }
    }

    /// Where the request came from; who asks for it makes the answer personal. The same has to hold of whatever else
    /// a request may carry about who sent it.
    pub fn client(&self) -> Client {
        self.personal.set();
        self.client
    }

    /// Whether the answer may depend on the caller: to be looked at after the execution.
    pub fn personal(&self) -> Personal {
        self.personal.clone()
    }
}

/// Whether the caller sent a token, good or not.
pub(super) fn is_signed_in<T>(ctx: &ContextBase<'_, T>) -> bool {
    ctx.data_unchecked::<Caller>().pass.is_some()
}

/// The process's parts.
pub(super) fn app_of<'a>(ctx: &Context<'a>) -> &'a Arc<App> {
    ctx.data_unchecked::<Arc<App>>()
}

/// Where the request came from, for what is limited by it.
pub(super) fn client_of(ctx: &Context<'_>) -> Client {
    ctx.data_unchecked::<Caller>().client()
}

/// What the caller's device is called.
pub(super) fn device_of(ctx: &Context<'_>) -> Device {
    let caller = ctx.data_unchecked::<Caller>();
    caller.personal.set();
    caller.device
}

/// Who is asking. UNAUTHENTICATED when the token's session has ended.
pub(super) async fn actor_of<'a>(ctx: &Context<'a>) -> Result<&'a Actor, Refusal> {
    let caller = ctx.data_unchecked::<Caller>();
    let load = async || match &caller.pass {
        Some(Pass::HostLink(hash)) => links::visitor(app_of(ctx), hash, caller.device).await,
        Some(Pass::Session(claims)) => Ok(Actor::of(app_of(ctx), claims).await?.on(caller.device)),
        None => Ok(Actor::Anonymous),
    };
    caller.actor.get_or_try_init(load).await
}

/// Batches what the resolvers of this request ask for one by one.
pub(super) async fn loaders_of<'a>(ctx: &Context<'a>) -> Result<&'a Loaders, Refusal> {
    let caller = ctx.data_unchecked::<Caller>();
    let actor = actor_of(ctx).await?;
    let make = async || Loaders::new(Arc::clone(app_of(ctx)), actor.clone());
    Ok(caller.loaders.get_or_init(make).await)
}

/// The key that a mutation's `input` carries, for the whole of that input.
pub(super) async fn idempotency_key(
    ctx: &Context<'_>,
    key: Option<&String>,
    input: &impl InputType,
) -> Result<Option<IdempotencyKey>, Refusal> {
    let Some(key) = key else { return Ok(None) };
    let (actor, client) = (actor_of(ctx).await?, client_of(ctx));
    let input = input.to_value().to_string();
    IdempotencyKey::new(app_of(ctx), actor, client, ctx.field().name(), key, &input).map(Some)
}
