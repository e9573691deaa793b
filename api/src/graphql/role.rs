//! Roles as clients see them, and who is what to them.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, loaders_of},
    enums::EventType,
    id::{Kind, global, key_of},
    page::{self, Rows},
    rsvp::Attendee,
};
use crate::{
    domain::role::{self, Gap, Held, Mine, Shown, View},
    letter::Language,
    refusal::Refusal,
};

/// Of what kind a role is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::RoleKind")]
pub enum RoleKind {
    /// To be done at any time, perhaps until some time.
    Task,
    /// At the event, from some time until some time.
    OnSite,
}

/// What somebody is to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::RoleStatus")]
pub enum RoleStatus {
    /// A host asks. Until it expires it takes a place of the role, and none of the person's time.
    Offered,
    /// The person would do it, and a host decides.
    Volunteered,
    /// The person holds it.
    Accepted,
    /// The person said no, or comes no more.
    Declined,
    /// The person did not answer in time.
    Expired,
    /// A host took it back before the person held it.
    Withdrawn,
    /// The person held it, and does no more.
    Released,
    /// A host says that the person did it.
    Fulfilled,
    /// A host says that the person did not.
    Missed,
}

/// Which of one's own roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Mine")]
pub enum MyRoles {
    /// Offers that can be accepted.
    Offered,
    /// Held or volunteered for, and not over.
    Upcoming,
    /// Held until they were over, done or not.
    Past,
}

/// Something that people do for an event. What only those may read who hold it, are asked to, or run the event is null for
/// others; what only those who run the event may read is null for all but them.
pub struct EventRole(Shown);

/// Something that people do for an event. What only those may read who hold it, are asked to, or run the event is null for
/// others; what only those who run the event may read is null for all but them.
#[Object]
impl EventRole {
    /// Global id.
    async fn id(&self) -> ID {
        global(Kind::Role, self.0.row.id)
    }
    /// Counts the changes of the role; goes into `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.row.version
    }
    /// Of what kind it is.
    async fn kind(&self) -> RoleKind {
        self.0.row.kind.into()
    }
    /// One line.
    async fn title(&self) -> &str {
        &self.0.row.title
    }
    /// What to do. For those who hold it, are asked to, or run the event.
    async fn brief(&self) -> Option<&str> {
        (self.0.view >= View::Holder).then_some(self.0.row.brief.as_str())
    }
    /// What those who held it tell the next. For those who hold it, are asked to, or run the event.
    async fn notes(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let visible = self.0.view >= View::Holder;
        let notes = visible.then(|| role::notes(app_of(ctx), &self.0))?;
        notes.map_err(Into::into).transpose()
    }
    /// What it takes, in lower case.
    async fn skills(&self) -> Result<Vec<String>> {
        Ok(role::skills_of(&self.0.row)?)
    }
    /// With fewer people something is missing.
    async fn min_people(&self) -> i32 {
        self.0.row.min_people
    }
    /// More do not hold it.
    async fn max_people(&self) -> i32 {
        self.0.row.max_people
    }
    /// The date it is for.
    async fn timeslot_id(&self) -> Option<ID> {
        self.0.row.timeslot_id.map(|id| global(Kind::Timeslot, id))
    }
    /// ON_SITE: from when. The start of its date, unless it has times of its own.
    async fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.starts_at
    }
    /// ON_SITE: until when.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.ends_at
    }
    /// TASK: until when it is to be done; null for any time.
    async fn due_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.due_at
    }
    /// TASK that is due when its date says: so many hours after its end, or before its start if negative.
    async fn due_hours(&self) -> Option<i32> {
        self.0.row.due_hours
    }
    /// Whether who comes may volunteer.
    async fn is_open(&self) -> bool {
        self.0.row.is_open
    }
    /// Whether who volunteers holds it at once; else a host decides.
    async fn open_to_all(&self) -> bool {
        self.0.row.open_to_all
    }
    /// Who holds it, is asked to, volunteers, or did, oldest first: for the event's hosts and for organizers, null for others.
    async fn assignments(&self, ctx: &Context<'_>) -> Option<Result<Vec<RoleAssignment>>> {
        if self.0.view < View::Host {
            return None;
        }
        let load = async || {
            let found = loaders_of(ctx).await?.assignments.load_one(self.0.row.id).await?;
            Ok(found.unwrap_or_default().into_iter().map(Into::into).collect())
        };
        Some(load().await)
    }
}

