//! Carries ids of jobs from the relay to the workers: a doorbell. Whatever it loses is rung again.

use std::time::Duration;

use anyhow::Result;
use entity::Lane;
use uuid::Uuid;

use crate::config::Config;

mod memory;
mod redis;

/// One list of ids for each lane.
pub enum Queue {
    /// Within this process.
    Memory(memory::Lists),
    /// Between all processes that share a Redis.
    Redis(redis::Lists),
}

impl Queue {
    /// In memory, or in the Redis of the settings. Does not wait for Redis: a process starts without it.
    pub async fn connect(config: &Config) -> Result<Self> {
        Ok(if config.redis_url.is_empty() {
            Self::Memory(memory::Lists::default())
        } else {
            Self::Redis(redis::Lists::connect(config)?)
        })
    }

    /// Whether what waits in it dies with this process.
    pub fn is_in_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
    }

    /// Appends `ids`.
    pub async fn push(&self, lane: Lane, ids: &[Uuid]) -> Result<()> {
        match self {
            Self::Memory(lists) => lists.push(lane, ids),
            Self::Redis(lists) => lists.push(lane, ids).await?,
        }
        Ok(())
    }

    /// Takes up to `max` ids, waiting for the first one for at most `wait`. Meant for one caller per lane and process.
    /// Dropping the future may lose ids, until they are rung again.
    pub async fn pop(&self, lane: Lane, max: usize, wait: Duration) -> Result<Vec<Uuid>> {
        match self {
            Self::Memory(lists) => Ok(lists.pop(lane, max, wait).await),
            Self::Redis(lists) => Ok(lists.pop(lane, max, wait).await?),
        }
    }

    /// How many ids wait.
    pub async fn len(&self, lane: Lane) -> Result<usize> {
        match self {
            Self::Memory(lists) => Ok(lists.len(lane)),
            Self::Redis(lists) => Ok(lists.len(lane).await?),
        }
    }

    /// Whether it can be reached.
    pub async fn ping(&self) -> Result<()> {
        match self {
            Self::Memory(_) => {}
            Self::Redis(lists) => lists.ping().await?,
        }
        Ok(())
    }
}
