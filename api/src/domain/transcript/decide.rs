//! Who the rows of a sheet are: said by those who run the event, one by one or as it is proposed.

use std::collections::{HashMap, HashSet};

use entity::{RowDecision, RowState, StaffRole, attendance_sheet, event_host, rsvp, sheet_row};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{
    find_row, keying, lock_open,
    rows::{self, Progress, Proposal},
    words::Words,
};
use crate::{
    app::{App, Tx},
    domain::{Actor, sheet},
    refusal::{Problems, Refusal},
};

/// What is said of one row.
#[derive(Clone, Debug)]
pub struct Deciding {
    /// The row.
    pub row_id: Uuid,
    /// What it means; none takes back what was decided.
    pub decision: Option<RowDecision>,
    /// Of a MATCH: what the person answered, for this event or another one that the actor hosts. Absent for who is printed.
    pub rsvp_id: Option<Uuid>,
    /// Of a DUPLICATE: the row that says the same.
    pub duplicate_of: Option<Uuid>,
}

/// What became of deciding.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// How many rows were decided.
    pub rows: i32,
    /// How far the sheet is.
    pub progress: Progress,
}

/// Decides about rows of a sheet, at most `sheets.decisions`, and with `proposed` about all others as it is proposed. All or
/// none. For the event's hosts and for organizers. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
pub async fn decide(
    app: &App,
    actor: &Actor,
    sheet_id: Uuid,
    said: &[Deciding],
    proposed: bool,
) -> Result<Decided, Refusal> {
    let sheet = sheet::find(app, actor, sheet_id).await?.row;
    let most = app.config.sheets.decisions;
    let mut problems = Problems::default();
    problems.check(
        said.len() <= most,
        "input.rows",
        format!("must be at most {most}"),
    );
    problems.check(proposed || !said.is_empty(), "input.rows", "must not be empty");
    problems.finish()?;
    let people = matched(app, actor, &sheet, said).await?;
    let decided = app
        .write(async |tx| {
            lock_open(tx, sheet_id).await?;
            let all = all_rows(tx, sheet_id).await?;
            check(&all, said, &people)?;
            for (one, row) in said.iter().filter_map(|one| Some((one, all.get(&one.row_id)?))) {
                let whom = match one.decision {
                    Some(RowDecision::Match) => one.rsvp_id.or(row.rsvp_id),
                    _ => None,
                };
                let whom = whom.and_then(|id| people.get(&id).copied());
                write(tx, actor, row, one.decision, whom, one.duplicate_of).await?;
            }
            Ok(said.len())
        })
        .await?;
    let proposed = if proposed {
        accept(app, actor, &sheet, said).await?
    } else {
        0
    };
    Ok(Decided {
        rows: i32::try_from(decided + proposed).unwrap_or(i32::MAX),
        progress: rows::progress(app, actor, sheet.event_id, Some(sheet_id)).await?,
    })
}

/// Decides about all rows nobody has said anything of as it is proposed. Rows that change meanwhile are left out.
async fn accept(
    app: &App,
    actor: &Actor,
    sheet: &attendance_sheet::Model,
    said: &[Deciding],
) -> Result<usize, Refusal> {
    let open = sheet_row::Entity::find()
        .filter(sheet_row::Column::SheetId.eq(sheet.id))
        .order_by_asc(sheet_row::Column::PageId)
        .order_by_asc(sheet_row::Column::Number)
        .all(app.db.reader())
        .await?;
    let shown = rows::show(app, actor, sheet, true, open).await?;
    let named: HashSet<Uuid> = said.iter().map(|one| one.row_id).collect();
    let open = shown.into_iter().filter(|one| one.row.decision.is_none());
    let open = open.filter(|one| !named.contains(&one.row.id));
    let proposals: Vec<(sheet_row::Model, Proposal)> = open
        .filter_map(|one| one.proposal.map(|proposal| (one.row, proposal)))
        .collect();
    app.write(async |tx| {
        lock_open(tx, sheet.id).await?;
        let now = all_rows(tx, sheet.id).await?;
        let mut count = 0;
        for (row, proposal) in &proposals {
            if now.get(&row.id).is_some_and(|now| now.version == row.version) {
                let whom = proposal.whom.map(|(_, person_id)| person_id);
                write(
                    tx,
                    actor,
                    row,
                    Some(proposal.decision),
                    whom,
                    proposal.duplicate_of,
                )
                .await?;
                count += 1;
            }
        }
        Ok(count)
    })
    .await
}

/// Says what stands in a row, where those who read it do not agree, or none could. For the event's hosts and for
/// organizers. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
pub async fn settle(app: &App, actor: &Actor, row_id: Uuid, words: Words) -> Result<Uuid, Refusal> {
    let (row, sheet) = find_row(app, actor, row_id).await?;
    let mut problems = Problems::default();
    let words = words.checked(app, "input", &mut problems);
    problems.finish()?;
    app.write(async |tx| {
        lock_open(tx, sheet.id).await?;
        keying::write(app, tx, row_id, RowState::Settled, Some(&words)).await?;
        Ok(row.page_id)
    })
    .await
}

