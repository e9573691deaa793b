//! Timeslots of events.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::timeslot;
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, idempotency_key, loaders_of},
    event_mutations::EventPayload,
    id::{Kind, global, key_of},
    json::Json,
    plain::{Plain, Selected},
    series::Occurrence,
};
use crate::{
    domain::event::{self, NewTimeslot, News, TimeslotChange},
    map::{Slot, seats_given},
};

/// One date of an event.
pub struct Timeslot {
    id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    capacity: Option<i32>,
    seats_left: Option<i32>,
    cancelled_at: Option<DateTime<Utc>>,
    timezone: Tz,
}

/// One date of an event.
#[Object]
impl Timeslot {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Timeslot, self.id)
    }
    /// Start.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.starts_at
    }
    /// End.
    async fn ends_at(&self) -> DateTime<Utc> {
        self.ends_at
    }
    /// The start on the clocks of the event's time zone, without an offset: `2030-01-31T19:00:00`.
    async fn local_start(&self) -> String {
        self.local()
    }
    /// Seats; null is unlimited.
    async fn capacity(&self) -> Option<i32> {
        self.capacity
    }
    /// Seats nobody has for good, those held for unconfirmed RSVPs included; null is unlimited. None are left while what
    /// is free is kept for those who wait.
    async fn seats_left(&self) -> Option<i32> {
        self.seats_left
    }
    /// Whether no seat is left; an RSVP then goes on the waitlist.
    async fn is_full(&self) -> bool {
        self.seats_left == Some(0)
    }
    /// When it was called off.
    async fn cancelled_at(&self) -> Option<DateTime<Utc>> {
        self.cancelled_at
    }
    /// Its place in the series it is of; null for a date by itself.
    async fn occurrence(&self, ctx: &Context<'_>) -> Option<Result<Occurrence>> {
        let found = match loaders_of(ctx).await {
            Ok(loaders) => loaders.occurrences.load_one(self.id).await,
            Err(refusal) => Err(refusal),
        };
        let found = found.map_err(Into::into).transpose()?;
        Some(found.map(Occurrence::from))
    }
}

impl Plain for Timeslot {
    const NAME: &'static str = "Timeslot";

    fn write(&self, field: &str, _: &Selected<'_>, json: &mut Json) -> Option<()> {
        match field {
            "id" => json.scalar(&global(Kind::Timeslot, self.id)),
            "startsAt" => json.scalar(&self.starts_at),
            "endsAt" => json.scalar(&self.ends_at),
            "localStart" => json.value(self.local()),
            "capacity" => json.value(self.capacity),
            "seatsLeft" => json.value(self.seats_left),
            "isFull" => json.value(self.seats_left == Some(0)),
            "cancelledAt" => json.scalar(&self.cancelled_at),
            _ => None,
        }
    }
}

impl Timeslot {
    fn local(&self) -> String {
        let local = self.starts_at.with_timezone(&self.timezone).naive_local();
        local.format("%Y-%m-%dT%H:%M:%S").to_string()
    }

    pub(super) fn of_slot(slot: &Slot, timezone: Tz) -> Self {
        Self {
            id: slot.id,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            capacity: slot.capacity,
            seats_left: slot.seats_left(),
            cancelled_at: None,
            timezone,
        }
    }

    pub(super) fn of_row(row: &timeslot::Model, timezone: Tz) -> Self {
        Self {
            id: row.id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            capacity: row.capacity,
            seats_left: row.capacity.map(|capacity| {
                let given = seats_given(row.capacity, row.taken, row.held, row.waitlist_first);
                (capacity - given).max(0)
            }),
            cancelled_at: row.cancelled_at,
            timezone,
        }
    }
}

/// A date to add to an event.
#[derive(InputObject)]
pub struct TimeslotInput {
    /// Start.
    starts_at: DateTime<Utc>,
    /// End, after the start and in the future.
    ends_at: DateTime<Utc>,
    /// Seats, 1 to 100,000; null is unlimited.
    capacity: Option<i32>,
}

impl From<TimeslotInput> for NewTimeslot {
    fn from(input: TimeslotInput) -> Self {
        Self {
            starts_at: input.starts_at,
            ends_at: input.ends_at,
            capacity: input.capacity,
        }
    }
}

/// Dates to add.
#[derive(InputObject)]
pub struct AddTimeslotsInput {
    /// The event.
    event_id: ID,
    /// The dates, at most 500 in all for an event.
    timeslots: Vec<TimeslotInput>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// What to change of a date. What is absent stays; a null capacity is unlimited.
#[derive(InputObject)]
pub struct UpdateTimeslotInput {
    /// The timeslot.
    id: ID,
    /// A new start.
    starts_at: Option<DateTime<Utc>>,
    /// A new end.
    ends_at: Option<DateTime<Utc>>,
    /// New seats, not fewer than are given away; null is unlimited.
    #[graphql(default)]
    capacity: MaybeUndefined<i32>,
    /// Whether those who come or wait are told, by mail, of another time or place, or of the message. Some minutes later, so that
    /// several edits are one mail.
    #[graphql(default = true)]
    notify: bool,
    /// What you want to tell them beside, at most 2,000 characters. With it they are told also when time and place stay.
    message: Option<String>,
}

/// A date to call off.
#[derive(InputObject)]
pub struct CancelTimeslotInput {
    /// The timeslot.
    id: ID,
    /// Whether those who come or wait are told, with the message. Some minutes later, so that several changes are one message.
    #[graphql(default = true)]
    notify: bool,
    /// What you want to tell them beside, at most 2,000 characters.
    message: Option<String>,
}

/// Mutations of timeslots.
#[derive(Default)]
pub struct TimeslotMutation;

#[Object]
impl TimeslotMutation {
    /// Adds dates to an event. For its hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn add_timeslots(&self, ctx: &Context<'_>, input: AddTimeslotsInput) -> Result<EventPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let slots: Vec<NewTimeslot> = input.timeslots.into_iter().map(Into::into).collect();
        Ok(
            event::add_timeslots(app_of(ctx), actor_of(ctx).await?, id, &slots, key.as_ref())
                .await?
                .into(),
        )
    }

    /// Changes a date. Seats that come free go to the waitlist. For hosts and organizers. BAD_USER_INPUT, NOT_FOUND,
    /// WRONG_STATE; RATE_LIMITED when people were told of too many changes within a day.
    async fn update_timeslot(&self, ctx: &Context<'_>, input: UpdateTimeslotInput) -> Result<EventPayload> {
        let id = key_of(Kind::Timeslot, &input.id, &["input", "id"])?;
        let news = News {
            notify: input.notify,
            message: input.message,
        };
        let change = TimeslotChange {
            starts_at: input.starts_at,
            ends_at: input.ends_at,
            capacity: match input.capacity {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(seats) => Some(Some(seats)),
            },
        };
        Ok(
            event::update_timeslot(app_of(ctx), actor_of(ctx).await?, id, change, &news)
                .await?
                .into(),
        )
    }

    /// Calls one date off, for good, unless it is over. For hosts and organizers. NOT_FOUND, WRONG_STATE.
    async fn cancel_timeslot(&self, ctx: &Context<'_>, input: CancelTimeslotInput) -> Result<EventPayload> {
        let id = key_of(Kind::Timeslot, &input.id, &["input", "id"])?;
        let news = News {
            notify: input.notify,
            message: input.message,
        };
        Ok(
            event::cancel_timeslot(app_of(ctx), actor_of(ctx).await?, id, &news)
                .await?
                .into(),
        )
    }
}
