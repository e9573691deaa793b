//! The rows of a page as an actor may read them, what is proposed about each, and how far a sheet is.

use std::collections::HashMap;

use entity::{
    ReadingSource, RowDecision, RowState, SheetMark, SheetState, attendance_sheet, rsvp, sheet_reading,
    sheet_row, sheet_work,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    Reached,
    candidates::{Candidate, Known},
    matching, reach,
    words::{Words, open_reading, open_row},
};
use crate::{
    app::App,
    domain::{Actor, audit, event, person::Name, rsvp as answers, sheet},
    refusal::Refusal,
};

/// A row as an actor may read it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The row.
    pub row: sheet_row::Model,
    /// Who is printed there.
    pub printed: Option<Printed>,
    /// What stands there, once that is settled; for those who run the event.
    pub words: Option<Words>,
    /// What was read in it: all for those who run the event, and for others what they read themselves.
    pub readings: Vec<Read>,
    /// Whom its name may mean.
    pub candidates: Vec<Candidate>,
    /// What would be decided without a look; for those who run the event.
    pub proposal: Option<Proposal>,
    /// Whether names are whole.
    pub runs: bool,
}

/// Whose name is printed in a row.
#[derive(Clone, Debug)]
pub struct Printed {
    /// What they answered.
    pub rsvp_id: Uuid,
    /// Who.
    pub person_id: Uuid,
    /// Their name.
    pub name: Name,
}

/// What somebody, or a program, read in a row.
#[derive(Clone, Debug)]
pub struct Read {
    /// What stands there.
    pub words: Words,
    /// Who or what read it.
    pub source: ReadingSource,
    /// Whether the actor did.
    pub is_mine: bool,
}

/// What would be decided about a row without a look.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What.
    pub decision: RowDecision,
    /// Of a MATCH: what they answered, and who.
    pub whom: Option<(Uuid, Uuid)>,
    /// Of a DUPLICATE: the row that says the same.
    pub duplicate_of: Option<Uuid>,
}

/// How far the sheets of an event are, or one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pages.
    pub pages: i32,
    /// Pages that were read as often as was asked for.
    pub pages_read: i32,
    /// Rows that are printed or were keyed.
    pub rows: i32,
    /// Rows whose words are settled, or whose box a program is sure of.
    pub settled: i32,
    /// Rows in which people read different things.
    pub differing: i32,
    /// Rows about which it is decided who they are.
    pub decided: i32,
}

/// The rows of a page, in their order. For those who run the event, whose reading of addresses is recorded; and with what they
/// read themselves alone, and initials instead of family names, for transcribers. UNAUTHENTICATED, NOT_FOUND.
pub async fn rows(app: &App, actor: &Actor, page_id: Uuid) -> Result<Vec<Row>, Refusal> {
    let Reached { sheet, runs, .. } = reach(app, actor, page_id).await?;
    let rows = sheet_row::Entity::find()
        .filter(sheet_row::Column::SheetId.eq(sheet.id))
        .order_by_asc(sheet_row::Column::PageId)
        .order_by_asc(sheet_row::Column::Number)
        .all(app.db.reader())
        .await?;
    let shown = show(app, actor, &sheet, runs, rows).await?;
    let shown: Vec<Row> = shown
        .into_iter()
        .filter(|row| row.row.page_id == page_id)
        .collect();
    let has_address = |row: &Row| {
        row.words
            .iter()
            .chain(row.readings.iter().map(|read| &read.words))
            .any(is_reachable)
    };
    if runs && shown.iter().any(has_address) {
        let events = [sheet.event_id];
        let why = format!("page {page_id}");
        app.write(async |tx| {
            audit::record_why(tx, actor, "event.sheet_addresses", &events, Some(&why)).await
        })
        .await?;
    }
    Ok(shown)
}

fn is_reachable(words: &Words) -> bool {
    words.email.is_some() || words.phone.is_some()
}

/// A row, for those who run the event. UNAUTHENTICATED, NOT_FOUND.
pub async fn find_row(
    app: &App,
    actor: &Actor,
    id: Uuid,
) -> Result<(sheet_row::Model, attendance_sheet::Model), Refusal> {
    actor.member()?;
    let row = sheet_row::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("sheet row"))?;
    let found = sheet::find(app, actor, row.sheet_id).await;
    let sheet = found.map_err(|refusal| refusal.hiding("sheet row"))?;
    Ok((row, sheet.row))
}

/// Rows of one sheet, each with what is known and proposed about it.
pub(super) async fn show(
    app: &App,
    actor: &Actor,
    sheet: &attendance_sheet::Model,
    runs: bool,
    rows: Vec<sheet_row::Model>,
) -> Result<Vec<Row>, Refusal> {
    let mut printed = printed(app, &rows).await?;
    let mut readings = readings(app, actor, runs, &rows).await?;
    // Whoever only reads sees whom the words on this event's sheet may mean, not whom its hosts know from elsewhere.
    let known = Known::load(app, actor, sheet, runs).await?;
    let mut shown: Vec<Row> = vec![];
    for row in rows {
        let words = open_row(app, &row)?;
        let mut readings = readings.remove(&row.id).unwrap_or_default();
        let named = match runs {
            true => words.as_ref(),
            false => readings.first().map(|read| &read.words),
        };
        let named = named.filter(|words| words.has_name() && row.rsvp_id.is_none());
        let candidates = named.map(|words| known.like(&words.name)).unwrap_or_default();
        let printed = row.rsvp_id.and_then(|id| printed.remove(&id));
        let mut one = Row {
            printed,
            words: words.filter(|_| runs),
            candidates,
            proposal: None,
            runs,
            readings: vec![],
            row,
        };
        one.proposal = one.propose(&shown).filter(|_| runs);
        if sheet.state == SheetState::Applied {
            // What an address was for is done: it is the person's now.
            for words in one
                .words
                .iter_mut()
                .chain(readings.iter_mut().map(|read| &mut read.words))
            {
                words.email = None;
                words.phone = None;
            }
        }
        one.readings = readings;
        shown.push(one);
    }
    Ok(shown)
}

