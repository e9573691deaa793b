//! How many are expected and here; who came without an RSVP; and what became of an RSVP.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{RsvpStatus, attendance, rsvp, timeslot};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationDef,
    sea_query::Order,
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        Actor,
        attendance::name_of,
        event,
        page::{Page, PageArgs},
    },
    refusal::Refusal,
};

/// How many people are expected on a date, and what is known of their being there. Parties count with all who are in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnout {
    /// Registered.
    pub coming: i64,
    /// In now.
    pub here: i64,
    /// Came, and went.
    pub left: i64,
    /// Came without being registered: among `here` and `left`.
    pub walk_ins: i64,
    /// Registered and not there: until the end those who were marked so, then all of whom nobody saw.
    pub no_shows: i64,
}

impl Turnout {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            coming: self.coming + other.coming,
            here: self.here + other.here,
            left: self.left + other.left,
            walk_ins: self.walk_ins + other.walk_ins,
            no_shows: self.no_shows + other.no_shows,
        }
    }
}

#[derive(FromQueryResult)]
struct Expected {
    timeslot_id: Uuid,
    people: i64,
}

#[derive(FromQueryResult)]
struct Seen {
    timeslot_id: Uuid,
    came: Option<bool>,
    out_at: Option<DateTime<Utc>>,
    was_expected: Option<bool>,
    status: Option<RsvpStatus>,
    party_size: i32,
    answered: Option<i32>,
}

/// Of each date of those of `events` at whose door the actor is; others are left out. The number of statements does not grow
/// with the events.
pub async fn turnouts(
    app: &App,
    actor: &Actor,
    events: &[Uuid],
) -> Result<HashMap<Uuid, HashMap<Uuid, Turnout>>, Refusal> {
    let now = app.clock.now();
    let access = event::access(app, actor, events).await?;
    let open = access.into_iter().filter(|(_, access)| access.may_check_in());
    let ids: Vec<Uuid> = open.map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let slots = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.is_in(ids.iter().copied()))
        .all(app.db.reader())
        .await?;
    let mut dates: HashMap<Uuid, Turnout> = slots.iter().map(|slot| (slot.id, Turnout::default())).collect();
    let expected: Vec<Expected> = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::TimeslotId)
        .column_as(rsvp::Column::PartySize.sum(), "people")
        .filter(rsvp::Column::EventId.is_in(ids.iter().copied()))
        .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
        .group_by(rsvp::Column::TimeslotId)
        .into_model()
        .all(app.db.reader())
        .await?;
    for row in expected {
        dates.entry(row.timeslot_id).or_default().coming = row.people;
    }
    let rsvp_of: RelationDef = attendance::Entity::belongs_to(rsvp::Entity)
        .from(attendance::Column::RsvpId)
        .to(rsvp::Column::Id)
        .into();
    let seen: Vec<Seen> = attendance::Entity::find()
        .join(JoinType::LeftJoin, rsvp_of)
        .select_only()
        .columns([
            attendance::Column::TimeslotId,
            attendance::Column::Came,
            attendance::Column::OutAt,
            attendance::Column::WasExpected,
            attendance::Column::PartySize,
        ])
        .column(rsvp::Column::Status)
        .column_as(rsvp::Column::PartySize, "answered")
        .filter(attendance::Column::EventId.is_in(ids))
        .into_model()
        .all(app.db.reader())
        .await?;
    // Who of those that are expected came, and who of them is known not to have come.
    let (mut came, mut absent): (HashMap<Uuid, i64>, HashMap<Uuid, i64>) = Default::default();
    for row in seen {
        let date = dates.entry(row.timeslot_id).or_default();
        let is_expected = row
            .was_expected
            .unwrap_or(row.status == Some(RsvpStatus::Registered));
        let answered = i64::from(row.answered.unwrap_or(row.party_size));
        match row.came {
            Some(true) => {
                let people = i64::from(row.party_size);
                let part = if row.out_at.is_some() {
                    &mut date.left
                } else {
                    &mut date.here
                };
                *part += people;
                if is_expected {
                    *came.entry(row.timeslot_id).or_default() += answered;
                } else {
                    date.walk_ins += people;
                }
            }
            Some(false) if is_expected => *absent.entry(row.timeslot_id).or_default() += answered,
            _ => {}
        }
    }
    let mut turnouts: HashMap<Uuid, HashMap<Uuid, Turnout>> = HashMap::new();
    for slot in slots {
        let mut date = dates.remove(&slot.id).unwrap_or_default();
        let of = |known: &HashMap<Uuid, i64>| known.get(&slot.id).copied().unwrap_or_default();
        date.no_shows = match slot.cancelled_at {
            Some(_) => 0,
            None if slot.ends_at <= now => (date.coming - of(&came)).max(0),
            None => of(&absent),
        };
        turnouts.entry(slot.event_id).or_default().insert(slot.id, date);
    }
    Ok(turnouts)
}

/// The attendance of RSVPs, which whoever asks may read.
pub async fn of_rsvps(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, attendance::Model>, Refusal> {
    let rows = attendance::Entity::find()
        .filter(attendance::Column::RsvpId.is_in(ids.iter().copied()))
        .all(app.db.reader())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.rsvp_id?, row)))
        .collect())
}

/// Somebody who came without an RSVP.
#[derive(Clone, Debug)]
pub struct WalkIn {
    /// The row.
    pub row: attendance::Model,
    /// The name they told; empty once it is forgotten.
    pub name: String,
}

/// Who was seen at an event without an RSVP, in the order in which they were. For its hosts and for organizers.
pub async fn walk_ins(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Page<WalkIn>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    let rows = attendance::Entity::find()
        .filter(attendance::Column::EventId.eq(event_id))
        .filter(attendance::Column::RsvpId.is_null())
        .filter(attendance::Column::Came.eq(true));
    let rows = page.by_id(rows, attendance::Column::Id, Order::Asc);
    let rows = rows
        .all(app.db.reader())
        .await?
        .into_iter()
        .map(|row| named(app, row));
    let rows: Vec<WalkIn> = rows.collect::<Result<_, Refusal>>()?;
    Ok(page.cut_by_id(rows, |walk_in| walk_in.row.id))
}

/// One of them. NOT_FOUND for whoever may not read it.
pub async fn find_walk_in(app: &App, actor: &Actor, id: Uuid) -> Result<WalkIn, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let row = attendance::Entity::find_by_id(id)
        .filter(attendance::Column::RsvpId.is_null())
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("walk-in"))?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("walk-in"))?;
    named(app, row)
}

fn named(app: &App, row: attendance::Model) -> Result<WalkIn, Refusal> {
    let name = name_of(app, &row)?.map(|name| name.full()).unwrap_or_default();
    Ok(WalkIn { row, name })
}
