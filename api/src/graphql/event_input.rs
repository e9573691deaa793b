//! Inputs that write an event.

use async_graphql::{ID, InputObject, MaybeUndefined};
use uuid::Uuid;

use super::{
    enums::{
        AccessibilityFeature, AccessibilityStatus, AddressVisibility, AttendeeVisibility, EventType,
        JoinPolicy, Visibility, WaitlistRule,
    },
    id::{Kind, key_of},
    place::EventPlaceInput,
    question::{self, QuestionInput},
    timeslot::TimeslotInput,
};
use crate::{
    domain::event::{Content, Gathering, revise},
    refusal::Refusal,
};

/// Where people meet before an event begins.
#[derive(InputObject)]
pub struct GatheringInput {
    /// Where.
    place: String,
    /// How many minutes before the start, 0 to 1440.
    minutes_before: i32,
}

/// A new event. It begins as a draft.
#[derive(InputObject)]
pub struct CreateEventInput {
    /// One line, at most 200 characters.
    title: String,
    /// A few sentences for lists, at most 500 characters.
    summary: Option<String>,
    /// Markdown, at most 20,000 characters.
    #[graphql(default)]
    description: String,
    /// What kind of event.
    event_type: EventType,
    /// At most 20 tags.
    #[graphql(default)]
    tags: Vec<String>,
    /// https address of a picture.
    image_url: Option<String>,
    /// Whether the place is accessible.
    accessibility_status: Option<AccessibilityStatus>,
    /// In your own words, at most 2,000 characters.
    accessibility_notes: Option<String>,
    /// What makes it accessible.
    #[graphql(default)]
    accessibility_features: Vec<AccessibilityFeature>,
    /// Who may find it.
    #[graphql(default_with = "Visibility::Public")]
    visibility: Visibility,
    /// Who may read the exact place.
    #[graphql(default_with = "AddressVisibility::Public")]
    address_visibility: AddressVisibility,
    /// With AFTER_RSVP or AFTER_APPROVAL: how many hours before the start of their date those who come begin to read the exact
    /// place, 1 to 720; at once when absent.
    address_hours: Option<i32>,
    /// Who may know who comes, beside you.
    #[graphql(default_with = "AttendeeVisibility::Hosts")]
    attendee_visibility: AttendeeVisibility,
    /// How people join it.
    #[graphql(default_with = "JoinPolicy::Open")]
    join_policy: JoinPolicy,
    /// With EXTERNAL: the https address where one joins.
    external_url: Option<String>,
    /// Who gets seats that come free when the first who waits is too large a party for them.
    #[graphql(default_with = "WaitlistRule::Skip")]
    waitlist_rule: WaitlistRule,
    /// From so many hours before a start on, seats that come free are offered to those who wait, who accept or decline,
    /// instead of being given: 0 to 720, 0 for never. When absent, what is usual here.
    waitlist_offer_hours: Option<i32>,
    /// What you ask of those who answer, at most 20 questions.
    #[graphql(default)]
    questions: Vec<QuestionInput>,
    /// The campaign it is part of; its guidelines are accepted before it is published.
    campaign_id: Option<ID>,
    /// IANA name of the time zone, such as `America/Chicago`.
    timezone: String,
    /// Where it is.
    place: Option<EventPlaceInput>,
    /// Where to take part online; only those coming see it.
    virtual_url: Option<String>,
    /// What those coming should know, at most 2,000 characters; only they see it.
    instructions: Option<String>,
    /// Where to gather before the start; only those coming see it.
    gathering: Option<GatheringInput>,
    /// Its dates, at most 500.
    #[graphql(default)]
    pub(super) timeslots: Vec<TimeslotInput>,
    /// How you want to be called as its host; otherwise your given name and initial.
    pub(super) public_name: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    pub(super) idempotency_key: Option<String>,
}

/// Changes of an event. What is absent stays as it is; null removes what an event can be without, and changes nothing of
/// what it cannot.
#[derive(InputObject)]
pub struct UpdateEventInput {
    /// The event.
    pub(super) id: ID,
    /// The version the change was made for; CONFLICT when it is no longer that.
    pub(super) expected_version: i32,
    /// One line, at most 200 characters.
    title: Option<String>,
    /// A few sentences for lists, at most 500 characters.
    #[graphql(default)]
    summary: MaybeUndefined<String>,
    /// Markdown, at most 20,000 characters.
    description: Option<String>,
    /// What kind of event.
    event_type: Option<EventType>,
    /// At most 20 tags.
    tags: Option<Vec<String>>,
    /// https address of a picture.
    #[graphql(default)]
    image_url: MaybeUndefined<String>,
    /// Whether the place is accessible.
    #[graphql(default)]
    accessibility_status: MaybeUndefined<AccessibilityStatus>,
    /// In your own words, at most 2,000 characters.
    #[graphql(default)]
    accessibility_notes: MaybeUndefined<String>,
    /// What makes it accessible.
    accessibility_features: Option<Vec<AccessibilityFeature>>,
    /// Who may find it.
    visibility: Option<Visibility>,
    /// Who may read the exact place.
    address_visibility: Option<AddressVisibility>,
    /// With AFTER_RSVP or AFTER_APPROVAL: how many hours before the start of their date those who come begin to read the exact
    /// place, 1 to 720.
    #[graphql(default)]
    address_hours: MaybeUndefined<i32>,
    /// Who may know who comes, beside its hosts.
    attendee_visibility: Option<AttendeeVisibility>,
    /// How people join it. Those who come already stay; those who wait for a seat when it becomes APPROVAL ask the hosts.
    join_policy: Option<JoinPolicy>,
    /// With EXTERNAL: the https address where one joins.
    #[graphql(default)]
    external_url: MaybeUndefined<String>,
    /// Who gets seats that come free when the first who waits is too large a party for them.
    waitlist_rule: Option<WaitlistRule>,
    /// From so many hours before a start on, seats that come free are offered to those who wait, who accept or decline,
    /// instead of being given: 0 to 720, 0 for never; null for what is usual here.
    #[graphql(default)]
    waitlist_offer_hours: MaybeUndefined<i32>,
    /// All questions, in their order; those that are left out are not asked any more. Answers that were given stay.
    questions: Option<Vec<QuestionInput>>,
    /// The campaign it is part of. Once it is handed in, the guidelines of another one must have been accepted.
    #[graphql(default)]
    campaign_id: MaybeUndefined<ID>,
    /// IANA name of the time zone.
    timezone: Option<String>,
    /// Where it is, as a whole.
    #[graphql(default)]
    place: MaybeUndefined<EventPlaceInput>,
    /// Where to take part online.
    #[graphql(default)]
    virtual_url: MaybeUndefined<String>,
    /// What those coming should know, at most 2,000 characters.
    #[graphql(default)]
    instructions: MaybeUndefined<String>,
    /// Where to gather before the start.
    #[graphql(default)]
    gathering: MaybeUndefined<GatheringInput>,
    /// How you want to be called as its host.
    pub(super) public_name: Option<String>,
    /// Whether those who come or wait are told, by mail, of another time or place, or of the message. Some minutes later, so that
    /// several edits are one mail.
    #[graphql(default = true)]
    pub(super) notify: bool,
    /// What you want to tell them beside, at most 2,000 characters. With it they are told also when time and place stay.
    pub(super) message: Option<String>,
}

