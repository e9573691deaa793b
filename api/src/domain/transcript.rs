//! What is written on attendance sheets: read by people, matched with people, and decided.
//!
//! A page waits until somebody claims it, keys its rows and says that it is done; a second person may be asked to read it
//! without seeing what the first one read. What they agree on is settled, and what a program reads settles nothing. For
//! each row a host decides who it is. Only applying the sheet makes attendance of that, and can be undone.
//!
//! **Who is compared with a name** is this event's RSVPs, and those of events that the actor hosts; somebody else is found by
//! an exact address alone, when the sheet is applied, and nobody is told.

mod apply;
mod candidates;
mod decide;
mod keying;
pub mod matching;
mod people;
mod print;
mod rows;
mod scan;
mod words;
mod work;

pub use apply::{Applying, apply, revert};
pub use candidates::Candidate;
pub use decide::{Decided, Deciding, decide, settle};
pub use keying::{key, propose, request_second_reading};
pub(crate) use people::{forget, forget_words, hand_over};
pub use print::{PrintLink, Printed as PrintedSheet, Printing, open_print, print};
pub use rows::{Printed, Progress, Proposal, Read, Row, find_row, progress, rows};
pub(crate) use scan::read_page;
pub(crate) use words::open_row as words_of;
pub use words::{Keyed, Words};
pub use work::{Claim, Claiming, Task, claim, find_task, release, tasks};
pub(crate) use work::{enter, has};

use entity::{SheetState, StaffRole, attendance_sheet, sheet_page};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{Actor, event, sheet};
use crate::{
    app::{App, Tx},
    refusal::{Reason, Refusal},
};

/// A page that an actor may work on.
pub(crate) struct Reached {
    /// Its sheet.
    pub sheet: attendance_sheet::Model,
    /// Whether they run its event, and so decide.
    pub runs: bool,
}

/// A page, for the hosts of its event, for organizers, and for transcribers. UNAUTHENTICATED, NOT_FOUND.
pub(crate) async fn reach(app: &App, actor: &Actor, page_id: Uuid) -> Result<Reached, Refusal> {
    actor.member()?;
    let page = sheet_page::Entity::find_by_id(page_id)
        .one(app.db.reader())
        .await?;
    let page = page.ok_or(Refusal::NotFound("sheet page"))?;
    let sheet = attendance_sheet::Entity::find_by_id(page.sheet_id)
        .one(app.db.reader())
        .await?;
    let sheet = sheet.ok_or(Refusal::NotFound("sheet page"))?;
    let access = event::access(app, actor, &[sheet.event_id]).await?;
    let runs = access
        .get(&sheet.event_id)
        .is_some_and(|access| access.may_edit());
    if runs || actor.is(StaffRole::Transcriber) {
        Ok(Reached { sheet, runs })
    } else {
        Err(Refusal::NotFound("sheet page"))
    }
}

/// The same for those alone who run the event.
pub(crate) async fn reach_to_decide(app: &App, actor: &Actor, page_id: Uuid) -> Result<Reached, Refusal> {
    let reached = reach(app, actor, page_id).await?;
    if reached.runs {
        Ok(reached)
    } else {
        Err(Refusal::Forbidden)
    }
}

/// Takes a sheet's row for this transaction while its rows may change: not while it is applied. WRONG_STATE (SHEET_CLOSED).
pub(crate) async fn lock_open(tx: &Tx, id: Uuid) -> Result<attendance_sheet::Model, Refusal> {
    let sheet = sheet::lock(tx, id).await?;
    match sheet.state {
        SheetState::Paged | SheetState::Transcribing | SheetState::Review | SheetState::Reverted => Ok(sheet),
        SheetState::Applied | SheetState::Rejected => Err(Refusal::WrongState(Reason::SheetClosed)),
    }
}
