//! Writing what a sheet says into the attendance, in one transaction, and taking it back.
//!
//! Whoever is written there and unknown becomes a person, with what they ticked: consent counts on sheets that we printed,
//! where it is known which words stood beside the box, and for people made by the sheet alone. Of somebody who was known
//! by their address nothing changes but that they were there: paper proves nothing of who wrote it. Undoing takes back what
//! was said of attendance, and the consents of those who were made; they stay people, so that applying again makes nobody
//! twice.

mod consents;
mod people;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{
    AttendanceSource, ChangeKind, FactKind, RowDecision, SheetState, attendance_fact, attendance_sheet, rsvp,
    sheet_application, sheet_print, sheet_row, sheet_work,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::words::open_row;
use crate::{
    app::{self, App, Tx},
    domain::{
        Actor,
        attendance::{self, By, NewFact, What, Whom},
        event::{
            self, Loaded,
            history::{self, By as ChangedBy},
        },
        idempotency::{self, IdempotencyKey},
        person, sheet,
    },
    refusal::{Reason, Refusal},
};

/// What to apply, and how.
#[derive(Clone, Copy, Debug)]
pub struct Applying {
    /// The sheet.
    pub sheet_id: Uuid,
    /// Of which date its pages are that we did not print, unless whoever uploaded it said so.
    pub timeslot_id: Option<Uuid>,
    /// Whether rows that nobody decided about are left out.
    pub leave_undecided: bool,
}

/// Writes what a sheet says into the attendance; applying it again changes nothing. For the event's hosts and for organizers.
/// BAD_USER_INPUT when nobody said of which date it is; NOT_FOUND, CONFLICT; WRONG_STATE (SHEET_UNDECIDED, SHEET_CLOSED), and
/// for hosts of an event that was taken down.
pub async fn apply(
    app: &App,
    actor: &Actor,
    applying: Applying,
    key: Option<&IdempotencyKey>,
) -> Result<sheet_application::Model, Refusal> {
    let event_id = sheet::find(app, actor, applying.sheet_id).await?.row.event_id;
    let event = event::require_reach(app, actor, event_id).await?;
    let again = async |id: Option<Uuid>| {
        let row = sheet_application::Entity::find_by_id(id.unwrap_or_default());
        let row = row.one(app.db.reader()).await?;
        row.ok_or(Refusal::NotFound("sheet"))
    };
    let action = async || app::again(|| apply_once(app, actor, &event, applying, key)).await;
    idempotency::run(app, key, action, again).await
}

async fn apply_once(
    app: &App,
    actor: &Actor,
    event: &Loaded,
    applying: Applying,
    key: Option<&IdempotencyKey>,
) -> Result<sheet_application::Model, Refusal> {
    let id = Uuid::now_v7();
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        let before = rows(tx, applying.sheet_id).await?;
        let me = actor.member()?.id;
        let known = people::known(app, tx, &before).await?;
        person::lock(tx, &[&[me], known.as_slice()].concat()).await?;
        event::lock_event(tx, event.row.id).await?;
        let sheet = sheet::lock(tx, applying.sheet_id).await?;
        if let (SheetState::Applied, Some(done)) = (sheet.state, standing(tx, sheet.id).await?) {
            return Ok(done);
        }
        if matches!(sheet.state, SheetState::Applied | SheetState::Rejected) {
            return Err(Refusal::WrongState(Reason::SheetClosed));
        }
        let rows = rows(tx, sheet.id).await?;
        if rows != before {
            return Err(Refusal::Deadlock); // somebody decided meanwhile: once more, with the people of now
        }
        if !applying.leave_undecided && rows.iter().any(|row| row.decision.is_none()) {
            return Err(Refusal::WrongState(Reason::SheetUndecided));
        }
        let dates = Dates::find(tx, event, &sheet, applying.timeslot_id).await?;
        let parties = parties(tx, &rows).await?;
        let mut facts = vec![];
        for row in &rows {
            if let Some(what) = what(app, tx, row, &dates, &parties).await? {
                facts.push(NewFact {
                    client_id: id.to_string(),
                    nonce: row.id.to_string(),
                    at: dates.start(row)?,
                    source: AttendanceSource::Sheet,
                    what,
                    remark: None,
                    sheet_row_id: Some(row.id),
                });
            }
        }
        attendance::record(app, tx, event.row.id, By::of(actor), &facts).await?;
        let done = sheet_application::ActiveModel {
            id: Set(id),
            sheet_id: Set(sheet.id),
            event_id: Set(event.row.id),
            rows: Set(i32::try_from(facts.len()).map_err(Refusal::internal)?),
            applied_by: Set(actor.person_id()),
            applied_at: Set(tx.now()),
            reverted_by: Set(None),
            reverted_at: Set(None),
        };
        let done = sheet_application::Entity::insert(done)
            .exec_with_returning(tx.db())
            .await?;
        close(tx, &sheet, SheetState::Applied).await?;
        let by = ChangedBy::of(actor, &event.hosts);
        history::note(tx, event.row.id, &by, ChangeKind::SheetApplied, vec![]).await?;
        Ok(done)
    })
    .await
}

