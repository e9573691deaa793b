//! Reading an export by its link: once, in parts, and only as long as the session it was asked for in stands and may still
//! read what it exports. Who is in each part is recorded before the part is sent.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use entity::{StaffRole, attendance, attendee_export, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    Wanted, attendees,
    columns::Columns,
    export::{life, slot, until},
    walk_ins,
};
use crate::{
    app::App,
    domain::{
        Actor, after, audit,
        email::Email,
        event::{self, Loaded},
        person,
    },
    refusal::{Reason, Refusal},
    sealed, spreadsheet,
};

/// RSVPs that are read, recorded and sent together.
const PART: usize = 500;

/// An export that is being read.
pub struct Reading {
    app: Arc<App>,
    actor: Actor,
    event: Loaded,
    wanted: Wanted,
    condition: Condition,
    columns: Columns,
    /// Until when who answered or came is in it.
    asked_at: DateTime<Utc>,
    until: DateTime<Utc>,
    place: Place,
}

/// How far a reading is.
enum Place {
    Begin,
    After(Uuid),
    /// Those who came without an RSVP, after one of them.
    WalkIns(Option<Uuid>),
    End,
}

/// Opens the export of a link, which works once. NOT_FOUND, also when its session ended or may no longer read it;
/// WRONG_STATE (LINK_USED, LINK_EXPIRED, EVENT_NOT_PUBLISHED).
pub async fn open(app: &Arc<App>, token: &str) -> Result<Reading, Refusal> {
    let row = attendee_export::Entity::find()
        .filter(attendee_export::Column::TokenHash.eq(sealed::hash(token)))
        .one(app.db.reader())
        .await?;
    let (row, now) = (row.ok_or(GONE)?, app.clock.now());
    if row.used_at.is_some() {
        return Err(Refusal::WrongState(Reason::LinkUsed));
    }
    if row.expires_at <= now {
        return Err(Refusal::WrongState(Reason::LinkExpired));
    }
    let wanted: Wanted = app.keys.open(slot(&row.id), &row.asked)?;
    let of = (row.person_id, row.session_id, row.event_id);
    let (actor, event) = permitted(app, of, &wanted).await?;
    app.write(async |tx| {
        let used = attendee_export::Entity::update_many()
            .col_expr(attendee_export::Column::UsedAt, Expr::value(tx.now()))
            .filter(attendee_export::Column::Id.eq(row.id))
            .filter(attendee_export::Column::TokenHash.eq(row.token_hash.clone()))
            .filter(attendee_export::Column::UsedAt.is_null())
            .exec(tx.db())
            .await?;
        match used.rows_affected {
            0 => Err(Refusal::WrongState(Reason::LinkUsed)),
            _ => Ok(()),
        }
    })
    .await?;
    let condition = until(wanted.filter.condition(actor.hosts_only(), now), row.created_at);
    let columns = Columns::find(app, &event, &condition, &wanted).await?;
    Ok(Reading {
        app: Arc::clone(app),
        asked_at: row.created_at,
        until: now + life(app),
        place: Place::Begin,
        actor,
        event,
        wanted,
        condition,
        columns,
    })
}

const GONE: Refusal = Refusal::NotFound("export");

/// Who reads, by person and session, and the event, as long as they may.
async fn permitted(
    app: &App,
    (person_id, session_id, event_id): (Uuid, Uuid, Uuid),
    wanted: &Wanted,
) -> Result<(Actor, Loaded), Refusal> {
    let gone = |refusal| match refusal {
        Refusal::Unauthenticated | Refusal::Forbidden | Refusal::NotFound(_) => GONE,
        other => other,
    };
    let actor = Actor::of_session(app, person_id, session_id)
        .await
        .map_err(gone)?;
    let event = event::require_reach(app, &actor, event_id).await.map_err(gone)?;
    if wanted.addresses && !actor.is(StaffRole::Admin) {
        return Err(GONE);
    }
    Ok((actor, event))
}

impl Reading {
    /// What the file is called.
    pub fn file_name(&self) -> String {
        let title = spreadsheet::file_name(&self.event.row.title, "event");
        format!("attendees-{title}.csv")
    }

