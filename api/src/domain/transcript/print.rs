//! Sheets to print: who is on which row of which page is fixed when one is asked for, and names are opened when it is read.
//! Each page has a code that says of which sheet it is, signed by the event's key.

mod code;

pub(super) use code::read_payload;

use std::{cmp::Reverse, collections::HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{PaperSize, RsvpStatus, rsvp, sheet_print, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use code::payload;

use crate::{
    app::{App, Tx},
    domain::{
        Actor, audit,
        event::{self, Loaded},
        event_key::{self, Kind},
        idempotency::{self, IdempotencyKey},
        person, rsvp as answers,
    },
    letter::Language,
    refusal::{Problems, Reason, Refusal},
    sealed,
};

/// What to print.
#[derive(Clone, Debug)]
pub struct Printing {
    /// Of which date.
    pub timeslot_id: Uuid,
    /// The size of the paper.
    pub paper: PaperSize,
    /// Empty rows for those who are not on the list.
    pub blank: usize,
    /// The language of its words.
    pub language: Language,
}

/// A link to a sheet, told once.
#[derive(Clone, Debug)]
pub struct PrintLink {
    /// Its address. Whoever has it reads the sheet, while it works.
    pub url: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// How many pages it has.
    pub pages: usize,
    /// How many names are on it.
    pub names: i32,
}

/// A sheet as PDF.
pub struct Printed {
    /// The bytes.
    pub pdf: Vec<u8>,
    /// What a file of it may be called.
    pub file_name: String,
}

/// Who is on a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PrintedPage {
    /// By row, from the first one on.
    pub rsvps: Vec<Uuid>,
    /// How many empty rows follow.
    pub blank: usize,
}

/// Makes a link to a sheet with everybody who is registered for a date now. For the event's hosts and for organizers; it is
/// recorded, and counts as an export. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT; WRONG_STATE (TIMESLOT_CANCELLED),
/// and for hosts of an event that was taken down; RATE_LIMITED. A repeat with the same key makes a new link to the same sheet.
pub async fn print(
    app: &App,
    actor: &Actor,
    printing: &Printing,
    key: Option<&IdempotencyKey>,
) -> Result<PrintLink, Refusal> {
    let again = async |id: Option<Uuid>| renew(app, actor, id.unwrap_or_default()).await;
    let action = async || print_once(app, actor, printing, key).await;
    idempotency::run(app, key, action, again).await
}

async fn print_once(
    app: &App,
    actor: &Actor,
    printing: &Printing,
    key: Option<&IdempotencyKey>,
) -> Result<PrintLink, Refusal> {
    let member = actor.member()?;
    let slot = timeslot::Entity::find_by_id(printing.timeslot_id)
        .one(app.db.reader())
        .await?;
    let slot = slot.ok_or(Refusal::NotFound("timeslot"))?;
    let event = event::require_reach(app, actor, slot.event_id).await;
    event.map_err(|refusal| refusal.hiding("timeslot"))?;
    if slot.cancelled_at.is_some() {
        return Err(Refusal::WrongState(Reason::TimeslotCancelled));
    }
    let limits = &app.config.sheets;
    let mut problems = Problems::default();
    let most = limits.blank_rows;
    problems.check(
        printing.blank <= most,
        "input.blankRows",
        format!("must be between 0 and {most}"),
    );
    problems.finish()?;
    let people = coming(app, slot.id).await?;
    let names = i32::try_from(people.len()).map_err(Refusal::internal)?;
    let rows = people.len() + printing.blank;
    if rows as u64 > limits.rows {
        let problem = format!(
            "would have {rows} rows, of which a sheet may have {}",
            limits.rows
        );
        return Err(Refusal::input(&["input", "timeslotId"], problem));
    }
    let pages = paginate(printing, &people);
    event_key::of_event(app, slot.event_id).await?; // made before there is a transaction
    let (id, token) = (Uuid::now_v7(), sealed::token()?);
    let expires_at = app.clock.now() + life(app);
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        person::lock(tx, &[member.id]).await?; // so that of two at once the second one counts the first
        check_budget(app, tx, member.id, names).await?;
        event::lock_event(tx, slot.event_id).await?;
        let last: Option<i32> = sheet_print::Entity::find()
            .filter(sheet_print::Column::EventId.eq(slot.event_id))
            .order_by_desc(sheet_print::Column::Version)
            .select_only()
            .column(sheet_print::Column::Version)
            .into_tuple()
            .one(tx.db())
            .await?;
        let row = sheet_print::Model {
            id,
            event_id: slot.event_id,
            timeslot_id: slot.id,
            person_id: Some(member.id),
            session_id: member.session_id,
            version: last.unwrap_or_default() + 1,
            paper: printing.paper,
            language: printing.language.tag().to_owned(),
            pages: serde_json::to_string(&pages).map_err(Refusal::internal)?,
            names,
            token_hash: sealed::hash(&token),
            expires_at,
            created_at: tx.now(),
        };
        let why = format!("sheet {} with {names} names", row.version);
        audit::record_why(tx, actor, "event.sheet_print", &[slot.event_id], Some(&why)).await?;
        let insert = sheet_print::Entity::insert(sheet_print::ActiveModel::from(row));
        insert.exec_without_returning(tx.db()).await?;
        Ok(())
    })
    .await?;
    Ok(PrintLink {
        url: url_of(app, &token),
        expires_at,
        pages: pages.len(),
        names,
    })
}