impl From<Shown> for EventRole {
    fn from(shown: Shown) -> Self {
        Self(shown)
    }
}

/// What somebody is to a role: for themselves, and for those who run the event.
pub struct RoleAssignment(Held);

/// What somebody is to a role: for themselves, and for those who run the event.
#[Object]
impl RoleAssignment {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::RoleAssignment, self.0.row.id)
    }
    /// Where it stands.
    async fn status(&self) -> RoleStatus {
        self.0.row.status.into()
    }
    /// The role, with what its holder may read.
    async fn role(&self) -> EventRole {
        EventRole(self.0.role.clone())
    }
    /// Global id of its event.
    async fn event_id(&self) -> ID {
        global(Kind::Event, self.0.row.event_id)
    }
    /// Title of its event; null for who may not know of it any more.
    async fn event_title(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let load = async || loaders_of(ctx).await?.events.load_one(self.0.row.event_id).await;
        match load().await {
            Ok(found) => found.map(|event| Ok(event.row.title.clone())),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
    /// The name of the person: of their RSVP, or as a host.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }
    /// `Attendee.id` of the person, if they answered for the event.
    async fn attendee_id(&self) -> Option<ID> {
        self.0.rsvp_id.map(|id| global(Kind::Attendee, id))
    }
    /// OFFERED: until when it can be accepted.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.expires_at
    }
    /// How many minutes the person says it took; null while they said nothing.
    async fn proposed_minutes(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        minutes(ctx, self.0.row.id, |hours| hours.proposed_minutes).await
    }
    /// How many minutes it took as a host says, which is what counts; null while no host said anything.
    async fn confirmed_minutes(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        minutes(ctx, self.0.row.id, |hours| hours.confirmed_minutes).await
    }
    /// Why it was declined, given back or taken back, if somebody said.
    async fn reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let reason = role::reason(app_of(ctx), &self.0);
        reason.map_err(Into::into).transpose()
    }
    /// Why a host lets the person hold it beside another role at the same time; null when nobody did.
    async fn overlap_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let reason = role::overlap_reason(app_of(ctx), &self.0);
        reason.map_err(Into::into).transpose()
    }
    /// When it changed last.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.row.changed_at
    }
}

async fn minutes(
    ctx: &Context<'_>,
    id: uuid::Uuid,
    of: fn(entity::role_hours::Model) -> Option<i32>,
) -> Option<Result<i32>> {
    let load = async || loaders_of(ctx).await?.hours.load_one(id).await;
    match load().await {
        Ok(hours) => hours.and_then(of).map(Ok),
        Err(refusal) => Some(Err(refusal.into())),
    }
}

impl From<Held> for RoleAssignment {
    fn from(held: Held) -> Self {
        Self(held)
    }
}

/// What is missing at a role.
#[derive(SimpleObject)]
pub struct CoverageGap {
    /// The role.
    role: EventRole,
    /// Global id of its event.
    event_id: ID,
    /// How many people are missing to `minPeople`: those who are asked do not count.
    missing: i32,
    /// How many offers expire within 24 hours, unless the operator says otherwise.
    expiring: i32,
    /// Whether it is a task that was due, and that nobody is said to have done.
    is_overdue: bool,
}

impl From<Gap> for CoverageGap {
    fn from(gap: Gap) -> Self {
        let count = |number| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            event_id: global(Kind::Event, gap.role.row.event_id),
            role: gap.role.into(),
            missing: count(gap.missing),
            expiring: count(gap.expiring),
            is_overdue: gap.is_overdue,
        }
    }
}

