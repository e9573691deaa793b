//! The pack: what a device at the door needs to go on without a network. Who is expected on one date, as the caller may see
//! them, and the public key that checks the codes they show.

use chrono::{DateTime, Utc};
use entity::{RsvpStatus, check_in_code, rsvp, timeslot};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{code, date, opens_at, reads_all, require};
use crate::{
    app::App,
    domain::{
        Actor,
        event::{Answered, Loaded, links},
        event_key,
        page::RowCursor,
        rsvp::{ACTIVE, details_of, name_of},
    },
    refusal::Refusal,
    sealed,
};

/// Entries that are told at once: each code is signed when it is first asked for.
const PART: usize = 500;
/// Whom links tell of.
const COMING: [RsvpStatus; 1] = [RsvpStatus::Registered];

/// What a device at the door needs.
pub struct Pack {
    /// The event.
    pub event: Loaded,
    /// The date.
    pub slot: timeslot::Model,
    /// Another one when anybody joins or leaves, brings more or fewer, has a new code, or the event changes.
    pub version: String,
    /// Ed25519 key that signs the codes, base64url.
    pub public_key: String,
    /// From when on people are let in.
    pub opens_at: DateTime<Utc>,
    /// When whoever has a link is told nothing any more.
    pub closes_at: DateTime<Utc>,
    /// Who is expected; none when the version is the one that is known.
    pub roster: Option<Roster>,
}

/// A part of those who are expected.
pub struct Roster {
    /// By the order of the first answers.
    pub entries: Vec<Entry>,
    /// Where to go on; none after the last part.
    pub next: Option<String>,
    /// Whether the date has more RSVPs than a pack may hold.
    pub is_cut: bool,
}

/// Somebody who is expected, as the caller may see them.
pub struct Entry {
    /// Name, in full for hosts, else given name and initial.
    pub name: String,
    /// How many they come.
    pub party_size: i32,
    /// SHA-256 of their code.
    pub hash: Vec<u8>,
    /// More, for hosts.
    pub details: Option<(Uuid, RsvpStatus, Vec<Answered>)>,
}

#[derive(FromQueryResult)]
struct Sum {
    rsvps: i64,
    versions: Option<i64>,
}

/// The pack of one date of an event: the named one, else the present or next. Those who are registered; for hosts also those who
/// wait or want to come. `known` is a version that the device has; `after` is where a part before ended. UNAUTHENTICATED,
/// NOT_FOUND, FORBIDDEN, WRONG_STATE; BAD_USER_INPUT.
pub async fn pack(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    timeslot_id: Option<Uuid>,
    known: Option<&str>,
    after: Option<&str>,
) -> Result<Pack, Refusal> {
    let event = require(app, actor, event_id).await?;
    let slot = date(&event, timeslot_id, app.clock.now())?.clone();
    let after = after
        .map(|text| RowCursor::decode(text, "continue"))
        .transpose()?;
    let statuses: &[RsvpStatus] = if reads_all(actor) { &ACTIVE } else { &COMING };
    let expected = Condition::all()
        .add(rsvp::Column::TimeslotId.eq(slot.id))
        .add(rsvp::Column::Status.is_in(statuses.iter().copied()));
    let version = version(app, actor, &event, &slot, &expected).await?;
    let roster = match known {
        Some(known) if known == version => None,
        _ => Some(roster(app, actor, event_id, expected, after.map(|cursor| cursor.id)).await?),
    };
    Ok(Pack {
        public_key: event_key::of_event(app, event_id).await?.public(),
        opens_at: opens_at(app, &slot),
        closes_at: links::door_closes_at(&event).unwrap_or(slot.ends_at),
        version,
        roster,
        event,
        slot,
    })
}

async fn version(
    app: &App,
    actor: &Actor,
    event: &Loaded,
    slot: &timeslot::Model,
    expected: &Condition,
) -> Result<String, Refusal> {
    let sum: Option<Sum> = rsvp::Entity::find()
        .select_only()
        .column_as(rsvp::Column::Id.count(), "rsvps")
        .column_as(rsvp::Column::Version.sum(), "versions")
        .filter(expected.clone())
        .into_model()
        .one(app.db.reader())
        .await?;
    // Of whoever answered, so that those are told apart who left as others came.
    let changed_at: Option<DateTime<Utc>> = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::ChangedAt)
        .filter(rsvp::Column::TimeslotId.eq(slot.id))
        .order_by_desc(rsvp::Column::ChangedAt)
        .limit(1)
        .into_tuple()
        .one(app.db.reader())
        .await?;
    let of_date = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::Id)
        .filter(rsvp::Column::TimeslotId.eq(slot.id));
    let renewed = check_in_code::Entity::find()
        .filter(check_in_code::Column::Issue.gt(0))
        .filter(check_in_code::Column::RsvpId.in_subquery(of_date.into_query()))
        .count(app.db.reader())
        .await?;
    let sum = sum.map(|sum| (sum.rsvps, sum.versions));
    let (all, event) = (reads_all(actor), event.row.version);
    let all = (all, event, slot.id, slot.starts_at, sum, changed_at, renewed);
    let hash = sealed::hash(&format!("{all:?}"));
    Ok(hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

async fn roster(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    expected: Condition,
    after: Option<Uuid>,
) -> Result<Roster, Refusal> {
    let most = app.config.limits.pack;
    let before = match after {
        Some(id) => {
            let before = rsvp::Entity::find()
                .filter(expected.clone())
                .filter(rsvp::Column::Id.lte(id));
            usize::try_from(before.count(app.db.reader()).await?).unwrap_or(most)
        }
        None => 0,
    };
    let part = PART.min(most.saturating_sub(before));
    let mut rows = rsvp::Entity::find()
        .filter(expected)
        .filter(Condition::all().add_option(after.map(|id| rsvp::Column::Id.gt(id))))
        .order_by_asc(rsvp::Column::Id)
        .limit(part as u64 + 1)
        .all(app.db.reader())
        .await?;
    let has_more = rows.len() > part;
    rows.truncate(part);
    let is_cut = has_more && before + part >= most;
    let last = rows.last().map(|row| RowCursor { key: 0, id: row.id }.encode());
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut hashes = code::hashes(app, event_id, &ids).await?;
    let show = |row: rsvp::Model| {
        let name = name_of(app, &row)?;
        let all = reads_all(actor);
        Ok(Entry {
            name: if all { name.full() } else { name.short() },
            party_size: row.party_size,
            hash: hashes.remove(&row.id).unwrap_or_default(),
            details: match all {
                true => Some((row.id, row.status, details_of(app, &row)?.answers)),
                false => None,
            },
        })
    };
    Ok(Roster {
        entries: rows.into_iter().map(show).collect::<Result<_, Refusal>>()?,
        next: last.filter(|_| has_more && !is_cut),
        is_cut,
    })
}