impl From<GatheringInput> for Gathering {
    fn from(input: GatheringInput) -> Self {
        Self {
            place: input.place,
            minutes_before: input.minutes_before,
        }
    }
}

impl CreateEventInput {
    /// BAD_USER_INPUT for an id that is none.
    pub(super) fn into_content(self) -> Result<Content, Refusal> {
        Ok(Content {
            title: self.title,
            summary: self.summary,
            description: self.description,
            event_type: self.event_type.into(),
            tags: self.tags,
            image_url: self.image_url,
            accessibility_status: self.accessibility_status.map(Into::into),
            accessibility_notes: self.accessibility_notes,
            accessibility_features: all_into(self.accessibility_features),
            visibility: self.visibility.into(),
            address_visibility: self.address_visibility.into(),
            address_hours: self.address_hours,
            attendee_visibility: self.attendee_visibility.into(),
            join_policy: self.join_policy.into(),
            external_url: self.external_url,
            waitlist_rule: self.waitlist_rule.into(),
            waitlist_offer_hours: self.waitlist_offer_hours,
            questions: revise(&[], question::asks(self.questions)?),
            campaign_id: self.campaign_id.as_ref().map(campaign_key).transpose()?,
            timezone: self.timezone,
            place: self.place.map(Into::into),
            virtual_url: self.virtual_url,
            instructions: self.instructions,
            gathering: self.gathering.map(Into::into),
        })
    }
}

impl UpdateEventInput {
    /// BAD_USER_INPUT for an id that is none.
    pub(super) fn apply(self, content: &mut Content) -> Result<(), Refusal> {
        set(&mut content.title, self.title);
        patch(&mut content.summary, self.summary);
        set(&mut content.description, self.description);
        set(&mut content.event_type, self.event_type.map(Into::into));
        set(&mut content.tags, self.tags);
        patch(&mut content.image_url, self.image_url);
        patch(&mut content.accessibility_status, self.accessibility_status);
        patch(&mut content.accessibility_notes, self.accessibility_notes);
        set(
            &mut content.accessibility_features,
            self.accessibility_features.map(all_into),
        );
        set(&mut content.visibility, self.visibility.map(Into::into));
        set(
            &mut content.address_visibility,
            self.address_visibility.map(Into::into),
        );
        patch(&mut content.address_hours, self.address_hours);
        set(
            &mut content.attendee_visibility,
            self.attendee_visibility.map(Into::into),
        );
        set(&mut content.join_policy, self.join_policy.map(Into::into));
        patch(&mut content.external_url, self.external_url);
        set(&mut content.waitlist_rule, self.waitlist_rule.map(Into::into));
        patch(&mut content.waitlist_offer_hours, self.waitlist_offer_hours);
        if let Some(questions) = self.questions {
            content.questions = revise(&content.questions, question::asks(questions)?);
        }
        match &self.campaign_id {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => content.campaign_id = None,
            MaybeUndefined::Value(id) => content.campaign_id = Some(campaign_key(id)?),
        }
        set(&mut content.timezone, self.timezone);
        patch(&mut content.place, self.place);
        patch(&mut content.virtual_url, self.virtual_url);
        patch(&mut content.instructions, self.instructions);
        patch(&mut content.gathering, self.gathering);
        Ok(())
    }
}

fn campaign_key(id: &ID) -> Result<Uuid, Refusal> {
    key_of(Kind::Campaign, id, &["input", "campaignId"])
}

pub(super) fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

pub(super) fn patch<T, I: Into<T>>(slot: &mut Option<T>, value: MaybeUndefined<I>) {
    match value {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *slot = None,
        MaybeUndefined::Value(value) => *slot = Some(value.into()),
    }
}

fn all_into<A: Into<B>, B>(values: Vec<A>) -> Vec<B> {
    values.into_iter().map(Into::into).collect()
}
