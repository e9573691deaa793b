//! What hosts may do only so much of.

/// What hosts may do only so much of, by how well they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostLimit {
    /// Events made within a day.
    EventsPerDay,
    /// Events that wait for review at the same time.
    PendingAtOnce,
}

impl HostLimit {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventsPerDay => "EVENTS_PER_DAY",
            Self::PendingAtOnce => "PENDING_AT_ONCE",
        }
    }
}
