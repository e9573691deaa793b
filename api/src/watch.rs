//! Who follows which event, so that they are told when it changes: by a commit of this process, by what another
//! process says, or by what the map's repair finds.
//!
//! Carries ids only. Whoever is told looks again, with whatever permission they have by then.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use tokio::sync::Notify;
use uuid::Uuid;

/// Everybody who follows something. As large as what is followed now; what nobody follows leaves nothing behind.
#[derive(Default)]
pub struct Watchers(Mutex<Following>);

#[derive(Default)]
struct Following {
    bells: HashMap<Uuid, HashMap<u64, Arc<Notify>>>,
    count: u64,
}

/// One follower. Follows nothing until it is told what, and nothing any more when it is dropped.
pub struct Watch {
    watchers: Arc<Watchers>,
    number: u64,
    bell: Arc<Notify>,
    events: Mutex<HashSet<Uuid>>,
}

impl Watchers {
    /// A new follower.
    pub fn watch(self: &Arc<Self>) -> Watch {
        let mut following = self.following();
        following.count += 1;
        Watch {
            watchers: Arc::clone(self),
            number: following.count,
            bell: Arc::default(),
            events: Mutex::default(),
        }
    }

    /// Tells those who follow one of these events that it may have changed.
    pub fn tell(&self, events: impl IntoIterator<Item = Uuid>) {
        let following = self.following();
        for bell in events
            .into_iter()
            .filter_map(|id| following.bells.get(&id))
            .flat_map(HashMap::values)
        {
            bell.notify_one();
        }
    }

    /// How many events are followed.
    pub fn len(&self) -> usize {
        self.following().bells.len()
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Follows `event` from now on. To be called before it is read, so that no change falls in between.
    pub fn follow(&self, event: Uuid) {
        let is_new = self.events().insert(event);
        if is_new {
            let mut following = self.watchers.following();
            let bells = following.bells.entry(event).or_default();
            bells.insert(self.number, Arc::clone(&self.bell));
        }
    }

    /// Waits until something may have changed since the last call of this or of [`Self::catch_up`].
    pub async fn changed(&self) {
        self.bell.notified().await;
    }

    /// Forgets what was told until now. To be called before everything that is followed is looked at again.
    pub fn catch_up(&self) {
        self.bell.notified().now_or_never();
    }

    fn events(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let events = std::mem::take(&mut *self.events());
        let mut following = self.watchers.following();
        for event in events {
            if let Some(bells) = following.bells.get_mut(&event) {
                bells.remove(&self.number);
                if bells.is_empty() {
                    following.bells.remove(&event);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followers_hear_of_what_they_follow_and_of_nothing_else() {
        let watchers = Arc::new(Watchers::default());
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let (both, single) = (watchers.watch(), watchers.watch());
        both.follow(one);
        both.follow(other);
        single.follow(one);
        single.follow(one);

        watchers.tell([other]);
        assert!(both.changed().now_or_never().is_some());
        assert!(single.changed().now_or_never().is_none());
        watchers.tell([one, other, Uuid::now_v7()]);
        assert!(both.changed().now_or_never().is_some());
        assert!(
            both.changed().now_or_never().is_none(),
            "told once of what happened at once"
        );
        assert!(single.changed().now_or_never().is_some());

        watchers.tell([one]);
        both.catch_up();
        assert!(both.changed().now_or_never().is_none(), "it looked after that");
        watchers.tell([one]);
        assert!(both.changed().now_or_never().is_some());
    }

    #[test]
    fn nothing_is_left_of_followers_who_went() {
        let watchers = Arc::new(Watchers::default());
        let event = Uuid::now_v7();
        let (first, second) = (watchers.watch(), watchers.watch());
        first.follow(event);
        second.follow(event);
        assert_eq!(watchers.len(), 1);
        drop(first);
        watchers.tell([event]);
        assert!(second.changed().now_or_never().is_some());
        drop(second);
        assert!(watchers.is_empty());
    }
}
