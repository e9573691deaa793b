//! Which RSVPs of an event a host means: by what columns say, and by what is sealed.
//!
//! A database cannot look into what is sealed. So names and answers are looked for by opening them, row by row, and only
//! where the rest of the filter leaves at most `limits.opened` RSVPs.

use chrono::{DateTime, Datelike, Utc};
use entity::{EventStatus, RsvpStatus, contact_point, event, event_host, rsvp, timeslot};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use uuid::Uuid;

use super::{details_of, name_of};
use crate::{
    app::App,
    domain::event::Value,
    refusal::{Problems, Refusal},
};

/// Dates and RSVPs that one filter names, at most.
const MOST: usize = 100;
/// Characters of what is looked for in names, at most.
const LONGEST: usize = 200;
/// Later than anything here happened.
const LAST_YEAR: i32 = 2200;

/// Which RSVPs of an event; all by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// Where they stand: any of these; empty is all.
    #[serde(serialize_with = "write_names", deserialize_with = "read_names")]
    pub statuses: Vec<RsvpStatus>,
    /// For any of these dates; empty is all.
    pub timeslots: Vec<Uuid>,
    /// Any of these; empty is all.
    pub ids: Vec<Uuid>,
    /// First answered then or later.
    pub answered_since: Option<DateTime<Utc>>,
    /// Changed then or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Only those who (never) came before: who were registered for another date that is over, of events that the caller
    /// hosts; for organizers, of all.
    pub came_before: Option<bool>,
    /// Only those of whom an address (no address) is known.
    pub has_address: Option<bool>,
    /// Words that stand in the name, or in a guest's.
    pub text: Option<String>,
    /// What was answered.
    pub answer: Option<AnswerFilter>,
}

/// An answer to a question of the event, in any of its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerFilter {
    /// Which question.
    pub question_id: Uuid,
    /// What was said: words in a text, all of some choices, otherwise the same. Anything by default.
    pub value: Option<Value>,
}

impl Filter {
    /// Notes what is wrong with it.
    pub fn check(&self, path: &str, problems: &mut Problems) {
        for (field, number) in [("timeslotIds", self.timeslots.len()), ("rsvpIds", self.ids.len())] {
            let field = format!("{path}.{field}");
            problems.check(number <= MOST, &field, format!("has more than {MOST}"));
        }
        for (field, time) in [
            ("answeredSince", self.answered_since),
            ("changedSince", self.changed_since),
        ] {
            // PostgreSQL has no times as early as chrono.
            let good = time.is_none_or(|time| (1970..=LAST_YEAR).contains(&time.year()));
            let rule = format!("must be between the years 1970 and {LAST_YEAR}");
            problems.check(good, &format!("{path}.{field}"), rule);
        }
        let text = self.text.as_ref();
        let good = text.is_none_or(|text| !text.trim().is_empty() && text.chars().count() <= LONGEST);
        let rule = format!("must have 1 to {LONGEST} characters");
        problems.check(good, &format!("{path}.text"), &rule);
        let good = match self.answer.as_ref().and_then(|answer| answer.value.as_ref()) {
            Some(Value::Text(text)) => (1..=LONGEST).contains(&text.chars().count()),
            Some(Value::Choices(all)) => {
                all.len() <= MOST && all.iter().all(|one| one.chars().count() <= LONGEST)
            }
            _ => true,
        };
        problems.check(good, &format!("{path}.answer.value"), rule);
    }

    /// Whether something is looked for in what is sealed.
    pub fn opens(&self) -> bool {
        self.text.is_some() || self.answer.is_some()
    }

    /// Whether it may mean single people, rather than all who stand somewhere or answered for a date.
    pub fn names_people(&self) -> bool {
        let by_group = Self {
            statuses: self.statuses.clone(),
            timeslots: self.timeslots.clone(),
            ..Self::default()
        };
        *self != by_group
    }

    /// The part of it that columns decide. Who came before is told by events of `host`, or by all.
    pub(in crate::domain) fn condition(&self, host: Option<Uuid>, now: DateTime<Utc>) -> Condition {
        let mut all = Condition::all();
        if !self.statuses.is_empty() {
            all = all.add(rsvp::Column::Status.is_in(self.statuses.iter().copied()));
        }
        if !self.timeslots.is_empty() {
            all = all.add(rsvp::Column::TimeslotId.is_in(self.timeslots.iter().copied()));
        }
        if !self.ids.is_empty() {
            all = all.add(rsvp::Column::Id.is_in(self.ids.iter().copied()));
        }
        all.add_option(self.answered_since.map(|time| rsvp::Column::CreatedAt.gte(time)))
            .add_option(self.changed_since.map(|time| rsvp::Column::ChangedAt.gte(time)))
            .add_option(self.came_before.map(|wanted| is(wanted, came_before(host, now))))
            .add_option(self.has_address.map(|wanted| is(wanted, addresses())))
    }

    /// The part of it that has to be opened.
    pub(in crate::domain) fn fits(&self, app: &App, row: &rsvp::Model) -> Result<bool, Refusal> {
        if let Some(text) = &self.text {
            let words = folded(text);
            let has_all = |name: &str| {
                let name = folded(name);
                words.split_whitespace().all(|word| name.contains(word))
            };
            let guests = || Ok::<_, Refusal>(details_of(app, row)?.guests);
            if !has_all(&name_of(app, row)?.full()) && !guests()?.iter().any(|guest| has_all(&guest.full())) {
                return Ok(false);
            }
        }
        let Some(wanted) = &self.answer else {
            return Ok(true);
        };
        let answers = details_of(app, row)?.answers;
        let answered = answers
            .iter()
            .find(|answer| answer.question_id == wanted.question_id);
        Ok(answered.is_some_and(|answer| {
            wanted
                .value
                .as_ref()
                .is_none_or(|value| says(&answer.value, value))
        }))
    }

