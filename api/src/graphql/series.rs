//! Series of dates, and what is done to many dates of one at once.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use chrono::NaiveDateTime;
use entity::series;

use super::{
    caller::{actor_of, app_of, idempotency_key},
    event::Event,
    id::{Kind, global, key_of},
};
use crate::domain::event::{self, NewSeries, News, Occurrence as Place, Outcome, Scope, SeriesChange};

/// Dates of an event that one rule made.
pub struct Series {
    row: series::Model,
}

/// Dates of an event that one rule made.
#[Object]
impl Series {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Series, self.row.id)
    }
    /// RRULE of RFC 5545. It ends by UNTIL, on the local day of its last date, also when it was given with COUNT.
    async fn rule(&self) -> &str {
        &self.row.rule
    }
    /// Start of its first date on the clocks of the event's time zone, without an offset: `2030-01-31T19:00:00`.
    async fn local_start(&self) -> String {
        local(self.row.local_start)
    }
    /// How long each date takes, in minutes.
    async fn duration_minutes(&self) -> i32 {
        self.row.duration_minutes
    }
    /// Seats of each date that has none of its own; null is unlimited.
    async fn capacity(&self) -> Option<i32> {
        self.row.capacity
    }
}

/// A date's place in the series it is of.
#[derive(SimpleObject)]
pub struct Occurrence {
    /// The series.
    series: Series,
    /// The local start that the rule gave the date; the date itself may have been moved since.
    local_start: String,
    /// Whether it was changed by itself; changes of the series leave it alone.
    is_exception: bool,
}

impl From<series::Model> for Series {
    fn from(row: series::Model) -> Self {
        Self { row }
    }
}

impl From<Place> for Occurrence {
    fn from(place: Place) -> Self {
        Self {
            series: place.series.into(),
            local_start: local(place.local_start),
            is_exception: place.is_exception,
        }
    }
}