    /// The next part of the file; none when that was all. An error, also when it may no longer be read, leaves it incomplete.
    pub async fn next(&mut self) -> Result<Option<String>, Refusal> {
        let is_first = matches!(self.place, Place::Begin);
        if matches!(self.place, Place::End) {
            return Ok(None);
        }
        if self.app.clock.now() > self.until {
            return Err(Refusal::Unavailable); // nobody reads that slowly
        }
        if !is_first {
            let member = self.actor.member()?;
            let of = (member.id, member.session_id, self.event.row.id);
            permitted(&self.app, of, &self.wanted).await?;
        }
        let mut part = String::new();
        if is_first {
            if self.wanted.byte_order_mark {
                part.push_str(spreadsheet::BYTE_ORDER_MARK);
            }
            part.push_str(&self.columns.headings()?);
        }
        part.push_str(&self.lines_here().await?);
        Ok(Some(part))
    }

    /// The lines that are next; the place is behind them then.
    async fn lines_here(&mut self) -> Result<String, Refusal> {
        let (db, event_id) = (self.app.db.reader(), self.event.row.id);
        let after = match self.place {
            Place::Begin => None,
            Place::After(id) => Some(id),
            Place::WalkIns(after) => {
                let filter = &self.wanted.filter;
                let rows = walk_ins::next(db, event_id, filter, self.asked_at, after, PART as u64).await?;
                let lines = self.walk_ins(&rows).await?;
                let last = rows.last().filter(|_| rows.len() == PART);
                self.place = last.map_or(Place::End, |row| Place::WalkIns(Some(row.id)));
                return Ok(lines);
            }
            Place::End => return Ok(String::new()),
        };
        let rows = attendees::next(db, event_id, &self.condition, after, PART as u64).await?;
        let last = rows.last().map(|row| row.id).filter(|_| rows.len() == PART);
        let lines = self.lines(rows).await?;
        self.place = last.map_or(Place::WalkIns(None), Place::After);
        Ok(lines)
    }

    /// The lines of `rows` that are meant, once it is recorded who is among them.
    async fn lines(&self, mut rows: Vec<rsvp::Model>) -> Result<String, Refusal> {
        let app = &self.app;
        if self.wanted.filter.opens() {
            let fits = |row: &rsvp::Model| self.wanted.filter.fits(app, row);
            let all = rows.iter().map(fits).collect::<Result<Vec<bool>, _>>()?;
            let mut all = all.into_iter();
            rows.retain(|_| all.next().unwrap_or_default());
        }
        if rows.is_empty() {
            return Ok(String::new());
        }
        let addresses = self.recorded(rows.iter().map(|row| row.person_id)).await?;
        let seen = attendance::Entity::find()
            .filter(attendance::Column::RsvpId.is_in(rows.iter().map(|row| row.id)))
            .all(app.db.reader())
            .await?;
        let seen: HashMap<Option<Uuid>, attendance::Model> =
            seen.into_iter().map(|row| (row.rsvp_id, row)).collect();
        let closed = after::closed(app.db.reader(), rows.iter().map(|row| row.timeslot_id)).await?;
        let line = |row: &rsvp::Model| {
            let of_it = (row, seen.get(&Some(row.id)), closed.contains(&row.timeslot_id));
            self.columns
                .line(app, &self.event, of_it, addresses.get(&row.person_id))
        };
        rows.iter().map(line).collect()
    }

    /// The lines of those who came without an RSVP, once it is recorded who they are.
    async fn walk_ins(&self, rows: &[attendance::Model]) -> Result<String, Refusal> {
        if rows.is_empty() {
            return Ok(String::new());
        }
        let addresses = self.recorded(rows.iter().filter_map(|row| row.person_id)).await?;
        let line = |row: &attendance::Model| {
            let address = row.person_id.and_then(|id| addresses.get(&id));
            self.columns.walk_in(&self.app, &self.event, row, address)
        };
        rows.iter().map(line).collect()
    }

    /// Records that these people are told of; and their addresses, if they are wanted.
    async fn recorded(&self, people: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Email>, Refusal> {
        let people: BTreeSet<Uuid> = people.collect();
        let people: Vec<Uuid> = people.into_iter().collect();
        let (app, kind) = match self.wanted.addresses {
            true => (&self.app, "rsvp.export_addresses"),
            false => (&self.app, "rsvp.export"),
        };
        app.write(async |tx| audit::record(tx, &self.actor, kind, &people).await)
            .await?;
        if !self.wanted.addresses {
            return Ok(HashMap::new());
        }
        let addresses = person::emails_of(app, app.db.reader(), &people).await?;
        Ok(addresses
            .into_iter()
            .map(|(id, (_, email))| (id, email))
            .collect())
    }
}
