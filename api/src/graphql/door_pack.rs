//! What a device at the door takes with it, how many are expected and here, and who came without an RSVP.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of},
    door::{Attendance, hex},
    enums::RsvpStatus,
    event::Event,
    id::{Kind, global, key_of},
    question::QuestionAnswer,
    timeslot::Timeslot,
};
use crate::domain::door::{self, Entry, Pack};

/// What a device needs to check people in without a network, for one date of an event.
///
/// A code is base64url of: a byte 1, a byte 1, 16 bytes of the event's key, 16 of the RSVP's, 4 that count its codes, and 64
/// bytes of an Ed25519 signature by `publicKey` of all before. A device finds who shows one by the SHA-256 of its text among
/// the entries; one that is not there but verifies is newer than the pack. What was seen goes to `checkIn`, then or later.
#[derive(SimpleObject)]
pub struct EventPack {
    /// The event.
    event: Event,
    /// The date.
    timeslot: Timeslot,
    /// Changes with those who are expected, their parties and codes, and with the event.
    version: String,
    /// Ed25519 public key, 32 bytes as base64url.
    public_key: String,
    /// From when on people are let in.
    opens_at: DateTime<Utc>,
    /// Until when a host link reads it.
    closes_at: DateTime<Utc>,
    /// Whether it is of the version in `ifVersion`. Then there are no entries.
    unchanged: bool,
    /// Who is expected, at most 500: those who are registered; for hosts and organizers also who waits or wants to come.
    entries: Vec<PackEntry>,
    /// Goes into `continue`, for further entries; null after the last ones.
    next: Option<String>,
    /// Whether more are expected than the 5,000 that a pack holds.
    cut: bool,
}

/// Somebody who is expected.
#[derive(SimpleObject)]
pub struct PackEntry {
    /// The name in full for hosts and organizers, else given name and initial.
    name: String,
    /// How many they come.
    party_size: i32,
    /// SHA-256 of their code, in hexadecimal.
    code_hash: String,
    /// Global id of the attendee, for hosts and organizers.
    attendee_id: Option<ID>,
    /// Where the RSVP stands, for hosts and organizers.
    status: Option<RsvpStatus>,
    /// Answers to the event's questions, for hosts and organizers.
    answers: Option<Vec<QuestionAnswer>>,
}

/// How many people are expected, and what is known of their being there. Parties count with all who are in them.
#[derive(SimpleObject)]
pub struct Turnout {
    /// Registered.
    coming: i64,
    /// In now.
    here: i64,
    /// Came, and went.
    left: i64,
    /// Came without being registered; they are in `here` or `left` as well.
    walk_ins: i64,
    /// Registered and not there: until the end of their date those who were marked ABSENT, then all whom nobody saw.
    no_shows: i64,
}

/// Somebody who came without an RSVP, for those who run the event.
pub struct WalkIn(door::WalkIn);

/// Somebody who came without an RSVP, for those who run the event.
#[Object]
impl WalkIn {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::WalkIn, self.0.row.id)
    }
    /// The name they told; empty once it is forgotten.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// On which date.
    async fn timeslot_id(&self) -> ID {
        global(Kind::Timeslot, self.0.row.timeslot_id)
    }
    /// What is known of their being there.
    async fn attendance(&self) -> Option<Attendance> {
        Some(self.0.row.clone().into())
    }
}

/// `eventPack`.
#[derive(Default)]
pub struct DoorQuery;

#[Object]
impl DoorQuery {
    /// What a device at the door needs, as the caller may see it: for the event's hosts, for organizers, and by a host link with
    /// CHECK_IN until 12 hours after the last date; each reading by a link is recorded. NOT_FOUND, FORBIDDEN, BAD_USER_INPUT;
    /// WRONG_STATE before the event is published, and once it was taken down.
    async fn event_pack(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the event.")] event_id: ID,
        #[graphql(desc = "Global id of the date; the present or next one when absent.")] timeslot_id: Option<
            ID,
        >,
        #[graphql(desc = "A version that the device has.")] if_version: Option<String>,
        #[graphql(name = "continue", desc = "`next` of the entries before.")] after: Option<String>,
    ) -> Option<Result<EventPack>> {
        Some(pack(ctx, event_id, timeslot_id, if_version, after).await)
    }
}

async fn pack(
    ctx: &Context<'_>,
    event_id: ID,
    timeslot_id: Option<ID>,
    known: Option<String>,
    after: Option<String>,
) -> Result<EventPack> {
    let id = key_of(Kind::Event, &event_id, &["eventId"])?;
    let slot = timeslot_id
        .map(|id| key_of(Kind::Timeslot, &id, &["timeslotId"]))
        .transpose()?;
    let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
    let pack = door::pack(app, actor, id, slot, known.as_deref(), after.as_deref()).await?;
    Ok(pack.into())
}

impl From<Pack> for EventPack {
    fn from(pack: Pack) -> Self {
        let unchanged = pack.roster.is_none();
        let (entries, next, cut) = match pack.roster {
            Some(roster) => (roster.entries, roster.next, roster.is_cut),
            None => (vec![], None, false),
        };
        Self {
            timeslot: Timeslot::of_row(&pack.slot, pack.event.timezone()),
            event: pack.event.into(),
            version: pack.version,
            public_key: pack.public_key,
            opens_at: pack.opens_at,
            closes_at: pack.closes_at,
            unchanged,
            entries: entries.into_iter().map(Into::into).collect(),
            next,
            cut,
        }
    }
}

impl From<Entry> for PackEntry {
    fn from(entry: Entry) -> Self {
        let (id, status, answers) = match entry.details {
            Some((id, status, answers)) => (Some(id), Some(status), Some(answers)),
            None => (None, None, None),
        };
        Self {
            name: entry.name,
            party_size: entry.party_size,
            code_hash: hex(&entry.hash),
            attendee_id: id.map(|id| global(Kind::Attendee, id)),
            status: status.map(Into::into),
            answers: answers.map(|answers| answers.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<door::Turnout> for Turnout {
    fn from(turnout: door::Turnout) -> Self {
        Self {
            coming: turnout.coming,
            here: turnout.here,
            left: turnout.left,
            walk_ins: turnout.walk_ins,
            no_shows: turnout.no_shows,
        }
    }
}

impl From<door::WalkIn> for WalkIn {
    fn from(walk_in: door::WalkIn) -> Self {
        Self(walk_in)
    }
}
