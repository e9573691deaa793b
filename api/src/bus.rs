//! Tells other processes which events changed, so that their maps follow within a second.
//!
//! Goes by Redis pub/sub and carries ids only. Whatever gets lost is found by the map's own repair.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncTypedCommands, Client, RedisResult};
use tokio::sync::{mpsc, watch};
use tokio::time::{interval, sleep, timeout};
use uuid::Uuid;

use crate::{app::App, config::Config};

/// Changes of the same event within this time are one message.
const WINDOW: Duration = Duration::from_millis(200);
/// Ids that wait to be published; further ones are dropped.
const WAITING: usize = 10_000;
/// Ids in one message.
const CHUNK: usize = 500;
const ID: usize = 16;
const DEADLINE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const REPAIR: Duration = Duration::from_secs(1);
const SWEEP: Duration = Duration::from_secs(300);

/// Tells other processes which events changed; without Redis, nobody.
pub struct Bus(Option<Redis>);

struct Redis {
    client: Client,
    channel: String,
    /// Marks this process's own messages, which it need not hear.
    process: Uuid,
    waiting: mpsc::Sender<Uuid>,
}

impl Bus {
    /// Does not wait for Redis: a process starts without it.
    pub async fn connect(config: &Config) -> Result<Self> {
        if config.redis_url.is_empty() {
            return Ok(Self(None));
        }
        let client = Client::open(config.redis_url.as_str())?;
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(DEADLINE))
            .set_response_timeout(Some(DEADLINE))
            .set_number_of_retries(1);
        let connection = client.get_connection_manager_lazy(settings)?;
        let (waiting, ids) = mpsc::channel(WAITING);
        let redis = Redis {
            client,
            channel: format!("{{{}}}:events", config.redis_prefix),
            process: Uuid::now_v7(),
            waiting,
        };
        tokio::spawn(publish(connection, redis.channel.clone(), redis.process, ids));
        Ok(Self(Some(redis)))
    }

    /// Says that the events `ids` changed. Neither waits nor fails.
    pub async fn publish(&self, ids: impl Iterator<Item = Uuid>) {
        let Some(redis) = &self.0 else { return };
        for id in ids {
            if redis.waiting.try_send(id).is_err() {
                tracing::warn!(
                    "too many changes at once to tell other processes of; their repair will find them"
                );
                return;
            }
        }
    }
}

/// Follows what other processes say, until `stop`. Returns at once without Redis.
pub async fn listen(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let Some(redis) = &app.bus.0 else { return };
    let follow = async {
        let mut pause = WINDOW;
        loop {
            match follow(&app, redis, &mut pause).await {
                Ok(()) => tracing::warn!("the connection to Redis ended; changes come by repair meanwhile"),
                Err(error) => {
                    tracing::warn!(%error, "Redis does not answer; changes come by repair meanwhile")
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    };
    tokio::select! {
        () = follow => {}
        _ = stop.wait_for(|&stop| stop) => {}
    }
}

/// Repairs the map from the database every second and compares all of it every five minutes, until `stop`.
pub async fn keep_fresh(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let work = async {
        let (mut repair, mut sweep) = (interval(REPAIR), interval(SWEEP));
        repair.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        sweep.tick().await; // the first tick comes at once, and the map was just read
        loop {
            tokio::select! {
                _ = repair.tick() => {
                    match app.map.repair(&app.db, app.clock.now()).await {
                        Ok(repaired) => app.watchers.tell(repaired.changed),
                        Err(error) => tracing::warn!(%error, "the map could not be repaired"),
                    }
                }
                _ = sweep.tick() => match app.map.sweep(&app.db, app.clock.now()).await {
                    Ok(mended) if mended.is_empty() => {}
                    Ok(mended) => {
                        tracing::warn!(mended = mended.len(), "the map had missed changes");
                        app.watchers.tell(mended);
                    }
                    Err(error) => tracing::warn!(%error, "the map could not be compared"),
                },
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|&stop| stop) => {}
    }
}

async fn follow(app: &App, redis: &Redis, pause: &mut Duration) -> RedisResult<()> {
    let connect = timeout(DEADLINE, redis.client.get_async_pubsub());
    let mut subscription = connect.await.map_err(std::io::Error::from)??;
    subscription.subscribe(&redis.channel).await?;
    *pause = WINDOW;
    let mut messages = subscription.into_on_message();
    while let Some(message) = messages.next().await {
        let (sender, ids) = decode(message.get_payload_bytes());
        if sender == Some(redis.process) {
            continue;
        }
        if let Err(error) = app.map.refresh(&app.db, &ids, app.clock.now()).await {
            tracing::warn!(%error, "the map could not re-read a changed event; its repair will");
        }
        app.tell(ids.into_iter());
    }
    Ok(())
}

/// Publishes what waits at once, each id once, then lets a window pass in which the next ones gather.
async fn publish(
    mut connection: ConnectionManager,
    channel: String,
    process: Uuid,
    mut ids: mpsc::Receiver<Uuid>,
) {
    let mut batch = Vec::new();
    while ids.recv_many(&mut batch, WAITING).await > 0 {
        let once: HashSet<Uuid> = batch.drain(..).collect();
        let changed: Vec<Uuid> = once.into_iter().collect();
        for chunk in changed.chunks(CHUNK) {
            if let Err(error) = connection.publish(&channel, encode(process, chunk)).await {
                tracing::warn!(%error, "Redis does not answer; other processes will repair their maps");
            }
        }
        sleep(WINDOW).await;
    }
}

/// The sender's id, then those of the events.
fn encode(process: Uuid, ids: &[Uuid]) -> Vec<u8> {
    let all = std::iter::once(&process).chain(ids);
    all.flat_map(|id| id.as_bytes()).copied().collect()
}

fn decode(message: &[u8]) -> (Option<Uuid>, Vec<Uuid>) {
    let mut ids = message
        .chunks_exact(ID)
        .filter_map(|bytes| Uuid::from_slice(bytes).ok());
    (ids.next(), ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_carries_its_sender_and_ids() {
        let ids: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let message = encode(ids[0], &ids[1..]);
        assert_eq!(decode(&message), (Some(ids[0]), ids[1..].to_vec()));
        assert_eq!(decode(b"short"), (None, Vec::new()));
    }

    #[tokio::test]
    async fn without_redis_nothing_is_published() {
        let bus = Bus::connect(&Config::with(&[]).unwrap()).await.unwrap();
        bus.publish(std::iter::once(Uuid::now_v7())).await;
    }
}
