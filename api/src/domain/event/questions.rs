//! What hosts ask of those who answer: typed questions, and answers that keep the words they were given to.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::event;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::text;
use crate::{app::App, refusal::Problems};

/// Options of a question, at most.
const OPTIONS: usize = 50;

/// A question of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Stays when the question is edited.
    pub id: Uuid,
    /// Counts its edits, from 1.
    pub version: i32,
    /// What the host wrote.
    #[serde(flatten)]
    pub ask: Ask,
}

/// What a host writes of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// What an answer must be.
    pub kind: QuestionKind,
    /// The question, one line.
    pub label: String,
    /// A few words more.
    pub help: Option<String>,
    /// What one may choose of.
    pub options: Vec<String>,
    /// Whether nobody can come without an answer.
    pub required: bool,
}

/// What an answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuestionKind {
    /// A text, at most `limits.text` characters.
    Text,
    /// A number.
    Number,
    /// One of the options.
    Choice,
    /// Some of the options.
    Choices,
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
}

/// An answer, as it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Value {
    /// To [`QuestionKind::Text`].
    Text(String),
    /// To [`QuestionKind::Number`].
    Number(f64),
    /// To [`QuestionKind::Choice`] and [`QuestionKind::Choices`].
    Choices(Vec<String>),
    /// To [`QuestionKind::YesNo`].
    YesNo(bool),
    /// To [`QuestionKind::Date`].
    Date(NaiveDate),
}

/// An answer with the question as it was when it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Which question.
    pub question_id: Uuid,
    /// In which version.
    pub version: i32,
    /// In which words.
    pub label: String,
    /// What was said.
    pub value: Value,
}

/// The questions after an edit that leaves exactly `asks`: those with the id of one that was there keep it, and get a
/// new version if they say something new. An id that is none of them gets version 0, which the check of the content finds.
pub fn revise(before: &[Question], asks: Vec<(Option<Uuid>, Ask)>) -> Vec<Question> {
    let revised = |(id, ask): (Option<Uuid>, Ask)| {
        let Some(id) = id else {
            let id = Uuid::now_v7();
            return Question { id, version: 1, ask };
        };
        let version = match before.iter().find(|question| question.id == id) {
            Some(same) if same.ask == ask => same.version,
            Some(other) => other.version + 1,
            None => 0,
        };
        Question { id, version, ask }
    };
    asks.into_iter().map(revised).collect()
}

/// The questions of a stored event.
pub fn of(row: &event::Model) -> Vec<Question> {
    read(row.questions.as_deref())
}

/// The questions in the column of an event.
pub(in crate::domain) fn read(column: Option<&str>) -> Vec<Question> {
    column
        .and_then(|json| serde_json::from_str(json).ok()) // written by `Content::columns`
        .unwrap_or_default()
}

/// Notes what is wrong with an event's questions.
pub(super) fn check(app: &App, questions: &[Question], problems: &mut Problems) {
    let limits = &app.config.limits;
    let most = limits.questions;
    problems.check(
        questions.len() <= most,
        "input.questions",
        format!("has more than {most} questions"),
    );
    let mut ids = HashSet::new();
    for (i, question) in questions.iter().enumerate() {
        let path = |field: &str| format!("input.questions.{i}.{field}");
        let ask = &question.ask;
        problems.check(question.version > 0, &path("id"), "is no question of this event");
        problems.check(ids.insert(question.id), &path("id"), "stands there twice");
        problems.check(!ask.label.trim().is_empty(), &path("label"), "must not be empty");
        problems.check(!ask.label.contains('\n'), &path("label"), "must be one line");
        text(problems, &path("label"), Some(&ask.label), limits.title);
        text(problems, &path("help"), ask.help.as_ref(), limits.summary);
        let chooses = matches!(ask.kind, QuestionKind::Choice | QuestionKind::Choices);
        let number = ask.options.len();
        problems.check(
            if chooses {
                (2..=OPTIONS).contains(&number)
            } else {
                number == 0
            },
            &path("options"),
            if chooses {
                format!("must be 2 to {OPTIONS}")
            } else {
                "are only for CHOICE and CHOICES".to_owned()
            },
        );
        let different: HashSet<&String> = ask.options.iter().collect();
        problems.check(different.len() == number, &path("options"), "must differ");
        for (j, option) in ask.options.iter().take(OPTIONS).enumerate() {
            let path = path(&format!("options.{j}"));
            problems.check(!option.trim().is_empty(), &path, "must not be empty");
            text(problems, &path, Some(option), limits.title);
        }
    }
}

/// `given` as they are kept, or what is wrong with them: each is of its question's kind.
pub fn answers(
    app: &App,
    questions: &[Question],
    given: Vec<(Uuid, Value)>,
    problems: &mut Problems,
) -> Vec<Answered> {
    let mut kept: Vec<Answered> = vec![];
    for (i, (id, value)) in given.into_iter().enumerate() {
        let path = format!("input.answers.{i}");
        let Some(question) = questions.iter().find(|question| question.id == id) else {
            problems.add(&format!("{path}.questionId"), "is no question of this event");
            continue;
        };
        if kept.iter().any(|answer| answer.question_id == id) {
            problems.add(&format!("{path}.questionId"), "stands there twice");
            continue;
        }
        match fits(app, &question.ask, &value) {
            Ok(true) => kept.push(Answered {
                question_id: id,
                version: question.version,
                label: question.ask.label.clone(),
                value,
            }),
            Ok(false) => {} // says nothing
            Err(problem) => problems.add(&path, problem),
        }
    }
    kept
}

/// Notes every question that needs an answer and has none.
pub fn check_required(questions: &[Question], answers: &[Answered], problems: &mut Problems) {
    for question in questions.iter().filter(|question| question.ask.required) {
        let answered = answers.iter().any(|answer| answer.question_id == question.id);
        problems.check(
            answered,
            "input.answers",
            format!("must answer: {}", question.ask.label.trim()),
        );
    }
}

/// Whether `value` answers a question and says something; the problem if it does not answer it.
fn fits(app: &App, ask: &Ask, value: &Value) -> Result<bool, String> {
    match (ask.kind, value) {
        (QuestionKind::Text, Value::Text(words)) => {
            let most = app.config.limits.text;
            let mut problems = Problems::default();
            text(&mut problems, "", Some(words), most);
            match problems.finish() {
                Ok(()) => Ok(!words.trim().is_empty()),
                Err(_) => Err(format!(
                    "must have at most {most} characters, and no control characters"
                )),
            }
        }
        (QuestionKind::Number, Value::Number(number)) if number.is_finite() => Ok(true),
        (QuestionKind::Choice, Value::Choices(chosen)) if chosen.len() > 1 => {
            Err("must be one choice".to_owned())
        }
        (QuestionKind::Choice | QuestionKind::Choices, Value::Choices(chosen)) => {
            let different: HashSet<&String> = chosen.iter().collect();
            if chosen.iter().all(|one| ask.options.contains(one)) && different.len() == chosen.len() {
                Ok(!chosen.is_empty())
            } else {
                Err("must be different options of the question".to_owned())
            }
        }
        (QuestionKind::YesNo, Value::YesNo(_)) | (QuestionKind::Date, Value::Date(_)) => Ok(true),
        _ => Err("is not of the question's kind".to_owned()),
    }
}
