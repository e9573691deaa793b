//! Which of those who answered a host means: in lists, and in exports.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, idempotency_key, loaders_of},
    enums::RsvpStatus,
    id::{Kind, key_of},
    loaders::AttendeesOf,
    page::{self, Rows},
    question::AnswerValueInput,
    rsvp::Attendee,
};
use crate::{
    domain::{
        page::PageArgs,
        rsvp::{self, AnswerFilter, AttendeesAsked, Filter, Wanted},
    },
    refusal::Refusal,
};

/// Which of those who answered. What is absent does not matter; all that is given has to hold.
#[derive(InputObject, Default)]
pub struct AttendeeFilterInput {
    /// Who stand so: any of these.
    #[graphql(default)]
    statuses: Vec<RsvpStatus>,
    /// Who answered for any of these dates, at most 100.
    #[graphql(default)]
    timeslot_ids: Vec<ID>,
    /// Any of these RSVPs, at most 100.
    #[graphql(default)]
    rsvp_ids: Vec<ID>,
    /// Who first answered then or later.
    answered_since: Option<DateTime<Utc>>,
    /// Whose RSVP changed then or later.
    changed_since: Option<DateTime<Utc>>,
    /// Who came (never came) before: was registered for another date that is over, of an event that you host; for
    /// organizers, of any event.
    came_before: Option<bool>,
    /// Of whom a mail address or phone number is known (or not).
    has_address: Option<bool>,
    /// Words of the name, or of a guest's, at most 200 characters. Among at most 5,000 RSVPs, because names are sealed.
    text: Option<String>,
    /// Who answered a question so. Among at most 5,000 RSVPs, because answers are sealed.
    answer: Option<AttendeeAnswerInput>,
}

/// An answer to look for.
#[derive(InputObject)]
pub struct AttendeeAnswerInput {
    /// To which question, in any of its versions.
    question_id: ID,
    /// What was said: words of a text, all of some choices, or the same otherwise. Absent: anything.
    value: Option<AnswerValueInput>,
}

/// In which order attendees come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rsvp::Sorting")]
pub enum AttendeeOrder {
    /// Who answered first.
    Oldest,
    /// Who answered last.
    Newest,
    /// Whose RSVP changed last.
    LastChanged,
    /// Who brings most.
    LargestParty,
}

/// Attendees to export.
#[derive(InputObject)]
pub struct ExportAttendeesInput {
    /// The event.
    event_id: ID,
    /// Which of those who answered; all when it is absent.
    filter: Option<AttendeeFilterInput>,
    /// Whether the file begins with a byte order mark, without which some spreadsheets garble accents.
    #[graphql(default = false)]
    byte_order_mark: bool,
    /// Whether their mail addresses are in it. For admins.
    #[graphql(default = false)]
    addresses: bool,
    /// Names this request, so that sending it again gives a new link to the same export, which counts once: 8 to 255 visible
    /// ASCII characters, such as a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// An export that can be read.
#[derive(SimpleObject)]
pub struct ExportAttendeesPayload {
    /// Where its CSV file is, once: a line of headings, then a line for each RSVP with guests and answers. Whoever has the
    /// address can read it; no token is needed. It is told only now.
    url: String,
    /// When the address stops working. It also does when your session ends.
    expires_at: DateTime<Utc>,
    /// How many RSVPs are in it.
    rows: i32,
}

/// Exports.
#[derive(Default)]
pub struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Makes a link to a CSV file of those who answered for an event until now. For its hosts and for organizers; it is
    /// recorded. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, CONFLICT; WRONG_STATE for hosts of an event that was taken down;
    /// RATE_LIMITED after so many RSVPs a day.
    async fn export_attendees(
        &self,
        ctx: &Context<'_>,
        input: ExportAttendeesInput,
    ) -> Result<ExportAttendeesPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let wanted = Wanted {
            filter: input.filter.unwrap_or_default().read("input.filter")?,
            byte_order_mark: input.byte_order_mark,
            addresses: input.addresses,
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let link = rsvp::export(app, actor, event_id, &wanted, key.as_ref()).await?;
        Ok(ExportAttendeesPayload {
            url: link.url,
            expires_at: link.expires_at,
            rows: link.rows,
        })
    }
}

impl AttendeeFilterInput {
    /// As the domain takes it. BAD_USER_INPUT where an id is of something else.
    pub(super) fn read(self, path: &str) -> Result<Filter, Refusal> {
        let ids = |ids: Vec<ID>, kind, name: &str| {
            let read = |(i, id): (usize, ID)| {
                let path = format!("{path}.{name}.{i}");
                key_of(kind, &id, &path.split('.').collect::<Vec<_>>())
            };
            ids.into_iter()
                .enumerate()
                .map(read)
                .collect::<Result<Vec<Uuid>, Refusal>>()
        };
        let answer = |answer: AttendeeAnswerInput| {
            let path = format!("{path}.answer.questionId");
            let path: Vec<&str> = path.split('.').collect();
            Ok::<_, Refusal>(AnswerFilter {
                question_id: key_of(Kind::Question, &answer.question_id, &path)?,
                value: answer.value.map(Into::into),
            })
        };
        Ok(Filter {
            statuses: self.statuses.into_iter().map(Into::into).collect(),
            timeslots: ids(self.timeslot_ids, Kind::Timeslot, "timeslotIds")?,
            ids: ids(self.rsvp_ids, Kind::Rsvp, "rsvpIds")?,
            answered_since: self.answered_since,
            changed_since: self.changed_since,
            came_before: self.came_before,
            has_address: self.has_address,
            text: self.text,
            answer: self.answer.map(answer).transpose()?,
        })
    }
}

/// Those of an event, read together with those of other events of the answer.
pub(super) async fn of_event(
    ctx: &Context<'_>,
    event_id: Uuid,
    page: Result<PageArgs, Refusal>,
    (status, timeslot_id): (Option<RsvpStatus>, Option<ID>),
    filter: Option<AttendeeFilterInput>,
    sorting: AttendeeOrder,
) -> Result<Rows<Attendee>> {
    let page = page?;
    if filter.is_some() && (status.is_some() || timeslot_id.is_some()) {
        return Err(Refusal::input(&["filter"], "cannot go with status or timeslotId").into());
    }
    let filter = match filter {
        Some(filter) => filter.read("filter")?,
        None => {
            let date = timeslot_id.map(|id| key_of(Kind::Timeslot, &id, &["timeslotId"]));
            Filter {
                statuses: status.into_iter().map(Into::into).collect(),
                timeslots: date.transpose()?.into_iter().collect(),
                ..Filter::default()
            }
        }
    };
    let asked = AttendeesAsked {
        filter,
        sorting: sorting.into(),
        page,
    };
    let asked = AttendeesOf::new(event_id, asked);
    let found = loaders_of(ctx).await?.attendees.load_one(asked).await?;
    Ok(page::rows(found.ok_or(Refusal::Forbidden)?, Attendee::from))
}