    /// What of it may be written into a record: by what was looked for, and not what for in what is sealed.
    pub fn told(&self) -> String {
        let standing: Vec<String> = self.statuses.iter().map(ActiveEnum::to_value).collect();
        let count = |name: &str, number: usize| (number > 0).then(|| format!("{name} {number}"));
        let given = |name: &str, is_given: bool| is_given.then(|| name.to_owned());
        let parts = [
            (!standing.is_empty()).then(|| standing.join(" or ")),
            count("dates", self.timeslots.len()),
            count("chosen", self.ids.len()),
            self.answered_since.map(|time| format!("answered since {time:?}")),
            self.changed_since.map(|time| format!("changed since {time:?}")),
            self.came_before.map(|wanted| format!("came before: {wanted}")),
            self.has_address.map(|wanted| format!("has an address: {wanted}")),
            given("by name", self.text.is_some()),
            given("by an answer", self.answer.is_some()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "all".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

fn is(wanted: bool, exists: SelectStatement) -> SimpleExpr {
    let exists = Expr::exists(exists);
    if wanted { exists } else { exists.not() }
}

/// Another RSVP of the same person that was registered for a date which is over.
fn came_before(host: Option<Uuid>, now: DateTime<Utc>) -> SelectStatement {
    const EARLIER: &str = "earlier";
    let of = |column| Expr::col((EARLIER, column));
    let mut query = Query::select()
        .expr(Expr::val(1))
        .from_as(rsvp::Entity, EARLIER)
        .inner_join(
            timeslot::Entity,
            Expr::col((timeslot::Entity, timeslot::Column::Id)).equals((EARLIER, rsvp::Column::TimeslotId)),
        )
        .inner_join(
            event::Entity,
            Expr::col((event::Entity, event::Column::Id)).equals((EARLIER, rsvp::Column::EventId)),
        )
        .and_where(of(rsvp::Column::PersonId).equals((rsvp::Entity, rsvp::Column::PersonId)))
        .and_where(of(rsvp::Column::Id).ne(Expr::col((rsvp::Entity, rsvp::Column::Id))))
        .and_where(of(rsvp::Column::Status).eq(RsvpStatus::Registered.to_value()))
        .and_where(Expr::col((timeslot::Entity, timeslot::Column::EndsAt)).lte(now))
        .and_where(Expr::col((timeslot::Entity, timeslot::Column::CancelledAt)).is_null())
        .and_where(Expr::col((event::Entity, event::Column::Status)).eq(EventStatus::Approved.to_value()))
        .to_owned();
    if let Some(host) = host {
        let hosted = Query::select()
            .column(event_host::Column::EventId)
            .from(event_host::Entity)
            .and_where(Expr::col(event_host::Column::PersonId).eq(host))
            .to_owned();
        query.and_where(of(rsvp::Column::EventId).in_subquery(hosted));
    }
    query
}

/// Addresses of who answered.
fn addresses() -> SelectStatement {
    let person = (contact_point::Entity, contact_point::Column::PersonId);
    Query::select()
        .expr(Expr::val(1))
        .from(contact_point::Entity)
        .and_where(Expr::col(person).equals((rsvp::Entity, rsvp::Column::PersonId)))
        .to_owned()
}

/// Whether an answer says what is wanted.
fn says(answer: &Value, wanted: &Value) -> bool {
    match (answer, wanted) {
        (Value::Text(said), Value::Text(words)) => {
            let said = folded(said);
            folded(words).split_whitespace().all(|word| said.contains(word))
        }
        (Value::Choices(chosen), Value::Choices(wanted)) => wanted.iter().all(|one| chosen.contains(one)),
        _ => answer == wanted,
    }
}

fn write_names<S: Serializer>(statuses: &[RsvpStatus], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(statuses.iter().map(ActiveEnum::to_value))
}

fn read_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RsvpStatus>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let read = |name| RsvpStatus::try_from_value(&name).map_err(D::Error::custom);
    names.into_iter().map(read).collect()
}

/// Without accents, width and case.
fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c));
    plain.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_accents_and_case() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert!(says(&text("Señora de la Peña"), &text("pena SENORA")));
        assert!(!says(&text("Peña"), &text("pena senora")));
        let choices = |all: &[&str]| Value::Choices(all.iter().map(|&one| one.to_owned()).collect());
        assert!(says(&choices(&["S", "M"]), &choices(&["M"])));
        assert!(!says(&choices(&["S"]), &choices(&["S", "M"])));
        assert!(says(&Value::YesNo(true), &Value::YesNo(true)) && !says(&Value::YesNo(true), &text("true")));
    }

    #[test]
    fn what_is_recorded_names_nobody() {
        let filter = Filter {
            text: Some("Wren".to_owned()),
            ids: vec![Uuid::nil()],
            came_before: Some(false),
            statuses: vec![RsvpStatus::Registered],
            ..Filter::default()
        };
        assert_eq!(filter.told(), "REGISTERED, chosen 1, came before: false, by name");
        let kept = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<Filter>(&kept).unwrap(), filter);
        assert_eq!(Filter::default().told(), "all");
    }
}
