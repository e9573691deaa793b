//! What differs between an event before and after a change, as its history tells it.

use std::fmt::Display;

use entity::timeslot;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::event::Content;

/// Longer words are cut: a history is no archive of texts.
const LONGEST: usize = 500;

/// A field that was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name, as the schema has it.
    pub field: String,
    /// What it was; none for nothing.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
    /// Only that it was changed is kept: it is no public text.
    pub hidden: bool,
}

impl FieldChange {
    /// Something that was not there before.
    pub(crate) fn new(field: &str, after: impl Display) -> Self {
        Self {
            field: field.to_owned(),
            after: Some(cut(&after.to_string())),
            ..Self::default()
        }
    }

    /// Something of which only that it was changed is told.
    pub(crate) fn hidden(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            hidden: true,
            ..Self::default()
        }
    }
}

/// The fields that differ. Where people meet, what only those coming read, and how hosts are reached, is named without its
/// words: a place that is hidden later would otherwise stay here.
pub(crate) fn difference(before: &Content, after: &Content) -> Vec<FieldChange> {
    // Taken apart, so that whoever adds a field decides about it here.
    let Content {
        title,
        summary,
        description,
        event_type,
        tags,
        image_url,
        accessibility_status,
        accessibility_notes,
        accessibility_features,
        visibility,
        address_visibility,
        address_hours,
        attendee_visibility,
        join_policy,
        external_url,
        waitlist_rule,
        waitlist_offer_hours,
        questions,
        campaign_id,
        timezone,
        place,
        virtual_url,
        instructions,
        gathering,
    } = after;
    let labels = |content: &Content| {
        let labels = content
            .questions
            .iter()
            .map(|question| question.ask.label.as_str());
        lines(labels)
    };
    let features = |content: &Content| {
        let names = content.accessibility_features.iter().map(ActiveEnum::to_value);
        lines(names)
    };
    let mut found = Found::default();
    found.shown("title", Some(&before.title), Some(title));
    found.shown("summary", before.summary.as_ref(), summary.as_ref());
    found.shown("description", Some(&before.description), Some(description));
    found.set("eventType", &before.event_type, event_type);
    found.shown(
        "tags",
        lines(before.tags.iter()).as_ref(),
        lines(tags.iter()).as_ref(),
    );
    found.shown("imageUrl", before.image_url.as_ref(), image_url.as_ref());
    let status = |content: &Content| content.accessibility_status.map(|status| status.to_value());
    if before.accessibility_status != *accessibility_status {
        found.shown(
            "accessibilityStatus",
            status(before).as_ref(),
            status(after).as_ref(),
        );
    }
    let notes = before.accessibility_notes.as_ref();
    found.shown("accessibilityNotes", notes, accessibility_notes.as_ref());
    if before.accessibility_features != *accessibility_features {
        found.shown(
            "accessibilityFeatures",
            features(before).as_ref(),
            features(after).as_ref(),
        );
    }
    found.set("visibility", &before.visibility, visibility);
    found.set(
        "addressVisibility",
        &before.address_visibility,
        address_visibility,
    );
    let hours = |hours: Option<i32>| hours.map(|hours| hours.to_string());
    let shown = (hours(before.address_hours), hours(*address_hours));
    found.shown("addressHours", shown.0.as_ref(), shown.1.as_ref());
    found.set(
        "attendeeVisibility",
        &before.attendee_visibility,
        attendee_visibility,
    );
    found.set("joinPolicy", &before.join_policy, join_policy);
    found.shown("externalUrl", before.external_url.as_ref(), external_url.as_ref());
    found.set("waitlistRule", &before.waitlist_rule, waitlist_rule);
    let offers = (hours(before.waitlist_offer_hours), hours(*waitlist_offer_hours));
    found.shown("waitlistOfferHours", offers.0.as_ref(), offers.1.as_ref());
    if before.questions != *questions {
        match (labels(before), labels(after)) {
            (old, new) if old == new => found.hidden("questions", false), // all but the label
            (old, new) => found.shown("questions", old.as_ref(), new.as_ref()),
        }
    }
    let campaign = |id: Option<Uuid>| id.map(|id| format!("campaign:{id}"));
    let campaigns = (campaign(before.campaign_id), campaign(*campaign_id));
    found.shown("campaignId", campaigns.0.as_ref(), campaigns.1.as_ref());
    found.shown("timezone", Some(&before.timezone), Some(timezone));
    found.hidden("place", before.place == *place);
    found.hidden("virtualUrl", before.virtual_url == *virtual_url);
    found.hidden("instructions", before.instructions == *instructions);
    found.hidden("gathering", before.gathering == *gathering);
    found.0
}

/// What differs between a date before and after.
pub(crate) fn of_date(before: &timeslot::Model, after: &timeslot::Model) -> Vec<FieldChange> {
    let seats = |slot: &timeslot::Model| slot.capacity.map(|seats| seats.to_string());
    let mut found = Found::default();
    for (field, before, after) in [
        ("startsAt", before.starts_at, after.starts_at),
        ("endsAt", before.ends_at, after.ends_at),
    ] {
        found.shown(field, Some(&before.to_rfc3339()), Some(&after.to_rfc3339()));
    }
    found.shown("capacity", seats(before).as_ref(), seats(after).as_ref());
    found.0
}

#[derive(Default)]
struct Found(Vec<FieldChange>);

impl Found {
    fn shown(&mut self, field: &str, before: Option<&String>, after: Option<&String>) {
        if before != after {
            self.0.push(FieldChange {
                field: field.to_owned(),
                before: before.map(|text| cut(text)),
                after: after.map(|text| cut(text)),
                hidden: false,
            });
        }
    }

    /// One of a closed set.
    fn set<E: ActiveEnum<Value = String> + PartialEq>(&mut self, field: &str, before: &E, after: &E) {
        if before != after {
            self.shown(field, Some(&before.to_value()), Some(&after.to_value()));
        }
    }

    fn hidden(&mut self, field: &str, same: bool) {
        if !same {
            self.0.push(FieldChange::hidden(field));
        }
    }
}

/// A list as text, one on a line; none for an empty one.
fn lines<S: AsRef<str>>(parts: impl Iterator<Item = S>) -> Option<String> {
    let text = parts
        .map(|part| part.as_ref().to_owned())
        .collect::<Vec<_>>()
        .join("\n");
    (!text.is_empty()).then_some(text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text.to_owned(),
    }
}
