//! The columns of an export: those that every RSVP has, one for each guest, and one for each version of each question.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::rsvp;
use sea_orm::{ActiveEnum, ColumnTrait, Condition};
use uuid::Uuid;

use super::{attendees, details_of, export::Wanted, name_of};
use crate::{
    app::App,
    domain::{
        email::Email,
        event::{self, Loaded, Value},
    },
    refusal::Refusal,
    spreadsheet::{self, text},
};

/// Rows that are looked at together.
const PART: usize = 500;

/// What every RSVP has.
const ALWAYS: [&str; 11] = [
    "id",
    "given name",
    "family name",
    "status",
    "party size",
    "date",
    "time zone",
    "answered at",
    "changed at",
    "waiting since",
    "attendance confirmed at",
];

/// The columns of one export.
pub(super) struct Columns {
    addresses: bool,
    guests: usize,
    /// By the question's place, the question, and the version; and its words then.
    questions: BTreeMap<(usize, Uuid, i32), String>,
}

impl Columns {
    /// The questions that are asked now, and all that those who are meant answered in other words.
    pub(super) async fn find(
        app: &App,
        event: &Loaded,
        condition: &Condition,
        wanted: &Wanted,
    ) -> Result<Self, Refusal> {
        let asked = event::questions::of(&event.row);
        let place = |id: Uuid| asked.iter().position(|one| one.id == id).unwrap_or(asked.len());
        let now = asked
            .iter()
            .enumerate()
            .map(|(i, one)| ((i, one.id, one.version), one.ask.label.clone()));
        let mut columns = Self {
            addresses: wanted.addresses,
            guests: 0,
            questions: now.collect(),
        };
        let said = condition.clone().add(rsvp::Column::Details.is_not_null());
        let mut after = None;
        loop {
            let rows = attendees::next(app.db.reader(), event.row.id, &said, after, PART as u64).await?;
            for row in &rows {
                let details = details_of(app, row)?;
                columns.guests = columns.guests.max(details.guests.len());
                for answer in details.answers {
                    let key = (place(answer.question_id), answer.question_id, answer.version);
                    columns.questions.entry(key).or_insert(answer.label);
                }
            }
            match rows.last().filter(|_| rows.len() == PART) {
                Some(last) => after = Some(last.id),
                None => return Ok(columns),
            }
        }
    }

    pub(super) fn headings(&self) -> Result<String, Refusal> {
        let versions = |id: Uuid| self.questions.keys().filter(|(_, of, _)| *of == id).count();
        let mut cells: Vec<String> = ALWAYS.map(str::to_owned).into();
        cells.extend(self.addresses.then(|| "address".to_owned()));
        cells.extend((1..=self.guests).map(|number| format!("guest {number}")));
        for ((_, id, version), label) in &self.questions {
            cells.push(match versions(*id) {
                1 => text(label),
                _ => text(&format!("{} (version {version})", label.trim())),
            });
        }
        spreadsheet::line(cells)
    }

    /// One RSVP. An error when it has what there is no column for: it was answered while the columns were looked for.
    pub(super) fn line(
        &self,
        app: &App,
        event: &Loaded,
        row: &rsvp::Model,
        address: Option<&Email>,
    ) -> Result<String, Refusal> {
        let (name, details) = (name_of(app, row)?, details_of(app, row)?);
        let slot = event.timeslots.iter().find(|slot| slot.id == row.timeslot_id);
        let zone = event.timezone();
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
        let time = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let times = |at: Option<DateTime<Utc>>| at.map(time).unwrap_or_default();
        let mut cells = vec![
            format!("rsvp:{}", row.id),
            text(&name.given),
            text(&name.family),
            row.status.to_value(),
            row.party_size.to_string(),
            slot.map(|slot| local(slot.starts_at)).unwrap_or_default(),
            zone.name().to_owned(),
            time(row.created_at),
            time(row.changed_at),
            times(row.waitlisted_at),
            times(row.attendance_confirmed_at),
        ];
        if self.addresses {
            cells.push(address.map(|email| text(email.reveal())).unwrap_or_default());
        }
        if details.guests.len() > self.guests {
            return Err(CHANGED);
        }
        let guests = details.guests.iter().map(|guest| text(&guest.full()));
        cells.extend(guests.chain(std::iter::repeat(String::new())).take(self.guests));
        let mut answered = 0;
        for (_, id, version) in self.questions.keys() {
            let is_it = |answer: &&event::Answered| answer.question_id == *id && answer.version == *version;
            let answer = details.answers.iter().find(is_it);
            answered += usize::from(answer.is_some());
            cells.push(answer.map(|answer| said(&answer.value)).unwrap_or_default());
        }
        if answered < details.answers.len() {
            return Err(CHANGED);
        }
        spreadsheet::line(cells)
    }
}

const CHANGED: Refusal = Refusal::Conflict("What was answered changed meanwhile; export it again.");

fn said(value: &Value) -> String {
    match value {
        Value::Text(words) => text(words),
        Value::Number(number) => number.to_string(),
        Value::Choices(chosen) => text(&chosen.join("; ")),
        Value::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Date(date) => date.to_string(),
    }
}
