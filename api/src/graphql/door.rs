//! What is known of somebody's being there, and what became of what a device told.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{FactKind, attendance};

use super::{
    id::{Kind, global},
    rsvp::Rsvp,
};
use crate::domain::door::{Choice, Outcome};

/// What was seen.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "FactKind")]
pub enum CheckInKind {
    /// They came in.
    In,
    /// They went out.
    Out,
    /// They were not there: said after the start, by hosts and organizers. Counts only for whom nobody saw.
    Absent,
    /// Another one was a mistake: `fact`. It may be sent before that one.
    Undo,
}

/// Why a check-in is not as it should be.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::CheckInReason")]
pub enum CheckInReason {
    /// It names nobody: the code is no code of ours, the name nobody's, or the nonce was used for something else.
    Invalid,
    /// The RSVP was taken back or refused, or the event or its date was called off.
    Cancelled,
    /// They are in already.
    AlreadyCheckedIn,
    /// The code is for another event, or for another date of this one.
    WrongEvent,
    /// The doors are not open yet: two hours before the start, unless the operator says otherwise.
    NotYet,
    /// More than one person goes by that name: see `choices`.
    Ambiguous,
    /// The code was replaced by its owner.
    Revoked,
    /// The RSVP waits for a host, a seat, or its own confirmation.
    Unapproved,
}

/// Where it is known from that somebody was there.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::AttendanceSource")]
pub enum AttendanceSource {
    /// A host or an organizer said so.
    Host,
    /// Somebody at the door said so, by a host link.
    DoorLink,
    /// They showed their code.
    Code,
    /// They came without an RSVP, and told their name.
    WalkIn,
    /// A sheet of paper says so.
    Sheet,
}

/// Whether somebody was there. What they answered before is their RSVP's `status`; neither changes the other.
#[derive(SimpleObject)]
pub struct Attendance {
    /// Whether they came; null where nothing is known, as after a check-in that was taken back.
    came: Option<bool>,
    /// How many came, the person included.
    party_size: i32,
    /// When they first came in; null where that is not known.
    first_in_at: Option<DateTime<Utc>>,
    /// When they went out, if they are not in again.
    out_at: Option<DateTime<Utc>>,
    /// Where it is first known from; null where nothing is known.
    source: Option<AttendanceSource>,
}

impl From<attendance::Model> for Attendance {
    fn from(row: attendance::Model) -> Self {
        Self {
            came: row.came,
            party_size: row.party_size,
            first_in_at: row.first_in_at,
            out_at: row.out_at,
            source: row.source.map(Into::into),
        }
    }
}

/// What became of each item.
#[derive(SimpleObject)]
pub struct CheckInPayload {
    /// One for each item, in their order.
    pub(super) results: Vec<CheckInResult>,
}

/// What became of an item.
#[derive(SimpleObject)]
pub struct CheckInResult {
    /// Which item.
    nonce: String,
    /// Whether it is as it should be. Then it is kept.
    accepted: bool,
    /// Why not; null when it is.
    reason: Option<CheckInReason>,
    /// Whether it is kept as something that happened: what is accepted, and what has `force`, if it names somebody.
    kept: bool,
    /// Who is meant: the name in full for hosts and organizers, else given name and initial.
    name: Option<String>,
    /// Global id of the attendee, for hosts and organizers; null for a walk-in.
    attendee_id: Option<ID>,
    /// Global id of the walk-in; null for others.
    walk_in_id: Option<ID>,
    /// What is known of their being there now; null where nothing was told.
    attendance: Option<Attendance>,
    /// With AMBIGUOUS: who may be meant, 20 at most.
    choices: Vec<CheckInChoice>,
}

/// Somebody who may be meant.
#[derive(SimpleObject)]
pub struct CheckInChoice {
    /// The name in full for hosts and organizers, else given name and initial.
    name: String,
    /// How many they come.
    party_size: i32,
    /// SHA-256 of their code, in hexadecimal: by which they can be checked in.
    code_hash: String,
    /// Global id of the attendee, for hosts and organizers.
    attendee_id: Option<ID>,
}

/// What is known of them now.
#[derive(SimpleObject)]
pub struct UndoCheckInPayload {
    /// Of their being there; `came` is null.
    pub(super) attendance: Option<Attendance>,
}

/// The RSVP has another code.
#[derive(SimpleObject)]
pub struct RenewCheckInCodePayload {
    /// The RSVP.
    pub(super) rsvp: Rsvp,
}

/// In hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<Outcome> for CheckInResult {
    fn from(outcome: Outcome) -> Self {
        let row = outcome.attendance.as_ref();
        let walk_in = row.filter(|row| row.rsvp_id.is_none());
        Self {
            nonce: outcome.nonce,
            accepted: outcome.reason.is_none(),
            reason: outcome.reason.map(Into::into),
            kept: outcome.kept,
            name: outcome.name,
            attendee_id: outcome.rsvp_id.map(|id| global(Kind::Attendee, id)),
            walk_in_id: walk_in.map(|row| global(Kind::WalkIn, row.id)),
            attendance: outcome.attendance.map(Into::into),
            choices: outcome.choices.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Choice> for CheckInChoice {
    fn from(choice: Choice) -> Self {
        Self {
            name: choice.name,
            party_size: choice.party_size,
            code_hash: hex(&choice.hash),
            attendee_id: choice.rsvp_id.map(|id| global(Kind::Attendee, id)),
        }
    }
}
