//! The person who asks.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::{
    account::ContactPoint,
    calendar::{self, CalendarLink},
    caller::{actor_of, app_of, loaders_of},
    consent::Consent,
    enums::StaffRole,
    event::Event,
    host::HostStanding,
    hosting::HostInvitation,
    id::{Kind, global},
    page::{self, Rows},
    rsvp::Rsvp,
    rsvp_mutations::NameInput,
    session::Session,
};
use crate::{
    domain::{
        address::Address,
        consent, contact,
        email::Email,
        event::{self, invitations},
        person::{self, Profile, ProfileChange},
        rsvp, session,
    },
    refusal::Refusal,
};

/// Which part of a list by time.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum When {
    /// Not over yet.
    Upcoming,
    /// Over.
    Past,
}

/// What somebody sees of themselves.
pub struct Person(Profile);

/// What somebody sees of themselves.
#[Object]
impl Person {
    /// Global id.
    async fn id(&self) -> ID {
        global(Kind::Person, self.0.row.id)
    }
    /// Given name; null until it is told.
    async fn given_name(&self) -> Option<&str> {
        self.0.name.as_ref().map(|name| name.given.as_str())
    }
    /// Family name; null until it is told.
    async fn family_name(&self) -> Option<&str> {
        self.0.name.as_ref().map(|name| name.family.as_str())
    }
    /// How the person wants to be spoken of; null until it is told.
    async fn pronouns(&self) -> Option<&str> {
        self.0.pronouns.as_deref()
    }
    /// The mail address that messages go to.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_ref().map(Email::reveal)
    }
    /// The phone number that texts go to; null while there is none. Who has a mail address as well gets mails.
    async fn phone(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        phone(ctx).await.transpose()
    }
    /// BCP 47 tag of the language messages are written in.
    async fn language(&self) -> &str {
        &self.0.row.language
    }
    /// BCP 47 tags of the languages the person speaks.
    async fn languages(&self) -> &[String] {
        &self.0.languages
    }
    /// IANA name of the time zone the person lives in; null until it is told. Reminders come in its daytime.
    async fn timezone(&self) -> Option<&str> {
        self.0.row.timezone.as_deref()
    }
    /// Everything the person is reached at; of each channel, messages go to the first.
    async fn contact_points(&self, ctx: &Context<'_>) -> Result<Vec<ContactPoint>> {
        let contacts = contact::mine(app_of(ctx), actor_of(ctx).await?).await?;
        Ok(contacts.into_iter().map(Into::into).collect())
    }
    /// What the person may be written for, for every channel and purpose.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<Consent>> {
        let consents = consent::mine(app_of(ctx), actor_of(ctx).await?).await?;
        Ok(consents.into_iter().map(Into::into).collect())
    }
    /// Devices the person is signed in on, newest first.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Result<Rows<Session>> {
        let app = app_of(ctx);
        let page = page::args(app, first, after, last, before)?;
        let sessions = session::mine(app, actor_of(ctx).await?, &page).await?;
        Ok(page::rows(sessions, Session::from))
    }
    /// Whether it is known, to about 7 km, where the person lives. Nothing more exact is kept.
    async fn has_location(&self) -> bool {
        self.0.row.cell.is_some()
    }
    /// Staff roles the person holds.
    async fn staff_roles(&self, ctx: &Context<'_>) -> Result<Vec<StaffRole>> {
        let member = actor_of(ctx).await?.member()?;
        Ok(member.roles.iter().map(|role| (*role).into()).collect())
    }
    /// What organizers decided about the events the person hosts, and what the person may do.
    async fn as_host(&self, ctx: &Context<'_>) -> Result<HostStanding> {
        let found = loaders_of(ctx).await?.standings.load_one(self.0.row.id).await?;
        Ok(found.ok_or(Refusal::NotFound("host"))?.into())
    }
    /// The link of the person's calendar feed; null while there is none.
    async fn calendar_link(&self, ctx: &Context<'_>) -> Option<Result<CalendarLink>> {
        calendar::link(ctx).await.transpose()
    }
    /// Events the person hosts, newest first; drafts without a date are upcoming.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn hosting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To come, or over.", default_with = "When::Upcoming")] when: When,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Result<Rows<Event>> {
        let app = app_of(ctx);
        let page = page::args(app, first, after, last, before)?;
        let events = event::hosting(app, actor_of(ctx).await?, when.into(), &page).await?;
        Ok(page::rows(events, Event::from))
    }
    /// Invitations to host events that the person can accept, oldest first.
    async fn host_invitations(&self, ctx: &Context<'_>) -> Result<Vec<HostInvitation>> {
        let sent = invitations::mine(app_of(ctx), actor_of(ctx).await?).await?;
        Ok(sent.into_iter().map(Into::into).collect())
    }
    /// The person's RSVPs: upcoming ones soonest first, past ones latest first.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn rsvps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To come, or over.", default_with = "When::Upcoming")] when: When,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Result<Rows<Rsvp>> {
        let app = app_of(ctx);
        let page = page::args(app, first, after, last, before)?;
        let rsvps = rsvp::mine(app, actor_of(ctx).await?, when.into(), &page).await?;
        Ok(page::rows(rsvps, Rsvp::from))
    }
}

