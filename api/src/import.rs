//! Bringing in what other systems hold. Each source turns its rows into [`draft::Draft`]s; one function saves them, so
//! that a repeat changes nothing.

pub mod draft;
pub mod mobilize;
pub mod postal_codes;
pub mod save;
#[cfg(test)]
pub(crate) mod testing;

use std::fmt;

/// What came of an import of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that are new.
    pub created: usize,
    /// Events that changed.
    pub updated: usize,
    /// Events that were as they are.
    pub unchanged: usize,
    /// Timeslots of all those.
    pub timeslots: usize,
    /// Why events were not taken.
    pub refused: Vec<Complaint>,
    /// What was left out of events that were taken.
    pub left_out: Vec<Complaint>,
}

/// Something that cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which row: the event's id where it comes from.
    pub row: String,
    /// Where in it, with dots.
    pub field: String,
    /// Why, as the end of a sentence that begins with the field's name. Never quotes the row.
    pub reason: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.row, self.field, self.reason)
    }
}