/// Whom the RSVPs that decisions name are of. BAD_USER_INPUT for one that the actor does not see.
async fn matched(
    app: &App,
    actor: &Actor,
    sheet: &attendance_sheet::Model,
    said: &[Deciding],
) -> Result<HashMap<Uuid, Uuid>, Refusal> {
    let printed = sheet_row::Entity::find()
        .filter(sheet_row::Column::SheetId.eq(sheet.id))
        .filter(sheet_row::Column::Id.is_in(said.iter().map(|one| one.row_id)));
    let printed = printed
        .all(app.db.reader())
        .await?
        .into_iter()
        .filter_map(|row| row.rsvp_id);
    let named = said.iter().filter_map(|one| one.rsvp_id);
    let ids: HashSet<Uuid> = printed.chain(named).collect();
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(ids))
        .all(app.db.reader())
        .await?;
    let others: HashSet<Uuid> = rows.iter().map(|row| row.event_id).collect();
    let hosted = event_host::Entity::find()
        .filter(event_host::Column::EventId.is_in(others))
        .filter(event_host::Column::PersonId.eq(actor.person_id()))
        .all(app.db.reader())
        .await?;
    let hosted: HashSet<Uuid> = hosted.into_iter().map(|host| host.event_id).collect();
    let may_see = |row: &rsvp::Model| {
        row.event_id == sheet.event_id || hosted.contains(&row.event_id) || actor.is(StaffRole::Organizer)
    };
    let seen = rows.into_iter().filter(may_see);
    Ok(seen.map(|row| (row.id, row.person_id)).collect())
}

/// All problems of what is said, at once.
fn check(
    all: &HashMap<Uuid, sheet_row::Model>,
    said: &[Deciding],
    people: &HashMap<Uuid, Uuid>,
) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    let mut seen = HashSet::new();
    for (i, one) in said.iter().enumerate() {
        let at = |field: &str| format!("input.rows.{i}.{field}");
        let Some(row) = all.get(&one.row_id) else {
            problems.add(&at("rowId"), "is no row of this sheet");
            continue;
        };
        problems.check(seen.insert(one.row_id), &at("rowId"), "is there twice");
        let is = |decision| one.decision == Some(decision);
        let is_match = is(RowDecision::Match);
        problems.check(
            is_match || one.rsvp_id.is_none(),
            &at("attendeeId"),
            "goes with MATCH only",
        );
        if is_match {
            let whom = one.rsvp_id.or(row.rsvp_id);
            let is_known = whom.is_some_and(|id| people.contains_key(&id));
            problems.check(
                is_known,
                &at("attendeeId"),
                "must be an attendee that you can see",
            );
        }
        if is(RowDecision::NewPerson) {
            let is_settled = row.state == RowState::Settled && row.rsvp_id.is_none();
            problems.check(
                is_settled,
                &at("decision"),
                "needs a row that was empty, with settled words",
            );
        }
        if is(RowDecision::NotPresent) {
            problems.check(
                row.rsvp_id.is_some(),
                &at("decision"),
                "is for printed names only",
            );
        }
        let is_duplicate = is(RowDecision::Duplicate);
        let other = one.duplicate_of.and_then(|id| all.get(&id));
        let decision_of = |other: &sheet_row::Model| match said.iter().find(|one| one.row_id == other.id) {
            Some(one) => one.decision,
            None => other.decision,
        };
        let fits = other.is_some_and(|other| decision_of(other) != Some(RowDecision::Duplicate));
        problems.check(
            is_duplicate || one.duplicate_of.is_none(),
            &at("duplicateOf"),
            "goes with DUPLICATE only",
        );
        problems.check(
            !is_duplicate || fits,
            &at("duplicateOf"),
            "must be another row of this sheet that is no duplicate",
        );
    }
    problems.finish()
}

async fn write(
    tx: &Tx,
    actor: &Actor,
    row: &sheet_row::Model,
    decision: Option<RowDecision>,
    whom: Option<Uuid>,
    duplicate_of: Option<Uuid>,
) -> Result<(), Refusal> {
    // Who was made for this row when the sheet was applied before is who becomes known by it again.
    let is_again = decision == Some(RowDecision::NewPerson) && row.made;
    let change = sheet_row::ActiveModel {
        id: Unchanged(row.id),
        decision: Set(decision),
        person_id: Set(if is_again { row.person_id } else { whom }),
        made: Set(is_again),
        duplicate_of: Set(duplicate_of),
        decided_by: Set(decision.and(actor.person_id())),
        decided_at: Set(decision.map(|_| tx.now())),
        version: Set(row.version + 1),
        ..Default::default()
    };
    change.update(tx.db()).await?;
    Ok(())
}

/// All rows of a sheet, which the caller has.
pub(super) async fn all_rows(tx: &Tx, sheet_id: Uuid) -> Result<HashMap<Uuid, sheet_row::Model>, Refusal> {
    let rows = sheet_row::Entity::find().filter(sheet_row::Column::SheetId.eq(sheet_id));
    let rows = rows.all(tx.db()).await?.into_iter();
    Ok(rows.map(|row| (row.id, row)).collect())
}
