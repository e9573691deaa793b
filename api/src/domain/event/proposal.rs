//! Changes of a published event that wait for an organizer. What hosts write is kept beside the event until it is approved;
//! dates that they move are moved at once, so that nobody comes to the wrong hour, and are looked at afterwards. Why:
//! `docs/decisions/0017-changes-wait-beside-the-event.md`.

mod fields;

pub use fields::Field;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, ReviewCategory, StaffRole, event, event_host, timeslot};
use sea_orm::{ActiveEnum, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Content, Loaded, News, open_private};
use crate::{
    app::{App, Tx},
    domain::{Actor, host},
    refusal::Refusal,
    sealed::Slot,
};

/// So many dates are shown in a difference.
const MOST_DATES: usize = 20;

/// What waits; sealed in `event.pending`.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Pending {
    /// What the host wants, of fields where that is not what is published.
    fields: BTreeMap<Field, Value>,
    /// Whether hosts want to be called otherwise. What they want is with them, and goes with them: `event_host.wanted_name`.
    names: bool,
    /// Dates that were moved, as they were approved.
    dates: Vec<Date>,
    /// What those who come are told of it once it is published.
    news: News,
    /// Set when an organizer did not want it: then nothing waits, and the host reads why.
    refused: Option<Refused>,
}

#[derive(Serialize, Deserialize)]
struct Date {
    id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Whether it is so far from there that somebody should look.
    is_far: bool,
}

/// Why changes were not taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// What kind of reason, by its stored name.
    category: String,
    /// In the reviewer's words.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Refused {
    /// By an organizer, now.
    pub(super) fn new(category: ReviewCategory, reason: &str, at: DateTime<Utc>) -> Self {
        Self {
            category: category.to_value(),
            reason: reason.to_owned(),
            at,
        }
    }

    /// What kind of reason.
    pub fn category(&self) -> Option<ReviewCategory> {
        ReviewCategory::try_from_value(&self.category).ok()
    }
}

/// What waits, for those who may read it.
#[derive(Debug)]
pub struct Changes {
    /// Since when it waits; none when it does not.
    pub since: Option<DateTime<Utc>>,
    /// Why it was not taken, if it was not.
    pub refused: Option<Refused>,
    /// Field by field.
    pub list: Vec<Difference>,
    /// What those who come are told with it, in the hosts' words.
    pub message: Option<String>,
}

/// One difference.
#[derive(Debug)]
pub struct Difference {
    /// Where.
    pub field: Field,
    /// What is published, as text; of dates, what was approved.
    pub before: String,
    /// What it would be; of dates, what it is.
    pub after: String,
}

/// Whether what the actor changes of this event waits: it is published and they are not trusted, or it was taken down.
pub(super) async fn holds(app: &App, actor: &Actor, row: &event::Model) -> Result<bool, Refusal> {
    match row.status {
        EventStatus::Suppressed => Ok(!actor.is(StaffRole::Organizer)),
        EventStatus::Approved if app.config.events.review_edits => host::is_reviewed(app, actor).await,
        _ => Ok(false),
    }
}

/// What waits of an event.
pub(super) fn open(app: &App, row: &event::Model) -> Result<Pending, Refusal> {
    match &row.pending {
        Some(sealed) => app.keys.open(slot(&row.id), sealed),
        None => Ok(Pending::default()),
    }
}

fn slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "event.pending",
        row: id,
    }
}

impl Pending {
    fn waits(&self) -> bool {
        let is_far = self.dates.iter().any(|date| date.is_far);
        self.refused.is_none() && (!self.fields.is_empty() || self.names || is_far)
    }

    /// Changes `content` to what the host wants.
    pub(super) fn overlay(&self, content: &mut Content) -> Result<(), Refusal> {
        if self.refused.is_some() {
            return Ok(());
        }
        for (field, value) in &self.fields {
            field.put(content, value.clone())?;
        }
        Ok(())
    }

    /// Keeps what is material of the difference between what is published and what is wanted, and `news` of it; gives what is
    /// published at once, and whether the news wait.
    pub(super) fn hold(
        &mut self,
        live: &Content,
        wanted: Content,
        news: &News,
    ) -> Result<(Content, bool), Refusal> {
        let (mut published, mut fields) = (wanted, BTreeMap::new());
        for field in Field::OF_CONTENT {
            let (before, after) = (field.of(live)?, field.of(&published)?);
            if before != after {
                field.put(&mut published, before)?;
                fields.insert(field, after);
            }
        }
        let is_new = self.fields.is_empty() || self.refused.is_some();
        let waits = !fields.is_empty() && (is_new || fields != self.fields);
        if waits {
            self.news = match is_new {
                true => news.clone(),
                false => self.news.then(news),
            };
        }
        if self.refused.is_none() || !fields.is_empty() {
            self.fields = fields;
            self.refused = None;
        }
        Ok((published, waits))
    }

    /// Keeps whether hosts want to be called otherwise, `is_new` when one of them just said so.
    pub(super) fn hold_names(&mut self, wanted: bool, is_new: bool) {
        if is_new {
            self.drop_refused();
        }
        self.names = wanted;
    }

    /// What those who come are told of the change of its fields; none when none of them waits.
    pub(super) fn news(&self) -> Option<&News> {
        let waits = self.refused.is_none() && !self.fields.is_empty();
        waits.then_some(&self.news)
    }

