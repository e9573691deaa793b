//! After an event: who came, what is left to do, and where somebody was.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, loaders_of},
    door::AttendanceSource,
    event::Event,
    event_mutations::EventPayload,
    id::{Kind, global, key_of},
    role_steps::RoleAssignmentPayload,
};
use crate::domain::after::{self, Closing, DateCounts, Mine, Turnout};

/// Whether somebody who answered came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "after::Attended")]
pub enum AttendanceState {
    /// They were seen, whatever they had answered.
    Came,
    /// They were registered and were not there: somebody said so, or their date is closed and nobody saw them.
    NoShow,
    /// They are registered, and nobody has said anything yet.
    Unknown,
}

/// That the viewer was at a date of an event, or was said not to have been. Known for `retention.attendance` days.
pub struct PastAttendance(Mine);

/// That the viewer was at a date of an event, or was said not to have been. Known for `retention.attendance` days.
#[Object]
impl PastAttendance {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::PastAttendance, self.0.row.id)
    }
    /// Whether they came.
    async fn came(&self) -> bool {
        self.0.row.came == Some(true)
    }
    /// How many came with this RSVP, the viewer included.
    async fn party_size(&self) -> i32 {
        self.0.row.party_size
    }
    /// When they came in; null where nobody noted it.
    async fn first_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.first_in_at
    }
    /// When they went out, if they did not come back; null where nobody noted it.
    async fn out_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.out_at
    }
    /// Whole minutes from coming in to going out; null where one of them is not known.
    async fn minutes(&self) -> Option<i64> {
        self.0.minutes()
    }
    /// Where it is first known from.
    async fn source(&self) -> Option<AttendanceSource> {
        self.0.row.source.map(Into::into)
    }
    /// When the date began.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.slot.starts_at
    }
    /// When it ended.
    async fn ends_at(&self) -> DateTime<Utc> {
        self.0.slot.ends_at
    }
    /// The event; null when the viewer may not know of it any more.
    async fn event(&self, ctx: &Context<'_>) -> Option<Result<Event>> {
        let found = async || loaders_of(ctx).await?.events.load_one(self.0.row.event_id).await;
        match found().await {
            Ok(event) => event.map(|event| Ok(Event::of_loaded(event))),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }
}

/// What is left to do after an event, for its hosts.
pub struct EventClosing(Closing);

/// What is left to do after an event, for its hosts.
#[Object]
impl EventClosing {
    /// Its last dates that are over, the last first: at most 20, those that were called off left out.
    async fn dates(&self) -> Vec<DateAttendance> {
        self.0.dates.iter().map(DateAttendance::from).collect()
    }
    /// Whether it is known of all who were registered for these dates whether they came: each was seen or said not to have
    /// been there, or the date is closed.
    async fn attendance_recorded(&self) -> bool {
        self.0.is_recorded
    }
    /// How many sheets of paper were uploaded, those of no use left out.
    async fn sheets_uploaded(&self) -> i64 {
        self.0.sheets.uploaded
    }
    /// How many of them are in the attendance.
    async fn sheets_applied(&self) -> i64 {
        self.0.sheets.applied
    }
    /// Whether it has a published date to come, or another event of one of its hosts has.
    async fn next_event_posted(&self) -> bool {
        self.0.is_next_posted
    }
    /// Roles that somebody holds and that are over or were due, of which no host has said whether they were done: each person.
    async fn roles_open(&self) -> i64 {
        self.0.work.open
    }
    /// Tasks that were due and that nobody is said to have done.
    async fn tasks_overdue(&self) -> i64 {
        self.0.work.overdue
    }
    /// How long people worked for it in roles.
    async fn hours(&self) -> RoleHours {
        let work = self.0.work;
        RoleHours {
            held: work.held,
            entered: work.entered,
            confirmed: work.confirmed,
            minutes: work.minutes,
        }
    }
    /// Whether nothing is left.
    async fn is_done(&self) -> bool {
        self.0.is_done()
    }
    /// When the hosts said that they want to hear no more of it.
    async fn dismissed_at(&self) -> Option<DateTime<Utc>> {
        self.0.dismissed_at
    }
}

/// How long people worked for an event in roles. Not everybody says it: `entered` tells of how many `minutes` knows.
#[derive(SimpleObject)]
pub struct RoleHours {
    /// People in roles that they hold or did; who has two counts twice.
    held: i64,
    /// Of how many of them it is known how long it took.
    entered: i64,
    /// Of how many of them a host said so.
    confirmed: i64,
    /// All minutes that are known: as a host says, else as the person does.
    minutes: i64,
}

/// Who answered for a date and who came, side by side. Each is an RSVP, or somebody without one, with whoever they brought.
#[derive(SimpleObject)]
pub struct DateAttendance {
    /// The date.
    timeslot_id: ID,
    /// When it began.
    starts_at: DateTime<Utc>,
    /// When it ended.
    ends_at: DateTime<Utc>,
    /// Were registered.
    expected: i64,
    /// Were registered and came.
    came: i64,
    /// Were registered and did not come, as far as that is known.
    no_shows: i64,
    /// Were registered, and nobody has said whether they came.
    unknown: i64,
    /// Came without being registered: walk-ins, and who had not said yes.
    others: i64,
    /// When the hosts said that they know no more of it.
    closed_at: Option<DateTime<Utc>>,
}