/// A new link to a sheet that the actor asked for; the old one works no more.
async fn renew(app: &App, actor: &Actor, id: Uuid) -> Result<PrintLink, Refusal> {
    let member = actor.member()?;
    let row = sheet_print::Entity::find_by_id(id)
        .filter(sheet_print::Column::PersonId.eq(member.id))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("sheet"))?;
    event::require_reach(app, actor, row.event_id).await?;
    let (token, expires_at) = (sealed::token()?, app.clock.now() + life(app));
    app.write(async |tx| {
        sheet_print::Entity::update_many()
            .col_expr(sheet_print::Column::SessionId, Expr::value(member.session_id))
            .col_expr(sheet_print::Column::TokenHash, Expr::value(sealed::hash(&token)))
            .col_expr(sheet_print::Column::ExpiresAt, Expr::value(expires_at))
            .filter(sheet_print::Column::Id.eq(id))
            .exec(tx.db())
            .await?;
        Ok(())
    })
    .await?;
    Ok(PrintLink {
        url: url_of(app, &token),
        expires_at,
        pages: pages_of(&row)?.len(),
        names: row.names,
    })
}

/// The sheet of a link, for whoever asked for it, as long as their session stands and they may; recorded each time.
/// NOT_FOUND, also when that is over; WRONG_STATE (LINK_EXPIRED, EVENT_NOT_PUBLISHED).
pub async fn open_print(app: &App, token: &str) -> Result<Printed, Refusal> {
    let row = sheet_print::Entity::find()
        .filter(sheet_print::Column::TokenHash.eq(sealed::hash(token)))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(GONE)?;
    if row.expires_at <= app.clock.now() {
        return Err(Refusal::WrongState(Reason::LinkExpired));
    }
    let gone = |refusal| match refusal {
        Refusal::Unauthenticated | Refusal::Forbidden | Refusal::NotFound(_) => GONE,
        other => other,
    };
    let person_id = row.person_id.ok_or(GONE)?;
    let actor = Actor::of_session(app, person_id, row.session_id)
        .await
        .map_err(gone)?;
    let event = event::require_reach(app, &actor, row.event_id)
        .await
        .map_err(gone)?;
    let sheet = sheet(app, &event, &row).await?;
    let why = format!("sheet {} with {} names", row.version, row.names);
    app.write(async |tx| {
        audit::record_why(tx, &actor, "event.sheet_print_read", &[row.event_id], Some(&why)).await
    })
    .await?;
    let pdf = tokio::task::spawn_blocking(move || paper::print(&sheet)).await;
    let pdf = pdf.map_err(Refusal::internal)?.map_err(Refusal::internal)?;
    Ok(Printed {
        pdf,
        file_name: format!("sheet-{}.pdf", row.version),
    })
}

const GONE: Refusal = Refusal::NotFound("sheet");

/// The sheet with the names of now. Who is gone leaves an empty line, so that rows stay where the code says they are.
async fn sheet(app: &App, event: &Loaded, row: &sheet_print::Model) -> Result<paper::Sheet, Refusal> {
    let pages = pages_of(row)?;
    let ids = pages.iter().flat_map(|page| page.rsvps.iter().copied());
    let found = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(ids))
        .all(app.db.reader())
        .await?;
    let found: HashMap<Uuid, rsvp::Model> = found.into_iter().map(|row| (row.id, row)).collect();
    let key = event_key::of_event(app, row.event_id).await?;
    let mut number = 0;
    let mut printed = vec![];
    for (page, index) in pages.iter().zip(1..) {
        let mut people = vec![];
        for id in &page.rsvps {
            number += 1;
            let known = found.get(id);
            people.push(paper::Person {
                number,
                name: match known {
                    Some(row) => answers::name_of(app, row)?.full(),
                    None => String::new(),
                },
                party_size: known.map_or(1, |row| row.party_size.unsigned_abs()),
            });
        }
        printed.push(paper::Page {
            code: key.sign(Kind::SheetPage, &payload(row.version, index)),
            people,
            blank: page.blank,
        });
    }
    let slot = event.timeslots.iter().find(|slot| slot.id == row.timeslot_id);
    let local = |at: DateTime<Utc>| {
        at.with_timezone(&event.timezone())
            .format("%Y-%m-%d %H:%M")
            .to_string()
    };
    let place = [&event.row.venue, &event.row.locality, &event.row.region];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    let details = [
        slot.map(|slot| local(slot.starts_at)).unwrap_or_default(),
        place.join(", "),
    ];
    Ok(paper::Sheet {
        paper: paper_of(row.paper),
        words: paper::Words::of(&row.language),
        title: event.row.title.clone(),
        details: details.into_iter().filter(|line| !line.is_empty()).collect(),
        consent: consent(&row.language).to_owned(),
        pages: printed,
    })
}

