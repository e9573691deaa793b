//! What hosts write to those who answered.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    attendees::AttendeeFilterInput,
    caller::{actor_of, app_of, idempotency_key},
    id::{Kind, global, key_of},
    page::{self, Rows},
};
use crate::{
    domain::{
        announcement::{self as domain, Content},
        page::PageArgs,
    },
    refusal::Refusal,
};

/// What a host wrote to those who answered for an event.
pub struct Announcement(domain::Announcement);

/// What a host wrote to those who answered for an event.
#[Object]
impl Announcement {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Announcement, self.0.row.id)
    }
    /// About which event.
    async fn event_id(&self) -> ID {
        global(Kind::Event, self.0.row.event_id)
    }
    /// One line.
    async fn subject(&self) -> &str {
        &self.0.content.subject
    }
    /// Plain text.
    async fn text(&self) -> &str {
        &self.0.content.text
    }
    /// How many people it is for, as far as they are found: it goes out in parts.
    async fn recipients(&self) -> i32 {
        self.0.row.recipients
    }
    /// How many of them it does not reach, so far, in steps of five: no mail gets there, or they do not want it. Null for
    /// fewer, who could be told apart, and where the filter may mean single people. Who has no mail address is not among them.
    async fn not_reached(&self) -> Option<i64> {
        self.0.not_reached
    }
    /// When it was written.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
}

impl From<domain::Announcement> for Announcement {
    fn from(announcement: domain::Announcement) -> Self {
        Self(announcement)
    }
}

/// Why somebody would not get an announcement.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::LeftOut")]
pub enum LeftOutReason {
    /// No mail address is known.
    NoAddress,
    /// They said STOP at their address.
    Stopped,
    /// They withdrew their consent to notices.
    NoConsent,
    /// They want no more messages about this event.
    Muted,
}

/// How many would not get an announcement for one reason.
#[derive(SimpleObject)]
pub struct LeftOut {
    /// Why.
    reason: LeftOutReason,
    /// How many, in steps of five; null for fewer, none among them.
    people: Option<i64>,
}

/// Whom an announcement would reach.
#[derive(SimpleObject)]
pub struct AnnouncementAudience {
    /// How many people are meant, each once.
    people: u64,
    /// How many of them would not get it, by reason. Empty with a filter that may mean single people.
    left_out: Vec<LeftOut>,
}

/// A message to those who answered for an event.
#[derive(InputObject)]
pub struct MessageAttendeesInput {
    /// The event.
    event_id: ID,
    /// Which of those who come, wait or ask to come; all of them when it is absent.
    filter: Option<AttendeeFilterInput>,
    /// One line, at most 200 characters.
    subject: String,
    /// Plain text, at most 5,000 characters.
    text: String,
    /// Whether answers go to your mail address, which everybody then sees. Otherwise the message cannot be answered.
    #[graphql(default = false)]
    show_my_address: bool,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// What was written.
#[derive(SimpleObject)]
pub struct MessageAttendeesPayload {
    /// The announcement; it is being sent.
    announcement: Announcement,
}

/// What was written, and whom it would reach.
#[derive(Default)]
pub struct AnnouncementQuery;

#[Object]
impl AnnouncementQuery {
    /// What hosts wrote to those who answered for an event, newest first. For its hosts and for organizers.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn announcements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the event.")] event_id: ID,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<Announcement>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        Some(list(ctx, &event_id, page).await)
    }

    /// Whom a message to those who answered for an event would reach. For its hosts and for organizers.
    async fn announcement_audience(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the event.")] event_id: ID,
        #[graphql(desc = "Which of those who come, wait or ask to come; all of them when it is absent.")]
        filter: Option<AttendeeFilterInput>,
    ) -> Option<Result<AnnouncementAudience>> {
        Some(audience(ctx, &event_id, filter).await)
    }
}

async fn list(
    ctx: &Context<'_>,
    event_id: &ID,
    page: Result<PageArgs, Refusal>,
) -> Result<Rows<Announcement>> {
    let (app, page) = (app_of(ctx), page?);
    let event_id = key_of(Kind::Event, event_id, &["eventId"])?;
    let rows = domain::of_event(app, actor_of(ctx).await?, event_id, &page).await?;
    Ok(page::rows(rows, Announcement::from))
}

async fn audience(
    ctx: &Context<'_>,
    event_id: &ID,
    filter: Option<AttendeeFilterInput>,
) -> Result<AnnouncementAudience> {
    let event_id = key_of(Kind::Event, event_id, &["eventId"])?;
    let filter = filter.unwrap_or_default().read("filter")?;
    let found = domain::audience(app_of(ctx), actor_of(ctx).await?, event_id, filter).await?;
    let left_out = |(reason, people): (domain::LeftOut, Option<i64>)| LeftOut {
        reason: reason.into(),
        people,
    };
    Ok(AnnouncementAudience {
        people: found.people,
        left_out: found.left_out.into_iter().map(left_out).collect(),
    })
}

/// Mutations of what hosts write.
#[derive(Default)]
pub struct AnnouncementMutation;

#[Object]
impl AnnouncementMutation {
    /// Writes to those who answered for an event until now: each gets one mail, unless they want none. For its hosts and for
    /// organizers; look at `announcementAudience` first. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, CONFLICT; WRONG_STATE for hosts
    /// of an event that was taken down; RATE_LIMITED after so many a day.
    async fn message_attendees(
        &self,
        ctx: &Context<'_>,
        input: MessageAttendeesInput,
    ) -> Result<MessageAttendeesPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let filter = input.filter.unwrap_or_default().read("input.filter")?;
        let content = Content::new(input.subject, input.text, input.show_my_address, filter);
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let announcement = domain::send(app, actor, event_id, content, key.as_ref()).await?;
        Ok(MessageAttendeesPayload {
            announcement: announcement.into(),
        })
    }
}
