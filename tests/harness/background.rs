//! What runs beside a test until it is stopped.

use std::{sync::Arc, time::Duration};

use api::{app::App, bus, worker};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

/// A part of a process: its relay, its worker, or one of the two ways by which its map stays fresh.
pub(crate) struct Background {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Background {
    pub(crate) fn worker(app: &Arc<App>) -> Self {
        Self::spawn(|stop| {
            let work = worker::run(Arc::clone(app), stop);
            async { work.await.unwrap() }
        })
    }

    pub(crate) fn relay(app: &Arc<App>) -> Self {
        Self::spawn(|stop| worker::relay(Arc::clone(app), stop))
    }

    /// Hears what other processes say.
    pub(crate) fn listen(app: &Arc<App>) -> Self {
        Self::spawn(|stop| bus::listen(Arc::clone(app), stop))
    }

    /// Looks every second for what it was not told.
    pub(crate) fn keep_fresh(app: &Arc<App>) -> Self {
        Self::spawn(|stop| bus::keep_fresh(Arc::clone(app), stop))
    }

    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(
        begin: impl FnOnce(watch::Receiver<bool>) -> F,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(begin(stopped));
        Self { stop, task }
    }
}

/// Waits until `is_so`, and fails when that takes longer than `limit`.
#[track_caller]
pub(crate) fn eventually(
    limit: Duration,
    what: &str,
    mut is_so: impl AsyncFnMut() -> bool,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    let begun = Instant::now();
    async move {
        while !is_so().await {
            assert!(begun.elapsed() < limit, "not within {limit:?}: {what} ({caller})");
            sleep(Duration::from_millis(20)).await;
        }
    }
}