/// What stands beside the box of consent. Another text is another version: `apply::consents::TEXT`.
fn consent(language: &str) -> &'static str {
    match language.split(['-', '_']).next() {
        Some("es") => {
            "Quien marque «Acepto» junto a su nombre acepta que le escribamos sobre otros eventos, al correo o teléfono que \
             anote. Puede retirarlo cuando quiera, respondiendo a cualquier mensaje."
        }
        _ => {
            "By ticking \"I agree\" beside their name, people agree that we write to them about other events, at the address or \
             number they give. They can take that back at any time, by answering any message."
        }
    }
}

/// Who is registered for a date, by family name, then given name.
async fn coming(app: &App, timeslot_id: Uuid) -> Result<Vec<Uuid>, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::TimeslotId.eq(timeslot_id))
        .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
        .limit(app.config.sheets.rows + 1)
        .all(app.db.reader())
        .await?;
    let mut named = vec![];
    for row in rows {
        let name = answers::name_of(app, &row)?;
        let by = [&name.family, &name.given].map(|part| part.trim().to_lowercase());
        // Who has no family name comes after all others.
        named.push(((Reverse(!by.concat().is_empty()), by), row.id));
    }
    named.sort();
    Ok(named.into_iter().map(|(_, id)| id).collect())
}

fn paginate(printing: &Printing, people: &[Uuid]) -> Vec<PrintedPage> {
    let mut left = people;
    let sizes = paper::paginate(paper_of(printing.paper), people.len(), printing.blank);
    let page = |rows: paper::Rows| {
        let (here, others) = left.split_at_checked(rows.printed).unwrap_or((left, &[]));
        left = others;
        PrintedPage {
            rsvps: here.to_vec(),
            blank: rows.blank,
        }
    };
    sizes.into_iter().map(page).collect()
}

pub(super) fn pages_of(row: &sheet_print::Model) -> Result<Vec<PrintedPage>, Refusal> {
    serde_json::from_str(&row.pages).map_err(Refusal::internal)
}

pub(super) fn paper_of(size: PaperSize) -> paper::Paper {
    match size {
        PaperSize::A4 => paper::Paper::A4,
        PaperSize::Letter => paper::Paper::Letter,
    }
}

/// Names that leave on paper leave as well: as many a day as may be exported, counted by themselves.
async fn check_budget(app: &App, tx: &Tx, me: Uuid, names: i32) -> Result<(), Refusal> {
    let most = i64::from(app.config.exports.rows_per_person_and_day);
    let day = TimeDelta::days(1);
    let printed: Vec<(DateTime<Utc>, i32)> = sheet_print::Entity::find()
        .filter(sheet_print::Column::PersonId.eq(me))
        .filter(sheet_print::Column::CreatedAt.gt(tx.now() - day))
        .order_by_asc(sheet_print::Column::CreatedAt)
        .select_only()
        .columns([sheet_print::Column::CreatedAt, sheet_print::Column::Names])
        .into_tuple()
        .all(tx.db())
        .await?;
    let used: i64 = printed.iter().map(|(_, names)| i64::from(*names)).sum();
    if used + i64::from(names) <= most {
        return Ok(());
    }
    let first = printed.first().map_or(tx.now(), |(at, _)| *at);
    let wait = u64::try_from((first + day - tx.now()).num_seconds()).unwrap_or_default() + 1;
    Err(Refusal::Budget(
        format!("One person may print at most {most} names a day"),
        wait,
    ))
}

fn life(app: &App) -> TimeDelta {
    TimeDelta::minutes(app.config.exports.link_minutes)
}

fn url_of(app: &App, token: &str) -> String {
    format!("{}/sheets/{token}.pdf", app.config.base_url())
}
