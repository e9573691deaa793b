//! Questions of events, and answers to them.

use async_graphql::{Enum, ID, InputObject, OneofObject, SimpleObject};
use uuid::Uuid;

use super::{
    date::Date,
    id::{Kind, global, key_of},
};
use crate::{
    domain::event::{self as domain, Answered, Ask, Value},
    refusal::Refusal,
};

/// What an answer must be.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::QuestionKind")]
pub enum QuestionKind {
    /// A text, at most 2,000 characters.
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

/// What the hosts ask of those who answer.
#[derive(SimpleObject)]
pub struct Question {
    /// Global id; stays when the question is edited.
    id: ID,
    /// Counts its edits, from 1.
    version: i32,
    /// What an answer must be.
    kind: QuestionKind,
    /// The question.
    label: String,
    /// A few words more.
    help: Option<String>,
    /// What one may choose of; empty unless the kind is CHOICE or CHOICES.
    options: Vec<String>,
    /// Whether nobody can come without an answer.
    required: bool,
}

/// An answer, with the question in the words in which it was asked then. Exactly one of the values is there.
#[derive(SimpleObject)]
pub struct QuestionAnswer {
    /// The question.
    question_id: ID,
    /// Its version when the answer was given.
    version: i32,
    /// Its words then.
    label: String,
    /// To TEXT.
    text: Option<String>,
    /// To NUMBER.
    number: Option<f64>,
    /// To CHOICE and CHOICES.
    choices: Option<Vec<String>>,
    /// To YES_NO.
    yes_no: Option<bool>,
    /// To DATE.
    date: Option<Date>,
}

/// A question to ask.
#[derive(InputObject)]
pub struct QuestionInput {
    /// Of a question that stands already, to keep or edit it; without one it is new.
    id: Option<ID>,
    /// What an answer must be.
    kind: QuestionKind,
    /// The question, one line of at most 200 characters.
    label: String,
    /// A few words more, at most 500 characters.
    help: Option<String>,
    /// With CHOICE and CHOICES: 2 to 50 different ones.
    #[graphql(default)]
    options: Vec<String>,
    /// Whether nobody can come without an answer.
    #[graphql(default)]
    required: bool,
}

/// An answer to a question of the event.
#[derive(InputObject)]
pub struct AnswerInput {
    /// The question.
    question_id: ID,
    /// What is said, of the question's kind.
    value: AnswerValueInput,
}

/// What is said: exactly one of these.
#[derive(OneofObject)]
pub enum AnswerValueInput {
    /// To TEXT.
    Text(String),
    /// To NUMBER.
    Number(f64),
    /// To CHOICE, one, and to CHOICES.
    Choices(Vec<String>),
    /// To YES_NO.
    YesNo(bool),
    /// To DATE.
    Date(Date),
}

/// As the domain takes them. BAD_USER_INPUT where an id is none of a question.
pub(super) fn asks(inputs: Vec<QuestionInput>) -> Result<Vec<(Option<Uuid>, Ask)>, Refusal> {
    let ask = |(i, input): (usize, QuestionInput)| {
        let i = i.to_string();
        let path = ["input", "questions", &i, "id"];
        let id = input
            .id
            .map(|id| key_of(Kind::Question, &id, &path))
            .transpose()?;
        let ask = Ask {
            kind: input.kind.into(),
            label: input.label,
            help: input.help,
            options: input.options,
            required: input.required,
        };
        Ok((id, ask))
    };
    inputs.into_iter().enumerate().map(ask).collect()
}

/// As the domain takes them. BAD_USER_INPUT where an id is none of a question.
pub(super) fn answers(inputs: Vec<AnswerInput>) -> Result<Vec<(Uuid, Value)>, Refusal> {
    let answer = |(i, input): (usize, AnswerInput)| {
        let i = i.to_string();
        let path = ["input", "answers", &i, "questionId"];
        Ok((
            key_of(Kind::Question, &input.question_id, &path)?,
            input.value.into(),
        ))
    };
    inputs.into_iter().enumerate().map(answer).collect()
}

impl From<domain::Question> for Question {
    fn from(question: domain::Question) -> Self {
        let ask = question.ask;
        Self {
            id: global(Kind::Question, question.id),
            version: question.version,
            kind: ask.kind.into(),
            label: ask.label,
            help: ask.help,
            options: ask.options,
            required: ask.required,
        }
    }
}

impl From<AnswerValueInput> for Value {
    fn from(input: AnswerValueInput) -> Self {
        match input {
            AnswerValueInput::Text(text) => Self::Text(text),
            AnswerValueInput::Number(number) => Self::Number(number),
            AnswerValueInput::Choices(choices) => Self::Choices(choices),
            AnswerValueInput::YesNo(yes) => Self::YesNo(yes),
            AnswerValueInput::Date(Date(date)) => Self::Date(date),
        }
    }
}

impl From<Answered> for QuestionAnswer {
    fn from(answered: Answered) -> Self {
        let mut answer = Self {
            question_id: global(Kind::Question, answered.question_id),
            version: answered.version,
            label: answered.label,
            text: None,
            number: None,
            choices: None,
            yes_no: None,
            date: None,
        };
        match answered.value {
            Value::Text(text) => answer.text = Some(text),
            Value::Number(number) => answer.number = Some(number),
            Value::Choices(choices) => answer.choices = Some(choices),
            Value::YesNo(yes) => answer.yes_no = Some(yes),
            Value::Date(date) => answer.date = Some(Date(date)),
        }
        answer
    }
}