/// Takes back what applying a sheet wrote; its rows can be decided otherwise then, and it be applied again. Doing it twice
/// changes nothing. For the event's hosts and for organizers. NOT_FOUND; WRONG_STATE (SHEET_NOT_APPLIED).
pub async fn revert(app: &App, actor: &Actor, sheet_id: Uuid) -> Result<sheet_application::Model, Refusal> {
    let event_id = sheet::find(app, actor, sheet_id).await?.row.event_id;
    let event = event::require_edit(app, actor, event_id).await?;
    app::again(|| revert_once(app, actor, &event, sheet_id)).await
}

async fn revert_once(
    app: &App,
    actor: &Actor,
    event: &Loaded,
    sheet_id: Uuid,
) -> Result<sheet_application::Model, Refusal> {
    app.write(async |tx| {
        let before = rows(tx, sheet_id).await?;
        let made: Vec<Uuid> = before
            .iter()
            .filter(|row| row.made)
            .filter_map(|row| row.person_id)
            .collect();
        person::lock(tx, &[&[actor.member()?.id], made.as_slice()].concat()).await?;
        event::lock_event(tx, event.row.id).await?;
        let sheet = sheet::lock(tx, sheet_id).await?;
        let last = sheet_application::Entity::find()
            .filter(sheet_application::Column::SheetId.eq(sheet_id))
            .order_by_desc(sheet_application::Column::Id)
            .one(tx.db())
            .await?;
        let last = last.ok_or(Refusal::WrongState(Reason::SheetNotApplied))?;
        if last.reverted_at.is_some() {
            return Ok(last); // by somebody else, or by this request before
        }
        if rows(tx, sheet_id).await? != before {
            return Err(Refusal::Deadlock); // it was applied just now: once more, with the people of now
        }
        let client = last.id.to_string();
        let written = attendance_fact::Entity::find()
            .filter(attendance_fact::Column::EventId.eq(event.row.id))
            .filter(attendance_fact::Column::ClientId.eq(client.as_str()))
            .filter(attendance_fact::Column::Kind.ne(FactKind::Undo))
            .all(tx.db())
            .await?;
        let undo = |fact: attendance_fact::Model| NewFact {
            client_id: client.clone(),
            nonce: format!("undo:{}", fact.nonce),
            at: tx.now(),
            source: AttendanceSource::Sheet,
            what: What::Undo(fact.client_id, fact.nonce),
            remark: None,
            sheet_row_id: fact.sheet_row_id,
        };
        let facts: Vec<NewFact> = written.into_iter().map(undo).collect();
        attendance::record(app, tx, event.row.id, By::of(actor), &facts).await?;
        consents::withdraw(tx, &made).await?;
        let change = sheet_application::ActiveModel {
            id: Unchanged(last.id),
            reverted_by: Set(actor.person_id()),
            reverted_at: Set(Some(tx.now())),
            ..Default::default()
        };
        let done = change.update(tx.db()).await?;
        close(tx, &sheet, SheetState::Reverted).await?;
        let by = ChangedBy::of(actor, &event.hosts);
        history::note(tx, event.row.id, &by, ChangeKind::SheetReverted, vec![]).await?;
        Ok(done)
    })
    .await
}

/// What a row says of somebody's being there; makes whoever becomes known by it.
async fn what(
    app: &App,
    tx: &Tx,
    row: &sheet_row::Model,
    dates: &Dates,
    parties: &HashMap<Uuid, (Uuid, i32)>,
) -> Result<Option<What>, Refusal> {
    let timeslot_id = dates.of(row)?;
    let whom = |person_id, name| Whom::Person {
        timeslot_id,
        person_id,
        name,
    };
    let printed = row.rsvp_id.and_then(|id| parties.get(&id));
    match row.decision {
        Some(RowDecision::Match) => {
            let size = printed.filter(|(person_id, _)| row.person_id == Some(*person_id));
            let size = size.map_or(1, |(_, size)| *size);
            let words = open_row(app, row)?.filter(|words| words.has_name());
            let name = words.map(|words| words.name);
            // Whoever it was may be erased since.
            Ok(row
                .person_id
                .map(|person_id| What::In(whom(person_id, name), size)))
        }
        Some(RowDecision::NewPerson) => {
            let Some(words) = open_row(app, row)? else {
                return Ok(None);
            };
            let printed_by_us = dates.printed_in(row);
            let person_id = people::become_known(app, tx, row, &words, printed_by_us).await?;
            let again = people::seen_before(app, tx, row, (person_id, &words.name)).await?;
            let guest = again.map_or(
                Whom::Guest {
                    timeslot_id,
                    person_id: Some(person_id),
                    name: words.name,
                },
                Whom::Row,
            );
            Ok(Some(What::In(guest, 1)))
        }
        Some(RowDecision::NotPresent) => {
            Ok(printed.map(|(person_id, _)| What::Absent(whom(*person_id, None))))
        }
        Some(RowDecision::Illegible | RowDecision::Duplicate) | None => Ok(None),
    }
}

