//! Which fields of an event are material: what the public reads as words, follows as a link, or comes to.

use entity::JoinPolicy;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, to_value};

use crate::{
    domain::{
        event::{Content, Gathering, Question, questions::Ask},
        place::{self, Place},
    },
    refusal::Refusal,
};

/// A material field of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "they are the fields of `Content`, names of hosts and the dates"
)]
pub enum Field {
    Title,
    Summary,
    Description,
    Tags,
    ImageUrl,
    AccessibilityNotes,
    Place,
    VirtualUrl,
    Instructions,
    Gathering,
    JoinPolicy,
    ExternalUrl,
    Questions,
    Campaign,
    Timezone,
    PublicName,
    Timeslots,
}

impl Field {
    /// Those of `Content`.
    pub(super) const OF_CONTENT: [Self; 15] = [
        Self::Title,
        Self::Summary,
        Self::Description,
        Self::Tags,
        Self::ImageUrl,
        Self::AccessibilityNotes,
        Self::Place,
        Self::VirtualUrl,
        Self::Instructions,
        Self::Gathering,
        Self::JoinPolicy,
        Self::ExternalUrl,
        Self::Questions,
        Self::Campaign,
        Self::Timezone,
    ];

    /// Its value.
    pub(super) fn of(self, content: &Content) -> Result<Value, Refusal> {
        let value = match self {
            Self::Title => to_value(&content.title),
            Self::Summary => to_value(&content.summary),
            Self::Description => to_value(&content.description),
            Self::Tags => to_value(&content.tags),
            Self::ImageUrl => to_value(&content.image_url),
            Self::AccessibilityNotes => to_value(&content.accessibility_notes),
            Self::Place => to_value(&content.place),
            Self::VirtualUrl => to_value(&content.virtual_url),
            Self::Instructions => to_value(&content.instructions),
            Self::Gathering => to_value(&content.gathering),
            Self::JoinPolicy => to_value(content.join_policy.to_value()),
            Self::ExternalUrl => to_value(&content.external_url),
            Self::Questions => to_value(&content.questions),
            Self::Campaign => to_value(content.campaign_id),
            Self::Timezone => to_value(&content.timezone),
            Self::PublicName | Self::Timeslots => Ok(Value::Null),
        };
        value.map_err(Refusal::internal)
    }

    /// Gives it a value that [`Field::of`] had.
    pub(super) fn put(self, content: &mut Content, value: Value) -> Result<(), Refusal> {
        match self {
            Self::Title => content.title = read(value)?,
            Self::Summary => content.summary = read(value)?,
            Self::Description => content.description = read(value)?,
            Self::Tags => content.tags = read(value)?,
            Self::ImageUrl => content.image_url = read(value)?,
            Self::AccessibilityNotes => content.accessibility_notes = read(value)?,
            Self::Place => content.place = read(value)?,
            Self::VirtualUrl => content.virtual_url = read(value)?,
            Self::Instructions => content.instructions = read(value)?,
            Self::Gathering => content.gathering = read(value)?,
            Self::JoinPolicy => {
                let name: String = read(value)?;
                content.join_policy = JoinPolicy::try_from_value(&name).map_err(Refusal::internal)?;
            }
            Self::ExternalUrl => content.external_url = read(value)?,
            Self::Questions => content.questions = read(value)?,
            Self::Campaign => content.campaign_id = read(value)?,
            Self::Timezone => content.timezone = read(value)?,
            Self::PublicName | Self::Timeslots => {}
        }
        Ok(())
    }

    /// A value as people read it; empty when there is none.
    pub(super) fn text(self, value: Value) -> Result<String, Refusal> {
        Ok(match (self, value) {
            (_, Value::Null) => String::new(),
            (Self::Tags, value) => read::<Vec<String>>(value)?.join(", "),
            (Self::Place, value) => {
                let place: Place = read(value)?;
                let mut lines = place::lines(&(&place).into());
                lines.push(place.country.clone());
                let point = place.latitude.zip(place.longitude);
                lines.extend(point.map(|(latitude, longitude)| format!("{latitude}, {longitude}")));
                lines.join("\n")
            }
            (Self::Gathering, value) => {
                let at: Gathering = read(value)?;
                format!("{}\n-{} min", at.place, at.minutes_before)
            }
            (Self::Questions, value) => {
                let questions: Vec<Question> = read(value)?;
                let lines = questions.iter().map(|question| shown(&question.ask));
                lines.collect::<Vec<_>>().join("\n")
            }
            (_, Value::String(text)) => text,
            (_, value) => value.to_string(),
        })
    }
}

/// All of a question: whoever approves it has read it.
fn shown(ask: &Ask) -> String {
    let kind = format!("{:?}{}", ask.kind, if ask.required { ", required" } else { "" });
    let parts = [ask.label.clone()].into_iter().chain(ask.help.clone());
    let parts: Vec<String> = parts.chain(ask.options.clone()).chain([kind]).collect();
    parts.join(" / ")
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    from_value(value).map_err(Refusal::internal)
}