    /// Forgets what is published as it is wanted; and, when it is a host who changed `live` to `published`, what they changed: it
    /// is what they want now.
    pub(super) fn settle(
        &mut self,
        live: &Content,
        published: Content,
        by_host: bool,
    ) -> Result<Content, Refusal> {
        let mut settled = vec![];
        for (field, value) in &self.fields {
            let now = field.of(&published)?;
            if now == *value || (by_host && now != field.of(live)?) {
                settled.push(*field);
            }
        }
        self.fields.retain(|field, _| !settled.contains(field));
        Ok(published)
    }

    /// What was refused is not asked for again.
    pub(super) fn drop_refused(&mut self) {
        if self.refused.take().is_some() {
            self.fields.clear();
        }
    }

    /// Notes that an organizer does not want it.
    pub(super) fn refuse(&mut self, refused: Refused) {
        self.dates.clear();
        self.names = false;
        self.refused = Some(refused);
    }

    /// The columns it is kept in.
    pub(super) fn columns(
        &self,
        app: &App,
        row: &event::Model,
        now: DateTime<Utc>,
    ) -> Result<event::ActiveModel, Refusal> {
        let is_nothing =
            self.fields.is_empty() && !self.names && self.dates.is_empty() && self.refused.is_none();
        // An event that was taken down may be in the queue without a change: its host objects.
        let objects = row.status == EventStatus::Suppressed && row.pending_at.is_some();
        let since =
            (self.waits() || (objects && self.refused.is_none())).then(|| row.pending_at.unwrap_or(now));
        Ok(event::ActiveModel {
            pending: Set(match is_nothing {
                true => None,
                false => Some(app.keys.seal(slot(&row.id), self)?),
            }),
            pending_at: Set(since),
            submitted_at: Set(since.or(row.submitted_at)),
            ..Default::default()
        })
    }

    /// Notes from where dates were moved since they were approved, and whether by more than `events.review_minutes`: of many
    /// short moves too.
    fn move_dates(&mut self, app: &App, moved: &[(timeslot::Model, timeslot::Model)]) {
        let most = TimeDelta::minutes(app.config.events.review_minutes);
        for (before, after) in moved.iter().filter(|(_, after)| after.cancelled_at.is_none()) {
            let known = self.dates.iter().position(|date| date.id == before.id);
            let known = known.map(|at| self.dates.remove(at));
            let (starts_at, ends_at) = match known {
                Some(date) => (date.starts_at, date.ends_at),
                None => (before.starts_at, before.ends_at),
            };
            let by = (after.starts_at - starts_at)
                .abs()
                .max((after.ends_at - ends_at).abs());
            if by > TimeDelta::zero() {
                self.dates.push(Date {
                    id: before.id,
                    starts_at,
                    ends_at,
                    is_far: by > most,
                });
            }
            if by > most {
                self.drop_refused();
            }
        }
    }
}

/// Puts an event whose dates were moved into the queue, if they were moved far. The caller has the event's
/// row, and knows that the change is not one of somebody who is trusted.
pub(super) async fn dates_moved(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    moved: &[(timeslot::Model, timeslot::Model)],
) -> Result<(), Refusal> {
    let row = event::Entity::find_by_id(event_id).one(tx.db()).await?;
    let row = row.ok_or(Refusal::NotFound("event"))?;
    let mut pending = open(app, &row)?;
    pending.move_dates(app, moved);
    event::Entity::update_many()
        .set(pending.columns(app, &row, tx.now())?)
        .filter(event::Column::Id.eq(event_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Calls the hosts of an event as they want to be called, if `taken`, and forgets it otherwise. The caller has the event's row.
pub(super) async fn settle_names(tx: &Tx, event_id: Uuid, taken: bool) -> Result<(), Refusal> {
    use event_host::Column::{EventId, PublicName, WantedName};
    let mut settle = event_host::Entity::update_many().col_expr(WantedName, Expr::value(None::<String>));
    if taken {
        settle = settle.col_expr(PublicName, Expr::col(WantedName));
    }
    let settle = settle
        .filter(EventId.eq(event_id))
        .filter(WantedName.is_not_null());
    settle.exec(tx.db()).await?;
    Ok(())
}

/// What waits of an event, or was not taken. For hosts and organizers: ask `Access` first.
pub fn changes(app: &App, event: &Loaded) -> Result<Option<Changes>, Refusal> {
    if event.row.pending.is_none() {
        return Ok(None);
    }
    let pending = open(app, &event.row)?;
    let live = Content::of(&event.row, open_private(app, &event.row)?);
    let mut list = vec![];
    for (field, value) in &pending.fields {
        let before = field.of(&live)?;
        if before != *value {
            list.push(Difference {
                field: *field,
                before: field.text(before)?,
                after: field.text(value.clone())?,
            });
        }
    }
    for host in &event.hosts {
        list.extend(host.wanted_name.as_ref().map(|wanted| Difference {
            field: Field::PublicName,
            before: host.public_name.clone(),
            after: wanted.clone(),
        }));
    }
    let zone = event.timezone();
    let span = |starts_at: DateTime<Utc>, ends_at: DateTime<Utc>| {
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
        format!("{} – {}", local(starts_at), local(ends_at))
    };
    for date in pending.dates.iter().filter(|date| date.is_far).take(MOST_DATES) {
        if let Some(slot) = event.timeslots.iter().find(|slot| slot.id == date.id) {
            list.push(Difference {
                field: Field::Timeslots,
                before: span(date.starts_at, date.ends_at),
                after: span(slot.starts_at, slot.ends_at),
            });
        }
    }
    let is_any = !list.is_empty() || pending.refused.is_some();
    let message = pending.news().and_then(News::words).map(str::to_owned);
    Ok(is_any.then_some(Changes {
        since: event.row.pending_at,
        message,
        refused: pending.refused,
        list,
    }))
}