/// A role that is suggested.
#[derive(SimpleObject)]
pub struct RoleTemplate {
    /// Names it among those of its set: for `planRoles`.
    key: String,
    /// For which types of event; all when empty.
    event_types: Vec<EventType>,
    /// Of what kind it is.
    kind: RoleKind,
    /// One line.
    title: String,
    /// What to do.
    brief: String,
    /// What it takes, in lower case.
    skills: Vec<String>,
    /// With fewer people something is missing.
    min_people: i32,
    /// More do not hold it.
    max_people: i32,
    /// TASK: due so many hours after the end of the date, or before its start if negative.
    due_hours: Option<i32>,
    /// Whether people may volunteer.
    is_open: bool,
    /// Whether who volunteers holds it at once.
    open_to_all: bool,
}

/// What a campaign suggests to its events.
#[derive(SimpleObject)]
pub struct CampaignRoles {
    /// In this order.
    templates: Vec<RoleTemplate>,
    /// Whether they take the place of the usual ones.
    replaces_usual: bool,
    /// Counts the changes, 0 before the first; goes into `expectedVersion`.
    version: i32,
}

impl From<role::Template> for RoleTemplate {
    fn from(template: role::Template) -> Self {
        Self {
            event_types: template.event_types().map(Into::into).collect(),
            kind: template.kind().into(),
            key: template.key,
            title: template.title,
            brief: template.brief,
            skills: template.skills,
            min_people: template.min_people,
            max_people: template.max_people,
            due_hours: template.due_hours,
            is_open: template.is_open,
            open_to_all: template.open_to_all,
        }
    }
}

impl From<role::Set> for CampaignRoles {
    fn from(set: role::Set) -> Self {
        Self {
            templates: set.templates.into_iter().map(Into::into).collect(),
            replaces_usual: set.replaces,
            version: set.version,
        }
    }
}

/// `roleTemplates` and what belongs to it.
#[derive(Default)]
pub struct RoleQuery;

#[Object]
impl RoleQuery {
    /// What is suggested for events of a type: first what their campaign suggests, then the usual roles of such events, then
    /// those of any event. `planRoles` adds them to an event. NOT_FOUND, BAD_USER_INPUT.
    async fn role_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What kind of event.")] event_type: EventType,
        #[graphql(desc = "Its campaign.")] campaign_id: Option<ID>,
        #[graphql(desc = "Of the usual ones: en or es.", default_with = "\"en\".to_owned()")]
        language: String,
    ) -> Option<Result<Vec<RoleTemplate>>> {
        let load = async || -> Result<Vec<RoleTemplate>> {
            let campaign = campaign_id
                .map(|id| key_of(Kind::Campaign, &id, &["campaignId"]))
                .transpose()?;
            let language = language_of(&language, &["language"])?;
            let all = role::suggested(app_of(ctx), event_type.into(), campaign, language).await?;
            Ok(all.into_iter().map(Into::into).collect())
        };
        Some(load().await)
    }
    /// Who could do a role: who comes, to its date if it is on site, has all of its skills and shows them, is free at its time, and is
    /// nothing to it yet; who answered first comes first. For the event's hosts and for organizers. NOT_FOUND.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn role_substitutes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role.")] role_id: ID,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<Attendee>>> {
        let load = async || -> Result<Rows<Attendee>> {
            let app = app_of(ctx);
            let page = page::args(app, first, after, last, before)?;
            let id = key_of(Kind::Role, &role_id, &["roleId"])?;
            let found = role::substitutes(app, actor_of(ctx).await?, id, &page).await?;
            Ok(page::rows(found, Attendee::from))
        };
        Some(load().await)
    }
}

pub(super) fn language_of(tag: &str, path: &[&str]) -> Result<Language, Refusal> {
    Language::of_tag(tag).ok_or_else(|| Refusal::input(path, "must be en or es"))
}