impl Row {
    /// Whether whoever is printed there came, as far as somebody or something saw.
    fn came(&self) -> Option<bool> {
        let read = self.words.as_ref().and_then(|words| words.came);
        read.or(match self.row.mark? {
            SheetMark::Ticked => Some(true),
            SheetMark::Empty => Some(false),
            SheetMark::Unsure => None,
        })
    }

    fn propose(&self, before: &[Self]) -> Option<Proposal> {
        let plain = |decision| Proposal {
            decision,
            whom: None,
            duplicate_of: None,
        };
        if self.row.state == RowState::Differs {
            return None;
        }
        if let Some(printed) = &self.printed {
            let whom = Some((printed.rsvp_id, printed.person_id));
            return Some(match self.came()? {
                true => Proposal {
                    whom,
                    ..plain(RowDecision::Match)
                },
                false => plain(RowDecision::NotPresent),
            });
        }
        let words = self.words.as_ref()?;
        if words.illegible {
            return Some(plain(RowDecision::Illegible));
        }
        if let Some(same) = before.iter().find(|other| other.says_the_same(words)) {
            let duplicate_of = Some(same.row.id);
            return Some(Proposal {
                duplicate_of,
                ..plain(RowDecision::Duplicate)
            });
        }
        let scores: Vec<f64> = self.candidates.iter().map(|candidate| candidate.score).collect();
        match self.candidates.first() {
            Some(best) if matching::stands_out(&scores) => Some(Proposal {
                whom: Some((best.rsvp_id, best.person_id)),
                ..plain(RowDecision::Match)
            }),
            None if words.has_name() => Some(plain(RowDecision::NewPerson)),
            _ => None,
        }
    }

    /// Whether a row before has the same name and no other address. Two people may well have one name.
    fn says_the_same(&self, words: &Words) -> bool {
        let Some(mine) = self.words.as_ref().filter(|mine| mine.has_name()) else {
            return false;
        };
        let same = |one: &Option<String>, two: &Option<String>| one.is_none() || two.is_none() || one == two;
        mine.is_same_name(words)
            && same(&mine.email, &words.email)
            && same(&mine.phone, &words.phone)
            && (mine.email.is_some() && mine.email == words.email
                || mine.phone.is_some() && mine.phone == words.phone)
    }
}

/// Names that are printed in rows, by RSVP.
async fn printed(app: &App, rows: &[sheet_row::Model]) -> Result<HashMap<Uuid, Printed>, Refusal> {
    let found = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(rows.iter().filter_map(|row| row.rsvp_id)))
        .all(app.db.reader())
        .await?;
    let open = |row: rsvp::Model| {
        let printed = Printed {
            rsvp_id: row.id,
            person_id: row.person_id,
            name: answers::name_of(app, &row)?,
        };
        Ok((row.id, printed))
    };
    found.into_iter().map(open).collect()
}

/// What the actor may know of what was read, oldest first, by row.
async fn readings(
    app: &App,
    actor: &Actor,
    runs: bool,
    rows: &[sheet_row::Model],
) -> Result<HashMap<Uuid, Vec<Read>>, Refusal> {
    let found = sheet_reading::Entity::find()
        .filter(sheet_reading::Column::RowId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(sheet_reading::Column::Id)
        .all(app.db.reader())
        .await?;
    let mut read: HashMap<Uuid, Vec<Read>> = HashMap::new();
    for reading in found {
        let is_mine = reading.reader.is_some() && reading.reader == actor.person_id();
        if runs || (is_mine && reading.source == ReadingSource::Person) {
            read.entry(reading.row_id).or_default().push(Read {
                words: open_reading(app, &reading)?,
                source: reading.source,
                is_mine,
            });
        }
    }
    Ok(read)
}

/// How far the sheets of an event are, or one of them. For its hosts and for organizers. UNAUTHENTICATED, NOT_FOUND,
/// FORBIDDEN.
pub async fn progress(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    sheet_id: Option<Uuid>,
) -> Result<Progress, Refusal> {
    actor.member()?;
    event::require_edit(app, actor, event_id).await?;
    let mut pages = sheet_work::Entity::find().filter(sheet_work::Column::EventId.eq(event_id));
    let mut rows = sheet_row::Entity::find().filter(sheet_row::Column::EventId.eq(event_id));
    if let Some(sheet_id) = sheet_id {
        pages = pages.filter(sheet_work::Column::SheetId.eq(sheet_id));
        rows = rows.filter(sheet_row::Column::SheetId.eq(sheet_id));
    }
    let mut progress = Progress::default();
    for page in pages.all(app.db.reader()).await? {
        progress.pages += 1;
        progress.pages_read += i32::from(page.finished >= page.wanted);
    }
    for row in rows.all(app.db.reader()).await? {
        let is_sure =
            matches!(row.mark, Some(SheetMark::Ticked | SheetMark::Empty)) && row.state == RowState::Open;
        progress.rows += 1;
        progress.settled += i32::from(row.state == RowState::Settled || is_sure);
        progress.differing += i32::from(row.state == RowState::Differs);
        progress.decided += i32::from(row.decision.is_some());
    }
    Ok(progress)
}