fn local(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Which dates of a series are meant by one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Scope")]
pub enum TimeslotScope {
    /// This date, which becomes an exception of its series.
    This,
    /// This date and those after it, which become a series of their own.
    Following,
    /// All dates of the series that are not over.
    All,
}

/// Dates to add by a rule.
#[derive(InputObject)]
pub struct AddSeriesInput {
    /// The event.
    event_id: ID,
    /// RRULE of RFC 5545, such as `FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10`. FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and COUNT
    /// or UNTIL ends it within 400 days; INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS and WKST are understood.
    rule: String,
    /// Start of the first date on the clocks of the event's time zone, without an offset: `2030-01-31T19:00:00`. All dates
    /// start at this time of the clock; where it is skipped by a change of the clock, later by as much, and where it comes
    /// twice, at the first. When the rule does not give this day, the first date is the next one that it gives.
    local_start: String,
    /// How long each date takes, in minutes, at most 44,640.
    duration_minutes: i32,
    /// Seats of each date, 1 to 100,000; null is unlimited.
    capacity: Option<i32>,
    /// Local days on which there is none although the rule says so, such as `2030-12-25`.
    #[graphql(default)]
    except_on: Vec<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// What to change of a date, and with it of others of its series. What is absent stays; a null capacity is unlimited.
#[derive(InputObject)]
pub struct UpdateTimeslotsInput {
    /// The date, which is neither over nor cancelled.
    id: ID,
    /// Which dates are changed.
    scope: TimeslotScope,
    /// A new start of this date on the clocks of the event's time zone, without an offset: `2030-01-31T19:00:00`. The
    /// others move by as many days, to the same time of the clock.
    local_start: Option<String>,
    /// How long each takes, in minutes, at most 44,640.
    duration_minutes: Option<i32>,
    /// New seats of each, not fewer than are given away; null is unlimited.
    #[graphql(default)]
    capacity: MaybeUndefined<i32>,
    /// A new rule, as in `addSeries`, for more than this date. Dates on days that it gives stay, others are added, and those
    /// on days that it does not give are called off. It counts from the first date that is changed.
    rule: Option<String>,
    /// Whether exceptions become like the others; those called off stay so.
    #[graphql(default)]
    override_exceptions: bool,
    /// Whether those who come or wait are told, by mail, of another time or place, or of the message. Some minutes later, so that
    /// several edits are one mail.
    #[graphql(default = true)]
    notify: bool,
    /// What you want to tell them beside, at most 2,000 characters. With it they are told also when time and place stay.
    message: Option<String>,
}

/// Dates to call off.
#[derive(InputObject)]
pub struct CancelTimeslotsInput {
    /// One of the dates.
    id: ID,
    /// Which dates are called off, exceptions included.
    scope: TimeslotScope,
    /// Whether those who come or wait are told, with the message. Some minutes later, so that several changes are one message.
    #[graphql(default = true)]
    notify: bool,
    /// What you want to tell them beside, at most 2,000 characters.
    message: Option<String>,
}

/// The event after dates of it were changed together, and how many were.
#[derive(SimpleObject)]
pub struct TimeslotsPayload {
    /// The event as it is now.
    event: Event,
    /// Dates that are new.
    added: usize,
    /// Dates with another start, end or capacity.
    changed: usize,
    /// Dates that were called off.
    cancelled: usize,
}

impl From<Outcome> for TimeslotsPayload {
    fn from(outcome: Outcome) -> Self {
        Self {
            event: outcome.event.into(),
            added: outcome.counts.added,
            changed: outcome.counts.changed,
            cancelled: outcome.counts.cancelled,
        }
    }
}

/// Mutations of series.
#[derive(Default)]
pub struct SeriesMutation;

#[Object]
impl SeriesMutation {
    /// Adds the dates that a rule gives to an event. For its hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT,
    /// WRONG_STATE.
    async fn add_series(&self, ctx: &Context<'_>, input: AddSeriesInput) -> Result<TimeslotsPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let new = NewSeries {
            rule: input.rule,
            local_start: input.local_start,
            duration_minutes: input.duration_minutes,
            capacity: input.capacity,
            except_on: input.except_on,
        };
        let outcome = event::add_series(app_of(ctx), actor_of(ctx).await?, id, &new, key.as_ref()).await?;
        Ok(outcome.into())
    }

    /// Changes a date, it and those after it, or all of its series. Dates that are over stay as they were, and so do
    /// exceptions unless they are overridden; RSVPs stay with their date. Refused as a whole, naming the dates, when one has
    /// more seats given away than it would have. For hosts and organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE;
    /// RATE_LIMITED when people were told of too many changes within a day.
    async fn update_timeslots(
        &self,
        ctx: &Context<'_>,
        input: UpdateTimeslotsInput,
    ) -> Result<TimeslotsPayload> {
        let id = key_of(Kind::Timeslot, &input.id, &["input", "id"])?;
        let news = News {
            notify: input.notify,
            message: input.message,
        };
        let change = SeriesChange {
            local_start: input.local_start,
            duration_minutes: input.duration_minutes,
            capacity: match input.capacity {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(seats) => Some(Some(seats)),
            },
            rule: input.rule,
            override_exceptions: input.override_exceptions,
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let outcome = event::update_timeslots(app, actor, id, input.scope.into(), &change, &news).await?;
        Ok(outcome.into())
    }

    /// Calls a date off, it and those after it, or all of its series, for good; those that are over stay. For hosts and
    /// organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn cancel_timeslots(
        &self,
        ctx: &Context<'_>,
        input: CancelTimeslotsInput,
    ) -> Result<TimeslotsPayload> {
        let id = key_of(Kind::Timeslot, &input.id, &["input", "id"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let news = News {
            notify: input.notify,
            message: input.message,
        };
        let outcome = event::cancel_timeslots(app, actor, id, input.scope.into(), &news).await?;
        Ok(outcome.into())
    }
}
