//! Lists in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entity::Lane;
use tokio::sync::Notify;
use uuid::Uuid;

/// Lists in memory, one for each lane.
#[derive(Default)]
pub struct Lists {
    now: List,
    soon: List,
    bulk: List,
}

#[derive(Default)]
struct List {
    ids: Mutex<VecDeque<Uuid>>,
    filled: Notify,
}

impl Lists {
    pub(super) fn push(&self, lane: Lane, ids: &[Uuid]) {
        let list = self.of(lane);
        list.lock().extend(ids);
        list.filled.notify_one();
    }

    pub(super) async fn pop(&self, lane: Lane, max: usize, wait: Duration) -> Vec<Uuid> {
        let list = self.of(lane);
        let filled = async {
            loop {
                let ids = list.take(max);
                if !ids.is_empty() {
                    return ids;
                }
                list.filled.notified().await;
            }
        };
        tokio::time::timeout(wait, filled).await.unwrap_or_default()
    }

    pub(super) fn len(&self, lane: Lane) -> usize {
        self.of(lane).lock().len()
    }

    fn of(&self, lane: Lane) -> &List {
        match lane {
            Lane::Now => &self.now,
            Lane::Soon => &self.soon,
            Lane::Bulk => &self.bulk,
        }
    }
}

impl List {
    fn take(&self, max: usize) -> Vec<Uuid> {
        let mut ids = self.lock();
        let count = max.min(ids.len());
        ids.drain(..count).collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Uuid>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(10);

    #[tokio::test]
    async fn keeps_order_and_lanes_apart() {
        let lists = Lists::default();
        let ids: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
        lists.push(Lane::Bulk, &ids);
        assert!(lists.pop(Lane::Now, 9, SHORT).await.is_empty());
        assert_eq!(lists.pop(Lane::Bulk, 2, SHORT).await, ids[..2]);
        assert_eq!(lists.len(Lane::Bulk), 3);
        assert_eq!(lists.pop(Lane::Bulk, 9, SHORT).await, ids[2..]);
    }

    #[tokio::test]
    async fn a_waiting_pop_wakes_up() {
        let lists = Lists::default();
        let id = Uuid::now_v7();
        let (popped, ()) = tokio::join!(lists.pop(Lane::Now, 1, Duration::from_secs(5)), async {
            tokio::time::sleep(SHORT).await;
            lists.push(Lane::Now, &[id]);
        });
        assert_eq!(popped, [id]);
    }
}
