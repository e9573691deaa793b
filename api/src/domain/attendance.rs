//! Attendance: whether somebody was there. What somebody answered is their RSVP; that they came is another fact.
//!
//! What is written are *facts* (`entity::attendance_fact`), which are never changed: came in, went out, was not there, or
//! that another fact was a mistake. Each has the name that what made it gave it, a client and a nonce, so what is sent twice
//! is one fact. A row of `entity::attendance` is what follows from the facts about one person on one date (`fold`): the
//! same, in whatever order they came, so that devices without a network may send theirs hours later.
//!
//! Everything that writes attendance does so by [`record`]; whoever reads it reads the row.

mod fold;
mod people;
mod record;
mod rows;

pub use fold::{Folded, fold};
pub(crate) use people::{forget, hand_over, retain};
pub use record::{Recorded, record};
pub(super) use record::{named, take};

use chrono::{DateTime, Utc};
use entity::{AttendanceSource, CheckInReason, FactKind, attendance};
use uuid::Uuid;

use super::{Actor, person::Name};
use crate::{app::App, refusal::Refusal, sealed::Slot};

/// A fact to record.
#[derive(Clone, Debug)]
pub struct NewFact {
    /// What made it: up to 64 characters.
    pub client_id: String,
    /// Which one of its client: up to 64 characters.
    pub nonce: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Where it is from.
    pub source: AttendanceSource,
    /// What it says.
    pub what: What,
    /// What is not as it should be, though it is kept.
    pub remark: Option<CheckInReason>,
    /// The row of a sheet that it is from.
    pub sheet_row_id: Option<Uuid>,
}

/// What a fact says.
#[derive(Clone, Debug)]
pub enum What {
    /// They came in, so many.
    In(Whom, i32),
    /// They went out.
    Out(Whom),
    /// They were not there.
    Absent(Whom),
    /// The fact with this client and nonce was a mistake. It may come later than this one. An UNDO cannot be taken back.
    Undo(String, String),
}

/// Whom a fact is about.
#[derive(Clone, Debug)]
pub enum Whom {
    /// Somebody who is known. Their row is found, or made.
    Person {
        /// On which date of the event.
        timeslot_id: Uuid,
        /// Who.
        person_id: Uuid,
        /// The name they go by, of somebody without an RSVP. The first one that is told stays.
        name: Option<Name>,
    },
    /// A walk-in: always a row of its own, so that whoever types in an address does not learn whose it is. It is nobody's if
    /// its person has answered for the date or was seen there otherwise.
    Guest {
        /// On which date of the event.
        timeslot_id: Uuid,
        /// Whose address they told, if they told one.
        person_id: Option<Uuid>,
        /// The name they told.
        name: Name,
    },
    /// Whoever a row of the event is about.
    Row(Uuid),
}

impl Whom {
    /// The person, if one is named.
    fn person_id(&self) -> Option<Uuid> {
        match self {
            Self::Person { person_id, .. } => Some(*person_id),
            Self::Guest { person_id, .. } => *person_id,
            Self::Row(_) => None,
        }
    }

    /// The date, if one is named.
    fn timeslot_id(&self) -> Option<Uuid> {
        match self {
            Self::Person { timeslot_id, .. } | Self::Guest { timeslot_id, .. } => Some(*timeslot_id),
            Self::Row(_) => None,
        }
    }
}

/// Who says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct By {
    /// A host or an organizer.
    pub person_id: Option<Uuid>,
    /// A host link.
    pub link_id: Option<Uuid>,
}

impl By {
    /// `actor`, who may.
    pub fn of(actor: &Actor) -> Self {
        Self {
            person_id: actor.person_id(),
            link_id: match actor {
                Actor::Visitor(visitor) => Some(visitor.link_id),
                _ => None,
            },
        }
    }
}

impl What {
    /// Its kind.
    pub fn kind(&self) -> FactKind {
        match self {
            Self::In(..) => FactKind::In,
            Self::Out(_) => FactKind::Out,
            Self::Absent(_) => FactKind::Absent,
            Self::Undo(..) => FactKind::Undo,
        }
    }

    /// Whom it is about, if it says so.
    pub fn whom(&self) -> Option<&Whom> {
        match self {
            Self::In(whom, _) | Self::Out(whom) | Self::Absent(whom) => Some(whom),
            Self::Undo(..) => None,
        }
    }
}

/// Who came: the name they told, where there is no RSVP that has it.
pub(crate) fn name_of(app: &App, row: &attendance::Model) -> Result<Option<Name>, Refusal> {
    let open = |sealed| app.keys.open(name_slot(&row.id), sealed);
    row.name.as_ref().map(open).transpose()
}

fn name_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "attendance.name",
        row: id,
    }
}
