//! The time. Nothing else reads it, so that tests can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The system's clock, or one that a test moves. Whole microseconds, because that is what both databases keep.
#[derive(Clone)]
pub enum Clock {
    /// The time of this machine.
    System,
    /// Stands still until it is moved; microseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `time`.
    pub fn fixed(time: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(time.timestamp_micros())))
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => system_now(),
            Self::Fixed(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default()
            }
        }
    }

    /// Moves a fixed clock; the system's clock stays.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
        }
    }
}

/// The time of this machine, whatever a test's clock says: for comparing it with the database's.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the time"
)]
pub fn system_now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