impl From<&DateCounts> for DateAttendance {
    fn from(date: &DateCounts) -> Self {
        Self {
            timeslot_id: global(Kind::Timeslot, date.slot.id),
            starts_at: date.slot.starts_at,
            ends_at: date.slot.ends_at,
            expected: date.counts.expected,
            came: date.counts.came,
            no_shows: date.no_shows(),
            unknown: date.unknown(),
            others: date.counts.others,
            closed_at: date.closed_at,
        }
    }
}

/// How many of those who said yes came to the dates of a host that were closed within `hosts.turnout_days`.
#[derive(SimpleObject)]
pub struct HostTurnout {
    /// How many dates were closed.
    dates: i64,
    /// RSVPs that were registered for them.
    expected: i64,
    /// How many of those came.
    came: i64,
    /// How many came without being registered.
    others: i64,
    /// The part of `expected` that came, 0 to 1; null when nobody was expected.
    show_rate: Option<f64>,
}

impl From<Turnout> for HostTurnout {
    fn from(turnout: Turnout) -> Self {
        let part = |of: i64| i32::try_from(of).map(f64::from).unwrap_or(f64::MAX);
        Self {
            dates: turnout.dates,
            expected: turnout.expected,
            came: turnout.came,
            others: turnout.others,
            show_rate: (turnout.expected > 0).then(|| part(turnout.came) / part(turnout.expected)),
        }
    }
}

/// Dates whose hosts know no more of who came.
#[derive(InputObject)]
pub struct CloseAttendanceInput {
    /// The event.
    event_id: ID,
    /// One of its dates; all that are over when it is absent.
    timeslot_id: Option<ID>,
}

/// Dates whose hosts have more to say about who came.
#[derive(InputObject)]
pub struct ReopenAttendanceInput {
    /// The event.
    event_id: ID,
    /// One of its dates; all of them when it is absent.
    timeslot_id: Option<ID>,
}

/// How long somebody worked in a role.
#[derive(InputObject)]
pub struct RecordRoleHoursInput {
    /// The assignment: the viewer's, or one at an event that the viewer hosts.
    id: ID,
    /// Minutes, at most 10,080; null takes back what you said.
    minutes: Option<i32>,
}

/// A list of what is left to do that its hosts want to hear no more of.
#[derive(InputObject)]
pub struct DismissClosingInput {
    /// The event.
    event_id: ID,
}

/// What hosts do after an event.
#[derive(Default)]
pub struct AfterMutation;

#[Object]
impl AfterMutation {
    /// Says that you know no more of who came: from now on, whoever was registered and not seen did not come. Facts that come
    /// later still count. Doing it again changes nothing. For hosts and organizers. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN;
    /// WRONG_STATE (EVENT_NOT_OVER, TIMESLOT_CANCELLED, EVENT_CANCELLED).
    async fn close_attendance(&self, ctx: &Context<'_>, input: CloseAttendanceInput) -> Result<EventPayload> {
        let (event, date) = keys(&input.event_id, input.timeslot_id.as_ref())?;
        let event = after::close(app_of(ctx), actor_of(ctx).await?, event, date).await?;
        Ok(event.into())
    }

    /// Takes that back: whoever was not seen may have come. What is so long ago that nobody knows who came stays closed. For
    /// hosts and organizers. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN.
    async fn reopen_attendance(
        &self,
        ctx: &Context<'_>,
        input: ReopenAttendanceInput,
    ) -> Result<EventPayload> {
        let (event, date) = keys(&input.event_id, input.timeslot_id.as_ref())?;
        let event = after::reopen(app_of(ctx), actor_of(ctx).await?, event, date).await?;
        Ok(event.into())
    }

    /// Says how long somebody worked in a role that they hold or did. Who holds it proposes; who runs the event confirms it or
    /// says otherwise, and that counts. BAD_USER_INPUT, NOT_FOUND; WRONG_STATE (ROLE_NOT_HELD).
    async fn record_role_hours(
        &self,
        ctx: &Context<'_>,
        input: RecordRoleHoursInput,
    ) -> Result<RoleAssignmentPayload> {
        let id = key_of(Kind::RoleAssignment, &input.id, &["input", "id"])?;
        let held = after::record_hours(app_of(ctx), actor_of(ctx).await?, id, input.minutes).await?;
        Ok(RoleAssignmentPayload::from(held))
    }

    /// Ends the reminders of what is left to do after an event, for all its hosts. Doing it again changes nothing. For hosts
    /// and organizers. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN.
    async fn dismiss_closing(&self, ctx: &Context<'_>, input: DismissClosingInput) -> Result<EventPayload> {
        let id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let event = after::dismiss(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(event.into())
    }
}

fn keys(event: &ID, date: Option<&ID>) -> Result<(uuid::Uuid, Option<uuid::Uuid>)> {
    let event = key_of(Kind::Event, event, &["input", "eventId"])?;
    let date = date.map(|id| key_of(Kind::Timeslot, id, &["input", "timeslotId"]));
    Ok((event, date.transpose()?))
}

impl From<Mine> for PastAttendance {
    fn from(mine: Mine) -> Self {
        Self(mine)
    }
}

impl From<Closing> for EventClosing {
    fn from(closing: Closing) -> Self {
        Self(closing)
    }
}
