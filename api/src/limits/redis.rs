//! Counting over all processes, in Redis: one number for each caller and kind, which goes by itself.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::rate::{Rate, Standing};
use crate::config::Config;

/// Redis answers in a fraction of a millisecond; what takes longer than this is not waited for.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long connecting may take, and how long after a failure it is tried again.
const CONNECTING: Duration = Duration::from_secs(2);

/// How `memory` counts, at once for all processes. Answers how far the caller ran ahead, in microseconds. Numbers are
/// whole and below 2^53, written out because Lua would round them.
const TAKE: &str = "
local now, step, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ahead = tonumber(redis.call('GET', KEYS[1]) or now) - now
ahead = math.max(0, math.min(ahead, window))
if ahead + step <= window then
    redis.call('SET', KEYS[1], string.format('%.0f', now + ahead + step), 'PX', math.ceil(window / 1000))
end
return ahead
";

/// Counts of all processes that share a Redis.
pub struct Shared {
    prefix: String,
    client: Client,
    runtime: Handle,
    /// None while Redis does not answer: no request tries it then.
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Whether Redis failed since it last counted. One that takes connections and refuses to write fails with each of
    /// them, and is spoken of once.
    failed: AtomicBool,
}

impl Shared {
    /// Connects beside everything else; until then nothing is counted here.
    pub fn connect(config: &Config) -> RedisResult<Arc<Self>> {
        let shared = Arc::new(Self {
            prefix: config.redis_prefix.clone(),
            client: Client::open(config.redis_url.as_str())?,
            runtime: Handle::current(),
            connection: ArcSwapOption::empty(),
            failed: AtomicBool::new(false),
        });
        shared.runtime.spawn(connect(Arc::downgrade(&shared)));
        Ok(shared)
    }

    /// Counts one of `key` at `now`, in microseconds since 1970. `None` when Redis does not answer in time.
    pub async fn take(self: &Arc<Self>, key: &str, rate: Rate, now: u64) -> Option<Standing> {
        let connection = self.connection.load_full()?;
        let asking = self.ask(MultiplexedConnection::clone(&connection), key, rate, now);
        if let Ok(Ok(ahead)) = timeout(PATIENCE, asking).await {
            if self.failed.swap(false, Ordering::Relaxed) {
                tracing::info!("Redis counts again; limits hold for all processes together");
            }
            return Some(rate.standing(ahead));
        }
        // A connection that did not answer once may never answer again, without being told so. The first to notice
        // gives it up.
        let given_up = self.connection.compare_and_swap(&connection, None);
        if given_up
            .as_ref()
            .is_some_and(|given_up| Arc::ptr_eq(given_up, &connection))
        {
            if !self.failed.swap(true, Ordering::Relaxed) {
                tracing::warn!("Redis does not count; limits hold for each process by itself meanwhile");
            }
            self.runtime.spawn(reconnect(Arc::downgrade(self)));
        }
        None
    }

    /// The braces keep all keys of a deployment in one slot of a cluster.
    async fn ask(
        &self,
        mut connection: MultiplexedConnection,
        key: &str,
        rate: Rate,
        now: u64,
    ) -> RedisResult<u64> {
        redis::cmd("EVAL")
            .arg(TAKE)
            .arg(1)
            .arg(format!("{{{}}}:limit:{key}", self.prefix))
            .arg(now)
            .arg(rate.step)
            .arg(rate.window())
            .query_async(&mut connection)
            .await
    }
}

/// After a pause, because what is wrong may not be the connection: it could be made and fail for ever.
async fn reconnect(shared: Weak<Shared>) {
    sleep(CONNECTING).await;
    connect(shared).await;
}

/// Tries to connect until it is done, or nobody is left who needs it.
async fn connect(shared: Weak<Shared>) {
    while let Some(client) = shared.upgrade().map(|shared| shared.client.clone()) {
        let settings = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECTING));
        let connecting = client.get_multiplexed_async_connection_with_config(&settings);
        match (timeout(CONNECTING, connecting).await, shared.upgrade()) {
            (Ok(Ok(connection)), Some(shared)) => {
                shared.connection.store(Some(Arc::new(connection)));
                return;
            }
            _ => sleep(CONNECTING).await,
        }
    }
}
