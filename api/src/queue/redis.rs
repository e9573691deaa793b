//! Lists in Redis: RPUSH, BLPOP and LPOP of the 16 bytes of an id, and nothing else.

use std::num::NonZeroUsize;
use std::time::Duration;

use entity::Lane;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncTypedCommands, Client, RedisResult};
use sea_orm::ActiveEnum;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::config::Config;

/// A command that takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(2);
/// The longest wait that a blocking read asks Redis for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Lists in Redis, one for each lane.
pub struct Lists {
    prefix: String,
    shared: ConnectionManager,
    /// A blocking read holds up everything behind it, so each lane reads on a connection of its own.
    now: Mutex<ConnectionManager>,
    soon: Mutex<ConnectionManager>,
    bulk: Mutex<ConnectionManager>,
}

impl Lists {
    pub(super) fn connect(config: &Config) -> RedisResult<Self> {
        let client = Client::open(config.redis_url.as_str())?;
        let open = |response: Duration| {
            let settings = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(DEADLINE))
                .set_response_timeout(Some(response))
                .set_number_of_retries(1);
            client.get_connection_manager_lazy(settings)
        };
        let blocking = || open(LONGEST_WAIT + DEADLINE).map(Mutex::new);
        Ok(Self {
            prefix: config.redis_prefix.clone(),
            shared: open(DEADLINE)?,
            now: blocking()?,
            soon: blocking()?,
            bulk: blocking()?,
        })
    }

    pub(super) async fn push(&self, lane: Lane, ids: &[Uuid]) -> RedisResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
        self.shared.clone().rpush(self.key(lane), ids).await?;
        Ok(())
    }

    pub(super) async fn pop(&self, lane: Lane, max: usize, wait: Duration) -> RedisResult<Vec<Uuid>> {
        let reader = match lane {
            Lane::Now => &self.now,
            Lane::Soon => &self.soon,
            Lane::Bulk => &self.bulk,
        };
        let mut connection = reader.lock().await;
        let key = self.key(lane);
        let seconds = wait.min(LONGEST_WAIT).as_secs_f64().max(0.01);
        let first: Option<(Vec<u8>, Vec<u8>)> = redis::cmd("BLPOP")
            .arg(&key)
            .arg(seconds)
            .query_async(&mut *connection)
            .await?;
        let Some((_, first)) = first else {
            return Ok(Vec::new());
        };
        let mut ids = vec![first];
        if let Some(more) = NonZeroUsize::new(max.saturating_sub(1)) {
            let rest: Option<Vec<Vec<u8>>> = redis::cmd("LPOP")
                .arg(&key)
                .arg(more.get())
                .query_async(&mut *connection)
                .await?;
            ids.extend(rest.unwrap_or_default());
        }
        // What is no id was put there by somebody else.
        Ok(ids.iter().filter_map(|id| Uuid::from_slice(id).ok()).collect())
    }

    pub(super) async fn len(&self, lane: Lane) -> RedisResult<usize> {
        self.shared.clone().llen(self.key(lane)).await
    }

    pub(super) async fn ping(&self) -> RedisResult<()> {
        self.shared.clone().ping().await?;
        Ok(())
    }

    /// The braces keep all lists of a deployment in one slot of a cluster.
    fn key(&self, lane: Lane) -> String {
        format!("{{{}}}:{}", self.prefix, lane.to_value().to_lowercase())
    }
}