/// The application of a sheet that stands.
async fn standing(tx: &Tx, sheet_id: Uuid) -> Result<Option<sheet_application::Model>, Refusal> {
    let rows = sheet_application::Entity::find()
        .filter(sheet_application::Column::SheetId.eq(sheet_id))
        .filter(sheet_application::Column::RevertedAt.is_null())
        .order_by_desc(sheet_application::Column::Id);
    Ok(rows.one(tx.db()).await?)
}

async fn close(tx: &Tx, sheet: &attendance_sheet::Model, state: SheetState) -> Result<(), Refusal> {
    let applied_at = sheet.applied_at.unwrap_or(tx.now());
    attendance_sheet::Entity::update_many()
        .col_expr(attendance_sheet::Column::State, Expr::value(state))
        .col_expr(attendance_sheet::Column::AppliedAt, Expr::value(applied_at))
        .col_expr(
            attendance_sheet::Column::Version,
            Expr::col(attendance_sheet::Column::Version).add(1),
        )
        .col_expr(attendance_sheet::Column::ChangedAt, Expr::value(tx.now()))
        .filter(attendance_sheet::Column::Id.eq(sheet.id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The rows of a sheet, page by page.
async fn rows(tx: &Tx, sheet_id: Uuid) -> Result<Vec<sheet_row::Model>, Refusal> {
    let rows = sheet_row::Entity::find()
        .filter(sheet_row::Column::SheetId.eq(sheet_id))
        .order_by_asc(sheet_row::Column::PageId)
        .order_by_asc(sheet_row::Column::Number);
    Ok(rows.all(tx.db()).await?)
}

/// Whose printed RSVPs are, and how many they bring.
async fn parties(tx: &Tx, rows: &[sheet_row::Model]) -> Result<HashMap<Uuid, (Uuid, i32)>, Refusal> {
    let found = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(rows.iter().filter_map(|row| row.rsvp_id)))
        .all(tx.db())
        .await?;
    let party = |row: rsvp::Model| (row.id, (row.person_id, row.party_size));
    Ok(found.into_iter().map(party).collect())
}

/// Of which date each page is.
struct Dates {
    starts: HashMap<Uuid, DateTime<Utc>>,
    /// Of pages that we printed: the date, and the language of what stood beside the box of consent.
    printed: HashMap<Uuid, (Uuid, String)>,
    others: Option<Uuid>,
}

impl Dates {
    async fn find(
        tx: &Tx,
        event: &Loaded,
        sheet: &attendance_sheet::Model,
        said: Option<Uuid>,
    ) -> Result<Self, Refusal> {
        let work = sheet_work::Entity::find().filter(sheet_work::Column::SheetId.eq(sheet.id));
        let work = work.all(tx.db()).await?;
        let ids: BTreeSet<Uuid> = work.iter().filter_map(|page| page.print_id).collect();
        let prints = sheet_print::Entity::find().filter(sheet_print::Column::Id.is_in(ids));
        let prints = prints.all(tx.db()).await?.into_iter();
        let prints: HashMap<Uuid, sheet_print::Model> = prints.map(|print| (print.id, print)).collect();
        let printed = work.iter().filter_map(|page| {
            let print = prints.get(&page.print_id?)?;
            Some((page.page_id, (print.timeslot_id, print.language.clone())))
        });
        let starts: HashMap<_, _> = event
            .timeslots
            .iter()
            .map(|slot| (slot.id, slot.starts_at))
            .collect();
        let others = said.or(sheet.timeslot_id).or(match event.timeslots.as_slice() {
            [only] => Some(only.id),
            _ => None,
        });
        if others.is_some_and(|id| !starts.contains_key(&id)) {
            return Err(Refusal::input(
                &["input", "timeslotId"],
                "is no date of this event",
            ));
        }
        Ok(Self {
            starts,
            printed: printed.collect(),
            others,
        })
    }

    fn of(&self, row: &sheet_row::Model) -> Result<Uuid, Refusal> {
        let printed = self.printed.get(&row.page_id).map(|(date, _)| *date);
        printed.or(self.others).ok_or_else(|| {
            Refusal::input(
                &["input", "timeslotId"],
                "must say of which date of the event the sheet is",
            )
        })
    }

    fn start(&self, row: &sheet_row::Model) -> Result<DateTime<Utc>, Refusal> {
        let start = self.starts.get(&self.of(row)?);
        start.copied().ok_or(Refusal::NotFound("timeslot"))
    }

    /// The language in which we printed the page of a row.
    fn printed_in(&self, row: &sheet_row::Model) -> Option<&str> {
        self.printed
            .get(&row.page_id)
            .map(|(_, language)| language.as_str())
    }
}