async fn phone(ctx: &Context<'_>) -> Result<Option<String>> {
    let contacts = contact::mine(app_of(ctx), actor_of(ctx).await?).await?;
    let numbers = contacts.into_iter().filter_map(|contact| match contact.value {
        Address::Phone(phone) => Some(phone.reveal().to_owned()),
        Address::Email(_) => None,
    });
    Ok(numbers.into_iter().next())
}

impl From<When> for event::When {
    fn from(when: When) -> Self {
        match when {
            When::Upcoming => Self::Upcoming,
            When::Past => Self::Past,
        }
    }
}

/// `viewer`.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The signed-in person. UNAUTHENTICATED when nobody is.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Person>> {
        Some(viewer(ctx).await)
    }
}

async fn viewer(ctx: &Context<'_>) -> Result<Person> {
    Ok(Person(person::profile(app_of(ctx), actor_of(ctx).await?).await?))
}

/// What to change of oneself. What is absent stays; a null postal code forgets where you live.
#[derive(InputObject)]
pub struct UpdateViewerInput {
    /// A new name.
    name: Option<NameInput>,
    /// How you want to be spoken of, at most 100 characters; null forgets it.
    #[graphql(default)]
    pronouns: MaybeUndefined<String>,
    /// BCP 47 tags of the languages you speak, at most 10.
    languages: Option<Vec<String>>,
    /// BCP 47 tag of the language messages are written in.
    language: Option<String>,
    /// IANA name of the time zone you live in, such as `America/Chicago`; null forgets it.
    #[graphql(default)]
    timezone: MaybeUndefined<String>,
    /// Postal code of where you live. Only an area of about 7 km across is kept of it.
    #[graphql(default)]
    postal_code: MaybeUndefined<String>,
    /// ISO 3166-1 alpha-2 code of the postal code's country.
    #[graphql(default_with = "\"US\".to_owned()")]
    country: String,
}

/// The viewer as they are now.
#[derive(SimpleObject)]
pub struct UpdateViewerPayload {
    /// The signed-in person.
    viewer: Person,
}

/// Mutations of oneself.
#[derive(Default)]
pub struct ViewerMutation;

#[Object]
impl ViewerMutation {
    /// Changes your profile. UNAUTHENTICATED, BAD_USER_INPUT.
    async fn update_viewer(
        &self,
        ctx: &Context<'_>,
        input: UpdateViewerInput,
    ) -> Result<UpdateViewerPayload> {
        let change = ProfileChange {
            name: input.name.map(Into::into),
            pronouns: match input.pronouns {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(pronouns) => Some(Some(pronouns)),
            },
            languages: input.languages,
            language: input.language,
            timezone: match input.timezone {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(timezone) => Some(Some(timezone)),
            },
            postal_code: match input.postal_code {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(code) => Some(Some((input.country, code))),
            },
        };
        person::update_profile(app_of(ctx), actor_of(ctx).await?, change).await?;
        Ok(UpdateViewerPayload {
            viewer: viewer(ctx).await?,
        })
    }
}
