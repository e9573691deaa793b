//! Events in the shape that version 1 of the Mobilize API answers to "list events".
//!
//! Contact persons are not imported.

mod event;
mod shift;

use std::{collections::HashSet, path::Path};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::App,
    domain::campaign,
    import::{Complaint, Report, draft::Draft, save::Changed},
    refusal::{Problem, Problems, Refusal},
};

/// What `origin_system` says of these events.
const SYSTEM: &str = crate::domain::number::MOBILIZE;

/// Takes the events of `file`: `{"data": [event]}` as the API answers, or the bare list. Events that were taken
/// before are updated, those that are unchanged not touched; what cannot be taken is in the report.
///
/// With `shift_to`, all times are moved by as many weeks as put the earliest timeslot on or just after that date.
/// `progress` is told how many of how many events are done.
pub async fn import(
    app: &App,
    file: &Path,
    shift_to: Option<NaiveDate>,
    mut progress: impl FnMut(usize, usize),
) -> Result<Report> {
    let bytes = tokio::fs::read(file)
        .await
        .with_context(|| file.display().to_string())?;
    let rows = rows_of(&bytes).with_context(|| file.display().to_string())?;
    let mut report = Report::default();
    let mut drafts = read(app, &rows, &mut report);
    if let Some(date) = shift_to {
        shift::to(&mut drafts, date);
    }
    let total = drafts.len();
    for (done, draft) in drafts.into_iter().enumerate() {
        let id = draft.origin_id.clone();
        save(app, draft, &mut report)
            .await
            .inspect_err(|refusal| {
                if let Refusal::Internal(cause) = refusal {
                    tracing::error!(event = id, cause, "import stopped");
                }
            })
            .with_context(|| format!("event {id}; what came before it is saved"))?;
        progress(done + 1, total);
    }
    Ok(report)
}

fn rows_of(bytes: &[u8]) -> Result<Vec<Value>> {
    let mut json: Value = serde_json::from_slice(bytes).context("this is not JSON")?;
    let rows = match json.get_mut("data") {
        Some(data) => data.take(),
        None => json,
    };
    match rows {
        Value::Array(rows) => Ok(rows),
        _ => anyhow::bail!("there is no list of events in this"),
    }
}

/// The drafts of all rows that can be taken.
fn read(app: &App, rows: &[Value], report: &mut Report) -> Vec<Draft> {
    let mut seen = HashSet::new();
    let mut drafts = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut reader = event::Reader::new(row, index, &app.config.limits);
        if let Some(draft) = reader.draft() {
            let broken = broken_rules(app, &draft);
            if !seen.insert(draft.origin_id.clone()) {
                reader.refuse::<()>("id", "occurs twice; the first is taken");
            } else if broken.is_empty() {
                drafts.push(draft);
            }
            reader.refused.extend(broken);
        }
        report.refused.append(&mut reader.refused);
        report.left_out.append(&mut reader.left_out);
    }
    drafts
}

/// What the rules for all events say of it.
fn broken_rules(app: &App, draft: &Draft) -> Vec<Complaint> {
    let mut problems = Problems::default();
    draft.content.check(app, &mut problems);
    let Err(Refusal::Input(problems)) = problems.finish() else {
        return Vec::new();
    };
    let complaint = |problem: Problem| Complaint {
        row: draft.origin_id.clone(),
        field: problem.path.join(".").trim_start_matches("input.").to_owned(),
        reason: problem.problem,
    };
    problems.into_iter().map(complaint).collect()
}

/// Says so when nothing tells where the event is. Once the code is imported, the next run puts the event there.
async fn unknown_postal_code(app: &App, draft: &Draft) -> Result<Option<Complaint>, Refusal> {
    let place = draft.content.place.as_ref();
    let Some(place) = place.filter(|place| place.point().is_none()) else {
        return Ok(None);
    };
    let point = match &place.postal_code {
        Some(code) => app.postal.find(&app.db, &place.country, code).await?,
        None => None,
    };
    let complaint = || Complaint {
        row: draft.origin_id.clone(),
        field: "location.postal_code".to_owned(),
        reason: "is not known here, so the event is not found by distance".to_owned(),
    };
    Ok(point.is_none().then(complaint))
}

/// Names the draft's campaign by its row, which is made when it is not there.
async fn place_in_campaign(app: &App, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(named) = &draft.campaign {
        let content = campaign::Content {
            name: named.name.clone(),
            description: String::new(),
            guidelines: String::new(),
        };
        let id = campaign::imported(app, SYSTEM, &named.origin_id, &content).await?;
        draft.content.campaign_id = Some(id);
    }
    Ok(())
}

async fn save(app: &App, mut draft: Draft, report: &mut Report) -> Result<(), Refusal> {
    place_in_campaign(app, &mut draft).await?;
    report.timeslots += draft.timeslots.len();
    report.left_out.extend(unknown_postal_code(app, &draft).await?);
    let Some(changed) = Changed::new(app, SYSTEM, draft, Uuid::now_v7()).await? else {
        report.unchanged += 1;
        return Ok(());
    };
    if changed.is_new() {
        report.created += 1;
    } else {
        report.updated += 1;
    }
    let left_out = &mut report.left_out;
    app.write(async |tx| changed.save(app, tx, left_out).await).await
}

#[cfg(test)]
mod tests;
