//! Reading an export by its link: once, in parts, and only as long as the session it was asked for in stands and may still
//! read what it exports. Who is in each part is recorded before the part is sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{StaffRole, attendee_export, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    Wanted, attendees,
    columns::Columns,
    export::{life, slot, until},
};
use crate::{
    app::App,
    domain::{
        Actor, audit,
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
    until: DateTime<Utc>,
    place: Place,
}

/// How far a reading is.
enum Place {
    Begin,
    After(Uuid),
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
        let after = match self.place {
            Place::Begin => None,
            Place::After(id) => Some(id),
            Place::End => return Ok(None),
        };
        if self.app.clock.now() > self.until {
            return Err(Refusal::Unavailable); // nobody reads that slowly
        }
        let (app, event_id) = (&self.app, self.event.row.id);
        if after.is_some() {
            let member = self.actor.member()?;
            permitted(app, (member.id, member.session_id, event_id), &self.wanted).await?;
        }
        let rows = attendees::next(app.db.reader(), event_id, &self.condition, after, PART as u64).await?;
        let last = rows.last().map(|row| row.id).filter(|_| rows.len() == PART);
        let mut part = String::new();
        if after.is_none() {
            if self.wanted.byte_order_mark {
                part.push_str(spreadsheet::BYTE_ORDER_MARK);
            }
            part.push_str(&self.columns.headings()?);
        }
        part.push_str(&self.lines(rows).await?);
        self.place = last.map_or(Place::End, Place::After);
        Ok(Some(part))
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
        let mut people: Vec<Uuid> = rows.iter().map(|row| row.person_id).collect();
        people.sort_unstable();
        people.dedup();
        let kind = match self.wanted.addresses {
            true => "rsvp.export_addresses",
            false => "rsvp.export",
        };
        app.write(async |tx| audit::record(tx, &self.actor, kind, &people).await)
            .await?;
        let addresses = match self.wanted.addresses {
            true => person::emails_of(app, app.db.reader(), &people).await?,
            false => Default::default(),
        };
        let line = |row: &rsvp::Model| {
            let address = addresses.get(&row.person_id).map(|(_, email)| email);
            self.columns.line(app, &self.event, row, address)
        };
        rows.iter().map(line).collect()
    }
}
