//! What a host says of a role, and an organizer of a template.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};

use super::{
    enums::EventType,
    event_input::{patch, set},
    id::{Kind, key_of},
    role::RoleKind,
};
use crate::{
    domain::role::{Content, Template, Whom},
    refusal::Refusal,
};

/// A role to add to an event.
#[derive(InputObject)]
pub struct CreateRoleInput {
    /// The event.
    pub event_id: ID,
    /// The date it is for; may be absent where the event has only one to come, and for a task that does not follow a date.
    timeslot_id: Option<ID>,
    /// Of what kind it is.
    kind: RoleKind,
    /// One line, at most 200 characters.
    title: String,
    /// What to do, at most 2,000 characters; for those who hold it, are asked to, or run the event.
    #[graphql(default)]
    brief: String,
    /// What it takes: at most 20, each of 2 to 40 letters, digits, spaces and hyphens.
    #[graphql(default)]
    skills: Vec<String>,
    /// With fewer people something is missing.
    #[graphql(default = 1)]
    min_people: i32,
    /// More do not hold it: at most 100.
    #[graphql(default = 1)]
    max_people: i32,
    /// ON_SITE: a start of its own; with `endsAt`. Without both it is as long as its date.
    starts_at: Option<DateTime<Utc>>,
    /// ON_SITE: an end of its own.
    ends_at: Option<DateTime<Utc>>,
    /// TASK: until when it is to be done.
    due_at: Option<DateTime<Utc>>,
    /// TASK, instead of `dueAt`: so many hours after the end of its date, or before its start if negative.
    due_hours: Option<i32>,
    /// Whether who comes may volunteer.
    #[graphql(default)]
    is_open: bool,
    /// Whether who volunteers holds it at once; else a host decides.
    #[graphql(default)]
    open_to_all: bool,
    /// What those who held it tell the next, at most 2,000 characters.
    notes: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    pub idempotency_key: Option<String>,
}

/// Changes of a role; what is absent stays as it is.
#[derive(InputObject)]
pub struct UpdateRoleInput {
    /// The role.
    pub id: ID,
    /// The version the change was made for; CONFLICT when it is no longer that.
    pub expected_version: i32,
    /// Another date.
    #[graphql(default)]
    timeslot_id: MaybeUndefined<ID>,
    /// One line, at most 200 characters.
    title: Option<String>,
    /// What to do, at most 2,000 characters.
    brief: Option<String>,
    /// What it takes.
    skills: Option<Vec<String>>,
    /// With fewer people something is missing.
    min_people: Option<i32>,
    /// More do not hold it.
    max_people: Option<i32>,
    /// ON_SITE: a start of its own; null follows the date again.
    #[graphql(default)]
    starts_at: MaybeUndefined<DateTime<Utc>>,
    /// ON_SITE: an end of its own.
    #[graphql(default)]
    ends_at: MaybeUndefined<DateTime<Utc>>,
    /// TASK: until when it is to be done.
    #[graphql(default)]
    due_at: MaybeUndefined<DateTime<Utc>>,
    /// TASK: so many hours after the end of its date, or before its start if negative.
    #[graphql(default)]
    due_hours: MaybeUndefined<i32>,
    /// Whether who comes may volunteer.
    is_open: Option<bool>,
    /// Whether who volunteers holds it at once.
    open_to_all: Option<bool>,
    /// What those who held it tell the next.
    #[graphql(default)]
    notes: MaybeUndefined<String>,
}

/// A role that a campaign suggests.
#[derive(InputObject)]
pub struct RoleTemplateInput {
    /// Names it among the others: 1 to 40 lower case letters, digits and hyphens. That of a usual role takes its place.
    key: String,
    /// For which types of event; all when empty.
    #[graphql(default)]
    event_types: Vec<EventType>,
    /// Of what kind it is.
    kind: RoleKind,
    /// One line, at most 200 characters.
    title: String,
    /// What to do, at most 2,000 characters.
    #[graphql(default)]
    brief: String,
    /// What it takes.
    #[graphql(default)]
    skills: Vec<String>,
    /// With fewer people something is missing.
    #[graphql(default = 1)]
    min_people: i32,
    /// More do not hold it: at most 100.
    #[graphql(default = 1)]
    max_people: i32,
    /// TASK: due so many hours after the end of the date, or before its start if negative.
    due_hours: Option<i32>,
    /// Whether people may volunteer.
    #[graphql(default)]
    is_open: bool,
    /// Whether who volunteers holds it at once.
    #[graphql(default)]
    open_to_all: bool,
}

