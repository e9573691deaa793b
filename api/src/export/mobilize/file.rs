//! A file of all published events, which `turnout import mobilize` reads back.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use entity::{EventStatus, Visibility, event};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Source, date, events};
use crate::{
    app::App,
    domain::{
        event::{Loaded, load, open_private},
        number::Numbers,
    },
    map::Listing,
    refusal::Refusal,
};

const CHUNK: u64 = 100;

/// What came of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that were written.
    pub events: usize,
    /// Their dates that stand.
    pub timeslots: usize,
}

/// Writes the published events, those that are over too, to `file`, which must not exist and which only its owner may read.
/// Without `with_private`, PUBLIC ones, as everybody may know them. With it also those that are on no list, and of all of
/// them the addresses, links and instructions that only those who come may know. `progress` is told how many of how many are
/// done.
pub async fn write(
    app: &App,
    file: &Path,
    with_private: bool,
    mut progress: impl FnMut(usize, usize),
) -> Result<Report> {
    let mut query = event::Entity::find().filter(event::Column::Status.eq(EventStatus::Approved));
    if !with_private {
        query = query.filter(event::Column::Visibility.eq(Visibility::Public));
    }
    let total = usize::try_from(query.clone().count(app.db.reader()).await?)?;
    let mut out = create(file).with_context(|| file.display().to_string())?;
    let mut report = Report::default();
    let mut last = Uuid::nil();
    out.write_all(b"{\"data\":[")?;
    loop {
        let page = query.clone().select_only().column(event::Column::Id);
        let ids: Vec<Uuid> = page
            .filter(event::Column::Id.gt(last))
            .order_by_asc(event::Column::Id)
            .limit(CHUNK)
            .into_tuple()
            .all(app.db.reader())
            .await?;
        let Some(newest) = ids.last() else { break };
        last = *newest;
        for event in chunk(app, &ids, with_private).await? {
            let dates = event.get("timeslots").and_then(Value::as_array);
            report.timeslots += dates.map_or(0, Vec::len);
            out.write_all(if report.events == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut out, &event)?;
            report.events += 1;
        }
        progress(report.events, total);
    }
    writeln!(
        out,
        "\n],\"count\":{},\"next\":null,\"previous\":null}}",
        report.events
    )?;
    out.into_inner()?.sync_all()?;
    Ok(report)
}

fn create(file: &Path) -> io::Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(file)?;
    Ok(BufWriter::new(made))
}

async fn chunk(app: &App, ids: &[Uuid], with_private: bool) -> Result<Vec<Value>, Refusal> {
    let mut loaded = load(app.db.reader(), ids).await?;
    let mut sources = Vec::with_capacity(ids.len());
    // What was changed since the ids were read must not be in it for that.
    let is_wanted = |event: &Loaded| {
        event.row.status == EventStatus::Approved
            && (with_private || event.row.visibility == Visibility::Public)
    };
    for event in ids.iter().filter_map(|id| loaded.remove(id)).filter(is_wanted) {
        let private = match with_private {
            true => Some(open_private(app, &event.row)?),
            false => None,
        };
        sources.push(Source {
            event,
            private,
            is_export: true,
        });
    }
    events(app, &sources, |_| true).await
}

/// What Mobilize has no fields for.
pub(super) fn own(numbers: &Numbers, source: &Source, listing: &Listing) -> Value {
    let row = &source.event.row;
    let off = source.event.timeslots.iter().filter_map(|slot| {
        let cancelled = slot.cancelled_at?.timestamp();
        let mut date = date(numbers, slot);
        if let Value::Object(fields) = &mut date {
            fields.insert("cancelled_date".to_owned(), cancelled.into());
        }
        Some(date)
    });
    let features = listing.accessibility_features.iter().map(ActiveEnum::to_value);
    let gathering = source.private.as_ref();
    let gathering = gathering.and_then(|private| private.gathering.as_ref());
    let questions = row.questions.as_deref();
    let questions: Option<Value> = questions.and_then(|text| serde_json::from_str(text).ok());
    json!({
        "visibility": row.visibility.to_value(),
        "address_visibility": row.address_visibility.to_value(),
        "address_hours": row.address_hours,
        "attendee_visibility": row.attendee_visibility.to_value(),
        "join_policy": row.join_policy.to_value(),
        "external_url": row.external_url,
        "accessibility_features": features.collect::<Vec<_>>(),
        "gathering": gathering,
        "questions": questions,
        "waitlist_rule": row.waitlist_rule.to_value(),
        "waitlist_offer_hours": row.waitlist_offer_hours,
        "cancelled_timeslots": off.collect::<Vec<_>>(),
    })
}