/// Somebody who comes to an event or hosts it, by exactly one of these.
#[derive(InputObject)]
pub struct RolePersonInput {
    /// Who answered for the event: `Attendee.id`, which hosts read.
    attendee_id: Option<ID>,
    /// Who hosts it: an id of `Event.team`.
    host_id: Option<ID>,
    /// Who comes and is listed: `Participant.id`, which others who come read.
    participant_id: Option<ID>,
}

impl RolePersonInput {
    pub(super) fn read(&self, field: &str) -> Result<Whom, Refusal> {
        let path = |name: &'static str| ["input", field, name].map(str::to_owned);
        let key = |kind, id, name| {
            let path = path(name);
            key_of(kind, id, &path.each_ref().map(String::as_str))
        };
        match (&self.attendee_id, &self.host_id, &self.participant_id) {
            (Some(id), None, None) => Ok(Whom::Attendee(key(Kind::Attendee, id, "attendeeId")?)),
            (None, Some(id), None) => Ok(Whom::Host(key(Kind::Host, id, "hostId")?)),
            (None, None, Some(id)) => Ok(Whom::Participant(key(Kind::Participant, id, "participantId")?)),
            _ => Err(Refusal::input(
                &["input", field],
                "needs one of attendeeId, hostId and participantId",
            )),
        }
    }
}

impl CreateRoleInput {
    pub(super) fn content(self) -> Result<Content, Refusal> {
        let date = |id: ID| key_of(Kind::Timeslot, &id, &["input", "timeslotId"]);
        Ok(Content {
            timeslot_id: self.timeslot_id.map(date).transpose()?,
            kind: self.kind.into(),
            title: self.title,
            brief: self.brief,
            skills: self.skills,
            min_people: self.min_people,
            max_people: self.max_people,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            due_at: self.due_at,
            due_hours: self.due_hours,
            is_open: self.is_open,
            open_to_all: self.open_to_all,
            notes: self.notes,
        })
    }
}

impl UpdateRoleInput {
    /// What it changes. BAD_USER_INPUT for the id of something else.
    pub(super) fn change(self) -> Result<impl FnOnce(&mut Content), Refusal> {
        let date = match &self.timeslot_id {
            MaybeUndefined::Value(id) => {
                MaybeUndefined::Value(key_of(Kind::Timeslot, id, &["input", "timeslotId"])?)
            }
            MaybeUndefined::Null => MaybeUndefined::Null,
            MaybeUndefined::Undefined => MaybeUndefined::Undefined,
        };
        Ok(move |content: &mut Content| {
            patch(&mut content.timeslot_id, date);
            set(&mut content.title, self.title);
            set(&mut content.brief, self.brief);
            set(&mut content.skills, self.skills);
            set(&mut content.min_people, self.min_people);
            set(&mut content.max_people, self.max_people);
            patch(&mut content.starts_at, self.starts_at);
            patch(&mut content.ends_at, self.ends_at);
            patch(&mut content.due_at, self.due_at);
            patch(&mut content.due_hours, self.due_hours);
            set(&mut content.is_open, self.is_open);
            set(&mut content.open_to_all, self.open_to_all);
            patch(&mut content.notes, self.notes);
        })
    }
}

impl From<RoleTemplateInput> for Template {
    fn from(input: RoleTemplateInput) -> Self {
        Self {
            key: input.key,
            types: Self::names(input.event_types.into_iter().map(Into::into)),
            is_task: input.kind == RoleKind::Task,
            title: input.title,
            brief: input.brief,
            skills: input.skills,
            min_people: input.min_people,
            max_people: input.max_people,
            due_hours: input.due_hours,
            is_open: input.is_open,
            open_to_all: input.open_to_all,
        }
    }
}
